"""Replies to the mails of a job: what they say is done, and what is for a person to read.

A reply is known by the word in the address that it came to, or, where that was lost on the way, by the Message-ID that
it answers. It is read from the mirror like any record; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hub.answer_token import mails_by_token
from hub.core.types import Record, Value
from hub.engine.post import message_id
from hub.planning.alerts.replies import NotUnderstood, Understood, understand
from hub.planning.alerts.types import Mail, Reader
from hub.planning.history import Mirror
from hub.store import answers, mails
from hub.store.answers import AnswerRow
from hub.store.mails import MailRow

KEPT = timedelta(days=60)
"""For so long a mail can be answered by a reply."""
ANSWERED = ("digest", "mail", "list")
"""Kinds of mail that can be. An answer to a forwarded reply, or to a plan's mail, is between people."""


@dataclass(frozen=True, slots=True)
class Replies:
    """`answers` are to be kept, `forwards` to be sent to a person. `notes`: what could not be forwarded."""

    answers: tuple[AnswerRow, ...] = ()
    forwards: tuple[Mail, ...] = ()
    notes: tuple[str, ...] = ()


def take_replies(
    conn: Connection, business: str, job: str, mirror: Mirror, key: bytes, to: Reader | None, now: datetime
) -> Replies:
    """The replies that were not taken before. `key`: the hub's own; `to`: who reads what is not understood."""
    said = [(record, text) for record, text in _answering(mirror, now - KEPT)]
    if not said:
        return Replies()
    rows = mails.since(conn, business, now - KEPT, job)
    taken = {row.key for row in rows} | {id_.rpartition("#")[0] for id_ in answers.given(conn, business, job)}
    by_word = _by_word(business, key, [row for row in rows if row.kind in ANSWERED])
    given: list[AnswerRow] = []
    forwards: list[Mail] = []
    lost = 0
    for record, text in said:
        mail = by_word.get(_word(text))
        if mail is None or record.key in taken or forward_key(job, record.key) in taken:
            continue
        taken.add(record.key)
        read = understand(record.fields, mail.address, [bool(line.get("task")) for line in mail.lines])
        if isinstance(read, Understood):
            given += _answers(job, record, mail, read.done, now)
        elif isinstance(read, NotUnderstood) and to is not None and to.address:
            forwards.append(_forward(job, record, mail, read, to, now))
        elif read is not None:
            lost += 1
    notes = (f"{lost} replies are not understood, and there is nobody with an address to forward them to",)
    return Replies(tuple(given), tuple(forwards), notes if lost else ())


def bounced(business: str, mirror: Mirror, rows: Iterable[MailRow]) -> frozenset[str]:
    """The addresses, in lower case, that these mails could not be delivered to for good.

    Only what came back to a mail of ours counts: anybody can write that somebody's address is dead.
    """
    ours = {message_id(business, row.key): row.address.strip().casefold() for row in rows}
    found = set()
    for connection in sorted({where for where, _ in mirror.kinds}):
        for record in mirror.of(connection, "message"):
            bounce = record.fields.get("bounce")
            if isinstance(bounce, Mapping) and bounce.get("permanent") is True:
                found.add(ours.get(_word(str(bounce.get("message_id") or ""))))
    return frozenset(address for address in found if address is not None)


def forward_key(job: str, message: str) -> str:
    """The ledger key of the mail that passes a reply on."""
    return f"{job}/forward/{message}"


def _answering(mirror: Mirror, since: datetime) -> Iterator[tuple[Record, str]]:
    """Each message that answers something, once, with what it names."""
    seen: set[str] = set()
    for connection in sorted({where for where, _ in mirror.kinds}):
        for record in mirror.of(connection, "message"):
            named, at = record.fields.get("answers_to"), record.fields.get("at")
            if isinstance(named, str) and isinstance(at, datetime) and at >= since and record.key not in seen:
                seen.add(record.key)
                yield record, named


def _by_word(business: str, key: bytes, rows: Sequence[MailRow]) -> Mapping[str, MailRow]:
    by_key = {row.key: row for row in rows}
    words = mails_by_token(key, business, by_key)
    return {word: by_key[mail] for word, mail in words.items()} | {message_id(business, row.key): row for row in rows}


def _word(named: str) -> str:
    """A word of ours as it is, of a Message-ID the part before the @."""
    return named.strip().removeprefix("<").partition("@")[0].lower()


def _answers(job: str, record: Record, mail: MailRow, done: Iterable[int], now: datetime) -> Iterator[AnswerRow]:
    for number in done:
        line = mail.lines[number - 1]
        yield AnswerRow(
            id=f"{record.key}#{number}",
            job=job,
            reader=mail.reader,
            task=str(line["task"]),
            due=str(line.get("due") or "-"),
            what="done",
            value="",
            via="reply",
            given_at=now,
        )


def _forward(job: str, record: Record, mail: MailRow, read: NotUnderstood, to: Reader, now: datetime) -> Mail:
    return Mail(
        key=forward_key(job, record.key),
        kind="forward",
        to=to,
        day=now.astimezone(to.zone).date(),
        about=mail.subject,
        quoted=read.text,
        sender=_sender(record.fields.get("from"), whole=read.stranger),
        reply_to=_address(record.fields.get("from")),
    )


def _address(who: Value) -> str | None:
    """Where an answer to the forwarded words goes: to who wrote them."""
    address = who.get("email") if isinstance(who, Mapping) else None
    return str(address) if address else None


def _sender(who: Value, *, whole: bool) -> str:
    """Her name; with her address, where the mail did not go to it."""
    said = who if isinstance(who, Mapping) else {}
    name, address = (str(said.get(part) or "") for part in ("name", "email"))
    if name and address and whole:
        return f"{name} ({address})"
    return name or address
