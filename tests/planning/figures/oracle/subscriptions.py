"""Which subscriptions recur, and what each gives at an instant (DOMAIN 1.3 and 1.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.planning.figures.oracle.prices import is_billed, monthly_amounts
from tests.planning.figures.oracle.world import Fields, World, later

PAYING = ("active", "past_due")
NEVER_PAID = ("incomplete", "incomplete_expired", "trialing")


def kind(world: World, sub: Fields, item: Fields) -> str:
    """recurring, instalment or unsure: what a tag says, else a schedule, else an end that was set at the start."""
    product = world.one("product", item["price"]["product"])
    places: list[Any] = [item["price"]["metadata"], {} if product is None else product["metadata"]]
    for place in places:
        if "instalments" in place:
            return "recurring" if place["instalments"] in ("no", "0") else "instalment"
    if sub["schedule"] is not None:
        schedule = world.one("subscription_schedule", sub["schedule"])
        if schedule is None:
            return "unsure"
        if schedule["end_behavior"] == "cancel":
            return "instalment"
    return kind_by_end(sub)


def kind_by_end(sub: Fields) -> str:
    """An end set within a day of the beginning makes it a plan, if it lasts longer than its first period."""
    if sub["cancel_at"] is None:
        return "recurring"
    if sub["canceled_at"] is None:
        return "unsure"
    prices = [item["price"] for item in sub["items"] if is_billed(item)]
    ends = [later(sub["started_at"], price["interval"], price["interval_count"]) for price in prices]
    soon = not ends or sub["cancel_at"] <= min(ends) + timedelta(days=1)
    late = sub["canceled_at"] - sub["created_at"] > timedelta(hours=24)
    return "recurring" if soon or late else "instalment"


def paid_until(world: World, key: str, sub: Fields) -> datetime | None:
    """When what was paid last runs out: for what stopped paying without an end. A bill of nothing pays for nothing."""
    paid = [
        invoice["created_at"]
        for _, invoice, _ in world.all("invoice")
        if invoice["subscription"] == key and invoice["status"] == "paid" and invoice["due"].amount > 0
    ]
    ends = [
        later(max(paid), item["price"]["interval"], item["price"]["interval_count"])
        for item in sub["items"]
        if paid and is_billed(item)
    ]
    return min(ends, default=None)


def counted(world: World, key: str, sub: Fields, t: datetime) -> bool:
    """Whether it gave MRR at t: by its status now, by its dates before."""
    over = sub["ended_at"] is not None and sub["ended_at"] <= t
    if over:
        return False
    if t >= world.now:
        return sub["status"] in PAYING and not sub["collection_paused"]
    if sub["status"] in NEVER_PAID or sub["started_at"] > t:
        return False
    if sub["trial_end"] is not None and sub["trial_end"] > t:
        return False
    if sub["ended_at"] is not None or (sub["status"] in PAYING and not sub["collection_paused"]):
        return True
    until = paid_until(world, key, sub)
    return until is not None and until > t


def discounts_of(world: World, sub: Fields) -> list[Fields]:
    """Its own, else its customer's; an amount off in another currency takes nothing off."""
    if sub["discounts"]:
        return list(sub["discounts"])
    customer = world.one("customer", sub["who"]["key"])
    theirs = None if customer is None else customer["discount"]
    if theirs is None:
        return []
    if theirs["amount_off"] is not None and theirs["amount_off"].currency != sub["currency"]:
        return []
    return [theirs]


def amount(world: World, sub: Fields, t: datetime, *, discounted: bool = True) -> Fraction:
    """What it would give a month at t if it counted: its recurring items."""
    amounts = monthly_amounts(list(sub["items"]), discounts_of(world, sub), t, discounted=discounted)
    total = Fraction(0)
    for item in sub["items"]:
        if item["id"] in amounts and kind(world, sub, item) == "recurring":
            total += amounts[item["id"]]
    return total


def mrr(world: World, key: str, sub: Fields, t: datetime, *, discounted: bool = True) -> Fraction:
    return amount(world, sub, t, discounted=discounted) if counted(world, key, sub, t) else Fraction(0)


def of_currency(world: World, currency: str) -> list[tuple[str, Fields]]:
    return [(key, sub) for key, sub, _ in world.all("subscription") if sub["currency"] == currency]


def by_customer(world: World, currency: str, t: datetime) -> dict[str, Fraction]:
    """Customer -> MRR at t; those without any are left out: who pays nothing is no paying customer."""
    return world.once(("by customer", currency, t), lambda: added_up(world, currency, t))


def at_end(world: World, currency: str, period: str) -> dict[str, Fraction]:
    """The same at the end of a month, or now in the one that is not over."""
    seen, t = world.then(period)
    return by_customer(seen, currency, t)


def added_up(world: World, currency: str, t: datetime) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for key, sub in of_currency(world, currency):
        found[sub["who"]["key"]] = found.get(sub["who"]["key"], Fraction(0)) + mrr(world, key, sub, t)
    return {customer: value for customer, value in found.items() if value > 0}
