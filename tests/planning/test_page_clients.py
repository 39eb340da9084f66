"""The part of the CEO's page about clients: who waits for what, by name and never by address, in blocks that stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from hub.core.types import BLOCK_VALUES, Ref
from hub.planning import page_clients
from hub.planning.desired import desired
from hub.planning.diff import diff
from hub.planning.journeys import figure_words
from hub.planning.journeys.figure_why import render
from hub.planning.journeys.figures import NOW as PERIOD
from hub.planning.journeys.figures import UNITS, JourneyFigure, from_values, to_values
from hub.planning.journeys.offers import Offer
from hub.planning.page_clients import NAMING, blocks
from hub.planning.page_facts import Beside
from hub.planning.plan import Desired, DesiredRow, Known, KnownCollection
from hub.planning.revenue import figures
from tests.planning.clients import PAID, line, offer, onboarding
from tests.planning.make import NOW, business, job, view

NB = "\u00a0"


def texts(*offers: Offer, language: Literal["fr", "en"] = "fr") -> dict[str, str]:
    return {row.key: str(row.values["text"]).replace(NB, " ") for row in blocks(offers, business(language=language))}


def test_a_business_that_welcomes_nobody_has_no_such_section() -> None:
    assert blocks((), business()) == ()
    wanted, home = job(), business()
    found = figures(view(), wanted, home, NOW)
    assert desired(found, wanted, home, NOW) == desired(found, wanted, home, NOW, Beside(offers=()))


def test_the_section_stands_between_the_figures_and_the_table() -> None:
    wanted, home = job(), business()
    page, _ = desired(figures(view(), wanted, home, NOW), wanted, home, NOW, Beside(offers=(offer(),)))
    keys = [row.key for row in page.rows]
    first, last = keys.index("clients"), keys.index("trends")
    assert keys[first - 1] == "alerts/list"
    assert all(key.startswith(NAMING) for key in keys[first + 1 : last])
    assert keys[last:] == ["trends", "table"]
    assert all(set(row.values) == set(BLOCK_VALUES) for row in page.rows)


def test_a_figure_without_a_denominator_is_a_dash_and_an_empty_list_says_nobody() -> None:
    assert texts(offer()) == {
        "clients": "Clients en accueil",
        "clients/onboarding/state": "**Programme Élan** : 0 en cours · 0 en pause · 0 bloqué · 0 terminé",
        "clients/onboarding/speed": "**Bienvenue** : — après le paiement · **premier rendez-vous** : — après "
        "(médianes de 90 jours)",
        "clients/onboarding/calls": "**Rendez-vous manqués** : — · **appels découverte devenus des ventes** : — "
        "(sur 90 jours)",
        "clients/onboarding/paid_not_booked": "**Payé, pas réservé** : personne",
        "clients/onboarding/booked_not_paid": "**Réservé, pas payé** : personne",
        "clients/onboarding/asked_not_ticked": "**Demandé, pas encore fait** : personne",
        "clients/onboarding/journeys_stuck": "**Accueils bloqués** : personne",
    }


def test_what_was_never_counted_is_a_dash_everywhere() -> None:
    never = texts(Offer(job=onboarding()))
    assert never["clients/onboarding/state"] == "**Programme Élan** : — en cours · — en pause · — bloqué · — terminé"
    assert never["clients/onboarding/paid_not_booked"] == "**Payé, pas réservé** : —"
    assert never.keys() == texts(offer()).keys()


def test_each_figure_and_list_is_said_with_who_and_since_when() -> None:
    said = texts(
        offer(
            {
                "journeys_open": [line("A"), line("B")],
                "journeys_stuck": [line("Inès Martin", at=None, about="client_page")],
                "journeys_done": [line(str(n)) for n in range(12)],
                "journeys_asked": [line("Z")],
                "hours_to_welcome": [line("A", number=Decimal("0.2")), line("B", number=Decimal("3.3"))],
                "days_to_kickoff": [line("A", number=Decimal("6.5"))],
                "no_show_rate": [line(str(n), counted=n == 0) for n in range(12)],
                "calls_converted": [line(str(n), counted=n < 2) for n in range(5)],
                "paid_not_booked": [line("Inès Martin", at=PAID + timedelta(days=2)), line()],
                "asked_not_ticked": [line(about="contract"), line("Ana", about="gone_since")],
            }
        )
    )
    lead = "clients/onboarding"
    assert said[f"{lead}/state"] == (
        "**Programme Élan** : 2 en cours · 0 en pause · 1 bloqué · 12 terminés · 1 à confirmer"
    )
    assert (
        "**Bienvenue** : 1,8 h après le paiement · **premier rendez-vous** : 6,5 jours après" in said[f"{lead}/speed"]
    )
    assert "**Rendez-vous manqués** : 8,3 % (1 sur 12)" in said[f"{lead}/calls"]
    assert "devenus des ventes** : 40,0 % (2 sur 5)" in said[f"{lead}/calls"]
    assert said[f"{lead}/paid_not_booked"] == (
        # Half past ten in the evening in UTC is 23:30 of the same day in Paris; the one who waits longest comes first.
        "**Payé, pas réservé** : **2** · Marie Dupont (depuis le 03/11/2026), Inès Martin (depuis le 05/11/2026)"
    )
    assert said[f"{lead}/asked_not_ticked"] == (
        "**Demandé, pas encore fait** : **2** · Ana (gone_since, depuis le 03/11/2026), Marie Dupont (Contrat envoyé, "
        "depuis le 03/11/2026)"
    )
    assert said[f"{lead}/journeys_stuck"] == "**Accueils bloqués** : **1** · Inès Martin (client_page)"


def test_the_day_is_that_of_the_business() -> None:
    late = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
    assert "04/11/2026" in texts(offer({"paid_not_booked": [line(at=late)]}))["clients/onboarding/paid_not_booked"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("marie@example.com", "sans nom"),
        ("", "sans nom"),
        ("**Marie**\n# Dupont\u202e", "Marie # Dupont"),
        ("M" * 100, "M" * 59 + "…"),
    ],
)
def test_no_address_and_no_markup_reaches_the_page(name: str, shown: str) -> None:
    found = offer({"paid_not_booked": [line(name, person="marie@example.com")]})
    text = texts(found)["clients/onboarding/paid_not_booked"]
    assert text == f"**Payé, pas réservé** : **1** · {shown} (depuis le 03/11/2026)"
    assert "@" not in "".join(texts(found).values())


def test_why_a_block_changes_is_said_without_names() -> None:
    rows = blocks([offer({name: [line(about="x")] for name in UNITS})], business())
    assert any("Marie" in str(row.values["text"]) for row in rows)
    assert not any("Marie" in row.why for row in rows)
    assert all(row.key.startswith(NAMING) for row in rows if "Marie" in str(row.values["text"]))


def test_a_long_list_is_cut_and_counted() -> None:
    many = [line(f"Client {n:02}", at=PAID + timedelta(days=n)) for n in range(11)]
    text = texts(offer({"paid_not_booked": many}))["clients/onboarding/paid_not_booked"]
    assert text.startswith("**Payé, pas réservé** : **11** · Client 00 (")
    assert text.endswith("Client 07 (depuis le 10/11/2026), et 3 autres")
    nine = texts(offer({"paid_not_booked": many[:9]}))["clients/onboarding/paid_not_booked"]
    assert nine.endswith(", et 1 autre")


def test_a_file_that_asks_for_no_booking_and_nothing_of_people_has_no_such_lists() -> None:
    start = {"event": "payment", "from": "stripe", "product": "P"}
    step = {"name": "welcome", "after": "payment", "send": "welcome"}
    found = texts(offer(starts_on=[start], steps=[step]))
    assert [key.rpartition("/")[2] for key in found] == ["clients", "state", "speed", "calls", "journeys_stuck"]


def test_two_offers_stand_side_by_side() -> None:
    both = texts(offer(), offer({"journeys_open": [line()]}, name="circle", offer="Le Cercle"))
    assert both["clients/onboarding/state"].startswith("**Programme Élan** : 0 en cours")
    assert both["clients/circle/state"].startswith("**Le Cercle** : 1 en cours")
    assert list(both).count("clients") == 1


def test_english_has_its_own_words() -> None:
    said = texts(offer({"paid_not_booked": [line()], "journeys_done": [line()]}), language="en")
    assert said["clients"] == "Clients being welcomed"
    assert said["clients/onboarding/state"] == "**Programme Élan**: 0 under way · 0 paused · 0 stuck · 1 done"
    assert said["clients/onboarding/paid_not_booked"] == (
        "**Paid, not booked**: **1** · Marie Dupont (since 2026-11-03)"
    )
    assert page_clients.names()["fr"] == page_clients.names()["en"]
    assert figure_words.names()["fr"] == figure_words.names()["en"]


def held(rows: Sequence[DesiredRow]) -> KnownCollection:
    return KnownCollection(
        ref=Ref("page"),
        rows={row.key: Known(ref=Ref(row.key), values=row.values, version=1) for row in rows},
        version=1,
    )


def test_who_comes_and_goes_changes_blocks_where_they_stand() -> None:
    wanted, home = job(), business()

    def page(*offers: Offer) -> Desired:
        return desired(figures(view(), wanted, home, NOW), wanted, home, NOW, Beside(offers=tuple(offers)))[0]

    before = page(offer())
    after = page(offer({"paid_not_booked": [line()], "journeys_open": [line()]}))
    known = {before.collection.name: held(before.rows)}
    actions = diff("lila", "revenue", [after], known)
    assert {(action.kind, action.row) for action in actions} == {
        ("update", "clients/onboarding/state"),
        ("update", "clients/onboarding/paid_not_booked"),
    }
    assert diff("lila", "revenue", [before], known) == ()


# The proof


def test_what_the_store_keeps_is_read_as_it_was() -> None:
    lines = (line(number=Decimal("1.5"), about="contract"), line("", at=None, counted=False))
    assert from_values(to_values(lines)) == lines
    assert PERIOD == "now"


def test_the_clients_behind_a_figure_are_named_with_what_they_make() -> None:
    found = offer(
        {
            "asked_not_ticked": [line(about="contract"), line("Ana", at=PAID - timedelta(days=1), about="contract")],
            "no_show_rate": [line(counted=True), line("Ana", counted=False)],
            "hours_to_welcome": [line(number=Decimal("0.5")), line("Ana", number=Decimal("2.5"))],
        }
    )
    told = {name: render(found.figures[name], found, business()).replace(NB, " ") for name in UNITS}
    assert told["asked_not_ticked"].splitlines() == [
        "Demandé, pas encore fait · Programme Élan : 2",
        "Ce qui a été demandé à quelqu'un et n'est pas coché.",
        "",
        "Cliente       Adresse            Quand               Étape, raison",
        "Ana           ana@example.com    02/11/2026 à 23:30  Contrat envoyé",
        "Marie Dupont  marie@example.com  03/11/2026 à 23:30  Contrat envoyé",
        "",
        "Total : 2",
    ]
    assert "oui     Marie Dupont" in told["no_show_rate"]
    assert told["no_show_rate"].endswith("1 ÷ 2 = 50,0 %\n")
    assert "30 min" in told["hours_to_welcome"]
    assert told["hours_to_welcome"].endswith("La médiane de 2 : 1,5 h.\n")
    assert told["days_to_kickoff"].endswith("Personne : ce chiffre n'existe pas (—).\n")
    assert told["journeys_open"].endswith("Personne : rien n'a été compté.\n")


def test_a_proof_that_does_not_make_its_figure_is_an_error() -> None:
    found = offer()
    wrong = JourneyFigure(figure="journeys_open", unit="count", value=Decimal(3), lines=(line(),))
    with pytest.raises(ValueError, match="its clients make 1, the figure is 3"):
        render(wrong, found, business())
