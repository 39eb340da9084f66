"""Why a figure is not what it was: every line has its part of the change, and nothing is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import Money
from hub.planning.figure import Figure, Part, ProofLine, Unit, value_of
from hub.planning.plan import View
from hub.planning.why import render as render_one
from hub.planning.why_against import compare, render
from hub.planning.why_links import Links
from hub.planning.why_words import names
from tests.planning.make import business, eur, subscription, transaction


def line(
    id_: str, amount: str | int, day: int = 5, part: Part = "", *, money: bool = True, month: int = 10
) -> ProofLine:
    number = Decimal(amount)
    at = datetime(2026, month, day, 12, tzinfo=UTC)
    return ProofLine(id_, "subscription", Money(number, "EUR") if money else number, at, "", part)


def figure(lines: Sequence[ProofLine], period: str = "2026-10", name: str = "mrr", unit: Unit = "money") -> Figure:
    return Figure(
        figure=name,
        period=period,
        currency="EUR",
        value=value_of(unit, lines, "EUR"),
        unit=unit,
        lines=tuple(lines),
        estimated=False,
        closed=True,
    )


def test_what_came_what_went_and_what_is_of_another_amount_make_the_change_to_the_cent() -> None:
    before = figure([line("sub_a", "100"), line("sub_b", "50"), line("sub_c", "33.333333333333")])
    after = figure([line("sub_a", "100"), line("sub_c", "40"), line("sub_d", "25")], "2026-11")

    found = compare(before, after)

    assert [(each.id, each.kind, each.effect) for each in found.differences] == [
        ("sub_b", "only_before", Fraction(-50)),
        ("sub_c", "in_both", Fraction("6.666666666667")),
        ("sub_d", "only_after", Fraction(25)),
    ]
    assert found.same == 1
    assert found.unexplained == 0
    text = render(before, after, business(), "Revenu récurrent").replace("\u00a0", " ")
    assert text.startswith("Revenu récurrent · 2026-11 contre 2026-10 · EUR : 183,33 € → 165,00 €\n")
    assert "Seulement en 2026-11 (1 ligne) : +25,00 €" in text
    assert "Seulement en 2026-10, donc en moins (1 ligne) : −50,00 €" in text
    assert "Inchangé : 1 ligne\n" in text
    assert text.endswith("Évolution : −18,33 €\nSomme des lignes : −18,33 €\nInexpliqué : 0,00 €\n")


def test_a_rate_tells_what_its_numerator_and_its_denominator_did() -> None:
    before = figure([line("re_1", 5, part="of"), line("ch_1", 100, part="per")], name="refund_rate", unit="percent")
    after = figure(
        [line("re_1", 5, part="of"), line("ch_1", 100, part="per"), line("ch_2", 100, part="per", month=11)],
        "2026-11",
        "refund_rate",
        "percent",
    )

    found = compare(before, after)

    assert [(each.id, each.part, each.effect) for each in found.differences] == [("ch_2", "per", Fraction(-5, 2))]
    english = render(before, after, business(language="en"), "Refund rate")
    assert "5.0% → 2.5%" in english
    assert "denominator" in english
    assert english.endswith("Change: −2.50\u00a0pt\nSum of the lines: −2.50\u00a0pt\nUnexplained: 0.00\u00a0pt\n")


def test_a_period_without_a_rate_has_no_change_and_says_so() -> None:
    before = figure([], name="refund_rate", unit="percent")
    after = figure([line("ch_1", 100, part="per")], "2026-11", "refund_rate", "percent")

    found = compare(before, after)

    assert (found.change, found.unexplained) == (None, None)
    assert "il n'y a pas d'évolution à expliquer" in render(before, after, business(), "Remboursements")


def test_a_figure_that_is_not_what_its_lines_make_is_never_explained() -> None:
    good = figure([line("sub_a", "100")])
    wrong = replace(good, value=eur("100.01"))
    with pytest.raises(ValueError, match=r"mrr/2026-10/EUR: the lines add up to 100 EUR, the figure is 100.01 EUR"):
        compare(wrong, good)
    with pytest.raises(ValueError, match="not the same figure"):
        compare(good, figure([line("sub_a", "100")], name="arr"))


AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=12, allow_nan=False, allow_infinity=False)
KEYS = st.sampled_from([f"sub_{number}" for number in range(8)])
UNITS: st.SearchStrategy[Unit] = st.sampled_from(("money", "count", "percent", "ratio"))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Figure, Figure]:
    """The same figure in two periods, of any unit; records may have several lines, and be in both parts of a rate."""
    unit = draw(UNITS)
    money = unit == "money" or (unit == "percent" and draw(st.booleans()))
    parts: Sequence[Part] = ("",) if unit in {"money", "count"} else ("of", "per")

    def lines() -> list[ProofLine]:
        rows = draw(st.lists(st.tuples(KEYS, AMOUNTS, st.sampled_from(parts)), max_size=12))
        return [line(key, str(amount), part=part, money=money) for key, amount, part in rows]

    name = {"money": "mrr", "count": "customers", "percent": "churn_rate", "ratio": "quick_ratio"}[unit]
    return figure(lines(), name=name, unit=unit), figure(lines(), "2026-11", name, unit)


@given(pairs())
def test_the_parts_of_all_lines_are_the_change_exactly(both: tuple[Figure, Figure]) -> None:
    found = compare(*both)
    if None in (both[0].value, both[1].value):
        assert found.change is None
        return
    assert found.unexplained == 0
    assert (found.change == 0) or found.differences
    shown = render(*both, business(), "Chiffre")
    assert "Inexpliqué : 0" in shown


@given(pairs())
def test_backwards_a_sum_changes_by_the_opposite(both: tuple[Figure, Figure]) -> None:
    forth, back = compare(*both), compare(both[1], both[0])
    if forth.change is not None:
        assert back.change == -forth.change
    assert forth.same == back.same


def test_lines_lead_to_the_dashboard_of_stripe() -> None:
    paid = transaction("txn_1", "100", "2026-10-05")
    moved = replace(paid, fields={**paid.fields, "source": "ch_1"})
    charge = replace(paid, stream="charge", key="ch_1", fields={"payment_intent": "pi_1"})
    refund = replace(paid, stream="refund", key="re_1", fields={"payment_intent": None, "charge": "ch_2"})
    back = replace(paid, key="txn_2", fields={**paid.fields, "source": "re_1"})
    lost = replace(paid, key="txn_3", fields={**paid.fields, "source": "du_1"})
    dispute = replace(paid, stream="dispute", key="du_1", fields={})
    payout = replace(paid, key="txn_4", fields={**paid.fields, "source": "po_1"})
    records = {
        "balance_transaction": [moved, back, lost, payout],
        "charge": [charge],
        "refund": [refund],
        "dispute": [dispute],
        "subscription": [subscription("sub_1")],
    }
    links = Links(View({("stripe", stream): each for stream, each in records.items()}), ("stripe",))

    found = {key: links.of(key) for key in ("txn_1", "txn_2", "txn_3", "txn_4", "sub_1", "mrr/2026-10/EUR")}

    site = "https://dashboard.stripe.com"
    assert found == {
        "txn_1": f"{site}/payments/pi_1",
        "txn_2": f"{site}/payments/ch_2",
        "txn_3": f"{site}/disputes/du_1",
        "txn_4": "",
        "sub_1": f"{site}/subscriptions/sub_1",
        "mrr/2026-10/EUR": "",
    }
    proof = figure([line("sub_1", "100")])
    assert f"{site}/subscriptions/sub_1" in render_one(proof, business(), "Revenu récurrent", links)
    assert f"{site}/subscriptions/sub_1" in render(proof, figure([], "2026-11"), business(), "Revenu récurrent", links)


def test_what_a_key_of_test_mode_reads_is_seen_in_the_dashboard_of_test_mode() -> None:
    held = {
        ("trial", "subscription"): [subscription("sub_t")],
        ("trial", "charge"): [replace(transaction("ch_t", "1", "2026-10-05"), stream="charge", fields={})],
        ("trial", "balance_transaction"): [replace(transaction("txn_t", "1", "2026-10-05"), fields={"source": "ch_t"})],
        ("real", "subscription"): [subscription("sub_r")],
    }
    links = Links(View(held), ("trial", "real"), frozenset({"trial"}))
    assert links.of("sub_t") == "https://dashboard.stripe.com/test/subscriptions/sub_t"
    assert links.of("txn_t") == "https://dashboard.stripe.com/test/payments/ch_t"
    assert links.of("sub_r") == "https://dashboard.stripe.com/subscriptions/sub_r"


def test_a_rate_shows_its_numerator_and_its_denominator() -> None:
    rate = figure(
        [line("cus_1", 1, part="of", money=False), *(line(f"cus_{n}", 1, part="per", money=False) for n in range(3))],
        name="churn_rate",
        unit="percent",
    )
    text = render_one(rate, business(), "Attrition")
    assert "Numérateur : 1\nDénominateur : 3\n1 ÷ 3 = 33,3\u00a0%\n" in text


def test_both_languages_have_the_same_phrases() -> None:
    assert names()["fr"] == names()["en"]
