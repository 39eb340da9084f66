"""One client's journey: from what has happened to what is done, and when. Pure.

Everything is decided from the facts alone (what happened, at which instant) and the instant that is asked about, so
that the order in which facts became known plays no part. Each step is done once, whatever is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.mapping.onboarding_job import Change, Happening, OnboardingJob, Step
from hub.mapping.spans import Span
from hub.planning.workdays import WorkingDays

_CHANGES = {
    "moved": "booking_moved", "cancelled": "booking_cancelled", "no_show": "no_show", "refunded": "refunded",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened. `day`: of a booking or a move, when the appointment begins."""

    what: Happening
    at: datetime
    day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Something to do once: a step (its n-th time), or what a change asks for. `text`: the mail that it sends."""

    name: str
    at: datetime
    text: str | None = None
    tell: tuple[str, ...] = ()
    time: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Whose days and hours are meant."""

    days: WorkingDays
    zone: ZoneInfo

    def later(self, instant: datetime, span: Span, *, back: bool = False) -> datetime:
        """`instant` moved by a span, at the same local hour."""
        if span.unit == "hours":
            return instant + timedelta(hours=span.count * (-1 if back else 1))
        local = instant.astimezone(self.zone)
        day = self.days.shifted(local.date(), span, back)
        return local.replace(year=day.year, month=day.month, day=day.day)


def doings(job: OnboardingJob, facts: Sequence[Fact], now: datetime, calendar: Calendar) -> tuple[Doing, ...]:
    """Everything that is to be done until `now`, in the order of its instants."""
    known = sorted((fact for fact in facts if fact.at <= now), key=lambda fact: fact.at)
    end = next((fact.at for fact in known if fact.what == "refunded" and job.changes.refunded.stop), None)
    pauses = tuple(_pauses(job, known))
    found = [*_changes(job, known)]
    for step in job.steps:
        for doing in _step(step, known, now, calendar):
            at = _resumed(doing.at, pauses)
            if at is not None:
                found.append(replace(doing, at=at))
    return tuple(sorted((doing for doing in found if end is None or doing.at <= end), key=lambda doing: doing.at))


def _pauses(job: OnboardingJob, known: Sequence[Fact]) -> Iterator[tuple[datetime, datetime | None]]:
    """From a cancelled appointment to the next one; None while there is none."""
    began: datetime | None = None
    for fact in known:
        if fact.what == "cancelled" and job.changes.booking_cancelled.pause:
            began = began or fact.at
        elif fact.what in ("booking", "moved") and began is not None:
            yield began, fact.at
            began = None
    if began is not None:
        yield began, None


def _resumed(at: datetime, pauses: Sequence[tuple[datetime, datetime | None]]) -> datetime | None:
    """When that is done: what falls into a pause waits for its end. None while it lasts."""
    return next((end for start, end in pauses if start <= at and (end is None or at < end)), at)


def _changes(job: OnboardingJob, known: Sequence[Fact]) -> Iterator[Doing]:
    times: dict[str, int] = {}
    for fact in known:
        name = _CHANGES.get(fact.what)
        if name is None:
            continue
        change: Change = getattr(job.changes, name)
        times[name] = times.get(name, 0) + 1
        if change.send is not None or change.tell:
            yield Doing(name=name, at=fact.at, text=change.send, tell=change.tell, time=times[name])


def _step(step: Step, known: Sequence[Fact], now: datetime, calendar: Calendar) -> Iterator[Doing]:
    due = _due(step, known, calendar)
    if due is None or due > now or _has(step.if_no, known, due):
        return
    yield Doing(name=step.name, at=due, text=step.send)
    if step.repeat is None:
        return
    for time in range(2, step.repeat.times + 2):
        due = calendar.later(due, step.repeat.every)
        if due > now or _has(step.if_no, known, due):
            return
        yield Doing(name=step.name, at=due, text=step.send, time=time)
    due = calendar.later(due, step.repeat.every)
    if step.repeat.then_tell and due <= now and not _has(step.if_no, known, due):
        yield Doing(name=step.name, at=due, tell=(step.repeat.then_tell,), time=step.repeat.times + 2)


def _due(step: Step, known: Sequence[Fact], calendar: Calendar) -> datetime | None:
    """When the step is to be done; None while what it waits for has not happened."""
    if step.before is not None:
        day = _appointment(known)
        booked = _first("booking", known)
        if day is None or booked is None:
            return None
        return max(booked, calendar.later(day, step.by, back=True) if step.by is not None else day)
    firsts = [_first(event, known) for event in step.after]
    if any(first is None for first in firsts):
        return None
    start = max(first for first in firsts if first is not None)
    return start if step.wait is None else calendar.later(start, step.wait)


def _first(event: str, known: Sequence[Fact]) -> datetime | None:
    return next((fact.at for fact in known if fact.what == event), None)


def _appointment(known: Sequence[Fact]) -> datetime | None:
    """When the appointment begins, as it was last said; None when there is none (any more)."""
    day = None
    for fact in known:
        if fact.what in ("booking", "moved"):
            day = fact.day
        elif fact.what == "cancelled":
            day = None
    return day


def _has(event: str | None, known: Sequence[Fact], at: datetime) -> bool:
    return event is not None and any(fact.what == event and fact.at <= at for fact in known)


def waits(job: OnboardingJob, facts: Sequence[Fact], now: datetime) -> bool:
    """Whether the journey is paused: its appointment was cancelled, and there is no other yet."""
    if not job.changes.booking_cancelled.pause:
        return False
    last = [fact.what for fact in sorted(facts, key=lambda fact: fact.at) if fact.at <= now]
    return next((what == "cancelled" for what in reversed(last) if what in ("booking", "moved", "cancelled")), False)
