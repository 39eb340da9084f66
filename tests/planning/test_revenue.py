"""The four figures by month and currency, from records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record
from hub.planning.figure import Figure
from hub.planning.plan import View
from hub.planning.revenue import count, figures
from tests.planning.make import (
    NOW,
    business,
    coupon,
    customer,
    eur,
    invoice,
    item,
    job,
    payment,
    price,
    subscription,
    transaction,
    utc,
    view,
)


def found(name: str, *records: Record, since: str | None = "2026-08-01", **more: Any) -> dict[tuple[str, str], Figure]:
    """One figure by (period, currency)."""
    made = figures(view(*records), job(figures=[name], since=since), business(**more), NOW)
    return {(each.period, each.currency): each for each in made}


def amounts(name: str, *records: Record, since: str | None = "2026-08-01", **more: Any) -> dict[str, Decimal | None]:
    """One figure's euros by month."""
    result: dict[str, Decimal | None] = {}
    for (period, currency), each in found(name, *records, since=since, **more).items():
        if currency == "EUR":
            result[period] = each.value.amount if isinstance(each.value, Money) else each.value
    return result


def test_cash_is_charges_less_refunds_disputes_and_debits_that_failed() -> None:
    made = [
        transaction("txn_1", "1000", "2026-10-02"),
        transaction("txn_2", "-200", "2026-10-03", "refund"),
        transaction("txn_3", "50", "2026-10-04", "refund_failure"),
        transaction("txn_4", "-10", "2026-10-04", "partial_capture_reversal"),
        transaction("txn_5", "-300", "2026-10-05", "dispute"),
        transaction("txn_6", "300", "2026-10-06", "dispute_reversal"),
        transaction("txn_7", "-40", "2026-10-07", "charge_failure"),
        transaction("txn_8", "-500", "2026-10-08", "payout"),
        transaction("txn_9", "-5", "2026-10-09", "fee"),
        transaction("txn_a", "7", "2026-10-09", "other_adjustment"),
    ]
    assert amounts("cash_in", *made)["2026-10"] == 800


def test_a_sale_belongs_to_the_local_month_of_its_instant() -> None:
    sale = transaction("txn_1", "97", "2026-09-30T22:30")  # 00:30 on 1 October in Paris
    assert amounts("cash_in", sale) == {"2026-08": 0, "2026-09": 0, "2026-10": 97, "2026-11": 0}
    assert amounts("cash_in", sale, timezone="UTC")["2026-09"] == 97


def test_months_run_from_since_to_the_current_one_and_earlier_records_do_not_count() -> None:
    made = [transaction("txn_1", "50", "2026-09-15T21:59"), transaction("txn_2", "70", "2026-09-15T22:00")]
    assert amounts("cash_in", *made, since="2026-09-16") == {"2026-09": 70, "2026-10": 0, "2026-11": 0}


def test_what_is_dated_after_the_current_month_is_not_counted_in_it() -> None:
    made = [transaction("txn_1", "50", "2026-11-30T22:59"), transaction("txn_2", "70", "2026-11-30T23:00")]
    assert amounts("cash_in", *made)["2026-11"] == 50


def test_without_since_months_run_from_the_first_record() -> None:
    made = [transaction("txn_1", "50", "2026-10-15"), subscription(created=utc("2026-09-30T22:30"))]
    assert list(amounts("cash_in", *made, since=None)) == ["2026-10", "2026-11"]
    assert list(amounts("cash_in", since=None)) == ["2026-11"]


def test_another_currency_has_its_own_rows_from_its_first_month_on() -> None:
    made = [transaction("txn_1", "50", "2026-08-15"), transaction("txn_2", "9", "2026-10-15", currency="USD")]
    got = found("cash_in", *made)
    assert [key for key in got if key[1] == "USD"] == [("2026-10", "USD"), ("2026-11", "USD")]
    assert got["2026-10", "USD"].value == eur(9, "USD")
    assert got["2026-10", "EUR"].value == eur(0)


def test_mrr_of_a_closed_month_is_that_of_its_last_instant_and_says_it_is_estimated() -> None:
    made = subscription(created=utc("2026-09-30T21:59"))  # 23:59 on 30 September in Paris
    later = subscription("sub_2", created=utc("2026-09-30T22:00"))
    assert amounts("mrr", made) == {"2026-08": 0, "2026-09": 100, "2026-10": 100, "2026-11": 100}
    assert amounts("mrr", later)["2026-09"] == 0
    got = found("mrr", made)
    assert [(each.estimated, each.closed) for each in got.values()] == [(True, True)] * 3 + [(False, False)]


def test_a_discount_on_the_customer_lowers_what_their_subscriptions_bring_unless_these_have_their_own() -> None:
    half, own = coupon("50"), coupon("10")
    theirs = [customer("cus_1", discount=half), customer("cus_2")]
    items = [[item(id=f"si_{n}")] for n in range(3)]
    plain, lowered = subscription("sub_0", items[0]), subscription("sub_1", items[1], discounts=(own,))
    other = subscription("sub_2", items[2], who={"key": "cus_2"})
    assert amounts("mrr", plain, *theirs)["2026-11"] == 50
    assert amounts("mrr", plain, lowered, other, *theirs)["2026-11"] == 50 + 90 + 100


def test_an_amount_off_in_another_currency_on_the_customer_lowers_nothing() -> None:
    theirs = customer(discount=coupon(amount_off=eur(30, "USD")))
    assert amounts("mrr", subscription(), theirs)["2026-11"] == 100
    assert amounts("mrr", subscription(), customer(discount=coupon(amount_off=eur(30))))["2026-11"] == 70


def test_the_lines_of_thirds_add_up_to_the_exact_sum_rounded_once() -> None:
    made = [subscription(f"sub_{n}", [item(price("100", "month", 3), id=f"si_{n}")]) for n in range(3)]
    (figure,) = [each for each in found("mrr", *made).values() if not each.closed]
    assert figure.value == eur(100)
    assert [line.amount.amount for line in figure.lines] == [Decimal("33.333333333333333333")] * 3


def test_a_free_subscription_is_no_line_and_a_late_one_is_marked() -> None:
    made = [
        subscription("sub_1", discounts=(coupon("100"),)),
        subscription("sub_2", status="past_due"),
    ]
    (figure,) = [each for each in found("mrr", *made).values() if not each.closed]
    assert [(line.id, line.note) for line in figure.lines] == [("sub_2", "past_due")]


def test_an_invoice_is_overdue_from_its_due_date_until_it_is_paid_voided_or_given_up() -> None:
    ends = {"paid_at": "paid", "voided_at": "void", "uncollectible_at": "uncollectible"}
    for n, (name, status) in enumerate(ends.items()):
        made = invoice(f"in_{n}", due_at=utc("2026-08-20"), status=status, **{name: utc("2026-10-15")})
        assert amounts("overdue", made) == {"2026-08": 100, "2026-09": 100, "2026-10": 0, "2026-11": 0}
    waiting = invoice(due_at=utc("2026-11-21T10:01"))
    assert set(amounts("overdue", waiting).values()) == {Decimal(0)}
    assert set(amounts("overdue", invoice(status="draft")).values()) == {Decimal(0)}


def test_what_was_overdue_then_is_what_was_not_yet_paid_then() -> None:
    made = [
        invoice(remaining=eur(40), paid=eur(60), due_at=utc("2026-08-20")),
        payment("inpay_1", "in_1", "25", utc("2026-09-10")),
        payment("inpay_2", "in_1", "35", utc("2026-10-10")),
    ]
    assert amounts("overdue", *made) == {"2026-08": 100, "2026-09": 75, "2026-10": 40, "2026-11": 40}


def test_an_invoice_charged_automatically_is_overdue_from_its_first_attempt() -> None:
    automatic = {"collection": "charge_automatically", "due_at": None, "created": utc("2026-09-29")}
    tried = invoice("in_1", **automatic, finalized_at=utc("2026-09-29T01:00"), attempted=True)
    untried = invoice("in_2", **automatic)
    assert amounts("overdue", tried) == {"2026-08": 0, "2026-09": 100, "2026-10": 100, "2026-11": 100}
    assert set(amounts("overdue", untried).values()) == {Decimal(0)}


def test_the_refund_rate_is_refunds_of_the_month_for_each_hundred_charged_in_it() -> None:
    made = [
        transaction("txn_1", "1000", "2026-10-02"),
        transaction("txn_2", "-34", "2026-10-03", "refund"),
        transaction("txn_3", "-500", "2026-10-04", "dispute"),
        transaction("txn_4", "-34", "2026-11-03", "refund"),
    ]
    got = amounts("refund_rate", *made)
    assert got == {"2026-08": None, "2026-09": None, "2026-10": Decimal("3.4"), "2026-11": None}
    lines = found("refund_rate", *made)["2026-10", "EUR"].lines
    assert [(line.id, line.what, line.part) for line in lines] == [
        ("txn_2", "refund", "of"),
        ("txn_1", "charge", "per"),
    ]


def test_a_figure_was_counted_at_the_instant_of_its_newest_record() -> None:
    made = [transaction("txn_1", "10", "2026-10-02"), transaction("txn_2", "10", "2026-10-20T09:00")]
    got = found("cash_in", *made)
    assert got["2026-10", "EUR"].counted_at == utc("2026-10-20T09:00")
    assert got["2026-09", "EUR"].counted_at is None


def test_two_connections_are_added_up_each_from_its_own_since() -> None:
    one = job(figures=["cash_in"], since="2026-10-01")
    two = one.read[0].model_copy(update={"connection": "shop", "since": one.read[0].since.replace(month=11)})  # type: ignore[union-attr]
    both = one.model_copy(update={"read": (*one.read, two)})
    records = [transaction("txn_1", "10", "2026-10-02"), transaction("txn_2", "10", "2026-11-02")]
    mirror = View(
        {
            ("stripe", "balance_transaction"): records,
            ("shop", "balance_transaction"): [
                transaction("txn_3", "1", "2026-10-02"),
                transaction("txn_4", "2", "2026-11-02"),
            ],
        }
    )
    values = [each.value for each in figures(mirror, both, business(), NOW)]
    assert values == [eur(10), eur(12)]


def test_what_no_figure_counts_is_named_and_what_cannot_be_classified_too() -> None:
    made = [
        transaction("txn_1", "-3", "2026-10-02", "climate_order_purchase"),
        transaction("txn_2", "-500", "2026-10-08", "payout"),
        subscription("sub_7", schedule="sched_1"),
        subscription("sub_8", schedule="sched_2", status="canceled", ended_at=utc("2026-10-01")),
    ]
    assert count(view(*made), job(), business(language="en"), NOW).notes == (
        "To sort: subscription sub_7 is counted neither as recurring nor as instalments "
        "(its schedule sched_1 has not been read yet)",
        "Other movements, not in cash collected: climate_order_purchase, 1 for −€3.00",
    )


def test_a_transaction_without_an_instant_is_named() -> None:
    made = transaction("txn_1", "10", "2026-10-02")
    lost = Record(stream=made.stream, key=made.key, fields=made.fields)
    with pytest.raises(RecordError, match="balance_transaction txn_1 in the mirror has no instant"):
        figures(view(lost), job(), business(), NOW)
