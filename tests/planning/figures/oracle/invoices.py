"""Invoices: tried in vain, paid after all, overdue (DOMAIN 1.5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from tests.planning.figures.oracle.links import settled_at
from tests.planning.figures.oracle.world import Fields, Thing, World


def first_attempt(invoice: Fields) -> datetime | None:
    """When its payment was first tried: at once when it was made final."""
    tried = invoice["attempted"] and invoice["attempt_count"] > 0 and invoice["collection"] == "charge_automatically"
    return invoice["finalized_at"] if tried else None


def first_failed(world: World, key: str, invoice: Fields) -> bool:
    """It was tried again, or never paid. A bank debit that is on its way has not failed yet."""
    if first_attempt(invoice) is None or (invoice["attempt_count"] == 1 and is_on_its_way(world, key)):
        return False
    return bool(invoice["attempt_count"] > 1 or invoice["status"] != "paid")


def is_on_its_way(world: World, invoice: str) -> bool:
    intents = [payment["payment"] for _, payment, _ in world.all("invoice_payment") if payment["invoice"] == invoice]
    charges = [charge for _, charge, _ in world.all("charge") if charge["status"] == "pending"]
    return any(charge["payment_intent"] in intents for charge in charges)


def is_open(invoice: Fields, t: datetime) -> bool:
    """Whether it was waiting for its payment at t."""
    if invoice["finalized_at"] is None or invoice["finalized_at"] > t:
        return False
    ends = [invoice["paid_at"], invoice["voided_at"], invoice["uncollectible_at"]]
    return all(end is None or end > t for end in ends)


def is_late(invoice: Fields, t: datetime) -> bool:
    """Open, and either its day or the first try to take its money has passed."""
    days = [day for day in (invoice["due_at"], first_attempt(invoice)) if day is not None]
    return is_open(invoice, t) and any(day <= t for day in days)


def tried_in(world: World, period: str, currency: str) -> list[Thing]:
    return [
        thing
        for thing in world.all("invoice")
        if thing[1]["currency"] == currency and world.within(first_attempt(thing[1]), period)
    ]


def failed_payments(world: World, period: str, currency: str) -> Fraction | None:
    tried = tried_in(world, period, currency)
    failed = [key for key, invoice, _ in tried if first_failed(world, key, invoice)]
    return Fraction(100 * len(failed), len(tried)) if tried else None


def recovered_payments(world: World, period: str, currency: str) -> Fraction | None:
    failed = back = Fraction(0)
    for key, invoice, _ in tried_in(world, period, currency):
        if first_failed(world, key, invoice):
            failed += Fraction(invoice["due"].amount)
            paid_at = invoice["paid_at"]
            if paid_at is not None and paid_at <= invoice["finalized_at"] + timedelta(days=30):
                back += Fraction(invoice["due"].amount)
    return 100 * back / failed if failed else None


def overdue(world: World, period: str, currency: str) -> Fraction:
    t, total = world.snapshot(period), Fraction(0)
    for key, invoice, _ in world.all("invoice"):
        if invoice["currency"] == currency and is_late(invoice, t):
            total += Fraction(invoice["due"].amount)
            total -= sum((amount for at, amount in settled_at(world, key) if at <= t), Fraction(0))
    return total
