"""Sales paid in parts: what was signed, and what became of each instalment. Pure.

An instalment is an invoice of the plan's subscription, at what it asks for; those to come are at what the subscription
bills today, tax included. How many there are is said by the schedule's phases, else by what people wrote, else by the
end date. Contract = sum of the instalments, never a price multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from hub.planning import instalments, mrr, overdue
from hub.planning.figures.books import Books
from hub.planning.figures.parts import Instalment, Plan
from hub.planning.instalments import Doubt, Kind
from hub.planning.objects import Invoice, Item, Phase, Price, Subscription
from hub.planning.prices import period_amount

_ZERO = Fraction(0)
_DAY = timedelta(days=1)
"""A period that would begin within a day of the end is not billed: tools set the end some seconds late."""
Coming = dict[datetime, Fraction]
"""What is billed, by the instant at which it is."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """A subscription that the OBM is to decide on once, by any of `keys`: its prices, their products, or itself."""

    subscription: str
    customer: str | None
    doubt: Doubt
    keys: tuple[str, ...]


def plans(books: Books) -> tuple[Plan, ...]:
    """Every instalment plan that began, in the order of the subscriptions."""
    begun = (sub for sub in books.subscriptions if sub.status not in {"incomplete", "incomplete_expired"})
    found = (_Maker(books, sub).plan() for sub in begun if "instalments" in books.kinds[sub.key].values())
    return tuple(plan for plan in found if plan.parts)


def to_classify(books: Books) -> tuple[Unsure, ...]:
    """What runs and cannot be told: whether it recurs, or in how many parts it is paid."""
    unknown = {plan.subscription for plan in plans(books) if not plan.known}
    found = []
    for sub in books.subscriptions:
        kinds, doubt = instalments.classify(sub, books.hints)
        if sub.status not in {"active", "past_due", "trialing"}:
            continue
        if doubt is None or "unsure" not in kinds.values():
            doubt = ("no_number", "") if sub.key in unknown else None
        if doubt is not None:
            items = [item.price for item in sub.items if item.recurring and kinds[item.id] != "recurring"]
            keys = dict.fromkeys(key for price in items for key in (price.id, price.product))
            found.append(Unsure(sub.key, sub.customer, doubt, (*keys, sub.key)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the plan of one subscription."""

    books: Books
    sub: Subscription

    @property
    def kinds(self) -> Mapping[str, Kind]:
        return self.books.kinds[self.sub.key]

    def plan(self) -> Plan:
        sub = self.sub
        coming, over = self._contract()
        ended = sub.ended_at or (sub.canceled_at if sub.status == "canceled" else None)
        early = ended is not None and (over is None or ended < over - _DAY)
        parts = self._parts(coming)
        if ended is not None:
            parts = [_gone(part, ended) if early or not part.issued else part for part in parts]
        elif sub.status == "unpaid":
            late = [part.late_from for part in parts if part.late_from is not None and part.overdue(self.books.now)]
            parts = [_gone(part, min(late, default=self.books.now)) for part in parts]
        mixed = set(self.kinds.values()) != {"instalments"}
        return Plan(
            subscription=sub.key,
            customer=sub.customer or sub.key,
            currency=sub.currency,
            parts=tuple(part for part in parts if part.amount),
            known=coming is not None,
            estimated=mixed or coming is None or sub.status == "unpaid",
        )

    def _parts(self, coming: Coming | None) -> list[Instalment]:
        """The invoices in the order in which they were made, each in the place of one that was expected; then the rest.

        An invoice that nobody expected adds to the contract when it is made.
        """
        all_made = self.books.invoices_of.get(self.sub.key, ())
        sold = min((self.sub.created, *(each.created for each in all_made)))
        made = [each for each in all_made if each.status != "draft"]
        made = [each for each in made if each.due.amount or each.created >= self._anchor]
        expected = sorted((coming or {}).items())
        parts = [
            self._issued(each, number, sold if number <= len(expected) else each.created)
            for number, each in enumerate(made, start=1)
        ]
        for number, (at, amount) in enumerate(expected[len(made) :], start=len(made) + 1):
            parts.append(_expected(self.sub.key, number, sold, at, amount))
        return parts

    def _issued(self, invoice: Invoice, number: int, signed_at: datetime) -> Instalment:
        share = self._share(invoice.created)
        amount = Fraction(invoice.due.amount)
        late = overdue.late(invoice)
        at = (invoice.finalized_at or invoice.created) if invoice.automatic else (invoice.due_at or invoice.created)
        payments = tuple((when, paid * share) for when, paid in self._payments(invoice, amount))
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
        return part if invoice.given_up_at is None else _gone(part, invoice.given_up_at)

    def _payments(self, invoice: Invoice, amount: Fraction) -> list[tuple[datetime, Fraction]]:
        """What was paid and when, never more than the invoice. What no payment tells is the invoice's own word."""
        found = sorted(
            (each.paid_at or each.at, Fraction(each.amount.amount))
            for each in self.books.payments_of.get(invoice.key, ())
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

    @property
    def _anchor(self) -> datetime:
        """When the first part is billed: after the trial, where there is one."""
        return max(self.sub.started_at, self.sub.trial_end or self.sub.started_at)

    def _contract(self) -> tuple[Coming | None, datetime | None]:
        """What is billed and when, and when that is over; None where nothing says how many parts there are."""
        schedule = self.books.hints.of(self.sub)
        if schedule is not None and instalments.ends(schedule):
            return self._of_phases(schedule.phases), max(each.end for each in schedule.phases if each.end is not None)
        coming: Coming = {}
        overs: list[datetime] = []
        for item in self._in_parts(self.sub):
            number = instalments.number(self.sub, item, self.books.hints)
            end = self.sub.cancel_at
            if number is not None:
                dates = [item.price.later(self._anchor, n) for n in range(number)]
                end = item.price.later(self._anchor, number)
            elif end is not None:
                dates = _dates(item.price, self._anchor, end)
            else:
                return None, None
            overs.append(end)
            for at in dates:
                coming[at] = coming.get(at, _ZERO) + _billed(self.sub, at)[item.id]
        return coming, max(overs)

    def _of_phases(self, phases: Sequence[Phase]) -> Coming:
        coming: Coming = {}
        for position, phase in enumerate(phases):
            sub = self._in_phase(phase)
            start = max(phase.start, self._anchor) if position == 0 else phase.start
            for item in self._in_parts(sub):
                for at in _dates(item.price, start, phase.end or start):
                    coming[at] = coming.get(at, _ZERO) + _billed(sub, at)[item.id]
        return coming

    def _in_phase(self, phase: Phase) -> Subscription:
        """The subscription as it is in a phase; as it is now where the mirror does not know the phase's prices."""
        if not phase.items or any(price not in self.books.prices for price, _ in phase.items):
            return self.sub
        now = {item.price.id: item for item in self.sub.items}
        tax = next((item.tax_percent for item in self.sub.items), None)
        items = [
            Item(
                id=now[price].id if price in now else price,
                quantity=quantity,
                price=self.books.prices[price],
                period_start=phase.start,
                discounts=now[price].discounts if price in now else (),
                tax_percent=now[price].tax_percent if price in now else tax,
            )
            for price, quantity in phase.items
        ]
        return replace(self.sub, items=tuple(items))

    def _in_parts(self, sub: Subscription) -> list[Item]:
        return [
            item for item in sub.items if item.recurring and self.kinds.get(item.id, "instalments") == "instalments"
        ]

    def _share(self, at: datetime) -> Fraction:
        """How much of an invoice is the plan's: all of it, unless items that recur are on it as well."""
        billed = _billed(self.sub, at)
        whole = sum(billed.values(), _ZERO)
        ours = sum((billed[item.id] for item in self._in_parts(self.sub)), _ZERO)
        return ours / whole if whole else Fraction(1)


def _expected(subscription: str, number: int, sold: datetime, at: datetime, amount: Fraction) -> Instalment:
    return Instalment(
        id=subscription,
        issued=False,
        position=number,
        signed_at=sold,
        due_at=at,
        amount=amount,
        payments=(),
        late_from=at + _DAY,
        gone_at=None,
    )


def _gone(part: Instalment, at: datetime) -> Instalment:
    """Given up from then on, unless it was before; nothing is before it was sold."""
    return replace(part, gone_at=max(part.signed_at, at if part.gone_at is None else min(at, part.gone_at)))


def _dates(price: Price, start: datetime, end: datetime) -> list[datetime]:
    """When a price is billed between two instants: at the start, then each period."""
    found, n = [start], 1
    while (at := price.later(start, n)) < end - _DAY:
        found.append(at)
        n += 1
    return found


def _billed(sub: Subscription, at: datetime) -> dict[str, Fraction]:
    """What the period that begins then costs, tax included, by item."""
    which = tuple(
        tuple(
            not each.once and each.start <= at and (each.end is None or at < each.end)
            for each in (*item.discounts, *sub.discounts)
        )
        for item in sub.items
        if item.recurring
    )
    return {item.id: _taxed(item, amount) for item, amount in mrr.period_amounts(sub, which, _asked)}


def _asked(item: Item) -> Fraction:
    return period_amount(item.price, item.quantity) or _ZERO


def _taxed(item: Item, amount: Fraction) -> Fraction:
    return amount if item.price.inclusive or item.tax_percent is None else amount * (1 + item.tax_percent / 100)
