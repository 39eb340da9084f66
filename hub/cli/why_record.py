"""`hub why RECORD`: which jobs see it, which rule was true or false, its pair, the last writes and undone edits."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from hub.cli.mirrored import configured, mirror_of
from hub.cli.opened import Say, only, opened
from hub.cli.shown import COLUMNS, value
from hub.core.errors import ConfigError
from hub.core.types import Record
from hub.engine.planners import runs as is_run
from hub.engine.planners.sync import PAIRS
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.figure_names import FIGURES
from hub.mapping.jobs import Job
from hub.mapping.sync_job import SyncJob
from hub.planning.alerts.task_figure import is_task_figure
from hub.planning.inverse import done
from hub.planning.sync_memory import Memory, memory_of
from hub.planning.trace import find, title_of, trace
from hub.planning.traced import Traced
from hub.store import figures, journeys, ledger, links, pasts

MOST = 10
"""Of records that the words may mean, so many are named."""
_MARKS = {True: "yes", False: "no", None: ""}


def why_record(words: str, business: str | None, say: Say) -> int:
    """0 when some job looks after the record, 1 when none does."""
    if words in FIGURES or is_task_figure(words):
        raise ConfigError(f"{words} is a figure: say its month too, like `hub why {words} 2026-10`.")
    with opened() as hub:
        runtime = only(hub, business)
        item = configured(hub, runtime)
        mirror = mirror_of(runtime, item)
        there = [
            (where, each) for where, stream in mirror.view.streams() for each in mirror.view.records(where, stream)
        ]
        connection, record = _meant(find(there, words), words)
        with hub.store.read() as conn:
            asked = Traced(
                connection=connection,
                record=record,
                business=item.business,
                mirror=mirror,
                now=runtime.now(),
                memories=_memories(conn, runtime, item.jobs),
                figures=_counted(conn, runtime, item.jobs, connection, record),
                aliases=journeys.aliases_of(conn, runtime.key),
                pasts={
                    job.name: pasts.load(conn, runtime.key, job.name)
                    for job in item.jobs
                    if isinstance(job, DeadlineJob)
                },
            )
            history = list(_history(conn, runtime, asked))
    say(f"{title_of(record)}  ({connection}/{record.stream}/{record.key})")
    seen = False
    for job in item.jobs:
        found = trace(job, asked)
        if not found:
            continue
        seen = True
        say(f"{job.name}{'' if is_run(job) else ' (explained; this version does not run it yet)'}")
        for line in found:
            _say(line.text, f"  {_MARKS[line.true]:<4}", say)
    if not seen:
        say("No job looks at such records.")
    for text in history:
        _say(text, "  ", say)
    return 0 if seen else 1


def _say(text: str, lead: str, say: Say) -> None:
    for line in textwrap.wrap(text, COLUMNS, initial_indent=lead, subsequent_indent=" " * len(lead)):
        say(line)


def _meant(found: Sequence[tuple[str, Record]], words: str) -> tuple[str, Record]:
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigError(
            f"The mirror holds no record called {words}. Say connection/stream/key, or a part of its title; "
            "`hub backfill` reads what is not there yet."
        )
    lines = [f"{where}/{each.stream}/{each.key}  {title_of(each)}" for where, each in found[:MOST]]
    more = f"\n  … and {len(found) - MOST} more" if len(found) > MOST else ""
    raise ConfigError(f"{len(found)} records are called so; say which:\n  " + "\n  ".join(lines) + more)


def _memories(conn: Connection, runtime: Runtime, jobs: Sequence[Job]) -> Mapping[str, Sequence[Memory]]:
    return {
        job.name: [
            memory_of(link.row, link.ref or "", link.values, link.version)
            for link in links.load(conn, runtime.key, job.name)
            if link.collection == PAIRS
        ]
        for job in jobs
        if isinstance(job, SyncJob)
    }


def _counted(
    conn: Connection, runtime: Runtime, jobs: Sequence[Job], connection: str, record: Record
) -> Mapping[str, Sequence[str]]:
    """Job -> the figures whose proof names the record: a payment by its key, a task by where it is too."""
    names = {record.key, f"{connection}/{record.stream}/{record.key}"}
    found = [
        f"{row.figure} {row.period} {row.currency}".rstrip()
        for row in figures.listing(conn, runtime.key)
        if any(line["id"] in names for line in row.proof)
    ]
    return {job.name: found for job in jobs}


def _history(conn: Connection, runtime: Runtime, asked: Traced) -> Iterator[str]:
    """The last writes to the record and to its pair, and the edits that were undone."""
    keys = {asked.record.key}
    for memory in (each for mine in asked.memories.values() for each in mine):
        both = {memory.pair.source_key, memory.pair.target_key}
        if asked.record.key in both:
            keys |= both - {""}
    for entry in ledger.about(conn, runtime.key, sorted(keys)):
        effect = done(entry.key, entry.kind, entry.summary, entry.ref, entry.run)
        changes = "; ".join(f"{c.name} {value(c.old)} → {value(c.new)}" for c in effect.changes or ())
        state = "" if entry.state == "done" else f" ({entry.state})"
        run = f"run {entry.run}" if entry.run is not None else "no run"
        what = f"{entry.job} {entry.kind}{state} in {effect.collection or entry.key}"
        yield f"written {entry.started_at:%Y-%m-%d %H:%M} UTC, {run}: {what}{': ' if changes else ''}{changes}"
    for edit in links.edits_of(conn, runtime.key, sorted(keys)):
        who = edit.edited_by or "somebody"
        yield (
            f"undone {edit.noted_at:%Y-%m-%d %H:%M} UTC: {who} had set {edit.field} of {edit.collection} to "
            f"{value(edit.seen)}; {edit.job} put back {value(edit.written)}"
        )
