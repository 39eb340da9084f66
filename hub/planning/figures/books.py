"""The typed records of one business, read once from the mirror, sorted and indexed. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.revenue_job import Read
from hub.planning import instalments, objects
from hub.planning.calendar import Month
from hub.planning.figures import records, separate
from hub.planning.figures.records import Bill, Charge, Dispute, Payment, Refund, Session, Transaction, instant, order
from hub.planning.plan import View

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Books:
    """One business as the mirror has it at `now`. Everything is sorted by instant, then key.

    `transactions` and `received`, the disputes, begin with each connection's `since`; `before` is what the balance was
    then, by currency. Everything else is whole, for the past explains the present.
    """

    zone: ZoneInfo
    currency: str
    now: datetime
    transactions: tuple[Transaction, ...]
    before: Mapping[str, Decimal]
    charges: tuple[Charge, ...]
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]
    received: tuple[Dispute, ...]
    invoices: tuple[objects.Invoice, ...]
    bills: Mapping[str, Bill]
    """By invoice."""
    payments: tuple[Payment, ...]
    subscriptions: tuple[objects.Subscription, ...]
    schedules: tuple[objects.Schedule, ...]
    sessions: tuple[Session, ...]
    products: Mapping[str, Mapping[str, str]]
    """Metadata by product."""
    customers: Mapping[str, str]
    """The name, else the address, else the key, by customer."""
    prices: Mapping[str, objects.Price] = field(default_factory=dict)
    """By key: a schedule names the prices of its phases."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """What the OBM decided of what could not be told (`instalments.Hints.decided`)."""
    by_hand: tuple[records.ByHand, ...] = ()
    """What the OBM wrote down as paid outside Stripe."""

    def within(self, month: Month) -> Sequence[Transaction]:
        """The transactions of a month, or of any other half-open span."""
        return self.transactions[bisect_left(self._instants, month.start) : bisect_left(self._instants, month.end)]

    def closed(self, month: Month) -> bool:
        return month.end <= self.now

    def currencies_by(self, month: Month, more: Iterable[str] = ()) -> tuple[str, ...]:
        """The settlement currencies that had moved by its end and `more`, the business's own first, always there."""
        found = {code for code, first in self._first.items() if first < month.end} | {self.currency, *more}
        return tuple(sorted(found, key=lambda code: (code != self.currency, code)))

    @cached_property
    def hints(self) -> instalments.Hints:
        return instalments.Hints(self.products, instalments.index(self.schedules), self.decided)

    @cached_property
    def kinds(self) -> dict[str, dict[str, instalments.Kind]]:
        """The kind of each recurring item, by subscription and item."""
        return {each.key: instalments.classify(each, self.hints)[0] for each in self.subscriptions}

    @cached_property
    def subscription(self) -> dict[str, objects.Subscription]:
        """By key."""
        return {each.key: each for each in self.subscriptions}

    @cached_property
    def invoice(self) -> dict[str, objects.Invoice]:
        """By key."""
        return {each.key: each for each in self.invoices}

    @cached_property
    def charge(self) -> dict[str, Charge]:
        """By its own key and by that of its transaction."""
        return {key: each for each in self.charges for key in (each.key, each.transaction) if key is not None}

    @cached_property
    def transaction(self) -> dict[str, Transaction]:
        """By key."""
        return {each.key: each for each in self.transactions}

    @cached_property
    def invoices_of(self) -> dict[str, tuple[objects.Invoice, ...]]:
        """By subscription, in the order in which they were made."""
        return grouped((each.subscription, each) for each in self.invoices)

    @cached_property
    def payments_of(self) -> dict[str, tuple[Payment, ...]]:
        """What was paid, by invoice."""
        return grouped((each.invoice, each) for each in self.payments if each.status == "paid")

    @cached_property
    def series(self) -> tuple[separate.Series, ...]:
        """The sales in parts, and those that may be, by invoices without a subscription."""
        return separate.found(self.invoices, self.bills, self.hints, self.prices)

    @cached_property
    def series_of(self) -> dict[str, separate.Series]:
        """By invoice."""
        return {invoice.key: each for each in self.series for invoice in each.invoices}

    def charge_of(self, transaction: Transaction) -> Charge | None:
        """The payment that a transaction belongs to: made, given back, disputed or failed later."""
        source = self._charge_of_source.get(transaction.source or "")
        return self.charge.get(source or transaction.source or "") or self.charge.get(transaction.key)

    def invoice_of(self, charge: Charge) -> objects.Invoice | None:
        """The invoice that a payment paid; None for one without invoice."""
        for key in (charge.key, charge.payment_intent):
            if key is not None and key in self._invoice_of_payment:
                return self.invoice.get(self._invoice_of_payment[key])
        return None

    def begins(self, charge: Charge) -> bool:
        """Whether it is the first payment that moved money of its invoice, or of its payment intent."""
        return self._first_charge.get(self._sale(charge), charge.key) == charge.key

    def _sale(self, charge: Charge) -> str:
        invoice = self.invoice_of(charge)
        return invoice.key if invoice is not None else charge.payment_intent or charge.key

    def session_of(self, charge: Charge, invoice: objects.Invoice | None) -> Session | None:
        """The checkout that a payment was made in."""
        found = self._session.get(charge.payment_intent or "")
        return found or (self._session.get(invoice.key) if invoice is not None else None)

    @cached_property
    def _instants(self) -> list[datetime]:
        return [each.at for each in self.transactions]

    @cached_property
    def _first(self) -> dict[str, datetime]:
        """When each settlement currency first moved."""
        return {each.amount.currency: each.at for each in reversed(self.transactions)}

    @cached_property
    def _first_charge(self) -> dict[str, str]:
        """By invoice, else by payment intent: a debit that failed later may be tried again."""
        moved = [each for each in self.charges if each.transaction is not None]
        return {self._sale(each): each.key for each in reversed(moved)}

    @cached_property
    def _charge_of_source(self) -> dict[str, str]:
        """The charge behind a refund's or a dispute's own id."""
        intents = {each.payment_intent: each.key for each in self.charges if each.payment_intent and each.transaction}
        found = {each.key: each.charge or intents.get(each.payment_intent or "") for each in self.refunds}
        found |= {each.key: each.charge for each in self.disputes}
        return {key: charge for key, charge in found.items() if charge is not None}

    @cached_property
    def _invoice_of_payment(self) -> dict[str, str]:
        return {each.payment: each.invoice for each in self.payments if each.payment is not None}

    @cached_property
    def _session(self) -> dict[str, Session]:
        return {key: each for each in self.sessions for key in (each.payment_intent, each.invoice) if key is not None}


def books(view: View, reads: Iterable[Read], business: Business, now: datetime) -> Books:
    """The books of a business. RecordError when a record lacks a promised field."""
    return _Reader(view, tuple(reads), business, now).books()


def grouped(pairs: Iterable[tuple[K | None, V]]) -> dict[K, tuple[V, ...]]:
    """The values by key, in their order; those without a key are left out."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        if key is not None:
            found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


@dataclass(frozen=True)
class _Reader:
    view: View
    reads: tuple[Read, ...]
    business: Business
    now: datetime

    def books(self) -> Books:
        transactions, before = self._transactions()
        discounts = {
            record.key: discount
            for record in self._records("customer")
            if (discount := objects.customer_discount(record)) is not None
        }
        subscriptions = self._typed("subscription", objects.subscription)
        return Books(
            zone=self.business.zone,
            currency=self.business.currency,
            now=self.now,
            transactions=transactions,
            before=before,
            charges=self._typed("charge", records.charge),
            refunds=self._typed("refund", records.refund),
            disputes=self._typed("dispute", records.dispute),
            received=tuple(records.read(each, records.dispute) for each in self._since("dispute")),
            invoices=self._typed("invoice", objects.invoice),
            bills={each.key: each for each in self._typed("invoice", records.bill)},
            payments=self._typed("invoice_payment", records.payment),
            subscriptions=tuple(objects.inheriting(each, discounts) for each in subscriptions),
            schedules=self._typed("subscription_schedule", objects.schedule),
            sessions=self._typed("checkout_session", records.session),
            products={each.key: records.metadata(each) for each in self._records("product")},
            customers={each.key: records.name(each) for each in self._records("customer")},
            prices={each.id: each for each in self._typed("price", records.price)},
        )

    def _typed(self, stream: str, read_as: Callable[[Record], T]) -> tuple[T, ...]:
        return tuple(records.read(each, read_as) for each in sorted(self._records(stream), key=order))

    def _records(self, stream: str) -> Iterator[Record]:
        return (record for read in self.reads for record in self.view.records(read.connection, stream))

    def _since(self, stream: str) -> list[Record]:
        found: list[Record] = []
        for read in self.reads:
            start = self._start(read)
            held = self.view.records(read.connection, stream)
            found += [each for each in held if start is None or instant(each) >= start]
        return sorted(found, key=order)

    def _transactions(self) -> tuple[tuple[Transaction, ...], dict[str, Decimal]]:
        before: dict[str, Decimal] = {}
        for read in self.reads:
            start = self._start(read)
            for each in self.view.records(read.connection, "balance_transaction"):
                if start is not None and instant(each) < start:
                    net: Any = each.fields["net"]
                    before[net.currency] = before.get(net.currency, Decimal(0)) + net.amount
        return tuple(records.read(each, records.transaction) for each in self._since("balance_transaction")), before

    def _start(self, read: Read) -> datetime | None:
        if read.since is None:
            return None
        return datetime.combine(read.since, time.min, self.business.zone).astimezone(UTC)
