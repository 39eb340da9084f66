"""The reference cases as records of the mirror."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from tests.paths import SHARED
from tests.planning.figures.oracle.world import later
from tests.planning.figures.planned import Found, planned
from tests.planning.make import NOW, coupon, invoice, item, payment, price, schedule, subscription, utc

FILE = SHARED / "facts" / "vectors.json"
CASES: dict[str, dict[str, Any]] = (
    {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)["cases"]}
    if FILE.exists()
    else {}
)
MONTH, START = "2026-11", date(2026, 11, 1)
"""The month that cases without dates are put in: the one of make.NOW."""


def units(minor: Any) -> Fraction:
    """Cents as whole units."""
    return Fraction(minor) / 100


def cents(minor: Any, currency: str) -> Money:
    return Money(Decimal(str(minor)) / 100, currency.upper())


def value(found: Found, figure: str, currency: str, month: str = MONTH) -> Fraction | None:
    """A figure as a fraction, of one month; what is not there is nothing of it."""
    figured = found.get((figure, month, currency))
    if figured is None:
        return Fraction(0)
    number = figured.value.amount if isinstance(figured.value, Money) else figured.value
    return None if number is None else Fraction(number)


def this_month(*records: Record, **more: Any) -> Found:
    return planned(records, since=START, **more)


def price_of(case: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A case's price as the mirror holds it: its cents are whole units divided by 100."""
    transform = case.get("transform_quantity") or {}
    tiers = tuple(
        {
            "up_to": tier["up_to"],
            "unit": cents(tier["unit_amount"], currency),
            "flat": cents(tier.get("flat_amount", 0), currency),
        }
        for tier in case.get("tiers", ())
    )
    unit = case.get("unit_amount")
    return price(
        None if unit is None else str(cents(unit, currency).amount),
        case["interval"],
        case.get("interval_count", 1),
        currency=currency.upper(),
        usage=case.get("usage_type", "licensed"),
        scheme=case.get("billing_scheme", "per_unit"),
        tiers_mode=case.get("tiers_mode"),
        tiers=tiers,
        divide_by=transform.get("divide_by"),
        round=transform.get("round"),
    )


def discount_of(case: Mapping[str, Any], currency: str) -> dict[str, Any]:
    off = cents(case["amount_off"], currency) if "amount_off" in case else None
    return coupon(str(case["percent_off"]) if "percent_off" in case else None, off, case["duration"])


def subscription_of(case: Mapping[str, Any], key: str = "sub_1", **more: Any) -> Record:
    currency = case.get("currency", "usd")
    items = [
        item(price_of(each, currency), each["quantity"] or 0, id=f"si_{key}_{n}")
        for n, each in enumerate(case["items"])
    ]
    fields: dict[str, Any] = {
        "who": {"key": case.get("customer", "cus_1")},
        "status": case.get("status", "active"),
        "currency": currency.upper(),
        "discounts": tuple(discount_of(each, currency) for each in case.get("discounts", ())),
    }
    if fields["status"] == "canceled":
        fields |= {"ended_at": utc("2026-10-10"), "canceled_at": utc("2026-10-10")}
    return subscription(key, items, **{**fields, **more})


def subscriptions_of(case: Mapping[str, Any]) -> list[Record]:
    """All of a case; where one stands for many, so many of as many customers."""
    found, many = [], case.get("multiplicity")
    for n, each in enumerate(case["subscriptions"]):
        for m in range(1 if many is None else many[n]):
            who = {} if many is None else {"who": {"key": f"cus_{n}_{m}"}}
            found.append(subscription_of(each, f"sub_{n}_{m}", **who))
    return found


def plain(key: str, customer: str, unit: Any, currency: str = "USD", quantity: int = 1, **more: Any) -> Record:
    """A monthly subscription of so many whole units."""
    items = more.pop("items", None) or [item(price(str(unit), currency=currency), quantity, id=f"si_{key}")]
    return subscription(key, items, who={"key": customer}, currency=currency, **more)


def ended(at: str, reason: str = "cancellation_requested") -> dict[str, Any]:
    """What the record says of a subscription that ended then."""
    end = utc(at)
    return {"status": "canceled", "ended_at": end, "canceled_at": end, "cancellation_reason": reason}


def moved(key: str, case: Mapping[str, Any], at: str = "2026-11-10", currency: str = "EUR", **more: Any) -> Record:
    """A balance transaction of a case; those without a category have the one of their type."""
    amount, fee = cents(case["amount"], currency), cents(case.get("fee", 0), currency)
    category = case.get("reporting_category") or case.get("type") or "charge"
    when = utc(at)
    fields = {
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "category": category,
        "type": category,
        "source": None,
        "description": None,
        "available_on": when,
        "exchange_rate": None,
        "fees": (),
        **more,
    }
    return Record(stream="balance_transaction", key=key, fields=fields, at=when)


def paid_by_card(key: str, amount: Money, at: datetime, of: Record | None = None, status: str = "paid") -> list[Record]:
    """A charge and what it moved; with the invoice of its subscription and what joins the two."""
    charge: dict[str, Any] = {
        "amount": amount,
        "refunded": Money.zero(amount.currency),
        "status": status,
        "at": at,
        "captured": True,
        "who": {"key": "cus_1"},
        "payment_intent": f"pi_{key}",
        "balance_transaction": f"txn_{key}" if status == "paid" else None,
        "description": None,
    }
    found = [Record(stream="charge", key=f"ch_{key}", fields=charge, at=at)]
    if status == "paid":
        minor = {"amount": amount.amount * 100}
        found.append(moved(f"txn_{key}", minor, at.isoformat()[:19], amount.currency, source=f"ch_{key}"))
    if of is not None:
        bill = {"status": "paid", "paid_at": at, "paid": amount, "remaining": Money.zero(amount.currency)}
        more = {"due_at": None, "attempted": True, "attempt_count": 1, "collection": "charge_automatically"}
        made = invoice(
            f"in_{key}",
            str(amount.amount),
            currency=amount.currency,
            created=at,
            subscription=of.key,
            **(bill | more if status == "paid" else more),
        )
        joined = payment(f"inpay_{key}", f"in_{key}", str(amount.amount), at, amount.currency)
        state = {"payment": f"pi_{key}"} if status == "paid" else {"payment": f"pi_{key}", "status": "open"}
        found += [made, Record(stream=joined.stream, key=joined.key, fields={**joined.fields, **state}, at=at)]
    return found


def in_parts(unit: Money, parts: int, made: int, start: datetime, how: str) -> list[Record]:
    """A sale in monthly parts of which so many were paid. `how` Stripe was told: a schedule, or an end."""
    end = later(start, "month", parts)
    over = end if end <= NOW else None
    fields: dict[str, Any] = {"currency": unit.currency, "created": start}
    if how == "schedule":
        fields["schedule"] = "sched_1"
    else:
        fields |= {"cancel_at": end, "canceled_at": start + timedelta(minutes=1)}
    if over is not None:
        fields |= {"status": "canceled", "ended_at": over, "canceled_at": fields.get("canceled_at", over)}
    part = item(price(str(unit.amount), currency=unit.currency), period_start=later(start, "month", made - 1))
    sub = subscription("sub_1", [part], **fields)
    records = [sub]
    if how == "schedule":
        records.append(schedule("sched_1", "sub_1", phases=({"start": start, "end": end},)))
    for n in range(made):
        records += paid_by_card(str(n), unit, later(start, "month", n), sub)
    return records
