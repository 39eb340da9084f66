"""An invoice, or one that is still to come, as a part of a sale. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from hub.planning import overdue
from hub.planning.figures.books import Books
from hub.planning.figures.parts import Instalment
from hub.planning.objects import Invoice

_ZERO = Fraction(0)
DAY = timedelta(days=1)
"""A period that would begin within a day of the end is not billed: tools set the end some seconds late."""


def issued(books: Books, invoice: Invoice, number: int, signed_at: datetime, share: Fraction) -> Instalment:
    """An invoice as part NUMBER of a sale that was made at `signed_at`. `share`: how much of it is the sale's."""
    amount = Fraction(invoice.due.amount)
    late = overdue.late(invoice)
    at = (invoice.finalized_at or invoice.created) if invoice.automatic else (invoice.due_at or invoice.created)
    payments = tuple((when, paid * share) for when, paid in _payments(books, invoice, amount))
    part = Instalment(
        id=invoice.key,
        issued=True,
        position=number,
        signed_at=min((signed_at, *(when for when, _ in payments))),
        due_at=at,
        amount=amount * share,
        payments=payments,
        late_from=None if late is None else late[0],
        gone_at=None,
    )
    return part if invoice.given_up_at is None else gone(part, invoice.given_up_at)


def expected(key: str, number: int, sold: datetime, at: datetime, amount: Fraction) -> Instalment:
    """What is not asked for yet."""
    return Instalment(
        id=key,
        issued=False,
        position=number,
        signed_at=sold,
        due_at=at,
        amount=amount,
        payments=(),
        late_from=at + DAY,
        gone_at=None,
    )


def gone(part: Instalment, at: datetime) -> Instalment:
    """Given up from then on, unless it was before; nothing is before it was sold."""
    return replace(part, gone_at=max(part.signed_at, at if part.gone_at is None else min(at, part.gone_at)))


def _payments(books: Books, invoice: Invoice, amount: Fraction) -> list[tuple[datetime, Fraction]]:
    """What was paid and when, never more than the invoice. What no payment tells is the invoice's own word."""
    found = sorted(
        (each.paid_at or each.at, Fraction(each.amount.amount))
        for each in books.payments_of.get(invoice.key, ())
        if each.amount is not None
    )
    rest = amount - sum((paid for _, paid in found), _ZERO)
    if invoice.status == "paid" and rest > 0:
        found.append((invoice.paid_at or invoice.created, rest))
    kept, left = [], amount
    for when, paid in found:
        kept.append((when, min(paid, left)))
        left -= kept[-1][1]
    return kept
