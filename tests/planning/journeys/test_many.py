"""Thousands of journeys: only those with something due are touched. `make bench` says how long it takes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hub.core.types import Record
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.plan import plan_journeys
from hub.planning.journeys.types import Found, Memory
from tests.planning.journeys.records import booking, charge, mirror, session
from tests.planning.journeys.small import DAY, MONDAY, business, job

COUNT, NOW = 5_000, MONDAY + 60 * DAY
JOB, BUSINESS = job(hold_if={"journeys_above": 10 * COUNT}), business()


def records() -> list[tuple[str, Record]]:
    """Two of three clients have booked."""
    made: list[tuple[str, Record]] = []
    order = random.Random(1)
    for number in range(COUNT):
        address, at = f"client{number}@example.com", MONDAY + timedelta(minutes=order.randrange(59 * 24 * 60))
        made.append(("stripe", session(f"cs_{number}", address, at, name="")))
        made.append(("stripe", charge(f"ch_{number}", f"pi_cs_{number}", at)))
        if number % 3:
            made.append(("calendly", booking(f"b_{number}", address, at + DAY, at + 15 * DAY)))
    return made


def running(facts: Found) -> Memory:
    """All of them in flight, with everything done that was due."""
    memory = Memory(version="1", begun=MONDAY - DAY)
    opened = plan_journeys(JOB, BUSINESS, facts, memory, NOW).open
    journeys = {each.id: replace(each, opened_at=facts.clients[each.person].facts[0].at) for each in opened}
    memory = replace(memory, journeys=journeys)
    while due := plan_journeys(JOB, BUSINESS, facts, memory, NOW).doings:
        memory = replace(memory, done={**memory.done, **dict.fromkeys([each.key for each in due], NOW)})
    return memory


def test_of_five_thousand_journeys_only_those_with_something_due_are_touched() -> None:
    facts = facts_of(JOB, mirror(records()), {}, NOW)
    assert len(facts.clients) == COUNT
    memory = running(facts)
    undone = [*memory.done][:7]
    memory = replace(memory, done={key: at for key, at in memory.done.items() if key not in undone})
    plan = plan_journeys(JOB, BUSINESS, facts, memory, NOW)
    assert sorted(each.key for each in plan.doings) == sorted(undone)
    assert (plan.open, plan.changed) == ((), ())
