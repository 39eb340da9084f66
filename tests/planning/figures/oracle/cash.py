"""What moved (DOMAIN 1.2): sums over balance transactions by their reporting category and local month."""

from __future__ import annotations

from fractions import Fraction

from tests.planning.figures.oracle.world import Thing, World

REFUNDS = ("refund", "refund_failure", "partial_capture_reversal")
DISPUTES = ("dispute", "dispute_reversal")
ABOVE = ("charge", *REFUNDS, *DISPUTES, "charge_failure")
FEES = ("fee", "tax")
PAYOUTS = ("payout", "payout_reversal")
PLACES = (
    *("topup", "topup_reversal", "transfer", "transfer_reversal"),
    *("risk_reserved_funds", "connect_reserved_funds", "currency_conversion"),
)
"""Own money that changes its place: with the payouts, left out of the net volume."""


def moved(world: World, period: str, currency: str) -> list[Thing]:
    return [
        thing
        for thing in world.all("balance_transaction")
        if world.within(thing[2], period)
        and thing[2].astimezone(world.zone).date() >= world.since
        and thing[1]["amount"].currency == currency
    ]


def amount(world: World, period: str, currency: str, *categories: str) -> Fraction:
    total = Fraction(0)
    for _, fields, _ in moved(world, period, currency):
        if fields["category"] in categories:
            total += Fraction(fields["amount"].amount)
    return total


def gross_volume(world: World, period: str, currency: str) -> Fraction:
    return amount(world, period, currency, "charge")


def refunds(world: World, period: str, currency: str) -> Fraction:
    return -amount(world, period, currency, *REFUNDS)


def disputes(world: World, period: str, currency: str) -> Fraction:
    return -amount(world, period, currency, *DISPUTES)


def late_failures(world: World, period: str, currency: str) -> Fraction:
    return -amount(world, period, currency, "charge_failure")


def fees(world: World, period: str, currency: str) -> Fraction:
    total = -amount(world, period, currency, *FEES)
    for _, fields, _ in moved(world, period, currency):
        if fields["category"] in ABOVE:
            total += Fraction(fields["fee"].amount)
    return total


def net_volume(world: World, period: str, currency: str) -> Fraction:
    total = Fraction(0)
    for _, fields, _ in moved(world, period, currency):
        if fields["category"] not in (*PAYOUTS, *PLACES):
            total += Fraction(fields["net"].amount)
    return total


def payouts(world: World, period: str, currency: str) -> Fraction:
    return -amount(world, period, currency, *PAYOUTS)


def treasury(world: World, period: str, currency: str) -> Fraction:
    return amount(world, period, currency, *PLACES)


def other_movements(world: World, period: str, currency: str) -> Fraction:
    """Every category that has no name above, after what it cost: with it the parts make the net volume."""
    total = Fraction(0)
    for _, fields, _ in moved(world, period, currency):
        if fields["category"] not in (*ABOVE, *FEES, *PAYOUTS, *PLACES):
            total += Fraction(fields["net"].amount)
    return total


def cash_in(world: World, period: str, currency: str) -> Fraction:
    return (
        gross_volume(world, period, currency)
        - refunds(world, period, currency)
        - disputes(world, period, currency)
        - late_failures(world, period, currency)
    )


def refund_rate(world: World, period: str, currency: str) -> Fraction | None:
    gross = gross_volume(world, period, currency)
    return 100 * refunds(world, period, currency) / gross if gross else None
