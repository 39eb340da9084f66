"""Scripts of what may happen to one client, day by day, and the records by which the hub hears of it, late or not.

A business that works every day, and events at one hour of the day: so that days are all that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.history import Mirror
from tests.planning.journeys import small
from tests.planning.journeys.records import booking, charge, euros, mirror, session
from tests.planning.journeys.small import DAY, MARIE

EVENTS = (
    "payment", "second_event", "booking", "move", "cancel", "no_show", "refund", "mapping", "fails", "crash",
)  # fmt: skip
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
START = datetime(2026, 4, 6, 9, tzinfo=UTC)
"""No clock changes until autumn, so that a day has 24 hours."""
FIRST_SLOT, MOVED_BY = 10, 3
"""Days from a booking to its appointment, and by how many days a move puts it off."""


def business() -> Business:
    return small.business(working_days=EVERY_DAY, holidays=None)


def job(version: int) -> OnboardingJob:
    """The example's file; version 2 has one mail more."""
    steps = list(small.file("onboarding.yaml")["steps"])
    if version == 2:
        steps.append({"name": "bonus", "after": "payment", "send": "bonus"})
    return small.job(steps=steps)


@dataclass(frozen=True)
class Event:
    """`gap`: days since the one before. `late`: after how many days the hub hears of it, and of its other half."""

    what: str
    gap: int = 1
    late: tuple[int, int] = (0, 0)


@dataclass
class Slot:
    """One booking. `made`: on which day; `day`: of the appointment. `end`: what became of it, on which day."""

    key: str
    made: int
    day: int
    heard: int
    end: str = ""
    ended: int = 0
    end_heard: int = 0


@dataclass
class Script:
    """What happened, by day. `chains`: appointments with all their bookings. None: it did not happen."""

    paid: int | None = None
    paid_heard: int | None = None
    refunded: int | None = None
    refund_heard: int | None = None
    charge_heard: int | None = None
    chains: list[list[Slot]] = field(default_factory=list)
    missed: list[tuple[Slot, int, int]] = field(default_factory=list)
    """(slot, day, heard)"""
    mapping: int | None = None
    fails: list[int] = field(default_factory=list)
    crashes: list[int] = field(default_factory=list)
    last: int = 0


def script_of(events: Sequence[Event]) -> Script:
    """What these events come to; one that cannot happen (a move of nothing) did not."""
    script, day = Script(), 0
    for event in events:
        day += event.gap
        heard, other = day + event.late[0], day + event.late[1]
        live = [chain for chain in script.chains if not chain[-1].end and not _missed(script, chain[-1])]
        future = [chain for chain in live if chain[-1].day > day]
        if event.what == "payment" and script.paid is None:
            script.paid, script.paid_heard = day, heard
        elif event.what == "second_event" and script.paid is not None and script.charge_heard is None:
            script.charge_heard = heard
        elif event.what == "refund" and script.paid is not None and script.refunded is None:
            script.refunded, script.refund_heard = day, heard
        elif event.what == "booking":
            script.chains.append([Slot(f"b{day}", day, day + FIRST_SLOT, heard)])
        elif event.what == "move" and future:
            old = future[-1][-1]
            old.end, old.ended, old.end_heard = "moved", day, other
            future[-1].append(Slot(f"b{day}", day, old.day + MOVED_BY, heard))
        elif event.what == "cancel" and future:
            slot = future[-1][-1]
            slot.end, slot.ended, slot.end_heard = "cancelled", day, heard
        elif event.what == "no_show" and live:
            day = max(day, live[-1][-1].day)
            script.missed.append((live[-1][-1], day, day + event.late[0]))
        elif event.what == "mapping" and script.mapping is None:
            script.mapping = day
        elif event.what == "fails":
            script.fails.append(day)
        elif event.what == "crash":
            script.crashes.append(day)
    script.last = day + 35
    return script


def _missed(script: Script, slot: Slot) -> bool:
    return any(each is slot for each, _, _ in script.missed)


def at(day: int) -> datetime:
    return START + day * DAY


def heard_by(script: Script, day: int) -> Mirror:
    """The mirror on that day: of each record the newest state that we have heard of."""
    return mirror([*_stripe(script, day), *_calendly(script, day)])


def _stripe(script: Script, day: int) -> Iterator[tuple[str, Record]]:
    if script.paid is None:
        return
    if script.paid_heard is not None and script.paid_heard <= day:
        yield "stripe", session("cs", MARIE, at(script.paid))
    refunded = script.refunded is not None and script.refund_heard is not None and script.refund_heard <= day
    if refunded or (script.charge_heard is not None and script.charge_heard <= day):
        yield "stripe", charge("ch", "pi_cs", at(script.paid), refunded=euros(900 if refunded else 0))
    if refunded and script.refunded is not None:
        refund: dict[str, Any] = {"charge": "ch", "amount": euros(900)}
        yield "stripe", Record(stream="refund", key="re", fields=refund, at=at(script.refunded))


def _calendly(script: Script, day: int) -> Iterator[tuple[str, Record]]:
    for chain in script.chains:
        for number, slot in enumerate(chain):
            ended = bool(slot.end) and slot.end_heard <= day
            missed = next((m for m in script.missed if m[0] is slot and m[2] <= day), None)
            if slot.heard > day and not ended and missed is None:
                continue
            more: dict[str, Any] = {}
            if number:
                more["moved_from"] = chain[number - 1].key
            if ended:
                more |= {"status": slot.end, "edited_at": at(slot.ended)}
                if slot.end == "moved":
                    more["moved_to"] = chain[number + 1].key
            if missed is not None:
                more |= {"no_show": True, "edited_at": at(missed[1])}
            yield "calendly", booking(slot.key, MARIE, at(slot.made), at(slot.day), **more)
