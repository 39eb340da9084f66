"""Which mails are to go out now: each alert once, to the right person, at a decent hour. Pure.

The same tasks, memory and instant give the same mails in whatever order the tasks come (R3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts import reach
from hub.planning.alerts.collect import Candidate, Collected, by_due, collect
from hub.planning.alerts.desk import Desk, Way
from hub.planning.alerts.notes import say
from hub.planning.alerts.types import Line, Mail, MailKind, Memory, Planned, Task

MOST_LISTED = 100
"""Lines of the list of a first run; the others are a number."""


def plan_alerts(job: DeadlineJob, business: Business, tasks: Iterable[Task], memory: Memory, now: datetime) -> Planned:
    """What is to be sent now, what waits for its slot, and what a person should know. `tasks`: the done ones too."""
    every = list(tasks)
    found = collect(job, business, every, memory, now)
    post = _Post(found)
    mails = sorted((*post.first_list(), *post.mails(every)), key=lambda mail: (mail.to.key, mail.kind, mail.key))
    listed = any(mail.kind == "list" for mail in mails)
    ahead = [*found.openings(), *(at for _, at in post.waiting)]
    return Planned(
        mails=tuple(mails),
        notes=(*post.notes(), *reach.notes(found.reach, found.tasks, business.language)),
        reread=tuple(sorted(post.counted.union(*(_tasks(mail.lines) for mail in mails)))),
        waiting=tuple(sorted(post.waiting)),
        next_at=min((at for at in ahead if at > now), default=None),
        begins=not memory.begun and bool(every) and (listed or not found.unlisted),
    )


@dataclass(slots=True)
class _Post:
    """Makes mails of what is to be said. `waiting`: whose mails wait for which slot. `counted`: tasks of digests that
    are said by their number only."""

    found: Collected
    waiting: set[tuple[str, datetime]] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    def first_list(self) -> Iterator[Mail]:
        """What was late before the hub came: one list, to who is told when nobody does a task."""
        found, fallback = self.found, self.found.reach.fallback
        lines = found.unlisted
        if not lines or self._waits(found.desks[fallback], "digest"):
            return
        lines.sort(key=lambda line: (not _owners(line), _owners(line), *by_due(line)))
        yield self._mail("list", found.desks[fallback], lines[:MOST_LISTED], folded=lines[MOST_LISTED:])

    def notes(self) -> Iterator[str]:
        """What is particular about this plan."""
        found = self.found
        if found.late:
            desk = found.desks.get(found.reach.fallback)
            other = desk.reader.name if desk is not None else found.reach.fallback
            yield say(found.business.language, "begins", n=len(found.late), other=other)

    def mails(self, every: Iterable[Task]) -> Iterator[Mail]:
        """The mails of everybody that may go out now."""
        lines, most = self.found.lines, self.found.job.sending.most_per_week
        done = self._done(every)
        for name, desk in self.found.desks.items():
            single = sorted(lines.get((name, "mail"), ()), key=lambda one: one.rank)
            room = max(0, most - desk.mails)
            if single[:room] and not self._waits(desk, "mail"):
                yield from (self._single(desk, one) for one in single[:room])
            grouped = sorted((*single[room:], *lines.get((name, "digest"), ())), key=lambda one: one.rank)
            if grouped and not self._waits(desk, "digest"):
                said = [one.line for one in grouped]
                self.counted |= _tasks(said[most:])
                yield self._mail("digest", desk, said[:most], folded=said[most:], done=done.get(name, ()))

    def _single(self, desk: Desk, one: Candidate) -> Mail:
        key = f"{self.found.job.name}/mail/{one.line.keys[0]}"
        return Mail(key=key, kind="mail", to=desk.reader, day=desk.today, lines=(one.line,), text=one.text)

    def _mail(
        self, kind: MailKind, desk: Desk, lines: Sequence[Line], folded: Sequence[Line] = (), done: Sequence[Task] = ()
    ) -> Mail:
        """A mail about several things. Its key tells what it says, so that the same mail has the same key."""
        more = tuple(key for line in folded for key in line.keys)
        said = sorted({*more, *(key for line in lines for key in line.keys)})
        short = sha256("\n".join(said).encode()).hexdigest()[:12]
        return Mail(
            key=f"{self.found.job.name}/{kind}/{desk.reader.key}/{desk.today.isoformat()}/{short}",
            kind=kind,
            to=desk.reader,
            day=desk.today,
            lines=tuple(lines),
            done=tuple(done),
            more=len(folded),
            folded=more,
        )

    def _done(self, every: Iterable[Task]) -> Mapping[str, Sequence[Task]]:
        """Reader -> her own tasks that were completed since her last digest, in that order."""
        done: dict[str, list[Task]] = {}
        since = {name: desk.last_digest for name, desk in self.found.desks.items() if desk.last_digest is not None}
        for task in every:
            if task.done and task.done_at is not None:
                for name in task.assignees:
                    if name in since and task.done_at > since[name]:
                        done.setdefault(name, []).append(task)
        return {name: sorted(tasks, key=lambda task: (task.done_at, task.id)) for name, tasks in done.items()}

    def _waits(self, desk: Desk, way: Way) -> bool:
        """Whether no mail of that way may go to her now. When it may is kept."""
        if way in desk.slots:
            return False
        at = desk.next_slot(way)
        if at is not None:
            self.waiting.add((desk.reader.key, at))
        return True


def _tasks(lines: Iterable[Line]) -> set[str]:
    return {line.task.id for line in lines if line.task is not None}


def _owners(line: Line) -> tuple[str, ...]:
    return () if line.task is None else (*line.task.assignees, *line.task.strangers)
