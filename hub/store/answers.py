"""Answers: what readers of mails said of a task or a plan, by a link or a reply, each taken once.

An answer that changes something outside waits until a plan has done it. What only the hub remembers (snoozed, not mine)
is settled as soon as it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, select, update

from hub.store.schema import answers
from hub.store.sql import upsert

What: TypeAlias = Literal["done", "snooze", "reassign", "not_mine", "apply", "drop", "tick"]
Via: TypeAlias = Literal["link", "reply"]
State: TypeAlias = Literal["waiting", "done", "refused"]

REMEMBERED: tuple[What, ...] = ("snooze", "not_mine", "tick")
"""Answers that only the planner reads; there is nothing to carry out. A tick is a mark of its journey besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer. `id`: the link's one-time id, or the id of the reply and the number of the line.

    `task`: its id, "" for a plan, "journey/step" for a tick. `due`: its due value as the mail said it, "-" for none.
    `value`: the day on which a snooze ends, the short name of whom it is reassigned to, or the id of a plan. `note`:
    why it came to nothing, or how it was found to be so already.
    """

    id: str
    job: str
    reader: str
    task: str
    due: str
    what: What
    value: str
    via: Via
    given_at: datetime
    state: State = "waiting"
    note: str | None = None
    settled_at: datetime | None = None


_COLUMNS = tuple(answers.c[name] for name in AnswerRow.__slots__)


def give(conn: Connection, business: str, answer: AnswerRow) -> bool:
    """Keep an answer; False, and nothing changes, when one of that id was given before."""
    row = {name: getattr(answer, name) for name in AnswerRow.__slots__}
    if answer.what in REMEMBERED:
        row |= {"state": "done", "settled_at": answer.given_at}
    statement = upsert(conn.dialect.name, answers).returning(answers.c.id)
    return conn.execute(statement, row | {"business": business}).first() is not None


def get(conn: Connection, business: str, id: str) -> AnswerRow | None:  # noqa: A002
    """The answer of that id, or None."""
    query = select(*_COLUMNS).where(answers.c.business == business, answers.c.id == id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _row(row)


def given(conn: Connection, business: str, job: str) -> frozenset[str]:
    """The id of every answer of a job that came by a reply."""
    mine = (answers.c.business == business, answers.c.job == job, answers.c.via == "reply")
    return frozenset(conn.execute(select(answers.c.id).where(*mine)).scalars())


def waiting(conn: Connection, business: str, job: str) -> list[AnswerRow]:
    """What a plan of the job is still to do, oldest first."""
    mine = (answers.c.business == business, answers.c.job == job, answers.c.state == "waiting")
    return [_row(row) for row in conn.execute(select(*_COLUMNS).where(*mine).order_by(*_OLDEST_FIRST))]


def settle(conn: Connection, business: str, id: str, state: State, note: str | None, now: datetime) -> None:  # noqa: A002
    """What became of an answer that waited. One that is settled stays as it is."""
    mine = (answers.c.business == business, answers.c.id == id, answers.c.state == "waiting")
    conn.execute(update(answers).where(*mine).values(state=state, note=note, settled_at=now))


def snoozes(conn: Connection, business: str, job: str) -> dict[tuple[str, str], tuple[date, str]]:
    """(task, reader) -> (until that day, the due value for which it holds): the last one that each reader gave."""
    found = _of(conn, business, job, "snooze")
    return {(each.task, each.reader): (date.fromisoformat(each.value), each.due) for each in found}


def not_mine(conn: Connection, business: str, job: str) -> frozenset[tuple[str, str, str]]:
    """(task, reader, due value) of what readers said is not theirs."""
    return frozenset((each.task, each.reader, each.due) for each in _of(conn, business, job, "not_mine"))


def about(conn: Connection, business: str, task: str) -> list[AnswerRow]:
    """Every answer about a task, oldest first; for `hub why`."""
    query = select(*_COLUMNS).where(answers.c.business == business, answers.c.task == task)
    return [_row(row) for row in conn.execute(query.order_by(*_OLDEST_FIRST))]


def listing(conn: Connection, business: str, *, job: str | None = None, limit: int = 50) -> list[AnswerRow]:
    """The last answers of a business, or of one job, newest first."""
    query = select(*_COLUMNS).where(answers.c.business == business)
    if job is not None:
        query = query.where(answers.c.job == job)
    return [_row(row) for row in conn.execute(query.order_by(answers.c.given_at.desc(), answers.c.id).limit(limit))]


_OLDEST_FIRST = (answers.c.given_at, answers.c.id)


def _of(conn: Connection, business: str, job: str, what: What) -> list[AnswerRow]:
    mine = (answers.c.business == business, answers.c.job == job, answers.c.what == what)
    return [_row(row) for row in conn.execute(select(*_COLUMNS).where(*mine).order_by(*_OLDEST_FIRST))]


def _row(row: Sequence[object]) -> AnswerRow:
    values: Mapping[str, object] = dict(zip(AnswerRow.__slots__, row, strict=True))
    return AnswerRow(**values)  # type: ignore[arg-type]
