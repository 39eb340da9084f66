"""What is learned of a task over time: its first due date, how often it went later, when it was done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.core.pasts import Due, Past
from hub.planning.alerts.types import Task

_FRESH = timedelta(days=1)
"""A task that is first seen done, not longer ago than this, still has the due date that it was completed with."""


def learn(pasts: Mapping[str, Past], tasks: Iterable[Task], now: datetime, zone: ZoneInfo, /) -> Mapping[str, Past]:
    """`pasts` as they are after these tasks were seen at `now`. What is known of other tasks stays as it is."""
    return {**pasts, **{task.id: learned(pasts.get(task.id), task, now, zone) for task in tasks}}


def learned(past: Past | None, task: Task, now: datetime, zone: ZoneInfo) -> Past:
    """What is known of a task once it was seen at `now`; equal to `past` when there is nothing new.

    `zone`: where a day and an instant are compared. What happens to a task that is done is not learned before it is
    open again. A due date that is taken away and set again later was postponed.
    """
    if past is None:
        past = Past(first_due=task.due, postponed=0, due=task.due)
        if not task.done:
            return past
        fresh = task.done_at is not None and now - task.done_at <= _FRESH
        return replace(past, done=True, done_at=task.done_at, due_when_done=task.due if fresh else None)
    if task.done and past.done:
        return past
    if task.due is not None:
        later = past.due is not None and is_later(task.due, past.due, zone)
        first = task.due if past.first_due is None else past.first_due
        past = replace(past, first_due=first, postponed=past.postponed + later, due=task.due)
    if not task.done:
        return replace(past, done=False, done_at=None, due_when_done=None)
    # Tools that do not say when a task was done say when it was last touched: not before that, and not after now.
    done_at = task.done_at or min(now, task.touched_at or now)
    return replace(past, done=True, done_at=done_at, due_when_done=task.due)


def is_later(one: Due, other: Due, zone: ZoneInfo) -> bool:
    """Whether a due value is after another; a day and an instant of that day in `zone` are not."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one > other
    return _day(one, zone) > _day(other, zone)


def _day(due: Due, zone: ZoneInfo) -> date:
    return due.astimezone(zone).date() if isinstance(due, datetime) else due
