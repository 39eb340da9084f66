"""What is to be done with the charts of a page, and why: from what is known of them alone."""

from __future__ import annotations

from dataclasses import replace

from hub.core.charts import Chart, Shown, Way
from hub.core.types import Ref
from hub.planning.chart_plan import WRITES, Hung, chart_actions, within_room
from hub.planning.page_charts import Trend, chart, trends
from hub.planning.plan import Action, FieldChange
from tests.planning.make import business
from tests.planning.test_page import figure
from tests.planning.test_page_charts import COLUMNS, WANTED, months

HOME = business(language="en")


def wanted(last: str = "2400") -> list[tuple[Trend, Chart]]:
    figures = [*months("cash_in")[:-1], figure("cash_in", last), *months("mrr")]
    found = trends(figures, WANTED, HOME)
    return [(trend, chart(trend, HOME, Ref("table"), COLUMNS, picture=False)) for trend in found]


def hung(way: Way = "view", **more: bool) -> dict[str, Hung]:
    """Both charts as they were shown last."""
    return {
        trend.key: Hung(
            title=trend.title,
            shown=Shown(way=way, ref=Ref(f"block {trend.key}"), look=shown.look(way)),
            content=trend.content,
            says=shown.says,
            version=4,
            begun=more.get(trend.key, False),
        )
        for trend, shown in wanted()
    }


def planned(there: dict[str, Hung], last: str = "2400") -> list[tuple[str, str]]:
    return [(one.row, one.why.split(",")[0]) for one in chart_actions("revenue", "Page", wanted(last), there, "en")]


def test_what_is_not_on_the_page_is_new_and_what_shows_what_it_shall_is_left_alone() -> None:
    assert planned({}) == [("charts/cash_in", "new"), ("charts/mrr", "new")]
    assert planned(hung()) == planned(hung("picture")) == planned(hung("text")) == []
    gone = {**hung(), "mrr": replace(hung()["mrr"], shown=None)}
    assert planned(gone) == [("charts/mrr", "new")]


def test_a_view_follows_its_figures_by_itself_and_a_picture_or_a_text_is_redrawn() -> None:
    assert planned(hung(), "9999") == []
    assert planned(hung("picture"), "9999") == planned(hung("text"), "9999") == [("charts/cash_in", "redrawn")]


def test_an_attempt_that_was_cut_short_is_finished_whatever_is_wanted_by_now() -> None:
    assert planned(hung(mrr=True)) == [("charts/mrr", "redrawn")]
    lost = Hung(title="Old", shown=None, content="", says="", version=0, begun=True)
    assert planned({**hung(), "fees": lost}) == [("charts/fees", "taken away")]
    assert planned({**hung(), "fees": replace(lost, begun=False)}) == []


def test_all_that_is_done_next_with_a_chart_has_one_key() -> None:
    keys = {
        action.key
        for there, last in (({}, "1"), ({}, "2"))
        for action in chart_actions("revenue", "Page", wanted(last), there, "en")
    }
    assert keys == {"revenue/charts/Page/cash_in/1", "revenue/charts/Page/mrr/1"}
    (redrawn,) = chart_actions("revenue", "Page", wanted("9999"), hung("text"), "fr")
    (gone,) = chart_actions("revenue", "Page", wanted()[1:], hung("text"), "fr")
    assert redrawn.key == gone.key == "revenue/charts/Page/cash_in/5"
    assert redrawn.changes == (FieldChange("montre", "Nov €2,400.00, target €3,000", "Nov €9,999.00, target €3,000"),)
    assert gone.changes == (FieldChange("montre", "Nov €2,400.00, target €3,000", None),)


def test_a_refresh_writes_25_times_at_most_and_the_rest_waits() -> None:
    charts = chart_actions("revenue", "Page", wanted(), {}, "en")
    block = Action(key="k", kind="update", collection="Page", row="r", ref=Ref("b"), changes=(), why="")
    rows = [replace(block, collection="Figures")] * 99

    assert within_room(charts, [*rows, *[block] * (WRITES - 6)], "en") == (charts, None)
    some, why = within_room(charts, [*rows, *[block] * (WRITES - 5)], "en")
    assert some == charts[:1]
    assert why == "1 chart waits for the next turn: one refresh of the page writes 25 times at most"
    assert within_room(charts, [block] * 40, "fr")[0] == ()
