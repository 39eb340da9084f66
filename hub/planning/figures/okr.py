"""Objectives and key results: how far each is, and whether that is far enough for the day. Pure.

Progress is (now - start) / (target - start), which also holds where lower is better; expected is the elapsed share of
the quarter, by whole local days. At least 90 % of what is expected is on track, at least 60 % at risk, less off track.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from hub.mapping.steering import KeyResult, Objective
from hub.planning.figures.names import FIGURES

Standing: TypeAlias = Literal["on_track", "at_risk", "off_track", "too_early", "unknown", "reached", "missed"]
SILENT_DAYS = 10
"""So long may a key result that is entered by hand go without an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody said of a key result, on which day."""

    day: date
    value: Decimal
    by: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a key result stands. `value`: None where nothing says. `share`: of the way, 1 is all of it.

    `expected`: the share of the way that the day asks for. `silent`: days without an entry, where that is too many.
    """

    result: KeyResult
    value: Decimal | None
    share: Fraction | None
    expected: Fraction
    standing: Standing
    silent: int | None = None
    said_on: date | None = None


def quarter_of(label: str) -> tuple[date, date]:
    """The first day of the quarter `2026-Q4`, and the first day after it."""
    year, number = int(label[:4]), int(label[-1])
    after = (year + 1, 1) if number == 4 else (year, 3 * number + 1)
    return date(year, 3 * number - 2, 1), date(*after, 1)


def elapsed(label: str, today: date) -> Fraction:
    """The share of the quarter's days that lie before `today`: 0 on its first day, 1 after its last."""
    first, after = quarter_of(label)
    return Fraction(min(max((today - first).days, 0), (after - first).days), (after - first).days)


def values_of(counted: Mapping[tuple[str, str], Decimal | None], label: str, today: date) -> dict[str, Decimal | None]:
    """What each figure is in the quarter on that day. `counted`: (figure, month) -> its value in the home currency.

    Amounts and numbers of what happens are added over the quarter's months until now; what there is, and rates, are
    those of the newest of its months. A figure of none of its months has no value.
    """
    first, after = quarter_of(label)
    end = min(after, today + timedelta(days=1))
    found: dict[str, Decimal | None] = {}
    for (name, month), value in sorted(counted.items(), key=lambda item: item[0][1]):
        begins = date.fromisoformat(f"{month}-01")
        if not first <= begins < end or name not in FIGURES:
            continue
        before = found.get(name)
        adds = FIGURES[name].kind == "flow" and FIGURES[name].unit in {"money", "count"}
        found[name] = before + value if adds and before is not None and value is not None else value
    return found


def share_of(result: KeyResult, value: Decimal) -> Fraction:
    """How much of the way from where it started to its target has been gone; below 0 where it went back."""
    return (Fraction(value) - Fraction(result.start)) / (Fraction(result.to) - Fraction(result.start))


def standing(share: Fraction, label: str, today: date) -> Standing:
    """What such a share means on that day."""
    first, after = quarter_of(label)
    if share >= 1:
        return "reached"
    if today >= after:
        return "missed"
    if today <= first:
        return "too_early"
    wanted = elapsed(label, today)
    return "on_track" if 10 * share >= 9 * wanted else "at_risk" if 10 * share >= 6 * wanted else "off_track"


def flips_on(share: Fraction, label: str, today: date) -> date | None:
    """The first day from `today` on at which the same share will mean something worse; None: not in this quarter."""
    now, (_, after) = standing(share, label, today), quarter_of(label)
    day = today
    while day < after:
        day += timedelta(days=1)
        then = standing(share, label, day)
        if now not in (then, "too_early"):
            return day
        now = then
    return None


def progress(
    objective: Objective, values: Mapping[str, Decimal | None], entries: Mapping[str, Sequence[Entry]], today: date
) -> tuple[Progress, ...]:
    """Each key result of an objective on the local day `today`.

    `values`: figure -> what it is now, in the business's currency; None where there is nothing to divide by. `entries`:
    name of a key result -> what was entered by hand, in any order.
    """
    return tuple(
        _one(objective, result, values, entries.get(result.name, ()), today) for result in objective.key_results
    )


def _one(
    objective: Objective,
    result: KeyResult,
    values: Mapping[str, Decimal | None],
    said: Sequence[Entry],
    today: date,
) -> Progress:
    first, after = quarter_of(objective.quarter)
    last = max((entry for entry in said if first <= entry.day <= today), key=lambda entry: entry.day, default=None)
    by_hand = result.figure is None
    value = (None if last is None else last.value) if result.figure is None else values.get(result.figure)
    since = (today - (first if last is None else last.day)).days
    silent = since if by_hand and first <= today < after and since > SILENT_DAYS else None
    share = None if value is None else share_of(result, value)
    return Progress(
        result=result,
        value=value,
        share=share,
        expected=elapsed(objective.quarter, today),
        standing="unknown" if share is None else standing(share, objective.quarter, today),
        silent=silent,
        said_on=None if last is None else last.day,
    )
