"""/answer/{business}/{token}: what a reader of a mail answers to one line of it.

A GET only shows a page with a button, because filters open every address that stands in a mail. A POST keeps the
answer, durably and once; the worker plans at once and does what it says, like any other plan. The address is signed,
good for one answer and for 30 days (`hub.answer_token`); there is no cookie and no login.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from hub.answer_token import DECISIONS, Answer, read_answer
from hub.core.types import Record
from hub.engine.receivers import Configured, HubView
from hub.store import answers, jobs, journeys, mails, mirror, plans
from hub.store.answers import AnswerRow
from hub.store.database import Store
from hub.store.journeys import MarkRow
from hub.web import answer_pages as pages
from hub.web.answer_pages import Asked
from hub.web.page import wanted_language

PATH = "/answer/{business}/{token}"
MAX_FORM = 4_096
MAX_DISCARD = 1_000_000
"""Bytes of a form that are read; and, so that the answer is seen, of one that is too long before it is given up."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Form = Mapping[str, str]


async def _form(request: Request) -> Form | None:
    """The fields of a form; None for more than any form of ours sends."""
    body, size = b"", 0
    async for chunk in request.stream():
        size += len(chunk)
        body = body + chunk if size <= MAX_FORM else b""
        if size > MAX_DISCARD:
            break
    if size > MAX_FORM:
        return None
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
    except ValueError:
        return {}


def router(store: Store, hub: HubView, key: bytes, now: Callable[[], datetime]) -> APIRouter:
    """The two routes. `key`: the hub's own, with which `hub.answer_token` made the addresses."""
    routes = APIRouter()

    @routes.get(PATH, response_class=HTMLResponse, summary="The page of a link in a mail; it changes nothing")
    def ask(business: str, token: str, request: Request) -> Response:
        with store.read() as conn:
            asked = _asked(conn, hub, read_answer(key, business, token, now()), business, request, now())
            return asked if isinstance(asked, Response) else pages.ask(asked)

    @routes.post(PATH, response_class=HTMLResponse, summary="Answer a line of a mail; twice is once")
    def take(business: str, token: str, request: Request, form: Annotated[Form | None, Depends(_form)]) -> Response:
        if form is None:
            return pages.too_long(wanted_language(request))
        with store.write() as conn:
            asked = _asked(conn, hub, read_answer(key, business, token, now()), business, request, now())
            return asked if isinstance(asked, Response) else _take(conn, asked, form, now())

    return routes


def _asked(
    conn: Connection, hub: HubView, read: Answer | str, business: str, request: Request, now: datetime
) -> Asked | Response:
    """What a link asks, or the page that says why it is of no use."""
    configured = next((one for one in hub.businesses if one.business == business), None)
    if isinstance(read, str) or configured is None or read.job not in configured.jobs:
        return pages.refused(wanted_language(request), "expired" if read == "expired" else "wrong")
    readers = configured.readers(now)
    reader = readers.get(read.reader)
    if reader is None or reader.left:
        return pages.refused(wanted_language(request), "wrong")
    asked = Asked(
        answer=read,
        reader=reader,
        business=configured.title,
        tool="" if read.what == "tick" else _tool(configured, read),
        title=_title(conn, read),
        today=now.astimezone(reader.zone).date(),
        people={one.key: one.name for one in readers.values() if not one.left},
        plan=plans.get(conn, business, read.value) if read.what in DECISIONS else None,
    )
    given = answers.get(conn, business, read.id)
    if given is not None:
        return pages.used(asked, given)
    if read.what in DECISIONS:
        over = _plan_over(asked)
    else:
        over = _step_over(conn, read) if read.what == "tick" else _task_over(conn, read)
    return asked if over is None else pages.over(asked, over)


def _plan_over(asked: Asked) -> str | None:
    plan = asked.plan
    waits = plan is not None and plan.job == asked.answer.job and plan.decided_at is None
    return None if waits else "over_plan"


def _step_over(conn: Connection, answer: Answer) -> str | None:
    """Why a step of a journey waits for nobody any more."""
    journey, _, step = answer.task.partition("/")
    row = journeys.get(conn, answer.business, answer.job, journey)
    if row is None or row.state == "stopped":
        return "over_journey"
    said = journeys.marks_of(conn, answer.business, answer.job, journey).get(journey, ())
    return "over_step" if any(mark.what in ("tick", "skip") and mark.value == step for mark in said) else None


def _task_over(conn: Connection, answer: Answer) -> str | None:
    """Why there is nothing to say of a task any more, a phrase's name. What only a mapping can tell, the plan finds."""
    record = _record(conn, answer)
    if record is None or record.deleted or record.fields.get("archived"):
        return "over_task"
    return "over_done" if answer.what == "done" and record.fields.get("done") is True else None


def _record(conn: Connection, answer: Answer) -> Record | None:
    connection, stream, key = (*answer.task.split("/", 2), "", "")[:3]
    return mirror.get(conn, answer.business, connection, stream, key)


def _take(conn: Connection, asked: Asked, form: Form, now: datetime) -> Response:
    answer, what, value = asked.answer, asked.answer.what, ""
    if what == "snooze":
        until = _day(form.get("until", ""))
        if until is None or not asked.today < until <= asked.furthest:
            last = asked.day(asked.furthest)
            return pages.ask(asked, asked.say("not_day") if until is None else asked.say("not_ahead", last=last))
        value = until.isoformat()
    elif what == "reassign":
        value = form.get("to", "")
        if value not in asked.people:
            return pages.ask(asked, asked.say("not_person"))
    elif what in DECISIONS:
        chosen = next((each for each in DECISIONS if each == form.get("decision")), None)
        if chosen is None:
            return pages.ask(asked, asked.say("not_choice"))
        what, value = chosen, answer.value
    row = AnswerRow(
        id=answer.id,
        job=answer.job,
        reader=answer.reader,
        task=answer.task,
        due=answer.due,
        what=what,
        value=value,
        via="link",
        given_at=now,
    )
    if not answers.give(conn, answer.business, row):  # twice at the same moment
        before = answers.get(conn, answer.business, answer.id)
        return pages.used(asked, before or row)
    if what == "tick":
        journey, _, step = answer.task.partition("/")
        mark = MarkRow(job=answer.job, journey=journey, what="tick", at=now, value=step, by=asked.reader.name)
        journeys.mark(conn, answer.business, mark)
    jobs.dirty(conn, answer.business, [answer.job], now)
    return pages.noted(asked, row)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        return None


def _tool(configured: Configured, answer: Answer) -> str:
    connection = answer.task.partition("/")[0]
    return configured.connections.get(connection, connection).capitalize()


def _title(conn: Connection, answer: Answer) -> str:
    """The task as the mail called it."""
    for line in mails.lines_of(conn, answer.business, answer.mail):
        if line.get("task") == answer.task:
            return str(line.get("title") or "—")
    record = _record(conn, answer)
    return str(record.fields.get("title") or "—") if record is not None else "—"
