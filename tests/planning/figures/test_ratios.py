"""Rates and ratios: what they divide, when they say nothing, and first attempts that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.types import Record
from hub.planning.figure import value_of
from tests.planning.businesses import ZONES, businesses
from tests.planning.figures.reckoning import gone, of, reckon
from tests.planning.make import eur, invoice, payment, utc
from tests.planning.test_properties import SOME

RATIOS = (
    *("arpa", "ltv", "churn_rate", "mrr_churn_gross", "mrr_churn_net", "retention_net", "quick_ratio", "mrr_growth"),
    *("failed_payments", "recovered_payments"),
)
OCTOBER = utc("2026-10-10")


def many(count: int, amount: str = "100", **more: Any) -> list[Record]:
    return [of(f"{n:02d}", amount, **more) for n in range(count)]


def test_nothing_to_divide_by_is_no_value_and_never_zero_percent() -> None:
    found = reckon()
    assert {found.value(name) for name in RATIOS} == {None}
    assert (found.value("mrr"), found.value("arr"), found.value("customers")) == (0, 0, 0)


def test_revenue_per_year_and_per_paying_customer() -> None:
    found = reckon(of("a"), of("b", "50"), of("b", "10", key="sub_2"), of("c", status="trialing"))
    assert (found.value("arr"), found.value("arpa")) == (1920, 80)


def test_churn_is_out_of_the_customers_of_the_start_and_not_of_those_who_joined() -> None:
    late = of("f", created=utc("2026-10-05"))
    found = reckon(*(of(name) for name in "abc"), *(of(name, **gone(OCTOBER)) for name in "de"), late)
    assert found.value("churn_rate", "2026-10") == 40
    assert [(line.id, line.part) for line in found.figure("churn_rate", "2026-10").lines] == [
        ("d", "of"),
        ("e", "of"),
        ("customers/2026-09/EUR", "per"),
    ]
    assert found.figure("churn_rate", "2026-10").sample == (2, 5)


def test_gross_and_net_loss_and_retention_leave_new_customers_out() -> None:
    found = reckon(
        of("a", **gone(OCTOBER)),
        of("b"),
        of("b", "50", key="sub_2", **gone(OCTOBER)),
        of("c", "50"),
        of("c", "20", key="sub_3", created=OCTOBER),
        of("d", "30", created=utc("2026-03-05"), **gone(utc("2026-05-05"))),
        of("d", "10", key="sub_4", created=OCTOBER),
        of("e", "400", created=OCTOBER),
    )
    start = 300
    assert found.value("mrr", "2026-09") == start
    assert found.value("mrr_churn_gross", "2026-10") == 50
    assert found.value("mrr_churn_net", "2026-10") == 40
    assert found.value("retention_net", "2026-10") == 60
    assert found.value("quick_ratio", "2026-10") == Decimal("2.866666666667")  # (400 + 10 + 20) / 150
    assert found.value("mrr_growth", "2026-10") == Decimal("93.333333333333")  # 580 / 300
    assert found.figure("mrr_churn_gross", "2026-10").sample == (None, 3)


def test_more_expansion_than_loss_is_a_negative_loss() -> None:
    found = reckon(of("a"), of("a", "30", key="sub_2", created=OCTOBER))
    assert (found.value("mrr_churn_net", "2026-10"), found.value("retention_net", "2026-10")) == (-30, 130)
    assert found.value("quick_ratio", "2026-10") is None  # nothing was lost: nothing to divide by


def test_lifetime_value_is_revenue_per_customer_over_the_mean_churn_of_closed_months() -> None:
    leaving = [of("x", **gone(utc("2026-09-10"))), of("y", **gone(utc("2026-10-10")))]
    found = reckon(*many(20, "50"), *leaving, since="2026-08-01")
    # churn: 0 of 22 in August, 1 of 22 in September, 1 of 21 in October; 50 a customer
    mean = (Decimal(1) / 22 + Decimal(1) / 21) / 3
    value = found.value("ltv")
    assert abs(value - 50 / mean) < Decimal("0.000001")
    assert found.figure("ltv").lines[-1].id == "churn_rate/2026-08..2026-10/EUR"


def test_lifetime_value_looks_at_six_closed_months_at_most() -> None:
    early = [of("x", **gone(utc("2026-04-10")))]
    found = reckon(*many(20), *early, of("y", **gone(OCTOBER)))
    assert found.figure("ltv").lines[-1].id == "churn_rate/2026-05..2026-10/EUR"
    assert found.value("ltv") == 100 * 6 * 21


@pytest.mark.parametrize(
    ("customers", "since", "leaver"),
    [(19, "2026-02-01", "2026-10-10"), (25, "2026-09-01", "2026-10-10"), (25, "2026-02-01", "2026-11-10")],
    ids=["19 customers", "2 closed months", "nobody left"],
)
def test_lifetime_value_says_nothing_when_too_little_is_known(customers: int, since: str, leaver: str) -> None:
    assert reckon(*many(customers), of("x", **gone(utc(leaver))), since=since).value("ltv") is None


def test_the_count_stands_beside_a_rate_and_a_sum_has_none() -> None:
    found = reckon(*many(13), of("x", **gone(OCTOBER)))
    assert found.figure("churn_rate", "2026-10").sample == (1, 14)
    assert found.figure("arpa", "2026-10").sample == (None, 13)
    assert found.figure("mrr", "2026-10").sample is None


def charged(key: str, at: datetime, amount: str = "100", *, attempts: int = 1, **more: Any) -> Record:
    return invoice(
        key,
        amount,
        created=at,
        due_at=None,
        attempted=attempts > 0,
        attempt_count=attempts,
        collection="charge_automatically",
        **more,
    )


def paid(key: str, at: datetime, after: timedelta = timedelta(), amount: str = "100", attempts: int = 1) -> Record:
    more = {"status": "paid", "paid_at": at + after, "remaining": eur(0), "paid": eur(amount)}
    return charged(key, at, amount, attempts=attempts, **more)


def tried(key: str, intent: str, at: datetime, status: str) -> Record:
    fields: dict[str, Any] = {
        "amount": eur(100),
        "refunded": eur(0),
        "status": status,
        "at": at,
        "captured": status == "paid",
        "who": {"key": "cus_1"},
        "payment_intent": intent,
        "balance_transaction": None,
        "description": None,
    }
    return Record(stream="charge", key=key, fields=fields, at=at)


def test_failed_payments_count_invoices_and_never_tries() -> None:
    found = reckon(
        *(paid(f"in_{n}", OCTOBER) for n in range(7)),
        paid("in_7", OCTOBER, timedelta(days=3), attempts=4),
        charged("in_8", OCTOBER, attempts=3),
        charged("in_9", OCTOBER, status="uncollectible", attempts=5),
        charged("in_10", OCTOBER, attempts=0),  # not tried yet
        invoice("in_11", created=OCTOBER, attempted=True, attempt_count=2),  # sent: paying it is the customer's doing
    )
    assert found.value("failed_payments", "2026-10") == 30
    assert found.figure("failed_payments", "2026-10").sample == (3, 10)


def test_charges_say_better_than_counts_what_the_first_attempt_was_and_when() -> None:
    halloween = utc("2026-10-31T23:00")
    found = reckon(
        paid("in_1", halloween, timedelta(hours=9)),  # Stripe counts one attempt: the customer paid by hand after it
        payment("inpay_1", "in_1", "100", halloween + timedelta(hours=9)),
        tried("ch_1", "pi_1", halloween, "failed"),
        tried("ch_2", "pi_1", halloween + timedelta(hours=9), "paid"),
    )
    assert found.value("failed_payments", "2026-10") == 100
    assert found.value("failed_payments") is None
    assert found.value("recovered_payments", "2026-10") == 100


def test_a_debit_that_is_still_on_its_way_has_not_failed() -> None:
    pending = Record(stream="invoice_payment", key="inpay_1", fields={**_open(), "payment": "pi_9"}, at=OCTOBER)
    found = reckon(charged("in_1", OCTOBER), pending, tried("ch_1", "pi_9", OCTOBER, "pending"))
    assert found.value("failed_payments", "2026-10") == 0


def test_recovered_is_what_came_in_within_thirty_days_by_amount() -> None:
    at = utc("2026-09-10")
    found = reckon(
        paid("in_1", at, timedelta(days=30), "60", attempts=3),
        paid("in_2", at, timedelta(days=30, seconds=1), "30", attempts=3),
        charged("in_3", at, "110", attempts=3),
        payment("inpay_3", "in_3", "10", at + timedelta(days=2)),
        payment("inpay_4", "in_3", "20", at + timedelta(days=31)),
        paid("in_4", at, amount="999"),
    )
    assert found.value("recovered_payments", "2026-09") == 35  # 60 + 10 of 200
    assert not found.figure("recovered_payments", "2026-09").estimated


def test_what_failed_less_than_thirty_days_ago_may_still_come_in() -> None:
    found = reckon(charged("in_1", utc("2026-10-25"), attempts=2))
    recovered = found.figure("recovered_payments", "2026-10")
    assert recovered.value == Decimal(0)
    assert recovered.closed
    assert recovered.estimated


def test_what_is_late_is_owed_until_it_is_paid_in_each_currency() -> None:
    sent = invoice("in_1", "80", created=utc("2026-08-20"), due_at=utc("2026-09-20"), status="paid", paid_at=OCTOBER)
    part = payment("inpay_1", "in_1", "30", utc("2026-09-25"))
    dollars = charged("in_2", utc("2026-10-05"), "7", currency="USD")
    found = reckon(sent, part, dollars)
    assert found.values("overdue", ["08", "09", "10"]) == [0, 50, 0]
    assert found.values("overdue", ["10", "11"], "USD") == [7, 7]
    assert "overdue/2026-09/USD" not in found.figures


def _open() -> dict[str, Any]:
    return {"invoice": "in_1", "amount": None, "status": "open", "paid_at": None, "payment_type": "payment_intent"}


@SOME
@given(records=businesses(), zone=st.sampled_from(ZONES))
def test_a_ratio_is_what_its_lines_say_and_has_a_value_just_when_it_has_a_denominator(
    records: list[Record], zone: str
) -> None:
    found = reckon(*records, since="2026-05-01", zone=zone)
    for figure in found.figures.values():
        if figure.figure in RATIOS:
            per = sum((line.number for line in figure.lines if line.part == "per"), Decimal(0))
            assert (figure.value is None) == (per == 0)
            assert figure.value == value_of(figure.unit, figure.lines, figure.currency)
    for month in found.span:
        churn = found.value("churn_rate", month.label)
        assert churn is None or 0 <= churn <= 100
        net, kept = found.value("mrr_churn_net", month.label), found.value("retention_net", month.label)
        assert (net is None) == (kept is None)
        if net is not None:
            assert abs(net + kept - 100) <= Decimal("0.000001")
        failed = found.value("failed_payments", month.label)
        assert failed is None or 0 <= failed <= 100
