"""A plan that is held: the OBM gets one mail about it, and her answer is carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from hub.answer_token import Answer, answer_url
from hub.core.types import Letter
from hub.engine import post
from hub.engine.made import Made, Post
from hub.engine.runtime import Runtime
from hub.engine.saved import dropped, save
from hub.mapping.deadline_job import DeadlineJob, Sending
from hub.mapping.model import OBM
from hub.planning.alerts.letters import letter_of
from hub.planning.alerts.readers import reader_of
from hub.planning.alerts.types import Line, Mail, Reader
from hub.planning.plan import Action, Plan
from hub.store import answers, plans

LINK = "https://hub.invalid/decide"
"""Where the address stands in the plan that acts for the OBM; it is made when the mail goes out."""


def decision(runtime: Runtime, plan: Plan) -> tuple[str, Literal["apply", "drop"] | None]:
    """The id of a plan that is held, and what a person has decided on it."""
    if (before := dropped(runtime, plan)) is not None:
        return before, "drop"
    plan_id = save(runtime, plan)
    if _decided(runtime, plan.job, plan_id):
        return plan_id, "apply"
    return plan_id, None if dropped(runtime, plan) is None else "drop"


def leave_unsaid(runtime: Runtime, made: Made) -> None:
    """A person decided against these mails: what they would have said is not to be asked about again tomorrow."""
    if made.post is not None and made.post.unsaid is not None:
        with runtime.store.write() as conn:
            made.post.unsaid(conn)


def _decided(runtime: Runtime, job: str, plan_id: str) -> bool:
    """Whether the OBM has said yes to that plan in answer to a mail. A no drops it here.

    The answer is settled: should the same plan be held once more, it is asked about once more.
    """
    now = runtime.now()
    with runtime.store.write() as conn:
        for answer in answers.waiting(conn, runtime.key, job):
            if answer.what not in ("apply", "drop") or answer.value != plan_id:
                continue
            answers.settle(conn, runtime.key, answer.id, "done", None, now)
            if answer.what == "drop":
                plans.set_state(conn, plan_id, "dropped", "dropped in answer to a mail", now)
            return answer.what == "apply"
    return False


def tell_held(runtime: Runtime, plan: Plan, plan_id: str, run: int) -> None:
    """One mail about a plan that waits, at a decent hour. The morning brief names the plan too, whatever the hour."""
    connection, reader, now = runtime.mail, _obm(runtime), runtime.now()
    if connection is None or reader is None or not _is_open(reader, now):
        return
    key, today = f"held/{plan_id}", now.astimezone(reader.zone).date()
    mail = Mail(
        key=key,
        kind="held",
        to=reader,
        day=today,
        about=plan.held or "",
        more=sum(action.kind == "send" for action in plan.actions),
        url=None if runtime.web is None else LINK,
    )
    written = letter_of(mail, runtime.business, runtime.texts, _no_link)
    parts = {"subject": written.subject, "body": written.body, "language": reader.language}
    action = post.action_of(key, reader.address or "", parts, plan.held or "", name=reader.name)
    how = Post(
        connection=connection,
        letter=partial(_letter, runtime, plan.job, plan_id, today),
        begun=partial(_begun, plan.job, runtime, today),
    )
    sent = post.send(runtime, how, plan.job, action, run)
    if sent.error is not None:
        post.log.error("%s: %s could not be told that plan %s waits: %s", runtime.key, reader.name, plan_id, sent.error)


def _obm(runtime: Runtime) -> Reader | None:
    """Who decides; None where nobody can be told."""
    person = runtime.business.people.get(OBM)
    if person is None or not person.email:
        return None
    sending = next((job.sending for job in runtime.jobs.values() if isinstance(job, DeadlineJob)), Sending())
    reader = reader_of(OBM, person, runtime.business, sending, runtime.now())
    return None if reader.left else reader


def _is_open(reader: Reader, now: datetime) -> bool:
    local = now.astimezone(reader.zone)
    return reader.calendar.works(local.date()) and reader.hours[0] <= local.time() <= reader.hours[1]


def _no_link(_line: Line, _what: str) -> None:
    """It is about no task."""


def _letter(runtime: Runtime, job: str, plan_id: str, today: date, action: Action) -> Letter:
    """The letter, its link made into the address that acts for the OBM."""
    letter, web = post.letter_of(runtime, action), runtime.web
    if web is None:
        return letter
    answer = Answer(business=runtime.key, job=job, reader=OBM, what="apply", mail=action.key, day=today, value=plan_id)
    return replace(letter, body=letter.body.replace(LINK, answer_url(web.url, web.key(), answer)))


def _begun(job: str, runtime: Runtime, today: date, conn: Connection, action: Action) -> None:
    post.note_begun(conn, runtime, action, job=job, reader=OBM, kind="held", day=today)
