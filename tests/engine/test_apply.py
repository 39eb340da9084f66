"""Each effect happens once, whatever dies, times out or is refused on the way (R4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.notion.destination import NotionDestination
from hub.core.errors import RecordError
from hub.core.types import Collection, Row
from hub.store.database import Store
from tests.engine import world
from tests.engine.saboteur import killed_at, steps_of
from tests.engine.world import DAY, Boxes, Site


def sell(site: Site, amount: int = 10_000, **more: Any) -> Any:
    return site.shop.sell(amount=amount, at=site.clock() - DAY, **more)


def tell(site: Site, since: int) -> int:
    """Deliver what the provider has told of money since; how many events there are now."""
    events = site.events()
    site.put(one for one in events[since:] if one["type"].startswith(("charge.s", "refund.c")))
    return len(events)


@contextmanager
def fresh(boxes: Boxes, store: Store) -> Iterator[tuple[Site, int]]:
    """A business with one sale, told but not yet worked on."""
    with world.site(boxes, store) as site:
        sell(site)
        yield site, tell(site, 0)


@contextmanager
def shown(boxes: Boxes, store: Store) -> Iterator[Site]:
    """A business whose figures stand in Notion, and a second sale and a refund, told but not yet worked on."""
    with fresh(boxes, store) as (site, told):
        site.work()
        site.shop.refund(sell(site, 20_000)["charge"], amount=5_000, at=site.clock() - DAY / 2)
        tell(site, told)
        yield site


def creations(site: Site) -> Counter[str]:
    """How often each kind of thing was made with success, by what it was called."""
    made: Counter[str] = Counter()
    for call in site.writes():
        if call.method == "POST" and call.status == 200:
            made[call.route] += 1
        elif call.route.endswith("/children") and call.status == 200:
            made["block"] += len(call.body["children"])
    return made


def test_killed_at_any_step_of_the_first_turn_each_effect_happens_once(boxes: Boxes, store: Store) -> None:
    with fresh(boxes, store) as (site, _):
        steps = steps_of(site.work)
        site.at_rest()
        once = creations(site)
    assert once == {"/v1/pages": 5, "/v1/databases": 1, "block": 10}
    for step in range(1, len(steps) + 1):
        with fresh(boxes, store) as (site, _):
            where = killed_at(step, site.work)
            site.restart()
            site.work()
            site.at_rest()
            assert creations(site) == once, where
            assert not site.entries("started"), where


def test_killed_at_any_step_of_a_later_turn_each_effect_happens_once(boxes: Boxes, store: Store) -> None:
    with shown(boxes, store) as site:
        steps = steps_of(site.work)
        site.at_rest()
        once = creations(site)
        wanted = site.shown()
    for step in range(1, len(steps) + 1):
        with shown(boxes, store) as site:
            where = killed_at(step, site.work)
            site.restart()
            site.work()
            site.at_rest()
            assert (creations(site), site.shown()) == (once, wanted), where


def test_killed_twice_in_a_row_each_effect_still_happens_once(boxes: Boxes, store: Store) -> None:
    with fresh(boxes, store) as (site, _):
        steps = steps_of(site.work)
    for first in range(len(steps) // 3, len(steps), 7):
        for second in range(3, 20, 5):
            with fresh(boxes, store) as (site, _):
                killed_at(first, site.work)
                site.restart()
                killed_at(second, site.work)
                site.restart()
                site.work()
                site.at_rest()
                assert creations(site)["/v1/pages"] == 5


LOST = ("timeout_after_commit", "committed_503", "reset_after_commit", "truncated_json")
MAKING = {
    "the page": {"method": "POST", "path": "/v1/pages", "times": 1},
    "the blocks": {"path": "/v1/blocks/{block_id}/children", "method": "PATCH", "times": 1},
    "the database": {"method": "POST", "path": "/v1/databases", "times": 1},
    "the rows": {"method": "POST", "path": "/v1/pages", "skip": 1, "times": 3},
}


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("what", MAKING)
def test_what_was_made_although_no_answer_came_is_not_made_again(
    what: str, kind: str, boxes: Boxes, store: Store
) -> None:
    with fresh(boxes, store) as (site, _):
        boxes.notion.fault(kind, seconds=0.01, **MAKING[what])

        turns = site.work()

        (planted,) = boxes.notion.stats()["faults"]
        boxes.notion.clear_faults()
        assert planted["hits"] == MAKING[what]["times"], "the fault did not strike"
        assert turns[0].problems, "a lost answer is told"
        site.at_rest()
        assert len(site.raw_rows()) == 4
        assert len(site.blocks()) == 16
        assert not site.entries("started")


@pytest.mark.parametrize("kind", [*LOST, "timeout_before", "internal", "bad_gateway", "conflict"])
def test_a_change_of_a_row_that_was_answered_by_nothing_arrives_in_the_end(
    kind: str, boxes: Boxes, store: Store
) -> None:
    with shown(boxes, store) as site:
        boxes.notion.fault(kind, method="PATCH", path="/v1/pages/{page_id}", times=8, seconds=0.01)

        site.work()

        boxes.notion.clear_faults()
        site.at_rest()


def test_a_row_that_was_made_unanswered_while_its_figure_changed_stands_once_and_right(
    boxes: Boxes, store: Store
) -> None:
    with fresh(boxes, store) as (site, told):
        boxes.notion.fault("timeout_after_commit", seconds=0.01, **MAKING["the rows"])
        site.turn()
        boxes.notion.clear_faults()
        assert len(site.entries("started")) == 3
        sell(site, 44_400)
        tell(site, told)

        site.work()

        site.at_rest()
        assert site.shown()["cash_in/2026-11/EUR"] == 544.0
        assert len(site.raw_rows()) == 4


def test_blocks_that_were_made_unanswered_while_their_texts_changed_stand_once_and_right(
    boxes: Boxes, store: Store
) -> None:
    with fresh(boxes, store) as (site, told):
        boxes.notion.fault("timeout_after_commit", seconds=0.01, **MAKING["the blocks"])
        site.turn()
        boxes.notion.clear_faults()
        sell(site, 44_400)
        tell(site, told)

        site.work()

        site.at_rest()
        assert len(site.blocks()) == 16
        assert any("544,00" in text for _, text in site.blocks())


@pytest.mark.parametrize("kind", ["timeout_after_commit", "committed_503"])
def test_a_change_that_arrived_unanswered_and_is_not_wanted_any_more_is_taken_back(
    kind: str, boxes: Boxes, store: Store
) -> None:
    with fresh(boxes, store) as (site, told):
        site.work()
        before = site.shown()
        refunded = sell(site, 20_000)
        told_of_it = tell(site, told)
        boxes.notion.fault(kind, method="PATCH", path="/v1/pages/{page_id}", seconds=0.01)
        site.turn()
        boxes.notion.clear_faults()
        assert site.shown()["cash_in/2026-11/EUR"] == 300.0, "the change did arrive"
        site.shop.dispute_open(refunded["charge"], fee=0, at=site.clock() - DAY / 3)
        site.put(one for one in site.events()[told_of_it:] if one["type"].startswith("charge.dispute"))

        site.work()

        site.at_rest()
        assert site.shown()["cash_in/2026-11/EUR"] == before["cash_in/2026-11/EUR"] == 100.0


def test_when_nothing_changed_nothing_is_asked_and_nothing_is_written(boxes: Boxes, store: Store) -> None:
    with shown(boxes, store) as site:
        site.work()
        effects, told = site.counts(), site.events()
        boxes.notion.reset_counters()
        site.put(told)
        site.dirty()

        site.work()

        assert boxes.notion.stats()["total"] == 0
        assert site.counts() == effects
        site.at_rest()


def test_one_changed_figure_costs_one_call_for_each_row_and_block_that_shows_it(boxes: Boxes, store: Store) -> None:
    with fresh(boxes, store) as (site, told):
        site.work()
        boxes.notion.reset_counters()
        sell(site)
        tell(site, told)

        site.work()

        calls = boxes.notion.stats()["calls"]
        assert calls == {"PATCH /v1/pages/{page_id}": 2, "PATCH /v1/blocks/{block_id}": 2} | calls
        assert set(calls) == {"PATCH /v1/pages/{page_id}", "PATCH /v1/blocks/{block_id}"}


def test_a_key_that_is_refused_pauses_the_connection_once_and_is_tried_again_later(
    boxes: Boxes, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with fresh(boxes, store) as (site, _):
        caller = boxes.notion.state.bots.pop(site.token)

        (turn,) = site.turn()

        state = site.state("notion")
        assert "The key is wrong or was withdrawn" in (state.paused_reason or "")
        assert site.token not in (state.paused_reason or "")
        assert any("key is wrong" in line for line in turn.problems)
        assert site.turn() == [], "it is not tried again at once"
        for _ in range(3):
            site.clock.skip(301)
            (turn,) = site.turn()
            assert turn.problems
        assert [line.levelname for line in caplog.records].count("ERROR") == 1, "it is told once"
        boxes.notion.state.bots[site.token] = caller
        site.work()
        site.at_rest()
        assert site.state("notion").paused_at is None


@pytest.mark.parametrize("seconds", [30, 400])
def test_a_long_pause_that_the_provider_asks_for_is_kept_to_its_full_length(
    seconds: int, boxes: Boxes, store: Store
) -> None:
    with fresh(boxes, store) as (site, _):
        boxes.notion.fault("rate_limited", times=1, retry_after=seconds)
        asked = site.clock()

        site.turn()

        due = site.next_due()
        assert due is not None
        assert due - asked >= timedelta(seconds=seconds)
        assert site.limits.held == [seconds]
        calls = boxes.notion.stats()["total"]
        site.clock.skip(seconds - 5)
        assert site.turn() == []
        assert boxes.notion.stats()["total"] == calls
        site.work()
        site.at_rest()


def test_a_row_that_notion_refuses_is_told_and_does_not_keep_the_others_back(
    boxes: Boxes, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shown(boxes, store) as site:
        update = NotionDestination.update

        def refusing(self: NotionDestination, collection: Collection, row: Row) -> None:
            if row.key.startswith("refund_rate"):
                raise RecordError("Notion refuses this value.")
            update(self, collection, row)

        monkeypatch.setattr(NotionDestination, "update", refusing)
        turns = site.work()

        assert any("Notion refuses this value." in line for turn in turns for line in turn.problems)
        assert "Notion refuses this value." in (site.job_state().last_error or "")
        assert len(site.raw_rows()) == 4, "a row that refuses a change is not made a second time"
        shown_now, right = site.shown(), site.independent()
        assert {key for key in right if shown_now[key] != right[key]} == {"refund_rate/2026-11/EUR"}
        monkeypatch.undo()
        site.dirty()
        site.work()
        site.at_rest()
        assert site.job_state().last_error is None


def test_a_defect_in_a_job_is_told_put_off_and_costs_the_others_nothing(
    boxes: Boxes, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(boxes, store) as (site, _):
        monkeypatch.setattr("hub.engine.planners.revenue.plan_revenue", lambda *_, **__: {}["no such figure"])

        (turn,) = site.turn()

        assert turn.observed.read, "what waited was read all the same"
        assert "unexpected reason (KeyError)" in (site.job_state().last_error or "")
        monkeypatch.undo()
        site.work()
        site.at_rest()
