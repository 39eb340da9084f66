"""Orders, and what comes back of them: average order, refund rates, disputes (DOMAIN 1.5). Pure.

An order is one checkout or one first invoice. Renewals are none; a sale paid in parts is one, at its whole value, on
the day on which it was signed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import REFUNDS, Figure, Part, ProofLine
from hub.planning.figures.books import Books, grouped
from hub.planning.figures.lines import ONE, figure
from hub.planning.figures.names import FIGURES as ALL
from hub.planning.figures.parts import Plan
from hub.planning.figures.records import Dispute, Transaction
from hub.planning.prices import to_decimal


def orders(
    books: Books, plans: Sequence[Plan], span: Iterable[Month], wanted: Container[str] = ALL
) -> Iterator[Figure]:
    """The figures of orders of each month and currency, those `wanted`; `plans` are the sales paid in parts.

    refund_rate and dispute_activity are of what happened in the month; refund_rate_cohort and dispute_rate of what
    happened until now to the payments of the month.
    """
    teller = _Teller(books, plans, refunds_by_charge(books), disputed_charges(books), wanted)
    elsewhere = [(_signed_at(plan), plan.currency) for plan in plans]
    elsewhere += [(each.at, settled_in(books, each)) for each in books.received if counts(each)]
    for month in span:
        moved: dict[str, list[Transaction]] = {}
        for each in books.within(month):
            moved.setdefault(each.amount.currency, []).append(each)
        for currency in books.currencies_by(month, {code for at, code in elsewhere if at < month.end}):
            sold = [plan for plan in plans if plan.currency == currency and _holds(month, _signed_at(plan))]
            for name, lines in teller.proofs(month, currency, moved.get(currency, []), sold).items():
                guessed = name in ("average_order", "signed") and any(plan.estimated for plan in sold)
                yield figure(name, month, currency, tuple(lines), estimated=guessed, closed=books.closed(month))


@dataclass(frozen=True)
class _Teller:
    """What is known of all months, to tell of one."""

    books: Books
    plans: Sequence[Plan]
    given_back: Mapping[str, tuple[Transaction, ...]]
    disputed: Container[str]

    wanted: Container[str]

    @cached_property
    def in_parts(self) -> frozenset[str]:
        """The subscriptions and invoices of the plans."""
        return frozenset[str]().union(*(plan.keys for plan in self.plans))

    def proofs(
        self, month: Month, currency: str, here: Sequence[Transaction], sold: Iterable[Plan]
    ) -> dict[str, list[ProofLine]]:
        paid = [each for each in here if each.category == "charge"]
        found = {**self._refunds(here, paid), **self._disputes(month, currency, paid)}
        if "average_order" in self.wanted or "signed" in self.wanted:
            sales = [*_plan_orders(sold), *self._payment_orders(paid)]
            found["average_order"] = sales
            found["signed"] = [_whole(line) for line in sales if line.part == "of"]
        return {name: lines for name, lines in found.items() if name in self.wanted}

    def _refunds(self, here: Sequence[Transaction], paid: Sequence[Transaction]) -> dict[str, list[ProofLine]]:
        if "refund_rate" not in self.wanted and "refund_rate_cohort" not in self.wanted:
            return {}
        gross = list(_gross(paid))
        later: list[Transaction] = []
        if "refund_rate_cohort" in self.wanted:
            later = [refund for each in paid for refund in self.given_back.get(_charge_key(self.books, each), ())]
        return {
            "refund_rate": [*_taken(each for each in here if each.category in REFUNDS), *gross],
            "refund_rate_cohort": [*_taken(later), *gross],
        }

    def _disputes(self, month: Month, currency: str, paid: Sequence[Transaction]) -> dict[str, list[ProofLine]]:
        if "dispute_activity" not in self.wanted and "dispute_rate" not in self.wanted:
            return {}
        books, payments = self.books, [_one(each, "per") for each in paid]
        came = [each for each in books.received if counts(each) and _holds(month, each.at)]
        return {
            "dispute_activity": [*(_dispute(each) for each in came if settled_in(books, each) == currency), *payments],
            "dispute_rate": [
                *(_one(each, "of") for each in paid if _charge_key(books, each) in self.disputed),
                *payments,
            ],
        }

    def _payment_orders(self, paid: Iterable[Transaction]) -> Iterator[ProofLine]:
        for each in paid:
            charge = self.books.charge_of(each)
            invoice = None if charge is None else self.books.invoice_of(charge)
            whole = value(self.books, each)
            if whole is not None and (invoice is None or not {invoice.key, invoice.subscription} & self.in_parts):
                yield ProofLine(each.key, "order", whole, each.at, each.note, "of")
                yield ProofLine(each.key, "order", ONE, each.at, "", "per")


def refunds_by_charge(books: Books) -> dict[str, tuple[Transaction, ...]]:
    """What was given back, whenever, by the payment that it came from."""
    returned = [each for each in books.transactions if each.category in REFUNDS]
    return grouped((_charge_key(books, each) or None, each) for each in returned)


def disputed_charges(books: Books) -> frozenset[str]:
    """The payments that were ever disputed."""
    return frozenset(each.charge for each in books.disputes if each.charge is not None and counts(each))


def counts(dispute: Dispute) -> bool:
    """Whether it is a dispute: an inquiry of the bank (warning_…) takes no money, a prevented one never was one."""
    return not dispute.status.startswith("warning_") and dispute.status != "prevented"


def settled_in(books: Books, dispute: Dispute) -> str:
    """The currency in which a dispute moved money, else that of its payment, else its own."""
    charge = books.charge.get(dispute.charge or "")
    for key in (*dispute.transactions, None if charge is None else charge.transaction):
        if key is not None and key in books.transaction:
            return books.transaction[key].amount.currency
    return dispute.amount.currency


def value(books: Books, transaction: Transaction) -> Money | None:
    """What the order is worth that this payment began, in settlement currency; None: it began none.

    Where an invoice is paid in several parts, or by a credit as well, the order is worth the whole of it. One whose
    bank debit fails later and is tried again is still one.
    """
    charge = books.charge_of(transaction)
    if charge is None:
        return transaction.amount
    if not books.begins(charge):
        return None
    invoice = books.invoice_of(charge)
    if invoice is None:
        return transaction.amount
    bill = books.bills[invoice.key]
    if invoice.subscription is not None and not bill.first:
        return None
    if bill.total == charge.amount or not charge.amount.amount or bill.total.currency != charge.amount.currency:
        return transaction.amount
    whole = Fraction(transaction.amount.amount) * Fraction(bill.total.amount) / Fraction(charge.amount.amount)
    return Money(to_decimal(whole), transaction.amount.currency)


def _whole(line: ProofLine) -> ProofLine:
    return ProofLine(line.id, line.what, line.amount, line.at, line.note)


def _plan_orders(sold: Iterable[Plan]) -> Iterator[ProofLine]:
    for plan in sold:
        worth = Money(to_decimal(plan.signed), plan.currency)
        yield ProofLine(plan.key, "order", worth, _signed_at(plan), "", "of")
        yield ProofLine(plan.key, "order", ONE, _signed_at(plan), "", "per")


def _holds(month: Month, at: datetime) -> bool:
    return month.start <= at < month.end


def _signed_at(plan: Plan) -> datetime:
    return min(part.signed_at for part in plan.parts)


def _charge_key(books: Books, transaction: Transaction) -> str:
    charge = books.charge_of(transaction)
    return "" if charge is None else charge.key


def _one(each: Transaction, part: Part) -> ProofLine:
    return ProofLine(each.key, each.category, ONE, each.at, each.note, part)


def _dispute(each: Dispute) -> ProofLine:
    return ProofLine(each.key, "dispute", ONE, each.at, each.status, "of")


def _gross(paid: Iterable[Transaction]) -> Iterator[ProofLine]:
    return (ProofLine(each.key, each.category, each.amount, each.at, each.note, "per") for each in paid)


def _taken(returned: Iterable[Transaction]) -> Iterator[ProofLine]:
    return (ProofLine(each.key, each.category, -each.amount, each.at, each.note, "of") for each in returned)
