"""Rates and ratios of the movements (DOMAIN 1.5). Nothing to divide by: None, never 0 and never 100."""

from __future__ import annotations

from fractions import Fraction

from tests.planning.figures.oracle import states
from tests.planning.figures.oracle.movements import churn_rate, moves
from tests.planning.figures.oracle.world import World, before


def lost(found: dict[str, Fraction]) -> Fraction:
    return found["voluntary"] + found["involuntary"] + found["contraction"]


def mrr_churn_gross(world: World, period: str, currency: str) -> Fraction | None:
    start = states.mrr(world, before(period), currency)
    return 100 * lost(moves(world, period, currency)) / start if start else None


def mrr_churn_net(world: World, period: str, currency: str) -> Fraction | None:
    start, found = states.mrr(world, before(period), currency), moves(world, period, currency)
    return 100 * (lost(found) - found["expansion"] - found["reactivation"]) / start if start else None


def retention_net(world: World, period: str, currency: str) -> Fraction | None:
    net = mrr_churn_net(world, period, currency)
    return None if net is None else 100 - net


def quick_ratio(world: World, period: str, currency: str) -> Fraction | None:
    found = moves(world, period, currency)
    gained = found["new"] + found["reactivation"] + found["expansion"]
    return gained / lost(found) if lost(found) else None


def mrr_growth(world: World, period: str, currency: str) -> Fraction | None:
    start = states.mrr(world, before(period), currency)
    return 100 * (states.mrr(world, period, currency) - start) / start if start else None


def ltv(world: World, period: str, currency: str) -> Fraction | None:
    """ARPA over the mean churn of the last closed months, three at least and six at most; 20 customers at least."""
    arpa = states.arpa(world, period, currency)
    if arpa is None or states.customers(world, period, currency) < 20:
        return None
    closed = [each for each in world.months() if each <= period and each != world.month_of(world.now)]
    rates = [churn_rate(world, each, currency) for each in closed[-6:]]
    known = [rate for rate in rates if rate is not None]
    if len(known) < 3 or sum(known) == 0:
        return None
    return arpa / (sum(known, Fraction(0)) / len(known) / 100)
