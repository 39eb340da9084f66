"""What is owed and late, invoice by invoice, at the end of every closed month and now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.planning import overdue
from hub.planning.calendar import Month
from hub.planning.figure import Figure, ProofLine
from hub.planning.figures.books import Books
from hub.planning.figures.lines import figure


def figures(books: Books, span: Sequence[Month]) -> Iterator[Figure]:
    """Overdue, by month of `span` and currency, the business's own first; a currency begins with its first invoice."""
    first = {books.currency: span[0].start}
    for each in books.invoices:  # the oldest comes first
        if each.due.amount > 0:
            first.setdefault(each.due.currency, each.created)
    paid = {
        key: [(each.paid_at or each.at, each.amount.amount) for each in payments if each.amount is not None]
        for key, payments in books.payments_of.items()
    }
    found: dict[tuple[int, str], list[ProofLine]] = {}
    lasts = [month.last for month in span[:-1]]
    for index, line in overdue.lines_of(books.invoices, paid, lasts, books.now):
        found.setdefault((index, line.currency), []).append(line)
    for index, month in enumerate(span):
        for currency in sorted(first, key=lambda code: (code != books.currency, code)):
            if first[currency] < month.end:
                lines = tuple(found.get((index, currency), ()))
                yield figure("overdue", month, currency, lines, estimated=False, closed=books.closed(month))
