"""Charts are effects like all others: in the plan, in the ledger, held, and once each whenever the hub is killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.notion.charts import NotionCharts
from connectors.notion.sandbox.state import Block, Database
from connectors.notion.sandbox.views import View
from hub.engine.planners import look_and_plan, make_plan
from hub.planning import chart_plan
from hub.planning.diff import render
from hub.planning.plan import Action
from hub.store import runs
from hub.store.database import Store
from tests.engine.saboteur import Killed, killed_at, steps_of
from tests.engine.test_apply import sell, tell
from tests.engine.test_page import Drawing
from tests.engine.world import DAY, PAGE, Boxes

WAYS: dict[str, dict[str, Any]] = {"view": {}, "picture": {"views": False}, "text": {"views": False, "uploads": False}}
TITLES = ["Argent encaissé", "Factures en retard", "Revenu mensuel récurrent"]


@pytest.fixture
def site(boxes: Boxes, store: Store) -> Iterator[Drawing]:
    """Sales in this month and in the month before; nothing is written yet."""
    boxes.notion.plan()
    made = Drawing(boxes, store)
    try:
        made.shop.sell(amount=50_000, at=made.clock() - 40 * DAY)
        sell(made)
        made.backfill()
        yield made
    finally:
        boxes.notion.plan()
        made.close()


def planned(site: Drawing) -> list[Action]:
    """The charts of the plan, as `hub plan` would make it."""
    made = look_and_plan(site.runtime, site.job, make_plan(site.runtime, site.job))
    return [action for action in made.plan.actions if action.kind == "chart"]


def titles(site: Drawing) -> list[str]:
    """The titles of the charts that Notion shows on the CEO's page, in order, whoever knows of them."""
    state = site.notion.state
    with state.lock:
        things = [state.things[child] for page in site.pages() for child in state.things[page].children]
        return [title for thing in things if not thing.trashed for title in _titles(state, thing)]


def _titles(state: Any, thing: Any) -> list[str]:
    if isinstance(thing, Database):
        return [view.name for view in (state.get(key, View) for key in thing.views) if view.type == "chart"]
    if isinstance(thing, Block) and thing.type in ("image", "paragraph"):
        parts = thing.content["caption" if thing.type == "image" else "rich_text"]
        title = "".join(part["plain_text"] for part in parts).split(" · ")[0].split("\n")[0]
        return [title] if title in TITLES else []
    return []


def fewer(site: Drawing, without: str, *, freely: bool = False) -> None:
    """The file names one figure less. `freely`: its rows may be put away without a person."""
    kept = tuple(one for one in site.job.figures if one.figure != without)
    site.job = site.job.model_copy(update={"figures": kept})
    if freely:
        hold_if = site.business.safety.hold_if.model_copy(update={"archives_above": 99})
        safety = site.business.safety.model_copy(update={"hold_if": hold_if})
        site.business = site.business.model_copy(update={"safety": safety})
    site.restart()
    site.dirty()


def last_run(site: Drawing) -> runs.Run:
    with site.store.read() as conn:
        return runs.latest(conn, site.key, 1)[0]


def test_charts_are_lines_of_the_plan_and_nothing_is_shown_before_it_is_applied(site: Drawing) -> None:
    made = make_plan(site.runtime, site.job)

    text = render(made.plan, "text", site.business.language)
    assert f"# graphique {PAGE} › Argent encaissé (charts/cash_in)\n    nouveau, car ce chiffre a un mois" in text
    assert "montre  — → nov. 100,00\u00a0€, objectif 12\u202f000\u00a0€" in text
    assert [action.row for action in made.plan.actions[-3:]] == ["charts/cash_in", "charts/mrr", "charts/overdue"]
    assert render(made.plan, "text", "en").count("# chart ") == 3
    assert titles(site) == []
    site.work()
    assert sorted(titles(site)) == TITLES
    assert planned(site) == []


def test_charts_stand_in_the_ledger_and_are_counted_as_written(site: Drawing) -> None:
    site.work()

    effects = Counter(entry.kind for entry in site.entries())
    assert effects["chart"] == 3
    assert last_run(site).counts["written"] == effects.total()
    assert {entry.ref for entry in site.entries() if entry.kind == "chart"} == {
        ref for _, ref in site.charts().values()
    }


def test_a_redrawn_chart_says_what_it_showed_and_what_it_shows(site: Drawing) -> None:
    site.notion.plan(views=False)
    site.work()
    sell(site)
    site.backfill(again=True)

    (action,) = planned(site)

    assert (action.row, action.why) == ("charts/cash_in", "redessiné, car ce qu'il montre a changé")
    assert [(one.old, one.new) for one in action.changes] == [
        ("nov. 100,00\u00a0€, objectif 12\u202f000\u00a0€", "nov. 200,00\u00a0€, objectif 12\u202f000\u00a0€")
    ]


def test_a_chart_of_a_figure_that_the_file_names_no_more_is_taken_away(site: Drawing) -> None:
    site.work()
    fewer(site, "overdue")

    action, *others = [one for one in make_plan(site.runtime, site.job).plan.actions if one.kind == "chart"]
    assert (action.row, action.title) == ("charts/overdue", "Factures en retard")
    assert [one.why[:7] for one in others] == ["nouveau"]  # the next figure of the file takes its place
    assert action.why == "retiré, car la page ne montre plus de graphique de ce chiffre"


def test_a_held_plan_holds_its_charts_back_too(site: Drawing) -> None:
    site.notion.plan(views=False)
    site.work()
    fewer(site, "overdue")  # rows would be put away

    (turn,) = site.work()

    assert turn.jobs[0].plan_id is not None
    assert sorted(titles(site)) == TITLES
    assert len([one for one in site.entries() if one.kind == "chart"]) == 3


def test_a_chart_that_a_person_deletes_is_shown_again_when_the_hub_looks(site: Drawing) -> None:
    site.work()
    _, gone = site.charts()["mrr"]
    site.notion.trash_as_person(gone)
    assert planned(site) != []
    site.dirty()

    site.work()

    assert sorted(titles(site)) == TITLES
    assert site.charts()["mrr"][1] != gone


@pytest.mark.parametrize("way", ["picture", "text"])
def test_a_chart_that_turns_out_to_be_deleted_is_shown_again_in_the_same_turn(site: Drawing, way: str) -> None:
    site.notion.plan(**WAYS[way])
    site.work()
    site.notion.trash_as_person(site.charts()["cash_in"][1])
    told = len(site.events())
    sell(site)
    tell(site, told)

    site.work()

    assert sorted(titles(site)) == TITLES
    site.at_rest()


def test_a_way_that_is_refused_for_now_is_tried_again_and_not_forgotten(site: Drawing) -> None:
    site.notion.fault("overload", path="/v1/views", retry_after=600, times=1)

    site.work()

    assert sorted(titles(site)) == TITLES
    assert {way for way, _ in site.charts().values()} == {"view"}
    assert [entry.state for entry in site.entries("failed")] == []


def killed(site: Drawing, patch: pytest.MonkeyPatch, call: str, *, after: bool, number: int) -> None:
    """The turn dies before or after that call to the shower of charts."""
    real, calls = getattr(NotionCharts, call), []

    def dying(*given: Any, **named: Any) -> Any:
        calls.append(call)
        answer = real(*given, **named) if after or len(calls) != number else None
        if len(calls) == number:
            raise Killed(call)
        return answer

    with patch.context() as during:
        during.setattr(NotionCharts, call, dying)
        with pytest.raises(Killed):
            site.work()
    site.restart()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_the_call_each_chart_stands_once(
    site: Drawing, monkeypatch: pytest.MonkeyPatch, way: str, *, after: bool
) -> None:
    site.notion.plan(**WAYS[way])
    killed(site, monkeypatch, "show", after=after, number=2)
    assert len(titles(site)) == 1 + after
    assert [entry.kind for entry in site.entries("started")] == ["chart"]

    site.dirty()
    site.work()

    assert sorted(titles(site)) == TITLES
    assert len(site.charts()) == 3
    assert set(site.counts()) == {"done"}


def test_killed_at_any_commit_around_a_chart_each_stands_once(boxes: Boxes, store: Store) -> None:
    boxes.notion.plan(**WAYS["text"])

    def sold() -> Drawing:
        made = Drawing(boxes, store)
        made.shop.sell(amount=50_000, at=made.clock() - 40 * DAY)
        made.backfill()
        return made

    first = sold()
    steps = steps_of(first.work)
    first.close()
    for step in range(len(steps) - 14, len(steps)):
        site = sold()
        where = killed_at(step, site.work)
        site.restart()
        site.work()
        assert sorted(titles(site)) == TITLES, where
        assert set(site.counts()) == {"done"}, where
        site.close()
    boxes.notion.plan()


def test_killed_while_one_way_takes_the_place_of_another_one_chart_is_left(
    site: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.work()
    site.notion.plan(views=False)
    goals = tuple(
        one.model_copy(update={"target": Decimal(9000)} if one.figure == "cash_in" else {}) for one in site.job.figures
    )
    site.job = site.job.model_copy(update={"figures": goals})
    site.restart()
    site.dirty()
    killed(site, monkeypatch, "remove", after=False, number=1)
    assert sorted(titles(site)) != TITLES, "both stand there"

    site.work()

    assert sorted(titles(site)) == TITLES
    site.at_rest()


def test_killed_after_a_chart_was_shown_that_nobody_wants_any_more_it_is_taken_away(
    site: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(site, monkeypatch, "show", after=True, number=3)
    fewer(site, "overdue", freely=True)

    gone, *_ = [one for one in make_plan(site.runtime, site.job).plan.actions if one.kind == "chart"]
    assert (gone.row, gone.title, gone.why[:6]) == ("charts/overdue", "Factures en retard", "retiré")
    site.work()
    assert "Factures en retard" not in titles(site)
    assert len(site.charts()) == 3
    assert set(site.counts()) == {"done"}


@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_of_the_page_costs_25_writes_at_most_its_charts_among_them(site: Drawing, way: str) -> None:
    site.notion.plan(**WAYS[way])
    site.work()
    before = len(site.writes())
    site.clock.skip((35 * DAY).total_seconds())  # another month, a silent source, and money in every figure
    site.shop.sell(amount=90_000, at=site.clock() - 33 * DAY)
    sell(site)
    site.backfill(again=True)
    site.dirty()

    site.work()

    mine = [one for one in site.writes()[before:] if one.route.split("/")[2] in ("blocks", "views", "file_uploads")]
    assert len([one for one in mine if one.route.startswith("/v1/file_uploads")]) == (6 if way == "picture" else 0)
    assert 3 <= len(mine) <= 25, Counter(f"{one.method} {one.route}" for one in mine)


def test_charts_that_do_not_fit_into_one_refresh_wait_for_the_next(
    site: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.notion.plan(views=False)
    site.work()
    site.clock.skip((35 * DAY).total_seconds())
    site.backfill(again=True)
    site.dirty()
    monkeypatch.setattr(chart_plan, "WRITES", 8)

    turns = site.turn()
    said = site.job_state().last_error
    turns += site.work()

    assert [turn.problems for turn in turns] == [[]] * 3
    assert said == "3 graphiques attendent le prochain passage\u00a0: une mise à jour de la page écrit 8 fois au plus"
    by_run: dict[int | None, Counter[str]] = {}
    for entry in site.entries():
        by_run.setdefault(entry.run, Counter())[entry.kind] += 1
    early, later, last = (by_run[run] for run in sorted(run for run in by_run if run)[-3:])
    assert early["update"] > 0 == early["chart"]
    assert (later, last) == ({"chart": 2}, {"chart": 1})
    assert planned(site) == []
