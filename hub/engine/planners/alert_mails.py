"""The mails of deadline alerts as actions, and as the letters that go out.

A plan holds no address that acts for somebody: it is shown, saved and kept. Where a link stands, it names only the line
and what the link does; the signed address is made when the mail goes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import cast

from sqlalchemy import Connection

from hub.answer_token import Answer, What, answer_url, reply_token
from hub.core.types import Letter, Value
from hub.engine import post
from hub.engine.made import Post
from hub.engine.runtime import Runtime
from hub.planning.alerts.letters import letter_of
from hub.planning.alerts.steps import due_text
from hub.planning.alerts.types import Line, Mail
from hub.planning.plan import Action
from hub.planning.words import say
from hub.store import mails

BEGUN = "begun"
"""The alert that counts as said once the job has run for the first time."""


def action_of(runtime: Runtime, mail: Mail) -> Action:
    """The action that sends a mail: its words, with links that are only names yet."""
    places = {id(line): number for number, line in enumerate(mail.lines, 1)}

    def link(line: Line | None, what: str) -> str | None:
        if runtime.web is None or line is None or line.task is None:
            return None
        return f"{_place(mail)}{what}/{places[id(line)]}"

    written = letter_of(mail, runtime.business, runtime.texts, link, replies=runtime.hears_answers)
    parts: dict[str, Value] = {"subject": written.subject, "body": written.body, "language": mail.to.language}
    if mail.reply_to is not None:
        parts["reply_to"] = mail.reply_to
    if runtime.ears is not None and runtime.hears_answers and mail.lines:
        parts["reply_token"] = reply_token(runtime.ears.key(), runtime.key, mail.key)
    why = say(runtime.business.language, f"mail_{mail.kind}", n=len(mail.lines) + mail.more)
    return post.action_of(mail.key, mail.to.address or "", parts, why, name=mail.to.name)


def _place(mail: Mail) -> str:
    """Where the links of that mail lead while it is only planned. Nothing that people write is like it."""
    return f"https://hub.invalid/{sha256(mail.key.encode()).hexdigest()[:16]}/"


def post_of(runtime: Runtime, job: str, connection: str, sends: Mapping[str, Mail]) -> Post:
    """How those mails go out, by their ledger keys."""
    return Post(
        connection=connection,
        letter=partial(_letter, runtime, job, sends),
        begun=partial(_begun, runtime, job, sends),
        unsaid=partial(_unsaid, runtime, job, sends),
    )


def _letter(runtime: Runtime, job: str, sends: Mapping[str, Mail], action: Action) -> Letter:
    """The letter, its links made into addresses that act for its reader."""
    letter, mail, web = post.letter_of(runtime, action), sends[action.key], runtime.web
    if web is None:
        return letter

    def address(found: re.Match[str]) -> str:
        task = mail.lines[int(found[2]) - 1].task
        answer = Answer(
            business=runtime.key,
            job=job,
            reader=mail.to.key,
            what=cast("What", found[1]),
            mail=mail.key,
            day=mail.day,
            task="" if task is None else task.id,
            due=due_text(None if task is None else task.due),
        )
        return answer_url(web.url, web.key(), answer)

    written = re.compile(rf"{re.escape(_place(mail))}(done|snooze|reassign|not_mine)/([0-9]+)")
    return replace(letter, body=written.sub(address, letter.body))


def _begun(runtime: Runtime, job: str, sends: Mapping[str, Mail], conn: Connection, action: Action) -> None:
    """What the mail is about to say, in the transaction that begins it."""
    mail = sends[action.key]
    lines = tuple(
        {
            "task": "" if line.task is None else line.task.id,
            "due": due_text(None if line.task is None else line.task.due),
            "step": line.step,
            "title": line.about if line.task is None else line.task.title,
        }
        for line in mail.lines
    )
    reader, covers = mail.to.key, _covers(mail)
    post.note_begun(
        conn, runtime, action, job=job, reader=reader, kind=mail.kind, day=mail.day, lines=lines, covers=covers
    )


def _unsaid(runtime: Runtime, job: str, sends: Mapping[str, Mail], conn: Connection) -> None:
    """What these mails would have said counts as said, without a mail."""
    covers = [key for mail in sends.values() for key in _covers(mail)]
    mails.quiet(conn, runtime.key, job, covers, runtime.now())


def _covers(mail: Mail) -> tuple[str, ...]:
    """The alerts that it says. The list of the first run ends it, if it goes out."""
    return (*mail.covers, BEGUN) if mail.kind == "list" else mail.covers
