"""Rates and ratios of recurring revenue, from the figures that they divide. Pure.

A line stands for another figure, whose own lines prove it. What has nothing to divide by has no value: never 0 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from hub.core.money import Money
from hub.planning.calendar import Month
from hub.planning.figure import Figure, Part, ProofLine
from hub.planning.figures.lines import ONE, figure, plain, stands_for
from hub.planning.figures.movements import Bridge
from hub.planning.prices import PLACES, to_decimal

SMALL = 20
"""With fewer customers nothing is said of what one is worth."""
MONTHS = (3, 6)
"""The fewest and the most closed months whose churn makes a mean."""
_LOST = ("mrr_contraction", "mrr_churn_voluntary", "mrr_churn_involuntary")
_KEPT = ("mrr_reactivation", "mrr_expansion")


def figures(bridges: Sequence[Bridge], found: Iterable[Figure], span: Sequence[Month]) -> Iterator[Figure]:
    """Every ratio, by month of `span` and currency. `found`: the figures of `states` and `movements`."""
    known = {each.key: each for each in found}
    shown = {month.label for month in span}
    churn: dict[str, list[tuple[Bridge, Fraction]]] = {}
    for bridge in bridges:
        if bridge.month.label not in shown:
            continue
        if bridge.closed and bridge.began:
            rate = Fraction(len(_gone(bridge)), bridge.began)
            churn.setdefault(bridge.currency, []).append((bridge, rate))
        yield from _of(_Month(bridge, known), churn.get(bridge.currency, [])[-MONTHS[1] :])


def _of(month: _Month, churn: Sequence[tuple[Bridge, Fraction]]) -> Iterator[Figure]:
    start, mrr = month.start, month.line
    yield month.figure("arr", mrr("mrr", "", 12), state=True)
    yield month.figure("arpa", (*mrr("mrr", "of"), *mrr("customers", "per")), state=True)
    guessed = any(bridge.estimated for bridge, _ in churn)
    yield month.figure("ltv", _lifetime(month, churn), state=True, guessed=guessed)
    yield month.figure("churn_rate", (*_gone(month.bridge), *month.began))
    lost, kept = month.lines(_LOST, "of"), month.lines(_KEPT, "of")
    yield month.figure("mrr_churn_gross", (*lost, *start("per")))
    yield month.figure("mrr_churn_net", (*lost, *month.lines(_KEPT, "of", -1), *start("per")))
    yield month.figure("retention_net", (*start("of"), *kept, *month.lines(_LOST, "of", -1), *start("per")))
    gains = (*mrr("mrr_new", "of"), *kept)
    yield month.figure("quick_ratio", (*gains, *month.lines(_LOST, "per")))
    yield month.figure("mrr_growth", (*mrr("mrr", "of"), *start("of", -1), *start("per")))


class _Month:
    """The figures of one month and currency, as lines of others."""

    def __init__(self, bridge: Bridge, known: Mapping[str, Figure]) -> None:
        self.bridge = bridge
        self._known = known

    def of(self, name: str) -> Figure:
        return self._known[f"{name}/{self.bridge.month.label}/{self.bridge.currency}"]

    def line(self, name: str, part: Part, times: int = 1) -> tuple[ProofLine, ...]:
        of = self.of(name)
        return stands_for(of, of.counted_at or self.bridge.before.last, part, times)

    def lines(self, names: Iterable[str], part: Part, times: int = 1) -> tuple[ProofLine, ...]:
        return tuple(line for name in names for line in self.line(name, part, times))

    def start(self, part: Part, times: int = 1) -> tuple[ProofLine, ...]:
        """MRR of the month before; the note is how many customers it was."""
        bridge = self.bridge
        amount = Money(to_decimal(bridge.start) * times, bridge.currency)
        key = f"mrr/{bridge.before.label}/{bridge.currency}"
        return (ProofLine(key, "figure", amount, bridge.before.last, str(bridge.began), part),)

    @property
    def began(self) -> tuple[ProofLine, ...]:
        bridge = self.bridge
        key = f"customers/{bridge.before.label}/{bridge.currency}"
        return (ProofLine(key, "figure", ONE * bridge.began, bridge.before.last, "", "per"),)

    def figure(self, name: str, lines: tuple[ProofLine, ...], *, state: bool = False, guessed: bool = False) -> Figure:
        """A state is as sure as the standing it is of; a movement needs the one before as well."""
        bridge = self.bridge
        estimated = guessed or (self.of("mrr").estimated if state else bridge.estimated)
        return figure(name, bridge.month, bridge.currency, lines, estimated=estimated, closed=bridge.closed)


def _gone(bridge: Bridge) -> tuple[ProofLine, ...]:
    """The customers who left."""
    gone = {each.customer: each.at for each in bridge.movements if each.kind.startswith("churn")}
    return tuple(ProofLine(customer, "customer", ONE, at, "", "of") for customer, at in gone.items())


def _lifetime(month: _Month, churn: Sequence[tuple[Bridge, Fraction]]) -> tuple[ProofLine, ...]:
    """MRR over the customers that leave in a mean month: ARPA over mean churn. Nothing where too little is known."""
    customers = month.of("customers").value
    if not isinstance(customers, Decimal) or customers < SMALL or len(churn) < MONTHS[0]:
        return ()
    mean = sum((rate for _, rate in churn), Fraction(0)) / len(churn)
    first, last = churn[0][0].month, churn[-1][0].month
    key = f"churn_rate/{first.label}..{last.label}/{month.bridge.currency}"
    note = f"{customers} × {plain(100 * mean)} %"
    # With twice the decimals, so that what it divides comes out right to the last of the usual ones.
    number = to_decimal(Fraction(customers) * mean * 10**PLACES).scaleb(-PLACES)
    leaving = ProofLine(key, "figure", number, last.last, note, "per")
    return (*month.line("mrr", "of"), leaving)
