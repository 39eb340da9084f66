"""Who wants no more mails of a business. Asked before every mail that is not a personal one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hub.store.schema import unsubscribed
from hub.store.sql import upsert


def add(conn: Connection, business: str, address: str, now: datetime) -> None:
    """Remember it. Twice is once: the first instant stays."""
    row = {"business": business, "address": _folded(address), "at": now}
    conn.execute(upsert(conn.dialect.name, unsubscribed), [row])


def listing(conn: Connection, business: str) -> list[tuple[str, datetime]]:
    """Every such address of a business, with the instant, newest first."""
    order = (unsubscribed.c.at.desc(), unsubscribed.c.address)
    query = select(unsubscribed.c.address, unsubscribed.c.at).where(unsubscribed.c.business == business)
    return [(address, at) for address, at in conn.execute(query.order_by(*order))]


def _folded(address: str) -> str:
    return address.strip().casefold()
