"""A figure and the lines that it was added up from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from hub.core.money import CurrencyError, Money
from hub.core.types import Value
from hub.planning.prices import to_decimal

REFUNDS = frozenset({"refund", "refund_failure", "partial_capture_reversal"})
CASH = REFUNDS | {"charge", "dispute", "dispute_reversal", "charge_failure"}
"""Reporting categories of balance transactions that make the cash collected (DOMAIN 1.2), by their signed amounts."""

FEW = 20
"""With fewer things than these, one more or less moves a rate by more than 5 points."""

_EXACT = Context(prec=120, traps=[Inexact])
"""Sums of amounts never need so many digits; should one, it is an error and not a rounded sum."""

Unit: TypeAlias = Literal["money", "percent", "count", "ratio", "days"]
Part: TypeAlias = Literal["", "of", "per"]


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One thing of the provider that was counted.

    `what`: a reporting category, "subscription", "invoice"… `at`: the instant that the record belongs to.
    `amount`: what it adds to the figure; a Decimal counts things (1 customer).
    `note`: the provider's own words or number; "past_due" on a subscription whose payment is late.
    `part`: of a rate, its numerator ("of") or its denominator ("per"); "" where lines are just added.
    """

    id: str
    what: str
    amount: Money | Decimal
    at: datetime
    note: str = ""
    part: Part = ""

    @property
    def number(self) -> Decimal:
        """The amount without its currency."""
        return self.amount.amount if isinstance(self.amount, Money) else self.amount

    @property
    def currency(self) -> str:
        """The amount's currency; "" for a count."""
        return self.amount.currency if isinstance(self.amount, Money) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one local month (`period`, like 2026-10) in one currency.

    `value`: Money; a Decimal for a count, a rate ("percent": 3.4 means 3.4 %), a ratio or days; None when there is
    nothing to divide by. It is `value_of` its lines. `currency` is "" for what has none.
    `estimated`: the past was reconstructed, or a tax rate was assumed. `closed`: the month is over.
    """

    figure: str
    period: str
    currency: str
    value: Money | Decimal | None
    unit: Unit
    lines: tuple[ProofLine, ...]
    estimated: bool
    closed: bool

    @property
    def key(self) -> str:
        """cash_in/2026-10/EUR"""
        return f"{self.figure}/{self.period}/{self.currency}"

    @property
    def counted_at(self) -> datetime | None:
        """The instant of the newest record counted; None when nothing was. Never the clock."""
        return max((line.at for line in self.lines), default=None)

    @property
    def out_of(self) -> Decimal | None:
        """How many things a rate or ratio is a share of; None: it is no rate. Below `FEW`: say it, no trend."""
        per = [line for line in self.lines if line.part == "per" or (not line.part and line.what == "charge")]
        if self.unit not in {"percent", "ratio"}:
            return None
        return sum((Decimal(1) if line.currency else line.number for line in per), Decimal(0))


def added(lines: Iterable[ProofLine]) -> Decimal:
    """The exact sum of the lines' amounts. They are of one currency: a figure has only one."""
    total = Decimal(0)
    for line in lines:
        total += line.amount.amount if isinstance(line.amount, Money) else line.amount
    return total


def value_of(unit: Unit, lines: Iterable[ProofLine], currency: str) -> Money | Decimal | None:
    """The figure that these lines prove, from nothing but them. CurrencyError when one is of another currency.

    Money and counts are sums. A percentage is 100 × of ÷ per; a ratio and days are of ÷ per (Money where money is
    divided by a count, as revenue by customers). None when the denominator is empty or zero.
    """
    known = tuple(lines)
    if {line.amount.currency for line in known if isinstance(line.amount, Money)} - {currency}:
        line = next(line for line in known if line.currency not in {"", currency})
        raise CurrencyError(f"{line.id} is in {line.currency}, the figure in {currency}: never added")
    if unit == "money":
        return Money(added(known), currency)
    if unit == "count":
        return added(known)
    of, per = fraction(known)
    if not per:
        return None
    if unit == "percent":
        return to_decimal(100 * of / per)
    whole = to_decimal(of / per)
    return Money(whole, currency) if unit == "ratio" and _money_per_count(known) else whole


def fraction(lines: Iterable[ProofLine]) -> tuple[Fraction, Fraction]:
    """Numerator and denominator of a rate. Lines without a part are of a refund rate stored before parts were named:
    charges are what it is a share of, anything else came back out of them."""
    of = per = Decimal(0)
    with localcontext(_EXACT):
        for line in lines:
            if line.part == "per" or (not line.part and line.what == "charge"):
                per += line.number
            else:
                of += line.number if line.part else -line.number
    return Fraction(of), Fraction(per)


def _money_per_count(lines: Iterable[ProofLine]) -> bool:
    """A ratio is money when it divides money by a number of things; nothing divided by things is no money."""
    kinds = {(line.part, isinstance(line.amount, Money)) for line in lines}
    return ("per", True) not in kinds and ("of", False) not in kinds


def to_values(lines: Iterable[ProofLine]) -> tuple[Mapping[str, Value], ...]:
    """The lines as values that the store keeps."""
    return tuple(
        {"id": line.id, "what": line.what, "amount": line.amount, "at": line.at, "note": line.note}
        | ({"part": line.part} if line.part else {})
        for line in lines
    )


def from_values(proof: Iterable[Mapping[str, Any]]) -> tuple[ProofLine, ...]:
    """The lines that `to_values` wrote, now or before lines had a part."""
    return tuple(
        ProofLine(each["id"], each["what"], each["amount"], each["at"], each["note"], each.get("part", ""))
        for each in proof
    )
