"""Cash collected and MRR a second time, straight from the definitions and without a thought for speed.

Nothing of hub.planning is used: two programs that agree on random businesses are right, or wrong in the same way.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.types import Record

PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}


def label(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m")


def cash(records: Iterable[Record], period: str, currency: str, zone: ZoneInfo) -> Decimal:
    """Gross volume - refunds - disputes - debits that failed later (DOMAIN 1.2)."""
    counted = {"charge": Decimal(0), "refunds": Decimal(0), "disputes": Decimal(0), "failures": Decimal(0)}
    for record in records:
        fields: Any = record.fields
        if record.stream != "balance_transaction" or record.at is None or label(record.at, zone) != period:
            continue
        if fields["amount"].currency != currency:
            continue
        match fields["category"]:
            case "charge":
                counted["charge"] += fields["amount"].amount
            case "refund" | "refund_failure" | "partial_capture_reversal":
                counted["refunds"] -= fields["amount"].amount
            case "dispute" | "dispute_reversal":
                counted["disputes"] -= fields["amount"].amount
            case "charge_failure":
                counted["failures"] -= fields["amount"].amount
    return counted["charge"] - counted["refunds"] - counted["disputes"] - counted["failures"]


def snapshot(period: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The last instant of a closed month, now for the current one."""
    if label(now, zone) == period:
        return now
    year, month = map(int, period.split("-"))
    days = monthrange(year, month)[1]
    return (datetime(year, month, days, 23, 59, 59, 999999, tzinfo=zone, fold=1)).astimezone(UTC)


def mrr(records: list[Record], period: str, currency: str, zone: ZoneInfo, now: datetime) -> Fraction:
    t = snapshot(period, zone, now)
    subs = [record for record in records if record.stream == "subscription"]
    return sum((one(sub, records, t, now) for sub in subs if sub.fields["currency"] == currency), Fraction(0))


def one(record: Record, records: list[Record], t: datetime, now: datetime) -> Fraction:
    sub: Any = record.fields
    if not (status_counts(sub, now) if t >= now else was_counted(record, records, t)):
        return Fraction(0)
    billed = [each for each in sub["items"] if each["price"]["usage"] != "metered" and each["price"]["interval"]]
    period_amounts = {}
    for each in billed:
        amount = period_amount(each["price"], each["quantity"])
        if each["price"]["tax_behavior"] == "inclusive" and each["tax_percent"] is not None:
            amount = amount / (1 + Fraction(each["tax_percent"]) / 100)
        for discount in each["discounts"]:
            if counts(discount, each, t):
                amount = max(Fraction(0), less(amount, discount, amount))
        period_amounts[each["id"]] = amount
    for discount in sub["discounts"] or of_customer(sub, records):
        lowered = [each["id"] for each in billed if counts(discount, each, t)]
        whole = sum((period_amounts[key] for key in lowered), Fraction(0))
        for key in lowered:
            period_amounts[key] = max(Fraction(0), less(period_amounts[key], discount, whole))
    total = Fraction(0)
    for each in billed:
        if is_recurring(record, each, records):
            price = each["price"]
            total += period_amounts[each["id"]] * PER_YEAR[price["interval"]] / (12 * price["interval_count"])
    return total


def of_customer(sub: Any, records: list[Record]) -> list[Any]:
    """What the customer's own discount takes off: nothing where it is an amount of another currency."""
    found: list[Any] = [each.fields["discount"] for each in records if each.key == sub["who"]["key"]]
    return [
        each for each in found if each and (not each["amount_off"] or each["amount_off"].currency == sub["currency"])
    ]


def less(amount: Fraction, discount: Any, whole: Fraction) -> Fraction:
    if discount["percent"] is not None:
        return amount - amount * Fraction(discount["percent"]) / 100
    return amount - Fraction(discount["amount_off"].amount) * (amount / whole) if whole else amount


def period_amount(price: Any, quantity: int) -> Fraction:
    if price["divide_by"]:
        packages = Fraction(quantity, price["divide_by"])
        quantity = math.ceil(packages) if price["round"] == "up" else math.floor(packages)
    if not price["tiers"]:
        return Fraction(price["unit"].amount) * quantity
    tiers = [(Fraction(t["unit"].amount), Fraction(t["flat"].amount), t["up_to"] or math.inf) for t in price["tiers"]]
    if price["tiers_mode"] == "volume":
        unit, flat, _ = next(tier for tier in tiers if quantity <= tier[2])
        return unit * quantity + flat
    total = tiers[0][1]
    for number in range(1, quantity + 1):  # unit by unit: which tier is this one in?
        position = next(n for n, tier in enumerate(tiers) if number <= tier[2])
        total += tiers[position][0]
        if position and number == tiers[position - 1][2] + 1:
            total += tiers[position][1]
    return total


def counts(discount: Any, item: Any, t: datetime) -> bool:
    if discount["duration"] == "once" or t < discount["start"]:
        return False
    if discount["end"] is None or t < discount["end"]:
        return True
    starts = [moved(item["period_start"], item["price"], -n) for n in range(400)]
    return max(start for start in starts if start <= t) < discount["end"]


def moved(at: datetime, price: Any, periods: int) -> datetime:
    n = periods * price["interval_count"]
    if price["interval"] in {"day", "week"}:
        return at + timedelta(days=n if price["interval"] == "day" else 7 * n)
    year, month = divmod(at.year * 12 + at.month - 1 + n * (1 if price["interval"] == "month" else 12), 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def status_counts(sub: Any, now: datetime) -> bool:
    over = sub["ended_at"] is not None and sub["ended_at"] <= now
    return sub["status"] in ("active", "past_due") and not sub["collection_paused"] and not over


def was_counted(record: Record, records: list[Record], t: datetime) -> bool:
    """From the dates: begun, trial over, not ended; what stopped counting unended, while its last payment lasts."""
    sub: Any = record.fields
    if sub["status"] in ("incomplete", "incomplete_expired", "trialing") or t < sub["started_at"]:
        return False
    if sub["trial_end"] is not None and t < sub["trial_end"]:
        return False
    if sub["ended_at"] is not None:
        return t < sub["ended_at"]
    if sub["status"] in ("active", "past_due") and not sub["collection_paused"]:
        return True
    paid: list[Any] = [
        each.fields for each in records if each.stream == "invoice" and each.fields["subscription"] == record.key
    ]
    made = [each["created_at"] for each in paid if each["status"] == "paid"]
    shortest = [
        moved(max(made), each["price"], 1)
        for each in sub["items"]
        if made and each["price"]["usage"] != "metered" and each["price"]["interval"]
    ]
    return bool(shortest) and t < min(shortest)


def is_recurring(record: Record, item: Any, records: list[Record]) -> bool:
    """Not an instalment plan (DOMAIN 1.6): tag, then a schedule that cancels, then an end set at the start."""
    sub: Any = record.fields
    tag = item["price"]["metadata"].get("instalments")
    if tag is not None:
        return tag in ("no", "0")
    if sub["schedule"] is not None:
        schedules: list[Any] = [each for each in records if each.key == sub["schedule"]]
        if not schedules:
            return False  # unsure: neither
        if schedules[0].fields["end_behavior"] == "cancel":
            return False
    if sub["cancel_at"] is None:
        return True
    others = [
        each["price"] for each in sub["items"] if each["price"]["usage"] != "metered" and each["price"]["interval"]
    ]
    first_end = min(moved(sub["started_at"], price, 1) for price in others)
    if sub["cancel_at"] <= first_end + timedelta(days=1):
        return True
    return sub["canceled_at"] is not None and sub["canceled_at"] - sub["created_at"] > timedelta(hours=24)
