"""Cursors: how far the reading of each stream has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from hub.core.types import Cursor
from hub.store.schema import cursors
from hub.store.sql import upsert


@dataclass(frozen=True, slots=True)
class CursorRow:
    """`cursor` None: from the start. `complete_at` None: the read begun at `started_at` is not at its end."""

    cursor: Cursor | None
    started_at: datetime
    complete_at: datetime | None


def get(conn: Connection, business: str, connection: str, stream: str) -> CursorRow | None:
    """How far it has come, or None when no read ever began."""
    query = select(cursors.c.cursor, cursors.c.started_at, cursors.c.complete_at).where(
        cursors.c.business == business, cursors.c.connection == connection, cursors.c.stream == stream
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else CursorRow(*row)


def begin(conn: Connection, business: str, connection: str, stream: str, now: datetime) -> None:
    """A read from the start begins: no cursor yet, not complete."""
    row = {"business": business, "connection": connection, "stream": stream, "cursor": None}
    statement = upsert(conn.dialect.name, cursors, "cursor", "started_at", "complete_at")
    conn.execute(statement, row | {"started_at": now, "complete_at": None})


def set_(
    conn: Connection,
    business: str,
    connection: str,
    stream: str,
    cursor: Cursor | None,
    now: datetime,
    complete: bool,
) -> None:
    """What lies before `cursor` is stored. `complete`: the end was reached at `now`; else what we knew stands."""
    row = {"business": business, "connection": connection, "stream": stream, "cursor": cursor, "started_at": now}
    taken = ("cursor", "complete_at") if complete else ("cursor",)
    statement = upsert(conn.dialect.name, cursors, *taken)
    conn.execute(statement, row | {"complete_at": now if complete else None})


def clear(conn: Connection, business: str, connection: str, stream: str) -> None:
    """Forget how far it had come."""
    same = (cursors.c.business == business, cursors.c.connection == connection, cursors.c.stream == stream)
    conn.execute(delete(cursors).where(*same))
