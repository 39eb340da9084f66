"""What there is at the last instant of a month, or now (DOMAIN 1.3, 1.5)."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from tests.planning.figures.oracle import subscriptions as subs
from tests.planning.figures.oracle.invoices import is_late
from tests.planning.figures.oracle.world import Fields, World


def mrr(world: World, period: str, currency: str) -> Fraction:
    return sum(subs.at_end(world, currency, period).values(), Fraction(0))


def mrr_before_discounts(world: World, period: str, currency: str) -> Fraction:
    (world, t), total = world.then(period), Fraction(0)
    for key, sub in subs.of_currency(world, currency):
        total += subs.mrr(world, key, sub, t, discounted=False)
    return total


def is_leaving(world: World, sub: Fields, t: datetime) -> bool:
    """Whether its end had been asked for at t."""
    asked = sub["canceled_at"] is None or sub["canceled_at"] <= t
    return asked and (sub["cancel_at_period_end"] or sub["cancel_at"] is not None)


def mrr_confirmed(world: World, period: str, currency: str) -> Fraction:
    (world, t), total = world.then(period), Fraction(0)
    for key, sub in subs.of_currency(world, currency):
        if not is_leaving(world, sub, t):
            total += subs.mrr(world, key, sub, t)
    return total


def mrr_at_risk(world: World, period: str, currency: str) -> Fraction:
    """Now: what is past due. Before: what had an invoice whose payment had been tried in vain."""
    (world, t), total = world.then(period), Fraction(0)
    for key, sub in subs.of_currency(world, currency):
        late = [each for _, each, _ in world.all("invoice") if each["subscription"] == key and is_late(each, t)]
        if sub["status"] == "past_due" if t >= world.now else late:
            total += subs.mrr(world, key, sub, t)
    return total


def mrr_paused(world: World, period: str, currency: str) -> Fraction:
    """What is paused would bring this. Before now: from when what was paid had run out."""
    (world, t), total = world.then(period), Fraction(0)
    for key, sub in subs.of_currency(world, currency):
        if not sub["collection_paused"] or sub["status"] not in subs.PAYING or subs.counted(world, key, sub, t):
            continue
        begun = sub["trial_end"] or sub["started_at"]
        over = sub["ended_at"] is not None and sub["ended_at"] <= t
        if begun <= t and not over:
            total += subs.amount(world, sub, t)
    return total


def trials(world: World, period: str, currency: str) -> Fraction:
    (world, t), number = world.then(period), 0
    for _, sub in subs.of_currency(world, currency):
        if t >= world.now:
            number += sub["status"] == "trialing"
            continue
        over = sub["ended_at"] is not None and sub["ended_at"] <= t
        number += sub["trial_end"] is not None and sub["started_at"] <= t < sub["trial_end"] and not over
    return Fraction(number)


def customers(world: World, period: str, currency: str) -> Fraction:
    return Fraction(len(subs.at_end(world, currency, period)))


def arr(world: World, period: str, currency: str) -> Fraction:
    return 12 * mrr(world, period, currency)


def arpa(world: World, period: str, currency: str) -> Fraction | None:
    number = customers(world, period, currency)
    return mrr(world, period, currency) / number if number else None
