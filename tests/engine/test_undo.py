"""`hub undo RUN`: what one run wrote is taken back, what was changed since stays, and the next turn leaves it so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.cli import work
from hub.core.errors import ConfigError, StaleError
from hub.engine.apply import Applier
from hub.engine.saved import save
from hub.engine.undo import jobs_of, undo
from hub.planning.plan import loads
from hub.store import ledger, links, plans
from tests.engine.world import DAY, Site
from tests.sync import world as sync_world

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def sync_boxes() -> Iterator[sync_world.Boxes]:
    with sync_world.boxes() as made:
        yield made


@pytest.fixture
def pair(sync_boxes: sync_world.Boxes, tmp_path: Path) -> Iterator[sync_world.Site]:
    """A project and a database that are kept in step."""
    with sync_world.site(sync_boxes, tmp_path / "sync", f"Undo {next(_NUMBERS)}") as made:
        yield made


def last_run(site: Any) -> int:
    with site.store.read() as conn:
        return ledger.by_run(conn, site.runtime.key)[0][0]


def apply(site: Any, plan_id: str) -> tuple[int, str]:
    """`hub apply ID`, on this business."""

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(store=site.store, runtimes={site.runtime.key: site.runtime})

    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "opened", opened)
        return work.apply(plan_id, said.append), "\n".join(said)


def undone(site: Any, run: int | None = None) -> Any:
    """`hub undo RUN` and `hub apply ID`: the plan."""
    run = last_run(site) if run is None else run
    (job,) = jobs_of(site.runtime, run)
    plan = undo(site.runtime, job, run).plan
    code, said = apply(site, save(site.runtime, plan))
    assert code == 0, said
    return plan


def step(site: sync_world.Site) -> int:
    """Look until it rests; the run that wrote last."""
    site.settle()
    return last_run(site)


def test_a_field_that_a_sync_wrote_is_put_back_and_the_next_turn_carries_it_nowhere(pair: sync_world.Site) -> None:
    task = pair.boxes.asana.add_task(pair.project, "Page", due_on="2026-03-20")
    step(pair)
    pair.boxes.asana.edit_task(task, due_on="2026-03-27")
    run = step(pair)
    assert pair.rows()["Page"]["Échéance"] == "2026-03-27"

    plan = undone(pair, run)

    assert [(a.kind, a.title, [(c.name, c.owner) for c in a.changes]) for a in plan.actions] == [
        ("update", "Page", [("Échéance", "latest")])
    ]
    assert pair.rows()["Page"]["Échéance"] == "2026-03-20"
    assert pair.settle() == 0
    assert pair.rows()["Page"]["Échéance"] == "2026-03-20"
    assert pair.tasks()["Page"]["due_on"] == "2026-03-27", "the other side is not dragged along"

    pair.boxes.asana.edit_task(task, due_on="2026-04-02")
    pair.settle()
    assert pair.rows()["Page"]["Échéance"] == "2026-04-02", "the next edit flows again"


def test_an_undo_can_itself_be_undone(pair: sync_world.Site) -> None:
    task = pair.boxes.asana.add_task(pair.project, "Page")
    step(pair)
    pair.boxes.asana.edit_task(task, name="Neuve")
    undone(pair, step(pair))
    assert set(pair.rows()) == {"Page"}

    undone(pair)

    assert set(pair.rows()) == {"Neuve"}
    assert pair.settle() == 0


def test_what_went_to_the_source_is_put_back_there(pair: sync_world.Site) -> None:
    pair.boxes.asana.add_task(pair.project, "Page", due_on="2026-03-20")
    step(pair)
    (row,) = pair.boxes.notion.rows(pair.table)
    pair.boxes.notion.edit_as_person(row["id"], {"Échéance": "2026-03-25"})
    run = step(pair)
    assert pair.tasks()["Page"]["due_on"] == "2026-03-25"

    undone(pair, run)

    assert pair.tasks()["Page"]["due_on"] == "2026-03-20"
    assert pair.settle() == 0
    assert pair.rows()["Page"]["Échéance"] == "2026-03-25"


def test_rows_that_a_run_made_are_put_away_and_not_made_again(pair: sync_world.Site) -> None:
    pair.boxes.asana.add_task(pair.project, "Une")
    pair.boxes.asana.add_task(pair.project, "Deux")
    run = step(pair)

    plan = undone(pair, run)

    assert {action.kind for action in plan.actions} == {"archive"}
    assert pair.rows() == {}
    assert pair.settle() == 0
    assert pair.rows() == {}
    assert set(pair.tasks()) == {"Une", "Deux"}


def test_what_a_person_changed_since_is_left_out_and_said(pair: sync_world.Site) -> None:
    task = pair.boxes.asana.add_task(pair.project, "Page", due_on="2026-03-20")
    step(pair)
    pair.boxes.asana.edit_task(task, due_on="2026-03-27", name="Neuve")
    run = step(pair)
    (row,) = pair.boxes.notion.rows(pair.table)
    pair.boxes.notion.edit_as_person(row["id"], {"Échéance": "2026-05-05"})

    plan = undone(pair, run)

    assert [[change.name for change in action.changes] for action in plan.actions] == [["Tâche"]]
    assert any("Échéance : modifié depuis (2026-03-27 → 2026-05-05)" in note for note in plan.notes)
    assert pair.rows()["Page"]["Échéance"] == "2026-05-05"
    pair.settle()
    assert pair.tasks()["Neuve"]["due_on"] == "2026-05-05", "her edit is carried as ever"
    assert set(pair.rows()) == {"Page"}


def test_a_world_that_moved_after_the_plan_refuses_it(pair: sync_world.Site) -> None:
    task = pair.boxes.asana.add_task(pair.project, "Page")
    step(pair)
    pair.boxes.asana.edit_task(task, name="Neuve")
    run = step(pair)
    plan_id = save(pair.runtime, undo(pair.runtime, "tasks", run).plan)
    (row,) = pair.boxes.notion.rows(pair.table)
    pair.boxes.notion.edit_as_person(row["id"], {"Tâche": "À moi"})

    with pytest.raises(StaleError, match=f"`hub undo {run}` makes a new one"):
        apply(pair, plan_id)

    assert set(pair.rows()) == {"À moi"}


@pytest.mark.parametrize("when", ["before the call", "after the call"])
def test_an_undo_that_is_killed_is_not_carried_the_wrong_way(
    when: str, pair: sync_world.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = pair.boxes.asana.add_task(pair.project, "Page", due_on="2026-03-20")
    step(pair)
    pair.boxes.asana.edit_task(task, due_on="2026-03-27")
    run = step(pair)
    real: Callable[..., Any] = Applier._call

    def killed(*arguments: Any) -> None:
        if when == "after the call":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Applier, "_call", killed)
        with pytest.raises(KeyboardInterrupt):
            apply(pair, save(pair.runtime, undo(pair.runtime, "tasks", run).plan))

    pair.settle()

    assert pair.tasks()["Page"]["due_on"] == "2026-03-27"
    assert pair.rows()["Page"]["Échéance"] == ("2026-03-20" if when == "after the call" else "2026-03-27")
    with pair.store.read() as conn:
        assert links.edits(conn, "lila") == [], "nobody's edit was undone"


def test_figures_are_put_back_and_the_plan_says_that_the_next_turn_writes_them_again(site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    before = site.shown()
    blocks = site.blocks()
    site.shop.sell(amount=5_000, at=site.clock() - DAY / 2)
    site.backfill(again=True)
    site.work()
    after = site.shown()
    assert after != before

    plan = undone(site)

    assert any("le prochain passage les écrira de nouveau" in note for note in plan.notes)
    assert site.shown() == before
    assert site.blocks() == blocks
    site.dirty()
    site.work()
    assert site.shown() == after


def test_a_figure_that_a_person_changed_since_is_left_out(site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    site.shop.sell(amount=5_000, at=site.clock() - DAY / 2)
    site.backfill(again=True)
    site.work()
    row = next(one for one in site.raw_rows() if one["Hub"] == "cash_in/2026-11/EUR")
    site.notion.edit_as_person(row["id"], {"Montant": 1.0})

    plan = undone(site)

    assert any("cash_in/2026-11/EUR · Montant : modifié depuis" in note for note in plan.notes)
    assert site.shown()["cash_in/2026-11/EUR"] == 1.0


def test_an_undo_that_puts_rows_away_is_held_and_survives_the_jobs_next_turn(site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()

    plan = undo(site.runtime, "revenue", last_run(site)).plan
    plan_id = save(site.runtime, plan)
    site.dirty()
    site.work()

    assert plan.held is not None
    with site.store.read() as conn:
        (held,) = plans.listing(conn, site.key, "held")
    assert held.id == plan_id
    assert loads(held.body) == plan


def test_a_run_that_is_unknown_or_wrote_nothing_is_said_so(site: Site) -> None:
    with pytest.raises(ConfigError, match="there is no run 99"):
        jobs_of(site.runtime, 99)
    site.backfill()
    site.work()
    site.dirty()
    site.work()
    with site.store.read() as conn:
        newest = ledger.by_run(conn, site.key)[0][0]
    with pytest.raises(ConfigError, match="wrote nothing"):
        jobs_of(site.runtime, newest + 1)
