"""What was followed when a connection was last read whole: when that changes, it is read whole again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from hub.store.schema import follows
from hub.store.sql import upsert


def get(conn: Connection, business: str, connection: str) -> tuple[bool, frozenset[str] | None]:
    """(whether anything is known, the ids that were followed); the ids are None where it was everything."""
    query = select(follows.c.ids).where(follows.c.business == business, follows.c.connection == connection)
    text = conn.execute(query).scalar_one_or_none()
    if text is None:
        return False, None
    ids = json.loads(text)
    return True, None if ids is None else frozenset(ids)


def put(conn: Connection, business: str, connection: str, ids: Sequence[str] | None, now: datetime) -> None:
    """These are followed from `now` on; None: everything that the key can see."""
    row = {"business": business, "connection": connection, "since": now}
    statement = upsert(conn.dialect.name, follows, "ids", "since")
    conn.execute(statement, row | {"ids": json.dumps(None if ids is None else sorted(set(ids)))})
