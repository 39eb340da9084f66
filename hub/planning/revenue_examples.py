"""The examples of a revenue job: a subscription in few words, and what the figures make of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, Given, Read, RevenueExample, RevenueJob
from hub.planning.calendar import shift
from hub.planning.plan import View
from hub.planning.revenue import count
from hub.planning.words import decimals, rounded

NOW = datetime(2026, 3, 16, 11, tzinfo=UTC)
"""When an example is looked at, an hour after its subscription began."""
_BEGAN = NOW.replace(hour=10)
_EVERY = {
    **dict.fromkeys(("day", "daily"), ("day", 1)),
    **dict.fromkeys(("week", "weekly"), ("week", 1)),
    **dict.fromkeys(("month", "monthly"), ("month", 1)),
    **dict.fromkeys(("quarter", "quarterly"), ("month", 3)),
    **dict.fromkeys(("year", "yearly"), ("year", 1)),
}
_PLAN = re.compile(r"(?P<amount>\d+(\.\d+)?) (?P<currency>[A-Z]{3}) (every )?((?P<count>\d+) )?(?P<every>[a-z]+?)s?")
_OFF = re.compile(
    r"((?P<percent>\d+(\.\d+)?) ?%|(?P<amount>\d+(\.\d+)?) (?P<currency>[A-Z]{3}))"
    r" (?P<how>forever|once|for (?P<months>\d+) months?)"
)


def tried(job: RevenueJob, business: Business, example: RevenueExample) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What is expected and what the figures are, in the same words. ValueError for words that say nothing."""
    currency, records = _subscription(example.given)
    asked = tuple(FigureConfig.model_validate({"figure": name, "title": name}) for name in example.expect)
    read = Read.model_validate({"from": "example", "since": _BEGAN.date()})
    alone = job.model_copy(
        update={"figures": asked, "read": (read,), "okr": (), "commissions": {}, "calls": None, "rates": None}
    )
    view = View({("example", stream): [record] for stream, record in records.items()})
    counted = count(view, alone, business, NOW)
    got: dict[str, str] = {}
    for name in example.expect:
        figure = counted.of(name, f"{NOW:%Y-%m}", currency)
        got[name] = "—" if figure is None else _shown(figure.value, figure.unit)
    said: dict[str, str] = {name: _said(text) for name, text in example.expect.items()}
    return said, got


def _said(text: str) -> str:
    """80 EUR as 80.00 EUR, 5 % as 5.0 %."""
    money = re.fullmatch(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})", text.strip())
    if money is not None:
        return _shown(Money(Decimal(money[1]), money[2]), "money")
    share = re.fullmatch(r"(-?\d+(?:\.\d+)?) ?%", text.strip())
    return _shown(Decimal(share[1]), "percent") if share is not None else text.strip()


def _shown(value: Money | Decimal | None, unit: str) -> str:
    if isinstance(value, Money):
        return f"{rounded(value.amount, decimals(value.currency))} {value.currency}"
    if value is None:
        return "—"
    return f"{rounded(value, 1)} %" if unit == "percent" else f"{value.normalize():f}"


def _subscription(given: Given) -> tuple[str, Mapping[str, Record]]:
    plan = _PLAN.fullmatch(given.plan.strip())
    every = _EVERY.get(plan["every"]) if plan is not None else None
    if plan is None or every is None:
        raise ValueError(
            f'plan: "{given.plan}" is no price; write it like "1200 EUR yearly" or "90 EUR every 3 months"'
        )
    currency, (interval, many) = plan["currency"], every
    price = {
        "id": "price",
        "product": "product",
        "unit": Money(Decimal(plan["amount"]), currency),
        "currency": currency,
        "interval": interval,
        "interval_count": many * int(plan["count"] or 1),
        "usage": "licensed",
        "metadata": {} if given.instalments is None else {"instalments": str(given.instalments)},
    }
    item = {"id": "item", "quantity": given.quantity, "price": price, "period_start": _BEGAN, "discounts": ()}
    fields: dict[str, Any] = {
        "status": "active",
        "currency": currency,
        "created_at": _BEGAN,
        "started_at": _BEGAN,
        "items": (item,),
        "discounts": () if given.discount is None else (_discount(given.discount),),
    }
    return currency, {
        "subscription": Record(stream="subscription", key="example", fields=fields, at=_BEGAN),
    }


def _discount(text: str) -> Mapping[str, Any]:
    off = _OFF.fullmatch(text.strip().replace("\u00a0", " "))
    if off is None:
        raise ValueError(
            f'discount: "{text}" is none; write it like "20 % forever", "10 EUR for 3 months", "20 % once"'
        )
    months = off["months"]
    return {
        "coupon": "coupon",
        "percent": None if off["percent"] is None else Decimal(off["percent"]),
        "amount_off": None if off["amount"] is None else Money(Decimal(off["amount"]), off["currency"]),
        "duration": "repeating" if months else off["how"],
        "start": _BEGAN,
        "end": None if months is None else shift(_BEGAN, int(months)),
    }
