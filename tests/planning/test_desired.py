"""The CEO's page and the table below it; verdicts; the proof of a figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

from hub.core.money import Money
from hub.core.types import BLOCK_VALUES, Record
from hub.mapping.revenue_job import Target
from hub.planning import words
from hub.planning.desired import desired
from hub.planning.figure import Figure, ProofLine
from hub.planning.plan import DesiredRow
from hub.planning.revenue import figures
from hub.planning.verdict import judge
from hub.planning.why import render
from hub.planning.words import money, number, percent
from tests.planning.make import (
    NOW,
    OWNED,
    business,
    config,
    eur,
    invoice,
    item,
    job,
    price,
    subscription,
    transaction,
    utc,
    view,
)

SALES = (
    transaction("txn_0", "8000", "2026-09-10"),
    transaction("txn_1", "8420", "2026-10-10"),
    transaction("txn_2", "9500.5", "2026-11-03T11:00"),
    transaction("txn_3", "-70.5", "2026-11-20T07:15", "refund"),
)


def shown(
    *records: Record, now: datetime = NOW, figures_: Any = (), **more: Any
) -> tuple[dict[str, DesiredRow], dict[str, DesiredRow]]:
    """Rows of the page and of the table, by key."""
    wanted, home = job(since="2026-08-01", figures=figures_), business(**more)
    page, table = desired(figures(view(*records), wanted, home, now), wanted, home, now)
    return {row.key: row for row in page.rows}, {row.key: row for row in table.rows}


def test_a_row_holds_the_figure_and_what_the_file_says_the_hub_owns_and_nothing_of_people() -> None:
    _, table = shown(*SALES, figures_=[config("cash_in", "12000")])
    assert table["cash_in/2026-10/EUR"].values == {
        "Chiffre": "Encaissements · 2026-10",
        "Hub": "cash_in/2026-10/EUR",
        "Série": "Encaissements",
        "Période": "2026-10",
        "Devise": "EUR",
        "Unité": "EUR",
        "Valeur": Decimal("8420.00"),
        "Objectif": Decimal(12000),
        "Évolution": "+420,00\u00a0€ (+5,3\u00a0%)",
        "Compté le": utc("2026-10-10"),
        "Preuve": "1 ligne · hub why cash_in 2026-10 --currency EUR",
    }


def test_the_table_has_every_property_of_its_rows_and_stands_in_the_page() -> None:
    wanted, home = job(), business()
    page, table = desired(figures(view(*SALES), wanted, home, NOW), wanted, home, NOW)
    assert (page.collection.name, page.collection.kind, page.collection.inside) == (
        "Tableau de bord — Atelier Lila",
        "page",
        None,
    )
    assert table.collection.inside == page.collection.name
    kinds = {each.name: each.kind for each in table.collection.properties}
    assert all(set(row.values) == set(kinds) for row in table.rows)
    assert [kinds[name] for name in OWNED] == ["number", "number", "text", "instant", "text"]
    assert [name for name, kind in kinds.items() if kind == "title"] == ["Chiffre"]
    assert kinds[table.collection.key_property] == "text"
    assert "Note CEO" not in kinds
    assert all(set(row.values) == set(BLOCK_VALUES) for row in page.rows)


def test_the_file_names_the_page_and_english_has_its_own_words() -> None:
    wanted, home = job(page="Pilotage", hub_owns={}), business(language="en")
    page, table = desired(figures(view(*SALES), wanted, home, NOW), wanted, home, NOW)
    assert page.collection.name == "Pilotage"
    names = [each.name for each in table.collection.properties]
    assert names[:6] == ["Figure", "Hub", "Series", "Period", "Currency", "Unit"]
    assert names[6:] == ["Value", "Target", "Change", "Counted at", "Proof"]


def test_only_the_current_and_the_previous_month_are_expected_to_change() -> None:
    _, table = shown(*SALES, figures_=["cash_in"])
    assert [row.expected for row in table.values()] == [False, False, True, True]


def test_the_current_month_is_not_compared_yet_and_the_first_has_nothing_before_it() -> None:
    _, table = shown(*SALES, figures_=["cash_in"])
    changes = [row.values["Évolution"] for row in table.values()]
    assert changes == ["", "+8\u202f000,00\u00a0€", "+420,00\u00a0€ (+5,3\u00a0%)", ""]


def test_a_rate_is_shown_in_percent_with_one_decimal_and_changes_in_points() -> None:
    refund = transaction("txn_9", "-421", "2026-10-11", "refund")
    many = [transaction(f"txn_{m}_{n}", "421", f"2026-{m:02}-10") for m in (9, 10) for n in range(20)]
    _, table = shown(*many, refund, figures_=["refund_rate"])
    row = table["refund_rate/2026-10/EUR"].values
    assert (row["Unité"], row["Valeur"], row["Évolution"]) == ("%", Decimal("5.0"), "+5,0\u00a0pt")
    _, table = shown(*many[1:], refund, figures_=["refund_rate"])
    assert table["refund_rate/2026-10/EUR"].values["Évolution"] == ""  # of 19, one more would be 5 points
    assert table["refund_rate/2026-08/EUR"].values["Valeur"] is None


def test_nothing_changes_when_nothing_was_counted_although_time_passes() -> None:
    _, before = shown(*SALES, now=utc("2026-11-21T10:00"), figures_=["cash_in"])
    _, after = shown(*SALES, now=utc("2026-11-25T18:00"), figures_=["cash_in"])
    assert before == after


def test_the_page_says_how_each_figure_stands_against_its_target() -> None:
    page, _ = shown(*SALES, figures_=[config("cash_in", "12000")])
    assert page["single/cash_in"].values == {
        "block": "callout",
        "text": (
            "**Encaissements**\u00a0: **9\u202f430,00\u00a0€** · En bonne voie\n"
            "objectif 12\u202f000,00\u00a0€ (79\u00a0%)\n"
            "↗\u00a0+12\u00a0% (8\u202f420,00\u00a0€ le mois dernier à la même date)"
        ),
        "color": "green_background",
        "icon": "🟢",
    }
    state = page["state"].values["text"]
    assert state == "**Tout va bien** · dernier mouvement compté le 20/11/2026 à 08:15"


def test_the_page_counts_and_names_what_needs_a_look() -> None:
    late = invoice(due_at=utc("2026-10-01"), due="640")
    wanted = [config("cash_in", "20000"), config("overdue", None, Decimal(500))]
    page, _ = shown(*SALES, late, figures_=wanted)
    assert str(page["state"].values["text"]).startswith("**2 points à décider ou à surveiller** · ")
    assert page["tile/cash_in"].values["color"] == "red_background"
    assert "À surveiller\nseuil 500,00\u00a0€\n→\u00a0640,00\u00a0€ à la fin du mois dernier" in str(
        page["tile/overdue"].values["text"]
    )
    one, _ = shown(late, figures_=[config("overdue", None, Decimal(500))])
    assert str(one["state"].values["text"]).startswith("**1 point à décider ou à surveiller** · ")


def test_mrr_says_what_is_at_risk_and_by_when_its_target_is_meant() -> None:
    made = [subscription("sub_1"), subscription("sub_2", [item(price("50"))], status="past_due")]
    target = Target(value=Decimal(160), by=date(2026, 12, 31))
    page, _ = shown(*made, figures_=[config("mrr", target)], language="en")
    assert page["single/mrr"].values["text"] == (
        "**Revenu récurrent**: **€150.00** · At risk\n"
        "target €160.00 by 2026-12-31 (94%)\n"
        "→\u00a0€150.00 at the end of last month, estimated\n"
        "of which €50.00 at risk (payment late)"
    )


def test_an_empty_business_has_a_page_that_says_so() -> None:
    page, table = shown()
    assert page["state"].values["text"] == "**Tout va bien** · aucun mouvement compté"
    assert "**—**" in str(page["tile/refund_rate"].values["text"])
    assert table["cash_in/2026-11/EUR"].values["Valeur"] == 0
    assert table["cash_in/2026-11/EUR"].values["Compté le"] is None


def figure(name: Any, value: str | None, currency: str = "EUR") -> Figure:
    amount = None if value is None else Decimal(value)
    rate = name == "refund_rate"
    return Figure(
        figure=name,
        period="2026-11",
        currency=currency,
        value=amount if rate or amount is None else Money(amount, currency),
        unit="percent" if rate else "money",
        lines=(),
        estimated=False,
        closed=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "target", "warn", "day", "word"),
    [
        ("cash_in", "7000", "10000", None, "2026-11-21", "on_track"),  # 21 of 30 days: 7,000 expected
        ("cash_in", "6999.99", "10000", None, "2026-11-21", "at_risk"),
        ("cash_in", "5950", "10000", None, "2026-11-21", "at_risk"),  # 85 %
        ("cash_in", "5949.99", "10000", None, "2026-11-21", "off_track"),
        ("cash_in", "0", "10000", None, "2026-11-04", "too_early"),
        ("cash_in", "0", "10000", None, "2026-11-05", "off_track"),
        ("cash_in", "0", "10000", None, "2026-11-04T23:00", "off_track"),  # 5 November in Paris
        ("mrr", "7000", "10000", None, "2026-11-21", "off_track"),  # a level is not pro-rated
        ("mrr", "8500", "10000", None, "2026-11-21", "at_risk"),
        ("overdue", "500", None, Decimal(500), "2026-11-21", "on_track"),
        ("overdue", "500.01", None, Decimal(500), "2026-11-21", "at_risk"),
        ("overdue", "0", "300", None, "2026-11-21", "on_track"),
        ("overdue", "310", "300", None, "2026-11-21", "at_risk"),
        ("overdue", "900", "300", Decimal(500), "2026-11-21", "off_track"),
        ("refund_rate", "5.0", None, "5 %", "2026-11-21", "on_track"),
        ("refund_rate", "5.1", None, "5 %", "2026-11-21", "at_risk"),
        ("refund_rate", None, None, "5 %", "2026-11-21", None),
        ("cash_in", "10", None, None, "2026-11-21", None),
    ],
)
def test_the_verdict_is_that_of_the_definitions(
    name: str, value: str | None, target: str | None, warn: Any, day: str, word: str | None
) -> None:
    made = judge(config(name, target, warn), figure(name, value), "EUR", utc(day), business().zone)
    assert made.word == word


def test_a_target_in_euros_says_nothing_of_dollars() -> None:
    made = judge(config("cash_in", "100", Decimal(1)), figure("cash_in", "5", "USD"), "EUR", NOW, business().zone)
    assert made.word is None


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert money(eur("12345.605"), "fr") == "12\u202f345,61\u00a0€"
    assert money(eur("-12345.605"), "en") == "−€12,345.61"
    assert money(eur("1234", "JPY"), "en") == "1,234\u00a0JPY"
    assert money(eur("1.2345", "KWD"), "fr") == "1,235\u00a0KWD"
    assert (percent(Decimal("4.45"), "fr"), percent(Decimal("4.45"), "en", sign=True)) == ("4,5\u00a0%", "+4.5%")
    assert number(Decimal("-0.001"), 2, "en", sign=True) == "0.00"


def test_both_languages_have_every_phrase_with_the_same_parts() -> None:
    names = words.names()
    assert names["fr"] == names["en"]
    for name in names["en"]:
        parts = [
            {part for _, part, _, _ in Formatter().parse(words._WORDS[code][name]) if part} for code in ("fr", "en")
        ]
        assert parts[0] == parts[1], name


def test_the_proof_lists_every_line_and_says_that_they_add_up() -> None:
    (made,) = [each for each in figures(view(*SALES), job(figures=["cash_in"]), business(), NOW) if not each.closed]
    assert render(made, business(), "Encaissements") == (
        "Encaissements · 2026-11 · EUR : 9\u202f430,00\u00a0€\n"
        "Paiements reçus moins remboursements, litiges et prélèvements échoués, taxes comprises, avant frais.\n"
        "\n"
        "Date        Quoi           Identifiant     Montant\n"
        "03/11/2026  encaissement   txn_2        9\u202f500,50\u00a0€\n"
        "20/11/2026  remboursement  txn_3          −70,50\u00a0€\n"
        "\n"
        "2 lignes\n"
        "Total : 9\u202f430,00\u00a0€\n"
        "La somme de ces lignes est le chiffre, au centime près : 9\u202f430,00\u00a0€.\n"
    )


def test_a_proof_that_does_not_add_up_is_refused() -> None:
    line = ProofLine("txn_1", "charge", eur(5), NOW)
    wrong = figure("cash_in", "6")
    with pytest.raises(ValueError, match="the lines add up to 5 EUR, the figure is 6 EUR"):
        render(replace(wrong, lines=(line,)), business(), "x")


def test_a_proof_says_when_its_rounded_lines_differ_from_its_total_and_when_the_past_is_estimated() -> None:
    made = [subscription(f"sub_{n}", [item(price("100", "month", 3), id=f"si_{n}")]) for n in range(3)]
    september, *_ = figures(view(*made), job(figures=["mrr"], since="2026-09-01"), business(language="en"), NOW)
    text = render(september, business(language="en"), "MRR")
    assert "estimated history" in text
    assert "These lines add up to the figure, to the cent: €100.00." in text
    assert "the total is the exact sum, rounded once" in text


def test_the_proof_of_a_rate_is_its_two_sums() -> None:
    (made,) = figures(view(*SALES), job(figures=["refund_rate"], since="2026-11-01"), business(language="en"), NOW)
    text = render(made, business(language="en"), "Refunds")
    assert "€70.50 ÷ €9,500.50 = 0.7%" in text
    alone = view(transaction("txn_1", "-5", "2026-11-02", "refund"))
    (none,) = figures(alone, job(figures=["refund_rate"], since="2026-11-01"), business(language="en"), NOW)
    assert "there is no rate" in render(none, business(language="en"), "Refunds")
    assert "nothing was counted" in render(figure("cash_in", "0"), business(language="en"), "Cash")
