"""The month so far, and what it may fairly be compared with (DOMAIN 1.10). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.planning.calendar import Month, month_of


def so_far(now: datetime, zone: ZoneInfo) -> tuple[Month, Month]:
    """This month until `now`, and the month before until the same local day and time of day.

    The same number of days of both, today's part included; a month that is too short is taken whole. Both keep the
    label of their month.
    """
    current = month_of(now, zone)
    before = month_of(current.start - timedelta(microseconds=1), zone)
    local = now.astimezone(zone)
    gone = local.day - 1
    first = before.start.astimezone(zone)
    same = (first.replace(tzinfo=None) + timedelta(days=gone)).replace(
        hour=local.hour, minute=local.minute, second=local.second, microsecond=local.microsecond
    )
    end = same.replace(tzinfo=zone, fold=local.fold).astimezone(UTC)
    return Month(current.start, now, current.label), Month(before.start, min(end, before.end), before.label)
