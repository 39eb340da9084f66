"""From the mirror to a plan: the pure planner of a job between two reads of the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.core import codec
from hub.core.types import Ref, Value
from hub.engine.runtime import Runtime
from hub.engine.target import known
from hub.mapping.model import Job
from hub.planning.figure import Figure, to_values
from hub.planning.plan import Action, Desired, FieldChange, KnownCollection, Plan, digest
from hub.planning.planner import Planned, plan_revenue
from hub.store import figures as figure_store
from hub.store import plans
from hub.store.figures import FigureRow


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, what we knew of the target when it was made, and the figures behind it."""

    planned: Planned
    known: dict[str, KnownCollection]

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def desired(self) -> Sequence[Desired]:
        return self.planned.desired


def make_plan(runtime: Runtime, job: Job, *, notes: Sequence[str] = ()) -> Made:
    """What the job would change now. Reads one snapshot of the store; writes nothing."""
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        before = known(conn, runtime.key, job.name)
    planned = plan_revenue(view, job, runtime.business, before, runtime.now())
    return Made(replace(planned, plan=replace(planned.plan, notes=(*planned.plan.notes, *notes))), before)


def keep_figures(conn: Connection, runtime: Runtime, job: Job, figures: Sequence[Figure]) -> None:
    """Store each figure that is not as it was last stored, with the objects it was added from."""
    now = runtime.now()
    before = runtime.kept_figures.get(job.name, frozenset())
    rows = [
        FigureRow(
            figure=figure.figure,
            period=figure.period,
            currency=figure.currency,
            value=figure.value,
            unit=figure.unit,
            proof=to_values(figure.lines),
            estimated=figure.estimated,
            counted_at=now,
        )
        for figure in figures
        if figure not in before
    ]
    figure_store.put(conn, runtime.key, job.name, rows, now)
    runtime.kept_figures[job.name] = frozenset(figures)


def save(runtime: Runtime, plan: Plan) -> str:
    """Keep a plan for a person to decide on; returns its id."""
    with runtime.store.write() as conn:
        return plans.save(
            conn,
            runtime.key,
            plan.job,
            digest(plan),
            dump(plan),
            "held" if plan.held else "saved",
            plan.held,
            runtime.now(),
        )


def dump(plan: Plan) -> str:
    """The plan as text that `load` reads back."""
    actions: tuple[Value, ...] = tuple(
        {
            "key": action.key,
            "kind": action.kind,
            "collection": action.collection,
            "row": action.row,
            "ref": action.ref,
            "why": action.why,
            "changes": tuple((change.name, change.old, change.new) for change in action.changes),
        }
        for action in plan.actions
    )
    return codec.dumps(
        {
            "business": plan.business,
            "job": plan.job,
            "at": plan.at,
            "held": plan.held,
            "notes": plan.notes,
            "actions": actions,
        }
    )


def load(text: str) -> Plan:
    """The plan that `dump` wrote."""
    body = json.loads(text)
    values = codec.loads(text)
    assert isinstance(values, dict)  # noqa: S101  (written by `dump`)
    actions = tuple(
        Action(
            key=raw["key"],
            kind=raw["kind"],
            collection=raw["collection"],
            row=raw["row"],
            ref=None if raw["ref"] is None else Ref(raw["ref"]),
            why=raw["why"],
            changes=tuple(FieldChange(name, old, new) for name, old, new in rich["changes"]),
        )
        for raw, rich in zip(body["actions"], values["actions"], strict=True)
    )
    return Plan(
        business=body["business"],
        job=body["job"],
        at=values["at"],
        actions=actions,
        held=body["held"],
        notes=tuple(body["notes"]),
    )


def moved(old: Plan, new: Plan) -> tuple[str, ...]:
    """What differs between a saved plan and the one that would be made now, a line for each thing that moved."""
    before = {(a.collection, a.row): a for a in old.actions}
    after = {(a.collection, a.row): a for a in new.actions}
    lines = []
    for where in sorted(before.keys() | after.keys()):
        was, now = before.get(where), after.get(where)
        name = " / ".join(part for part in where if part)
        if was == now:
            continue
        if was is None:
            lines.append(f"{name}: would now change too")
        elif now is None:
            lines.append(f"{name}: needs no change any more")
        else:
            lines.extend(_moved_fields(name, was, now))
    return tuple(lines)


def _moved_fields(name: str, was: Action, now: Action) -> list[str]:
    before = {change.name: change for change in was.changes}
    after = {change.name: change for change in now.changes}
    lines = [
        f"{name} · {field}: the plan said {_show(before.get(field))}, now it would be {_show(after.get(field))}"
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    ]
    return lines or [f"{name}: written in between"]


def _show(change: FieldChange | None) -> str:
    return "no change" if change is None else f"{change.old} → {change.new}"
