"""The CEO's mail of each week and month that is over: sent once, in the open hours of one of her working days.

Only the last week and the last month are told: what an absence of hers, or of the hub's, has overtaken is on its page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import Connection

from hub.core.types import Ref, Row
from hub.engine import letters, post
from hub.engine.letters import Kept
from hub.engine.made import Made, Post
from hub.engine.runtime import Runtime
from hub.mapping.jobs import ReportJob
from hub.mapping.model import CEO
from hub.planning.alerts.types import Reader
from hub.planning.plan import MAIL, Action, KnownCollection, Plan
from hub.planning.weekly import key_of, last_closed, title_of
from hub.planning.weekly_words import say
from hub.planning.words import instant
from hub.store import ledger, mails

KIND = "report"
"""The kind of these mails among the others."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """Her local day, and whether a mail may go to her now."""

    reader: Reader
    day: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """One week or month of one file of figures. `why_not`: why its mail does not go, whatever the hour."""

    key: str
    title: str
    mail: Kept | None
    why_not: str | None


def make(runtime: Runtime, job: ReportJob, notes: Sequence[str]) -> Made:
    """The mails that are due and did not go out yet; else nothing. Never held."""
    now = runtime.now()
    moment, told = _now(runtime, job, now)
    actions = [
        _action(each.key, each.mail, each.title, moment.reader)
        for each in told
        if moment.is_open and each.mail is not None and each.why_not is None
    ]
    return Made(
        plan=Plan(business=runtime.key, job=job.name, at=now, actions=tuple(actions), notes=tuple(notes)),
        # All that there is to know of a mailbox is in the ledger: there is nothing to be looked for.
        known={MAIL: KnownCollection(ref=None, rows={})},
        homes={},
        row=_no_row,
        remember=_nothing_to_remember,
        settle=_nothing_to_settle,
        post=Post(
            connection=job.connection,
            letter=partial(post.letter_of, runtime),
            begun=partial(_begun, runtime, job, moment.day),
        ),
    )


def look(runtime: Runtime, job: ReportJob, made: Made) -> Sequence[str]:
    """There is no target. Of each mail that is not in the plan: why, or when it goes and what it says."""
    moment, told = _now(runtime, job, runtime.now())
    reader, planned = moment.reader, {action.key for action in made.plan.actions}
    if reader.left:
        return (say(reader.language, "not_left", who=reader.name),)
    lines: list[str] = []
    for each in told:
        if each.why_not is not None:
            lines.append(each.why_not)
        elif each.mail is not None and each.key not in planned:
            lines.append(_next(job, moment, runtime.now(), each.mail.subject))
            lines += [line for line in each.mail.body.splitlines() if line]
    return lines


def slot_of(job: ReportJob, reader: Reader, day: date) -> datetime:
    """The instant from which mails may go out on a day: the schedule opens it."""
    return datetime.combine(day, time.fromisoformat(job.at), reader.zone).astimezone(UTC)


def _now(runtime: Runtime, job: ReportJob, now: datetime) -> tuple[_Moment, list[_Told]]:
    reader = letters.reader_of(runtime, now)
    with runtime.store.read() as conn:
        opened = mails.round_of(conn, runtime.key)
        told = list(_told(conn, runtime, job, reader, now))
    return _moment(job, reader, now, opened), told


def _moment(job: ReportJob, reader: Reader, now: datetime, opened: datetime | None) -> _Moment:
    """`opened`: up to when the schedule has opened the slots; None: never."""
    local = now.astimezone(reader.zone)
    day, slot, end = local.date(), slot_of(job, reader, local.date()), reader.hours[1]
    over = local.time() > end > time.fromisoformat(job.at)
    begun = slot <= now and opened is not None and slot <= opened
    return _Moment(reader, day, begun and not over and not reader.left and reader.calendar.works(day))


def _next(job: ReportJob, moment: _Moment, now: datetime, subject: str) -> str:
    """When a mail goes that waits for its hour."""
    reader, language = moment.reader, moment.reader.language
    day = moment.day if slot_of(job, reader, moment.day) > now else moment.day + timedelta(days=1)
    try:
        slot = slot_of(job, reader, reader.calendar.next_open(day))
    except ValueError:
        return say(language, "next_away", who=reader.name, subject=subject)
    return say(language, "next", when=instant(slot, reader.zone, language), subject=subject)


def _told(conn: Connection, runtime: Runtime, job: ReportJob, reader: Reader, now: datetime) -> Iterator[_Told]:
    """The last week and month of each file of figures."""
    today = now.astimezone(runtime.business.zone).date()
    refused = mails.refusals(conn, runtime.key)
    for file in job.figures:
        for kind, first, _ in last_closed(today):
            period, title = key_of(kind, first), title_of(kind, first, reader.language)
            key = f"{KIND}/{file}/{period}"
            entry = ledger.entry(conn, runtime.key, key)
            state = None if entry is None else entry.state
            mail = letters.kept(conn, runtime, file, kind)
            word = None
            if state in ("started", "done", "uncertain"):
                word = "gone"
            elif mail is None or mail.key != period:
                word = "made"
            elif state == "failed" and (reader.address or "").strip().casefold() in refused:
                word = "refused"
            why = None if word is None else say(reader.language, f"not_{word}", title=title, who=reader.name)
            yield _Told(key, title, mail, why)


def _action(key: str, mail: Kept, title: str, reader: Reader) -> Action:
    parts = {"subject": mail.subject, "body": mail.body, "language": mail.language}
    why = say(reader.language, "why", title=title)
    return post.action_of(key, reader.address or "", parts, why, name=reader.name)


def _begun(runtime: Runtime, job: ReportJob, day: date, conn: Connection, action: Action) -> None:
    """The mail among the others, in the transaction that begins it."""
    post.note_begun(conn, runtime, action, job=job.name, reader=CEO, kind=KIND, day=day)


def _no_row(action: Action) -> Row:
    raise LookupError(f"{action.key}: a mail of a week or month has no rows")


def _nothing_to_remember(conn: Connection, action: Action, ref: Ref) -> None:
    """The ledger knows all there is to it."""


def _nothing_to_settle(conn: Connection) -> None:
    """The same."""
