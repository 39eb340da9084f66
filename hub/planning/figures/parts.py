"""A sale paid in parts, and what became of each part. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One part of a sale.

    `id`: its invoice; the subscription where none is made yet. `late_from`: since when it is late, unless paid before.
    `gone_at`: from when on what is unpaid of it is given up.
    """

    id: str
    issued: bool
    position: int
    signed_at: datetime
    due_at: datetime
    amount: Fraction
    payments: tuple[tuple[datetime, Fraction], ...]
    late_from: datetime | None
    gone_at: datetime | None

    def paid(self, t: datetime) -> Fraction:
        return sum((amount for at, amount in self.payments if at <= t), _ZERO)

    def abandoned(self, t: datetime) -> Fraction:
        return self.amount - self.paid(t) if self.gone_at is not None and self.gone_at <= t else _ZERO

    def open(self, t: datetime) -> Fraction:
        """What is still expected of it."""
        if self.signed_at > t or (self.gone_at is not None and self.gone_at <= t):
            return _ZERO
        return self.amount - self.paid(t)

    def overdue(self, t: datetime) -> Fraction:
        return self.open(t) if self.late_from is not None and self.late_from <= t else _ZERO

    def fell_due(self, t: datetime) -> bool:
        """Whether it was asked for, and its date came while it was still expected. A draft asks for nothing yet."""
        return self.issued and self.due_at <= t and (self.gone_at is None or self.due_at < self.gone_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A sale paid in parts: a subscription, or several invoices without one, whose first one's key it has.

    `known`: how many parts there are. `estimated`: a share of invoices that hold other things as well, or an instant
    that nothing says.
    """

    key: str
    what: Literal["subscription", "invoice"]
    customer: str
    currency: str
    parts: tuple[Instalment, ...]
    known: bool
    estimated: bool

    @property
    def keys(self) -> frozenset[str]:
        """Its own, and those of its invoices."""
        return frozenset({self.key, *(part.id for part in self.parts)})

    @property
    def ends_at(self) -> datetime:
        """When the last part is due, as far as is known."""
        return max(part.due_at for part in self.parts)

    @property
    def signed(self) -> Fraction:
        """The whole contract."""
        return sum((part.amount for part in self.parts), _ZERO)
