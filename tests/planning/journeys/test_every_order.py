"""Whatever happens, in whatever order, however late, wherever the hub is killed: each step once, and the right end."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.types import Memory
from tests.planning.journeys.model import Lived, live
from tests.planning.journeys.scripts import EVENTS, Event, at, business, heard_by, job, script_of
from tests.planning.journeys.small import World

BUSINESS = business()
JOBS = {version: job(version) for version in (1, 2)}


def played(events: Sequence[Event], crash: int | None = None) -> tuple[World, Counter[str]]:
    """The planner's life of these events, and what was lost. `crash`: where the hub is killed each time that it is."""
    script = script_of(events)
    world = World(job=JOBS[1], business=BUSINESS, memory=Memory(version="1", begun=at(-1)))
    lost: Counter[str] = Counter()
    for day in range(script.last + 1):
        if script.mapping == day:
            world.job, world.memory = JOBS[2], _second(world.memory)
        facts = facts_of(world.job, heard_by(script, day), {}, at(day))
        if day in script.fails:
            world.breaks.update({"welcome": 1, "project": 1, "prepare": 1})
        crashes = [crash] if crash is not None and day in script.crashes else []
        for _ in range(12):  # a restart, or a retry, plans anew
            before, killed = len(world.sent), crashes.pop() if crashes else None
            plan = world.turn(facts, at(day), crash=killed)
            assert plan.held is None
            if killed is not None and killed % 2 == 0 and killed // 2 < len(plan.doings):
                lost[plan.doings[killed // 2].name] += 1
            assert all(doing.due <= at(day) for doing in world.sent[before:])
            if not plan.doings:
                break
        again = world.plan(facts, at(day))
        assert not again.doings
        assert again.next_at is None or again.next_at > at(day)
    return world, lost


def _second(memory: Memory) -> Memory:
    return Memory(**{name: getattr(memory, name) for name in memory.__slots__} | {"version": "2"})


def agrees(events: Sequence[Event], crash: int | None = None) -> None:
    """The planner did what the model did, and nothing twice."""
    world, lost = played(events, crash)
    lived: Lived = live(script_of(events))
    keys = Counter(doing.key for doing in world.sent)
    assert set(keys.values()) <= {1}
    counts = Counter(world.names) + lost
    assert {name: count for name, count in counts.items() if not name.endswith(".dates")} == +lived.counts
    state = next((each.state for each in world.memory.journeys.values()), "")
    assert len(world.memory.journeys) <= 1
    assert state == lived.state
    project = next((doing for doing in world.sent if doing.name == "project"), None)
    if project is not None and lived.state == "open" and lived.appointment is not None and not lost:
        key = f"onboarding/{project.journey}/project/1"
        assert world.memory.dated[key] == at(lived.appointment)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_order_of_a_few_events(length: int) -> None:
    for whats in itertools.product([each for each in EVENTS if each != "crash"], repeat=length):
        agrees([Event(what) for what in whats])


EVENT = st.builds(
    Event, st.sampled_from(EVENTS), st.integers(1, 6), st.tuples(st.integers(0, 9), st.integers(0, 9))
)  # fmt: skip


@given(st.lists(EVENT, min_size=1, max_size=7), st.one_of(st.none(), st.integers(0, 9)))
@settings(max_examples=400, deadline=None)
def test_every_order_repetition_and_delay_with_a_crash_anywhere(events: list[Event], crash: int | None) -> None:
    agrees(events, crash)


STORIES = (
    ("payment", "second_event", "booking", "move", "move", "cancel", "booking"),
    ("booking", "move", "payment", "mapping", "no_show", "booking", "refund"),
    ("booking", "booking", "cancel", "payment", "cancel", "booking", "move"),
    ("payment", "booking", "fails", "move", "cancel", "refund", "payment"),
)


@given(st.sampled_from(STORIES), st.lists(EVENT, min_size=7, max_size=7), st.one_of(st.none(), st.integers(0, 9)))
@settings(max_examples=200, deadline=None)
def test_a_story_heard_late_and_out_of_order(story: tuple[str, ...], like: list[Event], crash: int | None) -> None:
    agrees([replace(each, what=what) for each, what in zip(like, story, strict=True)], crash)


@pytest.mark.parametrize("story", STORIES)
def test_a_crash_at_each_instant_of_a_story(story: tuple[str, ...]) -> None:
    for place in range(1, len(story) + 1):
        for crash in range(10):
            events = [Event(what) for what in story]
            events.insert(place, Event("crash", gap=0))
            agrees(events, crash)
