"""Orders (DOMAIN 1.5): a checkout or a first invoice; renewals and later instalments are none."""

from __future__ import annotations

from fractions import Fraction

from tests.planning.figures.oracle import cash, plans, separate
from tests.planning.figures.oracle.links import charge_of, invoice_of, kind_of_subscription
from tests.planning.figures.oracle.world import Fields, World


def orders(world: World, period: str, currency: str) -> list[Fraction]:
    """The value of each order of a month: sales in parts at their whole contract, others when they are first paid."""
    found = [worth for at, worth in plans.contracts(world, currency) if world.within(at, period)]
    for key, fields, _ in cash.moved(world, period, currency):
        if fields["category"] != "charge":
            continue
        charge, paid = charge_of(world, key, fields["source"]), Fraction(fields["amount"].amount)
        invoice = invoice_of(world, charge)
        if invoice is None:
            found.append(paid)
        elif is_order(world, invoice) and is_first_payment(world, charge):
            asked = world.one("charge", charge)
            whole = Fraction(invoice["total"].amount) / Fraction(asked["amount"].amount) if asked else Fraction(1)
            found.append(paid * whole)
    return found


def is_order(world: World, invoice: Fields) -> bool:
    """The first invoice of a subscription that is no plan, or one of no subscription that is no part of a plan."""
    if invoice["subscription"] is None:
        sale = separate.of_fields(world, invoice)
        return sale is None or sale.kind != "instalment"
    sub = world.one("subscription", invoice["subscription"])
    return bool(invoice["first"]) and (sub is None or kind_of_subscription(world, sub) != "instalment")


def is_first_payment(world: World, charge: str | None) -> bool:
    """Whether no other charge paid something of the same invoice before."""
    mine = world.one("charge", charge)
    invoice = invoice_of(world, charge)
    for key, other, _ in world.all("charge"):
        moved = other["balance_transaction"] is not None
        if (
            moved
            and key != charge
            and mine
            and invoice
            and invoice_of(world, key) is invoice
            and other["at"] < mine["at"]
        ):
            return False
    return True


def signed(world: World, period: str, currency: str) -> Fraction:
    return sum(orders(world, period, currency), Fraction(0))


def average_order(world: World, period: str, currency: str) -> Fraction | None:
    found = orders(world, period, currency)
    return sum(found, Fraction(0)) / len(found) if found else None
