"""The lines that a commission is counted from: those of its base, of its offers, with who paid masked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hub.mapping.steering import Commission
from hub.planning.figure import ProofLine
from hub.planning.figures.books import Books
from hub.planning.figures.offers import Offers, initials, is_of


def masked(agreement: Commission, lines: Iterable[ProofLine], offers: Offers) -> tuple[ProofLine, ...]:
    """The lines of the agreement's offers, each with the initials of who paid instead of what the provider says."""
    found = []
    for line in lines:
        names, customer = _of(offers, line)
        if not agreement.offers or is_of(names, agreement.offers):
            found.append(replace(line, note=initials(offers.books.customers.get(customer or "", ""))))
    return tuple(found)


def _of(offers: Offers, line: ProofLine) -> tuple[tuple[str, ...], str | None]:
    """What a line was sold as, and to which customer: that of its subscription, invoice or payment."""
    books: Books = offers.books
    sub = books.subscription.get(line.id)
    if sub is not None:
        return offers.of_subscription(sub.key), sub.customer
    bill = books.bills.get(line.id)
    if bill is not None:
        return offers.of_invoice(bill.key), bill.customer
    moved = books.transaction.get(line.id)
    charge = None if moved is None else books.charge_of(moved)
    return ((), None) if charge is None else (offers.of_charge(charge), charge.customer)
