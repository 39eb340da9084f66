"""Runs: each piece of work that was begun, with what came of it. Prefect shows them; these rows decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.store.schema import runs, workers

Outcome: TypeAlias = Literal["done", "failed", "held", "crashed"]


@dataclass(frozen=True, slots=True)
class Run:
    """`state` is "running" until it has an outcome. `counts`: how many of each thing it did."""

    id: int
    business: str
    kind: str
    subject: str
    name: str
    owner: str
    state: Literal["running", "done", "failed", "held", "crashed"]
    counts: Mapping[str, int]
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def start(conn: Connection, business: str, kind: str, subject: str, name: str, now: datetime, owner: str) -> int:
    """A run begins; returns its id. `subject`: the job or connection that it is about. `name`: for people."""
    row = {"business": business, "kind": kind, "subject": subject, "name": name, "owner": owner, "started_at": now}
    statement = insert(runs).values(state="running", counts="{}", **row).returning(runs.c.id)
    return int(conn.execute(statement).scalar_one())


def finish(
    conn: Connection,
    id: int,  # noqa: A002
    state: Outcome,
    counts: Mapping[str, int],
    error: str | None,
    now: datetime,
) -> None:
    """What came of it."""
    values = {"state": state, "counts": json.dumps(dict(counts)), "error": error, "finished_at": now}
    conn.execute(update(runs).where(runs.c.id == id).values(**values))


def break_off(conn: Connection, business: str, kind: str, owner: str, error: str, now: datetime) -> None:
    """`owner` lives and works on none of these any more: its runs of that kind that have no outcome crashed."""
    mine = (runs.c.business == business, runs.c.kind == kind, runs.c.owner == owner, runs.c.state == "running")
    conn.execute(update(runs).where(*mine).values(state="crashed", error=error, finished_at=now))


def get(conn: Connection, business: str, id: int) -> Run | None:  # noqa: A002
    """That run of a business."""
    row = conn.execute(select(runs).where(runs.c.business == business, runs.c.id == id)).one_or_none()
    return None if row is None else _run(row)


def latest(conn: Connection, business: str, limit: int = 20) -> list[Run]:
    """The newest runs of a business, newest first."""
    query = select(runs).where(runs.c.business == business).order_by(runs.c.id.desc()).limit(limit)
    return [_run(row) for row in conn.execute(query)]


def last_by_subject(conn: Connection, business: str) -> dict[str, Run]:
    """The newest run of each subject."""
    newest = select(func.max(runs.c.id)).where(runs.c.business == business).group_by(runs.c.subject)
    return {row.subject: _run(row) for row in conn.execute(select(runs).where(runs.c.id.in_(newest)))}


def abandoned(conn: Connection, now: datetime, beat_before: datetime) -> list[Run]:
    """Runs begun by `now` that nobody works on any more: their owner's last heartbeat is older than `beat_before`.

    An owner that has no heartbeat yet is given the same time from the start of its run.
    """
    last_sign = func.coalesce(workers.c.at, runs.c.started_at)
    query = (
        select(runs)
        .outerjoin(workers, workers.c.owner == runs.c.owner)
        .where(runs.c.state == "running", runs.c.started_at <= now, last_sign < beat_before)
        .order_by(runs.c.id)
    )
    return [_run(row) for row in conn.execute(query)]


def _run(row: Row[Any]) -> Run:
    fields = row._asdict()
    return Run(**fields | {"counts": json.loads(fields["counts"])})
