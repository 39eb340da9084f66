"""The morning brief: due once on each of the OBM's working days, written from what is known at that moment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import Connection

from hub.answer_token import Answer, answer_url
from hub.core.types import Letter, Ref, Row
from hub.engine import post
from hub.engine.brief import DECIDE, KIND, gather, reader_of
from hub.engine.made import Made, Post
from hub.engine.runtime import Runtime
from hub.mapping.jobs import BriefJob
from hub.mapping.model import OBM
from hub.planning.alerts.letters import Written
from hub.planning.alerts.types import Reader
from hub.planning.brief import brief_of
from hub.planning.brief_words import say
from hub.planning.plan import MAIL, Action, KnownCollection, Plan
from hub.planning.words import instant
from hub.store import ledger, mails

LOOK_BACK = timedelta(days=31)
"""How far back the last brief is looked for; without one, mails and gaps are told from the day before on."""

_TO_DECIDE = re.compile(re.escape(DECIDE) + r"([^/\s()]+)/([^/\s()]+)/([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class _Moment:
    """What decides whether today's brief is due. `why_not`: why not, in words; None: it is."""

    reader: Reader
    day: date
    slot: datetime
    since: datetime
    why_not: str | None


def make(runtime: Runtime, job: BriefJob, notes: Sequence[str]) -> Made:
    """The mail of today, when it is due and did not go out yet; else nothing. Never held."""
    now = runtime.now()
    moment = _moment(runtime, job, now)
    actions: tuple[Action, ...] = ()
    if moment.why_not is None:
        written = _written(runtime, job, moment)
        parts = {"subject": written.subject, "body": written.body, "language": moment.reader.language}
        key, reader = key_of(job, moment.day), moment.reader
        why = say(reader.language, "why", day=moment.day.isoformat())
        actions = (post.action_of(key, reader.address or job.address, parts, why, name=reader.name),)
    return Made(
        plan=Plan(business=runtime.key, job=job.name, at=now, actions=actions, notes=tuple(notes)),
        # All that there is to know of a mailbox is in the ledger: there is nothing to be looked for.
        known={MAIL: KnownCollection(ref=None, rows={})},
        homes={},
        row=_no_row,
        remember=_nothing_to_remember,
        settle=_nothing_to_settle,
        post=Post(
            connection=job.connection,
            letter=partial(_letter, runtime, moment.day),
            begun=partial(_begun, runtime, job, moment),
        ),
    )


def look(runtime: Runtime, job: BriefJob, made: Made) -> Sequence[str]:
    """There is no target. When today's brief is not due: why, when the next one goes, and what it would say now."""
    if made.plan.actions:
        return ()
    moment = _moment(runtime, job, runtime.now())
    if moment.why_not is None or moment.reader.left:
        return () if moment.why_not is None else (moment.why_not,)
    written = _written(runtime, job, moment)
    language = moment.reader.language
    following = instant(_next_slot(job, moment, runtime.now()), moment.reader.zone, language)
    body = (line for line in written.body.splitlines() if line)
    return (moment.why_not, say(language, "next", when=following, subject=written.subject), *body)


def key_of(job: BriefJob, day: date) -> str:
    """The ledger key of the brief of that OBM and day."""
    return f"brief/{hashlib.sha256(job.address.encode()).hexdigest()[:12]}/{day.isoformat()}"


def slot_of(job: BriefJob, reader: Reader, day: date) -> datetime:
    """The instant from which the brief of a day may go out: the schedule opens it."""
    return datetime.combine(day, time.fromisoformat(job.at), reader.zone).astimezone(UTC)


def _moment(runtime: Runtime, job: BriefJob, now: datetime) -> _Moment:
    reader = reader_of(runtime, now)
    local = now.astimezone(reader.zone)
    day = local.date()
    key, slot = key_of(job, day), slot_of(job, reader, day)
    with runtime.store.read() as conn:
        opened = mails.round_of(conn, runtime.key)
        # Her home may have been another business this morning.
        entries = [ledger.entry(conn, business, key) for business, _ in job.businesses]
        refused = mails.refusals(conn, runtime.key)
        since = _since(conn, job, day, now, reader)
    states = {entry.state for entry in entries if entry is not None}
    end = max(reader.hours[1], time.fromisoformat(job.at))
    word = None
    if reader.left:
        word = "left"
    elif not reader.calendar.works(day):
        word = "day_off"
    elif states & {"started", "done", "uncertain"}:
        word = "gone"
    elif "failed" in states and job.address in refused:
        word = "refused"
    elif slot > now or opened is None or slot > opened:
        word = "not_yet"
    elif local.time() > end and reader.hours[1] > time.fromisoformat(job.at):
        word = "too_late"
    why = None if word is None else say(reader.language, f"not_{word}", who=reader.name)
    return _Moment(reader, day, slot, since, why)


def _since(conn: Connection, job: BriefJob, day: date, now: datetime, reader: Reader) -> datetime:
    """When the last brief of an earlier day went out, or may have; else midnight of the day before."""
    begin = key_of(job, day).rpartition("/")[0] + "/"
    sent = [
        mail.at
        for business, _ in job.businesses
        for mail in mails.since(conn, business, now - LOOK_BACK, job.name)
        if mail.kind == KIND and mail.key.startswith(begin) and mail.day < day.isoformat()
    ]
    return max(sent, default=datetime.combine(day - timedelta(days=1), time(), reader.zone).astimezone(UTC))


def _next_slot(job: BriefJob, moment: _Moment, now: datetime) -> datetime:
    day = moment.day if moment.slot > now else moment.day + timedelta(days=1)
    return slot_of(job, moment.reader, moment.reader.calendar.next_open(day))


def _written(runtime: Runtime, job: BriefJob, moment: _Moment) -> Written:
    facts, strays = gather(runtime, job, moment.reader, moment.since)
    return brief_of(facts, moment.reader, moment.day, moment.since, strays)


def _letter(runtime: Runtime, day: date, action: Action) -> Letter:
    """The letter, with the addresses at which she decides on the plans that it names."""
    letter, web = post.letter_of(runtime, action), runtime.web
    if web is None:
        return letter

    def address(found: re.Match[str]) -> str:
        business, job, plan = found.groups()
        answer = Answer(business=business, job=job, reader=OBM, what="apply", mail=action.key, day=day, value=plan)
        return answer_url(web.url, web.key(), answer)

    return replace(letter, body=_TO_DECIDE.sub(address, letter.body))


def _begun(runtime: Runtime, job: BriefJob, moment: _Moment, conn: Connection, action: Action) -> None:
    """The mail among the others, in the transaction that begins it."""
    reader = moment.reader.key
    post.note_begun(conn, runtime, action, job=job.name, reader=reader, kind=KIND, day=moment.day)


def _no_row(action: Action) -> Row:
    raise LookupError(f"{action.key}: a brief has no rows")


def _nothing_to_remember(conn: Connection, action: Action, ref: Ref) -> None:
    """The ledger knows all there is to it."""


def _nothing_to_settle(conn: Connection) -> None:
    """The same."""
