"""What the issue promises, in the plainest form: a journey lived day by day. It knows nothing of the planner.

Each day it looks at what has been heard, and does what the onboarding file says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.planning.journeys.scripts import Script, Slot


@dataclass
class Lived:
    """`counts`: how often each thing was done. `state` "": no journey was opened. `once`: what was done, to do it once.

    `nudges`: the days of the reminders.
    """

    counts: Counter[str] = field(default_factory=Counter)
    state: str = ""
    appointment: int | None = None
    opened: int | None = None
    version: int = 1
    asked: int | None = None
    nudges: list[int] = field(default_factory=list)
    once: set[tuple[str, object]] = field(default_factory=set)

    def do(self, what: str, which: object = 0) -> bool:
        """Do it, unless it was done."""
        if (what, which) in self.once:
            return False
        self.once.add((what, which))
        self.counts[what] += 1
        return True


@dataclass
class Standing:
    """An appointment as it is known: its bookings that were heard of. `day` None: moved, nobody knows to when."""

    slots: list[Slot]
    live: bool
    day: int | None
    said: int


def standings(script: Script, today: int) -> list[Standing]:
    """Bookings are one appointment where we have heard of each of them in a row."""
    found = []
    for chain in script.chains:
        run: list[Slot] = []
        for slot in [*chain, None]:
            if slot is not None and _heard(script, slot, today):
                run.append(slot)
            elif run:
                found.append(_standing(run, today))
                run = []
    return sorted(found, key=lambda each: each.said)


def _heard(script: Script, slot: Slot, today: int) -> bool:
    missed = any(each is slot and heard <= today for each, _, heard in script.missed)
    return slot.heard <= today or missed or (bool(slot.end) and slot.end_heard <= today)


def _standing(run: list[Slot], today: int) -> Standing:
    last = run[-1]
    end = last.end if last.end and last.end_heard <= today else ""
    said = last.ended if end == "moved" else last.made
    return Standing(slots=list(run), live=end != "cancelled", day=None if end == "moved" else last.day, said=said)


def live(script: Script) -> Lived:
    """The whole life of a journey."""
    lived = Lived()
    for today in range(script.last + 1):
        known = standings(script, today)
        paid = script.paid if script.paid_heard is not None and script.paid_heard <= today else None
        if lived.opened is None:
            if paid is None and not known:
                continue
            lived.opened = today
            lived.version = 2 if script.mapping is not None and script.mapping <= today else 1
        if paid is not None and script.refund_heard is not None and script.refund_heard <= today:
            lived.do("refunded")
            lived.state = "stopped"
            return lived
        standing = [each for each in known if each.live]
        _changes(lived, script, known, standing, today)
        lived.state = "paused" if known and not standing else "open"
        if lived.state == "open":
            lived.appointment = standing[-1].day if standing else None
            _steps(lived, paid, booked=bool(known), today=today)
    return lived


def _steps(lived: Lived, paid: int | None, *, booked: bool, today: int) -> None:
    soon = lived.appointment
    if soon is not None and soon > today >= soon - 2:
        lived.do("prepare")
    if paid is None:
        return
    for name in ("welcome", "client_page", *(["bonus"] if lived.version == 2 else [])):
        lived.do(name)
    if lived.do("contract"):
        lived.asked = today
    if lived.asked is not None and today >= lived.asked + 2:
        lived.do("contract.late")
    if soon is not None:
        lived.do("project")
    if booked or lived.opened is None:
        return
    due = lived.nudges[-1] + 4 if lived.nudges else max(paid, lived.opened) + 3
    if today >= due and len(lived.nudges) < 4:  # three mails to the client, then one to the OBM
        lived.nudges.append(today)
        lived.do("book", len(lived.nudges))


def _changes(lived: Lived, script: Script, known: list[Standing], standing: list[Standing], today: int) -> None:
    for each in known:
        for number, slot in enumerate(each.slots):
            moved = number > 0 or any(slot in chain and chain.index(slot) > 0 for chain in script.chains)
            if moved and each.live and each.day is not None and each.day > today:
                lived.do("booking_moved", slot.key)
        last = each.slots[-1]
        if last.end == "cancelled" and last.end_heard <= today and not _other_stood(known, each, last.ended):
            lived.do("booking_cancelled", last.key)
    for slot, day, heard in script.missed:
        if heard <= today and day <= today:
            if not any(one.day is not None and one.day > slot.day for one in standing):
                lived.do("no_show", slot.key)
            lived.do("no_show.tell", slot.key)


def _other_stood(known: list[Standing], one: Standing, day: int) -> bool:
    """Whether another appointment stood on that day, as far as is known now."""
    for other in known:
        last = other.slots[-1]
        if other is not one and other.slots[0].made <= day and (other.live or last.ended > day):
            return True
    return False
