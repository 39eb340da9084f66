"""The figures of clients in the store: who shows them is planned again when one of them has changed, and only then."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hub.engine import welcomed
from hub.engine.runtime import Runtime
from hub.planning.journeys.figures import NOW
from hub.store import figures, jobs
from hub.store.database import Store, open_store
from hub.store.figures import FigureRow
from tests.databases import migrated
from tests.planning import make
from tests.planning.clients import line, offer, onboarding

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LILA = "lila"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(migrated(tmp_path)) as opened:
        with opened.write() as conn:
            jobs.ensure(conn, LILA, ["circle", "onboarding", "revenue", "other"], AT)
            for turn in jobs.claim(conn, LILA, "test", AT, 60):
                jobs.settle(conn, turn, AT)
        yield opened


def runtime(**more: Any) -> Runtime:
    running = {"onboarding": onboarding(), "revenue": make.job(), "other": SimpleNamespace()} | more
    return cast("Runtime", SimpleNamespace(key=LILA, jobs=running, now=lambda: AT))


def dirty(store: Store) -> list[str]:
    with store.read() as conn:
        return [state.job for state in jobs.listing(conn, LILA) if state.dirty_seq > state.planned_seq]


def test_who_shows_them_is_planned_again_when_one_changes_and_only_then(store: Store) -> None:
    paid = offer({"paid_not_booked": [line()]})
    with store.write() as conn:
        welcomed.keep(conn, runtime(), paid.job, paid.figures.values())
    assert dirty(store) == ["revenue"]
    with store.write() as conn:
        for turn in jobs.claim(conn, LILA, "test", AT, 60):
            jobs.settle(conn, turn, AT)
        welcomed.keep(conn, runtime(), paid.job, paid.figures.values())
    assert dirty(store) == []
    other = offer({"paid_not_booked": [line("Anne")]})
    with store.write() as conn:
        welcomed.keep(conn, runtime(), other.job, other.figures.values())
    assert dirty(store) == ["revenue"], "one is as many as before, but it is somebody else"


def test_each_job_tells_of_its_own_clients_and_what_is_no_figure_of_theirs_is_left_out(store: Store) -> None:
    first = offer({"journeys_open": [line()]})
    circle = onboarding("circle", offer="Le Cercle")
    here = runtime(circle=circle)
    strange = FigureRow("of_later", NOW, "", Decimal(1), "count", (), False, AT)
    with store.write() as conn:
        welcomed.keep(conn, here, first.job, first.figures.values())
        figures.put(conn, LILA, "onboarding", [strange], AT)
    with store.read() as conn:
        found = welcomed.offers(conn, here)
    assert [each.job.offer for each in found] == ["Le Cercle", "Programme Élan"]
    assert found[0].figures == {}
    assert found[1].figures == first.figures


def test_a_business_that_welcomes_nobody_has_none(store: Store) -> None:
    here = cast("Runtime", SimpleNamespace(key=LILA, jobs={"revenue": make.job()}, now=lambda: AT))
    with store.read() as conn:
        assert welcomed.offers(conn, here) == ()
