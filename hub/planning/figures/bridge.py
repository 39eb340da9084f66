"""Why another tool says another number: from our figure to theirs, cause by cause (DOMAIN 1.11). Pure.

Each cause is counted from the books with its own lines: what would be added to our figure, or taken off it, if that one
thing were counted as other tools do. Which of them a tool does is its own secret; so those causes are taken that make
the difference to the cent together, the fewest first. Where none do, those are taken that Stripe's own page is known
for, and what is left stays unexplained: ours + taken causes + unexplained = theirs, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from hub.core.money import Money
from hub.planning.calendar import Month, month
from hub.planning.figure import Figure
from hub.planning.figures.books import Books
from hub.planning.figures.bridge_cash import PARTS, Cash
from hub.planning.figures.bridge_causes import Cause, Name
from hub.planning.figures.bridge_recurring import Recurring
from hub.planning.figures.cash import cash
from hub.planning.figures.currencies import Rates, total
from hub.planning.figures.lines import Exact, Lines, figure
from hub.planning.figures.rules import Rules
from hub.planning.figures.states import states_at

STRIPES: frozenset[Name] = frozenset({"instalments", "to_classify", "ending", "time_zone"})
"""What Stripe's own MRR does otherwise: it knows no plans that end, and what is cancelled leaves at once. And what
a tool does that knows no time zone."""
RECURRING: Mapping[str, int] = {"mrr": 1, "arr": 12}
SUPPORTED = (*RECURRING, *PARTS)
_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """From ours to theirs. `exact`: the causes that are taken make the difference to the cent.

    `unknown`: currencies that no rate converts, which theirs may hold.
    """

    figure: Figure
    ours: Money
    theirs: Money
    causes: tuple[Cause, ...]
    unknown: tuple[str, ...] = ()

    @property
    def difference(self) -> Money:
        return self.theirs - self.ours

    @property
    def explained(self) -> Money:
        found = (cause.amount.amount for cause in self.causes if cause.taken)
        return Money(sum(found, Decimal(0)), self.ours.currency)

    @property
    def unexplained(self) -> Money:
        """What is left, to the last digit."""
        return self.difference - self.explained

    @property
    def exact(self) -> bool:
        return abs(self.unexplained.amount) <= _CENT


def bridge(ours: Figure, theirs: Money, books: Books, rules: Rules, rates: Rates) -> Bridge:
    """The way from our figure of a month to theirs. ValueError for a figure that no cause is known for."""
    if ours.figure not in SUPPORTED or not isinstance(ours.value, Money):
        raise ValueError(f"No other way of counting {ours.figure} is known; there are: {', '.join(SUPPORTED)}")
    if theirs.currency != ours.currency:
        raise ValueError(f"{theirs} is in another currency than {ours.key}: the two are never compared")
    when = month(int(ours.period[:4]), int(ours.period[5:]), books.zone)
    if ours.figure in RECURRING:
        found = Recurring(books, ours, when, RECURRING[ours.figure]).causes()
    else:
        found = Cash(books, ours, when, rules).causes()
    converted, unknown = _currencies(ours, books, rules, rates, when)
    causes = [cause for cause in (*found, converted) if cause.amount.amount]
    gap = (theirs - ours.value).amount
    taken = frozenset() if abs(gap) <= _CENT else _fitting(causes, gap)
    if taken is None:
        taken = STRIPES
    return Bridge(
        figure=ours,
        ours=ours.value,
        theirs=theirs,
        causes=tuple(replace(cause, taken=cause.name in taken) for cause in causes),
        unknown=unknown,
    )


def _fitting(causes: Sequence[Cause], gap: Decimal) -> frozenset[Name] | None:
    """The fewest causes that make the difference to the cent; of as many, those that come first. None: none do."""
    for size in range(1, len(causes) + 1):
        for some in combinations(causes, size):
            if abs(gap - sum((cause.amount.amount for cause in some), Decimal(0))) <= _CENT:
                return frozenset(cause.name for cause in some)
    return None


def _currencies(ours: Figure, books: Books, rules: Rules, rates: Rates, when: Month) -> tuple[Cause, tuple[str, ...]]:
    """The same figure in the other currencies, at the rate of the month's last day, or today's; and those without."""
    day = min(when.last, books.now).astimezone(books.zone).date()
    others = [each for each in _everywhere(ours, books, rules, when) if each.currency != ours.currency]
    if not others:
        return Cause(name="currency", lines=(), currency=ours.currency), ()
    found = total(others, ours.currency, rates, day)
    return Cause(name="currency", lines=found.lines, currency=ours.currency), found.missing


def _everywhere(ours: Figure, books: Books, rules: Rules, when: Month) -> Iterator[Figure]:
    if ours.figure in PARTS:
        yield from (each for each in cash(books, rules, (when,)) if each.figure == ours.figure)
        return
    by_currency: dict[str, list[Exact]] = {}
    for state in states_at(books, min(when.last, books.now)):
        amount = state.mrr * RECURRING[ours.figure]
        by_currency.setdefault(state.currency, []).append(
            Exact(state.subscription, "subscription", amount, state.created)
        )
    for code, parts in sorted(by_currency.items()):
        yield figure(ours.figure, when, code, Lines().money(parts, code), estimated=False, closed=False)
