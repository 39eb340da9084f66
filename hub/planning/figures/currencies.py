"""Reference rates of the European Central Bank, and one total for show where a business has several currencies. Pure.

The rates file is the bank's own eurofxref-hist.csv (https://www.ecb.europa.eu/stats/eurofxref/): one line a day, newest
first or not, units of each currency for one euro, N/A or nothing where none was published. Figures never add two
currencies; only this total does, it says of which day its rates are, and it is missing when a rate is.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from hub.core.money import Money
from hub.planning.figure import Figure, ProofLine, added
from hub.planning.figures.lines import Exact, Lines
from hub.planning.prices import to_decimal

_EURO = "EUR"
_NOTHING = {"", "N/A"}


@dataclass(frozen=True, slots=True)
class Rates:
    """Published rates: for each day, oldest first, units of each currency for one euro."""

    days: tuple[date, ...]
    rows: tuple[Mapping[str, Decimal], ...]

    def pair(self, of: str, to: str, day: date) -> tuple[date, Fraction] | None:
        """What one unit of `of` is worth in `to`: of the last day until `day` on which both were published."""
        for place in range(bisect_right(self.days, day) - 1, -1, -1):
            one, other = (self._of(place, code) for code in (of, to))
            if one is not None and other is not None:
                return self.days[place], Fraction(other) / Fraction(one)
        return None

    def _of(self, place: int, code: str) -> Decimal | None:
        return Decimal(1) if code == _EURO else self.rows[place].get(code)


NO_RATES = Rates((), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One figure of one period in several currencies, shown in one.

    `value`: None when a currency has no rate (`missing`). `on`: the oldest day whose rates were used; None when none
    was needed. The lines, one a currency, add up to the value exactly, and say what they were before.
    """

    figure: str
    period: str
    currency: str
    value: Money | None
    on: date | None
    missing: tuple[str, ...]
    lines: tuple[ProofLine, ...]


def read_rates(text: str, currencies: Iterable[str] | None = None) -> Rates:
    """The rates of eurofxref-hist.csv, of these currencies only (None: all). ValueError that names the line."""
    rows = csv.reader(text.lstrip("\ufeff").splitlines())
    head = [name.strip() for name in next(rows, [])]
    if not head or head[0] != "Date":
        raise ValueError("The rates file does not begin with a line of Date and currencies, like eurofxref-hist.csv")
    wanted = {place: code for place, code in enumerate(head) if place and code and _wanted(code, currencies)}
    found: dict[date, dict[str, Decimal]] = {}
    for row in rows:
        if row:
            try:
                found[date.fromisoformat(row[0].strip())] = _row(row, wanted)
            except (ValueError, InvalidOperation) as error:
                raise ValueError(
                    f"Line {rows.line_num} of the rates file cannot be read: {','.join(row)[:80]}"
                ) from error
    days = tuple(sorted(found))
    return Rates(days, tuple(found[day] for day in days))


def total(figures: Iterable[Figure], to: str, rates: Rates, day: date) -> Total:
    """The same figure of one period in every currency, as one total in `to` at the rates of `day`.

    For a closed month `day` is its last day, else today. Only money is added, never rates or counts. ValueError when
    the figures are not of one name and period.
    """
    given = [(each, each.value) for each in figures if isinstance(each.value, Money) and each.unit == "money"]
    if len({(each.figure, each.period) for each, _ in given}) != 1:
        raise ValueError("A total is of one figure of money in one period")
    exact: list[tuple[Figure, Money, Fraction, date | None]] = []
    for each, worth in given:
        if worth.currency == to:
            exact.append((each, worth, Fraction(1), None))
        elif worth.amount and (known := rates.pair(worth.currency, to, day)) is not None:
            exact.append((each, worth, known[1], known[0]))
    missing = {worth.currency for _, worth in given if worth.amount} - {worth.currency for _, worth, _, _ in exact}
    lines = _lines(exact, to, day)
    return Total(
        figure=given[0][0].figure,
        period=given[0][0].period,
        currency=to,
        value=None if missing else Money(added(lines), to),
        on=min((on for *_, on in exact if on is not None), default=None),
        missing=tuple(sorted(missing)),
        lines=lines,
    )


def with_effect(effect: Total, mrr: Iterable[Figure], rates: Rates, begun: date, ended: date) -> Total:
    """A total of the currency effect with what the rates did to recurring revenue between two days.

    `mrr`: at the later one, in every currency. What has no rate on both days is missing.
    """
    parts, days, missing = [], [effect.on], set(effect.missing)
    for each in mrr:
        worth = each.value
        if not isinstance(worth, Money) or worth.currency == effect.currency or not worth.amount:
            continue
        pairs = [rates.pair(worth.currency, effect.currency, day) for day in (begun, ended)]
        if pairs[0] is None or pairs[1] is None:
            missing.add(worth.currency)
            continue
        (then, before), (on, now) = pairs[0], pairs[1]
        note = f"{worth} × ({_rate(now)} ({on}) − {_rate(before)} ({then}))"
        at = datetime.combine(on, time.min, UTC)
        parts.append(Exact(each.key, "figure", Fraction(worth.amount) * (now - before), at, note))
        days.append(then)
    lines = (*effect.lines, *Lines().money(parts, effect.currency))
    return replace(
        effect,
        value=None if missing else Money(added(lines), effect.currency),
        on=min((day for day in days if day is not None), default=None),
        missing=tuple(sorted(missing)),
        lines=lines,
    )


def _lines(exact: Iterable[tuple[Figure, Money, Fraction, date | None]], to: str, day: date) -> tuple[ProofLine, ...]:
    parts = []
    for each, worth, rate, on in exact:
        note = str(worth) if on is None else f"{worth} × {_rate(rate)} ({on})"
        at = datetime.combine(on or day, time.min, UTC)
        parts.append(Exact(each.key, "figure", Fraction(worth.amount) * rate, at, note))
    return Lines().money(parts, to)


def _rate(rate: Fraction) -> str:
    return f"{to_decimal(rate).normalize():f}"


def _wanted(code: str, currencies: Iterable[str] | None) -> bool:
    return currencies is None or code in currencies


def _row(row: list[str], wanted: Mapping[int, str]) -> dict[str, Decimal]:
    found = {}
    for place, code in wanted.items():
        text = row[place].strip() if place < len(row) else ""
        if text not in _NOTHING:
            rate = Decimal(text)
            if not rate.is_finite() or rate <= 0:
                raise ValueError(text)
            found[code] = rate
    return found
