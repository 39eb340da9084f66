"""The example business: every line of it is understood, and its own examples come true."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import registry
from hub.demo.example import small_business
from hub.mapping.loader import Configured, load
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.texts import fill
from hub.planning.examples import people_of, try_examples
from tests.paths import ROOT


@pytest.fixture(scope="module")
def lila() -> Configured:
    loaded = load(
        ROOT / "mappings",
        registry.names(),
        follows=lambda name: registry.load(name).follows,
        can=lambda name: registry.load(name).can,
    )
    assert loaded.problems == ()
    (lila,) = loaded.businesses
    return lila


def test_it_has_every_connector_and_every_kind_of_job(lila: Configured) -> None:
    assert set(lila.business.connections) == set(registry.OURS)
    assert {job.name: job.job for job in lila.jobs} == {
        "deadlines": "deadline_alerts",
        "onboarding": "client_onboarding",
        "revenue": "revenue_kpis",
        "tasks": "sync",
    }


def test_its_examples_come_true(lila: Configured) -> None:
    tried = [each for job in lila.jobs for each in try_examples(job, lila.business)]

    assert [(each.job, each.number, each.expected, each.got) for each in tried if not each.kept] == []
    assert len(tried) >= 15


def test_its_people_are_known_by_their_names_in_each_connection(lila: Configured) -> None:
    (lea,) = [someone for someone in people_of(lila.business) if someone.key == "lea"]

    assert lea.known_as == {"asana": "Léa Martin", "trello": "leamartin"}


def test_its_texts_can_be_filled(lila: Configured) -> None:
    names = {"late_task", "welcome", "please_book", "how_to_prepare", "new_time", "sorry_we_missed_you"}
    assert set(lila.texts) == names
    assert {path.name for path in (lila.folder / "texts").iterdir()} == {f"{name}.fr.md" for name in names}
    for text in lila.texts.values():
        filled = fill(text, dict.fromkeys(text.placeholders, "Anaïs"))
        assert filled.subject
        assert "{" not in filled.subject + filled.body


def test_the_demo_plays_a_part_of_it(lila: Configured, tmp_path_factory: pytest.TempPathFactory) -> None:
    (small,) = load(small_business(tmp_path_factory.mktemp("demo")).parent).businesses
    mine, whole = small.business, lila.business

    assert (mine.key, mine.business, mine.language, mine.timezone, mine.currency, mine.holidays, mine.safety) == (
        (whole.key, whole.business, whole.language, whole.timezone, whole.currency, whole.holidays, whole.safety)
    )
    assert {name: whole.connections[name] for name in mine.connections} == dict(mine.connections)
    assert {name: whole.people[name] for name in mine.people} == dict(mine.people)
    (played,), (revenue,) = small.jobs, [job for job in lila.jobs if isinstance(job, RevenueJob)]
    assert isinstance(played, RevenueJob)
    mine_alone: dict[str, Any] = {
        "figures": played.figures,
        "paid_outside": (),
        "calls": None,
        "launches": (),
        "okr": (),
        "commissions": {},
        "examples": (),
    }
    assert [figure.figure for figure in played.figures] == ["cash_in", "mrr", "overdue", "refund_rate"]
    assert set(played.figures) <= set(revenue.figures)
    assert played == revenue.model_copy(update=mine_alone)
