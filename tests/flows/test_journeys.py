"""Client journeys in Prefect: when they wake up, what each wake-up is called, and what pausing them does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.world import read
from tests.cli.site import until
from tests.flows.conftest import housed
from tests.flows.kit import House
from tests.flows.test_mappings import desk, jobs, reasons

pytestmark = pytest.mark.xdist_group("prefect")

JOURNEYS = "atelier-lila · journeys"
ANY_DAY = "[mon, tue, wed, thu, fri, sat, sun]"
FILE = """\
hub: 1
job: client_onboarding
says: Say hello to each new client.
offer: Programme Secret
starts_on:
  - {event: payment, from: stripe, product: Programme Secret}
first_run: quiet
sending: {hours: "00:00-23:59"}
steps:
  - {name: hello, after: payment, send: hello}
  - {name: gift, after: payment, wait: 30 days, send: hello}
"""


@contextmanager
def welcoming(house: House) -> Iterator[None]:
    """The business welcomes its clients, at any hour of any day."""
    with desk(house) as folder:
        texts = folder / "texts"
        new = not texts.exists()
        texts.mkdir(exist_ok=True)
        (texts / "hello.fr.md").write_text("Subject: Bonjour\n\nBonjour {person.first_name}.\n", encoding="utf-8")
        business = (folder / "business.yaml").read_text(encoding="utf-8")
        lines = [line for line in business.splitlines() if not line.startswith(("working_days:", "holidays:"))]
        (folder / "business.yaml").write_text("\n".join([*lines, f"working_days: {ANY_DAY}", ""]), encoding="utf-8")
        (folder / "onboarding.yaml").write_text(FILE, encoding="utf-8")
        try:
            until(lambda: JOURNEYS in house.prefect.deployments(), "the deployment of the journeys")
            until(lambda: jobs(house).get("onboarding", {}).get("state") == "ok", "the first plan")
            yield
        finally:
            (texts / "hello.fr.md").unlink()
            if new:
                texts.rmdir()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    """A house of its own: with other working days the page of the shared one would be another too."""
    with housed(tmp_path / "own") as made:
        yield made


def mails(house: House, to: str) -> list[EmailMessage]:
    """What a client got."""
    return [mail for mail in map(read, house.post.mails()) if to in str(mail["To"])]


def sell(house: House, email: str, name: str) -> None:
    house.site.shop.sell(amount=90_000, product="Programme Secret", email=email, name=name, deliver=True)
    house.boxes.stripe.webhooks.wait(60)


def test_a_wake_up_is_called_by_initials_and_step_and_pausing_the_schedule_pauses_the_journeys(own: House) -> None:
    house = own
    with welcoming(house):
        sell(house, "marie.durand@example.com", "Marie Durand")
        until(lambda: mails(house, "marie.durand@"), "the welcome")
        live = house.live()["id"]
        named = "onboarding, revenue · M. D. hello"
        until(lambda: [run for run in house.prefect.tasks(live) if named in run["name"]], lambda: _names(house, live))

        done = house.prefect.start(JOURNEYS)
        assert done["state"]["type"] == "COMPLETED"
        until(lambda: jobs(house)["onboarding"]["state"] == "ok", "what came next was planned")
        # Again, should the quarter of an hour strike meanwhile: a run with a later one behind it leaves all to that.
        until(lambda: house.prefect.start(JOURNEYS)["state"]["message"] == "nothing is due by time", "a quiet wake-up")

        deployment = house.prefect.deployments()[JOURNEYS]["id"]
        house.prefect.change(deployment, paused=True)
        until(lambda: jobs(house)["onboarding"]["state"] == "paused", "the pause")
        assert any("paused in Prefect" in each for each in reasons(house, "onboarding"))
        sell(house, "paul.martin@example.com", "Paul Martin")
        until(lambda: _read(house), "the sale was read")
        assert mails(house, "paul.martin@") == []

        house.prefect.change(deployment, paused=False)
        until(lambda: mails(house, "paul.martin@"), "the welcome that had waited")
        until(lambda: not reasons(house, "onboarding"), "the status is quiet again")
        assert len(mails(house, "marie.durand@")) == 1
        _says_no_name(house)


def _names(house: House, live: str) -> str:
    return str([run["name"] for run in house.prefect.tasks(live)])


def _read(house: House) -> bool:
    state: Any = house.site.status()["businesses"][0]
    return not any(each["waiting"] for each in state["connections"])


def _says_no_name(house: House) -> None:
    """In no name, message, table or line of the log."""
    runs = house.prefect.ask("/flow_runs/filter", sort="START_TIME_DESC")
    tasks = house.prefect.ask("/task_runs/filter")
    log = house.prefect.ask("/logs/filter", sort="TIMESTAMP_DESC")
    tables = [each for each in house.prefect.artifacts() if "onboarding" in str(each["key"])]
    assert tables
    for said in (runs, tasks, log, tables):
        text = json.dumps(said, ensure_ascii=False)
        for name in ("durand", "Durand", "Martin", "paul.martin"):
            assert name not in text, text[text.index(name) - 200 :][:400]
