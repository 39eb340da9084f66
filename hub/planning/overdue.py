"""What was owed and late at an instant: open invoices past their due date, by what was still unpaid of them then.

An invoice sent to the customer is late from its due date. One charged automatically has none: it is late from its first
attempt, which is when it was finalized. It stops when it is paid, voided or given up as uncollectible.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.core.money import Money
from hub.core.types import Record
from hub.planning.figure import ProofLine
from hub.planning.objects import Invoice

Payment = tuple[datetime, Decimal]
"""When a part was paid, and how much."""


def late(invoice: Invoice) -> tuple[datetime, datetime | None] | None:
    """From when until when an invoice was late (None: it still is); None when it never was."""
    if invoice.status == "draft" or invoice.due.amount <= 0:
        return None
    if invoice.automatic:
        start = (invoice.finalized_at or invoice.created) if invoice.attempted else None
    else:
        start = invoice.due_at
    if start is None or invoice.status == "open":
        return None if start is None else (start, None)
    end = invoice.closed_at
    return (start, end) if end is not None and start < end else None


def payments(records: Iterable[Record], wanted: set[str]) -> dict[str, list[Payment]]:
    """The payments of these invoices, from `invoice_payment` records."""
    found: dict[str, list[Payment]] = {}
    for record in records:
        fields: Mapping[str, Any] = record.fields
        if fields.get("invoice") not in wanted or fields.get("status") != "paid":
            continue
        amount, paid_at = fields.get("amount"), fields.get("paid_at") or record.at
        if amount is not None and paid_at is not None:
            found.setdefault(fields["invoice"], []).append((paid_at, amount.amount))
    return found


def unpaid(invoice: Invoice, t: datetime, paid: Sequence[Payment]) -> Decimal:
    """What was still owed at a past instant: what is owed now plus what was paid since; else the sum minus what was."""
    if invoice.status == "open":
        return invoice.remaining.amount + sum((amount for at, amount in paid if at > t), Decimal(0))
    return max(Decimal(0), invoice.due.amount - sum((amount for at, amount in paid if at <= t), Decimal(0)))


def lines(
    invoices: Sequence[Invoice], records: Iterable[Record], lasts: Sequence[datetime], now: datetime
) -> Iterable[tuple[int, ProofLine]]:
    """A line for each invoice and month that ended (at `lasts`) while it was late, then for now (index len(lasts))."""
    wanted = {invoice.key for invoice in invoices if late(invoice) is not None}
    return lines_of(invoices, payments(records, wanted), lasts, now)


def lines_of(
    invoices: Sequence[Invoice], paid: Mapping[str, Sequence[Payment]], lasts: Sequence[datetime], now: datetime
) -> Iterator[tuple[int, ProofLine]]:
    """`lines`, of payments by invoice."""
    for invoice in invoices:
        when = late(invoice)
        if when is None:
            continue
        start, end = when
        first = bisect_left(lasts, start)
        for index in range(first, len(lasts) if end is None else bisect_left(lasts, end)):
            amount = unpaid(invoice, lasts[index], paid.get(invoice.key, ()))
            if amount:
                yield index, _line(invoice, Money(amount, invoice.due.currency))
        if end is None and start <= now and invoice.remaining.amount:
            yield len(lasts), _line(invoice, invoice.remaining)


def _line(invoice: Invoice, amount: Money) -> ProofLine:
    return ProofLine(invoice.key, "invoice", amount, invoice.created, invoice.number or "")
