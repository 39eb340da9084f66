"""`hub journey` and `hub start`: the story with its proofs, and what a person says of it is kept and planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.core.money import Money
from hub.core.types import Record
from hub.planning.journeys.persons import journey_id
from hub.store import jobs, journeys, ledger
from tests.cli.mirrored import only_jobs, put, store_of
from tests.cli.site import LILA, Site

JOB = "onboarding"
FILE = """\
hub: 1
job: client_onboarding
says: Open one journey for each new client.
offer: Élan
starts_on:
  - {event: payment, from: stripe, product: Élan}
steps:
  - {name: contract, after: payment, ask: {who: obm, to: Contrat envoyé}, late_after: 2 working days}
  - {name: page, after: payment, wait: 300 days, ask: {who: obm, to: Page relue}}
"""


def with_clients(site: Site) -> None:
    """One job about clients, and no other."""
    only_jobs(site)
    folder = site.folder / "mappings" / LILA
    (folder / f"{JOB}.yaml").write_text(FILE)
    business = folder / "business.yaml"
    business.write_text(business.read_text().replace("  stripe: {}\n", "  stripe: {}\n  email: {}\n"))


@pytest.fixture
def clients(site: Site) -> Site:
    """A business with one offer, and one journey of Marie's by hand."""
    with_clients(site)
    started = site.hub("start", JOB, "Marie@example.com", "--name", "Marie Durand")
    assert started.code == 0, started.everything
    assert "Marie Durand · Élan: begins." in started.out
    return site


def _marks(site: Site) -> list[tuple[str, str]]:
    with store_of(site) as store, store.read() as conn:
        found = journeys.marks_of(conn, LILA, JOB)
    return [(mark.what, mark.value) for marks in found.values() for mark in marks]


def _id(site: Site) -> str:
    with store_of(site) as store, store.read() as conn:
        (row,) = journeys.of_person(conn, LILA, ["marie@example.com"])
    return row.id


def test_the_story_shows_what_happened_what_was_done_and_what_is_next(clients: Site) -> None:
    paid = Record(
        stream="charge",
        key="ch_1",
        fields={
            "amount": Money.zero("EUR"), "refunded": Money.zero("EUR"), "status": "paid",
            "at": datetime(2026, 1, 5, 9, tzinfo=UTC), "products": ("Élan",),
            "who": {"email": "marie@example.com", "name": "Marie Durand"},
        },
    )  # fmt: skip
    put(clients, "stripe", paid)
    key, at = f"{JOB}/{_id(clients)}/contract/1", datetime(2026, 1, 5, 9, 2, tzinfo=UTC)
    with store_of(clients) as store, store.write() as conn:
        ledger.begin(conn, LILA, key, job=JOB, kind="send", summary="{}", run=None, now=at)
        ledger.done(conn, LILA, key, "<mail-1>", at)

    told = clients.hub("journey", "durand")

    assert told.code == 0, told.everything
    assert "Marie Durand <marie@example.com> · Élan" in told.out
    assert "2026-01-05 10:00  payment of 0" in told.out, "in the hours of the business"
    assert "[stripe/charge/ch_1]" in told.out
    assert "contract: asked, not ticked 2026-01-05 10:02  [send, <mail-1>]" in told.out
    assert "page: ahead" in told.out
    assert "start, said by" in told.out
    assert told.out == clients.hub("journey", "show", "marie@example.com").out
    assert f"{LILA} · {JOB}: 1 open" in clients.hub("journey").out


def test_what_a_person_says_is_kept_and_the_job_is_planned_again(clients: Site) -> None:
    with store_of(clients) as store, store.read() as conn:
        before = {state.job: state.dirty_seq for state in jobs.listing(conn, LILA)}
    for order, words in (
        (("pause", "Marie"), "paused; nothing more is done until"),
        (("resume", "marie@example.com"), "goes on."),
        (("skip", "Marie", "page"), "page is left out."),
        (("stop", "Marie"), "stopped; what was made stays"),
        (("tick", "Marie", "contract"), "contract is ticked."),
    ):
        told = clients.hub("journey", *order)
        assert told.code == 0, told.everything
        assert words in told.out
    assert _marks(clients) == [
        ("start", ""), ("pause", ""), ("resume", ""), ("skip", "page"), ("stop", ""), ("tick", "contract"),
    ]  # fmt: skip
    with store_of(clients) as store, store.read() as conn:
        after = {state.job: state.dirty_seq for state in jobs.listing(conn, LILA)}
    assert JOB not in before or after[JOB] > before[JOB]
    assert "stopped (by hand)" in clients.hub("journey", "Marie").out


def test_what_would_change_nothing_is_refused_with_the_way_out(clients: Site) -> None:
    for order, words in (
        (("resume", "Marie"), "is open and nothing in it waits to be resumed"),
        (("allow", "Marie"), "is open, so that there is nothing to allow"),
        (("move", "Marie"), "already follows the mapping as it is now"),
        (("skip", "Marie", "nothing"), "no such step nothing. Its steps: contract, page"),
        (("pause", "nobody@example.com"), "`hub start nobody@example.com` opens one"),
        (("alias", "marie@example.com", "marie@example.com"), "already stands for"),
        (("allow",), "Say a person, or --all."),
    ):
        told = clients.hub("journey", *order)
        assert told.code == 2
        assert words in told.err
    again = clients.hub("start", "marie@example.com")
    assert again.code == 2
    assert "has a journey, which is open." in again.err
    assert "is no e-mail address" in clients.hub("start", "Marie").err
    assert _marks(clients) == [("start", "")]


def test_clients_of_before_begin_at_a_word_and_look_alikes_each_at_theirs(clients: Site) -> None:
    with store_of(clients) as store, store.write() as conn:
        (marie,) = journeys.listing(conn, LILA)
        for name, reason in (("ana", "before"), ("eva", "before"), ("maria", "alike: marie@example.com")):
            person = f"{name}@example.com"
            row = replace(marie, id=journey_id(person, "Élan"), person=person, name=name, state="asked", reason=reason)
            journeys.open_(conn, LILA, [row])
    assert "asked: ana <ana@example.com>, before" in clients.hub("journey", "list").out

    told = clients.hub("journey", "allow", "--all")

    assert "2 journeys begin." in told.out
    assert "1 wait on: they look like somebody who is known." in told.out
    assert clients.hub("start", "maria@example.com").code == 0, "its word is a yes too"
    with store_of(clients) as store, store.read() as conn:
        found = journeys.marks_of(conn, LILA, JOB)
    asked = [found[journey_id(f"{name}@example.com", "Élan")] for name in ("ana", "eva", "maria")]
    assert [[mark.what for mark in marks] for marks in asked] == [["allow"]] * 3


def test_two_addresses_of_one_person_have_one_story(clients: Site) -> None:
    told = clients.hub("journey", "alias", "M.Durand@example.com", "marie@example.com")
    assert told.code == 0, told.everything
    assert "m.durand@example.com is marie@example.com." in told.out
    assert "Marie Durand <marie@example.com>" in clients.hub("journey", "m.durand@example.com").out
    assert "has a journey, which is open" in clients.hub("start", "m.durand@example.com").err


def test_a_journey_moves_to_the_mapping_as_it_is_now_when_asked(clients: Site) -> None:
    file = clients.folder / "mappings" / LILA / f"{JOB}.yaml"
    file.write_text(FILE.replace("300 days", "200 days"))
    told = clients.hub("journey", "move", "Marie")
    assert told.code == 0, told.everything
    (_, (what, version)) = _marks(clients)
    assert what == "move_version"
    with store_of(clients) as store, store.read() as conn:
        (row,) = journeys.listing(conn, LILA)
    assert version != row.version


def test_a_business_without_clients_says_so(site: Site) -> None:
    only_jobs(site)
    assert "has no file with `job: client_onboarding`" in site.hub("journey").err
