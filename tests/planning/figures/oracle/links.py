"""What each movement of money was for: from a transaction to its charge, invoice and subscription (DOMAIN 1.2, 1.8)."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from tests.planning.figures.oracle import cash, separate
from tests.planning.figures.oracle.subscriptions import kind
from tests.planning.figures.oracle.world import Fields, Thing, World


def charge_of(world: World, txn: str, source: str | None) -> str | None:
    """The charge that a transaction is of, or came back out of."""
    return world.once(("charge of", txn), lambda: looked_for(world, txn, source))


def looked_for(world: World, txn: str, source: str | None) -> str | None:
    for key, charge, _ in world.all("charge"):
        if source == key or charge["balance_transaction"] == txn:
            return key
    for key, refund, _ in world.all("refund"):
        if source == key or refund["balance_transaction"] == txn:
            return str(refund["charge"])
    for key, dispute, _ in world.all("dispute"):
        if source == key or txn in dispute["balance_transactions"]:
            return str(dispute["charge"])
    return None


def names_of(world: World, charge: str) -> list[str]:
    """What an invoice or a checkout may call this charge: itself or its payment intent."""
    found = world.one("charge", charge)
    return [charge] if found is None or found["payment_intent"] is None else [charge, found["payment_intent"]]


def invoice_of(world: World, charge: str | None) -> Fields | None:
    if charge is None:
        return None
    for _, payment, _ in world.all("invoice_payment"):
        if payment["payment"] in names_of(world, charge):
            return world.one("invoice", payment["invoice"])
    return None


def checkout_of(world: World, charge: str | None) -> Fields | None:
    if charge is None:
        return None
    for _, session, _ in world.all("checkout_session"):
        if session["payment_intent"] in names_of(world, charge):
            return session
    return None


def kind_of_subscription(world: World, sub: Fields) -> str:
    """What a subscription as a whole is: what its first item is."""
    return kind(world, sub, sub["items"][0])


def kind_of_charge(world: World, charge: str | None) -> str:
    """recurring, instalment, unsure, or once."""
    invoice = invoice_of(world, charge)
    if invoice is None:
        return "once"
    if invoice["subscription"] is None:
        sale = separate.of_fields(world, invoice)
        return "once" if sale is None else sale.kind
    sub = world.one("subscription", invoice["subscription"])
    return "recurring" if sub is None else kind_of_subscription(world, sub)


def cash_moves(world: World, period: str, currency: str) -> list[Thing]:
    return [thing for thing in cash.moved(world, period, currency) if thing[1]["category"] in cash.ABOVE]


def of_kind(world: World, period: str, currency: str, wanted: str) -> Fraction:
    """The part of the cash collected that is of this kind: what came back follows the charge that it came out of."""
    total = Fraction(0)
    for key, fields, _ in cash_moves(world, period, currency):
        if kind_of_charge(world, charge_of(world, key, fields["source"])) == wanted:
            total += Fraction(fields["amount"].amount)
    return total


def cash_recurring(world: World, period: str, currency: str) -> Fraction:
    return of_kind(world, period, currency, "recurring")


def cash_one_off(world: World, period: str, currency: str) -> Fraction:
    return of_kind(world, period, currency, "once")


def cash_instalments(world: World, period: str, currency: str) -> Fraction:
    return of_kind(world, period, currency, "instalment")


def cash_to_classify(world: World, period: str, currency: str) -> Fraction:
    return of_kind(world, period, currency, "unsure")


def recurring_share(world: World, period: str, currency: str) -> Fraction | None:
    recurring = cash_recurring(world, period, currency)
    whole = recurring + cash_one_off(world, period, currency)
    return 100 * recurring / whole if whole else None


def untaxed(world: World, charge: str | None) -> Fraction:
    """What part of a payment is not tax: as its invoice says, else its checkout, else by the business's rate."""
    for said, total in ((invoice_of(world, charge), "total"), (checkout_of(world, charge), "total")):
        if said is not None and said["tax"] is not None and said[total].amount:
            return 1 - Fraction(said["tax"].amount) / Fraction(said[total].amount)
    return 1 / (1 + (world.tax or Fraction(0)))


def cash_in_net(world: World, period: str, currency: str) -> Fraction:
    total = Fraction(0)
    for key, fields, _ in cash_moves(world, period, currency):
        part = Fraction(1) if world.tax is None else untaxed(world, charge_of(world, key, fields["source"]))
        total += Fraction(fields["amount"].amount) * part
    return total


def refund_rate_cohort(world: World, period: str, currency: str) -> Fraction | None:
    """What came back, whenever, of the charges of this month."""
    gross = cash.gross_volume(world, period, currency)
    back = Fraction(0)
    for key, fields, _ in world.all("balance_transaction"):
        if fields["category"] in cash.REFUNDS and fields["amount"].currency == currency:
            charge = charge_of(world, key, fields["source"])
            if charge is not None and was_paid_in(world, charge, period, currency):
                back -= Fraction(fields["amount"].amount)
    return 100 * back / gross if gross else None


def was_paid_in(world: World, charge: str, period: str, currency: str) -> bool:
    for key, fields, _ in cash.moved(world, period, currency):
        if fields["category"] == "charge" and charge_of(world, key, fields["source"]) == charge:
            return True
    return False


def payments(world: World, period: str, currency: str) -> int:
    return sum(fields["category"] == "charge" for _, fields, _ in cash.moved(world, period, currency))


def dispute_activity(world: World, period: str, currency: str) -> Fraction | None:
    """Disputes that came in this month, by the money that they took."""
    number = payments(world, period, currency)
    came = sum(fields["category"] == "dispute" for _, fields, _ in cash.moved(world, period, currency))
    return Fraction(100 * came, number) if number else None


def dispute_rate(world: World, period: str, currency: str) -> Fraction | None:
    """Payments of this month that are or were disputed, whenever that was."""
    number = payments(world, period, currency)
    real = [dispute for _, dispute, _ in world.all("dispute") if not dispute["status"].startswith("warning")]
    disputed = {dispute["charge"] for dispute in real}
    hit = sum(was_paid_in(world, charge, period, currency) for charge in disputed if charge is not None)
    return Fraction(100 * hit, number) if number else None


def paid_outside(world: World, period: str, currency: str) -> Fraction:
    """What invoices say was paid elsewhere, when it was: each payment that is a mere record, else the whole."""
    total = Fraction(0)
    for key, invoice, _ in world.all("invoice"):
        if invoice["currency"] != currency:
            continue
        records = [
            payment
            for _, payment, _ in world.all("invoice_payment")
            if payment["invoice"] == key and payment["payment_type"] == "payment_record" and payment["status"] == "paid"
        ]
        for payment in records:
            if world.within(payment["paid_at"], period):
                total += Fraction(payment["amount"].amount)
        if not records and world.within(invoice["paid_at"], period):
            total += Fraction(invoice["off_stripe"].amount)
    return total


def settled_at(world: World, invoice: str) -> list[tuple[datetime, Fraction]]:
    """When and how much was paid of an invoice; what was paid elsewhere and left no payment, when it was all paid."""
    found, noted = [], Fraction(0)
    for _, payment, _ in world.all("invoice_payment"):
        if payment["invoice"] == invoice and payment["status"] == "paid":
            found.append((payment["paid_at"], Fraction(payment["amount"].amount)))
            noted += found[-1][1] if payment["payment_type"] == "payment_record" else 0
    said = world.one("invoice", invoice)
    if said is not None and said["paid_at"] is not None and said["off_stripe"].amount > noted:
        found.append((said["paid_at"], Fraction(said["off_stripe"].amount) - noted))
    return found
