"""Which subscriptions at the providers are ours, and when each was last seen to work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from hub.store.schema import subscriptions
from hub.store.sql import upsert


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One that we made. `seen_at`: when the provider last said that it is alive and reaches us."""

    ref: str
    url: str
    about: str
    made_at: datetime
    seen_at: datetime


def put(conn: Connection, business: str, connection: str, row: SubscriptionRow) -> None:
    """Remember it, or what is new about it; the instant at which it was made stays."""
    values = {"business": business, "connection": connection, "ref": row.ref, "url": row.url, "about": row.about}
    statement = upsert(conn.dialect.name, subscriptions, "url", "about", "seen_at")
    conn.execute(statement, values | {"made_at": row.made_at, "seen_at": row.seen_at})


def listing(conn: Connection, business: str, connection: str) -> list[SubscriptionRow]:
    """Those of one connection, the oldest first."""
    table = subscriptions.c
    query = (
        select(table.ref, table.url, table.about, table.made_at, table.seen_at)
        .where(table.business == business, table.connection == connection)
        .order_by(table.made_at, table.ref)
    )
    return [SubscriptionRow(*row) for row in conn.execute(query)]


def forget(conn: Connection, business: str, connection: str, ref: str) -> None:
    """It is gone."""
    table = subscriptions.c
    same = (table.business == business, table.connection == connection, table.ref == ref)
    conn.execute(delete(subscriptions).where(*same))


def by_connection(conn: Connection, business: str) -> dict[str, list[SubscriptionRow]]:
    """Those of a business, by connection."""
    table = subscriptions.c
    query = (
        select(table.connection, table.ref, table.url, table.about, table.made_at, table.seen_at)
        .where(table.business == business)
        .order_by(table.connection, table.made_at, table.ref)
    )
    found: dict[str, list[SubscriptionRow]] = {}
    for connection, *row in conn.execute(query):
        found.setdefault(connection, []).append(SubscriptionRow(*row))
    return found
