"""Observe: re-read what may have changed and store it in the mirror. Older never overwrites newer.

A change leaves the waiting list in the same transaction that stores what was read and marks the jobs that must plan
again: killed at any instant, the change is still waiting or its jobs are.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.types import Record
from hub.engine.runtime import Runtime
from hub.engine.schedule import next_try
from hub.store import changes, connections, dead, jobs, mirror
from hub.store.changes import Change

log = logging.getLogger("hub.observe")

FLUSH = 50
"""Reads stored in one transaction: a killed worker repeats at most so many."""


@dataclass(slots=True)
class Observed:
    """What a turn of reading came to."""

    read: int = 0
    changed: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Read:
    change: Change
    read_at: datetime
    records: Sequence[Record] = ()
    error: HubError | None = None


def observe(runtime: Runtime, waiting: Sequence[Change]) -> Observed:
    """Read each waiting record from its source and store it; failures are sorted by what to do about them."""
    observed = Observed()
    for connection in dict.fromkeys(change.connection for change in waiting):
        mine = [change for change in waiting if change.connection == connection]
        pool = runtime.pool(connection)
        batch: list[_Read] = []
        for future in as_completed([pool.submit(_fetch, runtime, change) for change in mine]):
            batch.append(future.result())
            if len(batch) >= FLUSH:
                _store(runtime, connection, batch, observed)
                batch = []
        if batch:
            _store(runtime, connection, batch, observed)
    return observed


def _fetch(runtime: Runtime, change: Change) -> _Read:
    read_at = runtime.now()
    try:
        records = runtime.source(change.connection).fetch(change.stream, change.key)
    except HubError as error:
        return _Read(change, read_at, error=error)
    except Exception as error:
        # A defect of the connector: it costs this record, not the others.
        log.exception("%s: reading %s %s failed", runtime.key, change.stream, change.key)
        return _Read(change, read_at, error=RecordError(f"The connector failed to read it ({type(error).__name__})."))
    return _Read(change, read_at, records)


def _store(runtime: Runtime, connection: str, batch: Sequence[_Read], observed: Observed) -> None:
    now = runtime.now()
    good = [read for read in batch if read.error is None]
    with runtime.store.quick() as conn:
        found = [(record, read.read_at) for read in good for record in read.records]
        changed = len(mirror.put_reads(conn, runtime.key, connection, found))
        changes.settle(conn, [read.change for read in good])
        if good:
            connections.ok(conn, runtime.key, connection, now)
        if changed:
            jobs.dirty(conn, runtime.key, runtime.readers(connection), now)
        for read in batch:
            if read.error is not None:
                observed.problems.append(_set_aside(runtime, conn, read, read.error, now))
    observed.read += len(good)
    observed.changed += changed


def _set_aside(runtime: Runtime, conn: Connection, read: _Read, error: HubError, now: datetime) -> str:
    """Try later, bury, or pause the connection. Returns the line for the log and the run."""
    change = read.change
    what = f"{change.connection} {change.stream} {change.key}"
    if isinstance(error, ConfigError):
        # The change keeps its place and its attempts: it is the connection that is at fault, not the record.
        changes.give_back(conn, change)
        if connections.pause(conn, runtime.key, change.connection, str(error), now):
            log.error("%s: %s is paused: %s", runtime.key, change.connection, error)
        return f"{what}: {error}"
    due = None if isinstance(error, RecordError) else next_try(change.attempts, now, _retry_after(error))
    if due is None:
        dead.bury(conn, change, str(error), now)
        log.error("%s: %s went to the dead letters: %s", runtime.key, what, error)
        return f"{what} went to the dead letters: {error}"
    changes.postpone(conn, change, due, str(error))
    log.warning("%s: %s waits until %s: %s", runtime.key, what, due.isoformat(timespec="seconds"), error)
    return f"{what} waits: {error}"


def _retry_after(error: HubError) -> float | None:
    return error.retry_after if isinstance(error, TransientError) else None


def read_again(runtime: Runtime, connection: str, stream: str, key: str) -> None:
    """Read one record into the mirror, where a plan must know it as it is now."""
    read_at = runtime.now()
    records = runtime.source(connection).fetch(stream, key)
    with runtime.store.write() as conn:
        mirror.put(conn, runtime.key, connection, records, read_at)
