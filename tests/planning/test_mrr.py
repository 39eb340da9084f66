"""MRR of one subscription: statuses, coupons, instalments and the reconstructed past."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record
from hub.planning import instalments, mrr, objects
from tests.planning.make import NOW, coupon, eur, item, paid_invoice, price, schedule, subscription, utc


def at(record: Record, t: str | None = None, *invoices: Record, **hints: Any) -> mrr.Mrr:
    """MRR now, or as it was at an instant."""
    sub = objects.subscription(record)
    kinds, _ = instalments.classify(sub, instalments.Hints(**hints))
    until = mrr.paid_until(sub, [objects.invoice(each) for each in invoices])
    return mrr.mrr(sub, NOW if t is None else utc(t), now=NOW, kinds=kinds, paid_until=until)


def amount(record: Record, t: str | None = None, *invoices: Record, **hints: Any) -> Fraction:
    return at(record, t, *invoices, **hints).exact


def yearly(**more: Any) -> Record:
    """1,200 EUR a year, begun on 1 January 2026."""
    start = utc("2026-01-01")
    items = [item(price("1200", "year"), period_start=start, period_end=utc("2027-01-01"))]
    return subscription(items=items, created=start, **more)


@pytest.mark.parametrize("status", ["trialing", "unpaid", "incomplete", "incomplete_expired", "canceled", "paused"])
def test_a_status_that_is_neither_active_nor_past_due_counts_nothing(status: str) -> None:
    assert amount(subscription(status=status)) == 0


def test_a_late_payment_is_counted_and_shown_as_at_risk() -> None:
    found = at(subscription(status="past_due"))
    assert (found.money, found.at_risk, found.estimated) == (eur(100), True, False)


def test_a_subscription_whose_collection_is_paused_counts_nothing() -> None:
    assert amount(subscription(collection_paused=True)) == 0


def test_a_cancellation_at_period_end_counts_until_the_end() -> None:
    end = utc("2026-12-05")
    asked = subscription(cancel_at_period_end=True, cancel_at=end, canceled_at=utc("2026-11-20"))
    assert amount(asked) == 100


def test_each_item_says_what_it_adds() -> None:
    found = at(
        subscription(
            items=[
                item(quantity=2),
                item(price("10", "week", id="price_2"), id="si_2"),
                item(price(usage="metered"), id="si_3"),
            ]
        )
    )
    assert [(each.item, each.price, each.exact) for each in found.items] == [
        ("si_1", "price_1", Fraction(200)),
        ("si_2", "price_2", Fraction(520, 12)),
    ]
    assert found.money == Money(Decimal("243.333333333333"), "EUR")


def test_an_inclusive_price_counts_without_its_tax_and_an_exclusive_one_as_it_is() -> None:
    inclusive = item(price("120", tax_behavior="inclusive"), tax_percent=Decimal(20))
    exclusive = item(price("120", tax_behavior="exclusive"), tax_percent=Decimal(20))
    untaxed = item(price("120", tax_behavior="inclusive"))
    assert [amount(subscription(items=[each])) for each in (inclusive, exclusive, untaxed)] == [100, 120, 120]


def test_packages_are_rounded_as_the_price_says() -> None:
    up, down = [item(price("10", divide_by=5, round=way), 12) for way in ("up", "down")]
    assert [amount(subscription(items=[each])) for each in (up, down)] == [30, 20]


def test_item_coupons_come_before_those_of_the_subscription() -> None:
    items = [item(discounts=(coupon("50"),))]
    assert amount(subscription(items=items, discounts=(coupon(amount_off=eur(10)),))) == 40


def test_coupons_are_taken_off_in_the_order_of_the_list() -> None:
    percent, fixed = coupon("50"), coupon(amount_off=eur(10))
    assert amount(subscription(discounts=(percent, fixed))) == 40
    assert amount(subscription(discounts=(fixed, percent))) == 45


def test_a_fixed_amount_is_taken_off_each_invoice_and_spread_over_its_items() -> None:
    items = [item(price("30"), id="si_1"), item(price("90"), id="si_2")]
    found = at(subscription(items=items, discounts=(coupon(amount_off=eur(12)),)))
    assert [each.exact for each in found.items] == [27, 81]
    weekly = subscription(items=[item(price("12", "week"))], discounts=(coupon(amount_off=eur(5)),))
    assert amount(weekly) == Fraction(7 * 52, 12)


def test_a_coupon_for_one_invoice_never_counts() -> None:
    assert amount(subscription(discounts=(coupon("50", duration="once"),))) == 100


def test_a_coupon_counts_from_its_start() -> None:
    late = subscription(discounts=(coupon("50", start=utc("2026-10-15")),))
    assert (amount(late, "2026-09-30"), amount(late, "2026-10-15"), amount(late)) == (100, 50, 50)


def test_a_coupon_of_four_months_lowers_the_whole_year_that_was_invoiced_with_it() -> None:
    start = utc("2026-01-01")
    months = coupon("50", duration="repeating", start=start, end=utc("2026-05-01"))
    assert amount(yearly(discounts=(months,))) == 50
    renewed = item(price("1200", "year"), period_start=utc("2026-06-10"), period_end=utc("2027-06-10"))
    record = subscription(items=[renewed], created=utc("2025-06-10"), discounts=(months,))
    assert amount(record, "2026-05-31") == 50  # the period that began in June 2025 was invoiced at half price
    assert amount(record) == 100  # the one of June 2026 began after the coupon's end


def test_a_coupon_that_ended_counts_until_the_month_it_lowered_is_over() -> None:
    ended = coupon("50", duration="repeating", start=utc("2026-08-05"), end=utc("2026-11-10"))
    record = subscription(discounts=(ended,))
    assert amount(record) == 50  # the period of 5 November was invoiced before 10 November


def test_the_past_begins_after_the_trial_and_stops_at_the_end() -> None:
    record = subscription(
        status="canceled",
        created=utc("2026-03-20"),
        trial_end=utc("2026-04-10"),
        ended_at=utc("2026-07-31T22:00"),
        canceled_at=utc("2026-07-10"),
    )
    months = ["2026-02-28", "2026-03-31", "2026-04-30", "2026-06-30", "2026-07-31T21:59", "2026-07-31T22:00"]
    assert [amount(record, month) for month in months] == [0, 0, 100, 100, 100, 0]
    assert at(record, "2026-04-30").estimated


def test_a_subscription_unpaid_today_counts_in_the_past_as_long_as_its_last_paid_invoice_reaches() -> None:
    record = subscription(status="unpaid")
    paid = [paid_invoice("in_1", "sub_1", utc("2026-07-05")), paid_invoice("in_2", "sub_1", utc("2026-08-05"))]
    months = ["2026-07-31", "2026-08-31", "2026-09-30"]
    assert [amount(record, month, *paid) for month in months] == [100, 100, 0]
    assert amount(record, "2026-07-31") == 0  # never paid


def test_a_schedule_that_goes_on_after_its_phases_is_recurring() -> None:
    sub = subscription(schedule="sched_1")
    for fields, expected in (
        ({"end_behavior": "release"}, 100),
        ({"end_behavior": "cancel"}, 0),
        ({"end_behavior": "cancel", "phases": ({"start": utc("2026-02-05"), "end": None},)}, 100),
        ({"end_behavior": "cancel", "status": "released"}, 100),
    ):
        found = objects.schedule(schedule("sched_1", "sub_1", **fields))
        assert amount(sub, schedules=instalments.index([found])) == expected


def test_an_end_set_within_a_day_of_the_start_makes_instalments() -> None:
    start, end = utc("2026-10-05"), utc("2027-01-05")
    dates: dict[str, Any] = {"created": start, "cancel_at": end}
    assert amount(subscription(**dates, canceled_at=utc("2026-10-06"))) == 0
    assert amount(subscription(**dates, canceled_at=utc("2026-10-06T00:01"))) == 100
    assert amount(subscription(created=start, cancel_at=utc("2026-11-05"), canceled_at=start)) == 100
    assert amount(subscription(**dates, cancel_at_period_end=True, canceled_at=start)) == 100


def test_a_tag_on_price_product_or_subscription_decides_before_any_date() -> None:
    plan: dict[str, Any] = {
        "created": utc("2026-10-05"),
        "cancel_at": utc("2027-01-05"),
        "canceled_at": utc("2026-10-05"),
    }
    tagged = [item(price(metadata={"instalments": "3"}))]
    untagged = [item(price(metadata={"instalments": "no"}))]
    assert amount(subscription(items=tagged)) == 0
    assert amount(subscription(items=untagged, **plan)) == 100
    assert amount(subscription(metadata={"instalments": "yes"})) == 0
    assert amount(subscription(), products={"prod_1": {"instalments": "10"}}) == 0
    assert amount(subscription(items=untagged), products={"prod_1": {"instalments": "10"}}) == 100


@pytest.mark.parametrize(
    ("record", "doubt"),
    [
        (subscription(schedule="sched_9"), "no_schedule"),
        (subscription(created=utc("2026-10-05"), cancel_at=utc("2027-01-05")), "end_unknown"),
        (subscription(items=[item(price(None))]), "no_amount"),
        (subscription(items=[item(price(currency="USD"))]), "other_currency"),
        (subscription(discounts=(coupon(amount_off=eur(5, "USD")),)), "other_currency"),
    ],
)
def test_what_cannot_be_told_is_counted_as_neither_and_says_why(record: Record, doubt: str) -> None:
    kinds, found = instalments.classify(objects.subscription(record), instalments.Hints())
    assert set(kinds.values()) == {"unsure"}
    assert found is not None
    assert found[0] == doubt
    assert amount(record) == 0


def test_a_record_that_lacks_a_promised_field_is_named_with_the_field() -> None:
    made = subscription()
    broken = Record(stream=made.stream, key=made.key, fields={k: v for k, v in made.fields.items() if k != "items"})
    with pytest.raises(RecordError, match="subscription sub_1 in the mirror has no field 'items'"):
        objects.subscription(broken)
