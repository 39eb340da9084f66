"""An abnormal plan waits for a person, and is never applied by itself (R12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from hub.cli import work
from hub.engine.receivers import Configured
from hub.engine.status import status
from hub.store import plans
from tests.engine.world import DAY, Site


@pytest.fixture
def held(site: Site) -> Site:
    """A business whose mapping has just lost a figure: its rows would all be put away."""
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    site.at_rest()
    fewer = tuple(one for one in site.job.figures if one.figure != "refund_rate")
    site.job = site.job.model_copy(update={"figures": fewer})
    site.restart()
    site.dirty()
    return site


def waiting(site: Site) -> list[plans.SavedPlan]:
    with site.store.read() as conn:
        return plans.listing(conn, site.key, "held")


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch) -> Callable[[Site, str], tuple[int, str]]:
    """`hub apply ID`, on this business; its exit code and what it said."""

    def applied(site: Site, plan_id: str) -> tuple[int, str]:
        @contextmanager
        def opened() -> Iterator[Any]:
            yield SimpleNamespace(store=site.store, runtimes={site.key: site.runtime})

        monkeypatch.setattr(work, "opened", opened)
        said: list[str] = []
        return work.apply(plan_id, said.append), "\n".join(said)

    return applied


def test_a_plan_that_puts_rows_away_is_held_and_nothing_of_it_is_written(held: Site) -> None:
    before, writes = held.shown(), len(held.writes())

    (turn,) = held.work()

    (plan,) = waiting(held)
    assert turn.jobs[0].plan_id == plan.id
    assert plan.reason == "1 lignes seraient archivées, la limite est 0"  # the row; its block of the page is ours
    assert held.shown() == before
    assert len(held.writes()) == writes
    assert turn.problems == []


def test_the_status_says_that_a_plan_is_held_and_which(held: Site) -> None:
    held.work()

    (plan,) = waiting(held)
    configured = Configured(business=held.key, title="Lila", connections={}, jobs=(held.job.name,))
    (shown,) = status(held.store, [configured], held.clock()).businesses
    assert shown.jobs[0].state == "held"
    assert any(plan.id in reason.text for reason in shown.reasons)


def test_the_same_plan_is_held_once_however_often_it_is_made(held: Site) -> None:
    for _ in range(3):
        held.dirty()
        held.work()

    assert len(waiting(held)) == 1


def test_a_held_plan_is_applied_when_a_person_says_so(
    held: Site, apply: Callable[[Site, str], tuple[int, str]]
) -> None:
    held.work()
    (plan,) = waiting(held)

    code, said = apply(held, plan.id)

    assert code == 0, said
    assert not any(key.startswith("refund_rate") for key in held.shown())
    right = held.independent()
    assert held.shown() == {key: value for key, value in right.items() if not key.startswith("refund_rate")}
    assert waiting(held) == []
    held.dirty()
    held.work()
    assert waiting(held) == []


def test_putting_away_stays_held_when_other_figures_move(held: Site) -> None:
    held.work()
    (first,) = waiting(held)
    held.shop.sell(amount=5_000, at=held.clock() - DAY / 2)
    held.catch_up()
    writes = len(held.writes())

    held.work()

    assert len(held.writes()) == writes
    (second,) = waiting(held)
    assert second.id != first.id, "the plan that waits is the one that fits the world"


def test_many_changes_of_closed_months_are_held(site: Site) -> None:
    for month in range(14):
        site.shop.sell(amount=10_000, at=site.clock() - DAY - month * 30 * DAY)
    site.backfill()
    site.work()
    before = site.shown()
    for month in range(14):
        site.shop.sell(amount=500, at=site.clock() - 2 * DAY - month * 30 * DAY)
    site.backfill(again=True)

    site.work()

    assert len(waiting(site)) == 1
    assert site.shown() == before
