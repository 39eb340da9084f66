"""What journeys set up at other services: a copy of a template, a client's row, and its dates when a call is moved.

Each is made in several calls. Every one of them looks first for what an earlier attempt has left, so that it is safe
to do again; a failure on the way is uncertain, never "it did not happen".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection

from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.money import Money
from hub.core.protocol import Destination, Templates
from hub.core.types import Collection, Copied, Property, Ref, Row, Thing, Value
from hub.engine.planners import onboarding_links, onboarding_tasks
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import CopyTemplate, WriteRow
from hub.planning.inverse import begun
from hub.planning.journeys.page import blocks_of
from hub.planning.journeys.persons import normalised
from hub.planning.journeys.redate import Redating
from hub.planning.journeys.types import Doing
from hub.planning.journeys.values import plain
from hub.planning.plan import Action
from hub.planning.workdays import WorkingDays
from hub.store import jobs, ledger, links
from hub.store.links import Link

MADE = "made"
"""The collection of links that keeps what was set up: row = the ledger key of the step, ref = what came of it."""
DATES = "dates"
"""Of links, what keeps the days that were found to be written, so that a second attempt moves nothing twice."""
KEY = "Hub"
"""The property of a row that says whose row it is."""
PAGE = "(page)"
"""Of a row's action, what a new page says; no property of the row."""
_TASK = (
    Property(name="start", kind="date"),
    Property(name="due", kind="date"),
    Property(name="done", kind="checkbox"),
)


@dataclass(frozen=True, slots=True)
class Work:
    """A doing that sets something up. `before`: what was set up by its step, where it changes that."""

    doing: Doing
    before: Link | None = None


def set_up(runtime: Runtime, job: str, work: Mapping[str, Work], action: Action, again: bool) -> Ref:
    """Do an action of kind "copy" or "link". Whatever fails on the way may have left something: it is looked for."""
    return _set_up(runtime, job, work[action.key], action, again).ref


def _set_up(runtime: Runtime, job: str, one: Work, action: Action, again: bool) -> Copied:
    step = one.doing.step
    if step is not None and step.link is not None:
        return onboarding_links.make(runtime, step.link)
    try:
        if step is not None and step.copies is not None:
            if one.doing.what == "change":
                return _redated(runtime, job, step.copies, one)
            return _copied(runtime, job, step.copies, one.doing, action, again)
        if step is not None and step.write is not None:
            return _written(runtime, step.write, one, action)
        if step is not None and step.task is not None:
            return onboarding_tasks.add(runtime, step.task, action, again)
    except TransientError as error:
        raise TransientError(
            str(error), retry_after=error.retry_after, uncertain=True, committed=error.committed
        ) from error
    raise RecordError(f"{action.key}: there is nothing to set up")


def remember(runtime: Runtime, job: str, work: Mapping[str, Work], conn: Connection, action: Action, ref: Ref) -> None:
    """Keep what was set up, and for which appointment."""
    one = work[action.key]
    doing, row = one.doing, action.key if one.before is None else one.before.row
    copies = None if doing.step is None else doing.step.copies
    name = action.title or action.row if copies is None else _name(copies, action)
    kept: dict[str, Value] = {"person": doing.client.address, "name": name}
    if doing.appointment is not None:
        kept["appointment"] = doing.appointment
    if doing.start is not None:
        kept["start"] = doing.start
    if doing.what == "link":  # what speaks of it has waited
        kept[onboarding_links.LINK] = ref
        jobs.dirty(conn, runtime.key, [job], runtime.now())
    links.put(conn, runtime.key, job, MADE, row, ref, kept, runtime.now())


def _copied(runtime: Runtime, job: str, said: CopyTemplate, doing: Doing, action: Action, again: bool) -> Copied:
    """A copy of the template, its days counted from the start."""
    template = _template(runtime, said.connection, said.template, None)
    board = runtime.specs[said.connection].follows == "board"
    start = _open_day(runtime, doing.start)
    # A Trello board takes no dates: its cards are dated once they are there.
    dates = {} if start is None or board else {"start": start}
    name = _name(said, action)
    copied = _templates(runtime, said.connection).copy(
        template.id, name, inside=None, dates=dates, marker=action.key, look_first=again
    )
    if start is not None:
        _date(runtime, job, said.connection, copied, action.key, None if board else start, start)
    return copied


def _name(said: CopyTemplate, action: Action) -> str:
    """What the copy is called: Programme 90 jours · Marie Dupont."""
    return f"{said.template} · {action.title or action.row}"


def _redated(runtime: Runtime, job: str, said: CopyTemplate, one: Work) -> Copied:
    """What was copied before, its open tasks dated from the new start."""
    before, start = one.before, _open_day(runtime, one.doing.start)
    if before is None or before.ref is None:
        raise RecordError(f"« {said.template} » of {one.doing.client.address} is not known any more: date it by hand")
    old = before.values.get("start")
    copied = Copied(ref=Ref(before.ref), url=None, name=str(before.values.get("name") or said.template))
    if start is not None:
        since = _open_day(runtime, old) if isinstance(old, date) else None
        _date(runtime, job, said.connection, copied, one.doing.key, since, start)
    return copied


def _date(runtime: Runtime, job: str, connection: str, copied: Copied, key: str, old: date | None, new: date) -> None:
    """Write the days that tasks shall have: found out once and kept, so that a second attempt writes the same."""
    destination = runtime.destination(connection)
    table = Collection(name=copied.name, kind="table", properties=_TASK)
    with runtime.store.read() as conn:
        kept = next(
            (link for link in links.load(conn, runtime.key, job) if (link.collection, link.row) == (DATES, key)), None
        )
    # Reading also tells the connector where the tasks stand.
    rows = list(destination.rows(table, copied.ref))
    if kept is None:
        business = runtime.business
        days = WorkingDays.of(business.working_days, business.holidays)
        moved: Mapping[str, Value] = Redating(days, business.zone, old, new).moved(rows)
        with runtime.store.write() as conn:
            links.put(conn, runtime.key, job, DATES, key, copied.ref, moved, runtime.now())
    else:
        moved = kept.values
    there = {row.ref: row for row in rows}
    for task, wanted in moved.items():
        row = there.get(Ref(task))
        if row is None or not isinstance(wanted, Mapping):  # somebody took it away
            continue
        if any(row.values.get(name) != value for name, value in wanted.items()):
            destination.update(table, Row(key="", values=dict(wanted), ref=row.ref))


def _open_day(runtime: Runtime, day: date | None) -> date | None:
    business = runtime.business
    return None if day is None else WorkingDays.of(business.working_days, business.holidays).next_open(day)


def _written(runtime: Runtime, said: WriteRow, one: Work, action: Action) -> Copied:
    """The client's row, made where she has none; only what the hub owns is written."""
    destination = runtime.destination(said.connection)
    table, ref = _table(runtime, said, destination)
    owned = {name: value for name, value in action.values.items() if name != PAGE}
    values = {name: _fitting(table, name, value, runtime) for name, value in owned.items()}
    marker = f"person/{sha256(one.doing.client.address.encode()).hexdigest()[:16]}"
    name = action.title or action.row
    if one.before is not None and one.before.ref is not None:
        there: Ref | None = Ref(one.before.ref)
    else:
        there = _hers(destination, table, ref, said, one.doing.client.address, marker)
    if there is not None:
        destination.update(table, Row(key="", values=values, ref=there))
        return Copied(ref=there, url=None, name=name)
    if said.from_template is None:
        (row,) = destination.create(table, ref, [Row(key=marker, values=values)], look_first=True)
        if row.ref is None:
            raise RecordError(f"The row of {name} in « {said.database} » was made, but its place was not told")
        _fill(destination, row.ref, name, _page(runtime, action), action.key)
        return Copied(ref=row.ref, url=None, name=name)
    template = _template(runtime, said.connection, said.from_template, said.database)
    copied = _templates(runtime, said.connection).copy(
        template.id, name, inside=ref, dates={}, marker=marker, look_first=True
    )
    destination.update(table, Row(key=marker, values=values, ref=copied.ref))
    return copied


def _page(runtime: Runtime, action: Action) -> str:
    """What the page says: as it was begun, so that what is there already is known for what it is."""
    with runtime.store.read() as conn:
        entry = ledger.entry(conn, runtime.key, action.key)
    return str((action.values if entry is None else begun(entry.summary)).get(PAGE) or "")


def _fill(destination: Destination, page: Ref, name: str, markdown: str, key: str) -> None:
    """Write what a new page says, and see that all of it is there."""
    blocks = blocks_of(markdown, key)
    if not blocks:
        return
    home = Collection(name=name, kind="page")
    destination.create(home, page, blocks, look_first=True)
    there = sum(1 for _ in destination.rows(home, page))
    if there < len(blocks):
        raise TransientError(f"The page of {name} holds {there} of its {len(blocks)} blocks so far.", uncertain=True)


def _table(runtime: Runtime, said: WriteRow, destination: Destination) -> tuple[Collection, Ref]:
    """The database, with the columns that are written; the one that says whose row it is is made where it lacks."""
    bare = Collection(name=said.database, kind="table", key_property=KEY)
    named = runtime.thing(said.connection, said.database)
    ref = Ref(named) if named != said.database else destination.find(bare, None)
    if ref is None:
        raise ConfigError(
            f"{runtime.key}: {said.connection} shows no database « {said.database} »: share it with the hub, or "
            "correct its name in the mapping."
        )
    columns = {one.name: one for one in runtime.columns(said.connection, bare, ref)}
    lacking = [name for name in said.hub_owns if name not in columns]
    if lacking:
        raise ConfigError(
            f"« {said.database} » has no property {', '.join(f'« {name} »' for name in lacking)} that can be written. "
            f"There are: {', '.join(sorted(columns))}. Correct the mapping, or add it there."
        )
    table = Collection(
        name=said.database, kind="table", properties=tuple(columns[name] for name in said.hub_owns), key_property=KEY
    )
    if runtime.problems(said.connection, table, ref):
        destination.prepare(table, ref, None)
        runtime.forget_columns(said.connection)
    return table, ref


def _hers(
    destination: Destination, table: Collection, ref: Ref, said: WriteRow, address: str, marker: str
) -> Ref | None:
    """Her row: the one that bears her key, else one that people made, with her address in the property for it.

    One that the hub is making is left to its template.
    """
    holds = [name for name, word in said.hub_owns.items() if word == "person.email"]
    for row in destination.rows(table, ref):
        if row.key == marker:
            return None  # looked for by its key, and filled to the end
        if not row.key and any(normalised(str(row.values.get(name) or "")) == address for name in holds):
            return row.ref
    return None


def _fitting(table: Collection, name: str, value: Value, runtime: Runtime) -> Value:
    """A value as the property takes it."""
    held: Property = next(one for one in table.properties if one.name == name)
    if value is None or (held.kind == "number" and isinstance(value, Money)):
        return value
    if held.kind == "date" and isinstance(value, date):
        return value
    if held.kind in ("title", "text", "select", "status", "url", "email", "phone"):
        return plain(value, runtime.business.language)
    if held.kind == "multi_select":
        return (plain(value, runtime.business.language),)
    raise RecordError(f"The property « {name} » of « {table.name} » is a {held.kind} and cannot hold {value!r}")


def _templates(runtime: Runtime, connection: str) -> Templates:
    templates = runtime.connector(connection).templates
    if templates is None:
        raise ConfigError(f"{runtime.key}: {connection} has no templates; `copy` needs a connection that has")
    return templates


def _template(runtime: Runtime, connection: str, name: str, inside: str | None) -> Thing:
    """The template of that name, by the letter or else by any; in the database of that name, where one is asked for."""
    every = [one for one in _templates(runtime, connection).templates() if inside in (None, one.inside)]
    found = [one for one in every if one.name == name] or [
        one for one in every if one.name.strip().casefold() == name.strip().casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise RecordError(
            f"{runtime.title(connection)} has {len(found)} templates called « {name} »: rename all but one."
        )
    there = ", ".join(sorted(one.name for one in every)) or "none"
    raise RecordError(f"{runtime.title(connection)} shows no template « {name} ». It shows: {there}.")
