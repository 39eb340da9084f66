"""Dead letters: records that cannot be read, with the reason, until a person asks to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from hub.store import changes
from hub.store.changes import Change
from hub.store.schema import dead_letters
from hub.store.sql import upsert_by


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that we gave up on after `attempts` reads."""

    id: int
    connection: str
    stream: str
    key: str
    reason: str
    attempts: int
    dead_at: datetime


def bury(conn: Connection, change: Change, reason: str, now: datetime) -> None:
    """Give up on this record. If it rang again meanwhile it goes on waiting as well; a record is buried once."""
    statement = upsert_by(
        conn.dialect.name,
        dead_letters,
        ("business", "connection", "stream", "key"),
        ("reason", "attempts", "dead_at"),
    )
    name = {"business": change.business, "connection": change.connection, "stream": change.stream, "key": change.key}
    conn.execute(statement, name | {"reason": reason, "attempts": change.attempts + 1, "dead_at": now})
    changes.settle(conn, [change])


def listing(conn: Connection, business: str, limit: int = 100) -> list[DeadLetter]:
    """The newest dead letters of a business, newest first."""
    columns = (dead_letters.c[name] for name in DeadLetter.__slots__)
    order = (dead_letters.c.dead_at.desc(), dead_letters.c.id.desc())
    query = select(*columns).where(dead_letters.c.business == business).order_by(*order).limit(limit)
    return [DeadLetter(*row) for row in conn.execute(query)]


def count(conn: Connection, business: str) -> dict[str, int]:
    """How many there are, by connection."""
    query = (
        select(dead_letters.c.connection, func.count())
        .where(dead_letters.c.business == business)
        .group_by(dead_letters.c.connection)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def replay(conn: Connection, business: str, now: datetime, id: int | None = None) -> int:  # noqa: A002
    """Try these again, all or the one of that id, as if they had never failed; returns how many."""
    statement = delete(dead_letters).where(dead_letters.c.business == business)
    if id is not None:
        statement = statement.where(dead_letters.c.id == id)
    back = conn.execute(statement.returning(dead_letters.c.connection, dead_letters.c.stream, dead_letters.c.key)).all()
    changes.ring_all(conn, ((business, *row) for row in back), now)
    return len(back)
