"""Steps that write, and what life does to them: a page is whole before its step is done; all is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.notion import templates as notion_templates
from hub.engine.undo import jobs_of, undo
from hub.store import ledger, runs, unsubscribed
from tests.onboarding.town import CALL as KIND
from tests.onboarding.town import Town
from tests.onboarding.world import STEPS, Site, body, site

PARIS = ZoneInfo("Europe/Paris")
MARIE = "marie@example.com"
CALL = datetime(2027, 3, 18, 10, tzinfo=PARIS)
KIND_MAIL = "Nous nous sommes manqués"
WRITTEN = {
    "page": "# Bienvenue {person.first_name}\n\nTon offre : **{offer}**.\n\n"
    "- [ ] Contrat\n- Appel\n\n1. Lire\n2. Écrire",
    "linked": "Ton lien : {booking.link}",
}


def page_step(**more: Any) -> dict[str, Any]:
    """A step that makes a page with a text of its own."""
    write = {"database": "Clientes", "hub_owns": {"Nom": "person.name", "E-mail": "person.email"}, **more}
    return {"name": "client_page", "after": "payment", "write": write}


def states(here: Site) -> dict[str, str]:
    """Step -> its state in the ledger."""
    found: dict[str, str] = {}
    with here.store.read() as conn:
        for state in ("started", "done", "uncertain", "failed"):
            for entry in ledger.listing(conn, "lila", state):
                found[entry.key.split("/")[2]] = entry.state
    return found


@pytest.mark.parametrize("lost", [None, "/v1/pages", "/v1/blocks/*"])
def test_a_new_page_says_what_its_text_says_once(town: Town, tmp_path: Path, lost: str | None) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=[page_step(text="page")]) as here:
        if lost is not None:
            town.notion.fault("reset_after_commit", method="PATCH" if "blocks" in lost else "POST", path=lost, times=1)
        town.sell()
        here.until_quiet()
        here.until_quiet()

        (row,) = town.rows()
        text = town.notion.text(row["id"])
        for line in (
            "Bienvenue Marie",
            "Ton offre : Programme Élan.",
            "[ ] Contrat",
            "• Appel",
            "1. Lire",
            "2. Écrire",
        ):
            assert text.count(line) == 1, (line, text)
        assert row["Nom"] == "Marie Dupont"


def test_a_page_whose_text_is_refused_is_not_done(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=[page_step(text="page")]) as here:
        town.notion.fault("unavailable", method="PATCH", path="/v1/blocks/*")
        town.sell()
        here.turn()
        assert states(here)["client_page"] == "started"
        assert len(town.rows()) == 1

        town.notion.clear_faults()
        here.until_quiet()
        assert states(here)["client_page"] == "done"
        (row,) = town.rows()
        assert "Contrat" in town.notion.text(row["id"])


def test_a_text_that_is_changed_meanwhile_is_not_added_to_a_page_that_has_one(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=WRITTEN, steps=[page_step(text="page")]) as here:
        town.notion.fault("reset_after_commit", method="PATCH", path="/v1/blocks/*", times=1)
        town.sell()
        here.turn()
        assert states(here)["client_page"] == "started"
        changed = replace(here.runtime.texts["page"], body="Tout autre chose.")
        here.runtime.texts = {**here.runtime.texts, "page": changed}
        here.until_quiet()
        text = town.notion.text(town.rows()[0]["id"])
        assert (text.count("[ ] Contrat"), "autre chose" in text) == (1, False)


def test_the_row_of_people_gets_no_text_of_ours(town: Town, tmp_path: Path) -> None:
    mine = town.notion.add_row_as_person(town.table, {"Nom": "Marie", "E-mail": MARIE})
    with site(town, tmp_path, written=WRITTEN, steps=[page_step(text="page")]) as here:
        town.sell()
        here.until_quiet()
        assert [row["id"] for row in town.rows()] == [mine]
        assert "Bienvenue" not in town.notion.text(mine)


def test_a_page_waits_for_the_link_that_it_speaks_of(town: Town, tmp_path: Path) -> None:
    link = {"name": "call", "after": "payment", "link": {"from": "calendly", "event_type": KIND}}
    with site(town, tmp_path, written=WRITTEN, steps=[page_step(text="linked"), link]) as here:
        town.sell()
        here.until_quiet()
        (row,) = town.rows()
        assert "https://calendly.com/d/" in town.notion.text(row["id"])


def test_a_step_is_done_only_once_its_template_has_filled_the_page(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [step for step in STEPS if step["name"] == "client_page"]
    with site(town, tmp_path, steps=steps) as here:
        monkeypatch.setattr(notion_templates, "PAUSES", (0.01,) * 3)
        town.notion.settings(template_lag=600)
        town.sell()
        here.turn()
        assert states(here)["client_page"] == "started"
        (row,) = town.rows()
        assert "Livrables" not in town.notion.text(row["id"])

        town.skip(minutes=6)
        here.wake()
        assert states(here)["client_page"] == "started"
        town.skip(minutes=20)
        here.wake()
        assert states(here)["client_page"] == "done"
        (row,) = town.rows()
        assert "Livrables" in town.notion.text(row["id"])
        assert row["Nom"] == "Marie Dupont"


def test_one_missed_call_is_one_kind_mail_even_when_it_is_marked_again(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.to(CALL + timedelta(hours=1))
        mark = town.calendly.mark_no_show(booking)
        here.until_quiet()
        town.calendly.unmark_no_show(mark)
        here.until_quiet()
        town.calendly.mark_no_show(booking)
        here.until_quiet()

        assert here.subjects(MARIE).count(KIND_MAIL) == 1
        assert here.subjects("claire").count("Marie Dupont n'est pas venu·e") == 1


def test_who_has_booked_again_gets_no_mail_about_the_call_that_she_missed(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        town.to(CALL + timedelta(hours=1))
        town.calendly.mark_no_show(booking)
        town.book(CALL + timedelta(days=5))
        here.until_quiet()
        assert KIND_MAIL not in here.subjects(MARIE)
        assert here.subjects("claire").count("Marie Dupont n'est pas venu·e") == 1


def test_each_move_is_told_once(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        for days in (5, 6):
            town.skip(minutes=2)
            booking = town.calendly.move(booking, (CALL + timedelta(days=days)).isoformat())
            here.until_quiet()
            here.until_quiet()

        told = [subject for subject in here.subjects(MARIE) if subject.startswith("C'est noté")]
        assert told == ["C'est noté : mardi 23 mars 2027 à 10 h 00", "C'est noté : mercredi 24 mars 2027 à 10 h 00"]


def test_a_refund_lists_all_that_was_made_and_deletes_none_of_it(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        sold = town.sell()
        town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.account.refund(sold["charge"])
        here.until_quiet()
        here.until_quiet()

        told = [mail for mail in here.mails if "remboursé" in str(mail["Subject"])]
        assert len(told) == 2
        for line in ("notion: Clientes", "asana: Programme 90 jours", "trello: Suivi"):
            assert line in body(told[0])
        assert len(town.rows()) == len(town.projects()) == len(town.boards()) == 1
        town.to(CALL - timedelta(days=2))
        here.until_quiet()
        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]


def test_who_wants_no_mails_gets_none_about_changes_and_the_team_is_told_all_the_same(
    town: Town, tmp_path: Path
) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        booking = town.book(CALL)
        here.until_quiet()
        with here.store.write() as conn:
            unsubscribed.add(conn, "lila", MARIE, town.clock())
        town.skip(minutes=2)
        booking = town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        here.until_quiet()
        town.to(CALL + timedelta(days=5, hours=1))
        town.calendly.mark_no_show(booking)
        here.until_quiet()

        assert here.subjects(MARIE) == ["Bienvenue dans Programme Élan, Marie !"]
        assert "Marie Dupont n'est pas venu·e" in here.subjects("claire")


def test_a_refused_address_gets_nothing_more(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.post.fault("550", "rcpt", times=1, recipient=MARIE)
        town.sell()
        here.turn()
        town.skip(days=4)
        here.until_quiet()
        town.skip(days=4)
        here.until_quiet()
        assert here.subjects(MARIE) == []
        assert len(town.rows()) == 1


def test_an_undo_says_what_stays_and_takes_nothing_away(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path) as here:
        town.sell()
        town.book(CALL)
        here.turn()
        with here.store.read() as conn:
            (run,) = [one.id for one in runs.latest(conn, "lila") if one.id in dict(ledger.by_run(conn, "lila"))]
        assert jobs_of(here.runtime, run) == ["onboarding"]
        plan = undo(here.runtime, "onboarding", run).plan

        assert (plan.actions, plan.held, plan.undoes) == ((), None, run)
        said = "\n".join(plan.notes)
        for words in (
            "un mail ne se rattrape pas",
            "asana › Programme 90 jours",
            "trello › Suivi",
            "notion › Clientes",
            "hub journey stop marie@example.com",
        ):
            assert words in said, (words, said)
        here.until_quiet()
        assert len(town.rows()) == len(town.projects()) == len(town.boards()) == 1
