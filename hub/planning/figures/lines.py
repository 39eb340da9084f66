"""Figures made of proof lines, and proof lines made of exact amounts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import Figure, Part, ProofLine, tally, worth
from hub.planning.figures.names import FIGURES
from hub.planning.prices import FINE, to_decimal

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Exact:
    """A line before its amount became a decimal."""

    id: str
    what: str
    amount: Fraction
    at: datetime
    note: str = ""


@dataclass(slots=True)
class Lines:
    """Makes lines of exact amounts. The same line of two months is one object: most subscriptions do not change."""

    kept: dict[tuple[str, str, str, Decimal, str, Part], ProofLine] = field(default_factory=dict)

    def money(self, parts: Iterable[Exact], currency: str, part: Part = "") -> tuple[ProofLine, ...]:
        """A line for each amount that is not zero, with decimals enough for the exact sum, rounded once."""
        made: list[ProofLine] = []
        for each in parts:
            if not each.amount:
                continue
            own = to_decimal(each.amount, FINE)
            key = (each.id, each.what, currency, own, each.note, part)
            if key not in self.kept:
                self.kept[key] = ProofLine(each.id, each.what, Money(own, currency), each.at, each.note, part)
            made.append(self.kept[key])
        return tuple(made)


def total(amounts: Iterable[Fraction]) -> Fraction:
    """The exact sum, as `sum` gives it, but adding whole numbers where denominators are the same."""
    found: dict[int, int] = {}
    for each in amounts:
        found[each.denominator] = found.get(each.denominator, 0) + each.numerator
    return sum((Fraction(number, by) for by, number in found.items()), Fraction(0))


def figure(
    name: str, month: Month, currency: str, lines: tuple[ProofLine, ...], *, estimated: bool, closed: bool
) -> Figure:
    """The figure that these lines prove."""
    unit = FIGURES[name].unit
    tallied = tally(unit, lines, currency)
    return Figure(
        figure=name,
        period=month.label,
        currency=currency,
        value=worth(unit, tallied, currency),
        unit=unit,
        lines=lines,
        estimated=estimated,
        closed=closed,
        tallied=tallied,
    )


def stands_for(of: Figure, at: datetime, part: Part, times: int = 1) -> tuple[ProofLine, ...]:
    """A line for another figure, whose own lines prove it; none where that one has no value."""
    if of.value is None:
        return ()
    return (ProofLine(of.key, "figure", of.value * times, at, "", part),)


def plain(exact: Fraction) -> str:
    """The amount in digits, for messages."""
    return f"{to_decimal(exact).normalize():f}"
