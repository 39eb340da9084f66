"""`hub why` of a figure of tasks: the tasks behind it in words, from the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.planning.alerts.figures import task_figures
from hub.planning.alerts.task_figure import to_values
from hub.planning.alerts.types import Task
from hub.store import figures
from hub.store.figures import FigureRow
from tests.cli.mirrored import only_jobs, put, store_of, tasks
from tests.cli.site import LILA, Site
from tests.planning.alerts.tasks import business

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def watched() -> Sequence[Task]:
    common: dict[str, Any] = {"connection": "asana", "stream": "task", "place": "Lancement"}
    return [
        Task(id="asana/task/120", key="120", title="Page de vente", due=date(2026, 11, 13), **common),
        Task(
            id="asana/task/121",
            key="121",
            title="Page de merci",
            due=date(2026, 11, 18),
            done=True,
            done_at=datetime(2026, 11, 18, 22, 30, tzinfo=UTC),
            assignees=("lea",),
            **common,
        ),
    ]


@pytest.fixture
def kept(site: Site) -> Site:
    only_jobs(site, "revenue")
    put(site, "asana", *tasks("Lancement", [("Page de vente", "2026-11-13")]))
    found = task_figures(business(), watched(), {}, NOW)
    rows = [
        FigureRow(each.figure, each.period, "", each.value, each.unit, to_values(each.lines), each.estimated, NOW)
        for each in found
    ]
    with store_of(site) as store, store.write() as conn:
        figures.put(conn, LILA, "deadlines", rows, NOW)
    return site


def test_the_tasks_behind_a_figure_are_named_with_what_they_make(kept: Site) -> None:
    late = kept.hub("why", "overdue_count", "2026-11")
    assert late.code == 0, late.everything
    assert late.out.startswith("Tâches en retard · 2026-11 : 1 tâche\n")
    assert "13/11/2026  7      Lancement  asana/task/120  Page de vente" in late.out

    rate = kept.hub("why", "on_time_rate", "2026-11")
    assert rate.code == 0, rate.everything
    assert re.search(r"oui +18/11/2026  18/11/2026 à 23:30  Léa +Lancement  asana/task/121  Page de merci\n", rate.out)
    assert "1 à l'heure ÷ 1 tâche = 100,0\u00a0%" in rate.out

    load = kept.hub("why", "load:lea", "2026-11")
    assert load.code == 0, load.everything
    assert load.out.startswith("Charge de ")


def test_what_is_no_figure_or_has_no_month_says_what_there_is(kept: Site) -> None:
    nonsense = kept.hub("why", "overdue_tasks", "2026-11")
    assert nonsense.code == 2
    assert "No figure is called overdue_tasks. There are: gross_volume, refunds," in nonsense.err
    assert "overdue_count" in nonsense.err
    assert "load:PERSON" in nonsense.err
    month = kept.hub("why", "unassigned")
    assert month.code == 2
    assert "unassigned is a figure: say its month too, like `hub why unassigned 2026-10`" in month.err
    unknown = kept.hub("why", "undated", "1999-01")
    assert unknown.code == 2
    assert "undated of 1999-01 is not known. There are: 2026-11 to 2026-11." in unknown.err


def test_a_record_is_explained_beside_figures_of_tasks(kept: Site) -> None:
    told = kept.hub("why", "asana/task/120")
    assert told.out.startswith("Page de vente  (asana/task/120)\n"), told.everything
