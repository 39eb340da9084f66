"""Reference cases of recurring revenue: what the planner says and what the source says, name by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hub.core.types import Record
from tests.planning.figures.planned import planned
from tests.planning.figures.vector_records import (
    MONTH,
    ended,
    plain,
    subscription_of,
    subscriptions_of,
    this_month,
    units,
    value,
)
from tests.planning.make import utc

Case = dict[str, Any]
Pairs = dict[str, tuple[Any, Any]]
"""What is said of -> (by the planner, by the source)."""
JOINS, LEAVES = utc("2026-11-10"), "2026-11-10"
KINDS = ("new", "reactivation", "expansion", "contraction")


def mrr(case: Case) -> Pairs:
    """Cases that are a list of subscriptions; where more seats are bought, before and after."""
    records = subscriptions_of(case["input"])
    currency = case["input"]["subscriptions"][0]["currency"].upper()
    found = this_month(*records)
    pairs: Pairs = {"mrr": (value(found, "mrr", currency), units(case["expected"]["mrr_minor"]))}
    customers = value(found, "customers", currency)
    for name in ("active_paying_customers", "active_paying_subscriptions"):
        if name in case["expected"]:
            pairs[name] = (customers, case["expected"][name])
    if "delta_quantity" in case["input"]:
        (each,) = case["input"]["subscriptions"]
        items = [{**each["items"][0], "quantity": each["items"][0]["quantity"] + case["input"]["delta_quantity"]}]
        grown = this_month(subscription_of({**each, "items": items}), earlier={utc("2026-10-31"): records})
        pairs["delta"] = (value(grown, "mrr_expansion", currency), units(case["expected"]["delta_minor"]))
    return pairs


def tiers(case: Case) -> Pairs:
    sub = {"status": "active", "currency": "usd", "items": [case["input"]]}
    ours = value(this_month(subscription_of(sub)), "mrr", "USD")
    return {"mrr": (ours, units(case["expected"]["mrr_minor"]))}


def statuses(case: Case) -> Pairs:
    """Subscriptions by their status: trials and what is late are figures; the rest are lines of MRR or no lines."""
    records = []
    for n, status in enumerate(case["input"]["statuses"]):
        ends = ended("2026-10-10") if status == "canceled" else {"status": status}
        records.append(plain(f"sub_{n}", f"cus_{n}", 10, created=utc("2026-09-09"), **ends))
    found, expected = this_month(*records), case["expected"]
    late = found["mrr_at_risk", MONTH, "USD"].lines
    return {
        "trialing": (value(found, "trials", "USD"), expected["trialing"]),
        "past_due": (len(late), expected["past_due"]),
        "active": (len(found["mrr", MONTH, "USD"].lines) - len(late), expected["active"]),
    }


def several_shares(case: Case) -> Pairs:
    """A case that says what each of its subscriptions gives, beside their sum."""
    pairs = mrr(case)
    for n, each in enumerate(case["input"]["subscriptions"]):
        ours = value(this_month(subscription_of(each)), "mrr", "USD")
        pairs[f"subscription {n}"] = (ours, units(case["expected"]["per_subscription_minor"][n]))
    return pairs


def upgrade(case: Case) -> Pairs:
    said, expected = case["input"], case["expected"]
    old, new = [plain("sub_1", "cus_1", units_of(said[name])) for name in ("old_price", "new_price")]
    found = planned([new], since=date(2026, 10, 1), earlier={utc("2026-10-31T12:00"): [old]})
    return {
        "before": (value(found, "mrr", "USD", "2026-10"), units(expected["mrr_before_minor"])),
        "after": (value(found, "mrr", "USD"), units(expected["mrr_after_minor"])),
        "expansion": (value(found, "mrr_expansion", "USD"), units(expected["expansion_minor"])),
    }


def units_of(minor: Any) -> Decimal:
    return Decimal(minor) / 100


def timeline(case: Case) -> Pairs:
    """ChartMogul's Syncalytics: bought, more bought, that cancelled, the rest cancelled, and back."""
    gold, silver = case["input"]["plans"]["gold"], case["input"]["plans"]["silver"]
    bought, again = case["input"]["timeline"][0], case["input"]["timeline"][-1]
    year = {"items": [{"unit_amount": gold["year"], "quantity": bought["quantity"], "interval": "year"}]}
    two = {"items": [{"unit_amount": silver["month"], "quantity": 2, "interval": "month"}]}
    back = {"items": [{"unit_amount": gold["month"], "quantity": again["quantity"], "interval": "month"}]}
    records = [
        subscription_of(year, "sub_gold", created=utc("2025-01-10"), **ended("2026-01-10")),
        subscription_of(two, "sub_silver", created=utc("2025-03-10"), **ended("2025-05-20")),
        subscription_of(back, "sub_back", created=utc("2026-03-10")),
    ]
    found = planned(records, since=date(2025, 1, 1), now=utc("2026-04-15"))
    ours = []
    for period in sorted({key[1] for key in found}):
        for kind in (*KINDS, "churn_voluntary", "churn_involuntary"):
            amount = value(found, f"mrr_{kind}", "USD", period)
            if amount:
                ours.append((kind.partition("_")[0], amount))
    wanted = case["expected"]["movements_minor"]
    pairs: Pairs = {"kinds": ([kind for kind, _ in ours], [kind for kind, _ in wanted])}
    for n, (_, amount) in enumerate(wanted):
        pairs[f"movement {n}"] = (ours[n][1] if n < len(ours) else None, units(amount))
    return pairs


def two_lists(case: Case) -> Pairs:
    """What each subscription gave before and gives now."""
    said, expected = case["input"], case["expected"]
    old = [plain(each["id"], each["id"], units_of(each["mrr"])) for each in said["previous"]]
    known = {each["id"] for each in said["previous"]}
    new = []
    for each in said["current"]:
        joins: dict[str, Any] = {} if each["id"] in known else {"created": JOINS}
        new.append(plain(each["id"], each["id"], units_of(each["mrr"]), **joins))
    stay = {each["id"] for each in said["current"]}
    left = [
        plain(each["id"], each["id"], units_of(each["mrr"]), **ended(LEAVES))
        for each in said["previous"]
        if each["id"] not in stay
    ]
    found = this_month(*new, *left, earlier={utc("2026-10-31T12:00"): old})
    pairs: Pairs = {kind: (value(found, f"mrr_{kind}", "USD"), units(expected[kind])) for kind in KINDS}
    pairs["churn"] = (value(found, "mrr_churn_voluntary", "USD"), units(expected["churn"]))
    pairs["end"] = (value(found, "mrr", "USD"), units(expected["end"]))
    return pairs


def quantities(case: Case) -> Pairs:
    said, expected = case["input"], case["expected"]
    (first, many), (second, more) = said["quantity_by_month"].items()
    unit = units_of(said["unit_amount"])
    old, new = (plain("sub_1", said["customer"], unit, "EUR", number) for number in (many, more))
    found = planned(
        [new], since=date.fromisoformat(f"{first}-01"), now=utc("2026-07-01"), earlier={utc("2026-05-31T12:00"): [old]}
    )
    pairs: Pairs = {
        period: (value(found, "mrr", "EUR", period), units(expected["mrr"][period])) for period in expected["mrr"]
    }
    return pairs | {"expansion": (value(found, f"mrr_{expected['type']}", "EUR", second), units(expected["amount"]))}


def bridge(case: Case) -> Pairs:
    """Thirteen months, each put together anew: who was there, who came, grew, shrank, left and could not pay."""
    said, expected = case["input"], case["expected"]
    pairs: Pairs = {}
    for n, label in enumerate(said["months"]):
        grown, shrunk = said["upgrades"][n], -said["downgrades"][n]
        asked, failed = -said["voluntary_churn"][n], -said["delinquent_churn"][n]
        stays = Decimal(str(said["existing"][n])) - shrunk - asked - failed
        records: list[Record] = []
        parts: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
            ("stays", "base", stays, {}),
            ("grown", "base", grown, {"created": JOINS}),
            ("shrunk", "base", shrunk, ended(LEAVES)),
            ("asked", "leaver", asked, ended(LEAVES)),
            ("failed", "debtor", failed, ended(LEAVES, "payment_failed")),
            ("new", "newcomer", said["new"][n], {"created": JOINS}),
        )
        for key, customer, amount, more in parts:
            if amount:
                records.append(plain(key, customer, amount, **more))
        found = this_month(*records)
        pairs[label] = (value(found, "mrr", "USD"), Fraction(str(expected["mrr"][n])))
        pairs[f"{label} arr"] = (value(found, "arr", "USD"), 12 * Fraction(str(expected["mrr"][n])))
        moves = {"new": said["new"][n], "expansion": grown, "contraction": shrunk}
        moves |= {"churn_voluntary": asked, "churn_involuntary": failed}
        for kind, amount in moves.items():
            pairs[f"{label} {kind}"] = (value(found, f"mrr_{kind}", "USD"), Fraction(str(amount)))
    return pairs


def left_and_joined(start: list[str], left: list[str], joined: list[str]) -> list[Record]:
    there = [plain(each, each, 10, **(ended(LEAVES) if each in left else {})) for each in start]
    return there + [plain(each, each, 10, created=JOINS) for each in joined]


def churn(case: Case) -> Pairs:
    said, expected = case["input"], case["expected"]
    records = left_and_joined(said["customers_at_start"], said["churned_of_start"], said.get("new_in_period", ["9"]))
    ours = value(this_month(*records), "churn_rate", "USD")
    wanted = expected["customer_churn_rate"]
    return {"churn": (ours, None if wanted is None else 100 * Fraction(wanted))}


def churn_of_thirty_days(case: Case) -> Pairs:
    said = case["input"]
    there = [str(n) for n in range(said["active_30_days_ago"])]
    records = left_and_joined(there, there[: said["churned_in_30_days"]], ["new"] * said["new_in_30_days"])
    ours = value(this_month(*records), "churn_rate", "USD")
    return {"churn": (ours, 100 * Fraction(case["expected"]["stripe_churn_rate"]))}


def churn_of_deletions(case: Case) -> Pairs:
    """Of one customer's subscriptions two are deleted and one is left, beside another customer's."""
    said = case["input"]
    gone = [plain(f"gone_{n}", "cus_1", 10, **ended(LEAVES)) for n in range(said["deleted_events"])]
    alive = [plain(f"alive_{n}", f"cus_{n + 1}", 10) for n in range(said["subscriptions_not_canceled"])]
    ours = value(this_month(*gone, *alive), "churn_rate", "USD")
    return {"churn": (ours, 100 * Fraction(case["expected"]["churn_rate"]))}


def churn_of_a_difference(case: Case) -> Pairs:
    """From 100 to 95 by losing 10 and winning 5: the difference hides half of what was lost."""
    start, end = (Decimal(case["input"][name]) for name in ("day_start", "day_end"))
    lost = 2 * (start - end)
    records = [plain("stays", "a", start - lost), plain("leaves", "b", lost, **ended(LEAVES))]
    records.append(plain("comes", "c", end - (start - lost), created=JOINS))
    found = this_month(*records)
    assert value(found, "mrr", "USD") == end
    return {
        "gross churn": (
            value(found, "mrr_churn_gross", "USD"),
            100 * Fraction(case["expected"]["gross_mrr_churn_rate_day"]),
        )
    }


def quick(case: Case) -> Pairs:
    said = {name: Decimal(amount) for name, amount in case["input"].items()}
    assert said["reactivation"] == 0
    records = [
        plain("new", "a", said["new"], created=JOINS),
        plain("stays", "b", 50),
        plain("more", "b", said["expansion"], created=JOINS),
        plain("leaves", "c", said["churn"], **ended(LEAVES)),
        plain("also stays", "d", 50),
        plain("less", "d", said["contraction"], **ended(LEAVES)),
    ]
    return {"ratio": (value(this_month(*records), "quick_ratio", "USD"), Fraction(case["expected"]["quick_ratio"]))}


def per_customer(case: Case) -> Pairs:
    number = case["input"]["customers"]
    parts = [Decimal(case["input"]["mrr"]) - number + 1, *[Decimal(1)] * (number - 1)]
    records = [plain(f"sub_{n}", f"cus_{n}", part) for n, part in enumerate(parts)]
    nobody = this_month(plain("sub_1", "cus_1", 10, **ended("2026-10-10")))
    return {
        "arpa": (value(this_month(*records), "arpa", "USD"), Fraction(case["expected"]["arpa"])),
        "of nobody": (value(nobody, "arpa", "USD") or None, None),
    }
