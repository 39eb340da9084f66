"""Deliveries: each HTTP request that a provider made, kept as bytes, once (R1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, and_, bindparam, select, update

from hub.core.types import Event
from hub.store import changes
from hub.store.schema import connections, deliveries
from hub.store.sql import execute, upsert, upsert_by


@dataclass(frozen=True, slots=True)
class Delivery:
    """One verified request. `event_id` is the provider's own id of the delivery, equal for its repeats."""

    business: str
    connection: str
    event_id: str
    received_at: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class StoredDelivery(Delivery):
    """A delivery as we keep it. `copies`: how often it came."""

    id: int
    copies: int


def store_deliveries(conn: Connection, batch: Sequence[Delivery]) -> int:
    """Keep these and ring the records that the new ones speak of. Returns how many were new.

    A repeat (same business, connection and event id) is only counted: its records were rung when it first came.
    """
    if not batch:
        return 0
    times = Counter(_identity(delivery) for delivery in batch)
    # One order for everybody: two writers that lock the same rows in two orders would stop each other.
    first = {_identity(delivery): delivery for delivery in reversed(batch)}
    rows = [_columns(first[identity], copies=times[identity]) for identity in sorted(first)]
    new = {tuple(row) for row in execute(conn, _insert(conn.dialect.name), rows)}
    repeated = [
        {"the_business": identity[0], "the_connection": identity[1], "the_event_id": identity[2], "more": count}
        for identity, count in sorted(times.items())
        if identity not in new
    ]
    if repeated:
        conn.execute(_count_copies(), repeated)
    _ring(conn, [first[identity] for identity in sorted(new)])
    _touch(conn, batch)
    return len(new)


def _identity(delivery: Delivery) -> tuple[str, str, str]:
    return delivery.business, delivery.connection, delivery.event_id


def _columns(delivery: Delivery, copies: int) -> dict[str, Any]:
    events = [[event.id, event.type, event.stream, event.key] for event in delivery.events]
    return {
        "business": delivery.business,
        "connection": delivery.connection,
        "event_id": delivery.event_id,
        "received_at": delivery.received_at,
        "url": delivery.url,
        "headers": json.dumps(dict(delivery.headers)),
        "body": delivery.body,
        "events": json.dumps(events),
        "copies": copies,
    }


@cache
def _insert(dialect: str) -> Executable:
    identity = ("business", "connection", "event_id")
    return upsert_by(dialect, deliveries, identity).returning(*(deliveries.c[name] for name in identity))


@cache
def _count_copies() -> Executable:
    same = and_(*(deliveries.c[name] == bindparam(f"the_{name}") for name in ("business", "connection", "event_id")))
    return update(deliveries).where(same).values(copies=deliveries.c.copies + bindparam("more"))


def _ring(conn: Connection, new: Sequence[Delivery]) -> None:
    if not new:
        return
    keys = (
        (delivery.business, delivery.connection, event.stream, event.key)
        for delivery in new
        for event in delivery.events
        if event.stream is not None and event.key is not None
    )
    changes.ring_all(conn, keys, max(delivery.received_at for delivery in new))


def _touch(conn: Connection, batch: Sequence[Delivery]) -> None:
    last: dict[tuple[str, str], datetime] = {}
    for delivery in batch:
        name = (delivery.business, delivery.connection)
        last[name] = max(last.get(name, delivery.received_at), delivery.received_at)
    rows = [{"business": b, "connection": c, "last_delivery_at": at} for (b, c), at in sorted(last.items())]
    execute(conn, _last_delivery(conn.dialect.name), rows)


@cache
def _last_delivery(dialect: str) -> Executable:
    return upsert(dialect, connections, "last_delivery_at")


def recent(conn: Connection, business: str, connection: str | None = None, limit: int = 50) -> list[StoredDelivery]:
    """The newest deliveries of a business, or of one of its connections, newest first."""
    order = (deliveries.c.received_at.desc(), deliveries.c.id.desc())
    query = select(deliveries).where(deliveries.c.business == business).order_by(*order).limit(limit)
    if connection is not None:
        query = query.where(deliveries.c.connection == connection)
    return [_stored(row) for row in conn.execute(query)]


def get(conn: Connection, business: str, id: int) -> StoredDelivery | None:  # noqa: A002
    """One delivery of that business."""
    query = select(deliveries).where(deliveries.c.business == business, deliveries.c.id == id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _stored(row)


def by_event(conn: Connection, business: str, connection: str, event_id: str) -> StoredDelivery | None:
    """The delivery of that id, or None when none was kept, or no more."""
    table = deliveries.c
    same = (table.business == business, table.connection == connection, table.event_id == event_id)
    row = conn.execute(select(deliveries).where(*same)).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> StoredDelivery:
    return StoredDelivery(
        business=row.business,
        connection=row.connection,
        event_id=row.event_id,
        received_at=row.received_at,
        url=row.url,
        headers=json.loads(row.headers),
        body=bytes(row.body),
        events=tuple(
            Event(id=id_, type=type_, stream=stream, key=key) for id_, type_, stream, key in json.loads(row.events)
        ),
        id=row.id,
        copies=row.copies,
    )
