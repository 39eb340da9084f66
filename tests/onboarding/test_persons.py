"""Who is who, end to end: aliases that the OBM confirms, people who look alike, a second offer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from hub.engine.planners import make_plan
from hub.engine.planners.onboarding_memory import BEGUN
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.persons import journey_id
from hub.store import journeys, mails
from tests.onboarding.test_journey import CALL, MARIE, kept, say
from tests.onboarding.town import OFFER, Town
from tests.onboarding.world import STEPS, Site, site

OTHER = "marie.dupont@autre.example"
WELCOME = "Bienvenue dans Programme Élan, Marie !"


def confirm(here: Site, address: str, person: str) -> None:
    """What `hub journey alias` keeps."""
    with here.store.write() as conn:
        journeys.confirm(conn, "lila", address, person, here.town.clock())


def test_who_books_with_another_address_is_asked_about_and_becomes_one_when_the_obm_says_so(
    town: Town, tmp_path: Path
) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        town.book(CALL, email=OTHER, name="Marie DUPONT")
        here.until_quiet()
        assert {row.person: (row.state, row.reason) for row in kept(here)} == {
            MARIE: ("open", ""),
            OTHER: ("asked", f"alike: {MARIE}"),
        }
        assert here.subjects("claire").count("1 parcours attendent votre mot") == 1
        assert town.projects() == [], "the two were taken for one silently"

        confirm(here, OTHER, MARIE)
        here.until_quiet()
        assert {row.person: (row.state, row.reason) for row in kept(here)} == {
            MARIE: ("open", ""),
            OTHER: ("stopped", "same person"),
        }
        assert len(town.projects()) == len(town.boards()) == len(town.rows()) == 1
        town.to(CALL - timedelta(days=1))
        here.until_quiet()
        assert here.subjects(OTHER) == []
        assert here.subjects(MARIE) == [WELCOME, "Ton appel du jeudi 18 mars 2027"]


def test_an_alias_that_is_known_before_is_never_asked_about(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        confirm(here, OTHER, MARIE)
        town.book(CALL, email=OTHER.upper(), name="Marie Dupont")
        town.sell()
        here.until_quiet()
        assert [row.person for row in kept(here)] == [MARIE]
        assert here.subjects(MARIE) == [WELCOME]
        assert len(town.projects()) == 1
        assert not [subject for subject in here.subjects("claire") if "attendent" in subject]


def test_two_people_who_look_alike_and_are_two_each_have_their_journey(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        town.sell(OTHER, "Marie Dupont")
        here.until_quiet()
        assert here.subjects(OTHER) == []
        say(here, journey_id(OTHER, OFFER), "allow")
        here.until_quiet()
        assert {row.person: row.state for row in kept(here)} == {MARIE: "open", OTHER: "open"}
        assert here.subjects(OTHER) == here.subjects(MARIE) == [WELCOME]
        assert len(town.rows()) == 2


def test_addresses_that_differ_only_in_their_spelling_are_one(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell(" Marie@EXAMPLE.com".strip())
        town.book(CALL, email="MARIE@example.COM")
        here.until_quiet()
        assert [row.person for row in kept(here)] == [MARIE]
        assert len(town.projects()) == 1


def test_a_second_purchase_of_the_same_offer_is_the_same_journey(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        town.skip(days=1)
        town.sell()
        here.until_quiet()
        assert len(kept(here)) == 1
        assert here.subjects(MARIE) == [WELCOME]


def test_a_second_purchase_of_another_offer_has_its_own_steps_and_no_second_welcome(town: Town, tmp_path: Path) -> None:
    duo = "Programme Duo"
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        add(here, duo)
        town.skip(days=1)
        town.account.sell(amount=50000, product=duo, email=MARIE, name="Marie Dupont")
        here.until_quiet()
        assert {(row.offer, row.state) for row in kept(here)} == {(OFFER, "open"), (duo, "open")}
        assert here.subjects(MARIE) == [WELCOME], "she was welcomed a second time"
        assert here.subjects("claire").count("À faire : Contrat envoyé (Marie Dupont)") == 2
        made = make_plan(here.runtime, here.runtime.jobs["duo"])
        assert not made.plan.actions
        town.skip(days=6)
        here.until_quiet()
        assert here.subjects(MARIE).count("Il manque ton appel") == 2  # of each offer


def add(here: Site, offer: str) -> None:
    """A second file about clients, of another offer; it has run before."""
    first = here.runtime.jobs["onboarding"]
    assert isinstance(first, OnboardingJob)
    steps = [dict(step) for step in STEPS if step["name"] in ("welcome", "book", "contract")]
    said: dict[str, Any] = {
        "hub": 1, "job": "client_onboarding", "name": "duo", "says": "x", "offer": offer, "steps": steps,
        "starts_on": [{"event": "payment", "from": "stripe", "product": offer}],
    }  # fmt: skip
    second = OnboardingJob.model_validate(said)
    here.runtime.jobs["duo"] = second
    with here.store.write() as conn:
        from hub.store import jobs

        jobs.ensure(conn, "lila", here.runtime.jobs, here.town.clock())
        mails.quiet(conn, "lila", "duo", (BEGUN,), here.town.clock())
