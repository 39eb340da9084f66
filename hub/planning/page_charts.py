"""The charts of the CEO's page: at most three figures over their months, with the target line. Pure.

There is no chart of a figure of which no closed month is known: one point is no trend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hub.core import codec
from hub.core.charts import Chart
from hub.core.money import Money
from hub.core.types import Ref
from hub.mapping.figure_names import STATES
from hub.mapping.model import Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.planning.figure import Figure
from hub.planning.page_words import display, plain, say, shown_as
from hub.planning.verdict import target_of
from hub.planning.words import Language, decimals, percent, rounded

MOST, MONTHS = 3, 12
_CENTS = re.compile(r"[.,]0+(?=[^0-9]*$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One figure over its last months, oldest first. `target`: what it shall be, None where the file says nothing.

    `series`: what its rows are called in the table; `title`: the same in one line.
    """

    key: str
    title: str
    series: str
    kind: Literal["column", "line"]
    figures: tuple[Figure, ...]
    target: Decimal | None

    @property
    def content(self) -> str:
        """Equal for what looks the same however it is shown."""
        told = tuple((each.period, each.value, each.unit, each.closed) for each in self.figures)
        return codec.digest((self.title, self.kind, told, self.target))


def trends(figures: Sequence[Figure], job: RevenueJob, business: Business) -> tuple[Trend, ...]:
    """The first figures of the file that have a past, in the business's currency."""
    series: dict[str, list[Figure]] = {}
    for figure in sorted(figures, key=lambda each: each.period):
        if figure.currency in ("", business.currency):
            series.setdefault(figure.figure, []).append(figure)
    made: dict[str, Trend] = {}
    for config in job.figures:
        known = series.get(config.figure, [])[-MONTHS:]
        if any(each.closed and each.value is not None for each in known) and plain(config.title) not in made:
            made[plain(config.title)] = _trend(config, known, business)
    return tuple(made.values())[:MOST]


def _trend(config: FigureConfig, known: Sequence[Figure], business: Business) -> Trend:
    return Trend(
        key=config.figure,
        title=plain(config.title),
        series=config.title,
        kind="line" if config.figure in STATES or known[-1].unit != "money" else "column",
        figures=tuple(known),
        target=target_of(config, known[-1], business.currency),
    )


def chart(trend: Trend, business: Business, table: Ref, columns: Mapping[str, str], *, picture: bool) -> Chart:
    """The chart in every way that it may be shown. `columns`: period, value, series and currency -> their names in the
    table; without one for the value nothing can be drawn from it. `picture`: draw it, which takes a moment."""
    language, last = business.language, trend.figures[-1]
    only = {columns["series"]: trend.series}
    if last.currency:
        only[columns["currency"]] = last.currency
    label = "" if trend.target is None else say(language, "target_label", target=_short(trend.target, last, language))
    value = columns.get("value", "")
    return Chart(
        title=trend.title,
        kind=trend.kind,
        table=table if value else Ref(""),
        x=columns["period"],
        y=value,
        only=only,
        target=trend.target,
        target_label=label,
        picture=_drawn(trend, label, language) if picture else None,
        says=", ".join(part for part in (f"{_month(last, language)} {display(last, language)}", label) if part),
        text=_text(trend, label, language),
    )


def _drawn(trend: Trend, label: str, language: Language) -> bytes:
    from hub.planning.picture import Picture, Point, png  # imports the library that draws

    points = [
        Point(
            label=_month(each, language),
            value=_number(each),
            shown=_short(_number(each), each, language),
            running=not each.closed,
        )
        for each in trend.figures
    ]
    return png(
        Picture(
            kind=trend.kind,
            title=trend.title,
            points=points,
            target=trend.target,
            target_label=label,
            running_label=say(language, "running"),
            empty=say(language, "no_history"),
        )
    )


def _text(trend: Trend, label: str, language: Language) -> str:
    """▓▓▓▓▓▓▓░░░ 79 % · nov. 9 430 € · objectif 12 000 €; without a target the last three months."""
    from hub.planning.picture import bar

    last = trend.figures[-1]
    value = _number(last)
    if trend.target is None or trend.target <= 0 or value is None:
        return " → ".join(f"{_month(each, language)} {display(each, language)}" for each in trend.figures[-3:])
    share = percent(100 * value / trend.target, language, places=0)
    return f"{bar(value, trend.target)} {share} · {_month(last, language)} {display(last, language)} · {label}"


def _number(figure: Figure) -> Decimal | None:
    """As the table holds it."""
    if isinstance(figure.value, Money):
        return rounded(figure.value.amount, decimals(figure.value.currency))
    return None if figure.value is None else rounded(figure.value, 1)


def _short(value: Decimal | None, figure: Figure, language: Language) -> str:
    """Whole units: a chart is looked at, not added up."""
    if value is None or not figure.currency:
        return shown_as(value, figure.unit, language)
    text = shown_as(Money(rounded(value, 0), figure.currency), figure.unit, language)
    return _CENTS.sub("", text)


def _month(figure: Figure, language: Language) -> str:
    return say(language, "months").split()[int(figure.period[5:7]) - 1]
