"""A saved plan is applied exactly, or refused because the world moved, and then nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.notion import blocks, records
from hub.cli import work
from hub.core.errors import ConfigError, StaleError
from hub.engine.planners import look_and_plan, make_plan
from hub.engine.saved import moved, save
from hub.planning.plan import Action, Plan, loads
from hub.store import plans
from tests.engine.world import DAY, Site

CASH = "cash_in/2026-11/EUR"


@pytest.fixture
def planned(site: Site) -> Site:
    """A business whose figures stand in Notion, with a sale and a refund that do not yet."""
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    sold = site.shop.sell(amount=20_000, at=site.clock() - DAY)
    site.shop.refund(sold["charge"], amount=5_000, at=site.clock() - DAY / 2)
    site.backfill(again=True)
    return site


def saved(site: Site) -> str:
    """`hub plan`, in its pieces."""
    made = look_and_plan(site.runtime, site.job, make_plan(site.runtime, site.job))
    assert made.plan.actions
    return save(site.runtime, made.plan)


def plan_of(site: Site, plan_id: str) -> plans.SavedPlan:
    with site.store.read() as conn:
        found = plans.get(conn, site.key, plan_id)
    assert found is not None
    return found


def apply(site: Site, plan_id: str) -> int:
    """`hub apply ID`, on this business."""

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(store=site.store, runtimes={site.key: site.runtime})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "opened", opened)
        return work.apply(plan_id, lambda _: None)


def sale(site: Site) -> None:
    site.shop.sell(amount=700, at=site.clock() - DAY)
    site.backfill(again=True)


def edit(site: Site) -> None:
    site.notion.edit_as_person(row(site), {"Montant": 1.0})


def deletion(site: Site) -> None:
    site.notion.trash_as_person(row(site))


def carried_out(site: Site) -> None:
    site.work()


def row(site: Site) -> str:
    return str(next(one["id"] for one in site.raw_rows() if one["Hub"] == CASH))


@pytest.mark.parametrize("moving", [sale, edit, deletion, carried_out])
def test_a_plan_that_no_longer_fits_the_world_is_refused_and_nothing_is_written(
    moving: Callable[[Site], None], planned: Site
) -> None:
    plan_id = saved(planned)
    moving(planned)
    writes, effects = len(planned.writes()), planned.counts()

    with pytest.raises(StaleError) as refused:
        apply(planned, plan_id)

    assert CASH in str(refused.value)
    assert any(CASH in line for line in refused.value.moved)
    assert (len(planned.writes()), planned.counts()) == (writes, effects)
    assert plan_of(planned, plan_id).state == "stale"
    with pytest.raises(ConfigError, match="stale already"):
        apply(planned, plan_id)


def test_a_plan_that_still_fits_writes_exactly_what_it_says(planned: Site) -> None:
    plan_id = saved(planned)
    plan = loads(plan_of(planned, plan_id).body)
    before = len(planned.writes())

    assert apply(planned, plan_id) == 0

    assert_written(planned, plan, planned.writes()[before:])
    assert plan_of(planned, plan_id).state == "applied"
    planned.work()
    assert len(planned.writes()) == before + len(plan.actions), "and nothing more"
    planned.at_rest()


def test_a_plan_of_an_empty_target_writes_exactly_what_it_says(site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    plan_id = saved(site)
    plan = loads(plan_of(site, plan_id).body)

    assert apply(site, plan_id) == 0

    creates = [action for action in plan.actions if action.kind == "create"]
    shown = {key: row["Montant"] for key, row in site.rows().items()}
    planned = {action.row: action.values["Montant"] for action in creates if "Montant" in action.values}
    assert shown == {key: None if value is None else float(value) for key, value in planned.items()}  # type: ignore[arg-type]
    texts = [str(action.values["text"] or "").replace("*", "") for action in creates if "text" in action.values]
    assert [text for _, text in site.blocks()] == texts
    site.work()
    site.at_rest()


def assert_written(site: Site, plan: Plan, calls: list[Any]) -> None:
    """Each action is one call, which holds its values and nothing else."""
    assert {action.kind for action in plan.actions} == {"update"}
    assert len(calls) == len(plan.actions)
    by_ref = {call.path.rpartition("/")[2]: call.body for call in calls}
    for action in plan.actions:
        body = by_ref.pop(str(action.ref))
        assert body == body_of(site, action), action.row
    assert not by_ref


def body_of(site: Site, action: Action) -> dict[str, Any]:
    """What the connector's pure part makes of the plan's values."""
    made = make_plan(site.runtime, site.job)
    collection = next(one.collection for one in made.desired if one.collection.name == action.collection)
    if collection.kind == "table":
        return {"properties": records.properties(collection, action.values)}
    row = next(one for one in made.desired[0].rows if one.key == action.row)
    return dict(blocks.change(str(row.values["block"]), action.values))


def test_a_saved_plan_reads_back_as_it_was(planned: Site) -> None:
    made = look_and_plan(planned.runtime, planned.job, make_plan(planned.runtime, planned.job))
    plan_id = save(planned.runtime, made.plan)

    again = loads(plan_of(planned, plan_id).body)

    assert again == made.plan
    assert moved(again, made.plan) == ()
    assert any(isinstance(value, Decimal) for action in again.actions for value in action.values.values())


def test_no_plan_of_another_business_can_be_applied_by_its_id(planned: Site) -> None:
    plan_id = saved(planned)
    with planned.store.write() as conn:
        conn.exec_driver_sql("UPDATE plans SET business = 'somebody-else' WHERE id = ?", (plan_id,))

    with pytest.raises(ConfigError, match="There is no plan"):
        apply(planned, plan_id)
