"""Taking back what one run wrote: the plan is made from the ledger and from what stands at the providers now.

A sync remembers what both sides were when they last agreed. What an undo writes is remembered as agreed before it is
written, so that the next turn takes it for nobody's edit and carries it nowhere, wherever the undo is cut short: until
it is done, both sides still say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.core.types import Record, Ref, Row, Value
from hub.engine.made import Home, Made
from hub.engine.planners import make_plan
from hub.engine.planners.sync import PAIRS, places
from hub.engine.runtime import Runtime
from hub.engine.undo_clients import what_stays
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import BriefJob, Job, ProcessJob, ReportJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob
from hub.planning.inverse import Done, Inverse, Standing, done, inverse
from hub.planning.inverse_words import say
from hub.planning.plan import Action, KnownCollection, Plan
from hub.planning.sync_ends import End, Sync, value_of, with_values
from hub.planning.sync_memory import SOURCE, TARGET
from hub.store import changes, jobs, ledger, links, mirror, runs
from hub.store.ledger import Entry

SLACK = timedelta(minutes=1)
"""A provider's clock and ours may differ by so much: an edit within it is not told from our own write."""


@dataclass(frozen=True, slots=True)
class _Effects:
    """What a run did for one job, and what was written since."""

    run: int
    mine: Sequence[Done]
    later: Sequence[Done]
    at: Mapping[str, datetime]
    """Ledger key -> when it was done."""
    notes: tuple[str, ...]


def jobs_of(runtime: Runtime, run: int) -> list[str]:
    """The jobs for which a run wrote something. ConfigError when there is no such run, or it wrote nothing."""
    with runtime.store.read() as conn:
        found = runs.get(conn, runtime.key, run)
        entries = ledger.of_run(conn, runtime.key, run)
    if found is None:
        raise ConfigError(f"{runtime.key}: there is no run {run}. `hub undo` lists the last ones that wrote something.")
    names = list(dict.fromkeys(entry.job for entry in entries if entry.state != "failed"))
    if not names:
        raise ConfigError(f"{runtime.key}: run {run} ({found.name}) wrote nothing; there is nothing to undo.")
    return names


def undo(runtime: Runtime, name: str, run: int) -> Made:
    """What takes back what the run wrote for that job. Reads the providers; writes nothing to them."""
    job = runtime.jobs.get(name)
    if job is None:
        raise ConfigError(f"{runtime.key}: {name} is not in the mappings any more, so run {run} cannot be undone.")
    return _UNDO[type(job)](runtime, job, _effects(runtime, name, run))


def _effects(runtime: Runtime, job: str, run: int) -> _Effects:
    with runtime.store.read() as conn:
        entries = [entry for entry in ledger.of_run(conn, runtime.key, run) if entry.job == job]
        later = ledger.since_run(conn, runtime.key, job, run)
    language = runtime.business.language
    return _Effects(
        run=run,
        mine=[_done(entry) for entry in entries if entry.state == "done"],
        later=[_done(entry) for entry in later],
        at={entry.key: entry.finished_at or entry.started_at for entry in entries},
        notes=tuple(
            say(language, "unsure", what=_done(entry).name)
            for entry in entries
            if entry.state in ("started", "uncertain")
        ),
    )


def _done(entry: Entry) -> Done:
    return done(entry.key, entry.kind, entry.summary, entry.ref, entry.run)


def _plan(runtime: Runtime, job: Job, effects: _Effects, back: Inverse, note: str) -> Plan:
    return Plan(
        business=runtime.key,
        job=job.name,
        at=runtime.now(),
        actions=back.actions,
        held=back.held,
        notes=(*((say(runtime.business.language, note),) if back.actions else ()), *back.notes, *effects.notes),
        undoes=effects.run,
    )


# What a job keeps in a target, and what it mailed: what stands there is asked of the destination


def _kept(runtime: Runtime, job: Job, effects: _Effects) -> Made:
    made = make_plan(runtime, job)
    standing: dict[tuple[str, str], Standing | None] = {}
    for name in dict.fromkeys(each.collection for each in effects.mine):
        home, known = made.homes.get(name), made.known.get(name)
        if home is None or known is None:
            continue
        rows: Sequence[Row] = ()
        if known.ref is not None:
            rows = list(runtime.destination(home.connection).rows(home.collection, known.ref))
        seen = {row.ref: row for row in rows}
        for each in effects.mine:
            if each.collection == name and each.row:
                row = seen.get(Ref(each.ref or ""))
                ours = known.rows.get(each.row)
                there = None if row is None or ours is None else _standing(row, home.collection.key_property)
                standing[name, each.row] = there and replace(there, version=ours.version if ours else 0)
    back = inverse(
        job.name,
        effects.run,
        effects.mine,
        effects.later,
        standing,
        runtime.business.safety,
        runtime.business.language,
    )
    return replace(made, plan=_plan(runtime, job, effects, back, "again"), settle=_nothing, expect=None)


def _standing(row: Row, key_property: str) -> Standing:
    """`edited_by` says who was there last, whichever column it was."""
    values = {key_property: row.key, **row.values}
    return Standing(values=values, version=0, touched=row.edited_by not in (None, "hub"))


def _nothing(_conn: Connection) -> None:
    """What is known is what it was."""


# Two places: what stands there is read once more, record by record


def _sync(runtime: Runtime, job: SyncJob, effects: _Effects) -> Made:
    sync, homes = places(runtime, job)
    ends = {end.name: end for end in (sync.source, sync.target)}
    _read(
        runtime,
        {(each.collection, each.ref): ends[each.collection] for each in effects.mine if each.collection in ends},
    )
    with runtime.store.read() as conn:
        pairs = {link.row: link for link in links.load(conn, runtime.key, job.name) if link.collection == PAIRS}
        standing: dict[tuple[str, str], Standing | None] = {}
        for each in effects.mine:
            end = ends.get(each.collection)
            if end is None or not each.ref:
                continue
            record = mirror.get(conn, runtime.key, end.connection, end.stream, each.ref)
            version = pairs[each.row].version if each.row in pairs else 0
            where = each.collection, each.row
            there = standing.get(where)
            touched = (there is not None and there.touched) or _edited_since(record, effects.at[each.key])
            standing[where] = _stands(sync, end, record, version, touched)
    back = inverse(job.name, effects.run, effects.mine, effects.later, standing, sync.safety, runtime.business.language)
    plan = _plan(runtime, job, effects, back, "sync")
    keys = {row: link.ref or "" for row, link in pairs.items()}
    return Made(
        plan=plan,
        known={name: KnownCollection(ref=home.ref, rows={}) for name, home in homes.items()},
        homes={name: Home(connection=home.connection, collection=home.collection) for name, home in homes.items()},
        row=partial(_row, sync, ends),
        remember=partial(_agree, runtime, job, sync, ends, keys, 1),
        settle=partial(_read_again, runtime, ends, plan.actions),
        expect=partial(_expect, runtime, job, sync, ends, keys, plan.actions),
    )


def _read(runtime: Runtime, which: Mapping[tuple[str, str | None], End]) -> None:
    """These records as they are now."""
    asked = [
        (end, runtime.now(), runtime.pool(end.connection).submit(runtime.source(end.connection).fetch, end.stream, key))
        for (_, key), end in which.items()
        if key
    ]
    answers = [(end, at, future.result()) for end, at, future in asked]
    with runtime.store.write() as conn:
        for end, at, records in answers:
            if mirror.put(conn, runtime.key, end.connection, records, at):
                jobs.dirty(conn, runtime.key, runtime.readers(end.connection), runtime.now())


def _stands(sync: Sync, end: End, record: Record | None, version: int, touched: bool) -> Standing | None:
    if record is None or record.deleted:
        return None
    values = dict(sync.seen(record, end).values)
    if end.mark is not None:
        held, marked = value_of(record, end.mark, end.kind)
        values |= {end.mark: marked} if held else {}
    return Standing(values=values, version=version, touched=touched)


def _edited_since(record: Record | None, at: datetime) -> bool:
    edited = None if record is None else record.fields.get("edited_at")
    return isinstance(edited, datetime) and edited > at + SLACK


def _row(sync: Sync, ends: Mapping[str, End], action: Action) -> Row:
    end = ends[action.collection]
    return Row(key=action.row if end.side == "target" else "", values=sync.written(end, action.values), ref=action.ref)


def _expect(
    runtime: Runtime,
    job: SyncJob,
    sync: Sync,
    ends: Mapping[str, End],
    keys: Mapping[str, str],
    actions: Sequence[Action],
    conn: Connection,
) -> None:
    for action in actions:
        _agree(runtime, job, sync, ends, keys, 0, conn, action, action.ref or Ref(""))


def _agree(
    runtime: Runtime,
    job: SyncJob,
    sync: Sync,
    ends: Mapping[str, End],
    keys: Mapping[str, str],
    written: int,
    conn: Connection,
    action: Action,
    ref: Ref,
) -> None:
    """For the pair and the mirror, it is as the action leaves it: both sides are at rest. `written`: it was done."""
    end, now = ends[action.collection], runtime.now()
    if action.kind == "archive":
        delta: dict[str, Value] = {"gone": "target"}
        after: Record | None = Record(stream=end.stream, key=ref, deleted=True)
    else:
        side = SOURCE if end.side == "source" else TARGET
        delta = {side + name: value for name, value in action.values.items() if name in end.columns}
        before = mirror.get(conn, runtime.key, end.connection, end.stream, ref)
        there = before is not None and not before.deleted
        after = with_values(before, sync.written(end, action.values), end.kind) if before and there else None
    if action.row in keys:
        note = links.put if written else links.saw
        note(conn, runtime.key, job.name, PAIRS, action.row, keys[action.row], delta, now)
    if after is not None:
        mirror.put(conn, runtime.key, end.connection, [after], now)


def _read_again(runtime: Runtime, ends: Mapping[str, End], actions: Sequence[Action], conn: Connection) -> None:
    """What could not be written stands in the mirror as if it had been: the records say what is true."""
    for action in actions:
        end = ends[action.collection]
        changes.ring(conn, runtime.key, end.connection, [(end.stream, action.ref or "")], runtime.now())


# Client journeys: what was sent and set up for people stays, and is said line by line


def _journeys(runtime: Runtime, job: OnboardingJob, effects: _Effects) -> Made:
    return Made(
        plan=_plan(runtime, job, effects, what_stays(runtime, job, effects.run, effects.mine), "again"),
        known={},
        homes={},
        row=_no_row,
        remember=lambda _conn, _action, _ref: None,
        settle=_nothing,
    )


def _no_row(action: Action) -> Row:
    raise LookupError(f"{action.key}: nothing of a journey is taken back")


_UNDO: Mapping[type[Job], Callable[[Runtime, Any, _Effects], Made]] = {
    RevenueJob: _kept,
    DeadlineJob: _kept,
    ProcessJob: _kept,
    BriefJob: _kept,
    ReportJob: _kept,
    OnboardingJob: _journeys,
    SyncJob: _sync,
}
