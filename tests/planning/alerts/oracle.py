"""Who is told what and when, a second time: day by day, reader by reader, step by step, without a thought for speed.

Nothing of the planner is used, nor its calendar: two programs that agree on a year at random are right, or wrong in the
same way. It keeps its own memory of what was said, from the letters that it is told went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TypeAlias

from tests.planning.alerts.wall_calendar import (
    GROUPS,
    Due,
    Human,
    day_to_repeat,
    day_to_speak,
    due_day,
    due_end,
    due_text,
    group,
    instant,
    local,
    same,
    works,
)

Said: TypeAlias = list[tuple[tuple[str, str, str, date], set[str]]]
"""Lines and the keys that each of them says, the most severe first."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One alert of the mapping, as it is written there. `again`: it is said every so often, "" for once."""

    name: str
    when: str
    tell: tuple[str, ...]
    by: str = "digest"
    again: str = ""


@dataclass(frozen=True, kw_only=True)
class Office:
    """The business: who is there, what is said, and the hours."""

    humans: tuple[Human, ...] = field(repr=False)
    rules: tuple[Rule, ...] = field(repr=False)
    digest_at: time
    opens: time
    closes: time
    fallback: str = "obm"
    most_per_week: int = 500

    def human(self, key: str) -> Human | None:
        return next((human for human in self.humans if human.key == key), None)


@dataclass(kw_only=True)
class Chore:
    """A task. `who`: short names, also of people who are not in the business."""

    id: str
    due: Due | None
    title: str = "Page de vente"
    done_at: datetime | None = None
    who: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What must go out now. `lines`: (task, step, group, due day there). `covers`: the keys that it says.

    `more`: how many lines beyond the budget are said by their number.
    """

    reader: str
    kind: str
    day: date
    lines: frozenset[tuple[str, str, str, date]]
    covers: frozenset[str]
    done: frozenset[str] = frozenset()
    more: int = 0


@dataclass(kw_only=True)
class Oracle:
    """What must go out at an instant, from what went out before. `snoozed`: (task, reader) -> (until, due value).
    `not_mine`: (task, reader) -> the due values of which she said that it is not hers.
    """

    office: Office
    begun: bool = True
    round: datetime | None = None
    said: set[str] = field(default_factory=set)
    digests: dict[str, list[datetime]] = field(default_factory=dict)
    singles: dict[str, list[datetime]] = field(default_factory=dict)
    snoozed: dict[tuple[str, str], tuple[date, Due]] = field(default_factory=dict)
    not_mine: dict[tuple[str, str], list[Due]] = field(default_factory=dict)

    def there(self, now: datetime) -> frozenset[str]:
        """Whom a mail reaches: who has an address and has not left."""
        return frozenset(
            human.key
            for human in self.office.humans
            if human.address and (human.left is None or local(human, now).date() < human.left)
        )

    def told(self, rule: Rule, chore: Chore, there: frozenset[str]) -> set[str]:
        """Who is told of that step. Where nobody does it whom a mail reaches, somebody stands in.

        `there`: those whom a mail reaches.
        """
        found = set()
        for word in rule.tell:
            names = [who for who in chore.who if not self.disowned(who, chore)] if word == "assignee" else [word]
            found.update([name for name in names if name in there] or [self.office.fallback])
        return {name for name in found if name in there and not self.disowned(name, chore)}

    def disowned(self, who: str, chore: Chore) -> bool:
        """Whether she said that it is not hers, of this due value."""
        dues = self.not_mine.get((chore.id, who), ())
        return bool(dues) and any(chore.due is not None and same(due, chore.due) for due in dues)

    def snooze(self, human: Human, chore: Chore) -> date | None:
        """Until when she put it off, of this due value."""
        until, due = self.snoozed.get((chore.id, human.key), (None, None))
        return until if due is not None and chore.due is not None and same(due, chore.due) else None

    def open_steps(
        self, human: Human, chore: Chore, there: frozenset[str], now: datetime
    ) -> list[tuple[date, int, int, Rule]]:
        """The steps that may be said to her by now, the most severe last: day, place, for which time, and the rule.

        Of one that is said again: for the first time and for the last.
        """
        if chore.due is None or chore.done_at is not None:
            return []
        until = self.snooze(human, chore)
        if until is not None and local(human, now).date() < until:
            return []
        found = []
        for place, rule in enumerate(self.office.rules):
            if human.key not in self.told(rule, chore, there):
                continue
            day = day_to_speak(human, rule.when, due_day(human, chore.due))
            clock = self.office.opens if rule.by == "mail" else self.office.digest_at
            times = [day]
            while rule.again and now >= instant(human, times[-1], clock):
                times.append(day_to_repeat(human, rule.again, day, len(times) + 1))
            opened = [each for each in times if now >= instant(human, each, clock)]
            found += [(opened[number - 1], place, number, rule) for number in sorted({1, len(opened)}) if opened]
        return sorted(found, key=lambda step: step[:3])

    def step_key(self, human: Human, chore: Chore, step: tuple[date, int, int, Rule]) -> str:
        _, _, number, rule = step
        return self.key(human, chore, rule.name if number == 1 else f"{rule.name}#{number}")

    def key(self, human: Human, chore: Chore, step: str) -> str:
        return f"{human.key}/{chore.id}/{step}/{due_text(chore.due)}"

    def slot_open(self, human: Human, clock: time, now: datetime) -> bool:
        """Whether a mail of today's slot at that hour may go to her now: her working day, her hours, opened."""
        here = local(human, now)
        if not works(human, here.date()) or not self.office.opens <= here.time() <= self.office.closes:
            return False
        slot = instant(human, here.date(), clock)
        return self.round is not None and slot <= self.round and slot <= now

    def had_digest(self, human: Human, now: datetime) -> bool:
        today = local(human, now).date()
        return any(local(human, at).date() == today for at in self.digests.get(human.key, []))

    def letters(self, chores: Sequence[Chore], now: datetime) -> list[Letter]:
        """Every mail that must go out now."""
        found, there = [], self.there(now)
        if not self.begun:
            late = [chore for chore in chores if self.late_already(chore, now)]
            chores = [chore for chore in chores if chore not in late or chore.done_at is not None]
            found += self.first_list(late, now)
        for human in self.office.humans:
            if human.key in there:
                found += self.letters_to(human, chores, there, now)
        return found

    def late_already(self, chore: Chore, now: datetime) -> bool:
        """Before the first run: its date is past where the list is read, or a step after it is open to somebody.

        Where nobody can read a list, there is none.
        """
        if chore.due is None or chore.done_at is not None or self.office.fallback not in self.there(now):
            return False
        reader = self.office.human(self.office.fallback)
        assert reader is not None
        return now >= due_end(reader, chore.due) or any(
            step[3].when.endswith("after") for step, _ in self.all_open(chore, now)
        )

    def all_open(self, chore: Chore, now: datetime) -> list[tuple[tuple[date, int, int, Rule], Human]]:
        """The steps that are open to anybody, put off or not."""
        awake, there = replace(self, snoozed={}), self.there(now)
        return [
            (step, human)
            for human in self.office.humans
            if human.key in there
            for step in awake.open_steps(human, chore, there, now)
        ]

    def first_list(self, late: Sequence[Chore], now: datetime) -> list[Letter]:
        """One list of all that was late before the first run, whoever does it."""
        reader = self.office.human(self.office.fallback)
        assert reader is not None
        lines, covers = set(), set()
        for chore in late:
            assert chore.due is not None
            keys = {self.step_key(human, chore, step) for step, human in self.all_open(chore, now)}
            keys = keys or {self.key(reader, chore, "late already")}
            if not keys <= self.said:
                lines.add((chore.id, "", "late", due_day(reader, chore.due)))
                covers |= keys
        if not lines or self.had_digest(reader, now) or not self.slot_open(reader, self.office.digest_at, now):
            return []
        return [
            Letter(
                reader=reader.key,
                kind="list",
                day=local(reader, now).date(),
                lines=frozenset(lines),
                covers=frozenset(covers),
            )
        ]

    def letters_to(self, human: Human, chores: Sequence[Chore], there: frozenset[str], now: datetime) -> list[Letter]:
        singles: Said = []
        grouped: Said = []
        undone = [chore for chore in chores if chore.done_at is None and chore.due is not None]
        for chore in sorted(undone, key=lambda chore: self.severity(human, chore, now)):
            steps = self.open_steps(human, chore, there, now)
            if not steps:
                continue
            assert chore.due is not None
            rule, until = steps[-1][3], self.snooze(human, chore)
            keys = {self.step_key(human, chore, step) for step in steps}
            new = self.step_key(human, chore, steps[-1]) not in self.said
            if until is not None:  # what she put off comes back once, also when it was said before
                keys.add(self.key(human, chore, f"snoozed until {until}"))
            elif not new:
                continue
            if not new and self.key(human, chore, f"snoozed until {until}") in self.said:
                continue
            line = (chore.id, rule.name, group(human, chore.due, now), due_day(human, chore.due))
            single = rule.by == "mail" and new and self.begun and len(singles) < self.room(human, now)
            (singles if single else grouped).append((line, keys))
        return [*self.mails(human, singles, now), *self.digest(human, grouped, self.done_since(human, chores), now)]

    def mails(self, human: Human, singles: Said, now: datetime) -> list[Letter]:
        if not self.slot_open(human, self.office.opens, now):
            return []
        day = local(human, now).date()
        return [
            Letter(reader=human.key, kind="mail", day=day, lines=frozenset({line}), covers=frozenset(keys))
            for line, keys in singles
        ]

    def digest(self, human: Human, grouped: Said, done: frozenset[str], now: datetime) -> list[Letter]:
        if not grouped or self.had_digest(human, now) or not self.slot_open(human, self.office.digest_at, now):
            return []
        # What a single mail had no room for stands where it belongs, too.
        shown = sorted(grouped, key=lambda one: GROUPS.index(one[0][2]))[: self.office.most_per_week]
        return [
            Letter(
                reader=human.key,
                kind="digest",
                day=local(human, now).date(),
                lines=frozenset(line for line, _ in shown),
                covers=frozenset(key for _, keys in grouped for key in keys),
                done=done,
                more=len(grouped) - len(shown),
            )
        ]

    def severity(self, human: Human, chore: Chore, now: datetime) -> tuple[object, ...]:
        """Late, then today, then soon; in each the oldest first."""
        assert chore.due is not None
        place = GROUPS.index(group(human, chore.due, now))
        return (place, due_day(human, chore.due), due_text(chore.due), chore.title, chore.id)

    def room(self, human: Human, now: datetime) -> int:
        """How many mails about one task may still go to her in this week of hers, from Monday on."""
        weeks = [local(human, at).isocalendar()[:2] for at in self.singles.get(human.key, [])]
        return self.office.most_per_week - weeks.count(local(human, now).isocalendar()[:2])

    def done_since(self, human: Human, chores: Iterable[Chore]) -> frozenset[str]:
        """Her own tasks that were completed since her last digest."""
        before = self.digests.get(human.key)
        return frozenset(
            chore.id
            for chore in chores
            if before and human.key in chore.who and chore.done_at is not None and chore.done_at > max(before)
        )

    def heard(self, letter: Letter, now: datetime) -> None:
        """That letter went out, or may have."""
        self.said |= letter.covers
        sent = {"digest": self.digests, "mail": self.singles}.get(letter.kind)
        if sent is not None:
            sent.setdefault(letter.reader, []).append(now)
