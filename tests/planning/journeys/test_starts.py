"""Who gets a journey, when, and what is asked first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from hub.core.forgotten import pseudonym
from hub.planning.journeys.persons import journey_id
from hub.planning.journeys.types import Client, Journey, Memory
from tests.planning.journeys.small import (
    DAY,
    HOUR,
    MARIE,
    MINUTE,
    MONDAY,
    World,
    fact,
    found,
    job,
    several,
)

PAID = found(fact("payment", of="cs"))


def clients(count: int) -> list[Client]:
    return [Client(address=f"c{number}@{number}.example", facts=(fact("payment"),)) for number in range(count)]


def test_a_payment_opens_one_journey_and_says_welcome_at_once() -> None:
    world = World()
    plan = world.turn(PAID, MONDAY + MINUTE)
    assert [(each.person, each.state, each.version) for each in plan.open] == [(MARIE, "open", "1")]
    assert [each.name for each in plan.doings] == ["client_page", "contract", "welcome"]
    assert not world.turn(PAID, MONDAY + 2 * MINUTE).open


def test_the_key_of_a_step_is_job_journey_step_and_number() -> None:
    plan = World().plan(PAID, MONDAY)
    key = f"onboarding/{journey_id(MARIE, 'Programme Élan')}/welcome/1"
    assert key in [each.key for each in plan.doings]


def test_what_only_failed_opens_no_journey() -> None:
    assert World().plan(found(fact("payment_failed")), MONDAY) == replace(World().plan(found(), MONDAY))


def test_whoever_paid_before_the_hub_came_is_asked_about_and_nothing_starts() -> None:
    world = World(memory=Memory(version="1"))
    plan = world.turn(PAID, MONDAY + DAY)
    assert plan.begins
    assert [(each.state, each.reason) for each in plan.open] == [("asked", "before")]
    assert [each.what for each in plan.questions] == ["before"]
    assert not plan.doings
    assert not world.turn(PAID, MONDAY + 30 * DAY).doings
    assert [each.what for each in world.plan(PAID, MONDAY + 30 * DAY).questions] == ["before"]


def test_a_past_client_whom_the_obm_allows_starts_then_and_is_not_reminded_the_same_day() -> None:
    world = World(memory=Memory(version="1"))
    world.turn(PAID, MONDAY + 7 * DAY)
    world.mark(world.journey.id, "allow", MONDAY + 7 * DAY)
    world.until(PAID, MONDAY + 7 * DAY, MONDAY + 8 * DAY)
    assert sorted(world.names) == ["client_page", "contract", "welcome"]
    assert (world.journey.state, world.journey.opened_at) == ("open", MONDAY + 7 * DAY)
    world.until(PAID, MONDAY + 8 * DAY, MONDAY + 10 * DAY)
    assert "book" in world.names


def test_past_clients_start_nothing_where_the_file_says_quiet_and_one_who_comes_back_is_told() -> None:
    world = World(job=job(first_run="quiet"), memory=Memory(version="1", begun=MONDAY + DAY))
    assert world.plan(PAID, MONDAY + 2 * DAY).open == ()
    back = found(fact("payment"), fact("booking", MONDAY + 2 * DAY, of="b", day=MONDAY + 9 * DAY))
    plan = world.plan(back, MONDAY + 2 * DAY)
    assert plan.open == ()
    assert "hub start" in plan.notes[0]


def test_whoever_looks_like_a_client_is_asked_about_and_never_merged() -> None:
    world = World()
    world.turn(PAID, MONDAY)
    other = Client(address="mdupont@autre.example", name="Marie DUPONT", facts=(fact("booking", MONDAY + HOUR),))
    both = several([PAID.clients[MARIE], other])
    plan = world.turn(both, MONDAY + HOUR)
    assert [(each.what, each.person, each.other) for each in plan.questions] == [("alike", other.address, MARIE)]
    assert [each.name for each in plan.doings] == []
    two = world.memory
    world.mark(journey_id(other.address, "Programme Élan"), "allow", MONDAY + 2 * HOUR)
    world.turn(both, MONDAY + 2 * HOUR)
    assert sorted(each.state for each in world.memory.journeys.values()) == ["open", "open"]
    world.memory = replace(two, aliases={other.address: MARIE})
    joined = found(*PAID.clients[MARIE].facts, *other.facts)
    plan = world.turn(joined, MONDAY + 2 * HOUR)
    assert [(each.journey, each.state, each.reason) for each in plan.changed] == [
        (journey_id(other.address, "Programme Élan"), "stopped", "same person")
    ]
    assert not plan.questions


@pytest.mark.parametrize("which", [MARIE, "m@autre.example"])
def test_steps_done_in_either_of_two_journeys_that_are_joined_are_not_done_again(which: str) -> None:
    world, other = World(), "m@autre.example"
    world.turn(several([PAID.clients[MARIE], Client(address=other, name="M.", facts=(fact("payment"),))]), MONDAY)
    assert world.names.count("welcome") == 2
    kept = {key: at for key, at in world.memory.done.items() if journey_id(which, "Programme Élan") in key}
    world.memory = replace(world.memory, done=kept, aliases={MARIE: other})
    world.turn(found(fact("payment"), who=other), MONDAY + HOUR)
    assert world.names.count("welcome") == 2
    assert sum(each.state == "open" for each in world.memory.journeys.values()) == 1


def test_a_second_offer_opens_its_own_journey_without_a_second_welcome() -> None:
    second = job(offer="Duo", name="duo")
    world = World(job=second, memory=Memory(version="1", begun=MONDAY - DAY, greeted={MARIE: frozenset({"welcome"})}))
    plan = world.turn(PAID, MONDAY)
    assert [each.offer for each in plan.open] == ["Duo"]
    assert [each.name for each in plan.doings] == ["client_page", "contract"]
    assert [why for _, why in plan.left_out] == ["greeted"]
    world.until(PAID, MONDAY, MONDAY + 3 * DAY)
    assert "book" in world.names  # reminders are of this offer


def test_more_journeys_than_expected_wait_for_a_person() -> None:
    world = World()
    assert world.plan(several(clients(10)), MONDAY).held is None
    plan = world.turn(several(clients(11)), MONDAY)
    assert plan.held is not None
    assert "11" in plan.held
    assert len(plan.open) == 11


def test_journeys_that_came_one_by_one_within_the_hour_are_a_flood_too() -> None:
    world = World()
    for count in range(1, 11):
        assert world.turn(several(clients(count)), MONDAY + count * MINUTE).held is None
    assert world.plan(several(clients(11)), MONDAY + 30 * MINUTE).held is not None
    assert world.plan(several(clients(11)), MONDAY + 2 * HOUR).held is None


def test_an_allowed_crowd_of_past_clients_is_no_flood() -> None:
    world = World(memory=Memory(version="1"))
    crowd = several(clients(20))
    world.turn(crowd, MONDAY)
    for each in world.memory.journeys:
        world.mark(each, "allow", MONDAY + MINUTE)
    world.turn(crowd, MONDAY + MINUTE)
    new = several([*clients(20), Client(address="new@x.example", facts=(fact("payment", MONDAY + MINUTE),))])
    plan = world.turn(new, MONDAY + 2 * MINUTE)
    assert plan.held is None
    assert len(plan.open) == 1


@pytest.mark.parametrize("begun", [MONDAY - DAY, MONDAY + DAY, None])
def test_somebody_who_was_forgotten_gets_no_journey_and_is_not_asked_about(begun: datetime | None) -> None:
    """A payment of hers stays in the mirror, with an address that says nothing of her."""
    world = World()
    world.memory = replace(world.memory, begun=begun)
    gone = found(fact("payment", of="cs"), who=pseudonym("a1b2c3"), name="")

    plan = world.plan(gone, MONDAY + 2 * DAY)

    assert (plan.open, plan.doings, plan.questions, plan.notes) == ((), (), (), ())
    assert len(world.plan(PAID, MONDAY + 2 * DAY).open) == 1


def test_a_journey_can_be_started_by_hand() -> None:
    world, address = World(), "cash@example.com"
    journey = Journey(
        id=journey_id(address, world.job.offer),
        person=address,
        offer=world.job.offer,
        opened_at=MONDAY,
        version="1",
        job=world.job,
        name="Paul",
    )
    world.memory = replace(world.memory, journeys={journey.id: journey})
    assert not world.plan(several([]), MONDAY).doings
    world.mark(journey.id, "start", MONDAY)
    world.turn(several([]), MONDAY)
    assert sorted(world.names) == ["client_page", "contract", "welcome"]
    assert world.sent[0].client.address == address
    late = found(fact("payment", MONDAY + HOUR, of="cs"), who=address)
    world.turn(late, MONDAY + HOUR)  # the payment itself arrives afterwards
    assert world.names.count("welcome") == 1
