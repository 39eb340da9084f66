"""Commissions: statements that never change, and what later knowledge adds to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import codec
from hub.core.money import Money, total
from hub.mapping.steering import Commission
from hub.planning.figure import ProofLine
from hub.planning.figures.commission import (
    Statement,
    commission_on,
    digest,
    from_values,
    statement,
    to_values,
)


def eur(amount: str | int) -> Money:
    return Money(Decimal(amount), "EUR")


def agreement(**said: object) -> Commission:
    return Commission.model_validate({"who": "obm", "starts": "2026-01-01", "rate": "5 %", **said})


def line(id_: str, amount: str, month: int = 1) -> ProofLine:
    return ProofLine(id_, "charge", eur(amount), datetime(2026, month, 5, tzinfo=UTC), "M. D.")


def test_a_fixed_part_and_a_share_of_what_was_collected_without_tax() -> None:
    found = statement(agreement(fixed=1500), "2026-01", {"2026-01": [line("a", "20000")]}, (), "EUR")
    assert (found.commission, found.due, found.number) == (eur("1000.00"), eur("2500.00"), "obm-2026-001")


def test_what_is_given_back_lowers_the_month_in_which_it_is_given_back() -> None:
    said, lines = (
        agreement(rate="10 %"),
        {"2026-01": [line("a", "10000")], "2026-02": [line("b", "2000", 2), line("r", "-3000", 2)]},
    )
    first = statement(said, "2026-01", lines, (), "EUR")
    second = statement(said, "2026-02", lines, (first,), "EUR")
    assert [first.due, second.due] == [eur("1000.00"), eur("-100.00")]
    assert total("EUR", (first.due, second.due)) == eur("900.00")
    assert second.adjustments == ()


def test_what_is_heard_later_of_an_earlier_month_is_adjusted_once_and_the_statement_stays() -> None:
    said = agreement(rate="10 %")
    lines: dict[str, list[ProofLine]] = {"2026-01": [line("a", "100")]}
    first = statement(said, "2026-01", lines, (), "EUR")
    lines["2026-01"].append(line("late", "50"))
    second = statement(said, "2026-02", lines, (first,), "EUR")
    assert [(each.month, each.base, each.commission) for each in second.adjustments] == [
        ("2026-01", eur(50), eur("5.00"))
    ]
    assert second.due == eur("5.00")
    third = statement(said, "2026-03", lines, (first, second), "EUR")
    assert third.adjustments == ()
    assert digest(first) == first.digest


def test_a_month_has_one_statement() -> None:
    first = statement(agreement(), "2026-01", {}, (), "EUR")
    with pytest.raises(ValueError, match="obm-2026-001"):
        statement(agreement(), "2026-01", {}, (first,), "EUR")


def test_numbers_begin_anew_each_year() -> None:
    made: list[Statement] = []
    for month in ("2026-11", "2026-12", "2027-01"):
        made.append(statement(agreement(who="o-b"), month, {}, made, "EUR"))
    assert [one.number for one in made] == ["o-b-2026-001", "o-b-2026-002", "o-b-2027-001"]


def test_a_statement_that_somebody_changed_is_told_by_its_digest() -> None:
    found = statement(agreement(), "2026-01", {"2026-01": [line("a", "100")]}, (), "EUR")
    assert digest(replace(found, commission=eur("6.00"))) != found.digest
    assert digest(replace(found, lines=(line("a", "100.01"),))) != found.digest


@pytest.mark.parametrize(
    ("base", "commission"),
    [("-100", "-5.00"), ("10000", "500.00"), ("10001", "500.08"), ("20000", "1300.00"), ("0.10", "0.01")],
)
def test_each_bracket_pays_for_its_own_part(base: str, commission: str) -> None:
    said = agreement(rate=None, brackets=[{"up_to": 10000, "rate": "5 %"}, {"rate": "8 %"}])
    assert commission_on(said, eur(base)) == eur(commission)


@pytest.mark.parametrize(("base", "commission"), [("0", "200"), ("100000", "3000"), ("10000", "500.00")])
def test_a_floor_and_a_cap_bound_the_commission(base: str, commission: str) -> None:
    assert commission_on(agreement(floor=200, cap=3000), eur(base)).amount == Decimal(commission)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"rate": None}, "one of rate, brackets"),
        ({"starts": "2026-01-02"}, "first of a month"),
        ({"floor": 2, "cap": 1}, "floor is above"),
        ({"rate": None, "brackets": [{"up_to": 5, "rate": "1 %"}]}, "only the last has no up_to"),
    ],
)
def test_an_agreement_that_cannot_be_counted_is_refused(said: Mapping[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        agreement(**said)


_cents = st.integers(-10_000_00, 10_000_00).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), _cents), max_size=12))
def test_whatever_is_heard_when_the_dues_add_up_to_what_the_months_deserve(
    heard: Sequence[tuple[int, int, Decimal]],
) -> None:
    """(month it belongs to, statement before which it is heard, amount)."""
    said = agreement(rate="7.5 %")
    lines: dict[str, list[ProofLine]] = {}
    made: list[Statement] = []
    for month in range(1, 6):
        for number, (of, when, amount) in enumerate(heard):
            if max(of, when) == month:
                lines.setdefault(f"2026-0{of}", []).append(line(str(number), str(amount), of))
        made.append(statement(said, f"2026-0{month}", lines, made, "EUR"))
    deserved = [
        commission_on(
            said,
            total("EUR", (each.amount for each in lines.get(f"2026-0{month}", ()) if isinstance(each.amount, Money))),
        )
        for month in range(1, 6)
    ]
    assert total("EUR", (one.due for one in made)) == total("EUR", deserved)


def test_a_statement_comes_back_from_the_store_as_it_was_made_or_not_at_all() -> None:
    lines = {"2026-01": [line("a", "1200.50"), line("r", "-100")], "2026-02": [line("b", "7", 2)]}
    first = statement(agreement(fixed=100), "2026-01", {"2026-01": [line("a", "1200.50")]}, (), "EUR")
    second = statement(agreement(fixed=100), "2026-02", lines, (first,), "EUR")
    assert second.adjustments

    for made in (first, second):
        kept = codec.loads(codec.dumps(to_values(made)))
        assert isinstance(kept, Mapping)
        assert from_values(kept) == made
        with pytest.raises(ValueError, match=f"The statement {made.number} is not as it was made"):
            from_values({**kept, "commission": eur("9999")})
