"""One total for show, at the European Central Bank's rates, with their day; never a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.money import Money
from hub.planning.figure import Figure, ProofLine, added, value_of
from hub.planning.figures.cash import cash
from hub.planning.figures.currencies import NO_RATES, Rates, read_rates, total
from hub.planning.figures.rules import Rules
from hub.planning.words import decimals, money
from tests.planning.figures.kit import kept, moved, year
from tests.planning.make import NOW, eur

FILE = """\
Date,USD,JPY,RUB,XYZ,
2026-11-20,1.25,160,N/A,,
2026-11-19,1.20,150,N/A,,
2022-03-01,1.10,128.5,117.2010,,
"""
RATES = read_rates(FILE)
FRIDAY = date(2026, 11, 20)


def figure(amount: str, currency: str, name: str = "cash_in", period: str = "2026-11") -> Figure:
    lines = (ProofLine("txn_1", "charge", eur(amount, currency), NOW),)
    return Figure(
        figure=name,
        period=period,
        currency=currency,
        value=value_of("money", lines, currency),
        unit="money",
        lines=lines,
        estimated=False,
        closed=False,
    )


def test_the_file_of_the_bank_is_read_in_any_order_and_by_exact_decimals() -> None:
    head, *rows = FILE.splitlines(keepends=True)
    assert read_rates("".join([head, *reversed(rows)])) == RATES
    assert read_rates("\ufeff" + FILE.replace("\n", "\r\n")) == RATES
    assert RATES.days == (date(2022, 3, 1), date(2026, 11, 19), FRIDAY)
    assert RATES.rows[-1] == {"USD": Decimal("1.25"), "JPY": Decimal(160)}


def test_only_the_currencies_that_are_wanted_are_kept() -> None:
    assert read_rates(FILE, {"USD"}).rows[-1] == {"USD": Decimal("1.25")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not begin with"),
        ("<html>", "does not begin with"),
        ("Date,USD\n20/11/2026,1.2\n", "Line 2 of the rates file"),
        ("Date,USD\n2026-11-20,1.2\n2026-11-19,one\n", "Line 3 of the rates file"),
        ("Date,USD\n2026-11-20,0\n", "Line 2 of the rates file"),
        ("Date,USD\n2026-11-20,NaN\n", "Line 2 of the rates file"),
    ],
)
def test_a_file_that_is_something_else_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rates(text)


@pytest.mark.parametrize(
    ("day", "used"),
    [
        (date(2026, 11, 22), FRIDAY),  # a Sunday
        (FRIDAY, FRIDAY),
        (date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 18), date(2022, 3, 1)),
    ],
)
def test_the_rate_is_the_last_one_published_until_that_day(day: date, used: date) -> None:
    found = RATES.pair("USD", "EUR", day)
    assert found is not None
    assert found[0] == used


def test_a_rate_between_two_other_currencies_goes_through_the_euro_of_one_day() -> None:
    assert RATES.pair("USD", "JPY", FRIDAY) == (FRIDAY, Fraction(128))
    assert RATES.pair("RUB", "USD", FRIDAY) == (date(2022, 3, 1), Fraction(11000, 1172010))
    assert RATES.pair("EUR", "EUR", FRIDAY) == (FRIDAY, Fraction(1))


def test_before_the_first_rate_and_for_an_unknown_currency_there_is_none() -> None:
    assert RATES.pair("USD", "EUR", date(2022, 2, 28)) is None
    assert RATES.pair("XYZ", "EUR", FRIDAY) is None
    assert NO_RATES.pair("USD", "EUR", FRIDAY) is None


def test_a_total_in_one_currency_says_the_day_of_its_rates_and_what_it_was_made_of() -> None:
    found = total([figure("100", "EUR"), figure("50", "USD"), figure("1600", "JPY")], "EUR", RATES, date(2026, 11, 22))
    assert (found.value, found.on, found.missing) == (eur(150), FRIDAY, ())
    assert [(line.id, line.amount, line.note) for line in found.lines] == [
        ("cash_in/2026-11/EUR", eur(100), "100 EUR"),
        ("cash_in/2026-11/USD", eur(40), "50 USD × 0.8 (2026-11-20)"),
        ("cash_in/2026-11/JPY", eur(10), "1600 JPY × 0.00625 (2026-11-20)"),
    ]


def test_the_oldest_day_is_said_when_rates_are_of_several() -> None:
    found = total([figure("50", "USD"), figure("117.201", "RUB")], "EUR", RATES, FRIDAY)
    assert (found.value, found.on) == (eur(41), date(2022, 3, 1))


def test_without_a_rate_there_is_no_total_and_the_currency_is_named() -> None:
    found = total([figure("100", "EUR"), figure("50", "USD")], "EUR", NO_RATES, FRIDAY)
    assert (found.value, found.missing) == (None, ("USD",))


def test_nothing_in_a_currency_needs_no_rate() -> None:
    for rates in (NO_RATES, RATES):
        found = total([figure("100", "EUR"), figure("0", "USD")], "EUR", rates, FRIDAY)
        assert (found.value, found.on, found.missing) == (eur(100), None, ())


def test_figures_of_two_names_or_months_are_not_added_and_rates_never() -> None:
    with pytest.raises(ValueError, match="one figure of money in one period"):
        total([figure("1", "EUR"), figure("1", "USD", "mrr")], "EUR", RATES, FRIDAY)
    with pytest.raises(ValueError, match="one figure of money in one period"):
        total([figure("1", "EUR"), figure("1", "USD", period="2026-10")], "EUR", RATES, FRIDAY)
    share = [each for each in cash(kept(), Rules(), year(kept())) if each.key == "recurring_share/2026-10/EUR"]
    with pytest.raises(ValueError, match="one figure of money in one period"):
        total(share, "EUR", RATES, FRIDAY)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["EUR", "USD", "JPY"]), st.integers(-(10**7), 10**7)), min_size=1, max_size=9)
)
def test_the_total_is_its_lines_to_the_cent_and_every_currency_stays_as_it_was(moves: list[tuple[str, int]]) -> None:
    records = [
        moved(f"txn_{n}", str(Decimal(amount) / 100), "2026-11-02", "charge", currency=currency)
        for n, (currency, amount) in enumerate(moves)
    ]
    found = kept(*records)
    figures = [each for each in cash(found, Rules(), year(found)[-1:]) if each.figure == "cash_in"]
    exact = Fraction(0)
    for currency, amount in moves:
        pair = RATES.pair(currency, "EUR", FRIDAY)
        assert pair is not None
        exact += Fraction(amount, 100) * pair[1]
    made = total(figures, "EUR", RATES, FRIDAY)
    assert isinstance(made.value, Money)
    assert abs(Fraction(made.value.amount) - exact) <= Fraction(1, 10**12)
    assert added(made.lines) == made.value.amount
    for each in figures:
        own = sum((Decimal(amount) / 100 for currency, amount in moves if currency == each.currency), Decimal(0))
        assert each.value == Money(own, each.currency)


@pytest.mark.parametrize(("code", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("UGX", 0), ("ISK", 0), ("HUF", 2)])
def test_an_amount_is_shown_with_the_decimals_of_its_currency(code: str, places: int) -> None:
    assert decimals(code) == places
    shown = money(Money(Decimal("5.1204"), code), "en")
    assert len(shown.partition(".")[2].partition("\u00a0")[0]) == places


def test_rates_of_nobody_are_empty() -> None:
    assert read_rates("Date,USD\n") == Rates((), ())
