"""`hub person` and `hub forget`: places and counts, never contents; a receipt with what is left to do elsewhere."""

from __future__ import annotations

from hub.core.types import Record
from hub.store import journeys
from tests.cli.mirrored import put, store_of
from tests.cli.site import LILA, Site
from tests.cli.terminal import terminal
from tests.cli.test_journey import with_clients

WHO = {"email": "Marie@Example.com", "name": "Marie Durand", "key": "cus_1"}


def _known(site: Site) -> None:
    with_clients(site)
    assert site.hub("start", "marie@example.com", "--name", "Marie Durand").code == 0
    put(
        site,
        "stripe",
        Record(stream="charge", key="ch_1", fields={"who": WHO, "description": "a secret word"}),
        Record(stream="charge", key="ch_2", fields={"who": {"email": "other@example.com"}}),
    )


def test_a_person_is_shown_by_places_and_counts(site: Site) -> None:
    _known(site)
    told = site.hub("person", "MARIE@example.com")
    assert told.code == 0, told.everything
    assert f"{LILA}: marie@example.com (Marie Durand)" in told.out
    assert "    1  stripe/charge: read from Stripe" in told.out
    assert "    1  journeys: journeys" in told.out
    assert "journey Élan, open, since" in told.out
    assert "secret" not in told.out
    nobody = site.hub("person", "nobody@example.com")
    assert (nobody.code, nobody.out) == (1, f"{LILA}: nothing names nobody@example.com.\n")
    assert "is no e-mail address" in site.hub("person", "Marie").err


def test_forgetting_prints_a_receipt_and_who_returns_begins_only_when_it_is_said(site: Site) -> None:
    _known(site)
    told = site.hub("forget", "marie@example.com", "--yes")
    assert told.code == 0, told.everything
    assert "1  stripe/charge: amounts, dates and states kept, identity gone" in told.out
    assert "1  journeys stopped" in told.out
    assert "[ ] Stripe: 1 charge (ch_1)" in told.out
    assert "marie" not in told.out.casefold()

    assert "was forgotten on" in site.hub("person", "marie@example.com").out
    assert site.hub("forget", "marie@example.com", "--yes").code == 2
    refused = site.hub("start", "marie@example.com")
    assert refused.code == 2
    assert "say `hub start --again`" in refused.err
    assert site.hub("start", "marie@example.com", "--again").code == 0
    with store_of(site) as store, store.read() as conn:
        assert sorted(row.state for row in journeys.listing(conn, LILA)) == ["open", "stopped"]


def test_nobody_is_forgotten_without_a_yes(site: Site) -> None:
    _known(site)
    with terminal(["forget", "marie@example.com"], site.folder, site.environment) as screen:
        screen.answer("Forget", "n")
        assert screen.end() == 2
    assert "Nothing was changed." in screen.screen
    assert "Marie Durand" in site.hub("person", "marie@example.com").out
