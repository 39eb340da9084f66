"""A figure and the lines that it was added up from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, TypeAlias

from hub.core.money import CurrencyError, Money
from hub.core.types import Value
from hub.planning.prices import PLACES, to_decimal

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


@dataclass(frozen=True, kw_only=True)
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
    shares: Mapping[int, tuple[ProofLine, ...]] = field(default_factory=dict, compare=False, repr=False)
    """The lines by the subledger that they come from; empty where there is only one."""
    tallied: Tally | None = field(default=None, compare=False, repr=False)
    """What the lines come to, where whoever made the figure kept it."""

    @property
    def key(self) -> str:
        """cash_in/2026-10/EUR"""
        return f"{self.figure}/{self.period}/{self.currency}"

    @cached_property
    def counted_at(self) -> datetime | None:
        """The instant of the newest record counted; None when nothing was. Never the clock."""
        return max((line.at for line in self.lines), default=None)

    @cached_property
    def sample(self) -> tuple[int | None, int] | None:
        """How many of how many things a rate or ratio is about (1 customer of 14); the first None where it is about
        their money. None for what is no rate, and where nobody knows."""
        return _sample(self.lines) if self.unit in {"percent", "ratio"} else None


def is_small(figure: Figure, lines: tuple[ProofLine, ...] | None = None) -> bool:
    """Whether a rate is of too few things to speak of a trend. `lines`: of a part of it."""
    if figure.unit != "percent":
        return False
    found = figure.sample if lines is None else _sample(lines)
    return found is not None and 0 < found[1] < FEW


def _sample(lines: Iterable[ProofLine]) -> tuple[int | None, int] | None:
    known = tuple(lines)
    per = [line for line in known if line.part == "per" or (not line.part and line.what == "charge")]
    of = [line for line in known if line.part == "of"]
    numbers = [_things(line) for line in per]
    if not per or None in numbers:
        return None
    counts = not any(line.currency for line in (*of, *per))
    return int(sum(line.number for line in of)) if counts else None, sum(each or 0 for each in numbers)


def _things(line: ProofLine) -> int | None:
    """How many things a line of a denominator stands for: a figure of money says it in its note."""
    if not line.currency:
        return int(line.number)
    if line.what == "figure":
        return int(line.note) if line.note.isdigit() else None
    return 1


def added(lines: Iterable[ProofLine]) -> Decimal:
    """The exact sum of the lines' amounts. They are of one currency: a figure has only one."""
    total = Decimal(0)
    with localcontext(_EXACT):
        for line in lines:
            total += line.amount.amount if isinstance(line.amount, Money) else line.amount
    return total


@dataclass(frozen=True, slots=True)
class Tally:
    """What lines come to.

    `sum`: of lines that are just added. `of`, `per`: of a rate. `money_per`: it divides by money; `count_of`: it
    divides a number of things.
    """

    sum: Decimal = Decimal(0)
    of: Fraction = Fraction(0)
    per: Fraction = Fraction(0)
    money_per: bool = False
    count_of: bool = False


def together(tallies: Iterable[Tally]) -> Tally:
    """The tally of the whole, from those of its parts."""
    known = tuple(tallies)
    with localcontext(_EXACT):
        added_up = sum((each.sum for each in known), Decimal(0))
    return Tally(
        added_up,
        sum((each.of for each in known if each.of), Fraction(0)),
        sum((each.per for each in known if each.per), Fraction(0)),
        any(each.money_per for each in known),
        any(each.count_of for each in known),
    )


def tally(unit: Unit, lines: Iterable[ProofLine], currency: str) -> Tally:
    """CurrencyError when a line is of another currency."""
    known = tuple(lines)
    if {line.amount.currency for line in known if isinstance(line.amount, Money)} - {currency}:
        line = next(line for line in known if line.currency not in {"", currency})
        raise CurrencyError(f"{line.id} is in {line.currency}, the figure in {currency}: never added")
    if unit in ("money", "count"):
        return Tally(added(known))
    of, per = fraction(known)
    kinds = {(line.part, isinstance(line.amount, Money)) for line in known}
    return Tally(Decimal(0), of, per, ("per", True) in kinds, ("of", False) in kinds)


def worth(unit: Unit, tallied: Tally, currency: str) -> Money | Decimal | None:
    """Money and counts are sums, money rounded once. A percentage is 100 × of ÷ per; a ratio and days are of ÷ per.

    A ratio is money where money is divided by a number of things, as revenue by customers. None when the denominator
    is empty or zero.
    """
    if unit == "money":
        return Money(_rounded(tallied.sum), currency)
    if unit == "count":
        return tallied.sum
    if not tallied.per:
        return None
    if unit == "percent":
        return to_decimal(100 * tallied.of / tallied.per)
    whole = to_decimal(tallied.of / tallied.per)
    return Money(whole, currency) if unit == "ratio" and not (tallied.money_per or tallied.count_of) else whole


def value_of(unit: Unit, lines: Iterable[ProofLine], currency: str) -> Money | Decimal | None:
    """The figure that these lines prove, from nothing but them. CurrencyError when one is of another currency."""
    return worth(unit, tally(unit, lines, currency), currency)


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


def _rounded(exact: Decimal) -> Decimal:
    """Lines hold more decimals than a figure, so that the sum of thirds comes out right."""
    return to_decimal(Fraction(exact)) if -int(exact.as_tuple().exponent) > PLACES else exact


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
