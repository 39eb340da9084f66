"""Is a figure of the current month where it should be? (DOMAIN 5.1)

At least 100 % of the pro-rated target: on track; 85 to 100 %: at risk; below: off track; before the fifth day: too
early. What adds up over the month (money that moved, sales, calls) is pro-rated by days; what there is at a moment, and
every rate, is not. Where low is good the target is a ceiling. Beyond `warn_above` or `warn_below` it is at risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.mapping.revenue_job import FigureConfig, Target
from hub.planning.calendar import month_of
from hub.planning.figure import Figure
from hub.planning.figures.names import FIGURES

Word: TypeAlias = Literal["on_track", "at_risk", "off_track", "too_early"]
LOW_IS_GOOD: frozenset[str] = frozenset({
    "overdue", "refunds", "disputes", "late_failures", "fees", "cash_to_classify", "refund_rate", "refund_rate_cohort",
    "dispute_activity", "dispute_rate", "mrr_at_risk", "mrr_paused", "mrr_contraction", "mrr_churn_voluntary",
    "mrr_churn_involuntary", "churn_rate", "mrr_churn_gross", "mrr_churn_net", "failed_payments",
    "instalments_overdue", "instalments_abandoned", "calls_cancelled", "calls_missed",
})  # fmt: skip
"""Figures whose target is a ceiling."""
_WHOLE_MONTH: frozenset[str] = frozenset({"average_order", "instalments_due"})
"""What a month has from its first day on, or whatever day it is."""
_FIRST_DAY = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word`: None when there is neither a target nor a limit. `share` of the whole target, as a percentage."""

    word: Word | None
    share: Decimal | None


def target_of(config: FigureConfig, figure: Figure, home: str) -> Decimal | None:
    """The target that this figure is measured by. A target in money is one of the business's own currency."""
    if figure.currency not in ("", home) and isinstance(figure.value, Money):
        return None
    return config.target.value if isinstance(config.target, Target) else config.target


def limit_of(
    config: FigureConfig, figure: Figure, home: str, side: Literal["warn_above", "warn_below"] = "warn_above"
) -> Decimal | None:
    """A limit as a number in the figure's unit: the loader has seen that a rate has a percentage, and no other."""
    limit = config.warn_above if side == "warn_above" else config.warn_below
    if limit is None or (figure.currency not in ("", home) and isinstance(figure.value, Money)):
        return None
    return Decimal(str(limit).rstrip(" %"))


def adds_up(figure: str) -> bool:
    """Whether it grows from nothing over the month, so that its target is pro-rated."""
    known = FIGURES[figure]
    return known.kind == "flow" and known.unit in {"money", "count"} and figure not in _WHOLE_MONTH


def judge(config: FigureConfig, figure: Figure, home: str, now: datetime, zone: ZoneInfo) -> Verdict:
    """The verdict on a figure of the current month."""
    value = figure.value.amount if isinstance(figure.value, Money) else figure.value
    target = target_of(config, figure, home)
    above = limit_of(config, figure, home)
    below = limit_of(config, figure, home, "warn_below")
    if value is None or (target is None and above is None and below is None):
        return Verdict(None, None)
    share = 100 * value / target if target else None
    if (above is not None and value > above) or (below is not None and _below(figure, value, below, now, zone)):
        return Verdict(
            "at_risk" if target is None else _worse("at_risk", _word(figure, value, target, now, zone)), share
        )
    if target is None:
        return Verdict("on_track", None)
    return Verdict(_word(figure, value, target, now, zone), share)


def _below(figure: Figure, value: Decimal, limit: Decimal, now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is below a limit, of which what adds up has to reach its part of the month."""
    today = now.astimezone(zone).date()
    if adds_up(figure.figure) and today.day < _FIRST_DAY:
        return False
    return Fraction(value) < Fraction(limit) * _elapsed(figure, today, now, zone)


def _word(figure: Figure, value: Decimal, target: Decimal, now: datetime, zone: ZoneInfo) -> Word:
    today = now.astimezone(zone).date()
    if today.day < _FIRST_DAY:
        return "too_early"
    whole = Fraction(target) * _elapsed(figure, today, now, zone)
    if figure.figure in LOW_IS_GOOD:
        reached, wanted = whole, Fraction(value)
    else:
        reached, wanted = Fraction(value), whole
    if reached >= wanted:
        return "on_track"
    return "at_risk" if reached >= wanted * Fraction(85, 100) else "off_track"


def _elapsed(figure: Figure, today: date, now: datetime, zone: ZoneInfo) -> Fraction:
    """The share of the month's days that has come, today included; the whole for what does not add up."""
    if not adds_up(figure.figure):
        return Fraction(1)
    month = month_of(now, zone)
    days = month.last.astimezone(zone).day
    return Fraction(today.day, days)


def _worse(one: Word, other: Word) -> Word:
    return "off_track" if "off_track" in {one, other} else one
