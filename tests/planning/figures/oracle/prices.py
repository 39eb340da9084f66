"""What a subscription bills and what that is in a month (DOMAIN 1.3), item by item, in fractions."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from tests.planning.figures.oracle.world import Fields, later

PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}


def period_amount(price: Fields, quantity: int) -> Fraction:
    """What one period of this price costs."""
    if price["divide_by"]:
        whole, left = divmod(quantity, price["divide_by"])
        quantity = whole + 1 if left and price["round"] == "up" else whole
    if not price["tiers"]:
        return Fraction(price["unit"].amount) * quantity
    if price["tiers_mode"] == "volume":
        for tier in price["tiers"]:
            if tier["up_to"] is None or quantity <= tier["up_to"]:
                return Fraction(tier["unit"].amount) * quantity + Fraction(tier["flat"].amount)
        raise ValueError("the last tier has an end")
    total, below = Fraction(0), 0
    for number, tier in enumerate(price["tiers"]):
        if number > 0 and quantity <= below:
            break
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        total += Fraction(tier["flat"].amount) + Fraction(tier["unit"].amount) * (top - below)
        below = top
    return total


def per_month(price: Fields) -> Fraction:
    return Fraction(PER_YEAR[price["interval"]], 12 * price["interval_count"])


def is_billed(item: Fields) -> bool:
    """Licensed and coming back: what is metered is only known when it was used."""
    return item["price"]["usage"] != "metered" and item["price"]["interval"] is not None


def period_start(item: Fields, t: datetime) -> datetime:
    """When the service period that t falls in began, counted in whole periods from the one that the record names."""
    price, periods = item["price"], 0
    start: datetime = item["period_start"]
    if start <= t < item["period_end"]:
        return start
    while start > t:
        periods -= 1
        start = later(item["period_start"], price["interval"], periods * price["interval_count"])
    while (following := later(item["period_start"], price["interval"], (periods + 1) * price["interval_count"])) <= t:
        periods, start = periods + 1, following
    return start


def lasts(discount: Fields, item: Fields, t: datetime) -> bool:
    """Whether a discount counts for an item at t."""
    if discount["duration"] == "once" or discount["start"] > t:
        return False
    if discount["end"] is None or discount["end"] > t:
        return True
    return bool(period_start(item, t) < discount["end"])


def monthly_amounts(
    items: list[Fields], discounts: list[Fields], t: datetime, *, discounted: bool = True
) -> dict[str, Fraction]:
    """Item id -> what it adds to a month at t: its own discounts first, then those of the whole, in their order.

    An amount off is an amount off each invoice, shared by the items that it is for in proportion to what they cost.
    """
    billed = [item for item in items if is_billed(item)]
    amounts: dict[str, Fraction] = {}
    for item in billed:
        amount = period_amount(item["price"], item["quantity"])
        if item["price"]["tax_behavior"] == "inclusive" and item["tax_percent"] is not None:
            amount = amount / (1 + Fraction(item["tax_percent"]) / 100)
        amounts[item["id"]] = amount
    if discounted:
        for item in billed:
            for discount in item["discounts"]:
                if lasts(discount, item, t):
                    take(amounts, [item["id"]], discount)
        for discount in discounts:
            take(amounts, [item["id"] for item in billed if lasts(discount, item, t)], discount)
    return {item["id"]: max(amounts[item["id"]], Fraction(0)) * per_month(item["price"]) for item in billed}


def take(amounts: dict[str, Fraction], keys: list[str], discount: Fields) -> None:
    """Lower these amounts by one discount; none goes below nothing."""
    whole = sum((amounts[key] for key in keys), Fraction(0))
    for key in keys:
        if discount["percent"] is not None:
            lowered = amounts[key] * (1 - Fraction(discount["percent"]) / 100)
        elif whole:
            lowered = amounts[key] - Fraction(discount["amount_off"].amount) * amounts[key] / whole
        else:
            lowered = amounts[key]
        amounts[key] = max(lowered, Fraction(0))
