"""What is to be done with the charts of a page: new, redrawn or taken away, and why. Pure.

A chart has one ledger key for all that may be done with it next, whatever that is: where an attempt was cut short, the
next one knows that it must look what is there, also when other values, or none at all, are wanted by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.core.charts import Chart, Shown
from hub.planning.page_charts import Trend
from hub.planning.page_words import say
from hub.planning.plan import Action, FieldChange
from hub.planning.words import Language

CHARTS = "charts/"
"""Before the name of a figure: the row of its chart in a plan. Before the name of a page: where its charts stand among
the links."""

WRITES = 25
"""The most calls that one refresh of the page may write with."""
_CALLS = 3
"""What a chart may cost of them: a picture is announced, sent and placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """A chart as it was last shown. `shown` None: it is not on the page that there is now.

    `content`, `says`: of `Trend` and `Chart`, then. `version`: how often it was written. `begun`: an attempt to show it
    or to take it away was cut short, and nobody has seen what became of it.
    """

    title: str
    shown: Shown | None
    content: str
    says: str
    version: int
    begun: bool


def chart_actions(
    job: str, page: str, wanted: Sequence[tuple[Trend, Chart]], hung: Mapping[str, Hung], language: Language
) -> tuple[Action, ...]:
    """First what is taken away, then the others from top to bottom; none when everything shows what it shall.

    `wanted`: each with its chart, which needs no picture yet; `hung`: by the figure.
    """
    kept = {trend.key for trend, _ in wanted}
    actions = [
        _action(job, page, key, one, one.title or key, None, say(language, "chart_gone"), language)
        for key, one in sorted(hung.items())
        if key not in kept and (one.shown or one.begun)
    ]
    for trend, chart in wanted:
        there = hung.get(trend.key)
        word = "chart_new" if there is None or there.shown is None else "chart_redrawn"
        if word == "chart_new" or (there is not None and (there.begun or _is_stale(there, trend, chart))):
            why = say(language, word)
            actions.append(_action(job, page, trend.key, there, trend.title, chart.says, why, language))
    return tuple(actions)


def within_room(
    charts: Sequence[Action], blocks: Sequence[Action], language: Language
) -> tuple[Sequence[Action], str | None]:
    """The charts that fit into one refresh of the page, and why the others wait. `blocks`: what else the plan does."""
    page = charts[0].collection if charts else ""
    others = sum(one.collection == page and one.kind in ("update", "archive") for one in blocks)
    room = max(0, WRITES - others) // _CALLS
    waiting = len(charts) - room
    return charts[:room], say(language, "charts_wait", n=waiting, most=WRITES) if waiting > 0 else None


def _is_stale(there: Hung, trend: Trend, chart: Chart) -> bool:
    """A view draws new values by itself. What a picture looks like is not known before it is drawn."""
    if there.shown is None or there.shown.way == "picture":
        return there.content != trend.content
    return there.shown.look != chart.look(there.shown.way)


def _action(
    job: str, page: str, key: str, there: Hung | None, title: str, says: str | None, why: str, language: Language
) -> Action:
    old = there.says if there is not None and there.shown is not None else None
    changed = (FieldChange(say(language, "chart_says"), old, says, "hub"),) if old != says else ()
    return Action(
        key=f"{job}/{CHARTS}{page}/{key}/{(there.version if there else 0) + 1}",
        kind="chart",
        collection=page,
        row=CHARTS + key,
        ref=None if there is None or there.shown is None else there.shown.ref,
        changes=changed,
        why=why,
        title=title,
    )
