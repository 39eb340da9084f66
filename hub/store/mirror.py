"""The mirror: our copy of the providers' records, as they were when they were last read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Executable, Row, and_, bindparam, func, select, update

from hub.core import codec
from hub.core.types import Record, Value
from hub.store import forgotten
from hub.store.schema import mirror, mirror_seqs
from hub.store.sql import execute, upsert

_SLICE = 500
"""Keys per question: SQLite takes a limited number of parameters in one statement."""


class _Held(NamedTuple):
    stream: str
    key: str
    digest: str
    deleted: bool
    read_at: datetime


def put(conn: Connection, business: str, connection: str, records: Sequence[Record], read_at: datetime) -> list[Record]:
    """Keep these records as read at `read_at`; returns those whose content is not what we had. See `put_reads`."""
    return put_reads(conn, business, connection, [(record, read_at) for record in records])


def put_reads(
    conn: Connection, business: str, connection: str, reads: Iterable[tuple[Record, datetime]]
) -> list[Record]:
    """Keep these records, each as read at its instant; returns those whose content is not what we had.

    A record that we have from a later read stays as it is: the older never overwrites the newer (R2). One that comes
    twice counts as it was read last. A record that we never had and that is already gone is kept as gone, not returned.
    """
    # Sorted by the instant alone, and stably: of two of one instant, the one that came last counts.
    latest = {(record.stream, record.key): (record, at) for record, at in sorted(reads, key=lambda read: read[1])}
    if not latest:
        return []
    seq = _next_seq(conn, business)
    known = forgotten.load(conn, business)  # only now: who is being forgotten in these moments is known by then
    if known is not None:
        latest = {key: (forgotten.scrubbed(known, record), at) for key, (record, at) in latest.items()}
    held = _held(conn, business, connection, sorted(latest))
    changed: list[Record] = []
    rows: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for identity, (record, read_at) in sorted(latest.items(), key=lambda item: item[0]):
        before = held.get(identity)
        if before is not None and read_at < before.read_at:
            continue
        body, digest = _written(record)
        key = {"business": business, "connection": connection, "stream": record.stream, "key": record.key}
        if before is not None and (digest, record.deleted) == (before.digest, before.deleted):
            if read_at > before.read_at:
                seen.append({f"the_{name}": value for name, value in key.items()} | {"now": read_at})
            continue
        rows.append(
            key
            | {
                "body": body,
                "digest": digest,
                "at": record.at,
                "deleted": record.deleted,
                "read_at": read_at,
                "seq": seq,
            }
        )
        if before is not None or not record.deleted:
            changed.append(record)
    if rows:
        execute(conn, _upsert(conn.dialect.name), rows)
    if seen:
        conn.execute(_seen(), seen)
    return changed


def _written(record: Record) -> tuple[str, str]:
    body = "{}" if record.deleted else codec.dumps(record.fields)
    at = "" if record.at is None else record.at.isoformat()
    return body, hashlib.sha256(f"{at} {body}".encode()).hexdigest()[:32]


def keep_still(conn: Connection, business: str) -> None:
    """Until this transaction ends, nobody else puts records of the business."""
    _next_seq(conn, business)


def _next_seq(conn: Connection, business: str) -> int:
    """The number of this put. Until it is committed, no other put of the business gets one: numbers appear in order."""
    return int(execute(conn, _count(conn.dialect.name), {"business": business, "seq": 1}).scalar_one())


@cache
def _count(dialect: str) -> Executable:
    return upsert(dialect, mirror_seqs, seq=mirror_seqs.c.seq + 1).returning(mirror_seqs.c.seq)


def _held(
    conn: Connection, business: str, connection: str, identities: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], _Held]:
    by_stream: dict[str, list[str]] = {}
    for stream, key in identities:
        by_stream.setdefault(stream, []).append(key)
    found: dict[tuple[str, str], _Held] = {}
    for stream, keys in by_stream.items():
        for start in range(0, len(keys), _SLICE):
            names = {"business": business, "connection": connection, "stream": stream}
            for row in conn.execute(_digests(), names | {"keys": keys[start : start + _SLICE]}):
                held = _Held(*row)
                found[held.stream, held.key] = held
    return found


@cache
def _digests() -> Executable:
    return select(*(mirror.c[name] for name in _Held._fields)).where(
        mirror.c.business == bindparam("business"),
        mirror.c.connection == bindparam("connection"),
        mirror.c.stream == bindparam("stream"),
        mirror.c.key.in_(bindparam("keys", expanding=True)),
    )


@cache
def _upsert(dialect: str) -> Executable:
    return upsert(dialect, mirror, "body", "digest", "at", "deleted", "read_at", "seq")


@cache
def _seen() -> Executable:
    same = and_(*(column == bindparam(f"the_{column.name}") for column in mirror.primary_key.columns))
    return update(mirror).where(same).values(read_at=bindparam("now"))


_RECORD = tuple(mirror.c[name] for name in ("connection", "stream", "key", "body", "at", "deleted"))


def _record(row: Row[Any]) -> Record:
    fields = cast("dict[str, Value]", codec.loads(row.body))
    return Record(stream=row.stream, key=row.key, fields=fields, at=row.at, deleted=row.deleted)


def newest(conn: Connection, business: str) -> int:
    """The number of the last put; 0 before the first."""
    query = select(mirror_seqs.c.seq).where(mirror_seqs.c.business == business)
    return conn.execute(query).scalar() or 0


def load(conn: Connection, business: str) -> tuple[list[tuple[str, Record]], int]:
    """Every living record as (connection, record), and the number that `since` goes on from."""
    # The number first: outside a snapshot, a put that comes between the two questions is then seen again, never missed.
    seq = newest(conn, business)
    order = (mirror.c.connection, mirror.c.stream, mirror.c.key)
    query = select(*_RECORD).where(mirror.c.business == business, mirror.c.deleted.is_(False)).order_by(*order)
    return [(row.connection, _record(row)) for row in conn.execute(query)], seq


@dataclass(frozen=True, slots=True)
class Read:
    """A living record, and when it was read."""

    record: Record
    read_at: datetime


def reads(conn: Connection, business: str) -> list[tuple[str, Read]]:
    """Every living record as (connection, record with when it was read)."""
    order = (mirror.c.connection, mirror.c.stream, mirror.c.key)
    query = select(*_RECORD, mirror.c.read_at).where(mirror.c.business == business, mirror.c.deleted.is_(False))
    return [(row.connection, Read(_record(row), row.read_at)) for row in conn.execute(query.order_by(*order))]


def since(conn: Connection, business: str, seq: int) -> tuple[list[tuple[str, Record]], int]:
    """What changed after `seq`, gone records included, and the number to go on from."""
    now = newest(conn, business)
    if now == seq:
        return [], seq
    query = select(*_RECORD).where(mirror.c.business == business, mirror.c.seq > seq).order_by(mirror.c.seq)
    return [(row.connection, _record(row)) for row in conn.execute(query)], now


def get(conn: Connection, business: str, connection: str, stream: str, key: str) -> Record | None:
    """One record, or None when we never had it. One that is gone has `deleted=True`."""
    query = select(*_RECORD).where(
        mirror.c.business == business,
        mirror.c.connection == connection,
        mirror.c.stream == stream,
        mirror.c.key == key,
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _record(row)


def gone(conn: Connection, business: str, connection: str, stream: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that were read and are there no more."""
    found: set[str] = set()
    for start in range(0, len(keys), _SLICE):
        query = select(mirror.c.key).where(
            mirror.c.business == business,
            mirror.c.connection == connection,
            mirror.c.stream == stream,
            mirror.c.key.in_(keys[start : start + _SLICE]),
            mirror.c.deleted.is_(True),
        )
        found.update(conn.execute(query).scalars())
    return found


def counts(conn: Connection, business: str) -> dict[tuple[str, str], int]:
    """How many living records there are, by (connection, stream)."""
    query = (
        select(mirror.c.connection, mirror.c.stream, func.count())
        .where(mirror.c.business == business, mirror.c.deleted.is_(False))
        .group_by(mirror.c.connection, mirror.c.stream)
    )
    return {(connection, stream): count for connection, stream, count in conn.execute(query)}


def tombstone_unread(conn: Connection, business: str, connection: str, stream: str, before: datetime) -> list[str]:
    """Mark as gone what a read that began at `before` did not meet; returns the keys.

    Only for a read that is known to be complete (R5).
    """
    statement = (
        update(mirror)
        .where(
            mirror.c.business == business,
            mirror.c.connection == connection,
            mirror.c.stream == stream,
            mirror.c.deleted.is_(False),
            mirror.c.read_at < before,
        )
        .values(deleted=True, body="{}", digest=_GONE, at=None, read_at=before, seq=_next_seq(conn, business))
        .returning(mirror.c.key)
    )
    return sorted(conn.execute(statement).scalars())


_GONE = _written(Record(stream="", key="", deleted=True))[1]
