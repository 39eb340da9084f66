"""Every reference case that concerns what exists: those of others' defects must come out different here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.core.money import Money
from hub.core.types import Record
from hub.planning import instalments, objects
from hub.planning.calendar import month, month_of
from hub.planning.mrr import mrr
from hub.planning.prices import period_amount
from hub.planning.revenue import figures
from tests.paths import SHARED
from tests.planning.make import NOW, business, job, subscription, transaction, view

FILE = SHARED / "facts" / "vectors.json"
CASES: dict[str, Any] = (
    {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]} if FILE.exists() else {}
)

NOT_APPLICABLE = {
    "calendar": "public holidays: no figure of this job needs working days",
    "commission": "the commission statement does not exist",
    "currency": "wire integers to amounts: the connector's records, tested with the connector",
    "launch": "launch figures do not exist",
    "mrr_movements": "movements between two months do not exist",
    "okr": "objectives do not exist",
    "ratios": "churn, quick ratio and revenue per customer do not exist; no denominator, no rate is tested",
    "tasks": "no figure of this job counts tasks; tests/planning/alerts/test_figures.py has them",
}
NOT_APPLICABLE_CASES = {
    "fx-01": "the conversion is Stripe's: the amount in the settlement currency is what the mirror holds",
    "ins-04": "the amounts of an instalment plan are not added up (no receivable figure)",
    "pay-07": "the net of a dispute is read from Stripe: no figure uses fees",
    "pay-09": "splitting cash into recurring and one-off does not exist",
    "pay-10": "a column of Stripe's own report, which no figure uses",
    "stat-07": "counts of subscriptions by status do not exist",
}
MRR_GROUPS = {"mrr_normalisation", "mrr_discount", "mrr_status"}
SUBSCRIPTION_CASES = sorted(
    key for key, case in CASES.items() if case["group"] in MRR_GROUPS and "subscriptions" in case["input"]
)
TIER_CASES = sorted(key for key, case in CASES.items() if case["group"] == "mrr_tiers")
ZONE_CASES = sorted(key for key, case in CASES.items() if case["group"] == "timezone" and "utc" in case["input"])
HANDLED = {
    *SUBSCRIPTION_CASES,
    *TIER_CASES,
    *ZONE_CASES,
    *("tz-11", "fx-02", "fx-03", "pay-05", "pay-06", "pay-08", "pro-01", "ins-01", "ins-02", "ins-03", "ins-06"),
}

pytestmark = pytest.mark.skipif(not CASES, reason=f"{FILE} is not there: the reference cases are not shipped")


def minor(value: Any) -> Fraction:
    return Fraction(value) / 100


def price_of(case: dict[str, Any]) -> dict[str, Any]:
    """A case's price as the mirror holds it: its cents are whole units divided by 100."""
    currency = case.get("currency", "usd").upper()

    def money(cents: Any) -> Money:
        return Money(Decimal(str(cents)) / 100, currency)

    transform = case.get("transform_quantity") or {}
    return {
        "id": "price_1",
        "product": "prod_1",
        "unit": money(case["unit_amount"]) if case.get("unit_amount") is not None else None,
        "currency": currency,
        "interval": case["interval"],
        "interval_count": case.get("interval_count", 1),
        "usage": case.get("usage_type", "licensed"),
        "tiers_mode": case.get("tiers_mode"),
        "tiers": tuple(
            {"up_to": tier["up_to"], "unit": money(tier["unit_amount"]), "flat": money(tier.get("flat_amount", 0))}
            for tier in case.get("tiers", ())
        ),
        "divide_by": transform.get("divide_by"),
        "round": transform.get("round"),
        "tax_behavior": "unspecified",
        "metadata": {},
    }


def subscription_of(case: dict[str, Any], key: str = "sub_1") -> Record:
    currency = case["currency"].upper()
    items = [
        {
            "id": f"si_{n}",
            "quantity": each["quantity"] or 0,
            "price": price_of({**each, "currency": case["currency"]}),
            "period_start": NOW,
            "period_end": NOW,
            "discounts": (),
            "tax_percent": None,
        }
        for n, each in enumerate(case["items"])
    ]
    discounts = [
        {
            "coupon": "coupon_1",
            "percent": Decimal(str(each["percent_off"])) if "percent_off" in each else None,
            "amount_off": Money(Decimal(each["amount_off"]) / 100, currency) if "amount_off" in each else None,
            "duration": each["duration"],
            "start": datetime(2020, 1, 1, tzinfo=UTC),
            "end": None,
        }
        for each in case["discounts"]
    ]
    return subscription(key, items, status=case["status"], currency=currency, discounts=tuple(discounts))


def exact(record: Record) -> Fraction:
    return mrr(objects.subscription(record), NOW, now=NOW).exact


@pytest.mark.parametrize("key", SUBSCRIPTION_CASES)
def test_subscriptions_have_the_mrr_of_the_reference_cases_and_not_that_of_known_defects(key: str) -> None:
    case = CASES[key]
    times = case["input"].get("multiplicity", [1] * len(case["input"]["subscriptions"]))
    parts = [exact(subscription_of(each)) for each in case["input"]["subscriptions"]]
    total = sum((part * n for part, n in zip(parts, times, strict=True)), Fraction(0))
    tolerance = minor(case.get("tolerance", "0"))
    expected = minor(case["expected"]["mrr_minor"])
    assert (abs(total - expected) <= tolerance) is case["matches_recommended"]
    for name in ("active_paying_subscriptions", "active_paying_customers"):
        if name in case["expected"]:
            assert sum(part > 0 for part in parts) == case["expected"][name]


def test_the_recommended_values_beside_the_documented_defects() -> None:
    week = CASES["disc-14"]["input"]["subscriptions"][0]
    assert exact(subscription_of(week)) == Fraction(7 * 52, 12)
    day = CASES["norm-11"]["input"]["subscriptions"][0]
    assert exact(subscription_of(day)) == Fraction(10 * 365, 12)


@pytest.mark.parametrize("key", TIER_CASES)
def test_tiers_and_packages_bill_what_stripe_prints(key: str) -> None:
    case = CASES[key]
    priced = objects.price(price_of(case["input"]))
    amount = period_amount(priced, case["input"]["quantity"])
    assert (amount == minor(case["expected"]["period_amount_minor"])) is case["matches_recommended"]
    one = {"status": "active", "currency": "usd", "items": [case["input"]], "discounts": []}
    assert exact(subscription_of(one)) == minor(case["expected"]["mrr_minor"])


@pytest.mark.parametrize("key", ZONE_CASES)
def test_an_instant_falls_in_its_local_month(key: str) -> None:
    case = CASES[key]
    instant, zone = datetime.fromisoformat(case["input"]["utc"]), ZoneInfo(case["input"]["tz"])
    assert month_of(instant, zone).label == case["expected"]["month"]
    assert str(instant.astimezone(zone)) == case["expected"]["local"]


def test_months_begin_at_local_midnight_by_the_rules_of_the_zone() -> None:
    for label, epoch in CASES["tz-11"]["expected"]["start_epoch"].items():
        year, number = map(int, label.split("-"))
        assert month(year, number, ZoneInfo("Europe/Paris")).start.timestamp() == epoch


def cash_of(case: dict[str, Any]) -> Money:
    """The cash collected of a case's balance transactions, all in November 2026."""
    records = [
        transaction(
            f"txn_{n}", str(Decimal(each["amount"]) / 100), "2026-11-10", each.get("reporting_category") or each["type"]
        )
        for n, each in enumerate(case["input"]["bt"])
    ]
    (figure,) = figures(view(*records), job(figures=["cash_in"], since="2026-11-01"), business(), NOW)
    assert isinstance(figure.value, Money)
    return figure.value


def test_a_payout_is_never_revenue() -> None:
    assert cash_of(CASES["pay-05"]).amount == minor(CASES["pay-05"]["expected"]["gross_volume"])


def test_a_dispute_that_was_won_takes_nothing_away() -> None:
    assert cash_of(CASES["pay-06"]).amount == CASES["pay-06"]["expected"]["net_volume"]


def test_a_full_refund_leaves_no_cash() -> None:
    expected = CASES["pay-08"]["expected"]
    assert cash_of(CASES["pay-08"]).amount == minor(expected["gross_volume"] - expected["refunds"])


def test_a_charge_in_dollars_counts_what_was_settled_in_euros() -> None:
    case = CASES["fx-02"]
    record = transaction("txn_1", str(Decimal(case["input"]["bt"]["amount"]) / 100), "2026-11-10")
    (figure,) = figures(view(record), job(figures=["cash_in"], since="2026-11-01"), business(), NOW)
    assert figure.value == Money(Decimal(case["expected"]["gross_report_ccy"]) / 100, "EUR")


def test_two_currencies_have_two_totals() -> None:
    case = CASES["fx-03"]
    records = [subscription_of(each, f"sub_{n}") for n, each in enumerate(case["input"]["subscriptions"])]
    found = figures(view(*records), job(figures=["mrr"], since="2026-11-01"), business(), NOW)
    totals = {figure.currency.lower(): figure.value.amount for figure in found if isinstance(figure.value, Money)}
    assert totals == {code: minor(amount) for code, amount in case["expected"]["totals"].items()}


def test_an_upgrade_counts_its_new_price_at_once_and_prorations_never() -> None:
    case = CASES["pro-01"]
    prices = [
        {"unit_amount": case["input"][name], "quantity": 1, "interval": "month"} for name in ("old_price", "new_price")
    ]
    before, after = [
        exact(subscription_of({"status": "active", "currency": "usd", "items": [each], "discounts": []}))
        for each in prices
    ]
    assert (before, after) == (minor(case["expected"]["mrr_before_minor"]), minor(case["expected"]["mrr_after_minor"]))


@pytest.mark.parametrize("key", ["ins-01", "ins-02"])
def test_a_schedule_that_ends_by_cancelling_is_no_recurring_revenue(key: str) -> None:
    case = CASES[key]
    phase = case["input"]["schedule"]["phases"][0]
    unit = {"unit_amount": phase["price"], "quantity": 1, "interval": phase["interval"]}
    record = subscription_of({"status": "active", "currency": "usd", "items": [unit], "discounts": []})
    sub = objects.subscription(record)
    plan = objects.Schedule(
        key="sub_sched_1",
        subscription=sub.key,
        status="active",
        end_behavior=case["input"]["schedule"]["end_behavior"],
        finite=True,
    )
    kinds, _ = instalments.classify(sub, instalments.Hints(schedules=instalments.index([plan])))
    assert mrr(sub, NOW, now=NOW).exact > 0
    assert mrr(sub, NOW, now=NOW, kinds=kinds).exact == minor(case["expected"]["mrr_minor"])


def test_three_instalments_are_not_three_months_of_mrr_and_then_a_lost_customer() -> None:
    case = CASES["ins-03"]
    amount = str(Decimal(case["input"]["payments"][0]) / 100)
    unit = {"unit_amount": case["input"]["payments"][0], "quantity": 1, "interval": "month"}
    made = subscription_of({"status": "canceled", "currency": "eur", "items": [unit], "discounts": []})
    start, end = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 6, 5, tzinfo=UTC)
    dates = {"created_at": start, "started_at": start, "canceled_at": start, "cancel_at": end, "ended_at": end}
    record = Record(stream=made.stream, key=made.key, fields={**made.fields, **dates}, at=start)
    sales = [transaction(f"txn_{n}", amount, f"2026-{n:02d}-05") for n in (3, 4, 5)]
    found = figures(view(record, *sales), job(figures=["mrr", "cash_in"], since="2026-03-01"), business(), NOW)
    values = {(each.figure, each.period): each.value.amount for each in found if isinstance(each.value, Money)}
    for label, theirs in case["expected"]["dbt_mrr_by_month"].items():
        assert values["mrr", label] == 0
        assert values["cash_in", label] == minor(theirs)


def test_an_item_with_a_fixed_number_of_payments_leaves_the_rest_of_its_subscription_in_mrr() -> None:
    case = CASES["ins-06"]
    items = [
        {"unit_amount": case["input"][name]["amount"], "quantity": 1, "interval": "year"}
        for name in ("plan", "addon_fixed_cycles")
    ]
    record = subscription_of({"status": "active", "currency": "usd", "items": items, "discounts": []})
    lines: Any = record.fields["items"]
    tagged = {**lines[1], "price": {**lines[1]["price"], "metadata": {"instalments": "1"}}}
    sub = objects.subscription(
        Record(stream=record.stream, key=record.key, fields={**record.fields, "items": (lines[0], tagged)})
    )
    kinds, _ = instalments.classify(sub, instalments.Hints())
    assert mrr(sub, NOW, now=NOW, kinds=kinds).exact == minor(case["expected"]["mrr_minor"])


def test_every_reference_case_is_either_run_or_named_with_the_reason_why_not() -> None:
    left = {
        key
        for key, case in CASES.items()
        if key not in HANDLED and key not in NOT_APPLICABLE_CASES and case["group"] not in NOT_APPLICABLE
    }
    assert left == set()
    assert not HANDLED & set(NOT_APPLICABLE_CASES)
    assert set(CASES) >= HANDLED
