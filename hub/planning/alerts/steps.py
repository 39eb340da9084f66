"""When a step is to be said, to whom it is one, and under which key. Pure; the only place that knows.

A step stands on one day, counted from the due day where its reader is, in her working days; on a day off of hers, on
her next working day. It is open from that day on, at the hour of the digest, or at the first of the open hours for
what is mailed at once. A step may be said again every so often, under a key of its own each time. Of the open steps of
one task only the most severe is said: the latest day, then the later in the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hub.core.pasts import Due
from hub.mapping.deadline_job import Alert, DeadlineJob
from hub.mapping.spans import Moment
from hub.planning.alerts.types import Group, Reader, Task
from hub.planning.workdays import WorkingDays

ASSIGNEE = "assignee"
NEVER = date.max
"""The day of a step that no calendar reaches: it is never said."""
LONGEST = timedelta(days=3660)
"""For so long a step is said again: ten years."""
_DAY = timedelta(days=1)


class Turn(NamedTuple):
    """A step, by its place in the file, the first time or again. They sort by how severe they are, the least first."""

    day: date
    place: int
    number: int = 1

    def named(self, alert: Alert) -> str:
        """The step of its key: late, then late#2, late#3 and so on."""
        return alert.name if self.number == 1 else f"{alert.name}#{self.number}"


def due_text(due: Due | None) -> str:
    """A due value as keys hold it: 2026-03-20, 2026-03-20T09:00:00+00:00, or - for none."""
    if isinstance(due, datetime):
        return due.astimezone(UTC).isoformat()
    return "-" if due is None else due.isoformat()


def key_of(reader: str, subject: str, step: str, value: str) -> str:
    """The key of an alert: said once. `subject`: a task's id; `value`: of `due_text`, or what a rule was set off by."""
    return f"{reader}/{subject}/{step}/{value}"


def told(tell: Iterable[str], assignees: Collection[str], fallback: str, reachable: Collection[str]) -> tuple[str, ...]:
    """The short names of who is told, each once, in the order of the mapping.

    Where none of those that a word stands for can be reached, the fallback is told instead.
    """
    names: list[str] = []
    for word in tell:
        meant = assignees if word == ASSIGNEE else (word,)
        names += [name for name in meant if name in reachable] or [fallback]
    return tuple(name for name in dict.fromkeys(names) if name in reachable)


def local_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That hour of that day there, in UTC. An hour that the clocks skip is as late as it would have been."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def due_day(due: Due, zone: ZoneInfo) -> date:
    """The day on which it is due where the reader is."""
    if not isinstance(due, datetime):
        return due
    try:
        return due.astimezone(zone).date()
    except OverflowError:
        return due.date()


def is_late(due: Due, today: date, now: datetime) -> bool:
    """A day ends at 24:00 where the reader is; an instant is over from itself on."""
    return now >= due if isinstance(due, datetime) else today > due


def group_of(due: Due | None, zone: ZoneInfo, now: datetime) -> Group:
    """The part of a digest that it stands in."""
    if due is None:
        return "watch"
    today = now.astimezone(zone).date()
    if is_late(due, today, now):
        return "late"
    return "today" if due_day(due, zone) == today else "soon"


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a job in one calendar and zone. What was worked out once is kept."""

    alerts: Sequence[Alert]
    calendar: WorkingDays
    zone: ZoneInfo
    _days: dict[Due, tuple[date, ...]] = field(default_factory=dict)
    _turns: dict[tuple[int, date], tuple[list[Turn], Iterator[Turn]]] = field(default_factory=dict)

    def days(self, due: Due) -> tuple[date, ...]:
        """The day of each step, in the order of the file."""
        day = due_day(due, self.zone)
        by_hours = any(alert.when.span is not None and alert.when.span.unit == "hours" for alert in self.alerts)
        at = due if by_hours else day
        if at not in self._days:
            self._days[at] = tuple(self.day_of(alert.when, due) for alert in self.alerts)
        return self._days[at]

    def turns(self, place: int, first: date, until: date) -> Sequence[Turn]:
        """A step that is said on `first`, and each time that it is said again: up to a day, and the next one after."""
        if self.alerts[place].then_every is None:
            return (Turn(first, place),)
        if (place, first) not in self._turns:
            self._turns[place, first] = [], self._again(place, first)
        found, more = self._turns[place, first]
        while not found or found[-1].day <= until:
            turn = next(more, None)
            if turn is None:
                break
            found.append(turn)
        return found[: bisect_right(found, until, key=lambda turn: turn.day) + 1]

    def _again(self, place: int, first: date) -> Iterator[Turn]:
        """Counted from the first day on, so that days off put off one time and not those after it."""
        every, day, number = self.alerts[place].then_every, first, 1
        yield Turn(first, place)
        while every is not None and first < NEVER:
            number += 1
            try:
                day = self.calendar.shifted(day, every, back=False)
                turn = Turn(self.calendar.next_open(day), place, number)
            except (OverflowError, ValueError):
                return
            if day - first > LONGEST:
                return
            yield turn

    def day_of(self, when: Moment, due: Due) -> date:
        """The day of one step."""
        day = due_day(due, self.zone)
        try:
            if when.span is not None and when.span.unit == "hours":
                ends = due if isinstance(due, datetime) else local_time(day + _DAY, time(), self.zone)
                moved = timedelta(hours=when.span.count * (-1 if when.side == "before" else 1))
                day = (ends + moved).astimezone(self.zone).date()
            else:
                day = self.calendar.day_of(when, day)
            return self.calendar.next_open(day)
        except (OverflowError, ValueError):  # beyond the calendars that there are
            return NEVER


def calendars(job: DeadlineJob, readers: Mapping[str, Reader]) -> Mapping[str, Steps]:
    """Reader -> her steps; readers with the same days and zone share them."""
    made: dict[object, Steps] = {}
    found = {}
    for key, reader in readers.items():
        days = reader.calendar
        alike = (days.days, id(days.holidays), days.off, reader.zone.key)
        found[key] = made.setdefault(alike, Steps(job.alerts, days, reader.zone))
    return found


def said_on(
    job: DeadlineJob, steps: Mapping[str, Steps], reachable: Collection[str], task: Task, until: date
) -> Mapping[date, tuple[tuple[str, str], ...]]:
    """Day -> (alert, reader) said on that very day, were the hub to run every day. Said again: up to `until`."""
    if task.due is None:
        return {}
    turns: list[tuple[str, Turn]] = []
    for place, alert in enumerate(job.alerts):
        for name in told(alert.tell, task.assignees, job.sending.nobody_assigned, reachable):
            mine = steps[name].turns(place, steps[name].days(task.due)[place], until)
            turns += [(name, turn) for turn in mine if turn.number == 1 or turn.day <= until]
    top: dict[tuple[str, date], Turn] = {}
    for name, turn in turns:
        top[name, turn.day] = max(turn, top.get((name, turn.day), turn))
    found: dict[date, list[tuple[str, str]]] = {}
    for name, turn in turns:
        if top[name, turn.day] == turn:
            found.setdefault(turn.day, []).append((job.alerts[turn.place].name, name))
    return {day: tuple(said) for day, said in found.items()}
