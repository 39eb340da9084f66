"""How one business counts, where businesses differ."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`tax_rate`: percent, for sales whose tax Stripe did not work out; None: not told.

    `franchise`: the business collects no tax at all (in France: franchise en base, art. 293 B of the CGI).
    """

    tax_rate: Decimal | None = None
    franchise: bool = False
