"""What a person is asked to do is ticked by one click in her mail: once, for 30 days, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from hub.engine import backfill
from hub.engine.planners import make_plan
from hub.engine.receivers import Configured, HubView
from hub.mapping.deadline_job import Sending
from hub.planning.alerts.readers import reader_of
from hub.planning.alerts.types import Reader
from hub.store import journeys
from hub.store.journeys import MarkRow
from hub.web.app import create_app
from tests.onboarding.test_journey import kept, say
from tests.onboarding.town import Town
from tests.onboarding.world import KEY, PUBLIC, Site, body, site
from tests.sandboxes.serve import serve

ASKED = "À faire : Contrat envoyé (Marie Dupont)"
LATE = "Toujours à faire : Contrat envoyé (Marie Dupont)"


@contextmanager
def pages(here: Site) -> Iterator[httpx.Client]:
    """The hub's web part. It knows the people and the store, and has no key of any provider."""
    business = here.runtime.business

    def readers(now: datetime) -> Mapping[str, Reader]:
        return {key: reader_of(key, person, business, Sending(), now) for key, person in business.people.items()}

    told = Configured(business="lila", title="Atelier Lila", connections={}, jobs=("onboarding",), readers=readers)
    view = HubView(businesses=(told,))
    secret = SecretStr("status key of these tests")
    app = create_app(here.store, view, status_key=secret, own_key=KEY, now=here.town.clock)
    with serve(app) as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client


def link(here: Site, subject: str) -> str:
    """The path of the link in the mail of that subject."""
    (mail,) = (mail for mail in here.mails if mail["Subject"] == subject)
    (found,) = set(re.findall(rf"{re.escape(PUBLIC)}(/answer/lila/[\w-]+)", body(mail)))
    return str(found)


def marks(here: Site) -> list[MarkRow]:
    with here.store.read() as conn:
        return [mark for rows in journeys.marks_of(conn, "lila", "onboarding").values() for mark in rows]


def test_one_click_ticks_the_step_and_the_second_says_that_it_is_noted(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here, pages(here) as web:
        town.sell()
        here.until_quiet()
        path = link(here, ASKED)

        looked = web.get(path)
        assert (looked.status_code, "Contrat envoyé (Marie Dupont)" in looked.text) == (200, True)
        assert '<form method="post"' in looked.text
        assert marks(here) == []

        assert "est coché" in web.post(path).text
        assert [(each.what, each.value, each.by) for each in marks(here)] == [("tick", "contract", "Claire")]
        assert "déjà noté" in web.post(path).text
        assert len(marks(here)) == 1

        town.skip(days=10)
        here.until_quiet()
        assert LATE not in here.subjects("claire")


def test_a_click_has_the_job_planned_again_and_asks_no_provider(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here, pages(here) as web:
        town.sell()
        here.until_quiet()
        path = link(here, ASKED)
        assert here.worker.turns(here.runtime) == []
        here.restart()  # nothing is open
        web.post(path)
        assert not any(here.runtime.is_open(name) for name in here.runtime.specs)

        assert [result.job for turn in here.worker.turns(here.runtime) for result in turn.jobs] == ["onboarding"]


def test_the_reminder_ticks_it_too_and_both_links_are_one(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here, pages(here) as web:
        town.sell()
        here.until_quiet()
        first = link(here, ASKED)
        town.skip(days=3)
        here.until_quiet()
        second = link(here, LATE)
        assert first != second

        web.post(second)
        assert "déjà noté" in web.get(first).text
        web.post(first)
        assert len(marks(here)) == 1


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 410)])
def test_a_link_is_good_for_thirty_days(town: Town, tmp_path: Path, days: int, status: int) -> None:
    with site(town, tmp_path) as here, pages(here) as web:
        town.sell()
        here.until_quiet()
        path = link(here, ASKED)
        town.skip(days=days)
        assert web.post(path).status_code == status
        assert len(marks(here)) == (status == 200)


@pytest.mark.parametrize("word", ["stop", "tick", "skip"])
def test_what_is_over_cannot_be_ticked(town: Town, tmp_path: Path, word: str) -> None:
    with site(town, tmp_path) as here, pages(here) as web:
        town.sell()
        here.until_quiet()
        (row,) = kept(here)
        say(here, row.id, word, "" if word == "stop" else "contract")  # type: ignore[arg-type]
        here.wake()
        before = marks(here)

        assert web.post(link(here, ASKED)).status_code == 410
        assert marks(here) == before


def test_the_plan_holds_no_address_that_acts_for_anybody(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        for name in here.runtime.sources():
            backfill.backfill(here.runtime, name, again=True)
        plan = make_plan(here.runtime, here.runtime.jobs["onboarding"]).plan
        (asked,) = (action for action in plan.actions if action.values.get("subject") == ASKED)
        assert "https://hub.invalid/" in str(asked.values["body"])
        assert "/answer/" not in str(asked.values["body"])
        assert make_plan(here.runtime, here.runtime.jobs["onboarding"]).plan.actions == plan.actions
