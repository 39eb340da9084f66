"""Mails: each goes out once, or is uncertain and shown (R4).

One mail at a time: its row in the ledger and what it says are committed, then it is handed to the server. Nobody can
ask a mail server afterwards whether a mail went out: what was cut short in between is never sent again by itself.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from sqlalchemy import Connection

from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.types import Letter, Value
from hub.engine.made import Post
from hub.engine.runtime import Runtime
from hub.planning.inverse import summary
from hub.planning.plan import MAIL, Action, FieldChange
from hub.store import connections, ledger, mails
from hub.store.mails import MailRow

log = logging.getLogger("hub.post")

CUT_SHORT = {
    "send": "the hub was stopped while it was handing over this mail; nobody can tell whether it went out",
    "link": "the hub was stopped while this link was made; nobody can tell whether it was",
}
"""Kind of an effect of which nobody can be asked afterwards -> why it is uncertain."""
UNSEEN = frozenset(CUT_SHORT)


@dataclass(slots=True)
class Delivered:
    """What became of one mail. `error` None: it went out, or had gone out before (`skipped`)."""

    skipped: bool = False
    error: HubError | None = None


def send(runtime: Runtime, post: Post, job: str, action: Action, run: int | None) -> Delivered:
    """Send one mail, unless the ledger says that it went out or may have."""
    business, now = runtime.key, runtime.now()
    letter = post.letter(action)
    with runtime.store.write() as conn:
        text = summary(action)
        entry = ledger.begin(conn, business, action.key, job=job, kind="send", summary=text, run=run, now=now)
        if entry.state == "started":
            ledger.uncertain(conn, business, action.key, CUT_SHORT["send"], now)
        if entry.state not in ("new", "failed"):
            return Delivered(skipped=True)
        post.begun(conn, action)
    error: HubError | None = None
    try:
        runtime.messenger(post.connection).send(letter)
    except HubError as failure:
        error = failure
    _note(runtime, post.connection, action, letter, error)
    return Delivered(error=error)


def _note(runtime: Runtime, connection: str, action: Action, letter: Letter, error: HubError | None) -> None:
    business, now = runtime.key, runtime.now()
    with runtime.store.write() as conn:
        if error is None:
            ledger.done(conn, business, action.key, letter.message_id, now)
            connections.ok(conn, business, connection, now)
            return
        if isinstance(error, TransientError) and error.uncertain:
            ledger.uncertain(conn, business, action.key, str(error), now)
            log.error("%s: whether the mail to %s went out is uncertain: %s", business, letter.to_name, error)
            return
        ledger.failed(conn, business, action.key, str(error), now)
        if isinstance(error, RecordError):
            mails.refuse(conn, business, letter.to, str(error), now)
        if isinstance(error, ConfigError) and connections.pause(conn, business, connection, str(error), now):
            log.error("%s: %s is paused: %s", business, connection, error)


def note_begun(
    conn: Connection,
    runtime: Runtime,
    action: Action,
    *,
    job: str,
    reader: str,
    kind: str,
    day: date,
    lines: tuple[Mapping[str, Value], ...] = (),
    covers: Iterable[str] = (),
) -> None:
    """Keep a mail among the others, with what it says, in the transaction that begins it in the ledger."""
    row = MailRow(
        key=action.key,
        job=job,
        reader=reader,
        kind=kind,
        day=day.isoformat(),
        address=action.row,
        subject=str(action.values["subject"]),
        lines=lines,
        at=runtime.now(),
        state="started",
    )
    mails.begin(conn, runtime.key, row, covers)


def look(runtime: Runtime) -> None:
    """Log in at the mail server of a business that only sends, so that its silence is not taken for death (R10)."""
    mail = runtime.mail
    if mail is None or mail in runtime.sources():
        return
    try:
        runtime.messenger(mail).check()
    except HubError as error:
        log.error("%s: no mail can be sent: %s", runtime.key, error)
        if isinstance(error, ConfigError):
            with runtime.store.write() as conn:
                connections.pause(conn, runtime.key, mail, str(error), runtime.now())
        return
    with runtime.store.write() as conn:
        connections.ok(conn, runtime.key, mail, runtime.now())


def stops(error: HubError) -> bool:
    """Whether no further mail can go out now: the server is away, or refuses us. One recipient's trouble is hers."""
    return not isinstance(error, RecordError) and not (isinstance(error, TransientError) and error.uncertain)


def settle_cut_short(runtime: Runtime, job: str) -> int:
    """Mails and links of a job that were begun and never noted are uncertain; how many. For who holds the job only."""
    with runtime.store.write() as conn:
        cut = [each for each in ledger.listing(conn, runtime.key, "started") if each.job == job and each.kind in UNSEEN]
        for entry in cut:
            ledger.uncertain(conn, runtime.key, entry.key, CUT_SHORT[entry.kind], runtime.now())
    return len(cut)


def action_of(key: str, to: str, parts: Mapping[str, Value], why: str, *, name: str | None = None) -> Action:
    """The action that sends a mail. `parts`: of `PARTS`, what the letter is made of; `name`: whose address it is."""
    changes = tuple(FieldChange(part, None, parts[part]) for part in PARTS if parts.get(part) is not None)
    return Action(key=key, kind="send", collection=MAIL, row=to, ref=None, changes=changes, why=why, title=name)


PARTS = ("subject", "body", "language", "reply_to", "reply_token", "answers_to", "unsubscribe")
"""What a mail's action says, beside its recipient."""


def letter_of(runtime: Runtime, action: Action) -> Letter:
    """The letter of an action that `action_of` made. The same mail has the same id, however often it is begun."""
    said = action.values
    return Letter(
        message_id=message_id(runtime.key, action.key),
        to=action.row,
        to_name=action.title,
        subject=str(said["subject"]),
        body=str(said["body"]),
        language=cast("Literal['fr', 'en']", said["language"]),
        at=runtime.now(),
        reply_to=_text(said.get("reply_to")),
        reply_token=_text(said.get("reply_token")),
        answers_to=_text(said.get("answers_to")),
        unsubscribe=_text(said.get("unsubscribe")),
    )


def message_id(business: str, key: str) -> str:
    """The part before the @ of the Message-ID of the mail of that ledger key."""
    return hashlib.sha256(f"{business}/{key}".encode()).hexdigest()[:32]


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
