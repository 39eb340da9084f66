"""When time alone will next change the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.planning.journeys.small import DAY, HOUR, MINUTE, MONDAY, World, fact, found


def test_a_payment_whose_instant_is_still_to_come_by_our_clock_is_waited_for() -> None:
    world, later = World(), MONDAY + timedelta(seconds=3)
    facts = found(fact("payment", later, of="cs"))
    plan = world.turn(facts, MONDAY)
    assert (plan.open, plan.doings, plan.next_at) == ((), (), later)
    assert world.turn(facts, later).open


def test_with_everything_done_the_plan_sleeps_until_the_next_step() -> None:
    world, facts = World(), found(fact("payment", of="cs"))
    world.turn(facts, MONDAY)
    plan = world.turn(facts, MONDAY + MINUTE)
    assert not plan.doings
    assert plan.next_at is not None
    assert MONDAY + DAY < plan.next_at <= MONDAY + 3 * DAY
    assert not world.turn(facts, plan.next_at - MINUTE).doings
    assert world.turn(facts, plan.next_at).doings


def test_nothing_wakes_a_job_without_clients() -> None:
    assert World().turn(found(), MONDAY).next_at is None


@pytest.mark.parametrize("event", ["signup", "booking", "payment"])
def test_whatever_starts_a_journey_does_not_end_it(event: str) -> None:
    world = World()
    facts = found(fact(event, of="x", day=MONDAY + 9 * DAY if event == "booking" else None))
    world.turn(facts, MONDAY)
    world.turn(facts, MONDAY + HOUR)
    assert world.state == "open"
