"""Changes: records that wait to be read again. A bell that rings twice still means one record to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    union,
    union_all,
    update,
)

from hub.store.columns import Instant
from hub.store.schema import changes, connections, jobs
from hub.store.sql import execute, upsert


@dataclass(frozen=True, slots=True)
class Change:
    """A record that waits. `seq` grows with each ring; `attempts` counts the reads that failed."""

    business: str
    connection: str
    stream: str
    key: str
    seq: int
    attempts: int
    first_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many records of a connection wait, and since when the first of them."""

    count: int
    oldest: datetime


_NOW = bindparam("now", type_=Instant())
_IN_QUEUE = text("changes.attempts >= 0")
"""Always true; lets PostgreSQL use the indexes that order the queue (`hub.store.schema.changes`)."""
_COLUMNS = tuple(
    changes.c[name] for name in ("business", "connection", "stream", "key", "seq", "attempts", "first_at", "due_at")
)


def ring(conn: Connection, business: str, connection: str, keys: Iterable[tuple[str, str]], now: datetime) -> None:
    """These records, as (stream, key), may have changed: read them, from `now` on.

    A record that waits already keeps its place in the queue (`first_at`).
    """
    ring_all(conn, ((business, connection, stream, key) for stream, key in keys), now)


def ring_all(conn: Connection, keys: Iterable[tuple[str, str, str, str]], now: datetime) -> None:
    """As `ring`, for keys (business, connection, stream, key) of several connections at once."""
    # One order for everybody: two writers that lock the same rows in two orders would stop each other.
    rows = [
        {
            "business": business,
            "connection": connection,
            "stream": stream,
            "key": key,
            "seq": 1,
            "first_at": now,
            "due_at": now,
        }
        for business, connection, stream, key in sorted(set(keys))
    ]
    if not rows:
        return
    execute(conn, _ring(conn.dialect.name), rows)
    names = sorted({(row["business"], row["connection"]) for row in rows})
    execute(conn, _know(conn.dialect.name), [{"business": b, "connection": c} for b, c in names])


@cache
def _ring(dialect: str) -> Executable:
    return upsert(dialect, changes, "due_at", seq=changes.c.seq + 1)


@cache
def _know(dialect: str) -> Executable:
    """`businesses_due` walks the connections, so each that has changes must be known."""
    return upsert(dialect, connections)


def claim(  # callers name what is not obvious
    conn: Connection,
    business: str,
    owner: str,
    now: datetime,
    lease_seconds: float,
    limit: int,
    exclude: Collection[str] = (),
) -> list[Change]:
    """Take up to `limit` due changes, oldest first, for `owner` alone until the lease ends or is settled.

    `exclude`: connections that are paused. A change whose lease has ended is anybody's again.
    """
    found = conn.execute(
        _claim(),
        {
            "the_business": business,
            "now": now,
            "the_limit": limit,
            "the_exclude": sorted(exclude),
            "the_owner": owner,
            "the_until": now + timedelta(seconds=lease_seconds),
        },
    )
    return sorted((Change(*row) for row in found), key=lambda change: (change.first_at, change.stream, change.key))


def _free(table: Any) -> Any:
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= _NOW)


@cache
def _claim() -> Executable:
    picked = (
        select(*changes.primary_key.columns)
        .where(
            changes.c.business == bindparam("the_business"),
            changes.c.due_at <= _NOW,
            _IN_QUEUE,
            _free(changes),
            changes.c.connection.not_in(bindparam("the_exclude", expanding=True)),
        )
        .order_by(changes.c.first_at)
        .limit(bindparam("the_limit"))
        .with_for_update(skip_locked=True)
        .cte("picked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    same = and_(*(column == picked.c[column.name] for column in changes.primary_key.columns))
    return (
        update(changes)
        .where(same)
        .values(lease_owner=bindparam("the_owner"), lease_until=bindparam("the_until"))
        .returning(*_COLUMNS)
    )


def _where_it_is(*extra: Any) -> Any:
    return and_(*(column == bindparam(f"the_{column.name}") for column in changes.primary_key.columns), *extra)


def _the(change: Change) -> dict[str, Any]:
    return {
        "the_business": change.business,
        "the_connection": change.connection,
        "the_stream": change.stream,
        "the_key": change.key,
    }


def settle(conn: Connection, settled: Sequence[Change]) -> None:
    """These were read: forget them. One that rang again since it was claimed waits on, free for anybody."""
    ordered = sorted(settled, key=lambda change: (change.business, change.connection, change.stream, change.key))
    if not ordered:
        return
    rows = [_the(change) | {"the_seq": change.seq} for change in ordered]
    if conn.execute(_forget(), rows).rowcount != len(rows):
        conn.execute(_keep(), [_the(change) for change in ordered])


@cache
def _forget() -> Executable:
    return delete(changes).where(_where_it_is(changes.c.seq == bindparam("the_seq")))


@cache
def _keep() -> Executable:
    # It waits for the ring that came last, so it is as old as that ring.
    return (
        update(changes)
        .where(_where_it_is())
        .values(lease_owner=None, lease_until=None, attempts=0, error=None, first_at=changes.c.due_at)
    )


def postpone(conn: Connection, change: Change, due_at: datetime, error: str) -> None:
    """The read failed for now: try again at `due_at`. Frees the lease."""
    conn.execute(_postpone(), _the(change) | {"at": due_at, "why": error})


@cache
def _postpone() -> Executable:
    return (
        update(changes)
        .where(_where_it_is())
        .values(
            attempts=changes.c.attempts + 1,
            due_at=bindparam("at"),
            error=bindparam("why"),
            lease_owner=None,
            lease_until=None,
        )
    )


def give_back(conn: Connection, change: Change) -> None:
    """It was not read, through no fault of its own: it waits as before. Frees the lease."""
    conn.execute(update(changes).where(_where_it_is()).values(lease_owner=None, lease_until=None), _the(change))


@cache
def _give_back() -> Executable:
    return update(changes).where(_where_it_is()).values(lease_owner=None, lease_until=None)


def extend(conn: Connection, owner: str, until: datetime) -> None:
    """`owner` lives and keeps what it holds."""
    conn.execute(update(changes).where(changes.c.lease_owner == owner).values(lease_until=until))


def release(conn: Connection, owner: str, business: str | None = None) -> None:
    """Free every change that `owner` holds, of one business or of all: it stops, or it is gone."""
    held = update(changes).where(changes.c.lease_owner == owner)
    if business is not None:
        held = held.where(changes.c.business == business)
    conn.execute(held.values(lease_owner=None, lease_until=None))


def waiting(conn: Connection, business: str) -> dict[str, Waiting]:
    """What waits, by connection; connections where nothing waits are absent."""
    query = (
        select(changes.c.connection, func.count(), func.min(changes.c.first_at))
        .where(changes.c.business == business)
        .group_by(changes.c.connection)
    )
    return {name: Waiting(count, oldest) for name, count, oldest in conn.execute(query)}


def businesses_due(conn: Connection, now: datetime) -> list[str]:
    """The businesses that have something to do at `now`: a change to claim, or a job to plan."""
    return [name for (name,) in conn.execute(_businesses_due(), {"now": now})]


@cache
def _businesses_due() -> Executable:
    # Connections are few and changes may be many: asking each connection for one due change stays quick in a flood.
    due = exists().where(
        changes.c.business == connections.c.business,
        changes.c.connection == connections.c.connection,
        changes.c.due_at <= _NOW,
        _IN_QUEUE,
        _free(changes),
    )
    return union(
        select(connections.c.business).where(connections.c.paused_at.is_(None), due),
        _dirty_jobs(jobs.c.business).where(jobs.c.due_at <= _NOW, _free(jobs)),
    )


def _dirty_jobs(*columns: Any) -> Select[Any]:
    return select(*columns).where(jobs.c.dirty_seq > jobs.c.planned_seq, jobs.c.paused_at.is_(None))


def next_due(conn: Connection, now: datetime) -> datetime | None:
    """When there is something to do next: `now` if there is already, None if nothing waits for any instant."""
    earliest: datetime | None = conn.execute(_next_due()).scalar()
    return earliest if earliest is None else max(earliest, now)


@cache
def _next_due() -> Executable:
    def claimable_at(table: Any) -> Any:
        return case((table.c.lease_until > table.c.due_at, table.c.lease_until), else_=table.c.due_at).label("at")

    unpaused = and_(
        connections.c.business == changes.c.business,
        connections.c.connection == changes.c.connection,
        connections.c.paused_at.is_(None),
    )
    instants = union_all(
        select(claimable_at(changes)).join_from(changes, connections, unpaused), _dirty_jobs(claimable_at(jobs))
    ).subquery()
    return select(func.min(instants.c.at, type_=Instant()))
