"""What a business has, as plain lists of records, and its months. Nothing of hub.planning is used here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hub.core.types import Record

T = TypeVar("T")
Fields = dict[str, Any]
Thing = tuple[str, Fields, datetime]
"""A record as the oracle reads it: its key, its fields, the instant that it belongs to."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The records of one business, and what it says of itself. `tax`: None where it collects no tax at all.

    What moved before `since`, a local day, is not counted. `earlier`: instant -> the records as they were then.
    """

    records: list[Record]
    zone: ZoneInfo
    home: str
    now: datetime
    since: date
    tax: Fraction | None = None
    earlier: dict[datetime, list[Record]] = field(default_factory=dict)
    read: dict[str, list[Thing]] = field(default_factory=dict)
    found: dict[Any, Any] = field(default_factory=dict)
    """What was worked out before, so that a thousand businesses take minutes and not hours."""

    def all(self, stream: str) -> list[Thing]:
        if stream not in self.read:
            self.read[stream] = [
                (record.key, dict(record.fields), record.at)
                for record in self.records
                if record.stream == stream and record.at is not None
            ]
        return self.read[stream]

    def one(self, stream: str, key: str | None) -> Fields | None:
        for found, fields, _ in self.all(stream):
            if found == key:
                return fields
        return None

    def once(self, key: tuple[Any, ...], work: Callable[[], T]) -> T:
        if key not in self.found:
            self.found[key] = work()
        return self.found[key]  # type: ignore[no-any-return]

    def months(self) -> list[str]:
        """Every local month from the first that is counted to the one of now."""
        found = []
        year, month = self.since.year, self.since.month
        while label(year, month) <= self.month_of(self.now):
            found.append(label(year, month))
            year, month = after(year, month)
        return found

    def month_of(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return label(local.year, local.month)

    def within(self, at: datetime | None, period: str) -> bool:
        return at is not None and self.month_of(at) == period

    def then(self, period: str) -> tuple[World, datetime]:
        """The business as it was last seen in a month that is over, or else as the present records tell of it."""
        if period == self.month_of(self.now):
            return self, self.now
        for at in self.earlier:
            if self.within(at, period):
                return self.once(("then", at), partial(self.at, at)), at
        return self, self.snapshot(period)

    def at(self, instant: datetime) -> World:
        return replace(self, records=self.earlier[instant], now=instant, earlier={}, read={}, found={})

    def snapshot(self, period: str) -> datetime:
        """The last instant of a month that is over; now in the one that is not."""
        if self.month_of(self.now) == period:
            return self.now
        return midnight(*after(*numbers(period)), self.zone) - timedelta(microseconds=1)


def label(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


def numbers(period: str) -> tuple[int, int]:
    return int(period[:4]), int(period[5:])


def after(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


def before(period: str) -> str:
    year, month = numbers(period)
    return label(year, month - 1) if month > 1 else label(year - 1, 12)


def midnight(year: int, month: int, zone: ZoneInfo) -> datetime:
    """Local midnight of the first of a month, by the rules of the zone."""
    return datetime(year, month, 1, tzinfo=zone).astimezone(UTC)


def later(at: datetime, interval: str, count: int) -> datetime:
    """`count` days, weeks, months or years after (or before); the 31st of a shorter month is its last day."""
    if interval == "day":
        return at + timedelta(days=count)
    if interval == "week":
        return at + timedelta(days=7 * count)
    months = at.year * 12 + at.month - 1 + (count if interval == "month" else 12 * count)
    year, month = months // 12, months % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
