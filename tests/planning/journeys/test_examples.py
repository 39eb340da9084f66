"""What examples and history are played with does the same as the hub does, planning by planning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.mapping.spans import Span
from hub.planning.examples import APPOINTMENT, try_examples
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.play import journey_at, played
from hub.planning.journeys.types import Fact
from tests.planning.journeys.small import DAY, HOUR, MINUTE, MONDAY, World, business, fact, found, job

JOB, BUSINESS = job(), business()
HOURS = JOB.sending.open_hours


def carried_out(facts: Sequence[Fact], end: datetime) -> World:
    """The hub in small, woken up by each fact and whenever its plan says."""
    world = World()
    instants = sorted({each.at for each in facts if each.at < end})
    for start, stop in pairwise([*instants, end]):
        world.until(found(*facts), start, stop)
    return world


def same(facts: Sequence[Fact], end: datetime) -> None:
    world = carried_out(facts, end)
    done = played(JOB, BUSINESS, facts, end, hours=HOURS)
    assert sorted((each.name, each.n) for each in done) == sorted((each.name, each.n) for each in world.sent)
    journey = journey_at(JOB, BUSINESS, facts, end, hours=HOURS)
    assert [(each.state, each.reason) for each in ([journey] if journey else [])] == [
        (each.state, each.reason) for each in world.memory.journeys.values()
    ]


@pytest.mark.parametrize("number", range(len(JOB.examples)))
def test_what_an_example_gives_makes_the_hub_do_what_it_expects(number: int) -> None:
    clock = Clock.of(BUSINESS, JOB)
    now, facts = MONDAY, []
    for happening in JOB.examples[number].given:
        if isinstance(happening, Span):
            now = clock.later(now, happening)
            continue
        now += MINUTE
        facts.append(fact(happening, now, day=now + APPOINTMENT))
    same(facts, now + MINUTE)
    assert list(try_examples(JOB, BUSINESS))[number].kept


WHATS = st.sampled_from(["payment", "booking", "moved", "cancelled", "no_show", "payment_failed", "refunded"])
FACTS = st.lists(
    st.builds(
        lambda what, hours, day: fact(what, MONDAY + hours * HOUR, day=MONDAY + day * DAY),
        WHATS,
        st.integers(0, 300),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.at,
)


@given(FACTS, st.integers(1, 45))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_a_journey_is_played_as_it_is_planned(facts: list[Fact], days: int) -> None:
    same(facts, MONDAY + days * DAY)
