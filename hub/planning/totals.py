"""One total in the business's currency of each figure in several currencies, for display. Pure.

What there is, and money that moved, is at the rates of the month's last day (of today in the month that runs). The
movements of recurring revenue are at the rates with which the month began, and what the rates did to it since stands in
the currency effect: so the totals add up from one month to the next as the figures do (DOMAIN 1.9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from hub.mapping.figure_names import MOVEMENTS
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.calendar import Month
from hub.planning.figure import Figure
from hub.planning.figures.currencies import Rates, Total, total, with_effect

_TICK = timedelta(microseconds=1)


def totals_of(
    job: RevenueJob, known: Mapping[str, Figure], business: Business, span: Sequence[Month], now: datetime, rates: Rates
) -> tuple[Total, ...]:
    """One total of each figure of money that is asked for, in each month with several currencies. `known`: by key."""
    several: dict[tuple[str, str], list[Figure]] = {}
    for figure in known.values():
        if figure.unit == "money" and figure.figure in {*job.asked, "mrr"}:
            several.setdefault((figure.figure, figure.period), []).append(figure)
    months = {month.label: month for month in span}
    made = []
    for (name, period), each in several.items():
        if len(each) < 2 or period not in months or name not in job.asked:
            continue
        begun, ended = _days(months[period], business, now)
        found = total(each, business.currency, rates, begun if name in MOVEMENTS else ended)
        if name == "mrr_currency_effect":
            found = with_effect(found, several.get(("mrr", period), ()), rates, begun, ended)
        made.append(found)
    return tuple(made)


def _days(month: Month, business: Business, now: datetime) -> tuple[date, date]:
    """The day before a month, and its last, or today."""
    begun, ended = month.start - _TICK, min(month.last, now)
    return begun.astimezone(business.zone).date(), ended.astimezone(business.zone).date()
