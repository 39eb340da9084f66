"""Everything that may be said by now and is not said yet: to whom, in which way, how severe. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias, get_args
from zoneinfo import ZoneInfo

from hub.core.pasts import Due
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts.desk import Desk, Way
from hub.planning.alerts.reach import Places, Reach
from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.rules import Watching, open_tasks
from hub.planning.alerts.steps import Turn, calendars, due_day, due_text, group_of, is_late, key_of
from hub.planning.alerts.types import Group, Line, Memory, Sent, Task

Rank: TypeAlias = tuple[object, ...]
"""Sorts lines: the most severe first."""
GROUPS: Sequence[Group] = get_args(Group)
LISTED = "late already"
"""The step of a task that was late before the hub came, and of which nobody is told yet."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that is to be said to somebody. `text`: of the alert, for a mail of its own."""

    line: Line
    rank: Rank
    text: str | None = None


@dataclass(frozen=True, slots=True)
class _Dated:
    """An open task with a date. `value`: the date as keys hold it."""

    task: Task
    due: Due
    value: str


@dataclass(slots=True)
class Collected:
    """`lines`: (reader, way) -> what is to be said. `late`: task -> its line, of a first run.

    `soonest`: (reader, way) -> the day of the next step that is not open yet.
    """

    job: DeadlineJob
    business: Business
    memory: Memory
    now: datetime
    reach: Reach
    desks: Mapping[str, Desk]
    tasks: Sequence[Task]
    disowned: Collection[str]
    lines: dict[tuple[str, Way], list[Candidate]] = field(default_factory=dict)
    late: dict[str, Line] = field(default_factory=dict)
    soonest: dict[tuple[str, Way], date] = field(default_factory=dict)

    @property
    def unlisted(self) -> list[Line]:
        """What was late before the hub came and is not said yet."""
        return [line for line in self.late.values() if not self.memory.said.issuperset(line.keys)]

    def openings(self) -> Iterator[datetime]:
        """When the next step of each reader opens."""
        for (name, way), day in self.soonest.items():
            at = self.desks[name].opening(day, way)
            if at is not None:
                yield at

    # Steps

    def of_tasks(self) -> None:
        """The alerts of every open task with a date.

        A first run lists what is late already; where nobody gets the list, each person's digest says hers.
        """
        listing = not self.memory.begun and self.reach.fallback in self.reach.reachable
        for task in self.tasks:
            if task.due is None:
                continue
            dated = _Dated(task, task.due, due_text(task.due))
            said = [(self.desks[name], places) for name, places in self._concerned(dated).items()]
            opened = [(desk, self._open(desk, places, dated)) for desk, places in said]
            if listing and self._is_late(dated, opened):
                self.late[task.id] = self._first_line(dated, opened)
                continue
            for desk, turns in opened:
                if turns and not self._silent(desk, task):
                    self._say(dated, desk, turns)

    def _concerned(self, dated: _Dated) -> Mapping[str, Places]:
        """Reader -> steps. Whoever said that it is not hers is told nothing, and stood in for."""
        task, value = dated.task, dated.value
        if task.id not in self.disowned:
            return self.reach.concerned(task.assignees)
        mine = tuple(name for name in task.assignees if (task.id, name, value) not in self.memory.not_mine)
        found = self.reach.concerned(mine)
        return {name: found[name] for name in found if (task.id, name, value) not in self.memory.not_mine}

    def _open(self, desk: Desk, places: Places, dated: _Dated) -> Sequence[Turn]:
        """Those of the steps that may be said to her by now; of one that is said again, its first and its last time."""
        days, found = desk.steps.days(dated.due), []
        for place in places:
            way = self.job.alerts[place].by
            turns = desk.steps.turns(place, days[place], desk.today)
            opened = [turn for turn in turns if desk.is_open(turn.day, way)]
            found += [*opened[:1], *opened[1:][-1:]]
            if len(opened) < len(turns):
                self._ahead(desk, turns[len(opened)].day, way)
        return found

    def _key(self, reader: str, dated: _Dated, turn: Turn) -> str:
        return key_of(reader, dated.task.id, turn.named(self.job.alerts[turn.place]), dated.value)

    def _say(self, dated: _Dated, desk: Desk, turns: Iterable[Turn]) -> None:
        """The most severe open step, unless it is said already; the earlier ones are said with it."""
        task, reader = dated.task, desk.reader
        order = sorted(turns, reverse=True)
        keys = [self._key(reader.key, dated, turn) for turn in order]
        top, again = self.job.alerts[order[0].place], self._again(reader.key, dated)
        news = keys[0] not in self.memory.said
        if not news and (again is None or again in self.memory.said):
            return
        keys += [again] if again is not None else []
        line = Line(
            step=top.name,
            group=group_of(dated.due, reader.zone, self.now),
            keys=tuple(keys),
            task=task,
            day=due_day(dated.due, reader.zone),
        )
        way: Way = top.by if news and self.memory.begun else "digest"
        self._add(desk, way, Candidate(line, (GROUPS.index(line.group), *by_due(line)), top.text))

    def _again(self, reader: str, dated: _Dated) -> str | None:
        """The key of what is said again because she put it off until a day that has come."""
        snooze = self.memory.snoozed.get((dated.task.id, reader))
        if snooze is None or snooze.due != dated.value:
            return None
        return key_of(reader, dated.task.id, f"snoozed until {snooze.until.isoformat()}", dated.value)

    def _silent(self, desk: Desk, task: Task | None) -> bool:
        """Whether she put the task off, or said that it is not hers. Another due value ends both."""
        if task is None:
            return False
        name, value = desk.reader.key, due_text(task.due)
        snooze = self.memory.snoozed.get((task.id, name))
        if snooze is not None and snooze.due == value and desk.today < snooze.until:
            self._ahead(desk, snooze.until, "mail")  # the earliest that anything may go then
            return True
        return (task.id, name, value) in self.memory.not_mine

    # Rules

    def of_rules(self) -> None:
        """What the rules of `watch_for` find."""
        steps = {name: desk.steps for name, desk in self.desks.items()}
        watching = Watching(self.business, self.reach, steps, self.tasks, self.memory.past, self.now)
        order = {rule.name: place for place, rule in enumerate(self.job.watch_for)}
        for seen in watching.seen():
            desk, line = self.desks[seen.reader], seen.line
            if not desk.is_open(seen.day, "digest"):
                self._ahead(desk, seen.day, "digest")
            elif line.keys[0] not in self.memory.said and not self._silent(desk, line.task):
                rank = (GROUPS.index("watch"), order[line.step], line.about, *by_due(line))
                self._add(desk, "digest", Candidate(line, rank))

    # The first run

    def _is_late(self, dated: _Dated, opened: Iterable[tuple[Desk, Sequence[Turn]]]) -> bool:
        """Late before the hub came: its date is past, or a step after it is open to somebody."""
        after = any(self.job.alerts[turn.place].when.side == "after" for _, turns in opened for turn in turns)
        return after or is_late(dated.due, self.now.astimezone(self._list_zone).date(), self.now)

    def _first_line(self, dated: _Dated, opened: Iterable[tuple[Desk, Sequence[Turn]]]) -> Line:
        """One line for all that would be said of it to anybody."""
        steps = sorted(((turn, desk.reader.key) for desk, turns in opened for turn in turns), reverse=True)
        keys = [self._key(reader, dated, turn) for turn, reader in steps]
        return Line(
            step=self.job.alerts[steps[0][0].place].name if steps else LISTED,
            group="late",
            keys=tuple(keys) or (key_of(self.reach.fallback, dated.task.id, LISTED, dated.value),),
            task=dated.task,
            day=due_day(dated.due, self._list_zone),
        )

    @property
    def _list_zone(self) -> ZoneInfo:
        desk = self.desks.get(self.reach.fallback)
        return desk.reader.zone if desk is not None else self.business.zone

    def _add(self, desk: Desk, way: Way, candidate: Candidate) -> None:
        self.lines.setdefault((desk.reader.key, way), []).append(candidate)

    def _ahead(self, desk: Desk, day: date, way: Way) -> None:
        key = (desk.reader.key, way)
        self.soonest[key] = min(day, self.soonest.get(key, day))


def collect(job: DeadlineJob, business: Business, tasks: Iterable[Task], memory: Memory, now: datetime) -> Collected:
    """What is to be said now, whether or not a mail may go out."""
    readers = readers_of(business, job, now)
    steps = calendars(job, readers)
    sent: dict[str, list[Sent]] = {}
    for each in memory.sent:
        sent.setdefault(each.reader, []).append(each)
    collected = Collected(
        job=job,
        business=business,
        memory=memory,
        now=now,
        reach=Reach(job, readers, memory.refused),
        desks={key: Desk.of(readers[key], steps[key], memory, sent.get(key, ()), now) for key in readers},
        tasks=open_tasks(tasks),
        disowned={task for task, _, _ in memory.not_mine},
    )
    collected.of_tasks()
    collected.of_rules()
    return collected


def by_due(line: Line) -> Rank:
    """The oldest date first; then by title, so that people find things."""
    task = line.task
    if task is None:
        return (date.max, "", line.about, line.keys)
    return (line.day or date.max, due_text(task.due), task.title, (task.id,))
