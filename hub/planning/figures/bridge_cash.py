"""What other tools count otherwise of what moved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import CASH, Figure, ProofLine
from hub.planning.figures.books import Books
from hub.planning.figures.bridge_causes import Cause, Name, utc
from hub.planning.figures.cash import cash
from hub.planning.figures.lines import figure
from hub.planning.figures.names import FIGURES
from hub.planning.figures.rules import Rules
from hub.planning.figures.tax import without_tax

PARTS: Mapping[str, frozenset[Name]] = {
    "gross_volume": frozenset(),
    "cash_in": frozenset({"refunds", "disputes", "late_failures"}),
    "cash_in_net": frozenset({"refunds", "disputes", "late_failures"}),
    "net_volume": frozenset({"refunds", "disputes", "late_failures", "fees", "other_movements"}),
}
"""What each figure of cash takes off the payments; other movements are added."""


@dataclass(frozen=True, slots=True)
class Cash:
    """The causes of a figure of what moved in a month."""

    books: Books
    figure: Figure
    when: Month
    rules: Rules

    def causes(self) -> Iterator[Cause]:
        found = _moved(self.books, self.rules, self.when, self.figure.currency)
        taken_off = PARTS[self.figure.figure]
        parts: tuple[Name, ...] = ("refunds", "disputes", "late_failures", "fees", "other_movements")
        for name in parts:
            inside = name in taken_off
            # Other movements are added where they count, everything else is taken off.
            plus = inside != (name == "other_movements")
            yield self._cause(name, (line if plus else _minus(line) for line in found[name].lines))
        yield self._tax()
        yield self._cause("outside", found["paid_outside"].lines)
        yield self._time_zone()

    def _cause(self, name: Name, lines: Iterable[ProofLine]) -> Cause:
        return Cause(name=name, lines=tuple(lines), currency=self.figure.currency)

    def _tax(self) -> Cause:
        """The tax in what moved: on top of a figure without it, off a figure with it. None where nobody knows it."""
        wanted = {"charge"} if self.figure.figure == "gross_volume" else CASH
        here = [
            each
            for each in self.books.within(self.when)
            if each.amount.currency == self.figure.currency and each.category in wanted
        ]
        net = without_tax(self.books, self.rules, here, self.figure.currency)
        if net is None:
            return self._cause("tax", ())
        less = {line.id: line.number for line in net[0]}
        sign = 1 if self.figure.figure == "cash_in_net" else -1
        lines = []
        for each in here:
            tax = each.amount.amount - less.get(each.key, Decimal(0))
            if tax:
                amount = Money(sign * tax, self.figure.currency)
                lines.append(ProofLine(each.key, each.category, amount, each.at, each.note))
        return self._cause("tax", lines)

    def _time_zone(self) -> Cause:
        """What belongs to the same month of UTC and not to ours, less what belongs to ours alone."""
        there = _moved(self.books, self.rules, utc(self.when), self.figure.currency)[self.figure.figure].lines
        here = _moved(self.books, self.rules, self.when, self.figure.currency)[self.figure.figure].lines
        ours, theirs = {line.id for line in here}, {line.id for line in there}
        lines = [line for line in there if line.id not in ours]
        return self._cause("time_zone", (*lines, *(_minus(line) for line in here if line.id not in theirs)))


def _moved(books: Books, rules: Rules, when: Month, currency: str) -> dict[str, Figure]:
    """The cash figures of a month in one currency, by name; those that are not there have no lines."""
    found = {each.figure: each for each in cash(books, rules, (when,)) if each.currency == currency}
    empty = {name: figure(name, when, currency, (), estimated=False, closed=False) for name in FIGURES}
    return empty | found


def _minus(line: ProofLine) -> ProofLine:
    if not isinstance(line.amount, Money):
        raise TypeError(f"{line.id} is no money")
    return replace(line, amount=-line.amount)
