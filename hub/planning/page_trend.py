"""What a figure of the month that runs may fairly be compared with, and how that is said (DOMAIN 1.10). Pure.

What happened this month is compared with the month before until the same local day and time of day; what there is now
with how the last month ended. Where the lines of a figure do not say when each of them happened, or it counts days to
come as well, all of the month before is shown beside it, without a trend. The words say which of the three it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.mapping.figure_names import STATES
from hub.planning.calendar import Month, month_of
from hub.planning.figure import Figure, Unit, is_small, value_of
from hub.planning.figures.months import so_far
from hub.planning.page_words import say, shown_as
from hub.planning.words import Language, number, percent
from hub.planning.words import say as word

Span: TypeAlias = Literal["so_far", "whole_month", "month_end"]
_ARROWS = ("↘", "→", "↗")


@dataclass(frozen=True, slots=True)
class Before:
    """What a figure was. `span`: until the same day and time of last month, in all of it, or at its end."""

    value: Money | Decimal
    unit: Unit
    span: Span
    estimated: bool


def before(figure: Figure, last: Figure | None, now: datetime, zone: ZoneInfo, since: date | None) -> Before | None:
    """What to compare a figure of now with; None where nothing is comparable, or either is a rate of too few things.

    `last`: the same figure of an earlier month. `since`: the first day that was read, where the file says one.
    """
    _, then = so_far(now, zone)
    if last is None or not last.closed or last.period != then.label or is_small(figure) or is_small(last):
        return None
    if figure.figure in STATES:
        return _made(last, last.value, "month_end")
    whole = month_of(then.start, zone)
    if since is not None and whole.start.astimezone(zone).date() < since:
        return None  # that month was not read from its first day on
    if not _dated(figure, last, whole, now):
        return _made(last, last.value, "whole_month")
    lines = tuple(line for line in last.lines if line.at < then.end)
    if is_small(last, lines):
        return None
    return _made(last, value_of(last.unit, lines, last.currency), "so_far")


def trend(figure: Figure, then: Before, language: Language) -> str:
    """↗ +12 % (8 420,00 € le mois dernier à la même date)"""
    said = say(language, then.span, value=shown_as(then.value, then.unit, language))
    if then.estimated and not figure.estimated:
        said += say(language, "guessed")
    moved = None if then.span == "whole_month" else _step(figure.value, then.value)
    if moved is None:
        return said
    step, share = moved
    arrow = _ARROWS[(step > 0) - (step < 0) + 1]
    if not step:
        return f"{arrow}\u00a0{said}"
    if figure.unit == "percent":
        shown = f"{number(step, 1, language, sign=True)}\u00a0{word(language, 'point')}"
    elif share is not None:
        shown = percent(share, language, places=0, sign=True)
    else:
        shown = number(step, 0 if figure.unit == "count" else 1, language, sign=True)
    return f"{arrow}\u00a0{shown} ({said})"


def _made(last: Figure, value: Money | Decimal | None, span: Span) -> Before | None:
    return None if value is None else Before(value, last.unit, span, last.estimated)


def _dated(figure: Figure, last: Figure, month: Month, now: datetime) -> bool:
    """Whether the lines say on which day each thing happened, and nothing in the figure is still to come."""
    ends = figure.counted_at is None or figure.counted_at <= now
    return ends and all(line.what != "figure" and month.start <= line.at < month.end for line in last.lines)


def _step(new: Money | Decimal | None, old: Money | Decimal) -> tuple[Decimal, Decimal | None] | None:
    """The difference, and of money what share of the old it is; None where nothing can be said."""
    if isinstance(new, Money) and isinstance(old, Money):
        step = new.amount - old.amount
        if old.amount <= 0:
            return (step, None) if not step else None
        return step, 100 * step / old.amount
    if isinstance(new, Decimal) and isinstance(old, Decimal):
        return new - old, None
    return None
