"""Money without its tax, and how far a year is from the limit below which none is collected (DOMAIN 1.8). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from hub.core.money import Money
from hub.planning.calendar import month
from hub.planning.figure import CASH, ProofLine, added
from hub.planning.figures.books import Books
from hub.planning.figures.lines import Exact, Lines
from hub.planning.figures.outside import outside
from hub.planning.figures.records import Charge, Transaction
from hub.planning.figures.rules import Rules
from hub.planning.prices import to_decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What of a sale's price is not tax. `rate`: percent, when it was assumed; None: Stripe's amounts, or no tax."""

    exact: Fraction
    rate: Decimal | None = None


_ALL = Share(Fraction(1))


def share(books: Books, rules: Rules, charge: Charge | None) -> Share | None:
    """Without tax, of one payment: by its invoice, else by its checkout, else by the rate; None: nobody knows.

    A business that collects no tax has none in any of its sales.
    """
    if rules.franchise:
        return _ALL
    if charge is not None:
        invoice = books.invoice_of(charge)
        bill = None if invoice is None else books.bills.get(invoice.key)
        if bill is not None and bill.tax is not None and bill.total.amount:
            return Share(1 - Fraction(bill.tax.amount) / Fraction(bill.total.amount))
        session = books.session_of(charge, invoice)
        if session is not None and session.tax is not None and session.total is not None and session.total.amount:
            return Share(1 - Fraction(session.tax.amount) / Fraction(session.total.amount))
    return None if rules.tax_rate is None else _assumed(rules.tax_rate)


@cache
def _assumed(rate: Decimal) -> Share:
    return Share(1 / (1 + Fraction(rate) / 100), rate)


def without_tax(
    books: Books, rules: Rules, transactions: Iterable[Transaction], currency: str
) -> tuple[tuple[ProofLine, ...], bool] | None:
    """A line for each of these, all of this currency, without its tax, and whether a rate was assumed for any.

    None: the tax of one of them is unknown. What is given back has the share of the payment that it came from. A
    line's note says the rate that was assumed.
    """
    exact, estimated = [], False
    for each in transactions:
        found = share(books, rules, books.charge_of(each))
        if found is None:
            return None
        note = each.note
        if found.rate is not None:
            estimated, note = True, f"{note} · {found.rate} %" if note else f"{found.rate} %"
        exact.append(Exact(each.key, each.category, Fraction(each.amount.amount) * found.exact, each.at, note))
    return Lines().money(exact, currency), estimated


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit of yearly takings below which no tax is collected. `upper`: above it, tax is due at once."""

    limit: Decimal
    upper: Decimal
    warn_at: tuple[int, ...] = (80, 90, 100)


SERVICES = Threshold(limit=Decimal(37_500), upper=Decimal(41_250))
SALES = Threshold(limit=Decimal(85_000), upper=Decimal(93_500))
"""France, 2025 (art. 293 B of the CGI). They change with the finance law: a setting, these are its defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How far a year's takings are. `passed`: the highest of `warn_at` reached. `left_out`: other currencies."""

    year: int
    taken: Money
    limit: Money
    percent: Decimal
    passed: int | None
    above_upper: bool
    left_out: tuple[str, ...]
    lines: tuple[ProofLine, ...]


def takings(books: Books, year: int) -> tuple[ProofLine, ...]:
    """What was collected in a local year (cash_in and paid_outside, before fees), in every currency."""
    start, end = month(year, 1, books.zone).start, month(year + 1, 1, books.zone).start
    lines = [
        ProofLine(each.key, each.category, each.amount, each.at, each.note)
        for each in books.transactions
        if each.category in CASH and start <= each.at < end
    ]
    return (*lines, *(line for line in outside(books) if start <= line.at < end))


def watched(lines: Sequence[ProofLine], currency: str, settings: Threshold, year: int) -> Watched:
    """A year's takings against the limit, in the business's own currency: two are never added, others are named."""
    own = tuple(line for line in lines if line.currency == currency)
    taken = added(own)
    percent = to_decimal(100 * Fraction(taken) / Fraction(settings.limit))
    return Watched(
        year=year,
        taken=Money(taken, currency),
        limit=Money(settings.limit, currency),
        percent=percent,
        passed=max((step for step in settings.warn_at if percent >= step), default=None),
        above_upper=taken > settings.upper,
        left_out=tuple(sorted({line.currency for line in lines} - {currency})),
        lines=own,
    )
