"""Sales paid in parts: what was signed, and what became of each instalment. Pure.

An instalment is an invoice of the plan's subscription, at what it asks for; those to come are at what the subscription
bills today, tax included. How many there are is said by the schedule's phases, else by what people wrote, else by the
end date. Contract = sum of the instalments, never a price multiplied.

Without a subscription the instalments are the invoices of one sale (`separate`), drafts with a due date among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from hub.planning import instalments, mrr
from hub.planning.figures.books import Books
from hub.planning.figures.issued import DAY, expected, gone, issued
from hub.planning.figures.parts import Instalment, Plan
from hub.planning.figures.separate import Series
from hub.planning.instalments import Doubt, Kind
from hub.planning.objects import Item, Phase, Price, Subscription
from hub.planning.prices import period_amount

_ZERO = Fraction(0)
Coming = dict[datetime, Fraction]
"""What is billed, by the instant at which it is."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """What the OBM is to decide on once, by any of `keys`: a subscription, or several invoices by their first one.

    `keys`: its prices, their products, or itself.
    """

    key: str
    customer: str | None
    doubt: Doubt
    keys: tuple[str, ...]


def plans(books: Books) -> tuple[Plan, ...]:
    """Every instalment plan that began: in the order of the subscriptions, then of those in separate invoices."""
    begun = (sub for sub in books.subscriptions if sub.status not in {"incomplete", "incomplete_expired"})
    found = (_Maker(books, sub).plan() for sub in begun if "instalments" in books.kinds[sub.key].values())
    in_invoices = (_of_series(books, each) for each in books.series if each.kind == "instalments")
    return tuple(plan for plan in (*found, *in_invoices) if plan.parts)


def to_classify(books: Books) -> tuple[Unsure, ...]:
    """What cannot be told: whether it recurs, in how many parts it is paid, whether invoices are one sale.

    Of subscriptions only those that run.
    """
    unknown = {plan.key for plan in plans(books) if not plan.known}
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
    for each in books.series:
        if each.kind == "unsure":
            number = str(len(each.invoices))
            found.append(Unsure(each.key, each.customer, ("separate", number), each.keys))
        elif not each.whole and not each.numbered:
            found.append(Unsure(each.key, each.customer, ("no_number", ""), each.keys))
    return tuple(found)


def _of_series(books: Books, series: Series) -> Plan:
    """Its invoices; drafts are still to come, and those without a due date ask for nothing yet."""
    sold = min(each.created for each in series.invoices)
    parts: list[Instalment] = []
    for each in series.invoices:
        at = sold if series.whole else each.created
        if each.status != "draft":
            parts.append(issued(books, each, len(parts) + 1, at, Fraction(1)))
        elif each.due_at is not None:
            draft = expected(each.key, len(parts) + 1, at, each.due_at, Fraction(each.due.amount))
            parts.append(replace(draft, late_from=None))
    return Plan(
        key=series.key,
        what="invoice",
        customer=series.customer,
        currency=series.invoices[0].due.currency,
        parts=tuple(parts),
        known=series.whole,
        estimated=not series.whole,
    )


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
        early = ended is not None and (over is None or ended < over - DAY)
        parts = self._parts(coming)
        if ended is not None:
            parts = [gone(part, ended) if early or not part.issued else part for part in parts]
        elif sub.status == "unpaid":
            late = [part.late_from for part in parts if part.late_from is not None and part.overdue(self.books.now)]
            parts = [gone(part, min(late, default=self.books.now)) for part in parts]
        mixed = set(self.kinds.values()) != {"instalments"}
        return Plan(
            key=sub.key,
            what="subscription",
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
        agreed = sorted((coming or {}).items())
        parts = [
            issued(self.books, each, number, sold if number <= len(agreed) else each.created, self._share(each.created))
            for number, each in enumerate(made, start=1)
        ]
        for number, (at, amount) in enumerate(agreed[len(made) :], start=len(made) + 1):
            parts.append(expected(self.sub.key, number, sold, at, amount))
        return parts

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


def _dates(price: Price, start: datetime, end: datetime) -> list[datetime]:
    """When a price is billed between two instants: at the start, then each period."""
    found, n = [start], 1
    while (at := price.later(start, n)) < end - DAY:
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
