"""The figures of tasks, a second time, as plainly as can be: one question per figure, nothing shared, nothing fast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hub.core.pasts import Due, Past
from hub.mapping.model import Business
from hub.planning.alerts.types import Task


def naive(
    business: Business, tasks: Iterable[Task], pasts: Mapping[str, Past], now: datetime
) -> dict[tuple[str, str], Fraction | None]:
    """(figure, month) -> its value."""
    home = ZoneInfo(business.timezone)

    def zones(task: Task) -> list[ZoneInfo]:
        known = [business.people[who].timezone or business.timezone for who in task.assignees if who in business.people]
        return [ZoneInfo(name) for name in known] or [home]

    def ended(task: Task) -> datetime | None:
        past = pasts.get(task.id)
        known = task.done_at if task.done_at is not None else past.done_at if past else None
        return known if task.done and known is not None and known <= now else None

    def due_then(task: Task) -> Due | None:
        past = pasts.get(task.id)
        return past.due_when_done if past and past.due_when_done is not None else task.due

    def kept(task: Task) -> bool:
        due, end = due_then(task), ended(task)
        assert due is not None
        assert end is not None
        if isinstance(due, datetime):
            return not end > due
        # On that day or before, wherever one of those who do it is.
        return any(end.astimezone(zone).date() <= due for zone in zones(task))

    counted = [task for task in tasks if not (task.subtask and not task.assignees and not task.strangers)]
    found: dict[tuple[str, str], Fraction | None] = {}

    current = now.astimezone(home).strftime("%Y-%m")
    ends = [end for task in counted if (end := ended(task)) is not None]
    label = min(ends, default=now).astimezone(home).strftime("%Y-%m")
    while label <= current:
        year, number = map(int, label.split("-"))
        following = f"{year + number // 12:04d}-{number % 12 + 1:02d}"
        mine = [t for t in counted if (e := ended(t)) is not None and e.astimezone(home).strftime("%Y-%m") == label]
        dated = [task for task in mine if due_then(task) is not None]
        stones = [task for task in dated if task.milestone]
        for name, some in (("on_time_rate", dated), ("milestones_on_time", stones)):
            found[name, label] = Fraction(100 * len([t for t in some if kept(t)]), len(some)) if some else None
        found["postponed_count", label] = Fraction(
            len([t for t in dated if _pushed(pasts.get(t.id), due_then(t), home)])
        )
        until = now
        if label < current:
            until = datetime.fromisoformat(f"{following}-01").replace(tzinfo=home).astimezone(UTC)
        near = [e for e in ends if (e < until or label == current) and e > until - timedelta(days=28)]
        found["throughput", label] = Fraction(len(near), 4)
        spans = sorted(span for task in mine if (span := _span(task, ended(task))) is not None)
        found["cycle_time", label] = _middle(spans)
        found["cycle_time_p85", label] = next(
            (span for span in spans if 100 * len([one for one in spans if one <= span]) >= 85 * len(spans)), None
        )
        label = following

    lasting = [task for task in counted if not task.done]
    ages: list[Fraction] = []
    today = week = unassigned = undated = stalled = 0
    loads = dict.fromkeys(business.people, 0)
    for task in lasting:
        unassigned += not task.assignees and not task.strangers
        undated += task.due is None
        stalled += task.touched_at is not None and task.touched_at < now - timedelta(days=7)
        if task.due is None:
            continue
        west = min(zones(task), key=lambda zone: now.astimezone(zone).replace(tzinfo=None))
        here = now.astimezone(west).date()
        day: date = task.due.astimezone(west).date() if isinstance(task.due, datetime) else task.due
        if task.due <= now if isinstance(task.due, datetime) else day < here:
            ages.append(Fraction(here.toordinal() - day.toordinal()))
        today += day == here
        if day in [here + timedelta(days=n) for n in range(8)]:
            week += 1
            for who in task.assignees:
                if who in loads:
                    loads[who] += 1
    counts = {
        "overdue_count": len(ages),
        "due_today": today,
        "due_7_days": week,
        "unassigned": unassigned,
        "undated": undated,
        "stalled": stalled,
        **{f"load:{who}": n for who, n in loads.items()},
    }
    found |= {(name, current): Fraction(n) for name, n in counts.items()}
    found["overdue_age_median", current] = _middle(sorted(ages))
    found["overdue_age_max", current] = max(ages, default=None)
    return found


def _pushed(past: Past | None, due: Due | None, home: ZoneInfo) -> bool:
    if past is None or past.first_due is None or due is None:
        return False
    if isinstance(due, datetime) and isinstance(past.first_due, datetime):
        return due > past.first_due
    days = [d.astimezone(home).date() if isinstance(d, datetime) else d for d in (past.first_due, due)]
    return days[0] < days[1]


def _span(task: Task, end: datetime | None) -> Fraction | None:
    assert end is not None
    begun = [at for at in (task.started_at, task.created_at) if at is not None and at <= end]
    return Fraction(int((end - begun[0]).total_seconds()), 24 * 60 * 60) if begun else None


def _middle(some: list[Fraction]) -> Fraction | None:
    if not some:
        return None
    half = len(some) // 2
    return some[half] if len(some) % 2 else (some[half - 1] + some[half]) / 2
