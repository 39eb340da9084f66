"""The CEO's page from top to bottom: three answers, figures, what waits, objectives, projects, clients, calls, team.
Pure.

About forty blocks, whose number follows from the files alone: what changes is changed in its block (DOMAIN 5.3). People
may write anywhere between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning import words
from hub.planning.counted import Counted
from hub.planning.figure import Figure
from hub.planning.page_blocks import block
from hub.planning.page_clients import blocks as clients
from hub.planning.page_facts import Beside
from hub.planning.page_lists import calls, objectives, projects, team
from hub.planning.page_state import MOST as MOST_ALERTS
from hub.planning.page_state import alert_list, alerts_of, answers, state
from hub.planning.page_tiles import MOST, Tile, tiles, tiles_of
from hub.planning.page_words import say
from hub.planning.plan import DesiredRow

TRENDS = "trends"
"""The heading behind which the charts stand."""
LINKS, TABLE = "links/", "table:"
"""Before the title of a database: the key of the link to it. Before its ref: what the link says."""
_TASK_TILES = 2


def page_rows(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    beside: Beside,
    counted: Counted | None = None,
) -> tuple[DesiredRow, ...]:
    """Every block of the page, in reading order. `earlier`: key of a figure -> the same of the month before.

    `counted`: the totals of figures in several currencies, and the figures that only objectives ask for.
    """
    language = business.language
    shown = _tiles(figures, earlier, job, business, now, beside, counted)
    alerts = alerts_of(shown, beside, business)
    known = figures if counted is None else tuple(counted.known.values())
    below = say(language, "further") if beside.databases else words.say(language, "all_figures")
    return (
        state(figures, alerts, beside, business),
        *answers(shown, alerts, beside, job, business, now),
        block("heading", "heading_2", words.say(language, "key_figures")),
        *tiles(shown, beside, job, business, now, counted),
        *alert_list(alerts, business),
        *objectives(known, beside, job, business, now.astimezone(business.zone).date()),
        *projects(beside, business),
        *clients(beside.offers, business),
        *calls(beside, business),
        *team(beside, business),
        block(TRENDS, "heading_2", say(language, "trends")),
        block("table", "heading_2", below),
        *(block(LINKS + each.title, "link_to_page", TABLE + each.ref, why=each.title) for each in beside.databases),
    )


def waiting(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    beside: Beside,
    counted: Counted | None = None,
) -> tuple[str, ...]:
    """What waits for somebody, as the page lists it."""
    shown = _tiles(figures, earlier, job, business, now, beside, counted)
    return tuple(alert.text for alert in alerts_of(shown, beside, business))[:MOST_ALERTS]


def _tiles(
    figures: Sequence[Figure],
    earlier: Mapping[str, Figure],
    job: RevenueJob,
    business: Business,
    now: datetime,
    beside: Beside,
    counted: Counted | None,
) -> tuple[Tile, ...]:
    most = MOST - (0 if beside.tasks is None else _TASK_TILES)
    return tiles_of(figures, earlier, job, business, now, most, () if counted is None else counted.totals)
