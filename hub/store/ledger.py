"""The ledger: every effect outside, before and after it happened (R4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Executable, Row, Text, bindparam, delete, func, select, update

from hub.store.schema import ledger
from hub.store.sql import execute, number, upsert

State: TypeAlias = Literal["new", "started", "done", "uncertain", "failed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect. `state` "new" stands in no row: it says that there was none. `summary`: what it was meant to be."""

    key: str
    job: str
    kind: str
    state: State
    attempts: int
    ref: str | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None
    run: int | None
    summary: str


_ENTRY = tuple(ledger.c[name] for name in Entry.__slots__)
_BUSINESS = bindparam("the_business", type_=Text())
_KEY = bindparam("the_key", type_=Text())


def begin(
    conn: Connection, business: str, key: str, *, job: str, kind: str, summary: str, run: int | None, now: datetime
) -> Entry:
    """Say that this effect is about to happen; returns the entry as it was before.

    "new" or "failed": go ahead. "started": an earlier attempt was cut short, look outside first. "done" or "uncertain":
    do nothing, and nothing was changed here.
    """
    row = {
        "business": business,
        "key": key,
        "job": job,
        "kind": kind,
        "summary": summary,
        "started_at": now,
        "run": run,
    }
    if execute(conn, _insert(conn.dialect.name), row | {"state": "started", "attempts": 1}).first() is not None:
        return Entry(key, job, kind, "new", 0, None, None, now, None, run, summary)
    before = _entry(conn.execute(_locked(), {"the_business": business, "the_key": key}).one())
    if before.state in {"started", "failed"}:
        # What was cut short may have happened as it was then meant: that must stay known until it is finished.
        what = before.summary if before.state == "started" else summary
        conn.execute(_again(), {"the_business": business, "the_key": key, "the_run": run, "now": now, "what": what})
    return before


@cache
def _insert(dialect: str) -> Executable:
    return upsert(dialect, ledger).returning(ledger.c.key)


@cache
def _locked() -> Executable:
    return select(*_ENTRY).where(ledger.c.business == _BUSINESS, ledger.c.key == _KEY).with_for_update()


@cache
def _again() -> Executable:
    values = {"state": "started", "attempts": ledger.c.attempts + 1, "error": None, "finished_at": None}
    fresh: dict[str, Any] = {"started_at": bindparam("now"), "run": bindparam("the_run"), "summary": bindparam("what")}
    return update(ledger).where(ledger.c.business == _BUSINESS, ledger.c.key == _KEY).values(**values, **fresh)


def done(conn: Connection, business: str, key: str, ref: str | None, now: datetime) -> None:
    """It happened; `ref` is the destination's own id of what came of it."""
    _close(conn, business, key, state="done", ref=ref, error=None, finished_at=now)


def uncertain(conn: Connection, business: str, key: str, why: str, now: datetime) -> None:
    """It may have happened or not, and nobody but a person can tell."""
    _close(conn, business, key, state="uncertain", error=why, finished_at=now)


def failed(conn: Connection, business: str, key: str, why: str, now: datetime) -> None:
    """It certainly did not happen."""
    _close(conn, business, key, state="failed", error=why, finished_at=now)


def _close(conn: Connection, business: str, key: str, **values: Any) -> None:
    if not number(conn, update(ledger).where(ledger.c.business == business, ledger.c.key == key).values(**values)):
        raise LookupError(f"The ledger of {business} has no entry {key}: begin comes first")


def listing(conn: Connection, business: str, state: State, limit: int = 100) -> list[Entry]:
    """The entries in that state, newest first."""
    query = (
        select(*_ENTRY)
        .where(ledger.c.business == business, ledger.c.state == state)
        .order_by(ledger.c.started_at.desc(), ledger.c.key)
        .limit(limit)
    )
    return [_entry(row) for row in conn.execute(query)]


def entry(conn: Connection, business: str, key: str) -> Entry | None:
    """The effect of that key, or None when it was never begun."""
    row = conn.execute(select(*_ENTRY).where(ledger.c.business == business, ledger.c.key == key)).one_or_none()
    return None if row is None else _entry(row)


def of_run(conn: Connection, business: str, run: int) -> list[Entry]:
    """What one run set out to do, oldest first."""
    return _oldest_first(conn, ledger.c.business == business, ledger.c.run == run)


def since_run(conn: Connection, business: str, job: str, run: int) -> list[Entry]:
    """What later runs wrote for a job, or may have written, oldest first."""
    mine = (ledger.c.business == business, ledger.c.job == job, ledger.c.run > run)
    return _oldest_first(conn, *mine, ledger.c.state.in_(("done", "started", "uncertain")))


def _oldest_first(conn: Connection, *conditions: Any) -> list[Entry]:
    query = select(*_ENTRY).where(*conditions).order_by(ledger.c.run, ledger.c.started_at, ledger.c.key)
    return [_entry(row) for row in conn.execute(query)]


def about(conn: Connection, business: str, refs: Sequence[str], limit: int = 10) -> list[Entry]:
    """The last effects on the things of these ids at their providers, newest first."""
    query = (
        select(*_ENTRY)
        .where(ledger.c.business == business, ledger.c.ref.in_(refs))
        .order_by(ledger.c.started_at.desc(), ledger.c.key)
        .limit(limit)
    )
    return [_entry(row) for row in conn.execute(query)]


def by_run(conn: Connection, business: str, limit: int = 20) -> list[tuple[int, int]]:
    """(run, how many effects it had) of the last runs that wrote something, newest first."""
    query = (
        select(ledger.c.run, func.count())
        .where(ledger.c.business == business, ledger.c.state == "done", ledger.c.run.is_not(None))
        .group_by(ledger.c.run)
        .order_by(ledger.c.run.desc())
        .limit(limit)
    )
    return [(run, count) for run, count in conn.execute(query)]


def counts(conn: Connection, business: str) -> dict[str, int]:
    """How many entries there are, by state."""
    query = select(ledger.c.state, func.count()).where(ledger.c.business == business).group_by(ledger.c.state)
    return {row[0]: row[1] for row in conn.execute(query)}


def settle(conn: Connection, business: str, key: str, happened: bool, now: datetime) -> bool:
    """A person's answer to an uncertain entry: it happened (done), or it did not (forgotten, so that it is done again).

    False when the entry is not uncertain: nothing was changed.
    """
    asked = (ledger.c.business == business, ledger.c.key == key, ledger.c.state == "uncertain")
    if happened:
        return number(conn, update(ledger).where(*asked).values(state="done", error=None, finished_at=now)) == 1
    return number(conn, delete(ledger).where(*asked)) == 1


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._asdict())
