"""Promises of who shows charts: once, in its place, the best way that is possible, and nobody else's touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.conformance.base import Plays, Suite, has, must, only_hub_errors
from hub.conformance.concerns import only_with
from hub.conformance.writing import LOST, is_uncertain, prepared
from hub.core.charts import Chart, Charts, Shown
from hub.core.errors import RecordError, TransientError
from hub.core.protocol import Connector
from hub.core.types import Ref


class Charting(Suite):
    """What the shower of charts promises."""

    @only_with("charts")
    def test_a_chart_is_shown_once_and_found_again_by_its_title(self, plays: Plays, live: Connector) -> None:
        charts, page, (first, second) = _ready(plays, live)
        made = [charts.show(page, chart, None) for chart in (first, second)]
        _stand(plays, first.title, second.title)
        for chart, shown in zip((first, second), made, strict=True):
            must(shown.way == plays.case.ways[0], f"The chart is shown as {shown.way}: {shown.why}.")
            must(not shown.why, f"It is shown the best way and says why not in a better one: {shown.why}.")
            must(shown.look == chart.look(shown.way), "`look` is not that of the chart which is shown.")
            found = [(one.way, one.ref) for one in charts.find(page, chart.title)]
            must(found == [(shown.way, shown.ref)], f"find() finds {found}, shown was {shown}.")

    @only_with("charts")
    def test_a_chart_is_changed_in_its_place_and_only_when_it_looks_otherwise(
        self, plays: Plays, live: Connector
    ) -> None:
        charts, page, (first, second) = _ready(plays, live)
        for number, way in enumerate(plays.case.ways):
            plays.case.refuse(plays.case.ways[:number])
            titles = (f"{first.title} {way}", f"{second.title} {way}")
            upper, lower = replace(first, title=titles[0]), replace(second, title=titles[1])
            shown = charts.show(page, upper, None)
            charts.show(page, lower, None)
            other = replace(plays.case.chart(upper.table, 3), title=upper.title)
            must(other.look(way) != upper.look(way), f"Charts 1 and 3 of the case look the same as a {way}.")
            changed = charts.show(page, other, shown)
            must((changed.way, changed.ref) == (way, shown.ref), f"{shown} was changed and is now {changed}.")
            must(changed.look == other.look(way), "`look` is still that of the chart before the change.")
            _stand(plays, *titles)
            calls = len(plays.case.calls())
            must(charts.show(page, other, changed) == changed, "What looks the same is not shown as it was.")
            must(len(plays.case.calls()) == calls, "What looks the same costs calls.")
            for one in (*charts.find(page, titles[0]), *charts.find(page, titles[1])):
                charts.remove(one)

    @only_with("charts")
    def test_a_chart_whose_answer_was_lost_is_found_and_never_doubled(self, plays: Plays, live: Connector) -> None:
        charts, page, (chart, _) = _ready(plays, live)
        titles = []
        for number, way in enumerate(plays.case.ways):
            plays.case.refuse(plays.case.ways[:number])
            for kind in LOST:
                one = replace(chart, title=f"{way} {kind}")
                plays.case.fail(kind, times=1, writes_only=True)
                with only_hub_errors(f"showing a chart through {kind}") as caught:
                    charts.show(page, one, None)
                is_uncertain(caught, kind)
                plays.case.heal()
                found = charts.find(page, one.title)
                shown = charts.show(page, one, found[0] if found else None)
                must(shown.way == way, f"After {kind} the chart is shown as {shown.way}, not as {way}: {shown.why}.")
                titles.append(one.title)
                _stand(plays, *titles)

    @only_with("charts")
    def test_only_the_chart_that_is_named_is_found_and_removed_and_twice_is_no_error(
        self, plays: Plays, live: Connector
    ) -> None:
        charts, page, (first, second) = _ready(plays, live)
        plays.case.chart_of_a_person(first.title)
        must(not charts.find(page, first.title), "find() finds what somebody else wrote.")
        shown = charts.show(page, first, None)
        charts.show(page, second, None)
        must([one.ref for one in charts.find(page, first.title)] == [shown.ref], "find() finds others too.")
        for _ in range(2):
            charts.remove(shown)
        _stand(plays, first.title, second.title)  # the first is the one that somebody else wrote
        must(not charts.find(page, first.title), "A chart is found that was removed.")

    @only_with("charts")
    def test_a_way_that_is_refused_leads_to_the_next_and_says_why(self, plays: Plays, live: Connector) -> None:
        charts, page, (chart, other) = _ready(plays, live)
        shown: Shown | None = None
        for number, way in enumerate(plays.case.ways):
            plays.case.refuse(plays.case.ways[:number])
            fresh = charts.show(page, replace(other, title=f"{other.title} {way}"), None)
            look = replace(plays.case.chart(chart.table, number + 3), title=chart.title)
            shown = charts.show(page, look, shown)
            for one in (fresh, shown):
                must(one.way == way, f"With {plays.case.ways[:number]} refused it is shown as {one.way}, not as {way}.")
                must(bool(one.why) is bool(number), f"Why it is shown as {way}: {one.why!r}.")
            found = [one.ref for one in charts.find(page, chart.title)]
            must(found == [shown.ref], f"Moved to {way}, the chart stands as {found}; shown was {shown.ref}.")

    @only_with("charts")
    def test_what_passes_is_no_reason_for_a_worse_way(self, plays: Plays, live: Connector) -> None:
        charts, page, (chart, _) = _ready(plays, live)
        for kind in ("429", "500", "503", "html"):
            plays.case.fail(kind, wait=3600)
            with only_hub_errors(f"showing a chart through {kind}") as caught:
                charts.show(page, chart, None)
            must(caught and isinstance(caught[0], TransientError), f"A chart shown through {kind} is told as {caught}.")
            plays.case.heal()
            _stand(plays)

    @only_with("charts")
    def test_a_chart_that_a_person_deleted_is_a_record_error(self, plays: Plays, live: Connector) -> None:
        charts, page, (chart, _) = _ready(plays, live)
        for number, way in enumerate(plays.case.ways):
            plays.case.refuse(plays.case.ways[:number])
            shown = charts.show(page, chart, None)
            plays.case.lose(str(shown.ref))
            other = replace(plays.case.chart(chart.table, 3), title=chart.title)
            with only_hub_errors("changing a chart that is gone") as caught:
                charts.show(page, other, shown)
            must(caught and isinstance(caught[0], RecordError), f"A {way} that is gone is told as {caught}.")
            _stand(plays)


def _ready(plays: Plays, live: Connector) -> tuple[Charts, Ref, Sequence[Chart]]:
    """A page without charts, and two charts of one table."""
    _, _, table = prepared(plays, live)
    return has(live.charts, "charts"), plays.case.chart_page(), [plays.case.chart(table, number) for number in (1, 2)]


def _stand(plays: Plays, *titles: str) -> None:
    """These charts are what stands on the page."""
    there = list(plays.case.charts_shown())
    must(there == list(titles), f"On the page stand the charts {there}, not {list(titles)}.")
