"""What the OBM wrote down as paid outside Stripe, as the books have it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hub.mapping.paid import Paid
from hub.mapping.revenue_job import RevenueJob
from hub.planning.figures.records import ByHand


def keys(paid: Iterable[Paid]) -> tuple[str, ...]:
    """2026-11-03/1: the day of each payment, and its place among those of that day."""
    found: list[str] = []
    of_day: dict[str, int] = {}
    for each in paid:
        day = each.day.isoformat()
        of_day[day] = of_day.get(day, 0) + 1
        found.append(f"{day}/{of_day[day]}")
    return tuple(found)


def by_hand(job: RevenueJob, zone: ZoneInfo, now: datetime) -> tuple[ByHand, ...]:
    """Every payment of a day that has begun, from the first instant of that day, in the order of the file.

    They belong to the business as a whole: where it is counted in parts, one part has them.
    """
    found: list[ByHand] = []
    for key, paid in zip(keys(job.paid_outside), job.paid_outside, strict=True):
        at = datetime.combine(paid.day, time.min, zone).astimezone(UTC)
        if at <= now:
            found.append(
                ByHand(
                    key=key,
                    at=at,
                    amount=paid.amount,
                    how=f"by_{paid.how}",
                    offer=paid.offer or "",
                    client=paid.client or "",
                    note=paid.note or "",
                    source=f"{job.name}.yaml",
                )
            )
    return tuple(found)
