"""Faults of payments that were written down by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from hub.mapping.checks.around import place
from hub.mapping.paid import Paid
from hub.mapping.problems import Fault
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.tree import Node

_EASTERNMOST = timedelta(hours=14)


def faults(job: object, root: Node, now: datetime | None = None) -> Iterator[Fault]:
    """What stands there twice, and what is of a day that has not begun anywhere."""
    if not isinstance(job, RevenueJob):
        return
    today = ((now or datetime.now(UTC)) + _EASTERNMOST).date()
    seen: dict[Paid, int] = {}
    for index, paid in enumerate(job.paid_outside):
        line, column = place(root, ("paid_outside", index))
        if paid.day > today:
            yield _to_come(paid.day, *place(root, ("paid_outside", index, "day")))
        if paid in seen:
            message = f"paid_outside: this payment says the same as that on line {seen[paid]}."
            hint = "Take one of them out, or tell them apart. Example: note: second of two"
            yield Fault(line, column, message, hint)
        seen.setdefault(paid, line)


def _to_come(day: date, line: int, column: int) -> Fault:
    hint = "Write it down when the money is there. Example: day: 2026-11-03"
    return Fault(line, column, f"day: {day} has not come yet, so nothing can have been paid on it.", hint)
