"""Who can be told, and who is told in her place. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from hub.mapping.deadline_job import DeadlineJob
from hub.planning.alerts.notes import say
from hub.planning.alerts.steps import ASSIGNEE, told
from hub.planning.alerts.types import Reader, Task
from hub.planning.brief_facts import Note
from hub.planning.words import Language

Places: TypeAlias = tuple[int, ...]
"""Steps by their places in the file."""
Why: TypeAlias = Literal["left", "no_address", "refused"]


@dataclass(frozen=True, slots=True)
class Reach:
    """The people of a business, and which of them a mail reaches."""

    job: DeadlineJob
    readers: Mapping[str, Reader]
    refused: Collection[str] = ()
    _concerned: dict[tuple[str, ...], Mapping[str, Places]] = field(default_factory=dict)

    @property
    def fallback(self) -> str:
        return self.job.sending.nobody_assigned

    def why_not(self, name: str) -> Why | None:
        """Why a mail does not reach her; None when it does. KeyError for somebody who is nobody here."""
        reader = self.readers[name]
        if reader.left:
            return "left"
        if reader.address is None:
            return "no_address"
        return "refused" if reader.address.strip().casefold() in self.refused else None

    @property
    def reachable(self) -> frozenset[str]:
        return frozenset(name for name in self.readers if self.why_not(name) is None)

    def concerned(self, assignees: tuple[str, ...]) -> Mapping[str, Places]:
        """Reader -> the steps that she is told of, for a task of these people."""
        if assignees not in self._concerned:
            found: dict[str, list[int]] = {}
            reachable = self.reachable
            for place, alert in enumerate(self.job.alerts):
                for name in told(alert.tell, assignees, self.fallback, reachable):
                    found.setdefault(name, []).append(place)
            self._concerned[assignees] = {name: tuple(places) for name, places in found.items()}
        return self._concerned[assignees]

    def unreached(self, tasks: Iterable[Task]) -> tuple[Note, ...]:
        """People who should be told of open tasks and cannot be: what only a person can put right."""
        counts: Counter[tuple[str, str]] = Counter()
        for task in tasks:
            if not task.done:
                counts.update(self._strangers(task))
        return tuple(Note(kind=kind, who=who, tasks=n) for (kind, who), n in sorted(counts.items()))  # type: ignore[arg-type]

    def _strangers(self, task: Task) -> Iterator[tuple[str, str]]:
        for who in task.strangers:
            yield "stranger", who
        named = {word for alert in self.job.alerts for word in alert.tell if word != ASSIGNEE and task.due is not None}
        for who in {*task.assignees, *named}:
            why = self.why_not(who) if who in self.readers else None
            if why is not None:
                yield why, self.readers[who].name


def notes(reach: Reach, tasks: Iterable[Task], language: Language) -> tuple[str, ...]:
    """The same in words, and what nobody at all is told."""
    other = reach.readers[reach.fallback].name if reach.fallback in reach.readers else reach.fallback
    found = [say(language, note.kind, who=note.who, n=note.tasks, other=other) for note in reach.unreached(tasks)]
    if reach.fallback not in reach.reachable:
        found.append(say(language, "nobody_left", other=other))
    return tuple(found)
