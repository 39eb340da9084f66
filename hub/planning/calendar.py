"""Months of a zone as half-open UTC intervals, by the zone's own rules (DOMAIN 1.10). Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A local calendar month: `start` <= instant < `end`, both aware UTC. `label` is like 2026-10."""

    start: datetime
    end: datetime
    label: str

    @property
    def last(self) -> datetime:
        """The last instant that belongs to the month."""
        return self.end - timedelta(microseconds=1)


def month(year: int, number: int, zone: ZoneInfo) -> Month:
    """That month of that zone. Local midnight decides, whatever the clocks did in between."""
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return Month(_midnight(year, number, zone), _midnight(*following, zone), f"{year:04d}-{number:02d}")


def month_of(instant: datetime, zone: ZoneInfo) -> Month:
    """The local month that an aware instant falls in."""
    local = instant.astimezone(zone)
    return month(local.year, local.month, zone)


def months(first: date, now: datetime, zone: ZoneInfo) -> tuple[Month, ...]:
    """Every month from the one of the local day `first` to the one of `now`, in order; never none.

    A `first` after `now` gives the month of `now` alone.
    """
    today = now.astimezone(zone).date()
    at = min((first.year, first.month), (today.year, today.month))
    found = []
    while at <= (today.year, today.month):
        found.append(month(*at, zone))
        at = (at[0] + 1, 1) if at[1] == 12 else (at[0], at[1] + 1)
    return tuple(found)


def index_of(instant: datetime, starts: Sequence[datetime]) -> int:
    """Which of the consecutive months that begin at `starts` holds this instant; -1: before the first."""
    return bisect_right(starts, instant) - 1


def shift(instant: datetime, by: int) -> datetime:
    """The same day and time `by` months later (earlier when negative); a day that the month lacks is its last."""
    number = instant.year * 12 + instant.month - 1 + by
    year, month_number = number // 12, number % 12 + 1
    following = date(year + 1, 1, 1) if month_number == 12 else date(year, month_number + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return instant.replace(year=year, month=month_number, day=min(instant.day, last_day))


def _midnight(year: int, number: int, zone: ZoneInfo) -> datetime:
    return datetime(year, number, 1, tzinfo=zone).astimezone(UTC)
