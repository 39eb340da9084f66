"""Blind windows: when a provider did not tell us what changed, and whether that was read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from hub.store.schema import blind_windows
from hub.store.sql import number


@dataclass(frozen=True, slots=True)
class BlindWindow:
    """From `began_at` to `ended_at` nothing was heard. `reconciled_at`: when what was missed had been asked for.

    `reread`: how many records were read again for it, those that may have changed meanwhile.
    """

    id: int
    connection: str
    about: str
    why: str
    began_at: datetime
    ended_at: datetime
    reconciled_at: datetime | None
    reread: int = 0


_COLUMNS = tuple(blind_windows.c[name] for name in BlindWindow.__dataclass_fields__)


def add(
    conn: Connection, business: str, connection: str, about: str, why: str, began_at: datetime, ended_at: datetime
) -> None:
    """One more, not yet reconciled."""
    row = {"business": business, "connection": connection, "about": about, "why": why}
    conn.execute(insert(blind_windows), row | {"began_at": began_at, "ended_at": ended_at, "reconciled_at": None})


def unreconciled(conn: Connection, business: str, connection: str) -> list[BlindWindow]:
    """Those whose events were not read yet, the oldest first."""
    table = blind_windows.c
    query = (
        select(*_COLUMNS)
        .where(table.business == business, table.connection == connection, table.reconciled_at.is_(None))
        .order_by(table.id)
    )
    return [BlindWindow(*row) for row in conn.execute(query)]


def reconcile(conn: Connection, business: str, connection: str, until: datetime, now: datetime, reread: int = 0) -> int:
    """Everything up to `until` was read: every window that had ended by then is healed. Returns how many.

    `reread`: how many records that took.
    """
    table = blind_windows.c
    statement = (
        update(blind_windows)
        .where(
            table.business == business,
            table.connection == connection,
            table.reconciled_at.is_(None),
            table.ended_at <= until,
        )
        .values(reconciled_at=now, reread=reread)
    )
    return number(conn, statement)


def since(conn: Connection, business: str, at: datetime) -> list[BlindWindow]:
    """Those that ended or were healed from that instant on, and those that are not healed yet, the oldest first."""
    table = blind_windows.c
    query = (
        select(*_COLUMNS)
        .where(table.business == business)
        .where(or_(table.reconciled_at.is_(None), table.reconciled_at >= at, table.ended_at >= at))
        .order_by(table.began_at, table.id)
    )
    return [BlindWindow(*row) for row in conn.execute(query)]


def last(conn: Connection, business: str) -> dict[str, BlindWindow]:
    """The newest of each connection; one that is not reconciled comes before one that is."""
    table = blind_windows.c
    query = select(*_COLUMNS).where(table.business == business).order_by(table.reconciled_at.is_(None), table.id)
    return {window.connection: window for window in (BlindWindow(*row) for row in conn.execute(query))}
