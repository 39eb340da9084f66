"""Read whole streams: the first time, after an outage, and nightly. All end in the same mirror as a webhook does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime

from sqlalchemy import Connection

from hub.core.errors import HubError, RecordError
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Page
from hub.engine.runtime import Runtime
from hub.store import changes, connections, cursors, dead, follows, jobs, mirror, windows
from hub.store.changes import Change

log = logging.getLogger("hub.backfill")

EVENTS = "_changes"
"""The cursor of what changed since; taken before the first full read, so that nothing falls between the two."""

STREAMS_AT_ONCE = 4

LEFT_OUT_STREAM = "backfill"
"""The stream under which the dead letters show what a read to the end left out; the key is the stream that was read."""

Progress = Callable[[str, int], None]


def is_complete(runtime: Runtime, connection: str) -> bool:
    """True when every stream of the connection was read to its end once."""
    with runtime.store.read() as conn:
        rows = [cursors.get(conn, runtime.key, connection, stream) for stream in runtime.specs[connection].streams]
    return all(row is not None and row.complete_at is not None for row in rows)


def backfill(runtime: Runtime, connection: str, *, again: bool = False, progress: Progress | None = None) -> int:
    """Read every stream to its end; go on where an interrupted one stopped. Returns the number of changed records.

    `again` reads everything from the start and, since the read was complete, marks as deleted what it did not meet
    (R5: a read that fails part-way marks nothing).
    """
    source = runtime.source(connection)
    ids = runtime.followed(connection)
    with runtime.store.read() as conn:
        remembered = cursors.get(conn, runtime.key, connection, EVENTS)
        known, _ = follows.get(conn, runtime.key, connection)
    if not known:
        with runtime.store.write() as conn:
            follows.put(conn, runtime.key, connection, ids, runtime.now())
    if remembered is None:
        _, cursor = next(iter(source.changes(None)))
        with runtime.store.write() as conn:
            cursors.set_(conn, runtime.key, connection, EVENTS, cursor, runtime.now(), complete=False)
    with ThreadPoolExecutor(STREAMS_AT_ONCE, thread_name_prefix=f"{runtime.key}-backfill") as pool:
        reads = [
            # In the caller's context, so that what is logged belongs to the caller's run.
            pool.submit(copy_context().run, _read_stream, runtime, connection, stream, again, progress)
            for stream in runtime.specs[connection].streams
        ]
        failures = [error for error in (read.exception() for read in reads) if error is not None]
    if failures:
        raise failures[0]
    changed = sum(read.result() for read in reads)
    with runtime.store.write() as conn:
        if again:  # whole, and nothing of what is followed no more is left in the mirror
            follows.put(conn, runtime.key, connection, ids, runtime.now())
        connections.ok(conn, runtime.key, connection, runtime.now())
        jobs.dirty(conn, runtime.key, runtime.readers(connection), runtime.now())
    return changed


def _read_stream(runtime: Runtime, connection: str, stream: str, again: bool, progress: Progress | None) -> int:
    started = runtime.now()
    with runtime.store.write() as conn:
        row = cursors.get(conn, runtime.key, connection, stream)
        if row is not None and row.complete_at is not None and not again:
            return 0
        if row is None or again:
            cursors.begin(conn, runtime.key, connection, stream, started)
    cursor = None if again or row is None or row.cursor is None else Cursor(row.cursor)
    changed = count = 0
    left_out: RecordError | None = None
    page: Page | None = None
    try:
        for page in runtime.source(connection).read(stream, cursor):
            with runtime.store.write() as conn:
                changed += len(mirror.put(conn, runtime.key, connection, page.records, started))
                if page.cursor is not None:
                    cursors.set_(conn, runtime.key, connection, stream, page.cursor, runtime.now(), complete=False)
            count += len(page.records)
    except RecordError as error:
        if page is None or page.cursor is not None:
            raise  # it broke off; where it went on past what it could not read, there is no safe cursor any more
        left_out = error
    with runtime.store.write() as conn:
        if left_out is not None:
            _bury(conn, runtime, connection, stream, left_out)
        elif again and stream not in runtime.specs[connection].lasting:
            changed += len(mirror.tombstone_unread(conn, runtime.key, connection, stream, started))
        cursors.set_(conn, runtime.key, connection, stream, None, runtime.now(), complete=True)
    if progress is not None:
        progress(stream, count)
    log.info("%s: read %d %s records of %s, %d new or changed", runtime.key, count, stream, connection, changed)
    return changed


def _bury(conn: Connection, runtime: Runtime, connection: str, stream: str, error: RecordError) -> None:
    """Show what a read to the end had to leave out among the dead letters; the rest carries on (DESIGN section 6)."""
    now = runtime.now()
    letter = Change(
        business=runtime.key,
        connection=connection,
        stream=LEFT_OUT_STREAM,
        key=stream,
        seq=0,
        attempts=0,
        first_at=now,
        due_at=now,
    )
    dead.bury(conn, letter, str(error), now)
    log.error("%s: %s", runtime.key, error)


def catch_up(runtime: Runtime, connection: str) -> int:
    """Ask what changed since the last time and ring for it. Returns how many records may have changed.

    A provider that no longer remembers so far back is read whole again; so is one of which something else is followed
    than when it was last read whole: what was added is read, what was left out leaves the mirror.
    """
    source = runtime.source(connection)
    began = runtime.now()
    if _follows_else(runtime, connection):
        rung = _everything_again(runtime, connection)
        return _caught_up(runtime, connection, rung, began)
    with runtime.store.read() as conn:
        row = cursors.get(conn, runtime.key, connection, EVENTS)
    cursor = None if row is None or row.cursor is None else Cursor(row.cursor)
    rung = 0
    try:
        for events, after in source.changes(cursor):
            keys = list(dict.fromkeys((e.stream, e.key) for e in events if e.stream is not None and e.key is not None))
            with runtime.store.write() as conn:
                changes.ring(conn, runtime.key, connection, keys, runtime.now())
                cursors.set_(conn, runtime.key, connection, EVENTS, after, runtime.now(), complete=False)
            rung += len(keys)
        if rung:
            _read_with_changes(runtime, connection)
    except CursorExpired:
        log.warning("%s: %s does not remember that far back; reading everything again", runtime.key, connection)
        rung = _everything_again(runtime, connection)
    return _caught_up(runtime, connection, rung, began)


def _read_with_changes(runtime: Runtime, connection: str) -> None:
    """Read what has no events of its own and is small: something moved, so it may have changed too."""
    for stream in runtime.specs[connection].with_changes:
        started = runtime.now()
        for page in runtime.source(connection).read(stream, None):
            with runtime.store.write() as conn:
                mirror.put(conn, runtime.key, connection, page.records, started)


def _follows_else(runtime: Runtime, connection: str) -> bool:
    ids = runtime.followed(connection)
    with runtime.store.read() as conn:
        known, before = follows.get(conn, runtime.key, connection)
    now = None if ids is None else frozenset(ids)
    if not known or before == now:
        return False
    added, left_out = len((now or set()) - (before or set())), len((before or set()) - (now or set()))
    what = runtime.specs[connection].follows or "thing"
    change = "everything is followed now" if now is None else f"{added} {what}(s) added, {left_out} left out"
    change = f"only {len(now or ())} {what}(s) are followed now" if before is None else change
    log.info("%s: %s follows other %ss than before (%s); reading it again", runtime.key, connection, what, change)
    return True


def _everything_again(runtime: Runtime, connection: str) -> int:
    with runtime.store.write() as conn:
        cursors.clear(conn, runtime.key, connection, EVENTS)
    return backfill(runtime, connection, again=True)


def _caught_up(runtime: Runtime, connection: str, rung: int, began: datetime) -> int:
    with runtime.store.write() as conn:
        windows.reconcile(conn, runtime.key, connection, began, runtime.now(), rung)
        connections.ok(conn, runtime.key, connection, runtime.now())
        connections.caught_up(conn, runtime.key, connection, runtime.now())
    return rung


def probe(runtime: Runtime, connection: str) -> bool:
    """Try a paused connection; True when it works again."""
    try:
        live = runtime.connector(connection)
        for side in (live.source, live.destination, live.messenger):
            if side is not None:
                side.check()
    except HubError as error:
        log.info("%s: %s is still paused: %s", runtime.key, connection, error)
        return False
    with runtime.store.write() as conn:
        connections.resume(conn, runtime.key, connection)
        connections.ok(conn, runtime.key, connection, runtime.now())
    log.info("%s: %s works again", runtime.key, connection)
    return True
