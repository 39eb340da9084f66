"""The figures of a revenue job: cash collected, MRR, overdue, refund rate, by local month and currency. Pure.

Definitions: DOMAIN 1.2 (cash, by reporting category and the instant of the balance transaction), 1.3 (MRR at the last
instant of a closed month, now for the current one), 1.5 (refund rate). Two currencies are never added (R7).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from hub.core.errors import RecordError
from hub.core.money import Money, total
from hub.core.types import Record
from hub.mapping.model import RATES, Business, FigureName, Read, RevenueJob
from hub.planning import instalments, mrr, objects, overdue
from hub.planning.calendar import Month, index_of, months
from hub.planning.figure import CASH, REFUNDS, Figure, ProofLine, added, from_values, to_values
from hub.planning.plan import View
from hub.planning.prices import to_decimal
from hub.planning.words import money, say

__all__ = ["Figure", "ProofLine", "figures", "from_values", "notes", "to_values"]

T = TypeVar("T")
_NOT_REVENUE = frozenset({"payout", "payout_reversal", "fee", "tax", "topup", "topup_reversal"})
"""Categories that are known not to be revenue; any other that is not counted is named in `notes`."""


@dataclass(slots=True)
class _Buckets:
    """Proof lines by currency and month, and the first month in which each currency appears."""

    size: int
    lines: dict[str, list[list[ProofLine]]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)

    def seen(self, currency: str, index: int) -> None:
        if currency not in self.lines:
            self.lines[currency] = [[] for _ in range(self.size)]
        self.first[currency] = min(self.first.get(currency, self.size), max(index, 0))

    def add(self, index: int, line: ProofLine) -> None:
        self.seen(line.amount.currency, index)
        self.lines[line.amount.currency][index].append(line)


def figures(view: View, job: RevenueJob, business: Business, now: datetime) -> tuple[Figure, ...]:
    """Every figure that the job asks for, in its order; each by month, oldest first, the business's currency first.

    Months run from the earliest `since` (or first record) to `now`. Another currency's figures begin with the month in
    which it first appears and then never stop, so that no row disappears again.
    """
    span = months(_first_day(view, job, business, now), now, business.zone)
    wanted = {each.figure for each in job.figures}
    buckets: dict[FigureName, _Buckets] = {}
    if wanted & {"cash_in", "refund_rate"}:
        buckets["cash_in"] = buckets["refund_rate"] = _cash(view, job, business, span)
    if wanted & {"mrr", "overdue"}:
        invoices = _typed(view, job, "invoice", objects.invoice)
        buckets["mrr"] = _recurring(view, job, span, now, invoices)
        buckets["overdue"] = _overdue(view, job, span, now, invoices)
    made: list[Figure] = []
    for each in job.figures:
        made += _months(each.figure, buckets[each.figure], span, business.currency)
    return tuple(made)


def notes(view: View, job: RevenueJob, business: Business) -> tuple[str, ...]:
    """What the OBM should know: subscriptions that could not be classified, movements that no figure counts."""
    hints = _hints(view, job)
    found = []
    for sub in _subscriptions(view, job):
        kinds, doubt = instalments.classify(sub, hints)
        if doubt is not None and "unsure" in kinds.values() and sub.status in {"active", "past_due"}:
            why = say(business.language, doubt[0], thing=doubt[1])
            found.append(say(business.language, "unsure", key=sub.key, why=why))
    other: dict[tuple[str, str], list[Money]] = {}
    for record in _transactions(view, job, business):
        fields: Mapping[str, Any] = record.fields
        if fields["category"] not in CASH | _NOT_REVENUE:
            other.setdefault((fields["category"], fields["amount"].currency), []).append(fields["amount"])
    for (category, currency), amounts in sorted(other.items()):
        amount = money(total(currency, amounts), business.language)
        found.append(say(business.language, "other", category=category, n=len(amounts), amount=amount))
    return tuple(found)


def _months(name: FigureName, buckets: _Buckets, span: Sequence[Month], home: str) -> Iterator[Figure]:
    buckets.seen(home, 0)
    for index, month in enumerate(span):
        for currency in sorted(buckets.lines, key=lambda code: (code != home, code)):
            if index >= buckets.first[currency]:
                closed = index < len(span) - 1
                yield _figure(name, month.label, currency, tuple(buckets.lines[currency][index]), closed)


def _figure(name: FigureName, period: str, currency: str, lines: tuple[ProofLine, ...], closed: bool) -> Figure:
    value: Money | Decimal | None
    if name == "refund_rate":
        lines = tuple(line for line in lines if line.what == "charge" or line.what in REFUNDS)
        value = _rate(lines)
    else:
        value = Money(added(lines), currency)
    return Figure(
        figure=name,
        period=period,
        currency=currency,
        value=value,
        unit="percent" if name in RATES else "money",
        lines=lines,
        estimated=closed and name == "mrr",
        closed=closed,
    )


def _rate(lines: Sequence[ProofLine]) -> Decimal | None:
    """Refunds for each hundred of gross volume; None when nothing was charged (DOMAIN 0.7)."""
    gross = added(line for line in lines if line.what == "charge")
    refunds = -added(line for line in lines if line.what != "charge")
    return to_decimal(100 * Fraction(refunds) / Fraction(gross)) if gross else None


def _cash(view: View, job: RevenueJob, business: Business, span: Sequence[Month]) -> _Buckets:
    buckets = _Buckets(len(span))
    starts = [month.start for month in span]
    for record in sorted(_transactions(view, job, business), key=lambda record: (_at(record), record.key)):
        fields: Mapping[str, Any] = record.fields
        at = _at(record)
        if fields["category"] in CASH and at < span[-1].end:
            line = ProofLine(record.key, fields["category"], fields["amount"], at, fields.get("description") or "")
            buckets.add(index_of(at, starts), line)
    return buckets


def _recurring(
    view: View, job: RevenueJob, span: Sequence[Month], now: datetime, invoices: Sequence[objects.Invoice]
) -> _Buckets:
    """MRR lines. The exact fractions of a month become decimals cumulatively: its lines add up to the exact sum,
    rounded once, and each is right to 12 decimals."""
    starts, lasts = [month.start for month in span], [month.last for month in span[:-1]]
    hints = _hints(view, job)
    by_subscription = _paid_by_subscription(invoices)
    exact: list[dict[str, list[tuple[objects.Subscription, Fraction, str]]]] = [{} for _ in span]
    buckets = _Buckets(len(span))
    for sub in _subscriptions(view, job):
        if sub.started_at <= now:
            buckets.seen(sub.currency, index_of(sub.started_at, starts))
        for index, amount, note in _amounts(sub, hints, by_subscription.get(sub.key, ()), lasts, now):
            exact[index].setdefault(sub.currency, []).append((sub, amount, note))
    shared: dict[tuple[str, Decimal, str], ProofLine] = {}
    for index, currencies in enumerate(exact):
        for currency, parts in currencies.items():
            running, before = Fraction(0), Decimal(0)
            for sub, amount, note in parts:
                running += amount
                after = to_decimal(running)
                key = (sub.key, after - before, note)
                if key not in shared:
                    shared[key] = ProofLine(sub.key, "subscription", Money(after - before, currency), sub.created, note)
                buckets.add(index, shared[key])
                before = after
    return buckets


def _amounts(
    sub: objects.Subscription,
    hints: instalments.Hints,
    paid: Sequence[objects.Invoice],
    lasts: Sequence[datetime],
    now: datetime,
) -> Iterator[tuple[int, Fraction, str]]:
    """(month, exact MRR, note) wherever it is not zero. Equal sets of counting discounts are computed once."""
    kinds, _ = instalments.classify(sub, hints)
    if "recurring" not in kinds.values():
        return
    computed: dict[mrr.Counting, Fraction] = {}

    def at(t: datetime) -> Fraction:
        which = mrr.counting(sub, t)
        if which not in computed:
            items = mrr.item_amounts(sub, which, kinds)
            computed[which] = sum((item.exact for item in items), Fraction(0))
        return computed[which]

    counted = mrr.span(sub, mrr.paid_until(sub, paid))
    if counted is not None:
        start, end = counted
        stop = len(lasts) if end is None else bisect_left(lasts, end)
        for index in range(bisect_left(lasts, start), stop):
            if amount := at(lasts[index]):
                yield index, amount, ""
    if mrr.counts_now(sub, now) and (amount := at(now)):
        yield len(lasts), amount, "past_due" if sub.status == "past_due" else ""


def _overdue(
    view: View, job: RevenueJob, span: Sequence[Month], now: datetime, invoices: Sequence[objects.Invoice]
) -> _Buckets:
    buckets = _Buckets(len(span))
    starts = [month.start for month in span]
    for each in invoices:
        if each.due.amount > 0 and each.created <= now:
            buckets.seen(each.due.currency, index_of(each.created, starts))
    payments = _records(view, job, "invoice_payment")
    for index, line in overdue.lines(invoices, payments, [month.last for month in span[:-1]], now):
        buckets.add(index, line)
    return buckets


def _paid_by_subscription(invoices: Iterable[objects.Invoice]) -> dict[str, list[objects.Invoice]]:
    found: dict[str, list[objects.Invoice]] = {}
    for each in invoices:
        if each.subscription is not None and each.status == "paid":
            found.setdefault(each.subscription, []).append(each)
    return found


def _hints(view: View, job: RevenueJob) -> instalments.Hints:
    products: dict[str, Mapping[str, str]] = {}
    for read in job.read:
        for record in view.records(read.connection, "product"):
            fields: Mapping[str, Any] = record.fields
            products[record.key] = fields.get("metadata") or {}
    schedules = _typed(view, job, "subscription_schedule", objects.schedule)
    return instalments.Hints(products, instalments.index(schedules))


def _subscriptions(view: View, job: RevenueJob) -> list[objects.Subscription]:
    """Every subscription with the discounts that its invoices carry."""
    found = ((each.key, objects.customer_discount(each)) for each in _records(view, job, "customer"))
    discounts = {key: discount for key, discount in found if discount is not None}
    return [objects.inheriting(each, discounts) for each in _typed(view, job, "subscription", objects.subscription)]


def _typed(view: View, job: RevenueJob, stream: str, read_as: Callable[[Record], T]) -> list[T]:
    """The typed records of a stream, by key, whatever the order they came in."""
    return [read_as(record) for record in sorted(_records(view, job, stream), key=lambda record: record.key)]


def _records(view: View, job: RevenueJob, stream: str) -> Iterator[Record]:
    return (record for read in job.read for record in view.records(read.connection, stream))


def _transactions(view: View, job: RevenueJob, business: Business) -> Iterator[Record]:
    """The balance transactions since each connection's `since`, in no order."""
    for read in job.read:
        since = _since(read, business)
        for record in view.records(read.connection, "balance_transaction"):
            if since is None or _at(record) >= since:
                yield record


def _since(read: Read, business: Business) -> datetime | None:
    if read.since is None:
        return None
    return datetime.combine(read.since, time.min, business.zone).astimezone(UTC)


def _first_day(view: View, job: RevenueJob, business: Business, now: datetime) -> date:
    days = [read.since for read in job.read if read.since is not None]
    for read in job.read:
        if read.since is None:
            for stream in ("balance_transaction", "subscription", "invoice"):
                instants = (_at(record) for record in view.records(read.connection, stream))
                days.append(min(instants, default=now).astimezone(business.zone).date())
    return min(days, default=now.astimezone(business.zone).date())


def _at(record: Record) -> datetime:
    if record.at is None:
        raise RecordError(
            f"The {record.stream} {record.key} in the mirror has no instant: read it again from its source"
        )
    return record.at
