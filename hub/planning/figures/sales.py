"""The sales of offers, each with what was signed, received and given back of it; and who registered. Pure.

A sale paid in parts is its instalment plan; any other is the first payment of a subscription, or a payment of its own,
with everything that was paid of the same invoice, outside Stripe as well. An invoice of which Stripe saw no payment is
a sale when the first one was noted; a payment that was written down by hand is a sale of its own. A renewal is none.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub.core.money import Money, total
from hub.mapping.onboarding_job import StartsOn
from hub.mapping.steering import Launch
from hub.planning.figure import CASH, ProofLine
from hub.planning.figures.books import Books, grouped
from hub.planning.figures.launches import Sale, Way
from hub.planning.figures.offers import Offers
from hub.planning.figures.orders import value
from hub.planning.figures.origin import of_subscription, origin
from hub.planning.figures.outside import of_invoices
from hub.planning.figures.parts import Plan
from hub.planning.figures.records import Bill, ByHand, Charge, Transaction
from hub.planning.journeys.bookings import read_bookings
from hub.planning.journeys.facts import read_signups
from hub.planning.journeys.gathered import Gathered, Mirrored
from hub.planning.journeys.persons import normalised
from hub.planning.prices import to_decimal


def sales(offers: Offers, plans: Sequence[Plan], wanted: Iterable[str]) -> tuple[Sale, ...]:
    """Every sale, by when it was made. `wanted`: the offers that are asked for; a sale of several is of the first."""
    books = offers.books
    charges = grouped((key, each) for each in books.charges for key in {each.key, each.payment_intent})
    asked = tuple(each.strip().casefold() for each in wanted)
    seller = _Seller(books, offers, asked, _returned(books), charges, of_invoices(books))
    in_parts = frozenset[str]().union(*(plan.keys for plan in plans))
    found = [*map(seller.of_plan, plans), *seller.elsewhere(in_parts), *map(seller.by_hand, books.by_hand)]
    found += [sale for each in seller.begun(in_parts) if (sale := seller.of_payment(each)) is not None]
    return tuple(sorted(found, key=lambda sale: (sale.at, sale.key)))


def registrations(launch: Launch, mirror: Mirrored) -> dict[str, list[datetime]]:
    """Address -> when it registered: filled the form, stood in the database, or booked an appointment of that kind."""
    found = Gathered()
    for place in launch.registrations:
        said = {"from": place.connection, "event_type": place.event_type, "form": place.form}
        if place.event_type is not None:
            read_bookings((StartsOn.model_validate({"event": "booking", **said}),), mirror, found, None)
        else:
            read_signups(StartsOn.model_validate({"event": "signup", **said}), mirror, found)
    times: dict[str, list[datetime]] = {}
    for address, facts in found.facts.items():
        mine = sorted(fact.at for fact in facts if fact.what in {"signup", "booking"})
        if mine:
            times[address] = mine
    return times


@dataclass(frozen=True, slots=True)
class _Seller:
    """Makes sales of what the books hold. `returned`: what came back, by the payment that it came from. `charges`: by
    their own key and by their intent. `outside`: what was paid outside Stripe, by invoice."""

    books: Books
    offers: Offers
    wanted: tuple[str, ...]
    returned: Mapping[str, Sequence[Transaction]]
    charges: Mapping[str, Sequence[Charge]]
    outside: Mapping[str, Sequence[ProofLine]]

    def begun(self, in_parts: Container[str | None]) -> Iterable[tuple[Transaction, Charge]]:
        """The payments that began an order of their own, not one paid in parts."""
        for each in self.books.transactions:
            charge = self.books.charge_of(each) if each.category == "charge" else None
            if charge is None or value(self.books, each) is None:
                continue
            invoice = self.books.invoice_of(charge)
            if invoice is None or not (invoice.key in in_parts or invoice.subscription in in_parts):
                yield each, charge

    def elsewhere(self, in_parts: Container[str | None]) -> Iterable[Sale]:
        """The invoices that began an order, and of which nothing was paid through Stripe."""
        inside = {invoice.key for each in self.books.charges if each.transaction is not None
                  if (invoice := self.books.invoice_of(each)) is not None}  # fmt: skip
        for key, lines in self.outside.items():
            invoice, bill = self.books.invoice[key], self.books.bills[key]
            renewal = invoice.subscription is not None and not bill.first
            if lines and not renewal and not (key in inside or key in in_parts or invoice.subscription in in_parts):
                yield self._of_bill(bill, invoice.subscription, lines)

    def _of_bill(self, bill: Bill, subscription: str | None, lines: Sequence[ProofLine]) -> Sale:
        recurs = subscription is not None and of_subscription(self.books, subscription) == "recurring"
        names = self.offers.of_invoice(bill.key) if subscription is None else self.offers.of_subscription(subscription)
        return Sale(
            key=bill.key,
            person=self.offers.addresses.get(bill.customer or "") or normalised(bill.email),
            at=lines[0].at,
            offer=self._offer(names),
            way="recurring" if recurs else "outside",
            signed=bill.total,
            received=_added(lines, bill.total.currency),
            refunded=Money.zero(bill.total.currency),
        )

    def by_hand(self, paid: ByHand) -> Sale:
        """A payment that a person wrote down."""
        return Sale(
            key=paid.key,
            person=normalised(paid.client) if "@" in paid.client else "",
            at=paid.at,
            offer=paid.offer,
            way="outside",
            signed=paid.amount,
            received=paid.amount,
            refunded=Money.zero(paid.amount.currency),
        )

    def of_payment(self, begun: tuple[Transaction, Charge]) -> Sale | None:
        """The sale that a payment began, with the others of its invoice; None where none is left in its currency."""
        transaction, charge = begun
        signed = value(self.books, transaction)
        if signed is None:
            return None
        paid = [each for each in self._same_sale(charge) if each.amount.currency == signed.currency]
        invoice = self.books.invoice_of(charge)
        elsewhere = () if invoice is None else self.outside.get(invoice.key, ())
        way: Way = "recurring" if origin(self.books, transaction) == "recurring" else "at once"
        return Sale(
            key=transaction.key,
            person=self.offers.address(charge),
            at=transaction.at,
            offer=self._offer(self.offers.of_charge(charge)),
            way=way,
            signed=signed,
            received=total(signed.currency, (each.amount for each in paid)) + _added(elsewhere, signed.currency),
            refunded=self._given_back(paid, signed.currency),
        )

    def of_plan(self, plan: Plan) -> Sale:
        """A sale paid in parts: its contract, and what of it was paid until now."""
        paid = sum((part.paid(self.books.now) for part in plan.parts), start=0 * plan.signed)
        return Sale(
            key=plan.key,
            person=self.offers.addresses.get(plan.customer, ""),
            at=min(part.signed_at for part in plan.parts),
            offer=self._offer(self.offers.of_plan(plan)),
            way="in parts",
            signed=Money(to_decimal(plan.signed), plan.currency),
            received=Money(to_decimal(paid), plan.currency),
            refunded=self._given_back(self._paid_of(plan), plan.currency),
        )

    def _offer(self, names: Sequence[str]) -> str:
        asked = (name for name in names if name.strip().casefold() in self.wanted)
        return next(asked, names[0] if names else "")

    def _same_sale(self, charge: Charge) -> list[Transaction]:
        """Every payment that moved money for the same invoice, or the same intent."""
        invoice = self.books.invoice_of(charge)
        keys = {charge.key, charge.payment_intent}
        if invoice is not None:
            keys |= {each.payment for each in self.books.payments_of.get(invoice.key, ())}
        return self._moved(keys)

    def _paid_of(self, plan: Plan) -> list[Transaction]:
        invoices = {part.id for part in plan.parts if part.issued}
        return self._moved({each.payment for key in invoices for each in self.books.payments_of.get(key, ())})

    def _moved(self, keys: Iterable[str | None]) -> list[Transaction]:
        """The movements of the payments with these ids, of a charge or of an intent."""
        charges = {each for key in keys if key is not None for each in self.charges.get(key, ())}
        moved = (each.transaction for each in sorted(charges, key=lambda each: (each.at, each.key)))
        return [self.books.transaction[key] for key in moved if key in self.books.transaction]

    def _given_back(self, paid: Iterable[Transaction], currency: str) -> Money:
        """Refunds, disputes and debits that failed later, of these payments."""
        back = [
            other.amount.amount
            for each in paid
            for other in self.returned.get(each.key, ())
            if other.amount.currency == currency
        ]
        return Money(-sum(back, Decimal(0)), currency)


def _added(lines: Iterable[ProofLine], currency: str) -> Money:
    return total(
        currency, (line.amount for line in lines if isinstance(line.amount, Money) and line.currency == currency)
    )


def _returned(books: Books) -> dict[str, tuple[Transaction, ...]]:
    """What came back, whenever, by the transaction of the payment."""
    found = (
        (charge.transaction, each)
        for each in books.transactions
        if each.category in CASH and each.category != "charge" and (charge := books.charge_of(each)) is not None
    )
    return grouped(found)
