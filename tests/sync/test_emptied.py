"""Somebody empties one side by hand: a person is asked, and until she answers nothing of it is believed (R12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.cli import work
from hub.store import plans
from hub.store.plans import SavedPlan
from tests.sync.cost import Meter
from tests.sync.world import Boxes, Site, site

LINES = 12


@pytest.fixture
def full(request: pytest.FixtureRequest, boxes: Boxes, tmp_path: Path) -> Iterator[Site]:
    """A dozen tasks with their rows, at rest."""
    name = f"Vidé {request.node.name[-40:]}"
    gone = getattr(request, "param", "mark")
    with site(boxes, tmp_path, name, when_gone=gone, changes_above="20 %") as made:
        for number in range(LINES):
            made.boxes.asana.add_task(made.project, f"Page {number}")
        made.settle()
        made.reconcile()
        yield made


def held(made: Site) -> list[SavedPlan]:
    with made.store.read() as conn:
        return plans.listing(conn, "lila", "held")


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch) -> Callable[[Site, str], tuple[int, str]]:
    """`hub apply ID`; its exit code and what it said."""

    def applied(made: Site, plan_id: str) -> tuple[int, str]:
        @contextmanager
        def opened() -> Iterator[Any]:
            yield SimpleNamespace(store=made.store, runtimes={"lila": made.runtime})

        monkeypatch.setattr(work, "opened", opened)
        said: list[str] = []
        return work.apply(plan_id, said.append), "\n".join(said)

    return applied


def empty_the_target(made: Site) -> list[str]:
    """All rows but two."""
    rows = [row["id"] for title, row in made.rows().items() if title not in ("Page 0", "Page 1")]
    for row in rows:
        made.boxes.notion.trash_as_person(row)
    return rows


def test_an_emptied_target_is_held_for_as_long_as_it_is_empty(full: Site) -> None:
    rows = empty_the_target(full)
    meter = Meter(full.boxes)

    full.reconcile()
    (plan,) = held(full)
    full.reconcile()

    assert [each.id for each in held(full)] == [plan.id], "it waits, and is held once"
    assert plan.reason is not None
    assert plan.reason.startswith("10 lignes sur 12 ont disparu d'un coup (notion › Tâches")
    for row in rows:
        full.boxes.notion.restore_as_person(row)
    full.reconcile()
    assert held(full) == []
    assert meter.spent().writes == 0
    full.boxes.asana.edit_task(full.tasks()["Page 11"]["gid"], name="Page onze")
    full.look()
    assert "Page onze" in full.rows(), "what came back has its pair"


def test_applied_the_rows_stay_away_and_everything_else_goes_on(
    full: Site, apply: Callable[[Site, str], tuple[int, str]]
) -> None:
    empty_the_target(full)
    full.boxes.asana.edit_task(full.tasks()["Page 0"]["gid"], name="Page zéro")
    full.reconcile()
    assert "Page zéro" not in full.rows(), "nothing is written while it waits"

    code, said = apply(full, held(full)[0].id)

    assert code == 0, said
    assert set(full.rows()) == {"Page zéro", "Page 1"}
    assert held(full) == []
    assert full.settle() == 0
    assert len(full.rows()) == 2


@pytest.mark.parametrize("full", ["mark", "archive", "keep"], indirect=True)
def test_an_emptied_source_is_held_and_no_row_is_touched(full: Site) -> None:
    for task in list(full.tasks().values())[2:]:
        full.boxes.asana.delete_task(task["gid"])
    before, meter = full.rows(), Meter(full.boxes)

    full.reconcile()
    full.reconcile()

    (plan,) = held(full)
    assert plan.reason is not None
    assert plan.reason.startswith("10 éléments sur 12 ont disparu d'un coup (asana › Vidé")
    assert meter.spent().writes == 0
    assert full.rows() == before
