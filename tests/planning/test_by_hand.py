"""Payments that were written down by hand: counted once, outside of cash, each with its line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.money import Money
from hub.mapping.paid import Paid
from hub.mapping.revenue_job import RevenueJob
from hub.planning.by_hand import by_hand, keys
from hub.planning.revenue import count
from tests.planning.make import NOW, business, eur, job, subscription, transaction, utc, view
from tests.planning.test_properties import SOME

PAID: dict[str, Any] = {"day": "2026-10-05", "amount": "500 EUR", "offer": "Élan", "client": "zoe@example.com"}


def with_paid(*paid: dict[str, Any]) -> RevenueJob:
    return job(figures=("cash_in", "paid_outside")).model_copy(
        update={"paid_outside": tuple(map(Paid.model_validate, paid))}
    )


def test_what_was_written_down_is_paid_outside_and_never_cash_with_a_line_that_names_its_file() -> None:
    more = {**PAID, "how": "cheque", "note": "acompte", "day": "2026-10-31"}
    found = count(view(transaction("txn_1", "90", "2026-10-05")), with_paid(PAID, more), business(), NOW)
    figure = found.known["paid_outside/2026-10/EUR"]
    assert figure.value == eur(1000)
    assert [(each.id, each.what, each.note, each.at) for each in figure.lines] == [
        ("2026-10-05/1", "by_transfer", "revenue.yaml · Élan", utc("2026-10-04T22:00")),
        ("2026-10-31/1", "by_cheque", "revenue.yaml · Élan · acompte", utc("2026-10-30T23:00")),
    ]
    assert found.known["cash_in/2026-10/EUR"].value == eur(90)
    assert found.known["paid_outside/2026-11/EUR"].value == eur(0)


def test_another_currency_has_a_line_of_its_own_from_its_first_payment_on() -> None:
    found = count(view(), with_paid({**PAID, "amount": "500 USD"}), business(), NOW).known
    assert found["paid_outside/2026-10/USD"].value == Money(Decimal(500), "USD")
    assert found["paid_outside/2026-11/USD"].value == Money(Decimal(0), "USD")


def test_a_business_of_many_customers_counts_what_was_written_down_once() -> None:
    crowd = [subscription(f"sub_{n}", who={"key": f"cus_{n}"}) for n in range(1600)]
    found = count(view(*crowd), with_paid(PAID), business(), NOW)
    assert found.known["paid_outside/2026-10/EUR"].value == eur(500)


@pytest.mark.parametrize(("now", "there"), [("2026-10-04T21:59", 0), ("2026-10-04T22:00", 1)])
def test_a_payment_counts_from_the_first_instant_of_its_day_where_the_business_is(now: str, there: int) -> None:
    assert len(by_hand(with_paid(PAID), business().zone, utc(now))) == there


DAYS = st.sampled_from(["2026-10-05", "2026-10-06", "2026-11-01"])
AMOUNTS = st.integers(1, 10_000).map(lambda cents: f"{Decimal(cents) / 100:.2f}")


@SOME
@given(st.lists(st.tuples(DAYS, AMOUNTS, st.sampled_from(["EUR", "USD", "KWD"])), max_size=12))
def test_whatever_is_written_down_adds_up_over_months_and_every_number_is_its_own(paid: list[tuple[str, ...]]) -> None:
    of = with_paid(*({"day": day, "amount": f"{amount} {code}"} for day, amount, code in paid))
    found = count(view(), of, business(), NOW).known
    for code in {each[2] for each in paid}:
        mine = [each.value for each in found.values() if (each.figure, each.currency) == ("paid_outside", code)]
        total = sum((value.amount for value in mine if isinstance(value, Money)), Decimal(0))
        assert total == sum(Decimal(amount) for _, amount, other in paid if other == code)
    assert len(set(keys(of.paid_outside))) == len(paid)
