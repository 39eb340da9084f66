"""From payment to kick-off: each step once, whatever happens on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hub.engine.journeys import journey_of
from hub.engine.planners import make_plan
from hub.engine.planners.onboarding_memory import version_of
from hub.mapping.onboarding_job import OnboardingJob
from hub.store import figures, journeys, unsubscribed
from hub.store.journeys import JourneyRow, MarkRow, Order
from tests.onboarding.town import Town
from tests.onboarding.world import STEPS, Site, body, site

PARIS = ZoneInfo("Europe/Paris")
MARIE = "marie@example.com"
OWNED = {"Nom": "person.name", "E-mail": "person.email", "Payé": "payment.amount"}
CALL = datetime(2027, 3, 18, 10, tzinfo=PARIS)
"""A Thursday."""


def test_who_pays_and_books_gets_everything_once(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.notion.settings(template_lag=0.2)
        town.sell()
        here.turn()
        town.book(CALL)
        here.until_quiet()
        here.until_quiet()

        (row,) = town.rows()
        assert (row["Nom"], row["E-mail"], row["Payé"], row["Statut"]) == ("Marie Dupont", MARIE, 1200, "nouvelle")
        assert "Livrables" in town.notion.text(row["id"])
        (project,) = town.projects()
        assert project.name == "Programme 90 jours · Marie Dupont"
        tasks = {task["name"]: task["due_on"] for task in town.asana.tasks(project.gid)}
        assert tasks == {"Préparer": "2027-03-18", "Bilan": "2027-03-23"}
        (board,) = town.boards()
        assert town.cards(board["id"]) == {"Premier appel": "2027-03-18", "Compte rendu": "2027-03-22"}
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        assert here.subjects("claire") == ["À faire : Contrat envoyé (Marie Dupont)"]
        (welcome,) = (mail for mail in here.mails if MARIE in str(mail["To"]))
        assert "1 200,00" in body(welcome).replace("\u202f", " ")
        assert str(welcome["List-Unsubscribe"]).startswith("<https://hub.example.com/unsubscribe/lila/")


def test_a_moved_call_moves_the_dates_and_is_told_once(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())  # the Tuesday after
        here.until_quiet()
        here.until_quiet()

        (project,) = town.projects()
        tasks = {task["name"]: task["due_on"] for task in town.asana.tasks(project.gid)}
        assert tasks == {"Préparer": "2027-03-23", "Bilan": "2027-03-26"}
        (board,) = town.boards()
        assert town.cards(board["id"]) == {"Premier appel": "2027-03-23", "Compte rendu": "2027-03-25"}
        assert here.subjects(MARIE)[1:] == ["C'est noté : mardi 23 mars 2027 à 10 h 00"]


def test_a_refund_stops_and_says_what_to_close(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        sold = town.sell()
        here.until_quiet()
        town.skip(minutes=2)
        town.account.refund(sold["charge"])
        here.until_quiet()
        town.skip(days=14)
        here.until_quiet()

        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        told = [mail for mail in here.mails if "remboursé" in str(mail["Subject"])]
        assert sorted(str(mail["To"]) for mail in told) == ["Claire <claire@example.com>", "Lila <lila@example.com>"]
        assert "notion: Clientes" in body(told[0])
        assert len(town.rows()) == 1


def test_a_cancelled_call_pauses_until_another_one_is_booked(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.calendly.cancel(booking)
        here.until_quiet()
        town.to(CALL - timedelta(days=2))
        here.until_quiet()
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        assert "Marie Dupont a annulé son rendez-vous" in here.subjects("claire")

        town.book(CALL + timedelta(days=1))
        here.until_quiet()
        town.skip(days=1)
        here.until_quiet()
        assert here.subjects(MARIE)[-1] == "Ton appel du vendredi 19 mars 2027"


def test_whoever_was_there_before_waits_for_a_word(town: Town, tmp_path: Path) -> None:
    town.sell("avant@example.com", "Anne Avant")
    town.skip(minutes=5)
    with site(town, tmp_path) as here:
        here.until_quiet()
        here.until_quiet()

        assert here.subjects("avant@") == []
        assert here.subjects("claire") == ["1 parcours attendent votre mot"]
        assert town.rows() == []


def test_a_flood_waits_for_a_person(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, hold_if={"journeys_above": 2, "per": "hour"}) as here:
        for number in range(3):
            town.sell(f"client{number}{number}@example.com", f"Prénom{number} Nom{number}")
        turns = here.turn()

        assert [result.plan_id is not None for turn in turns for result in turn.jobs] == [True]
        here.wake()
        assert not [mail for mail in here.mails if "client" in str(mail["To"])]
        assert town.rows() == []


def test_who_unsubscribed_gets_nothing_more(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        with here.store.write() as conn:
            unsubscribed.add(conn, "lila", MARIE.upper(), town.clock())
        town.skip(days=4)
        here.until_quiet()

        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]


def test_a_row_that_people_made_is_hers_and_what_they_wrote_stays(town: Town, tmp_path: Path) -> None:
    town.notion.add_row_as_person(town.table, {"Nom": "Marie", "E-mail": "Marie@Example.com", "Statut": "prospect"})
    steps = [step for step in STEPS if step["name"] == "client_page"]
    steps[0] = {**steps[0], "write": {**steps[0]["write"], "hub_owns": {**OWNED, "Appel": "booking.day"}}}
    with site(town, tmp_path, steps=steps) as here:
        town.sell()
        here.until_quiet()
        (row,) = town.rows()
        assert (row["Nom"], row["Statut"], row["Payé"], row["Appel"]) == ("Marie Dupont", "prospect", 1200, None)

        booking = town.book(CALL)
        here.until_quiet()
        assert str(town.rows()[0]["Appel"]).startswith("2027-03-18")
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        here.until_quiet()
        (row,) = town.rows()
        assert str(row["Appel"]).startswith("2027-03-23")


def test_reminders_stop_after_their_number_and_somebody_is_told(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        for _ in range(30):
            here.turn()
            town.skip(days=1)

        assert here.subjects(MARIE).count("Il manque ton appel") == 3
        assert here.subjects("claire").count("Marie Dupont n'a pas donné suite") == 1
        assert here.subjects("claire").count("Toujours à faire : Contrat envoyé (Marie Dupont)") == 1


def test_who_does_not_come_gets_one_kind_mail(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.to(CALL + timedelta(hours=1))
        town.calendly.mark_no_show(booking)
        here.until_quiet()
        here.until_quiet()

        assert here.subjects(MARIE).count("Nous nous sommes manqués") == 1
        assert here.subjects("claire").count("Marie Dupont n'est pas venu·e") == 1


def test_a_template_that_is_not_there_keeps_nothing_else_back(town: Town, tmp_path: Path) -> None:
    other = {"copy": {"to": "asana", "template": "Autre"}}
    steps = [{**step, **other} if step["name"] == "project" else step for step in STEPS]
    with site(town, tmp_path, steps=steps) as here:
        town.sell()
        town.book(CALL)
        (turn,) = here.turn()
        assert any("no template « Autre »" in problem for problem in turn.problems)
        for _ in range(6):
            turns = here.wake()

        assert not [turn for turn in turns if turn.problems]
        made = make_plan(here.runtime, here.runtime.jobs["onboarding"])
        assert any("project/1 a échoué trop souvent" in note for note in made.plan.notes)
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        assert len(town.rows()) == len(town.boards()) == 1


def test_who_pays_at_night_is_welcomed_in_the_morning(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell(email="nobody@example.com")
        town.to(datetime(2027, 3, 8, 20, tzinfo=PARIS))
        here.until_quiet()
        assert here.subjects() == []
        assert len(town.rows()) == 1

        town.to(datetime(2027, 3, 9, 8, 31, tzinfo=PARIS))
        here.wake()
        assert here.subjects("nobody") == ["Bienvenue dans Programme Élan, Marie !"]


def test_a_word_of_a_person_is_obeyed(town: Town, tmp_path: Path) -> None:
    town.sell("avant@example.com", "Anne Avant")
    town.skip(minutes=5)
    with site(town, tmp_path) as here:
        here.until_quiet()
        (asked,) = kept(here)
        assert asked.state == "asked"
        say(here, asked.id, "allow")
        here.until_quiet()
        assert here.subjects("avant@") == ["Bienvenue dans Programme Élan, Anne !"]

        say(here, asked.id, "tick", "contract")
        say(here, asked.id, "skip", "book")
        town.skip(days=10)
        here.until_quiet()
        assert here.subjects("avant@") == ["Bienvenue dans Programme Élan, Anne !"]
        assert not [subject for subject in here.subjects("claire") if subject.startswith("Toujours")]


def test_figures_are_kept_with_their_proof(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        here.wake()
        with here.store.read() as conn:
            kept = {row.figure: row for row in figures.listing(conn, "lila")}

        assert kept["paid_not_booked"].value == 1
        assert [line["name"] for line in kept["paid_not_booked"].proof] == ["Marie Dupont"]
        assert kept["journeys_open"].value == 1


def kept(here: Site) -> list[JourneyRow]:
    """The journeys that the store has."""
    with here.store.read() as conn:
        return journeys.listing(conn, "lila")


def say(here: Site, journey: str, what: Order, value: str = "") -> None:
    """A person says something of a journey."""
    row = MarkRow(job="onboarding", journey=journey, what=what, value=value, at=here.town.clock())
    with here.store.write() as conn:
        journeys.mark(conn, "lila", row)


def test_a_journey_keeps_the_mapping_that_it_was_opened_with(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        here.until_quiet()
        (row,) = kept(here)

        job = here.runtime.jobs["onboarding"]
        assert isinstance(job, OnboardingJob)
        assert journey_of(row).job == job
        assert row.version == version_of(job)
