"""What an order is worth, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hub.core.types import Record
from hub.planning.figure import Figure, value_of
from hub.planning.figures.books import Books
from hub.planning.figures.orders import orders
from hub.planning.figures.plans import plans
from tests.planning.figures.kit import disputed, kept, moved, only, paid, refunded, year
from tests.planning.make import eur, invoice, item, price, subscription, utc


def counted(found: Books) -> list[Figure]:
    return list(orders(found, plans(found), year(found)))


def of(name: str, *records: Record, period: str = "2026-10", currency: str = "EUR", **about: Any) -> Any:
    return only(counted(kept(*records, **about)), name, period, currency).value


def bought(name: str, at: str, amount: str, *, of: str, first: bool = False, **more: Any) -> Iterable[Record]:
    """A paid invoice of a subscription."""
    when, reason = utc(at), "subscription_create" if first else "subscription_cycle"
    yield invoice(
        f"in_{name}",
        amount,
        created=when,
        status="paid",
        paid=eur(amount),
        remaining=eur(0),
        paid_at=when,
        subscription=of,
        reason=reason,
    )
    yield from paid(name, amount, at, invoice=f"in_{name}", **more)


def test_an_order_is_a_checkout_or_a_first_invoice_and_never_a_renewal() -> None:
    records = [
        subscription("sub_1"),
        *bought("1", "2026-10-05", "100", of="sub_1", first=True),
        *bought("2", "2026-10-20", "100", of="sub_1"),
        *paid("3", "40", "2026-10-06"),
    ]
    figure = only(counted(kept(*records)), "average_order", "2026-10")
    assert (figure.value, figure.sample) == (eur(70), (None, 2))
    assert sorted({line.id for line in figure.lines}) == ["txn_1", "txn_3"]


def test_a_sale_paid_in_parts_is_one_order_at_its_whole_value_on_the_day_it_was_signed() -> None:
    part = item(price("332.33", metadata={"instalments": "3"}), period_start=utc("2026-10-05"))
    records = [
        subscription("sub_1", [part], created=utc("2026-09-05")),
        *bought("1", "2026-09-05", "332.33", of="sub_1", first=True),
        *bought("2", "2026-10-05", "332.33", of="sub_1"),
        *paid("3", "40", "2026-10-06"),
    ]
    assert of("average_order", *records, period="2026-09") == eur("996.99")
    assert of("average_order", *records) == eur(40)


def test_an_invoice_that_is_paid_in_two_payments_is_one_order_of_the_whole() -> None:
    bill = invoice("in_1", "100", created=utc("2026-10-01"), status="paid", paid_at=utc("2026-10-09"))
    records = [bill, *paid("1", "60", "2026-10-02", invoice="in_1"), *paid("2", "40", "2026-10-09", invoice="in_1")]
    figure = only(counted(kept(*records)), "average_order", "2026-10")
    assert (figure.value, figure.sample) == (eur(100), (None, 1))


@pytest.mark.parametrize("bill", [None, "in_1"])
def test_a_sale_whose_debit_fails_later_and_is_tried_again_is_one_order(bill: str | None) -> None:
    first, again = (
        list(paid("1", "100", "2026-09-20", invoice=bill)),
        list(paid("2", "100", "2026-10-08", invoice=bill)),
    )
    again[1] = replace(again[1], fields={**again[1].fields, "payment_intent": "pi_1"})
    found = kept(
        invoice("in_1", "100"), *first, moved("f", "-100", "2026-09-29", "charge_failure", source="ch_1"), *again
    )
    assert only(counted(found), "average_order", "2026-09").value == eur(100)
    assert only(counted(found), "average_order", "2026-10").value is None


def test_a_card_that_was_refused_at_first_does_not_take_the_order_away() -> None:
    _, charge, _ = paid("1", "100", "2026-10-02", invoice="in_1")
    refused = {**charge.fields, "status": "failed", "balance_transaction": None}
    tried = replace(charge, key="ch_0", at=utc("2026-10-01"), fields=refused)
    assert of("average_order", invoice("in_1", "100"), tried, *paid("1", "100", "2026-10-02", invoice="in_1")) == eur(
        100
    )


def test_an_invoice_in_another_currency_than_its_payment_is_worth_what_was_received() -> None:
    bill = invoice("in_1", "110", currency="USD")
    assert of("average_order", bill, *paid("1", "100", "2026-10-02", invoice="in_1")) == eur(100)


def test_an_order_in_another_currency_is_worth_what_was_received() -> None:
    records = paid("1", "92", "2026-10-02", asked=eur(100, "USD"), exchange_rate=Decimal("0.92"))
    assert of("average_order", *records) == eur(92)


def test_no_order_is_no_average_and_not_nought() -> None:
    assert of("average_order") is None


def test_a_refund_does_not_make_an_order_smaller() -> None:
    records = [*paid("1", "80", "2026-10-02"), *refunded("2", "30", "2026-10-03", of="1")]
    assert of("average_order", *records) == eur(80)


# What comes back


LAUNCH = [
    *paid("1", "400", "2026-09-10"),
    *paid("2", "600", "2026-09-12"),
    *paid("3", "100", "2026-10-02"),
    *refunded("r1", "250", "2026-10-20", of="1"),
    *refunded("r2", "150", "2026-10-20", of="2"),
    *refunded("r3", "10", "2026-10-21", of="3"),
]


def test_the_refund_rate_of_a_month_and_that_of_its_sales_are_two_figures() -> None:
    assert of("refund_rate", *LAUNCH, period="2026-09") == 0
    assert of("refund_rate", *LAUNCH) == 410
    assert of("refund_rate_cohort", *LAUNCH, period="2026-09") == 40
    assert of("refund_rate_cohort", *LAUNCH) == 10


def test_a_month_without_sales_has_no_refund_rate() -> None:
    for name in ("refund_rate", "refund_rate_cohort", "dispute_activity", "dispute_rate"):
        assert of(name, *LAUNCH, period="2026-11") is None


def test_dispute_activity_is_of_the_month_in_which_they_came_and_the_rate_of_that_of_the_payments() -> None:
    records = [record for n in range(1000) for record in paid(str(n), "10", "2026-09-10")]
    records += [record for n in range(1000, 2000) for record in paid(str(n), "10", "2026-10-10")]
    records += [record for n in range(3) for record in disputed(f"a{n}", "10", "2026-10-15", of=str(1000 + n))]
    records += [record for n in range(7) for record in disputed(f"b{n}", "10", "2026-10-16", of=str(n))]
    assert of("dispute_activity", *records) == 1
    assert of("dispute_rate", *records) == Decimal("0.3")
    assert of("dispute_activity", *records, period="2026-09") == 0
    assert of("dispute_rate", *records, period="2026-09") == Decimal("0.7")


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed", "prevented"])
def test_an_inquiry_is_no_dispute(status: str) -> None:
    records = [*paid("1", "10", "2026-10-10"), *disputed("d", "10", "2026-10-15", of="1", status=status)]
    assert (of("dispute_activity", *records), of("dispute_rate", *records)) == (0, 0)


def test_a_dispute_is_counted_in_the_currency_in_which_it_moved_money() -> None:
    records = [
        *paid("1", "92", "2026-10-10", asked=eur(100, "USD")),
        *disputed("d", "92", "2026-10-15", of="1"),
        *paid("2", "5", "2026-10-10", currency="USD"),
    ]
    assert of("dispute_activity", *records) == 100
    assert of("dispute_activity", *records, currency="USD") == 0


def test_a_rate_of_few_things_can_be_told_and_every_figure_is_what_its_lines_prove() -> None:
    figures = counted(kept(*LAUNCH))
    assert only(figures, "refund_rate", "2026-09").sample == (None, 2)
    assert all(each.value == value_of(each.unit, each.lines, each.currency) for each in figures)
