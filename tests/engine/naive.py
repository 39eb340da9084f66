"""The figures a second time: from Stripe's raw objects, by docs/figures.md alone. Nothing of the hub is used.

Currencies of two decimals only, prices of one unit amount, no trials that are still running, and no coupons:
what the stories of these tests are made of.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

HOME = "eur"
COUNTED = {
    "charge": "paid",
    "refund": "returned",
    "refund_failure": "returned",
    "partial_capture_reversal": "returned",
    "dispute": "disputed",
    "dispute_reversal": "disputed",
    "charge_failure": "failed later",
}
MONTHS_A_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}


def figures(shop: Any, now: datetime, zone: ZoneInfo) -> dict[str, float | None]:
    """figure/period/currency -> the number that people should see; None for a rate of nothing."""
    account = Raw(shop, now, zone)
    found: dict[str, Fraction | None] = {}
    for period in account.periods:
        found |= account.cash(period)
        found |= account.recurring(period)
        found |= account.late(period)
    return {key: None if value is None else shown(key, value) for key, value in found.items()}


def shown(key: str, value: Fraction) -> float:
    """Cents half up; a rate with one decimal."""
    places = Decimal("0.1") if key.startswith("refund_rate") else Decimal("0.01")
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(places, rounding=ROUND_HALF_UP))


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def later(at: datetime, recurring: Any, periods: int = 1) -> datetime:
    """So many billing periods later; the last day of a month that is too short."""
    steps = periods * recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        return at + timedelta(days=steps * (7 if recurring["interval"] == "week" else 1))
    total = at.year * 12 + at.month - 1 + steps * (12 if recurring["interval"] == "year" else 1)
    year, month = divmod(total, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


class Raw:
    """The objects of one account, as the provider shows them at `now`; months are those of `zone`."""

    def __init__(self, shop: Any, now: datetime, zone: ZoneInfo) -> None:
        def all_of(kind: str) -> list[Any]:
            return [shop.get(one) for one in shop.ids(kind)]

        self.transactions = all_of("balance_transaction")
        self.subscriptions = all_of("subscription")
        self.schedules = {one["id"]: one for one in all_of("subscription_schedule")}
        self.invoices = all_of("invoice")
        self.payments = all_of("invoice_payment")
        self.now, self.zone = now, zone
        self.periods = self._periods()

    def _periods(self) -> list[str]:
        """Every month from the first record to now."""
        begun = [one["created"] for one in (*self.transactions, *self.subscriptions, *self.invoices)]
        period, last = self.period_of(instant(min(begun)) if begun else self.now), self.period_of(self.now)
        found = [period]
        while period < last:
            period = self.period_of(self.end_of(period))
            found.append(period)
        return found

    def period_of(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m")

    def end_of(self, period: str) -> datetime:
        """The first instant after a period."""
        year, month = map(int, period.split("-"))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return datetime(year, month, 1, tzinfo=self.zone).astimezone(UTC)

    def last_of(self, period: str) -> datetime:
        """The last instant of a closed month, now for the current one."""
        return self.now if self.is_current(period) else self.end_of(period) - timedelta(microseconds=1)

    def is_current(self, period: str) -> bool:
        return period == self.periods[-1]

    def currencies(self, seen: Iterable[tuple[str, datetime]]) -> dict[str, str]:
        """Each currency with the month from which it is shown."""
        first = {HOME: ""}
        for currency, at in seen:
            if currency != HOME:
                first[currency] = min(first.get(currency, "9999"), self.period_of(at))
        return first

    def cash(self, period: str) -> dict[str, Fraction | None]:
        money = [one for one in self.transactions if one["reporting_category"] in COUNTED]
        since = self.currencies((one["currency"], instant(one["created"])) for one in money)
        found: dict[str, Fraction | None] = {}
        for currency in (one for one, first in since.items() if first <= period):
            sums: dict[str, Fraction] = defaultdict(Fraction)
            for one in money:
                if one["currency"] == currency and self.period_of(instant(one["created"])) == period:
                    sums[COUNTED[one["reporting_category"]]] += Fraction(one["amount"], 100)
            paid, returned = sums["paid"], -sums["returned"]
            found[f"cash_in/{period}/{currency.upper()}"] = paid - returned + sums["disputed"] + sums["failed later"]
            found[f"refund_rate/{period}/{currency.upper()}"] = 100 * returned / paid if paid else None
        return found

    def recurring(self, period: str) -> dict[str, Fraction | None]:
        begun = ((one["currency"], instant(one["start_date"])) for one in self.subscriptions)
        since = self.currencies((currency, at) for currency, at in begun if at <= self.now)
        return {
            f"mrr/{period}/{currency.upper()}": sum(
                (
                    self.monthly(one)
                    for one in self.subscriptions
                    if one["currency"] == currency and self.counts(one, period)
                ),
                Fraction(0),
            )
            for currency, first in since.items()
            if first <= period
        }

    def monthly(self, sub: Any) -> Fraction:
        """What it brings in a month."""
        total = Fraction(0)
        for item in sub["items"]["data"]:
            price, rhythm = item["price"], item["price"]["recurring"]
            if rhythm["usage_type"] == "licensed":
                amount = Fraction(Decimal(price["unit_amount_decimal"])) / 100 * item["quantity"]
                total += amount * MONTHS_A_YEAR[rhythm["interval"]] / (12 * rhythm["interval_count"])
        return total

    def counts(self, sub: Any, period: str) -> bool:
        running = sub["status"] in ("active", "past_due") and not sub["pause_collection"]
        if self.is_instalments(sub) or self.is_current(period):
            return running and not self.is_instalments(sub)
        then = self.last_of(period)
        begun = max(instant(at) for at in (sub["start_date"], sub["trial_end"]) if at)
        if sub["status"] in ("incomplete", "incomplete_expired", "trialing") or then < begun:
            return False
        if sub["ended_at"]:
            return then < instant(sub["ended_at"])
        return running or self.was_paid(sub, then)

    def was_paid(self, sub: Any, then: datetime) -> bool:
        """What counts no more without having ended counted while its last payment lasted."""
        paid = [
            instant(one["created"])
            for one in self.invoices
            if one["status"] == "paid" and subscription_of(one) == sub["id"]
        ]
        ends = [later(max(paid), one["price"]["recurring"]) for one in sub["items"]["data"] if paid]
        return bool(ends) and then < min(ends)

    def is_instalments(self, sub: Any) -> bool:
        """A plan that ends by itself (docs/figures.md, "Decided once")."""
        if sub["schedule"]:
            return bool(self.schedules[sub["schedule"]]["end_behavior"] == "cancel")
        return False

    def late(self, period: str) -> dict[str, Fraction | None]:
        due = [one for one in self.invoices if one["amount_due"] > 0 and instant(one["created"]) <= self.now]
        since = self.currencies((one["currency"], instant(one["created"])) for one in due)
        found = {
            f"overdue/{period}/{currency.upper()}": Fraction(0) for currency, first in since.items() if first <= period
        }
        current, then = self.is_current(period), self.last_of(period)
        for one in due:
            if self.is_late(one, then, current=current):
                found[f"overdue/{period}/{one['currency'].upper()}"] += self.owed(one, then, current=current)
        return dict(found)

    def is_late(self, invoice: Any, then: datetime, *, current: bool) -> bool:
        if invoice["status"] == "draft":
            return False
        moved = invoice["status_transitions"]
        if invoice["collection_method"] == "charge_automatically":
            begun = (moved["finalized_at"] or invoice["created"]) if invoice["attempted"] else None
        else:
            begun = invoice["due_date"]
        if begun is None or then < instant(begun):
            return False
        if invoice["status"] == "open":
            return True
        ends = [moved[name] for name in ("paid_at", "voided_at", "marked_uncollectible_at") if moved[name]]
        return not current and bool(ends) and then < instant(min(ends))

    def owed(self, invoice: Any, then: datetime, *, current: bool) -> Fraction:
        if current:
            return Fraction(invoice["amount_remaining"], 100)
        paid = [one for one in self.payments if one["invoice"] == invoice["id"] and one["status"] == "paid"]
        at = [(instant(one["status_transitions"]["paid_at"]), one["amount_paid"]) for one in paid]
        if invoice["status"] == "open":
            return Fraction(invoice["amount_remaining"] + sum(amount for when, amount in at if when > then), 100)
        return Fraction(max(0, invoice["amount_due"] - sum(amount for when, amount in at if when <= then)), 100)


def subscription_of(invoice: Any) -> str | None:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return details.get("subscription")
