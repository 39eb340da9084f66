"""Payments that failed at the first attempt, and what of them came in within 30 days. Pure.

An invoice is counted once, in the month of its first attempt, however often it is tried again. The attempts are the
charges of its payments; where the mirror has none, the invoice's own count of attempts and its end are what is known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import Figure, ProofLine
from hub.planning.figures.books import Books, grouped
from hub.planning.figures.lines import ONE, figure
from hub.planning.objects import Invoice

WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The first attempt to collect an invoice. `recovered`: what was paid within 30 days of it, had it failed."""

    invoice: Invoice
    at: datetime
    failed: bool
    recovered: Money


def attempts(books: Books) -> tuple[Attempt, ...]:
    """The first attempt of each invoice that is charged automatically, in the order of the invoices."""
    charges = grouped((key, each) for each in books.charges for key in (each.payment_intent, each.key))
    tried = grouped((each.invoice, each.payment) for each in books.payments)
    found = []
    for invoice in books.invoices:
        if not invoice.automatic or invoice.status == "draft" or invoice.due.amount <= 0:
            continue
        of = {each.key: each for key in tried.get(invoice.key, ()) for each in charges.get(key or "", ())}
        first = min(of.values(), key=lambda each: (each.at, each.key), default=None)
        if first is not None:
            found.append(_attempt(books, invoice, first.at, failed=first.status == "failed" or invoice.attempts > 1))
        elif invoice.attempts:
            at = invoice.finalized_at or invoice.created
            found.append(_attempt(books, invoice, at, failed=invoice.attempts > 1 or invoice.paid_at is None))
    return tuple(found)


def figures(books: Books, span: Sequence[Month]) -> Iterator[Figure]:
    """Failed payments (by number) and recovered ones (by amount), by month and currency.

    What failed less than 30 days ago may still come in: its rate is estimated until then.
    """
    known: dict[tuple[str, int], list[Attempt]] = {}
    starts = [month.start for month in span]
    first: dict[str, int] = {books.currency: 0}
    for each in attempts(books):
        index = bisect_right(starts, each.at) - 1
        if index >= 0 and each.at < span[-1].end:
            known.setdefault((each.invoice.due.currency, index), []).append(each)
            first[each.invoice.due.currency] = min(index, first.get(each.invoice.due.currency, index))
    for index, month in enumerate(span):
        closed = books.closed(month)
        for currency in sorted(first, key=lambda code: (code != books.currency, code)):
            if index < first[currency]:
                continue
            tried = known.get((currency, index), [])
            failed = [each for each in tried if each.failed]
            running = any(each.at + WITHIN > books.now for each in failed)
            yield figure("failed_payments", month, currency, _numbers(tried), estimated=False, closed=closed)
            yield figure("recovered_payments", month, currency, _amounts(failed), estimated=running, closed=closed)


def _numbers(tried: Sequence[Attempt]) -> tuple[ProofLine, ...]:
    of = (ProofLine(each.invoice.key, "invoice", ONE, each.at, _note(each), "of") for each in tried if each.failed)
    per = (ProofLine(each.invoice.key, "invoice", ONE, each.at, _note(each), "per") for each in tried)
    return (*of, *per)


def _amounts(failed: Sequence[Attempt]) -> tuple[ProofLine, ...]:
    of = (
        ProofLine(each.invoice.key, "invoice", each.recovered, each.at, _note(each), "of")
        for each in failed
        if each.recovered.amount
    )
    per = (ProofLine(each.invoice.key, "invoice", each.invoice.due, each.at, _note(each), "per") for each in failed)
    return (*of, *per)


def _note(attempt: Attempt) -> str:
    return attempt.invoice.number or ""


def _attempt(books: Books, invoice: Invoice, at: datetime, *, failed: bool) -> Attempt:
    parts = [
        (each.paid_at or each.at, each.amount.amount)
        for each in books.payments_of.get(invoice.key, ())
        if each.amount is not None
    ]
    in_time = sum((amount for when, amount in parts if when <= at + WITHIN), Decimal(0))
    if invoice.status == "paid" and invoice.paid_at is not None and invoice.paid_at <= at + WITHIN:
        in_time = invoice.due.amount
    return Attempt(invoice, at, failed, Money(min(in_time, invoice.due.amount), invoice.due.currency))
