"""Numbers that a person enters by hand, week by week; and statements that never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, insert, select

from hub.core import codec
from hub.core.errors import ConfigError
from hub.core.types import Value
from hub.store.schema import entries, statements
from hub.store.sql import upsert


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What somebody said of `name` on a local day. A second word of the same day stands instead of the first."""

    name: str
    day: date
    value: Decimal
    by: str


def enter(conn: Connection, business: str, job: str, row: EntryRow, now: datetime) -> None:
    """Keep an entry."""
    values = {"business": business, "job": job, "name": row.name, "day": row.day.isoformat(), "by": row.by, "at": now}
    conn.execute(upsert(conn.dialect.name, entries, "value", "by", "at"), values | {"value": codec.dumps(row.value)})


def entered(conn: Connection, business: str, job: str) -> dict[str, list[EntryRow]]:
    """Name -> its entries, oldest first."""
    query = select(entries).where(entries.c.business == business, entries.c.job == job).order_by(entries.c.day)
    found: dict[str, list[EntryRow]] = {}
    for row in conn.execute(query):
        value = codec.loads(row.value)
        if not isinstance(value, Decimal):
            raise TypeError(f"The entry {row.name} of {row.day} is no number: {value!r}")
        found.setdefault(row.name, []).append(EntryRow(row.name, date.fromisoformat(row.day), value, row.by))
    return found


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement as it was made. `body`: all that it says."""

    number: str
    month: str
    body: Mapping[str, Value]
    at: datetime


def freeze(conn: Connection, business: str, job: str, row: StatementRow) -> None:
    """Keep a new statement for ever. ConfigError where its number is taken: what is stated is never written again."""
    if any(one.number == row.number for one in frozen(conn, business, job)):
        raise ConfigError(f"{business}: the statement {row.number} is made already and stays as it is.")
    values = {"business": business, "job": job, "number": row.number, "month": row.month, "at": row.at}
    conn.execute(insert(statements).values(**values, body=codec.dumps(row.body)))


def frozen(conn: Connection, business: str, job: str) -> list[StatementRow]:
    """Every statement of a job, oldest month first."""
    mine = (statements.c.business == business, statements.c.job == job)
    query = select(statements).where(*mine).order_by(statements.c.month, statements.c.number)
    return [_statement(row.number, row.month, codec.loads(row.body), row.at) for row in conn.execute(query)]


def _statement(number: str, month: str, body: Value, at: datetime) -> StatementRow:
    if not isinstance(body, Mapping):
        raise TypeError(f"The statement {number} says nothing that can be read")
    return StatementRow(number, month, body, at)
