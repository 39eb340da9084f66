"""What changed between two month ends, customer by customer (DOMAIN 1.4)."""

from __future__ import annotations

from fractions import Fraction

from tests.planning.figures.oracle import subscriptions as subs
from tests.planning.figures.oracle.world import World, before


def has_some(world: World, customer: str, period: str) -> bool:
    """Whether this customer had MRR at the end of this month, in whatever currency."""
    currencies = sorted({sub["currency"] for _, sub, _ in world.all("subscription")})
    return any(customer in subs.at_end(world, each, period) for each in currencies)


def had_some(world: World, customer: str, period: str) -> bool:
    """Whether this customer had MRR at the end of this month or of any month before."""
    starts = [sub["started_at"] for _, sub, _ in world.all("subscription")]
    while starts and world.snapshot(period) >= min(starts):
        if has_some(world, customer, period):
            return True
        period = before(period)
    return False


def why_gone(world: World, currency: str, customer: str, period: str) -> dict[str, Fraction]:
    """What a customer who left had paid, by why: each of the subscriptions says it of its own part."""
    seen, t = world.then(period)
    parts = {"voluntary": Fraction(0), "involuntary": Fraction(0)}
    for key, sub in subs.of_currency(world, currency):
        if sub["who"]["key"] == customer:
            unpaid = sub["cancellation_reason"] == "payment_failed" or sub["status"] == "unpaid"
            old = seen.one("subscription", key)
            if old is not None:
                parts["involuntary" if unpaid else "voluntary"] += subs.mrr(seen, key, old, t)
    return parts


def changed_currency(world: World, customer: str, period: str) -> bool:
    """Whether this customer stopped paying in one currency and began in another."""
    gone = came = False
    for currency in {sub["currency"] for _, sub, _ in world.all("subscription")}:
        before_it = customer in subs.at_end(world, currency, before(period))
        after_it = customer in subs.at_end(world, currency, period)
        gone, came = gone or (before_it and not after_it), came or (after_it and not before_it)
    return gone and came


def moves(world: World, period: str, currency: str) -> dict[str, Fraction]:
    """Every movement of this month. They make the difference of the two month ends.

    A customer who pays in two currencies and leaves one of them has not left: that is contraction. One who goes over
    from one currency to another neither grew nor shrank: what both show of it is an effect of currencies.
    """
    found = dict.fromkeys(
        ("new", "reactivation", "expansion", "contraction", "voluntary", "involuntary", "currency"), Fraction(0)
    )
    start, end = subs.at_end(world, currency, before(period)), subs.at_end(world, currency, period)
    for customer in {*start, *end}:
        old, new = start.get(customer, Fraction(0)), end.get(customer, Fraction(0))
        if old == 0 and not has_some(world, customer, before(period)):
            found["reactivation" if had_some(world, customer, before(before(period))) else "new"] += new
        elif new == 0 and not has_some(world, customer, period):
            for why, amount in why_gone(world, currency, customer, before(period)).items():
                found[why] += amount
        elif (old == 0 or new == 0) and changed_currency(world, customer, period):
            found["currency"] += new - old
        elif new > old:
            found["expansion"] += new - old
        else:
            found["contraction"] += old - new
    return found


def mrr_new(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["new"]


def mrr_reactivation(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["reactivation"]


def mrr_expansion(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["expansion"]


def mrr_contraction(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["contraction"]


def mrr_churn_voluntary(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["voluntary"]


def mrr_churn_involuntary(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["involuntary"]


def mrr_currency_effect(world: World, period: str, currency: str) -> Fraction:
    return moves(world, period, currency)["currency"]


def customers_at_start(world: World, period: str, currency: str) -> set[str]:
    return set(subs.at_end(world, currency, before(period)))


def churn_rate(world: World, period: str, currency: str) -> Fraction | None:
    start = customers_at_start(world, period, currency)
    gone = [customer for customer in start if not has_some(world, customer, period)]
    return Fraction(100 * len(gone), len(start)) if start else None
