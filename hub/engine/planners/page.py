"""The charts of the CEO's page: planned from what our links say of them, carried out once its blocks and table stand.

What is remembered of each stands among the links, by its figure. A chart is found again by its title among our own, so
that one whose answer was lost is not made twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy import Connection

from hub.core.charts import Chart, Charts, Shown, Way
from hub.core.errors import RecordError
from hub.core.types import Ref
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.chart_plan import CHARTS, Hung, chart_actions
from hub.planning.desired import columns_of, page_name
from hub.planning.inverse import Done, done
from hub.planning.page import TRENDS
from hub.planning.page_charts import Trend, chart
from hub.planning.plan import Action, KnownCollection
from hub.store import ledger, links
from hub.store.ledger import Entry
from hub.store.links import Link


def hung(conn: Connection, runtime: Runtime, job: RevenueJob, before: Mapping[str, KnownCollection]) -> dict[str, Hung]:
    """Figure -> its chart as links and ledger know it. `before`: what is known of the page and the table."""
    page = page_name(job, runtime.business)
    home = before[page].ref if page in before else None
    started = [one for one in ledger.listing(conn, runtime.key, "started") if one.job == job.name]
    effects = [_effect(one) for one in started if one.kind == "chart"]
    begun = {one.row.removeprefix(CHARTS): one.title or "" for one in effects if one.collection == page}
    known = {link.row: link for link in links.of(conn, runtime.key, job.name, CHARTS + page)}
    return {
        key: _hung(known.get(key), home, begun.get(key, ""), begun=key in begun) for key in known.keys() | begun.keys()
    }


def _hung(link: Link | None, home: Ref | None, title: str, *, begun: bool) -> Hung:
    said: Mapping[str, str] = {} if link is None else cast("Mapping[str, str]", link.values)
    return Hung(
        title=said.get("title", title),
        shown=None if link is None else _on(home, link),
        content=said.get("content", ""),
        says=said.get("says", ""),
        version=0 if link is None else link.version,
        begun=begun,
    )


def _effect(entry: Entry) -> Done:
    return done(entry.key, entry.kind, entry.summary, entry.ref, entry.run)


def _on(home: str | None, link: Link) -> Shown | None:
    """How it is shown on this very page."""
    if home is None or link.ref is None or link.values.get("page") != home:
        return None
    said = cast("Mapping[str, str]", link.values)
    return Shown(way=cast("Way", said["way"]), ref=Ref(link.ref), look=said["look"], why=said["why"])


def look(runtime: Runtime, job: RevenueJob, standing: Mapping[str, Collection[Ref]]) -> Sequence[str]:
    """Forget the charts that do not stand on the page any more; a line for each. `standing`: page -> its blocks."""
    page, lines = page_name(job, runtime.business), []
    with runtime.store.write() as conn:
        for link in links.of(conn, runtime.key, job.name, CHARTS + page):
            if link.ref is not None and link.ref not in standing[page]:
                links.forget(conn, runtime.key, job.name, CHARTS + page, link.row)
                lines.append(f"the chart « {link.row} » was removed from « {page} »; the hub shows it again")
    return lines


class Showing:
    """The charts of one plan. `trends`: those that the page shall show, from top to bottom."""

    def __init__(self, runtime: Runtime, job: RevenueJob, trends: Sequence[Trend]) -> None:
        self._runtime = runtime
        self._job = job
        self._page = page_name(job, runtime.business)
        self._trends = {trend.key: trend for trend in trends}
        self._said: dict[str, tuple[Ref | None, Mapping[str, str]]] = {}

    def actions(self, known: Mapping[str, KnownCollection], there: Mapping[str, Hung]) -> tuple[Action, ...]:
        """What is to be done; nothing where the connection cannot show charts."""
        spec = self._runtime.specs.get(self._job.show_in.connection)
        if spec is None or "charts" not in spec.can:
            return ()
        table = known.get(self._job.show_in.database)
        ref = Ref((table.ref if table else None) or "")
        wanted = [(trend, self._chart(trend, ref, picture=False)) for trend in self._trends.values()]
        return chart_actions(self._job.name, self._page, wanted, there, self._runtime.business.language)

    def do(self, action: Action, again: bool) -> Ref:
        """Show a chart, or take it away. `again`: an earlier attempt may have left something, which is looked for."""
        charts = self._runtime.connector(self._job.show_in.connection).charts
        if charts is None:
            raise RecordError(f"{self._job.show_in.connection} cannot show charts")
        with self._runtime.store.read() as conn:
            stands = _Stands(links.load(conn, self._runtime.key, self._job.name), self._page, self._job)
            begun = ledger.entry(conn, self._runtime.key, action.key) if again else None
        if stands.home is None:
            raise RecordError(f"« {self._page} » does not exist yet")
        key = action.row.removeprefix(CHARTS)
        titles = {action.title, _effect(begun).title} if begun else set()
        shown, old = stands.chart(key), stands.left(charts, sorted(title for title in titles if title))
        if again and old:
            # The last attempt was about to take away what it took the place of, and may have done so.
            old, shown = [one for one in (shown, *old[:-1]) if one and one.ref != old[-1].ref], old[-1]
        elif again and shown is not None:
            shown = replace(shown, look="")  # it may have been changed since
        if key not in self._trends:
            old = [*old, shown] if shown else old
        else:
            shown = self._show(charts, stands, self._trends[key], action.key, shown)
        for one in old:
            charts.remove(one)
        return Ref("") if shown is None else shown.ref

    def _show(self, charts: Charts, stands: _Stands, trend: Trend, effect: str, shown: Shown | None) -> Shown:
        wanted = self._chart(trend, stands.table, picture=False)
        if shown is None or shown.way != "view" or wanted.look("view") != shown.look:
            wanted = self._chart(trend, stands.table, picture=True)
        now = charts.show(Ref(str(stands.home)), wanted, shown, after=stands.before(trend.key, tuple(self._trends)))
        said = {"way": now.way, "look": now.look, "why": now.why, "page": str(stands.home)}
        self._said[effect] = now.ref, {**said, "content": trend.content, "says": wanted.says, "title": wanted.title}
        return now

    def remember(self, conn: Connection, action: Action) -> None:
        """Note how it is shown now, in the transaction that notes in the ledger that it was done."""
        ref, said = self._said.pop(action.key, (None, {}))
        name, key = CHARTS + self._page, action.row.removeprefix(CHARTS)
        links.put(conn, self._runtime.key, self._job.name, name, key, ref, said, self._runtime.now())

    def _chart(self, trend: Trend, table: Ref, *, picture: bool) -> Chart:
        business = self._runtime.business
        return chart(trend, business, table, columns_of(self._job, business.language), picture=picture)


class _Stands:
    """What stands on the page now, as our links know it."""

    def __init__(self, known: Sequence[Link], page: str, job: RevenueJob) -> None:
        self._blocks = {link.row: Ref(link.ref) for link in known if link.collection == page and link.ref}
        self._charts = {link.row: link for link in known if link.collection == CHARTS + page}
        self.home = self._blocks.get("")
        tables = (link.ref for link in known if link.collection == job.show_in.database and not link.row)
        self.table = Ref(next(tables, None) or "")

    def chart(self, key: str) -> Shown | None:
        """The chart of that figure."""
        return _on(self.home, self._charts[key]) if key in self._charts else None

    def before(self, key: str, order: Sequence[str]) -> Ref | None:
        """What the chart of that figure stands behind: the chart before it, or the heading."""
        above = (self.chart(one) for one in reversed(order[: order.index(key)]))
        return next((one.ref for one in above if one), self._blocks.get(TRENDS))

    def left(self, charts: Charts, titles: Sequence[str]) -> list[Shown]:
        """The charts of these titles that no link knows, neither as a chart nor as another block of the page."""
        ours = {*self._blocks.values(), *(link.ref for link in self._charts.values())}
        found = (one for title in titles for one in charts.find(Ref(str(self.home)), title))
        return [one for one in found if one.ref not in ours]
