"""What we know of each connection's life: the last proof of it, the last refusal, and whether it is paused (R10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, select, update

from hub.store.schema import connections
from hub.store.sql import execute, number, upsert


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One row. `refused` counts the deliveries that we refused, since ever."""

    business: str
    connection: str
    last_ok_at: datetime | None
    last_delivery_at: datetime | None
    refused: int
    last_refused_at: datetime | None
    last_refused_why: str | None
    paused_at: datetime | None
    paused_reason: str | None
    caught_up_at: datetime | None


def ensure(conn: Connection, business: str, names: Iterable[str]) -> None:
    """Have a row for each of these connections."""
    rows = [{"business": business, "connection": name} for name in sorted(set(names))]
    if rows:
        conn.execute(upsert(conn.dialect.name, connections), rows)


def ok(conn: Connection, business: str, connection: str, now: datetime) -> None:
    """The provider answered us."""
    _set(conn, business, connection, last_ok_at=now)


def refused(conn: Connection, business: str, connection: str, why: str, now: datetime) -> None:
    """We refused a delivery."""
    statement = upsert(
        conn.dialect.name, connections, "last_refused_at", "last_refused_why", refused=connections.c.refused + 1
    )
    row = {
        "business": business,
        "connection": connection,
        "refused": 1,
        "last_refused_at": now,
        "last_refused_why": why,
    }
    conn.execute(statement, row)


def pause(conn: Connection, business: str, connection: str, reason: str, now: datetime) -> bool:
    """Leave it alone until a person has put it right. True the first time: only then is there someone to tell."""
    ensure(conn, business, [connection])
    statement = (
        update(connections)
        .where(
            connections.c.business == business,
            connections.c.connection == connection,
            connections.c.paused_at.is_(None),
        )
        .values(paused_at=now, paused_reason=reason)
    )
    return number(conn, statement) == 1


def resume(conn: Connection, business: str, connection: str) -> None:
    """Use it again."""
    _set(conn, business, connection, paused_at=None, paused_reason=None)


def caught_up(conn: Connection, business: str, connection: str, now: datetime) -> None:
    """At `now`, nothing that the provider had told us was left to read."""
    _set(conn, business, connection, caught_up_at=now)


def listing(conn: Connection, business: str) -> list[ConnectionState]:
    """Every connection of the business, by name."""
    query = select(connections).where(connections.c.business == business).order_by(connections.c.connection)
    return [ConnectionState(*row) for row in conn.execute(query)]


def _set(conn: Connection, business: str, connection: str, **values: Any) -> None:
    statement = _settable(conn.dialect.name, tuple(values))
    execute(conn, statement, {"business": business, "connection": connection} | values)


@cache
def _settable(dialect: str, names: tuple[str, ...]) -> Executable:
    return upsert(dialect, connections, *names)
