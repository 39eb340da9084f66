"""Twice, late, out of order, or only caught up with: the end is the same as once, in time and in order (R2).

The provider's history is made once, step by step, and each state of it is kept. An example lets the provider move from
state to state while its deliveries arrive late, in any order, doubled or not at all, with turns of the worker in
between; what was never delivered is caught up with at the end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.stripe.sandbox import create_app
from hub.store.database import Store, open_store
from tests.engine import naive, world
from tests.engine.world import START, Boxes, Site, Story

KEY = "sk_test_the_order_of_things"
STEPS = 15
LATEST = STEPS + 5
"""The last moment at which a delivery of the last step arrives."""


@dataclass(frozen=True)
class History:
    """`states[n]`: the account after n steps. `told[n]`: the events that step n added; told[0] is before the first."""

    states: list[Any]
    told: list[list[dict[str, Any]]]
    figures: dict[str, float | None]


@dataclass(frozen=True)
class Outcome:
    """Where a business ends: everything that R2 speaks of."""

    mirror: dict[tuple[str, str], str]
    rows: dict[str, dict[str, Any]]
    blocks: list[tuple[str, str]]
    made: set[str]


@dataclass(frozen=True)
class Course:
    """How it came about. `delays`: for each event, how many steps late it comes. `turns`: after which steps the worker
    takes a turn. `installed`: the step after which the history is read."""

    delays: list[int]
    lost: set[int]
    doubled: set[int]
    turns: set[int]
    installed: int
    shuffled: int


@pytest.fixture(scope="module")
def own() -> Iterator[Boxes]:
    """Sandboxes whose clock nobody else puts forward."""
    with world.boxes() as made:
        yield made


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(world.database(tmp_path_factory.mktemp("order"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def history(own: Boxes) -> History:
    """The same key and the same steps give the same ids: so many accounts, each one step further than the last."""
    states, shop = [], None
    for steps in range(STEPS + 1):
        sandbox = create_app(own.clock).state.sandbox
        shop = sandbox.account(KEY)
        story = Story(shop, START)
        assert len(story.steps) == STEPS
        for step in story.steps[:steps]:
            step()
        states.append(sandbox.accounts[KEY])
    own.stripe.account(KEY)
    told: list[list[dict[str, Any]]] = []
    known: set[str] = set()
    for state in states:
        own.stripe.accounts[KEY] = state
        new = [one for one in world.events(own, KEY) if one["id"] not in known]
        known |= {one["id"] for one in new}
        told.append(new)
    assert all(told[1:]), "every step is told"
    business, _ = world.mapping()
    return History(states, told, naive.figures(shop, own.clock(), business.zone))


def run(own: Boxes, store: Store, history: History, course: Course) -> Outcome:
    """A business of its own lives through the history in this way."""
    rng = random.Random(course.shuffled)
    with world.site(own, store, stripe_key=KEY) as site:
        arriving: list[dict[str, Any]] = []
        for step in range(LATEST + 1):
            own.stripe.accounts[KEY] = history.states[min(step, STEPS)]
            arriving += due_at(step, history, course)
            if step == course.installed:
                site.backfill()
            if step in course.turns:
                rng.shuffle(arriving)
                site.put(arriving)
                arriving = []
                site.turn()
        rng.shuffle(arriving)
        site.put(arriving)
        site.catch_up()
        site.work()
        return outcome(site)


def due_at(step: int, history: History, course: Course) -> list[dict[str, Any]]:
    """The deliveries that arrive after this step."""
    found, place = [], 0
    for made, events in enumerate(history.told):
        for event in events:
            if made + course.delays[place] == step and place not in course.lost:
                found += [event] * (2 if place in course.doubled else 1)
            place += 1
    return found


def outcome(site: Site) -> Outcome:
    assert set(site.counts()) == {"done"}, site.counts()
    assert site.next_due() is None
    made = {entry.key for entry in site.entries() if entry.kind in ("create", "prepare")}
    return Outcome(site.mirrored(), site.rows(), site.blocks(), made)


@pytest.fixture(scope="module")
def in_order(own: Boxes, shared_store: Store, history: History) -> Outcome:
    """Everything once, in time and in order, with a turn after each step."""
    size = sum(map(len, history.told))
    course = Course([0] * size, set(), set(), set(range(STEPS + 1)), 0, 0)
    found = run(own, shared_store, history, course)
    assert {key: row["Montant"] for key, row in found.rows.items()} == history.figures
    return found


@st.composite
def courses(draw: st.DrawFn) -> Course:
    events = 110
    place = st.integers(0, events - 1)
    return Course(
        delays=draw(st.lists(st.integers(0, 5), min_size=events, max_size=events)),
        lost=draw(st.sets(place, max_size=60)),
        doubled=draw(st.sets(place, max_size=60)),
        turns=draw(st.sets(st.integers(0, LATEST), max_size=3)),
        installed=draw(st.integers(0, LATEST)),
        shuffled=draw(st.integers(0, 2**16)),
    )


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(course=courses())
def test_any_order_delay_loss_and_repetition_end_in_the_same_state(
    course: Course, own: Boxes, shared_store: Store, history: History, in_order: Outcome
) -> None:
    assert sum(map(len, history.told)) <= len(course.delays)

    found = run(own, shared_store, history, course)

    assert found.mirror == in_order.mirror
    assert found.rows == in_order.rows
    assert found.blocks == in_order.blocks
    assert found.made == in_order.made


def test_reading_everything_at_the_end_gives_the_same_mirror_as_every_delivery_in_order(
    own: Boxes, shared_store: Store, history: History, in_order: Outcome
) -> None:
    own.stripe.accounts[KEY] = history.states[-1]
    with world.site(own, shared_store, stripe_key=KEY) as site:
        site.backfill()
        site.work()

        found = outcome(site)

    assert found == in_order
