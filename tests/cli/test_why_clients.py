"""`hub why` and `hub status` of the figures of clients: whose they are, in words, from the store."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from hub.planning.journeys.figures import NOW, to_values
from hub.store import figures
from hub.store.figures import FigureRow
from tests.cli.mirrored import only_jobs, store_of
from tests.cli.site import LILA, Site
from tests.planning.clients import line, offer

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
FILE = """\
hub: 1
job: client_onboarding
says: Welcome each client.
offer: Programme Élan
starts_on:
  - {event: payment, from: stripe, product: Programme Élan}
steps:
  - {name: contract, after: payment, ask: {who: obm, to: Contrat envoyé}}
"""


@pytest.fixture
def welcoming(site: Site) -> Site:
    only_jobs(site, "revenue")
    folder = site.folder / "mappings" / LILA
    (folder / "onboarding.yaml").write_text(FILE, encoding="utf-8")
    business = folder / "business.yaml"
    if "email" not in business.read_text().partition("connections:")[2]:
        business.write_text(business.read_text().replace("connections:\n", "connections:\n  email: {}\n"))
    return site


@pytest.fixture
def kept(welcoming: Site) -> Site:
    counted = offer(
        {
            "journeys_open": [line()],
            "journeys_asked": [line("Anne"), line("Bob")],
            "journeys_stuck": [line("Eve", about="welcome")],
            "asked_not_ticked": [line(about="contract")],
            "no_show_rate": [line(counted=False), line("Eve"), line("Ana", counted=False)],
        }
    )
    rows = [
        FigureRow(each.figure, NOW, "", each.value, each.unit, to_values(each.lines), False, AT)
        for each in counted.figures.values()
    ]
    with store_of(welcoming) as store, store.write() as conn:
        figures.put(conn, LILA, "onboarding", rows, AT)
    return welcoming


def test_the_clients_behind_a_figure_are_named_without_a_month(kept: Site) -> None:
    told = kept.hub("why", "asked_not_ticked")
    assert told.code == 0, told.everything
    assert told.out.startswith("Demandé, pas encore fait · Programme Élan : 1\n")
    assert "Marie Dupont  marie@example.com  03/11/2026 à 23:30  Contrat envoyé" in told.out
    assert kept.hub("why", "asked_not_ticked", "now").out == told.out


def test_a_month_or_a_figure_that_nobody_counted_says_what_there_is(welcoming: Site) -> None:
    month = welcoming.hub("why", "journeys_open", "2026-11")
    assert month.code == 2
    assert "journeys_open is a figure of now, without a month: say `hub why journeys_open`." in month.err
    nothing = welcoming.hub("why", "journeys_open")
    assert nothing.code == 2
    assert "journeys_open is not known. None was counted yet; `hub sync` does it." in nothing.err
    (welcoming.folder / "mappings" / LILA / "onboarding.yaml").unlink()
    nobody = welcoming.hub("why", "journeys_open")
    assert "journeys_open is not known. No job welcomes clients." in nobody.err
    assert "journeys_open" in welcoming.hub("why", "nonsense", "2026-11").err


def test_the_status_counts_clients_and_says_what_waits_for_a_person(kept: Site) -> None:
    told = kept.hub("status")
    lines = [each.strip() for each in told.out.splitlines()]
    assert "journeys_asked 2, journeys_open 1, journeys_paused 0, journeys_stuck 1, journeys_done 0" in lines
    assert "paid_not_booked 0, booked_not_paid 0, asked_not_ticked 1" in lines
    assert "hours_to_welcome —, days_to_kickoff —, no_show_rate 33.3, calls_converted —" in lines
    assert ("attention: onboarding: 2 clients wait for your word before anything begins. See `hub journey`.") in lines
    assert (
        "attention: onboarding: 1 journey is stuck: a step has failed too often. See `hub why journeys_stuck`."
    ) in lines
    assert "Marie" not in told.out
    report = json.loads(kept.hub("status", "--json").out)
    (job,) = [job for job in report["businesses"][0]["jobs"] if job["name"] == "onboarding"]
    assert (job["clients"]["journeys_asked"], job["clients"]["hours_to_welcome"]) == ("2", None)
    (other,) = [job for job in report["businesses"][0]["jobs"] if job["name"] == "revenue"]
    assert other["clients"] is None
