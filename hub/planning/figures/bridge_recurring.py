"""What other tools count otherwise of what is contracted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from hub.planning import mrr
from hub.planning.calendar import Month
from hub.planning.figure import Figure
from hub.planning.figures.books import Books
from hub.planning.figures.bridge_causes import Cause, Name, utc
from hub.planning.figures.lines import Exact, Lines
from hub.planning.figures.states import State, states_at
from hub.planning.objects import Discount, Item, Subscription

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Recurring:
    """The causes of a figure of what is contracted, at the last instant of a closed month or now."""

    books: Books
    figure: Figure
    when: Month
    times: int

    def causes(self) -> Iterator[Cause]:
        states = {state.subscription: state for state in states_at(self.books, self._at)}
        mine = [state for state in states.values() if state.currency == self.figure.currency]
        yield from self._left_out()
        yield self._cause("trials", ((each, each.amount) for each in mine if each.mode == "trial"))
        yield self._unpaid(states)
        yield self._cause("paused", ((each, each.amount) for each in mine if each.mode == "paused"))
        counted = [each for each in mine if each.mode == "counted"]
        yield self._cause("ending", ((each, -each.amount) for each in counted if each.ending))
        yield self._cause("once", ((each, -self._once(each)) for each in counted))
        yield self._cause("tax", ((each, self._tax(each)) for each in counted))
        yield self._time_zone(mine)

    @property
    def _at(self) -> datetime:
        return min(self.when.last, self.books.now)

    def _cause(self, name: Name, parts: Iterable[tuple[State | Subscription, Fraction]]) -> Cause:
        exact = (
            Exact(
                part.subscription if isinstance(part, State) else part.key,
                "subscription",
                amount * self.times,
                part.created,
            )
            for part, amount in parts
        )
        lines = Lines().money(exact, self.figure.currency)
        return Cause(name=name, lines=lines, currency=self.figure.currency)

    def _ours(self) -> list[Subscription]:
        return [each for each in self.books.subscriptions if each.currency == self.figure.currency]

    def _left_out(self) -> Iterator[Cause]:
        """What is paid in parts, and what nobody can tell, as if it were recurring."""
        instalments: list[tuple[State | Subscription, Fraction]] = []
        unsure: list[tuple[State | Subscription, Fraction]] = []
        for sub in self._ours():
            if not self._runs(sub):
                continue
            kinds = self.books.kinds[sub.key]
            for item in mrr.item_amounts(sub, mrr.counting(sub, self._at)):
                kind = kinds.get(item.item)
                if kind in {"instalments", "unsure"}:
                    (instalments if kind == "instalments" else unsure).append((sub, item.exact))
        yield self._cause("instalments", instalments)
        yield self._cause("to_classify", unsure)

    def _runs(self, sub: Subscription) -> bool:
        if self.when.end > self.books.now:
            return mrr.counts_now(sub, self.books.now)
        invoices = self.books.invoices_of.get(sub.key, ())
        return mrr.counted(sub, self._at, mrr.paid_until(sub, invoices))

    def _unpaid(self, states: Mapping[str, State]) -> Cause:
        """Those that are given up for unpaid and still there. Since when, nobody tells: of now, and never twice."""
        amounts = []
        for sub in self._ours():
            running = sub.started_at <= self._at and (sub.ended_at is None or sub.ended_at > self._at)
            if sub.status == "unpaid" and running and sub.key not in states:
                items = mrr.item_amounts(sub, mrr.counting(sub, self._at), self.books.kinds[sub.key])
                amounts.append((sub, sum((item.exact for item in items), _ZERO)))
        return self._cause("unpaid", amounts)

    def _once(self, state: State) -> Fraction:
        """What discounts of one invoice take off the period that they were given in."""
        sub = self.books.subscription.get(state.subscription)
        if sub is None:
            return _ZERO
        usual, kinds = mrr.counting(sub, self._at), self.books.kinds[sub.key]
        items = (item for item in sub.items if item.recurring)
        more = tuple(
            tuple(
                flag or self._given(discount, item)
                for flag, discount in zip(flags, (*item.discounts, *sub.discounts), strict=True)
            )
            for flags, item in zip(usual, items, strict=True)
        )
        amounts = [sum((item.exact for item in mrr.item_amounts(sub, each, kinds)), _ZERO) for each in (usual, more)]
        return amounts[0] - amounts[1]

    def _given(self, discount: Discount, item: Item) -> bool:
        """Whether its one invoice was that of the period that runs."""
        end = discount.end or item.price.later(discount.start, 1)
        return discount.once and discount.start <= self._at < end

    def _tax(self, state: State) -> Fraction:
        """The tax on what an item is worth, inside its price or on top of it: the same share of it."""
        sub = self.books.subscription.get(state.subscription)
        if sub is None:
            return _ZERO
        percents = {item.id: item.tax_percent or _ZERO for item in sub.items}
        items = mrr.item_amounts(sub, mrr.counting(sub, self._at), self.books.kinds[sub.key])
        return sum((item.exact * percents[item.item] / 100 for item in items), _ZERO)

    def _time_zone(self, mine: Sequence[State]) -> Cause:
        """What was another at the end of the same month of UTC, where both months are over."""
        there_is = utc(self.when)
        if max(there_is.end, self.when.end) > self.books.now:
            return self._cause("time_zone", ())
        there = {each.subscription: each for each in states_at(self.books, there_is.last)}
        here = {each.subscription: each for each in mine}
        parts: list[tuple[State | Subscription, Fraction]] = []
        for key in sorted(here.keys() | there.keys()):
            one, other = here.get(key), there.get(key)
            state = other or one
            if state is not None and state.currency == self.figure.currency:
                parts.append((state, (other.mrr if other else _ZERO) - (one.mrr if one else _ZERO)))
        return self._cause("time_zone", parts)
