"""Workers: the processes that live, by their heartbeats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from hub.store.schema import workers
from hub.store.sql import upsert


def beat(conn: Connection, owner: str, kind: str, now: datetime) -> None:
    """`owner` lives."""
    row = {"owner": owner, "kind": kind, "at": now, "started_at": now}
    conn.execute(upsert(conn.dialect.name, workers, "at"), row)


def beats(conn: Connection) -> list[tuple[str, str, datetime, datetime]]:
    """Every worker as (owner, kind, last heartbeat, first heartbeat)."""
    query = select(workers.c.owner, workers.c.kind, workers.c.at, workers.c.started_at).order_by(workers.c.owner)
    return [(owner, kind, at, started_at) for owner, kind, at, started_at in conn.execute(query)]


def gone(conn: Connection, before: datetime) -> list[str]:
    """The owners whose last heartbeat is older than that: what they hold may be released, then they be forgotten."""
    query = select(workers.c.owner).where(workers.c.at < before).order_by(workers.c.owner)
    return list(conn.execute(query).scalars())


def forget(conn: Connection, owners: Sequence[str]) -> None:
    """These have stopped, or are gone and all that they held is released."""
    conn.execute(delete(workers).where(workers.c.owner.in_(owners)))
