"""Tasks that journeys give the team: one in a project or on a board, for each time that its step is done."""

from __future__ import annotations

from hub.core.errors import ConfigError, RecordError
from hub.core.types import Collection, Copied, Property, Ref, Row, Value
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import AddTask
from hub.planning.alerts.answer_values import as_people
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.types import Doing
from hub.planning.plan import Action, FieldChange
from hub.planning.workdays import WorkingDays

KEY = "Hub"
"""The field of a task, or the last line of its notes, that says which step it is of."""
_TASK = (
    Property(name="title", kind="title"),
    Property(name="due", kind="date"),
    Property(name="assignees", kind="people"),
)


def changes(runtime: Runtime, doing: Doing, said: AddTask) -> tuple[FieldChange, ...]:
    """What the task says. Its day is counted from the instant at which the step is due, not from when it is done."""
    values: dict[str, Value] = {"title": f"{said.title} · {doing.client.name or doing.client.address}"}
    if said.due is not None:
        business = runtime.business
        clock = Clock(WorkingDays.of(business.working_days, business.holidays), business.zone, None)
        values["due"] = clock.later(doing.due, said.due).astimezone(clock.zone).date()
    if said.who is not None:
        values["assignees"] = as_people(runtime.business, said.connection, said.who)
    return tuple(FieldChange(name, None, value, "hub") for name, value in values.items())


def add(runtime: Runtime, said: AddTask, action: Action, again: bool) -> Copied:
    """Make the task. `again`: an earlier attempt may have made it, so it is looked for first."""
    destination = runtime.destination(said.connection)
    table = Collection(name=said.place, kind="table", key_property=KEY, properties=_TASK)
    named = runtime.thing(said.connection, said.place)
    ref = Ref(named) if named != said.place else destination.find(table, None)
    if ref is None:
        raise ConfigError(
            f"{runtime.key}: {said.connection} shows no « {said.place} »: share it with the hub, or correct its name "
            "in the mapping."
        )
    (row,) = destination.create(table, ref, [Row(key=action.key, values=dict(action.values))], look_first=again)
    if row.ref is None:
        raise RecordError(f"The task {action.key} in « {said.place} » was made, but its place was not told")
    return Copied(ref=row.ref, url=None, name=str(action.values["title"]))
