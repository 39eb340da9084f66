"""A figure is what its lines prove, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.core import codec
from hub.core.money import CurrencyError, Money
from hub.planning.figure import Figure, ProofLine, from_values, to_values, value_of
from tests.planning.make import NOW, eur


def line(amount: Money | str | int, part: Any = "", what: str = "thing") -> ProofLine:
    return ProofLine("id_1", what, amount if isinstance(amount, Money) else Decimal(amount), NOW, "note", part)


def test_money_and_counts_are_sums() -> None:
    assert value_of("money", [line(eur("0.10")), line(eur("0.20"))], "EUR") == eur("0.30")
    assert value_of("count", [line(1), line(1)], "") == Decimal(2)
    assert value_of("money", [], "EUR") == eur(0)
    assert value_of("count", [], "") == Decimal(0)


def test_a_percentage_is_of_over_per() -> None:
    assert value_of("percent", [line(1, "of"), line(8, "per")], "EUR") == Decimal("12.5")
    assert value_of("percent", [line(eur(30), "of"), line(eur(-10), "of"), line(eur(80), "per")], "EUR") == Decimal(25)
    assert value_of("percent", [line(8, "per")], "") == Decimal(0)


def test_a_third_is_rounded_once_and_far_behind_the_cent() -> None:
    assert value_of("percent", [line(1, "of"), line(3, "per")], "") == Decimal("33.333333333333")


def test_money_over_things_is_money_and_money_over_money_is_a_number() -> None:
    assert value_of("ratio", [line(eur(90), "of"), line(1, "per"), line(1, "per")], "EUR") == eur(45)
    assert value_of("ratio", [line(eur(70), "of"), line(eur(20), "per")], "EUR") == Decimal("3.5")
    assert value_of("ratio", [line(2, "per")], "EUR") == eur(0)
    assert value_of("days", [line(9, "of"), line(2, "per")], "") == Decimal("4.5")


@pytest.mark.parametrize("unit", ["percent", "ratio", "days"])
def test_an_empty_denominator_is_no_value_and_not_nought(unit: Any) -> None:
    assert value_of(unit, [line(eur(5), "of")], "EUR") is None
    assert value_of(unit, [line(eur(5), "of"), line(eur(0), "per")], "EUR") is None
    assert value_of(unit, [], "EUR") is None


@pytest.mark.parametrize("unit", ["money", "percent", "ratio"])
def test_a_line_of_another_currency_is_refused_by_name(unit: Any) -> None:
    with pytest.raises(CurrencyError, match="id_1 is in USD, the figure in EUR"):
        value_of(unit, [line(eur(5), "of"), line(eur(5, "USD"), "per")], "EUR")


def test_lines_are_kept_with_their_parts_and_as_before_without() -> None:
    lines = (line(eur(5), "of"), line(2, "per"), line(eur(1)))
    values = to_values(lines)
    assert from_values(codec.loads(codec.dumps(values))) == lines  # type: ignore[arg-type]
    assert set(values[2]) == {"id", "what", "amount", "at", "note"}


def test_a_refund_rate_that_was_stored_before_lines_had_parts_is_still_proved() -> None:
    old = [{"id": "a", "what": "charge", "amount": eur(200), "at": NOW, "note": ""}]
    old += [{"id": "b", "what": "refund", "amount": eur(-30), "at": NOW, "note": ""}]
    old += [{"id": "c", "what": "refund_failure", "amount": eur(10), "at": NOW, "note": ""}]
    assert value_of("percent", from_values(old), "EUR") == Decimal(10)


def test_a_rate_says_how_many_things_it_is_a_share_of() -> None:
    def rate(lines: tuple[ProofLine, ...], unit: Any = "percent") -> tuple[int | None, int] | None:
        value = value_of(unit, lines, "EUR")
        return Figure(
            figure="x",
            period="2026-10",
            currency="EUR",
            value=value,
            unit=unit,
            lines=lines,
            estimated=False,
            closed=True,
        ).sample

    assert rate((line(1, "of"), line(14, "per"))) == (1, 14)
    assert rate((line(eur(5), "of"), line(eur(80), "per"), line(eur(20), "per"))) == (None, 2)
    assert rate((line(eur(80), "per"), ProofLine("mrr/2026-09/EUR", "figure", eur(9), NOW, "3", "per"))) == (None, 4)
    assert rate((ProofLine("mrr/2026-09/EUR", "figure", eur(9), NOW, "", "per"),)) is None
    assert rate((line(eur(5)),), "money") is None


def test_the_newest_line_says_when_it_was_counted() -> None:
    lines = (line(eur(5)), ProofLine("b", "thing", eur(1), NOW - timedelta(days=1)))
    made = Figure(
        figure="x", period="p", currency="EUR", value=eur(6), unit="money", lines=lines, estimated=False, closed=True
    )
    assert made.counted_at == NOW
