"""A figure and the lines that it was added up from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from hub.core.money import Money
from hub.core.types import Value
from hub.mapping.model import FigureName

REFUNDS = frozenset({"refund", "refund_failure", "partial_capture_reversal"})
CASH = REFUNDS | {"charge", "dispute", "dispute_reversal", "charge_failure"}
"""Reporting categories of balance transactions that make the cash collected (DOMAIN 1.2), by their signed amounts."""


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One thing of the provider that was counted.

    `what`: a reporting category, "subscription" or "invoice". `at`: the instant that the record belongs to.
    `note`: the provider's own words or number; "past_due" on a subscription whose payment is late.
    """

    id: str
    what: str
    amount: Money
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one local month (`period`, like 2026-10) in one currency.

    `value`: Money, or for unit "percent" a Decimal where 3.4 means 3.4 %, None when there is nothing to divide by.
    The lines add up to `value` exactly; for a rate they are its numerator and its denominator.
    `estimated`: the past was reconstructed. `closed`: the month is over.
    """

    figure: FigureName
    period: str
    currency: str
    value: Money | Decimal | None
    unit: Literal["money", "percent"]
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


def added(lines: Iterable[ProofLine]) -> Decimal:
    """The exact sum of the lines' amounts. They are of one currency: a figure has only one."""
    return sum((line.amount.amount for line in lines), Decimal(0))


def to_values(lines: Iterable[ProofLine]) -> tuple[Mapping[str, Value], ...]:
    """The lines as values that the store keeps."""
    return tuple(
        {"id": line.id, "what": line.what, "amount": line.amount, "at": line.at, "note": line.note} for line in lines
    )


def from_values(proof: Iterable[Mapping[str, Any]]) -> tuple[ProofLine, ...]:
    """The lines that `to_values` wrote."""
    return tuple(ProofLine(each["id"], each["what"], each["amount"], each["at"], each["note"]) for each in proof)
