"""What moved MRR between two standings, customer by customer. Pure.

A second subscription of a customer is expansion, losing one of two is contraction; only who is left with nothing has
gone: because a payment failed, or for any other reason (a wish, a pause, a full discount), which is called voluntary.
In each currency, start + new + reactivation + expansion - contraction - churn + currency effect = end: a
ValueError that names the amounts when it is not so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

from hub.core.money import Money
from hub.planning import mrr
from hub.planning.calendar import Month
from hub.planning.figure import Figure
from hub.planning.figures.books import Books
from hub.planning.figures.lines import Exact, Lines, figure, plain, total
from hub.planning.figures.states import Standing, State, by_customer, seen
from hub.planning.objects import Subscription
from hub.planning.prices import to_decimal

Kind: TypeAlias = Literal[
    "new", "reactivation", "expansion", "contraction", "churn_voluntary", "churn_involuntary", "currency_effect"
]
SIGNS: Mapping[Kind, int] = {
    "new": 1,
    "reactivation": 1,
    "expansion": 1,
    "contraction": -1,
    "churn_voluntary": -1,
    "churn_involuntary": -1,
    "currency_effect": 1,
}
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """What one customer's MRR did. `amount` is above zero; only a currency effect may be below."""

    customer: str
    kind: Kind
    amount: Fraction
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """From the MRR of one standing to that of the next, in one currency."""

    month: Month
    currency: str
    start: Fraction
    end: Fraction
    began: int
    """How many customers paid at the start."""
    movements: tuple[Movement, ...]
    before: Month
    closed: bool
    estimated: bool

    def total(self, *kinds: Kind) -> Fraction:
        """The sum of the movements of these kinds."""
        return total(each.amount for each in self.movements if each.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A customer who arrived and left between two standings: no movement shows it."""

    month: Month
    customer: str
    subscription: str
    amount: Money
    start: datetime
    end: datetime


def bridges(books: Books, standing: Sequence[Standing]) -> tuple[Bridge, ...]:
    """The bridge of every month but the first, by currency, the business's own first."""
    found: list[Bridge] = []
    paid_before: set[str] = set()
    worth = [by_customer(each) for each in standing]
    currencies = list(seen(standing, books.currency))
    for index, (before, after) in enumerate(pairwise(standing)):
        paid_before |= {customer for each in worth[index].values() for customer in each}
        ends = {code: (worth[index].get(code, {}), worth[index + 1].get(code, {})) for code in currencies[index + 1]}
        both = _Moved(books, before, after, ends, paid_before)
        for currency, (starting, ending) in ends.items():
            moved = both.of(currency)
            bridge = Bridge(
                month=after.month,
                currency=currency,
                start=total(starting.values()),
                end=total(ending.values()),
                began=len(starting),
                movements=moved,
                before=before.month,
                closed=after.closed,
                estimated=before.estimated or after.estimated,
            )
            found.append(_checked(bridge))
    return tuple(found)


def figures(found: Sequence[Bridge], span: Sequence[Month]) -> Iterator[Figure]:
    """A figure for each kind of movement, month of `span` and currency. A line is a customer."""
    lines, shown = Lines(), {month.label for month in span}
    for bridge in found:
        if bridge.month.label not in shown:
            continue
        for kind in SIGNS:
            parts = (
                Exact(each.customer, "customer", each.amount, each.at) for each in bridge.movements if each.kind == kind
            )
            proof = lines.money(parts, bridge.currency)
            name = f"mrr_{kind}"
            yield figure(name, bridge.month, bridge.currency, proof, estimated=bridge.estimated, closed=bridge.closed)


def passing(books: Books, standing: Sequence[Standing]) -> tuple[Passing, ...]:
    """Who arrived and left inside one month, by month; their subscriptions are in no standing."""
    spans = [(sub, known) for sub in books.subscriptions if (known := _ended(books, sub)) is not None]
    found = []
    for before, after in pairwise(standing):
        paying = {state.customer for each in (before, after) for state in each.states if state.mrr}
        for sub, (start, end) in spans:
            customer = sub.customer or sub.key
            if before.at < start and end <= after.at and customer not in paying:
                amount = _worth(books, sub, start)
                if amount:
                    money = Money(to_decimal(amount), sub.currency)
                    found.append(
                        Passing(
                            month=after.month,
                            customer=customer,
                            subscription=sub.key,
                            amount=money,
                            start=start,
                            end=end,
                        )
                    )
    return tuple(found)


def _checked(bridge: Bridge) -> Bridge:
    moved = total(SIGNS[each.kind] * each.amount for each in bridge.movements)
    if bridge.start + moved != bridge.end:
        totals = ", ".join(f"{kind} {plain(bridge.total(kind))}" for kind in SIGNS)
        raise ValueError(
            f"MRR of {bridge.month.label} in {bridge.currency} does not add up: it began at {plain(bridge.start)}"
            f" and ended at {plain(bridge.end)}, and the movements are {totals}"
        )
    return bridge


@dataclass(frozen=True, slots=True)
class _Moved:
    """Two standings, and who had ever paid at the first or before it."""

    books: Books
    before: Standing
    after: Standing
    ends: Mapping[str, tuple[dict[str, Fraction], dict[str, Fraction]]]
    paid_before: set[str]

    def of(self, currency: str) -> tuple[Movement, ...]:
        """The movements in one currency, by customer."""
        starting, ending = self.ends[currency]
        newest: dict[str, datetime] = {}
        for state in (*self.before.states, *self.after.states):
            newest[state.customer] = max(state.created, newest.get(state.customer, state.created))
        return tuple(
            Movement(customer, kind, amount, newest[customer])
            for customer in sorted(starting.keys() | ending.keys())
            for kind, amount in self._moves(
                customer, currency, starting.get(customer, _ZERO), ending.get(customer, _ZERO)
            )
            if amount
        )

    def _moves(self, customer: str, currency: str, x: Fraction, y: Fraction) -> Iterator[tuple[Kind, Fraction]]:
        """How x became y. Changing the currency one pays in is neither leaving nor arriving, nor paying more."""
        if x and y:
            yield ("expansion", y - x) if y > x else ("contraction", x - y)
        elif y and not self._paid(customer, 0):
            yield "reactivation" if customer in self.paid_before else "new", y
        elif y:
            yield "currency_effect" if self._swapped(customer, 0) else "expansion", y
        elif self._paid(customer, 1):
            if self._swapped(customer, 1):
                yield "currency_effect", -x
            else:
                yield "contraction", x
        else:
            failed = self._failed(customer, currency)
            yield "churn_voluntary", x - failed
            yield "churn_involuntary", failed

    def _paid(self, customer: str, end: int) -> bool:
        """Whether the customer paid in any currency, at the first standing (0) or the second (1)."""
        return any(customer in both[end] for both in self.ends.values())

    def _swapped(self, customer: str, end: int) -> bool:
        """Whether a currency that the customer paid in at this end is gone at the other."""
        return any(customer in both[end] and customer not in both[1 - end] for both in self.ends.values())

    def _failed(self, customer: str, currency: str) -> Fraction:
        """What of a lost customer's MRR was lost because a payment failed."""
        lost: list[State] = [
            state for state in self.before.states if state.customer == customer and state.currency == currency
        ]
        return sum((state.mrr for state in lost if _unpaid(self.books.subscription.get(state.subscription))), _ZERO)


def _unpaid(sub: Subscription | None) -> bool:
    return sub is not None and (sub.cancellation_reason == "payment_failed" or sub.status == "unpaid")


def _ended(books: Books, sub: Subscription) -> tuple[datetime, datetime] | None:
    """From when until when it counted, where that is over."""
    known = mrr.span(sub, mrr.paid_until(sub, books.invoices_of.get(sub.key, ())))
    return (known[0], known[1]) if known is not None and known[1] is not None else None


def _worth(books: Books, sub: Subscription, t: datetime) -> Fraction:
    items = mrr.item_amounts(sub, mrr.counting(sub, t), books.kinds[sub.key])
    return sum((item.exact for item in items), _ZERO)
