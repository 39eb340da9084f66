"""A client is written to in her own language, as far as her records say it and somebody wrote the text in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.engine.planners import make_plan
from hub.mapping.loader import load
from tests.onboarding.town import OFFER, Town
from tests.onboarding.world import body, site

PARIS = ZoneInfo("Europe/Paris")
MARIE = "marie@example.com"
CALL = datetime(2027, 3, 18, 10, tzinfo=PARIS)
ENGLISH = {
    "welcome.en": "Subject: Welcome to {offer}, {person.first_name}!\n\nYour {payment.amount} came on {payment.day}.",
    "new_time.en": "Subject: Noted: {booking.day} at {booking.time}\n\nAll else follows.",
}
IN_ENGLISH, IN_FRENCH = "Welcome to Programme Élan, Marie!", "Bienvenue dans Programme Élan, Marie !"


def customer(town: Town, *languages: str) -> str:
    """A customer of whom Stripe knows these languages."""
    made = town.account.customer(email=MARIE, name="Marie Dupont", preferred_locales=list(languages))
    return str(made["id"])


def shown_in(town: Town, locale: str | None) -> None:
    """She pays on a checkout page in that language."""
    sold = town.sell()
    town.account.state.get("checkout.session", sold["session"])["locale"] = locale


def in_english(town: Town) -> None:
    town.sell(customer=customer(town, "en-GB"))


def test_dates_and_amounts_follow_the_language_that_stripe_knows(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        in_english(town)
        booking = town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        here.until_quiet()

        assert here.subjects(MARIE) == [IN_ENGLISH, "Noted: Tuesday 23 March 2027 at 10:00"]
        (welcome, _) = (mail for mail in here.mails if MARIE in str(mail["To"]))
        assert "Your €1,200.00 came on Monday 8 March 2027." in body(welcome)
        assert "Unsubscribe" in welcome.as_string() or "unsubscribe" in body(welcome).casefold()
        assert here.subjects("claire") == ["À faire : Contrat envoyé (Marie Dupont)"]  # the team's own language


@pytest.mark.parametrize(
    ("buys", "subject"),
    [
        (lambda town: shown_in(town, "en"), IN_ENGLISH),
        (lambda town: shown_in(town, "auto"), IN_FRENCH),
        (lambda town: shown_in(town, None), IN_FRENCH),
        (lambda town: town.sell(customer=customer(town, "de", "en")), IN_ENGLISH),
        (lambda town: town.sell(customer=customer(town, "de")), IN_FRENCH),
        (lambda town: town.sell(customer=customer(town)), IN_FRENCH),
    ],
)
def test_the_language_is_hers_or_the_business_s(
    town: Town, tmp_path: Path, buys: Callable[[Town], object], subject: str
) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        buys(town)
        here.until_quiet()
        assert here.subjects(MARIE) == [subject]


def test_what_she_answered_counts_more_than_what_the_checkout_showed(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        said = [{"question": "Langue ?", "answer": "Anglais", "position": 0}]
        town.calendly.book(town.call, CALL.isoformat(), name="Marie", email=MARIE, questions_and_answers=said)
        town.sell(customer=customer(town, "fr"))
        here.until_quiet()
        assert here.subjects(MARIE) == [IN_ENGLISH]


def test_a_column_of_her_row_is_heard_from_then_on(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        town.sell()
        here.until_quiet()
        town.notion.edit_as_person(town.rows()[0]["id"], {"Langue": "English"})
        booking = town.book(CALL)
        here.until_quiet()
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        here.until_quiet()
        assert here.subjects(MARIE) == [IN_FRENCH, "Noted: Tuesday 23 March 2027 at 10:00"]


def test_a_text_that_lacks_in_her_language_is_sent_whole_in_the_business_s(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        in_english(town)
        town.book(CALL)
        here.until_quiet()
        town.to(CALL - timedelta(days=2))
        here.until_quiet()
        assert here.subjects(MARIE) == [IN_ENGLISH, "Ton appel du jeudi 18 mars 2027"]
        assert "à 10 h 00" in body(here.mails[-1])


def test_the_letter_says_which_language_it_is_in(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, written=ENGLISH) as here:
        in_english(town)
        here.turn()
        (mail,) = (mail for mail in here.mails if MARIE in str(mail["To"]))
        assert mail["Content-Language"] in (None, "en")
        assert 'lang="en"' in mail.as_string() or mail["Content-Language"] == "en"
        assert not make_plan(here.runtime, here.runtime.jobs["onboarding"]).plan.actions


def test_files_of_other_languages_are_read_and_checked(tmp_path: Path) -> None:
    folder = tmp_path / "lila"
    (folder / "texts").mkdir(parents=True)
    (folder / "business.yaml").write_text(
        "hub: 1\nbusiness: Lila\nlanguage: fr\nconnections: {stripe: {}, email: {}}\n"
    )
    (folder / "onboarding.yaml").write_text(
        f"hub: 1\njob: client_onboarding\nsays: One.\noffer: {OFFER}\n"
        "starts_on: [{event: payment, from: stripe}]\nsteps: [{name: welcome, after: payment, send: welcome}]\n"
    )
    (folder / "texts" / "welcome.fr.md").write_text("Subject: Bonjour\n\nBienvenue.")
    (folder / "texts" / "welcome.en.md").write_text("Subject: Hello\n\nWelcome, {person.nam}.")
    (fault,) = load(tmp_path).errors
    assert (fault.file.name, "person.name" in fault.hint) == ("welcome.en.md", True)

    (folder / "texts" / "welcome.en.md").write_text("Subject: Hello\n\nWelcome, {person.name}.")
    loaded = load(tmp_path)
    assert not loaded.errors
    texts = loaded.businesses[0].texts
    assert {name: text.subject for name, text in texts.items()} == {"welcome": "Bonjour", "welcome.en": "Hello"}
