"""What the figures in Notion must be after each step, computed from Stripe's side and not by the hub's own code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.planning.words import money, percent

TABLE = "Chiffres du mois"
TITLE, KEY, AMOUNT, UNIT, PERIOD = "Chiffre", "Hub", "Montant", "Unité", "Période"
ZONE = ZoneInfo("Europe/Paris")
_REFUNDS = ("refund", "refund_failure", "partial_capture_reversal")

Row = Mapping[str, Any]
"""A row as the Notion sandbox tells it: {"id": …, property name: plain value}."""
Rows = Mapping[str, Row]
"""The rows of the table by their Hub key, like cash_in/2026-10/EUR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """By how many euros a step changes the figures of the current month. The refund rate follows from Stripe."""

    cash_in: Decimal = Decimal(0)
    mrr: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that a step changes, as people read it."""

    title: str
    old: str
    new: str


def month_label(instant: datetime) -> str:
    """The month in Paris, like 2026-10."""
    return instant.astimezone(ZONE).strftime("%Y-%m")


def by_key(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row[KEY]): row for row in rows}


def doubled(rows: Sequence[Row]) -> list[str]:
    """The Hub keys that more than one row has."""
    keys = [str(row[KEY]) for row in rows]
    return sorted({key for key in keys if keys.count(key) > 1})


def refund_rate(transactions: Iterable[Mapping[str, Any]], month: str) -> Decimal | None:
    """What was paid back for each hundred euros charged in a month, with one decimal; None when nothing was charged.

    `transactions`: Stripe's balance transactions, with amounts in cents.
    """
    charged = paid_back = 0
    for each in transactions:
        if each["currency"] == "eur" and month_label(datetime.fromtimestamp(each["created"], UTC)) == month:
            if each["reporting_category"] == "charge":
                charged += each["amount"]
            elif each["reporting_category"] in _REFUNDS:
                paid_back -= each["amount"]
    return (Decimal(100 * paid_back) / charged).quantize(Decimal("0.1"), ROUND_HALF_UP) if charged else None


def expect(before: Rows, month: str, delta: Delta, rate: Decimal | None) -> dict[str, Decimal | None]:
    """The amounts of the current month's figures after a step, by Hub key."""
    expected: dict[str, Decimal | None] = {}
    for figure in ("cash_in", "mrr", "overdue"):
        key = f"{figure}/{month}/EUR"
        if key in before:
            expected[key] = (amount_of(before[key]) or Decimal(0)) + getattr(delta, figure)
    expected[f"refund_rate/{month}/EUR"] = rate
    return expected


def differences(before: Rows, now: Rows, expected: Mapping[str, Decimal | None]) -> list[str]:
    """What is not as expected, a line each; [] when all is right. Every other row must be as it was, to the letter."""
    lines = []
    for key, amount in expected.items():
        if key not in now:
            lines.append(f"{key}: expected {as_read(amount, key)}, but there is no such row")
        elif amount_of(now[key]) != amount:
            lines.append(f"{key}: expected {as_read(amount, key)}, seen {as_read(amount_of(now[key]), key)}")
    for key in sorted((before.keys() | now.keys()) - expected.keys()):
        if key not in now:
            lines.append(f"{key}: the row is gone")
        elif key not in before:
            lines.append(f"{key}: a row that nobody expected")
        elif before[key] != now[key]:
            lines.append(f"{key}: no change was expected, seen {as_read(amount_of(now[key]), key)}")
    return lines


def changes(before: Rows, now: Rows, expected: Iterable[str]) -> list[Change]:
    """The figures that moved, in the order of `expected`."""
    return [
        Change(name_of(now[key]), as_read(amount_of(before[key]), key), as_read(amount_of(now[key]), key))
        for key in expected
        if key in before and key in now and amount_of(before[key]) != amount_of(now[key])
    ]


def amount_of(row: Row) -> Decimal | None:
    """The number in the row. JSON has only floats: their shortest text is the amount that was written."""
    return None if row[AMOUNT] is None else Decimal(str(row[AMOUNT]))


def name_of(row: Row) -> str:
    """The figure's title without its month."""
    return str(row[TITLE]).removesuffix(f" · {row[PERIOD]}")


def as_read(amount: Decimal | None, key: str) -> str:
    """1 234,50 € or 3,1 %, as the page writes it; — when there is none."""
    figure, _, currency = key.split("/")
    if amount is None:
        return "—"
    return percent(amount, "fr") if figure == "refund_rate" else money(Money(amount, currency), "fr")
