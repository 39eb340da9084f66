"""The launch among the figures of the CEO's page: sales so far against their goal while it is open. Pure.

Its place is kept, for blocks cost a workspace something for good. Where the page has room for it, it says before when
the next launch opens, and afterwards when the last one ended; else it stands in for the last figure while it is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from hub.core.money import Money
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.launched import Launched
from hub.planning.page_blocks import LOOKS
from hub.planning.page_words import plain, say
from hub.planning.words import Language, day, money, percent

Tile = tuple[str, str, str, str]
"""Key, text, color and icon."""
_LOOK = ("blue_background", "🚀")


def launch_tile(
    job: RevenueJob, business: Business, now: datetime, launched: Sequence[Launched], silent: str | None = None
) -> Tile | None:
    """What is to be said of the launches; None where the file has none. `silent`: since when nothing is heard."""
    language, today = business.language, now.astimezone(business.zone).date()
    if launched:
        reached = silent is None and _is_reached(launched[0])
        look = LOOKS[None] if silent else LOOKS["reached"] if reached else _LOOK
        lines = [*_open(launched[0], business, reached=reached), [] if silent is None else [silent]]
        return "launch", "\n".join(" · ".join(line) for line in lines if line), *look
    if not job.launches:
        return None
    return "launch", _closed(job, today, language), *LOOKS[None]


def _open(mine: Launched, business: Business, *, reached: bool) -> Iterator[list[str]]:
    """**Lancement de printemps** : **12 ventes** · jour 3 sur 7
    objectif 30 (40 %) · 9 au même jour du lancement précédent
    signé 11 964,00 €"""
    language, report = business.language, mine.report
    launch, goals, count = report.launch, report.launch.goals, len(report.sales)
    head = f"**{plain(launch.name)}**{say(language, 'colon')}**{say(language, 'sales', n=count)}**"
    days = say(language, "launch_day", day=report.day_number, days=(launch.closes - launch.opens).days + 1)
    yield [head, days, *([say(language, "reached")] if reached else [])]
    against = []
    if goals.sales:
        share = percent(Decimal(100 * count) / goals.sales, language, places=0)
        against.append(say(language, "launch_goal", goal=goals.sales, share=share))
    if mine.against is not None:
        against.append(say(language, "launch_before", n=mine.against.sales_then))
    yield against
    for total in sorted(report.totals, key=lambda each: each.signed.currency != business.currency):
        signed = say(language, "signed", value=money(total.signed, language))
        if goals.signed and total.signed.currency == business.currency:
            share = percent(100 * total.signed.amount / goals.signed, language, places=0)
            goal = money(Money(goals.signed, business.currency), language)
            signed += say(language, "signed_goal", goal=goal, share=share)
        yield [signed]


def _is_reached(mine: Launched) -> bool:
    """Sales do not come evenly over a launch: short of its goal there is no verdict before its end."""
    goal = mine.report.launch.goals.sales
    return bool(goal) and len(mine.report.sales) >= (goal or 0)


def _closed(job: RevenueJob, today: date, language: Language) -> str:
    ahead = sorted((each for each in job.launches if each.opens > today), key=lambda each: each.opens)
    if ahead:
        text = say(language, "launch_next", name=f"**{plain(ahead[0].name)}**", day=day(ahead[0].opens, language))
        goal = ahead[0].goals.sales
        return text if not goal else f"{text} · {say(language, 'launch_wants', sales=say(language, 'sales', n=goal))}"
    last = max(job.launches, key=lambda each: each.closes)
    return say(language, "launch_ended", name=f"**{plain(last.name)}**", day=day(last.closes, language))
