"""What a price bills per period, and that per month. Exact fractions; the shapes are those of DOMAIN 1.3."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

from hub.planning.objects import Price, Tier

_WIDE = Context(prec=120)
PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
PLACES = 12
"""Decimals kept of an exact fraction that no Decimal can hold (a third of a euro)."""
FINE = PLACES + 6
"""Decimals of what is to be added up and rounded once: millions of such amounts add up to the last of `PLACES`."""


def period_amount(price: Price, quantity: int) -> Fraction | None:
    """What one billing period costs before discounts and tax, in whole currency units; None: the price names none."""
    if price.divide_by:
        quantity = -(-quantity // price.divide_by) if price.round_up else quantity // price.divide_by
    if price.tiers:
        return _volume(price.tiers, quantity) if price.volume else _graduated(price.tiers, quantity)
    return None if price.unit is None else price.unit * quantity


def per_month(price: Price) -> Fraction:
    """How many of its billing periods a month holds: a year has 12 months, 52 weeks, 365 days (DOMAIN 1.3)."""
    if price.interval is None:
        return Fraction(0)
    return Fraction(PER_YEAR[price.interval], 12 * price.interval_count)


def to_decimal(exact: Fraction, places: int = PLACES) -> Decimal:
    """The fraction as a Decimal of at most so many decimals, half up (away from zero); exact when it fits."""
    scaled, rest = divmod(abs(exact.numerator) * 10**places, exact.denominator)
    if 2 * rest >= exact.denominator:
        scaled += 1
    return Decimal(scaled if exact >= 0 else -scaled).scaleb(-places, _WIDE)


def _volume(tiers: tuple[Tier, ...], quantity: int) -> Fraction:
    reached = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), tiers[-1])
    return reached.unit * quantity + reached.flat


def _graduated(tiers: tuple[Tier, ...], quantity: int) -> Fraction:
    total, below = Fraction(0), 0
    for position, tier in enumerate(tiers):
        if position > 0 and quantity <= below:
            break
        top = quantity if tier.up_to is None else min(quantity, tier.up_to)
        total += tier.unit * (top - below) + tier.flat
        below = top
        if tier.up_to is None or quantity <= tier.up_to:
            break
    return total
