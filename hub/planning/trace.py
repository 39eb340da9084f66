"""Why a record is treated as it is: for each job, which rule was true or false, with the values seen. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from hub.core.errors import RecordError
from hub.core.kinds import Kind
from hub.core.types import Record
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import OnlyIf, Place, SyncJob
from hub.planning.alerts.reach import Reach
from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.rules import Watching
from hub.planning.alerts.steps import ASSIGNEE, calendars, said_on
from hub.planning.alerts.tasks import People, kind_of, read_task
from hub.planning.alerts.types import Task
from hub.planning.sync_ends import takes_part, value_of
from hub.planning.sync_memory import Memory
from hub.planning.traced import AHEAD, Line, Traced, shown
from hub.planning.traced_journey import onboarding


def title_of(record: Record) -> str:
    """How people call a record; its key where nothing names it."""
    fields = record.fields
    for name in ("title", "name", "subject", "number", "description"):
        if isinstance(found := fields.get(name), str) and found.strip():
            return found
    who = fields.get("who")
    said = who if isinstance(who, Mapping) else fields
    return next((str(said[name]) for name in ("name", "email") if said.get(name)), record.key)


def find(records: Iterable[tuple[str, Record]], words: str) -> list[tuple[str, Record]]:
    """The records that the words mean: connection/stream/key, or else the whole title, or else a part of it."""
    there = list(records)
    exact = [(where, each) for where, each in there if f"{where}/{each.stream}/{each.key}" == words]
    if exact:
        return exact
    wanted = words.strip().casefold()
    titled = [(title_of(each).casefold(), where, each) for where, each in there]
    whole = [(where, each) for title, where, each in titled if title == wanted or each.key == words]
    return whole or [(where, each) for title, where, each in titled if wanted in title]


def trace(job: Any, asked: Traced) -> tuple[Line, ...]:
    """What the job makes of the record; () where it does not read such records at all."""
    return tuple(_TRACERS[type(job)](job, asked))


# sync


def _sync(job: SyncJob, asked: Traced) -> Iterator[Line]:
    for side, place in (("source", job.source), ("target", job.target)):
        if place.connection == asked.connection and _of_place(place, asked):
            yield from _side(job, side, place, asked)


def _of_place(place: Place, asked: Traced) -> bool:
    return asked.record.stream == place.records if place.records else asked.kind in ("task", "page")


def _side(job: SyncJob, side: str, place: Place, asked: Traced) -> Iterator[Line]:
    record, kind = asked.record, asked.kind
    inside = asked.mirror.stands_in(record, place.connection, place.thing)
    yield Line(f"as {side}: it is in {place.connection} › {place.thing or 'everything'}", inside)
    if not inside:
        return
    if side == "source":
        yield from _only_if(job.only_if, record, kind)
    memory = next(
        (
            each
            for each in asked.memories.get(job.name, ())
            if record.key == (each.pair.source_key if side == "source" else each.pair.target_key)
        ),
        None,
    )
    yield Line(f"match_by {', '.join(job.match_by)}: it has a pair", memory is not None)
    if memory is not None:
        other = job.target if side == "source" else job.source
        key = memory.pair.target_key if side == "source" else memory.pair.source_key
        yield Line(f"its pair is {other.connection} {key}; the hub wrote {_times(memory.version)}")
        if memory.gone:
            yield Line(f"when_gone: {job.when_gone}; the {memory.gone} is gone")
    yield from _fields(job, side, record, kind, memory)


def _only_if(only_if: OnlyIf, record: Record, kind: Kind | None) -> Iterator[Line]:
    for name in type(only_if).model_fields:
        wanted = getattr(only_if, name)
        if wanted in (None, ()):
            continue
        seen = value_of(record, name, kind)[1]
        one = OnlyIf(**{name: wanted})
        yield Line(f"only_if {name}: {shown(wanted)}; seen: {shown(seen)}", takes_part(record, one, kind))


def _fields(job: SyncJob, side: str, record: Record, kind: Kind | None, memory: Memory | None) -> Iterator[Line]:
    for line in job.fields:
        name = line.source if side == "source" else line.target
        said, value = value_of(record, name, kind)
        known = {} if memory is None else memory.pair.source if side == "source" else memory.pair.target
        last = f"; agreed last: {shown(known[name])}" if name in known else ""
        seen = shown(value) if said else "not said by the provider"
        yield Line(f"{line.source} → {line.target}, owner {line.owner}; seen here: {seen}{last}")


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


# deadline alerts


def _deadlines(job: DeadlineJob, asked: Traced) -> Iterator[Line]:
    for watch in job.watch:
        if watch.connection == asked.connection and asked.kind == kind_of(watch):
            yield from _watched(job, watch, asked)


def _watched(job: DeadlineJob, watch: Watch, asked: Traced) -> Iterator[Line]:
    inside = asked.mirror.stands_in(asked.record, watch.connection, watch.thing)
    yield Line(f"watch: it is in {watch.connection} › {watch.thing or 'everything'}", inside)
    if not inside:
        return
    section = asked.record.fields.get("section")
    if watch.skip_lists:
        yield Line(f"skip_lists {shown(watch.skip_lists)}; its list: {shown(section)}", section not in watch.skip_lists)
    try:
        task = read_task(watch, People.of(asked.business), asked.mirror, asked.record)
    except RecordError as error:
        yield Line(str(error), False)
        return
    if task is None:
        if section not in watch.skip_lists:
            yield Line("it is a task: neither archived nor a heading", False)
        return
    yield Line(f"due: {shown(task.due)}", task.due is not None)
    yield Line(f"done: {shown(task.done)}", not task.done)
    yield Line(f"assignees: {shown((*task.assignees, *task.strangers))}")
    readers = readers_of(asked.business, job, asked.now)
    yield from _alerts(job, task, Reach(job, readers), asked)


def _alerts(job: DeadlineJob, task: Task, reach: Reach, asked: Traced) -> Iterator[Line]:
    """Each alert with its days, and what the rules say. Of one that is said again: the first, last and next of them."""
    steps = calendars(job, reach.readers)
    days: dict[tuple[str, str], list[date]] = {}
    for day, said in sorted(said_on(job, steps, reach.reachable, task, asked.now.date() + AHEAD).items()):
        for each in said:
            days.setdefault(each, []).append(day)
    told: dict[tuple[str, date], list[str]] = {}
    for (name, reader), mine in days.items():
        now = bisect_right(mine, asked.now.date())
        for day in {mine[0], *mine[max(0, now - 1) : now + 1]}:
            told.setdefault((name, day), []).append(reader)
    for alert in job.alerts:
        again = f", then every {alert.then_every}" if alert.then_every is not None else ""
        for day in sorted(day for each, day in told if each == alert.name):
            names = told[alert.name, day]
            nobody = " (nobody does it)" if ASSIGNEE in alert.tell and not task.assignees else ""
            today = {asked.now.astimezone(reach.readers[reader].zone).date() for reader in names}
            text = f"{alert.name}, {alert.when}{again}: said on {day} to {shown(tuple(names))}{nobody} by {alert.by}"
            yield Line(text, day in today and not task.done)
    past, still = asked.pasts.get(job.name, {}), [] if task.done else [task]
    watching = Watching(asked.business, reach, steps, still, past, asked.now)
    rules = {rule.name: rule.rule for rule in job.watch_for}
    for seen in (seen for seen in watching.seen() if seen.line.task is not None):
        today_there = asked.now.astimezone(reach.readers[seen.reader].zone).date()
        since, name = "" if seen.day == date.min else f" from {seen.day} on", seen.line.step
        yield Line(f"{name}, {rules[name]}: said{since} to {seen.reader} by digest", seen.day <= today_there)


# revenue


def _revenue(job: RevenueJob, asked: Traced) -> Iterator[Line]:
    for read in job.read:
        if read.connection != asked.connection:
            continue
        at = asked.record.at
        day = None if at is None else at.astimezone(asked.business.zone).date()
        if read.since is not None:
            yield Line(f"since {read.since}; it belongs to {shown(day)}", day is None or day >= read.since)
        counted = asked.figures.get(job.name, ())
        yield Line(f"counted in {', '.join(counted) or 'no figure'}", bool(counted))


_TRACERS: Mapping[type, Any] = {
    SyncJob: _sync,
    DeadlineJob: _deadlines,
    OnboardingJob: onboarding,
    RevenueJob: _revenue,
}
