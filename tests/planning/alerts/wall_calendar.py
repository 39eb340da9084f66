"""Days and hours of people, from a wall calendar: one day after the other, without a thought for speed.

Nothing of the planner's own calendar is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS = ("late", "today", "soon", "watch")
DAY = timedelta(days=1)

Due: TypeAlias = date | datetime


@dataclass(frozen=True, kw_only=True)
class Human:
    """Somebody of the business, in plain values. `away`: first and last day of each absence. `left`: from that day."""

    key: str
    zone: str
    region: str | None
    week: tuple[str, ...] = WEEKDAYS[:5]
    away: tuple[tuple[date, date], ...] = ()
    address: bool = True
    left: date | None = None


@lru_cache(maxsize=64)
def holidays_in(region: str, year: int) -> frozenset[date]:
    country, _, part = region.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


@lru_cache(maxsize=1 << 16)
def works(human: Human, day: date) -> bool:
    """Whether that is a working day of hers."""
    if WEEKDAYS[day.weekday()] not in human.week:
        return False
    if human.region is not None and day in holidays_in(human.region, day.year):
        return False
    return all(not first <= day <= last for first, last in human.away)


@lru_cache(maxsize=1 << 18)
def day_to_speak(human: Human, when: str, due: date) -> date:
    """The day, hers, on which a step of something due on `due` is to be said."""
    day = due
    if when != "on the day":
        words = when.split()
        day = moved(human, due, int(words[0]), words[1], -DAY if words[-1] == "before" else DAY)
    while not works(human, day):
        day += DAY
    return day


def moved(human: Human, day: date, count: int, unit: str, step: timedelta) -> date:
    if unit != "working":
        return day + step * count * (7 if unit.startswith("week") else 1)
    while count:
        day += step
        count -= 1 if works(human, day) else 0
    return day


@lru_cache(maxsize=1 << 18)
def day_to_repeat(human: Human, every: str, first: date, number: int) -> date:
    """The day, hers, on which a step that was to be said on `first` is to be said for that time: 2 is the second."""
    words = every.split()
    day = moved(human, first, int(words[0]) * (number - 1), words[1], DAY)
    while not works(human, day):
        day += DAY
    return day


def local(human: Human, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(human.zone))


def instant(human: Human, day: date, clock: time) -> datetime:
    """That hour of her day, in UTC."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(human.zone)).astimezone(UTC)


def due_day(human: Human, due: Due) -> date:
    return local(human, due).date() if isinstance(due, datetime) else due


def due_end(human: Human, due: Due) -> datetime:
    """The instant from which it is late: the due instant, or 24:00 of the due day where she is."""
    return due if isinstance(due, datetime) else instant(human, due + DAY, time())


def group(human: Human, due: Due, now: datetime) -> str:
    if now >= due_end(human, due):
        return "late"
    return "today" if due_day(human, due) == local(human, now).date() else "soon"


def due_text(due: Due | None) -> str:
    return "-" if due is None else due.isoformat()


def same(one: Due, other: Due) -> bool:
    """A day is not the instant of its midnight."""
    return isinstance(one, datetime) == isinstance(other, datetime) and one == other
