"""The charts of the CEO's page: shown once its blocks and its table stand, changed in place, only where they differ.

What is remembered of each stands among the links, also that one was begun. A chart is found again by its title among
our own, so that one whose answer was lost is not made twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from hub.core.charts import Charts, Shown, Way
from hub.core.errors import HubError, RecordError
from hub.core.types import Ref
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.desired import columns_of
from hub.planning.page import TRENDS
from hub.planning.page_charts import Trend, chart
from hub.store import links
from hub.store.links import Link

CHARTS = "charts/"
"""Before the name of the page: where its charts stand among the links."""


def show(runtime: Runtime, job: RevenueJob, page: str, trends: Sequence[Trend]) -> Sequence[str]:
    """Show these charts on the page of that name, and take away what is not among them; a line for each that failed."""
    with runtime.store.read() as conn:
        known = links.load(conn, runtime.key, job.name)
    there = {link.row: link for link in known if link.collection == page and link.ref}
    before = {link.row: link for link in known if link.collection == CHARTS + page and link.ref}
    table = next((link for link in known if link.collection == job.show_in.database and not link.row), None)
    home = there.get("")
    if home is None or home.ref is None or TRENDS not in there:
        return ()
    kept = {trend.key: _kept(before.get(trend.key), home.ref) for trend in trends}
    fresh = [trend for trend in trends if _is_new(trend, before.get(trend.key), kept[trend.key])]
    gone = sorted(before.keys() - kept.keys())
    if not fresh and not gone:
        return ()
    try:
        charts = runtime.connector(job.show_in.connection).charts
    except HubError as error:
        return (str(error),)
    if charts is None:
        return ()
    begun = {
        link.row
        for link in known
        if link.collection == CHARTS + page and not link.ref and link.values.get("page") == home.ref
    }
    shower = _Shower(runtime, job, page, charts, Ref(home.ref), Ref(table.ref if table and table.ref else ""))
    problems = [line for key in gone for line in shower.remove(key, before[key])]
    after = there[TRENDS].ref
    for trend in trends:
        if trend in fresh:
            problems += shower.show(trend, kept[trend.key], after, again=trend.key in begun)
        after = shower.refs.get(trend.key, kept[trend.key].ref if kept[trend.key] else after)  # type: ignore[union-attr]
    return problems


def _kept(link: Link | None, home: str) -> Shown | None:
    """How it is shown on this very page."""
    if link is None or link.ref is None or link.values.get("page") != home:
        return None
    said: Mapping[str, str] = cast("Mapping[str, str]", link.values)
    return Shown(way=cast("Way", said["way"]), ref=Ref(link.ref), look=said["look"], why=said["why"])


def _is_new(trend: Trend, link: Link | None, kept: Shown | None) -> bool:
    return link is None or kept is None or link.values.get("content") != trend.content


class _Shower:
    """The charts of one page. `refs`: those that were just shown."""

    def __init__(self, runtime: Runtime, job: RevenueJob, page: str, charts: Charts, home: Ref, table: Ref) -> None:
        self._runtime = runtime
        self._job = job
        self._page = page
        self._charts = charts
        self._home = home
        self._table = table
        self.refs: dict[str, str] = {}

    def show(self, trend: Trend, shown: Shown | None, after: str | None, *, again: bool) -> Sequence[str]:
        """`again`: an earlier attempt to make it may have been committed."""
        business = self._runtime.business
        columns = columns_of(self._job, business.language)
        wanted = chart(trend, business, self._table, columns, picture=False)
        if shown is None or shown.way != "view" or wanted.look("view") != shown.look:
            wanted = chart(trend, business, self._table, columns, picture=True)
        if shown is None and not again:
            self._note(trend.key, None, {"page": self._home})
        try:
            now = self._charts.show(
                self._home, wanted, shown, after=None if after is None else Ref(after), look_first=again
            )
        except RecordError as error:
            self._forget(trend.key)
            return (f"« {trend.title} »: {error}",)
        except HubError as error:
            return (f"« {trend.title} »: {error}",)
        self.refs[trend.key] = now.ref
        said = {"way": now.way, "look": now.look, "why": now.why, "page": self._home, "content": trend.content}
        self._note(trend.key, now.ref, said)
        return ()

    def _note(self, key: str, ref: str | None, said: Mapping[str, str]) -> None:
        runtime = self._runtime
        with runtime.store.write() as conn:
            name = CHARTS + self._page
            links.put(conn, runtime.key, self._job.name, name, key, ref, said, runtime.now())

    def remove(self, key: str, link: Link) -> Sequence[str]:
        shown = _kept(link, self._home)
        try:
            if shown is not None:
                self._charts.remove(shown)
        except HubError as error:
            return (str(error),)
        self._forget(key)
        return ()

    def _forget(self, key: str) -> None:
        with self._runtime.store.quick() as conn:
            links.forget(conn, self._runtime.key, self._job.name, CHARTS + self._page, key)
