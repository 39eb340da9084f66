"""What was seen of the tasks of a job over time (`hub.planning.alerts.pasts`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, select

from hub.core import codec
from hub.core.pasts import Due, Past
from hub.store.schema import task_pasts
from hub.store.sql import upsert

_LEARNED = ("first_due", "due", "postponed", "due_when_done")


def load(conn: Connection, business: str, job: str) -> Mapping[str, Past]:
    """Task -> what is known of it; also of tasks that are gone."""
    return {row[0]: _past(*row[1:]) for row in conn.execute(_query(business, job))}


def put(conn: Connection, business: str, job: str, pasts: Mapping[str, Past], now: datetime) -> None:
    """Keep what is known of these tasks (`hub.planning.alerts.pasts.learn`). Only what is new is written."""
    held = {row[0]: tuple(row[1:]) for row in conn.execute(_query(business, job))}
    rows = []
    for task, past in pasts.items():
        learned = _row(past)
        if held.get(task) != tuple(learned.values()):
            rows.append({"business": business, "job": job, "task": task, **learned, "seen_at": now})
    if rows:
        conn.execute(upsert(conn.dialect.name, task_pasts, *_LEARNED, "seen_at"), rows)


def _query(business: str, job: str) -> Select[Any]:
    columns = (task_pasts.c.task, *(task_pasts.c[name] for name in _LEARNED))
    return select(*columns).where(task_pasts.c.business == business, task_pasts.c.job == job)


def _row(past: Past) -> dict[str, Any]:
    """In the order of `_LEARNED`. `due_when_done` holds both parts of a task's end, and is null while it is open."""
    end = codec.dumps({"due": past.due_when_done, "at": past.done_at}) if past.done else None
    return {
        "first_due": _text(past.first_due),
        "due": _text(past.due),
        "postponed": past.postponed,
        "due_when_done": end,
    }


def _past(first_due: str | None, due: str | None, postponed: int, due_when_done: str | None) -> Past:
    past = Past(first_due=_due(first_due), postponed=postponed, due=_due(due))
    if due_when_done is None:
        return past
    end = cast("Mapping[str, Any]", codec.loads(due_when_done))
    return Past(
        first_due=past.first_due,
        postponed=postponed,
        due_when_done=end["due"],
        due=past.due,
        done=True,
        done_at=end["at"],
    )


def _text(due: Due | None) -> str | None:
    return None if due is None else due.isoformat()


def _due(text: str | None) -> Due | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
