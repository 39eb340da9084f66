"""A business whose time is simulated: tasks that people edit, a schedule, outages, and mails that go out or fail.

The hub's part is played as the engine plays it: plan on the mirror, read the tasks of the mails again, plan once more,
send. What is true and what the mirror holds are two things: a webhook may get lost.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.planning.alerts.plan import plan_alerts
from hub.planning.alerts.types import Mail, Memory, Planned, Sent, Snooze
from tests.planning.alerts.edits import Edit
from tests.planning.alerts.offices import business_of, job_of, task_of
from tests.planning.alerts.oracle import Chore, Letter, Office, Oracle
from tests.planning.alerts.wall_calendar import GROUPS, Due, due_day, due_text, group, instant, local, works

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOBODY = ("nobody of the business",)
SHUFFLED = 4
"""At every so many looks the tasks come in another order."""


def letter_of(mail: Mail) -> Letter:
    """A planned mail as the oracle writes them."""
    lines = set()
    for line in mail.lines:
        assert line.task is not None
        assert line.day is not None
        lines.add((line.task.id, "" if mail.kind == "list" else line.step, str(line.group), line.day))
    assert len(lines) == len(mail.lines)
    return Letter(
        reader=mail.to.key,
        kind=mail.kind,
        day=mail.day,
        lines=frozenset(lines),
        covers=frozenset(mail.covers),
        done=frozenset(task.id for task in mail.done),
        more=mail.more,
    )


@dataclass(kw_only=True)
class Counts:
    looks: int = 0
    mails: int = 0
    lines: int = 0
    failed: int = 0
    stale: int = 0


@dataclass(kw_only=True)
class World:
    """`truth` and `mirror`: tasks by id. `past`: the due value that a task had before. `keys`: of mails that went."""

    office: Office
    start: datetime
    job: DeadlineJob
    business: Business
    oracle: Oracle
    truth: dict[str, Chore] = field(default_factory=dict)
    mirror: dict[str, Chore] = field(default_factory=dict)
    past: dict[str, Due | None] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    round: datetime | None = None
    down_until: datetime | None = None
    missed: bool = False
    paused_until: datetime | None = None
    refused: dict[str, datetime] = field(default_factory=dict)
    away: dict[str, datetime] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    calm: tuple[datetime, datetime | None, int] | None = None
    made: int = 0

    @classmethod
    def of(cls, office: Office, start: date) -> World:
        at = datetime.combine(start, time(), tzinfo=UTC)
        return cls(
            office=office,
            start=at,
            job=job_of(office),
            business=business_of(office),
            oracle=Oracle(office=office),
        )

    # time

    def live(self, edits: Iterable[Edit], days: int) -> None:
        """Let time pass, from instant to instant at which the hub or somebody does something."""
        end = self.start + timedelta(days=days)
        turn = count(1)
        queue: list[tuple[datetime, int, Edit | None]] = [(at, 0, None) for at in self.schedule(days)]
        queue += [(self.start + edit.at * MINUTE, next(turn), edit) for edit in sorted(edits, key=lambda edit: edit.at)]
        heapq.heapify(queue)
        while queue:
            now, _, edit = heapq.heappop(queue)
            if now >= end:
                continue
            if edit is None:
                self.scheduled(now)
            elif edit.what == "hub up":
                self.up(now)
            else:
                self.happens(edit, now)
                if edit.what == "hub down" and self.down_until is not None:
                    heapq.heappush(queue, (self.down_until, next(turn), replace(edit, what="hub up")))
                if edit.rings and self.down_until is None:
                    self.look(now)

    def schedule(self, days: int) -> Sequence[datetime]:
        """Each instant at which a deployment runs: in each zone, each day, when the hours begin and at the digest's."""
        found = set()
        first = self.start.date()
        for human in self.office.humans:
            for number in range(-1, days + 1):
                for clock in (self.office.opens, self.office.digest_at):
                    found.add(instant(human, first + timedelta(days=number), clock))
        return sorted(at for at in found if at >= self.start)

    def scheduled(self, now: datetime) -> None:
        if self.down_until is not None:
            self.missed = True
            return
        if self.paused_until is not None and now < self.paused_until:
            return
        self.round = self.oracle.round = now
        self.look(now)

    def up(self, now: datetime) -> None:
        """The hub is back. What the schedule missed runs once, late."""
        if self.down_until is None or now < self.down_until:
            return
        self.down_until = None
        self.mirror = {key: replace(chore) for key, chore in self.truth.items()}
        if self.missed:
            self.round = self.oracle.round = now
            self.missed = False
        self.calm = None
        self.look(now)

    # what people do

    def happens(self, edit: Edit, now: datetime) -> None:
        self.calm = None
        humans = self.office.humans
        if edit.what == "hub down":
            until = now + abs(edit.days) * 9 * HOUR
            self.down_until = max(until, self.down_until or until)
        elif edit.what == "mail refused":
            for human in humans if edit.who % 3 == 0 else (humans[edit.who % len(humans)],):
                self.refused[human.key] = now + abs(edit.days) * 5 * HOUR
        elif edit.what == "source away":
            self.away[("asana", "trello")[edit.who % 2]] = now + abs(edit.days) * 7 * HOUR
        elif edit.what == "schedule paused":
            self.paused_until = now + abs(edit.days) * 11 * HOUR
        elif edit.what == "create":
            self.create(edit, now)
        elif edit.what == "poll":
            if self.down_until is None:
                self.mirror = {key: replace(chore) for key, chore in self.truth.items()}
        elif chores := [
            key for key in sorted(self.truth) if (self.truth[key].done_at is not None) == (edit.what == "reopen")
        ]:
            chore = self.truth[chores[edit.task % len(chores)]]
            self.change(chore, edit, now)
            if edit.rings and self.down_until is None:
                self.refresh({chore.id})

    def create(self, edit: Edit, now: datetime) -> None:
        """A new task. What was done three weeks ago is put away meanwhile."""
        for key in [key for key, old in self.truth.items() if old.done_at and old.done_at < now - timedelta(days=21)]:
            del self.truth[key]
        self.made += 1
        chore = Chore(id=f"{('asana', 'trello')[edit.task % 2]}/tasks/{self.made:04d}", due=None)
        day = now.date() + timedelta(days=edit.days)
        chore.due = day if edit.task % 3 else datetime.combine(day, time(edit.task % 24, 17), tzinfo=UTC)
        if edit.who % 6:
            chore.who = (self.office.humans[edit.who % len(self.office.humans)].key,)
        self.truth[chore.id] = chore
        if edit.rings and self.down_until is None:
            self.refresh({chore.id})

    def change(self, chore: Chore, edit: Edit, now: datetime) -> None:
        before = chore.due
        self.change_date(chore, edit)
        self.change_people(chore, edit, now)
        match edit.what:
            case "done":
                chore.done_at = now
            case "reopen":
                chore.done_at = None
            case "delete":
                del self.truth[chore.id]
            case "rename":
                chore.title += "!"
        if chore.due != before:
            self.past[chore.id] = before

    def change_date(self, chore: Chore, edit: Edit) -> None:
        match edit.what:
            case "move" if chore.due is not None:
                chore.due += timedelta(days=edit.days)
            case "back":
                chore.due = self.past.get(chore.id, chore.due)
            case "day" if isinstance(chore.due, datetime):
                chore.due = chore.due.date()
            case "instant" if chore.due is not None:
                chore.due = datetime.combine(chore.due, time(edit.task % 24), tzinfo=UTC)
            case "undated":
                chore.due = None

    def change_people(self, chore: Chore, edit: Edit, now: datetime) -> None:
        human = self.office.humans[edit.who % len(self.office.humans)]
        if edit.what in ("snooze", "not mine") and chore.who and edit.who % 4:  # mostly, whoever does it says so
            human = self.office.human(chore.who[0]) or human
        match edit.what:
            case "assign":
                chore.who = (human.key,)
            case "nobody":
                chore.who = ()
            case "both":
                chore.who = tuple(dict.fromkeys((*chore.who, human.key)))
            case "stranger":
                chore.who = NOBODY
            case "snooze" if chore.due is not None:
                until = local(human, now).date() + timedelta(days=abs(edit.days))
                self.oracle.snoozed[chore.id, human.key] = (until, chore.due)
            case "not mine" if chore.due is not None:
                self.oracle.not_mine.setdefault((chore.id, human.key), []).append(chore.due)

    # what the hub does

    def refresh(self, ids: Iterable[str]) -> bool:
        """Read these tasks again. Whether something had changed."""
        changed = False
        for key in ids:
            true = self.truth.get(key)
            changed |= self.mirror.get(key) != true
            if true is None:
                self.mirror.pop(key, None)
            else:
                self.mirror[key] = replace(true)
        return changed

    def seen(self, now: datetime) -> list[Chore]:
        """What the mirror holds of the places that answer."""
        return [chore for chore in self.mirror.values() if self.away.get(chore.id.partition("/")[0], self.start) <= now]

    def memory(self) -> Memory:
        return Memory(
            said=frozenset(self.said),
            sent=tuple(self.sent),
            round=self.round,
            begun=self.oracle.begun,
            snoozed={key: Snooze(until, due_text(due)) for key, (until, due) in self.oracle.snoozed.items()},
            not_mine=frozenset((*key, due_text(due)) for key, dues in self.oracle.not_mine.items() for due in dues),
        )

    def plan(self, now: datetime) -> Planned:
        tasks = [task_of(chore, self.office) for chore in self.seen(now)]
        return plan_alerts(self.job, self.business, tasks, self.memory(), now)

    def look(self, now: datetime) -> None:
        """Plan, read again what the mails speak of, and send; hold each mail against the oracle and the rules."""
        self.counts.looks += 1
        planned = self.plan(now)
        while self.refresh(planned.reread):
            self.counts.stale += 1
            planned = self.plan(now)
        self.compare(planned, now)
        for mail in planned.mails:
            self.check(mail, now)
        self.check_calm(planned, now)
        failed = self.send(planned, now)
        if planned.mails:
            planned = self.check_again(now, failed)
        self.calm = None if failed else (now, planned.next_at, len(self.seen(now)))

    def compare(self, planned: Planned, now: datetime) -> None:
        mine = sorted((letter_of(mail) for mail in planned.mails), key=order)
        theirs = sorted(self.oracle.letters(self.seen(now), now), key=order)
        listed = any(letter.kind == "list" for letter in theirs)
        if self.oracle.begun or not self.seen(now):
            assert not planned.begins
        else:
            late = any(self.oracle.late_already(chore, now) for chore in self.seen(now))
            assert planned.begins == (not late or listed)
        known = {letter.reader for letter in theirs if self.oracle.digests.get(letter.reader)}
        mine = [letter if letter.reader in known else replace(letter, done=frozenset()) for letter in mine]
        assert mine == theirs, f"{now:%Y-%m-%d %H:%M} UTC\nplanned {mine}\noracle  {theirs}"
        assert planned.quiet == ()
        assert {line[0] for letter in mine for line in letter.lines} <= set(planned.reread)

    def check(self, mail: Mail, now: datetime) -> None:
        """What holds for every mail, whatever it says, against what is true and not what the mirror holds."""
        human = self.office.human(mail.to.key)
        assert human is not None
        assert human.address
        assert mail.to.address == f"{human.key}@example.com"
        here = local(human, now)
        assert works(human, here.date()), "a day off"
        assert self.office.opens <= here.time() <= self.office.closes, "quiet hours"
        assert human.left is None or here.date() < human.left
        assert mail.key not in self.keys, "sent twice"
        assert mail.key.startswith(f"{self.job.name}/{mail.kind}/{human.key}/")
        assert mail.kind == "mail" or mail.key.split("/")[3] == here.date().isoformat()
        assert mail.lines, "empty"
        assert [GROUPS.index(line.group) for line in mail.lines] == sorted(
            GROUPS.index(line.group) for line in mail.lines
        )
        if mail.kind != "list":
            assert len(mail.lines) <= self.office.most_per_week, "beyond the budget"
        if mail.kind == "digest":
            days = [
                local(human, each.at).date() for each in self.sent if (each.reader, each.kind) == (human.key, "digest")
            ]
            assert here.date() not in days, "two digests"
        for line in mail.lines:
            assert line.task is not None
            true = self.truth.get(line.task.id)
            assert true is not None, "deleted"
            assert true.done_at is None, "done"
            assert line.task.due == true.due, "moved"
            assert true.due is not None
            assert line.day == due_day(human, true.due)
            assert line.group == group(human, true.due, now)
            if mail.kind == "list":
                continue
            top = line.keys[0]
            step = top.removeprefix(f"{human.key}/{true.id}/").removesuffix(f"/{due_text(true.due)}")
            assert step.partition("#")[0] == line.step
            back = [key for key in line.keys if "/snoozed until " in key]
            assert top not in self.said or set(back) - self.said, "said twice"

    def check_calm(self, planned: Planned, now: datetime) -> None:
        """Nothing changed since the last look: what goes out now was foreseen."""
        if self.calm is None or self.calm[2] != len(self.seen(now)):
            return
        last, foreseen, _ = self.calm
        for mail in planned.mails:
            human = self.office.human(mail.to.key)
            assert human is not None
            clock = self.office.opens if mail.kind == "mail" else self.office.digest_at
            if instant(human, mail.day, clock) > last:
                assert foreseen is not None, f"{now}: nothing was said to be ahead, but {letter_of(mail)}"
                assert last < foreseen <= now, f"{now}: {foreseen} was said to be ahead, but {letter_of(mail)}"

    def send(self, planned: Planned, now: datetime) -> bool:
        """Whether a mail failed."""
        failed = False
        for mail in planned.mails:
            if self.refused.get(mail.to.key, self.start) > now:
                self.counts.failed += 1
                failed = True
                continue
            self.counts.mails += 1
            self.counts.lines += len(mail.lines)
            self.keys.add(mail.key)
            self.said |= set(mail.covers)
            self.sent.append(Sent(reader=mail.to.key, kind=mail.kind, at=now))
            self.oracle.heard(letter_of(mail), now)
        if planned.begins and not failed:
            self.oracle.begun = True
        return failed

    def check_again(self, now: datetime, failed: bool) -> Planned:
        """What went out is not planned again, and (now and then looked at) the order of the tasks means nothing."""
        again = self.plan(now)
        assert failed or again.mails == ()
        assert not {mail.key for mail in again.mails} & self.keys
        if self.counts.looks % SHUFFLED:
            return again
        shuffled = list(self.mirror)
        random.Random(len(shuffled)).shuffle(shuffled)
        self.mirror = {key: self.mirror[key] for key in shuffled}
        assert self.plan(now) == again
        return again


def order(letter: Letter) -> tuple[str, str, list[tuple[str, str, str, date]]]:
    return letter.reader, letter.kind, sorted(letter.lines)
