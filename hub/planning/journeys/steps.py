"""Each step of one journey: done, due, waiting or never to be, and from which instant on. Pure.

A step has a key for each time that it is done (`{job}/{journey}/{step}/{n}`), and what has that key in the ledger is
never done again. A reminder counts from the one before as it went out, so that after a pause or an outage they do not
all come at once; a wait never counts from before the journey was opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from hub.mapping.onboarding_job import Step
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.sheet import Part, Sheet
from hub.planning.journeys.story import Story
from hub.planning.journeys.types import Client, Deed, Doing, Memory

Status: TypeAlias = Literal[
    "done", "asked", "stuck", "due", "ahead", "waits", "off", "over", "skipped", "silenced", "greeted",
]  # fmt: skip
"""asked: somebody was asked and has not ticked it. ahead: at `due`. waits: for something to happen. off: what it asks
for has happened, or was ticked. over: the appointment that it prepares has begun."""
SETTLED: frozenset[Status] = frozenset({"done", "off", "over", "skipped", "silenced", "greeted"})
"""Nothing more will come of it."""
LEFT_OUT: frozenset[Status] = frozenset({"over", "silenced", "greeted"})


@dataclass(slots=True)
class Item:
    """One time of one step, or of what a change asks for. `due`: from when on, outside of the open hours too; None:
    it waits for something to happen. `at`: when it was done. The others: as in `hub.planning.journeys.types.Doing`.
    """

    status: Status
    key: str
    name: str
    n: int
    what: Deed
    due: datetime | None
    at: datetime | None = None
    step: Step | None = None
    text: str | None = None
    who: tuple[str, ...] = ()
    about: str = ""
    lists: tuple[str, ...] = ()


@dataclass(slots=True)
class Case:
    """All that decides about one journey at an instant. `sheet`: the version that it keeps. `name`: of the job.

    `ids`: its own id first, then those of journeys of the same person that were joined with it. `ticked`, `skipped`:
    steps. `resumed`: step ("" for all) -> when a person last said that it goes on.
    """

    sheet: Sheet
    name: str
    ids: tuple[str, ...]
    client: Client
    story: Story
    opened_at: datetime
    memory: Memory
    clock: Clock
    now: datetime
    ticked: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    resumed: Mapping[str, datetime] | None = None

    def key(self, name: str, n: object) -> str:
        """The ledger key of what is done in this journey. `n`: a number, or what tells one event from another."""
        return f"{self.name}/{self.ids[0]}/{name}/{n}"

    def done_at(self, name: str, n: object) -> datetime | None:
        """When it was done, in this journey or in one that was joined with it; None when it was not."""
        for each in self.ids:
            at = self.memory.done.get(f"{self.name}/{each}/{name}/{n}")
            if at is not None:
                return at
        return None

    def stuck(self, key: str, name: str) -> bool:
        """Whether the schedule has given it up, and nobody has said since that it goes on."""
        at = self.memory.stuck.get(key)
        if at is None:
            return False
        said = self.resumed or {}
        return not any(each in said and said[each] >= at for each in ("", name))

    def doing(self, item: Item, due: datetime) -> Doing:
        """Something to do now."""
        return Doing(
            key=item.key,
            journey=self.ids[0],
            name=item.name,
            n=item.n,
            due=due,
            what=item.what,
            client=self.client,
            text=item.text,
            who=item.who,
            step=item.step,
            appointment=self.story.appointment,
            start=None if item.step is None else self._start(item.step),
            about=item.about,
            lists=item.lists,
        )

    def _start(self, step: Step) -> date | None:
        """The day from which the dates of a copy are counted, where the business is."""
        if step.copies is None or step.copies.start_on is None:
            return None
        event = step.copies.start_on.removesuffix(".day")
        at = self.story.appointment if event == "booking" else self.story.firsts.get(event)
        return None if at is None else at.astimezone(self.clock.zone).date()


def items(case: Case) -> Iterator[Item]:
    """Every time of every step, as far as it can be told now, in the order of the file."""
    for part in case.sheet.parts:
        yield from _times(case, part)


def _times(case: Case, part: Part) -> Iterator[Item]:
    step, due = part.step, due_of(part, case)
    asked: datetime | None = None
    all_done = True
    for n in range(1, part.last + 1):
        key, at = case.key(part.name, n), case.done_at(part.name, n)
        if at is None:
            status = _status(part, case, part.what, n, key, due)
            yield Item(status, key, part.name, n, part.what, due, None, step, step.send, part.who)
            all_done = False
            break
        open_yet = step.ask is not None and part.name not in case.ticked and part.name not in case.skipped
        yield Item("asked" if open_yet else "done", key, part.name, n, part.what, due, at, step, step.send, part.who)
        asked = asked or at
        if step.repeat is not None:
            due = case.clock.later(max(due or at, at), step.repeat.every)
    if all_done and step.repeat is not None and step.repeat.then_tell is not None and due is not None:
        yield _told(part, case, part.name, part.last + 1, due, (step.repeat.then_tell,), "no answer")
    if step.ask is not None and step.late_after is not None and asked is not None:
        late = case.clock.later(asked, step.late_after)
        yield _told(part, case, f"{part.name}.late", 1, late, part.who, "late")


def _told(part: Part, case: Case, name: str, n: int, due: datetime, who: tuple[str, ...], about: str) -> Item:
    """People are told that a step has come to nothing so far."""
    key, at = case.key(name, n), case.done_at(name, n)
    status: Status = "done" if at is not None else _status(part, case, "tell", n, key, due)
    return Item(status, key, name, n, "tell", due, at, part.step, None, who, about)


def _status(part: Part, case: Case, what: Deed, n: int, key: str, due: datetime | None) -> Status:
    """Of what was not done."""
    if part.name in case.skipped:
        return "skipped"
    if part.name in case.ticked or (part.step.if_no is not None and case.story.has(part.step.if_no)):
        return "off"
    if due is None:
        return "waits"
    return _kept_back(part, case, what, n, key) or ("due" if due <= case.now else "ahead")


def _kept_back(part: Part, case: Case, what: Deed, n: int, key: str) -> Status | None:
    """Why it is not done although its time comes; None when nothing speaks against it."""
    person, appointment = case.client.address, case.story.appointment
    if part.step.before is not None and appointment is not None and appointment <= case.now:
        return "over"
    if what == "send" and person in case.memory.silenced:
        return "silenced"
    if part.greets and n == 1 and not part.words.isdisjoint(case.memory.greeted.get(person, ())):
        return "greeted"
    return "stuck" if case.stuck(key, part.name) else None


def due_of(part: Part, case: Case) -> datetime | None:
    """When a step is first due; None while what it waits for has not happened."""
    step, story, clock = part.step, case.story, case.clock
    if step.before is not None:
        day, booked = story.appointment, story.firsts.get("booking")
        if day is None or booked is None:
            return None
        return max(booked, clock.later(day, step.by, back=True) if step.by is not None else day)
    start = None
    for event in step.after:
        first = story.firsts.get(event)
        if first is None:
            return None
        start = first if start is None or first > start else start
    if start is None or (part.for_booking and story.appointment is None):
        return None
    if step.wait is None:
        return start
    since = [start, case.opened_at]
    if step.if_no == "booking" and story.cancels:
        since.append(story.cancels[-1].at)
    return clock.later(max(since), step.wait)


def redated(case: Case) -> Iterator[Item]:
    """What was made for an appointment that begins at another time now."""
    appointment = case.story.appointment
    if appointment is None or not case.memory.dated or not case.sheet.job.changes.booking_moved.move_dates:
        return
    for part in case.sheet.follows:
        keys = (f"{case.name}/{each}/{part.name}/1" for each in case.ids)
        made = next((at for key in keys if (at := case.memory.dated.get(key)) is not None), None)
        if made is None or _same_day(part, case, made, appointment) or part.name in case.skipped:
            continue
        if case.done_at(part.name, 1) is None:  # it was begun and failed: it will be made for the new time
            continue
        name, n = f"{part.name}.dates", 1
        while case.done_at(name, n) is not None:
            n += 1
        key = case.key(name, n)
        yield Item("stuck" if case.stuck(key, part.name) else "due", key, name, n, "change", case.now, step=part.step)


def _same_day(part: Part, case: Case, one: datetime, other: datetime) -> bool:
    if not part.for_booking:
        return one == other
    return one.astimezone(case.clock.zone).date() == other.astimezone(case.clock.zone).date()
