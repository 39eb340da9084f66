"""`watch_for`: what may be wrong with the work, whatever the dates say. Pure.

A rule says a thing once for each value that sets it off: the due value, the day of the last activity, the ISO week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from hub.core.pasts import Past
from hub.mapping.deadline_job import Rule
from hub.mapping.model import Business
from hub.mapping.spans import Moment
from hub.planning import words
from hub.planning.alerts.notes import say
from hub.planning.alerts.reach import Reach
from hub.planning.alerts.steps import Steps, due_day, due_text, is_late, key_of, told
from hub.planning.alerts.types import Line, Reader, Task
from hub.planning.words import Language

AHEAD = timedelta(days=7)
"""A person's load is what is due from today on within so long."""
MOST_TASKS = 10
TIMES_MEDIAN = Decimal("1.5")
"""She is over-loaded with more than so many, and more than so many times the median of those who have open tasks."""
NOW = date.min
"""The day of what is to be said as soon as it is seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a rule found, for one reader. `day`: from which day of hers on it is said."""

    reader: str
    line: Line
    day: date


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a rule found. `value`: what sets it off; `detail`: in words, "" for none: for a reader."""

    subject: str
    value: Callable[[Reader], str]
    detail: Callable[[Reader], str] = lambda _: ""
    day: Callable[[Reader], date] = lambda _: NOW
    task: Task | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """The rules of a job over the open tasks of a business."""

    business: Business
    reach: Reach
    steps: Mapping[str, Steps]
    tasks: Sequence[Task]
    past: Mapping[str, Past]
    now: datetime
    _days: dict[tuple[int, Moment, date], date] = field(default_factory=dict)

    def seen(self) -> Iterator[Seen]:
        """Everything that the rules find, in their order."""
        reachable = self.reach.reachable
        for rule in self.reach.job.watch_for:
            for found in _RULES[rule.rule](self, rule):
                assignees = found.task.assignees if found.task is not None else ()
                for name in told(rule.tell, assignees, self.reach.fallback, reachable):
                    yield self._for(self.reach.readers[name], rule, found)

    def _for(self, reader: Reader, rule: Rule, found: Found) -> Seen:
        due = found.task.due if found.task is not None else None
        line = Line(
            step=rule.name,
            group="watch",
            keys=(key_of(reader.key, found.subject, rule.name, found.value(reader)),),
            task=found.task,
            day=due_day(due, reader.zone) if due is not None else None,
            about=found.about,
            detail=found.detail(reader),
        )
        return Seen(reader.key, line, found.day(reader))

    @property
    def today(self) -> date:
        """Where the business is."""
        return self.now.astimezone(self.business.zone).date()

    def no_owner(self, rule: Rule) -> Iterator[Found]:
        when = Moment("before", rule.within)
        for task in self.tasks:
            if task.due is not None and not task.assignees and not task.strangers:
                yield Found(task.id, _due(task), day=self._from(when, task.due), task=task)

    def no_date(self, rule: Rule) -> Iterator[Found]:  # noqa: ARG002  as all of them
        for task in self.tasks:
            if task.due is None:
                yield Found(task.id, _due(task), task=task)

    def postponed(self, rule: Rule) -> Iterator[Found]:
        for task in self.tasks:
            past = self.past.get(task.id)
            if past is not None and past.postponed >= rule.most_moves:
                yield Found(task.id, _due(task), _words("postponed", n=str(past.postponed)), task=task)

    def no_activity(self, rule: Rule) -> Iterator[Found]:
        when = Moment("after", rule.still)
        for task in self.tasks:
            at = task.touched_at
            if at is not None:
                yield Found(task.id, _day_of(at), _since(at), self._from(when, at), task)

    def overloaded(self, rule: Rule) -> Iterator[Found]:  # noqa: ARG002
        zone, today = self.business.zone, self.today
        loads: Counter[str] = Counter()
        for task in self.tasks:
            inside = task.due is not None and today <= due_day(task.due, zone) <= today + AHEAD
            loads.update({name: int(inside) for name in task.assignees if not self.reach.readers[name].left})
        usual = Decimal(str(median(loads.values()))) if loads else Decimal(0)
        for name, load in sorted(loads.items()):
            if load > MOST_TASKS and load > TIMES_MEDIAN * usual:
                detail = _words("overloaded", n=str(load), median=f"{usual.normalize():f}")
                about = self.reach.readers[name].name
                yield Found(f"person:{name}", self._week, detail, about=about)

    def at_risk(self, rule: Rule) -> Iterator[Found]:
        places: dict[tuple[str, str], list[Task]] = {}
        for task in self.tasks:
            if task.place is not None:
                places.setdefault((task.connection, task.place_id or task.place), []).append(task)
        for (connection, place), tasks in sorted(places.items()):
            late = [task for task in tasks if task.due is not None and is_late(task.due, self.today, self.now)]
            missed = sorted((task.title, task.id) for task in late if task.milestone)
            if not missed and len(late) * 100 <= rule.most_late * len(tasks):
                continue
            detail = _words("milestone", title=missed[0][0]) if missed else _share(len(late), len(tasks))
            about = min(task.place for task in tasks if task.place is not None)
            yield Found(f"place:{connection}/{place}", self._week, detail, about=about)

    def _week(self, reader: Reader) -> str:
        year, week, _ = self.now.astimezone(reader.zone).isocalendar()
        return f"{year}-W{week:02}"

    def _from(self, when: Moment, at: date) -> Callable[[Reader], date]:
        """The first day of hers on or after that moment, counted from an instant or a day."""

        def day(reader: Reader) -> date:
            steps, start = self.steps[reader.key], due_day(at, reader.zone)
            asked = (id(steps), when, start)
            if asked not in self._days:
                self._days[asked] = steps.day_of(when, at)
            return self._days[asked]

        return day


_RULES: Mapping[str, Callable[[Watching, Rule], Iterator[Found]]] = {
    "no owner": Watching.no_owner,
    "no date": Watching.no_date,
    "postponed": Watching.postponed,
    "no activity": Watching.no_activity,
    "overloaded": Watching.overloaded,
    "project at risk": Watching.at_risk,
}


def _due(task: Task) -> Callable[[Reader], str]:
    return lambda _: due_text(task.due)


def _day_of(at: datetime) -> Callable[[Reader], str]:
    return lambda reader: due_day(at, reader.zone).isoformat()


def _since(at: datetime) -> Callable[[Reader], str]:
    return lambda reader: say(reader.language, "no activity", day=words.day(due_day(at, reader.zone), reader.language))


def _words(word: str, **parts: object) -> Callable[[Reader], str]:
    return lambda reader: say(reader.language, word, **parts)


def _share(late: int, of: int) -> Callable[[Reader], str]:
    def words_of(language: Language) -> str:
        share = words.percent(Decimal(late * 100) / of, language, places=0)
        return say(language, "late_share", n=str(late), all=of, share=share)

    return lambda reader: words_of(reader.language)


def open_tasks(tasks: Iterable[Task]) -> list[Task]:
    """Those that are to be done, in the one order that plans are made in."""
    return sorted((task for task in tasks if not task.done), key=lambda task: task.id)
