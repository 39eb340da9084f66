"""`hub figures`: every figure by month, as it is known now or as it was known on a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from hub.cli.opened import Say
from hub.cli.steer import Helm, counted, helm
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.core.types import Value
from hub.planning.figures.names import FIGURES
from hub.planning.page_words import shown_as
from hub.planning.steer_words import word
from hub.planning.why_words import table
from hub.planning.words import day as day_of
from hub.planning.words import say as phrase
from hub.store import figure_memory

MARK = "≈ "


@dataclass(frozen=True, slots=True)
class _Known:
    """A figure of a month at the time that is asked for. `because`: why it changed then, after its month was over."""

    figure: str
    period: str
    currency: str
    value: Value
    unit: str
    estimated: bool
    because: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        return self.figure, self.period, self.currency


def known(business: str | None, day: date | None, months: int, say: Say) -> None:
    """Prints them. ConfigError where nothing was known yet."""
    with helm(business) as at:
        now = [_Known(row.figure, row.period, row.currency, row.value, row.unit, row.estimated) for row in counted(at)]
        then = now if day is None else _on(at, day)
        language = at.runtime.business.language
        head = word(language, "known_now") if day is None else word(language, "known_on", day=day_of(day, language))
        say(f"{at.runtime.business.business} · {head}")
        say("")
        for line in _matrix(at, then, months):
            say(line)
        if day is not None:
            for line in _changed(at, then, now, day):
                say(line)


def _on(at: Helm, day: date) -> list[_Known]:
    with at.runtime.store.read() as conn:
        rows = figure_memory.as_of(conn, at.runtime.key, day)
    found = [
        _Known(row.figure, row.period, row.currency, row.value, row.unit, row.estimated, row.because)
        for row in rows
        if row.figure in FIGURES
    ]
    if not found:
        raise ConfigError(
            f"{at.runtime.key}: nothing was known on {day} yet. The hub remembers what it counted from the first day "
            "on which it did."
        )
    return found


def _matrix(at: Helm, found: Sequence[_Known], months: int) -> Iterator[str]:
    """A row for each figure and currency, a column for each of the last months."""
    language, home = at.runtime.business.language, at.runtime.business.currency
    periods = sorted({each.period for each in found})[-months:]
    shown = [each for each in found if each.period in periods]
    values, order = {each.place: each for each in shown}, list(FIGURES)
    several = len({each.currency for each in shown} - {""}) > 1
    rows = [[phrase(language, "figure"), "", phrase(language, "currency") if several else "", *periods]]
    for name, currency in sorted(
        {(each.figure, each.currency) for each in shown},
        key=lambda row: (order.index(row[0]), row[1] != home, row[1]),
    ):
        mine = [values.get((name, period, currency)) for period in periods]
        texts = ["" if each is None else _shown(at, each) for each in mine]
        rows.append([at.title(name), name, currency if several else "", *texts])
    yield from table(rows, right=tuple(range(3, len(periods) + 3)))
    if any(each.estimated for each in shown):
        yield ""
        yield word(language, "estimated_mark")


def _changed(at: Helm, then: Sequence[_Known], now: Sequence[_Known], day: date) -> Iterator[str]:
    """What is not known any more as it was then, of the months that were there."""
    language = at.runtime.business.language
    today = {each.place: each for each in now}
    why = {}
    with at.runtime.store.read() as conn:
        for row in figure_memory.as_of(conn, at.runtime.key, at.today):
            if row.day > day:
                why[row.figure, row.period, row.currency] = row.because
    lines = []
    for each in then:
        other = today.get(each.place)
        if other is not None and other.value != each.value:
            because = why.get(each.place, "")
            text = word(
                language,
                "changed_line",
                title=at.title(each.figure),
                period=each.period,
                then=_shown(at, each),
                now=_shown(at, other),
            )
            lines.append(f"  {text}{word(language, 'because', why=because) if because else ''}")
    if lines:
        yield ""
        yield f"{word(language, 'since_changed')}{phrase(language, 'colon')}".rstrip()
        yield from lines


def _shown(at: Helm, each: _Known) -> str:
    value = shown_as(cast("Money | None", each.value), each.unit, at.runtime.business.language)
    return f"{MARK if each.estimated else ''}{value}"
