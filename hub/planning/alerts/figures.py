"""The figures of the tasks that a deadlines job watches: on time, late, without owner or date, how fast. Pure.

Each is counted whole from the tasks that are there (docs/figures.md says how) and keeps them as its proof. Those of a
month are counted for every month since the first completion; those of now stand under the month of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.pasts import Due, Past
from hub.mapping.model import Business
from hub.mapping.person import Person
from hub.planning.alerts.pasts import is_later
from hub.planning.alerts.task_figure import LOAD, WEEKS, TaskFigure, TaskLine, unit_of, value_of
from hub.planning.alerts.types import Task
from hub.planning.calendar import Month, index_of, month_of, months
from hub.planning.prices import to_decimal

_WINDOW = timedelta(weeks=WEEKS)
_QUIET = timedelta(days=7)
_DAY = timedelta(days=1)


def task_figures(
    business: Business, tasks: Iterable[Task], pasts: Mapping[str, Past], now: datetime
) -> tuple[TaskFigure, ...]:
    """Every figure of these tasks, months first, oldest first. `tasks`: all that are watched, the done ones too.

    `pasts`: from `hub.planning.alerts.pasts.learn`. A task counts once, wherever it is shown; of a task and its
    subtasks, those subtasks that somebody does count too.
    """
    mine = {task.id: task for task in tasks if not task.subtask or task.assignees or task.strangers}
    counter = _Counter(business=business, pasts=pasts, now=now)
    whole = [mine[key] for key in sorted(mine)]
    return (*counter.months(task for task in whole if task.done), *counter.now_open(t for t in whole if not t.done))


@dataclass(slots=True)
class _Days:
    """The ends of days and the day of now, by zone; most tasks share a few of them."""

    now: datetime
    ends: dict[tuple[date, ZoneInfo], datetime] = field(default_factory=dict)
    todays: dict[ZoneInfo, date] = field(default_factory=dict)

    def end(self, due: Due, zone: ZoneInfo) -> datetime:
        """The instant from which on it is late: the instant itself, or 24:00 of the day in that zone."""
        if isinstance(due, datetime):
            return due
        key = (due, zone)
        if key not in self.ends:
            self.ends[key] = datetime.combine(due + _DAY, time.min, zone).astimezone(UTC)
        return self.ends[key]

    def today(self, zone: ZoneInfo) -> date:
        if zone not in self.todays:
            self.todays[zone] = self.now.astimezone(zone).date()
        return self.todays[zone]


class _Counter:
    """One count."""

    def __init__(self, *, business: Business, pasts: Mapping[str, Past], now: datetime) -> None:
        self._business = business
        self._pasts = pasts
        self._now = now
        self._days = _Days(now)
        self._zones = {key: _zone_of(person, business) for key, person in business.people.items()}

    def months(self, done: Iterable[Task]) -> Iterator[TaskFigure]:
        """The figures of each month since the first completion whose instant is known."""
        ended = sorted(
            ((at, task) for task in done if (at := self._done_at(task)) is not None and at <= self._now),
            key=lambda each: (each[0], each[1].id),
        )
        zone = self._business.zone
        first = (ended[0][0] if ended else self._now).astimezone(zone).date()
        span = months(first, self._now, zone)
        starts = [month.start for month in span]
        buckets: list[list[tuple[datetime, Task]]] = [[] for _ in span]
        for at, task in ended:
            buckets[index_of(at, starts)].append((at, task))
        for index, month in enumerate(span):
            closed = index < len(span) - 1
            # Four weeks may reach into the month before.
            near = [each for bucket in buckets[max(0, index - 1) : index + 1] for each in bucket]
            yield from self._month(month, buckets[index], near, closed)

    def _month(
        self,
        month: Month,
        ended: Sequence[tuple[datetime, Task]],
        near: Sequence[tuple[datetime, Task]],
        closed: bool,
    ) -> Iterator[TaskFigure]:
        dated = [(at, task, due) for at, task in ended if (due := self._due_when_done(task)) is not None]
        shares = [
            replace(
                self._line(task, at=at, due=due),
                counted=at <= due if isinstance(due, datetime) else at < self._days.end(due, self._zone(task, at)),
            )
            for at, task, due in dated
        ]
        unsure = closed and any(self._unseen(task) for _, task, _ in dated)
        milestones = {task.id for _, task, _ in dated if task.milestone}
        until = month.end if closed else self._now
        recent = [self._line(t, at=at, due=None) for at, t in near if until - _WINDOW < at <= until]
        cycles = [self._line(t, at=at, due=None, number=days) for at, t in ended if (days := _cycle(t, at)) is not None]
        counted: Mapping[str, Sequence[TaskLine]] = {
            "on_time_rate": shares,
            "milestones_on_time": [line for line in shares if line.id in milestones],
            "postponed_count": [line for at, task, due in dated for line in self._postponed(task, at, due)],
            "throughput": recent,
            "cycle_time": cycles,
            "cycle_time_p85": cycles,
        }
        for name, lines in counted.items():
            yield _figure(name, month.label, lines, closed, unsure and unit_of(name) == "percent")

    def now_open(self, tasks: Iterable[Task]) -> Iterator[TaskFigure]:
        """The figures of now."""
        late: list[TaskLine] = []
        today: list[TaskLine] = []
        week: list[TaskLine] = []
        loose: dict[str, list[TaskLine]] = {"unassigned": [], "undated": [], "stalled": []}
        loads: dict[str, list[TaskLine]] = {LOAD + who: [] for who in self._business.people}
        for task in tasks:
            line = self._line(task)
            if not task.assignees and not task.strangers:
                loose["unassigned"].append(line)
            if task.due is None:
                loose["undated"].append(line)
            if task.touched_at is not None and self._now - task.touched_at > _QUIET:
                loose["stalled"].append(replace(line, at=task.touched_at))
            if task.due is None:
                continue
            zone = self._zone(task, self._now)
            left = (_local(task.due, zone) - self._days.today(zone)).days
            if self._days.end(task.due, zone) <= self._now:
                late.append(replace(line, number=Decimal(-left)))
            if left == 0:
                today.append(line)
            if 0 <= left <= 7:
                week.append(line)
                for who in task.assignees:
                    loads.get(LOAD + who, []).append(line)
        period = month_of(self._now, self._business.zone).label
        ages = {"overdue_count": late, "overdue_age_median": late, "overdue_age_max": late}
        for name, lines in {**ages, "due_today": today, "due_7_days": week, **loose, **loads}.items():
            yield _figure(name, period, lines)

    def _line(self, task: Task, **more: Any) -> TaskLine:
        people = self._business.people
        names = (people[who].name if who in people else who for who in task.assignees)
        said = {"due": task.due, **more}
        return TaskLine(id=task.id, title=task.title, who=(*names, *task.strangers), place=task.place, **said)

    def _postponed(self, task: Task, at: datetime, due: Due) -> Iterator[TaskLine]:
        past = self._pasts.get(task.id)
        if past is not None and past.first_due is not None and is_later(due, past.first_due, self._business.zone):
            yield self._line(task, at=at, due=due, first_due=past.first_due, number=Decimal(past.postponed))

    def _done_at(self, task: Task) -> datetime | None:
        past = self._pasts.get(task.id)
        return task.done_at or (None if past is None else past.done_at)

    def _due_when_done(self, task: Task) -> Due | None:
        past = self._pasts.get(task.id)
        return task.due if past is None or past.due_when_done is None else past.due_when_done

    def _unseen(self, task: Task) -> bool:
        past = self._pasts.get(task.id)
        return past is None or past.due_when_done is None

    def _zone(self, task: Task, at: datetime) -> ZoneInfo:
        """Where the day of a task ends: with several assignees where it ends last."""
        zones = [self._zones[who] for who in task.assignees if who in self._zones] or [self._business.zone]
        return zones[0] if len(zones) == 1 else min(zones, key=lambda zone: _offset(at, zone))


def _figure(
    name: str, period: str, lines: Sequence[TaskLine], closed: bool = False, estimated: bool = False
) -> TaskFigure:
    return TaskFigure(
        figure=name,
        period=period,
        value=value_of(name, lines),
        unit=unit_of(name),
        lines=tuple(lines),
        estimated=estimated,
        closed=closed,
    )


def _cycle(task: Task, done_at: datetime) -> Decimal | None:
    """Days from its start, or else from when it was made, to its end; None when neither is known or before the end."""
    begun = next((at for at in (task.started_at, task.created_at) if at is not None and at <= done_at), None)
    if begun is None:
        return None
    return to_decimal(Fraction((done_at - begun) // timedelta(seconds=1), 86_400))


def _local(due: Due, zone: ZoneInfo) -> date:
    return due.astimezone(zone).date() if isinstance(due, datetime) else due


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _zone_of(person: Person, business: Business) -> ZoneInfo:
    return ZoneInfo(person.timezone or business.timezone)
