from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import CurrencyError, Money, total

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def eur(text: str) -> Money:
    return Money(Decimal(text), "EUR")


@pytest.mark.parametrize("amount", [12.5, 12, "12.50", None])
def test_money_is_made_of_a_decimal_and_of_nothing_else(amount: object) -> None:
    with pytest.raises(TypeError, match="Money takes a Decimal"):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R", "€€€"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="three capital letters"):
        Money(Decimal(1), currency)


def test_two_currencies_are_never_added() -> None:
    one, other = eur("1"), Money(Decimal(1), "USD")

    for adding in (lambda: one + other, lambda: one - other, lambda: total("EUR", [one, other])):
        with pytest.raises(CurrencyError, match="Cannot add EUR and USD"):
            adding()


@pytest.mark.parametrize("factor", [0.5, 1.0])
def test_money_is_never_multiplied_by_a_float(factor: float) -> None:
    with pytest.raises(TypeError, match="never by a float"):
        eur("10") * factor  # type: ignore[operator]


def test_money_and_a_number_are_not_added() -> None:
    with pytest.raises((TypeError, AttributeError)):
        eur("1") + Decimal(1)  # type: ignore[operator]


@given(st.lists(amounts, max_size=30))
def test_a_total_is_the_exact_sum_whatever_the_order(values: list[Decimal]) -> None:
    found = total("EUR", [Money(value, "EUR") for value in values])

    assert found == total("EUR", [Money(value, "EUR") for value in reversed(values)])
    assert found.amount == sum(values, Decimal(0))


@given(amounts, amounts)
def test_taking_away_undoes_adding(one: Decimal, other: Decimal) -> None:
    assert Money(one, "EUR") + Money(other, "EUR") - Money(other, "EUR") == Money(one, "EUR")
    assert Money(one, "EUR") + -Money(one, "EUR") == Money.zero("EUR")


@pytest.mark.parametrize(
    ("exact", "shown"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.0049", "1.00"), ("7", "7.00")]
)
def test_rounding_is_half_up_away_from_zero(exact: str, shown: str) -> None:
    assert str(eur(exact).rounded().amount) == shown


def test_other_currencies_have_other_decimals() -> None:
    assert Money(Decimal("99.5"), "JPY").rounded(0) == Money(Decimal(100), "JPY")
    assert Money(Decimal("0.0005"), "KWD").rounded(3) == Money(Decimal("0.001"), "KWD")


def test_money_has_no_order_across_currencies_and_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        sorted([eur("1"), Money(Decimal(2), "USD")])  # type: ignore[type-var]
    with pytest.raises(AttributeError):
        eur("1").amount = Decimal(2)  # type: ignore[misc]


def test_nothing_adds_up_to_zero_of_its_currency() -> None:
    assert total("CHF", []) == Money.zero("CHF")
    assert str(Money.zero("CHF")) == "0 CHF"
