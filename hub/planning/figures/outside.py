"""What was paid outside Stripe: no balance moved, so it stands on a line of its own (DOMAIN 1.2). Pure.

Invoices of which Stripe knows that they were paid elsewhere, and payments that the OBM wrote down (`paid_outside:`).
"""

from __future__ import annotations

from hub.planning.figure import ProofLine
from hub.planning.figures.books import Books


def outside(books: Books) -> list[ProofLine]:
    """All of it by instant: each payment that was noted, what has no note, and what was written down by hand."""
    found = [line for lines in of_invoices(books).values() for line in lines]
    for each in books.by_hand:
        about = " · ".join(part for part in (each.source, each.offer, each.note) if part)
        found.append(ProofLine(each.key, each.how, each.amount, each.at, about))
    return sorted(found, key=lambda line: (line.at, line.id))


def of_invoices(books: Books) -> dict[str, list[ProofLine]]:
    """What was paid of invoices outside Stripe, by invoice."""
    found: dict[str, list[ProofLine]] = {}
    for bill in books.bills.values():
        if not bill.off_stripe.amount:
            continue
        invoice, rest = books.invoice[bill.key], bill.off_stripe
        note, mine = invoice.number or "", found.setdefault(bill.key, [])
        for each in books.payments_of.get(bill.key, ()):
            if each.type == "payment_record" and each.amount is not None:
                mine.append(ProofLine(each.key, "payment_record", each.amount, each.paid_at or each.at, note))
                rest -= each.amount
        if rest.amount:
            at = invoice.paid_at or invoice.closed_at or invoice.created
            mine.append(ProofLine(bill.key, "invoice", rest, at, note))
    return found
