"""What was paid outside Stripe: no balance moved, so it stands on a line of its own (DOMAIN 1.2). Pure."""

from __future__ import annotations

from hub.planning.figure import ProofLine
from hub.planning.figures.books import Books


def outside(books: Books) -> list[ProofLine]:
    """What was paid of invoices outside Stripe, by instant: of each payment that was noted, and of what has no note."""
    found = []
    for bill in books.bills.values():
        if not bill.off_stripe.amount:
            continue
        invoice, rest = books.invoice[bill.key], bill.off_stripe
        note = invoice.number or ""
        for each in books.payments_of.get(bill.key, ()):
            if each.type == "payment_record" and each.amount is not None:
                found.append(ProofLine(each.key, "payment_record", each.amount, each.paid_at or each.at, note))
                rest -= each.amount
        if rest.amount:
            at = invoice.paid_at or invoice.closed_at or invoice.created
            found.append(ProofLine(bill.key, "invoice", rest, at, note))
    return sorted(found, key=lambda line: (line.at, line.id))
