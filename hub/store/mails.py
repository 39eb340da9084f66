"""Mails: which went to whom about what, the alerts that they said, and the slots that the schedule opened.

A mail's own state is in the ledger, under the same key: done, started, uncertain, or failed, which said nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from hub.core import codec
from hub.core.types import Value
from hub.store.ledger import State
from hub.store.schema import ledger, mails, refused, rounds, said
from hub.store.sql import upsert

QUIET = ""
"""The mail of an alert that counts as said although no mail said it."""

WENT = ("started", "done", "uncertain")
"""States of the ledger in which a mail went out, or may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """One mail. `day`: the local day of its slot. `lines`: what it said, in order, as the job keeps it."""

    key: str
    job: str
    reader: str
    kind: str
    day: str
    address: str
    subject: str
    lines: tuple[Mapping[str, Value], ...]
    at: datetime
    state: State


def begin(
    conn: Connection,
    business: str,
    mail: MailRow,
    covers: Iterable[str],
) -> None:
    """Note, in the transaction that begins it in the ledger, what a mail is about to say."""
    row = {
        "business": business,
        "key": mail.key,
        "job": mail.job,
        "reader": mail.reader,
        "kind": mail.kind,
        "day": mail.day,
        "address": mail.address,
        "subject": mail.subject,
        "lines": codec.dumps(mail.lines),
        "at": mail.at,
    }
    conn.execute(upsert(conn.dialect.name, mails, "day", "address", "subject", "lines", "at"), [row])
    _say(conn, business, mail.job, covers, mail.key, mail.at)


def quiet(conn: Connection, business: str, job: str, keys: Iterable[str], now: datetime) -> None:
    """Count these alerts as said, without a mail."""
    _say(conn, business, job, keys, QUIET, now)


def _say(conn: Connection, business: str, job: str, keys: Iterable[str], mail: str, now: datetime) -> None:
    rows = [{"business": business, "job": job, "key": key, "mail": mail, "at": now} for key in sorted(set(keys))]
    if rows:
        conn.execute(upsert(conn.dialect.name, said, "mail", "at"), rows)


def said_by(conn: Connection, business: str, job: str) -> frozenset[str]:
    """The alerts of a job that were said, or may have been."""
    in_ledger = and_(ledger.c.business == said.c.business, ledger.c.key == said.c.mail)
    query = (
        select(said.c.key)
        .outerjoin(ledger, in_ledger)
        .where(said.c.business == business, said.c.job == job, or_(said.c.mail == QUIET, ledger.c.state.in_(WENT)))
    )
    return frozenset(conn.execute(query).scalars())


def mail_of(conn: Connection, business: str, job: str, key: str) -> tuple[str, datetime] | None:
    """The ledger key of the mail that said an alert ("": quietly), and when; None when none did."""
    query = select(said.c.mail, said.c.at).where(said.c.business == business, said.c.job == job, said.c.key == key)
    row = conn.execute(query).one_or_none()
    return None if row is None else (row.mail, row.at)


def since(conn: Connection, business: str, at: datetime, job: str | None = None) -> Sequence[MailRow]:
    """The mails of a business, or of one job, that went out from that instant on or may have, oldest first."""
    in_ledger = and_(ledger.c.business == mails.c.business, ledger.c.key == mails.c.key)
    mine = (mails.c.business == business, mails.c.at >= at, ledger.c.state.in_(WENT))
    query = select(mails, ledger.c.state).join(ledger, in_ledger).where(*mine).order_by(mails.c.at, mails.c.key)
    if job is not None:
        query = query.where(mails.c.job == job)
    return [
        MailRow(
            key=row.key,
            job=row.job,
            reader=row.reader,
            kind=row.kind,
            day=row.day,
            address=row.address,
            subject=row.subject,
            lines=_lines(row.lines),
            at=row.at,
            state=row.state,
        )
        for row in conn.execute(query)
    ]


def lines_of(conn: Connection, business: str, key: str) -> tuple[Mapping[str, Value], ...]:
    """What the mail of that key said, in order; () when there is none."""
    query = select(mails.c.lines).where(mails.c.business == business, mails.c.key == key)
    text = conn.execute(query).scalar_one_or_none()
    return () if text is None else _lines(text)


def reader_of(conn: Connection, business: str, key: str) -> tuple[str, str, str] | None:
    """(job, reader, address) of the mail of that key; None when there is none."""
    query = select(mails.c.job, mails.c.reader, mails.c.address).where(mails.c.business == business, mails.c.key == key)
    row = conn.execute(query).one_or_none()
    return None if row is None else (row.job, row.reader, row.address)


def _lines(text: str) -> tuple[Mapping[str, Value], ...]:
    lines = codec.loads(text)
    return tuple(line for line in lines if isinstance(line, Mapping)) if isinstance(lines, tuple) else ()


def open_round(conn: Connection, business: str, at: datetime) -> None:
    """The slots of mails up to that instant are open. An earlier instant changes nothing."""
    conn.execute(upsert(conn.dialect.name, rounds), [{"business": business, "at": at}])
    conn.execute(update(rounds).where(rounds.c.business == business, rounds.c.at < at).values(at=at))


def round_of(conn: Connection, business: str) -> datetime | None:
    """Up to when slots are open; None: never opened."""
    return conn.execute(select(rounds.c.at).where(rounds.c.business == business)).scalar_one_or_none()


def refuse(conn: Connection, business: str, address: str, why: str, now: datetime) -> None:
    """A mail server refused that address for good. Twice is once."""
    row = {"business": business, "address": address.strip().casefold(), "why": why, "at": now}
    conn.execute(upsert(conn.dialect.name, refused), [row])


def refusals(conn: Connection, business: str) -> Mapping[str, str]:
    """Refused address, in lower case -> why."""
    query = select(refused.c.address, refused.c.why).where(refused.c.business == business)
    return {row.address: row.why for row in conn.execute(query)}
