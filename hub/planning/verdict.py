"""Is a figure of the current month where it should be? (DOMAIN 5.1)

At least 100 % of the pro-rated target: on track; 85 to 100 %: at risk; below: off track; before the fifth day: too
early. Cash is pro-rated by days; MRR, overdue and the refund rate are levels and are not. Overdue and the refund rate
are better when low: their target is a ceiling, and above `warn_above` they are at risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.mapping.model import FigureConfig, Target
from hub.planning.calendar import month_of
from hub.planning.figure import Figure

Word: TypeAlias = Literal["on_track", "at_risk", "off_track", "too_early"]
_LOW_IS_GOOD = {"overdue", "refund_rate"}
_FIRST_DAY = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word`: None when there is neither a target nor a limit. `share` of the whole target, as a percentage."""

    word: Word | None
    share: Decimal | None


def target_of(config: FigureConfig, figure: Figure, home: str) -> Decimal | None:
    """The target that this figure is measured by. A target in money is one of the business's own currency."""
    if figure.unit == "money" and figure.currency != home:
        return None
    return config.target.value if isinstance(config.target, Target) else config.target


def limit_of(config: FigureConfig, figure: Figure, home: str) -> Decimal | None:
    """`warn_above` as a number in the figure's unit: the loader has seen that a rate has a percentage, and no other."""
    if config.warn_above is None or (figure.unit == "money" and figure.currency != home):
        return None
    return Decimal(str(config.warn_above).rstrip(" %"))


def judge(config: FigureConfig, figure: Figure, home: str, now: datetime, zone: ZoneInfo) -> Verdict:
    """The verdict on a figure of the current month."""
    value = figure.value.amount if isinstance(figure.value, Money) else figure.value
    target, limit = target_of(config, figure, home), limit_of(config, figure, home)
    if value is None or (target is None and limit is None):
        return Verdict(None, None)
    share = 100 * value / target if target else None
    if limit is not None and value > limit:
        return Verdict(
            "at_risk" if target is None else _worse("at_risk", _word(figure, value, target, now, zone)), share
        )
    if target is None:
        return Verdict("on_track", None)
    return Verdict(_word(figure, value, target, now, zone), share)


def _word(figure: Figure, value: Decimal, target: Decimal, now: datetime, zone: ZoneInfo) -> Word:
    today = now.astimezone(zone).date()
    if today.day < _FIRST_DAY:
        return "too_early"
    if figure.figure in _LOW_IS_GOOD:
        reached, wanted = Fraction(target), Fraction(value)
    else:
        reached, wanted = Fraction(value), Fraction(target) * _elapsed(figure, today, now, zone)
    if reached >= wanted:
        return "on_track"
    return "at_risk" if reached >= wanted * Fraction(85, 100) else "off_track"


def _elapsed(figure: Figure, today: date, now: datetime, zone: ZoneInfo) -> Fraction:
    """The share of the month's days that has come, today included; the whole for a level."""
    if figure.figure != "cash_in":
        return Fraction(1)
    month = month_of(now, zone)
    days = month.last.astimezone(zone).day
    return Fraction(today.day, days)


def _worse(one: Word, other: Word) -> Word:
    return "off_track" if "off_track" in {one, other} else one
