"""The Notion list of a deadlines job: who is on it, what the hub writes there, and what becomes of what is gone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.notion.values import write
from hub.core.types import Record, Ref, Value
from hub.mapping.deadline_job import DeadlineJob, ShownTasks
from hub.mapping.model import Business
from hub.planning.alerts.shown import desired_list
from hub.planning.alerts.tasks import Tasks, tasks_of
from hub.planning.alerts.types import Task
from hub.planning.diff import diff, expectations, hold
from hub.planning.history import Mirror
from hub.planning.plan import Action, Desired, Known, KnownCollection, View
from tests.planning.alerts.tasks import business, task

LIST = "Échéances de la semaine"
OWNED = {"Tâche": "title", "Échéance": "due", "Terminée": "done", "Responsable": "assignee", "Lien": "url"}


def show(**more: Any) -> ShownTasks:
    return ShownTasks.model_validate(
        {"database": LIST, "source_owns": OWNED, "people_own": ["Priorité", "Commentaire"], **more}
    )


class Notion:
    """The list as the links remember it, and what a plan makes of it."""

    def __init__(self, shown: ShownTasks, who: Business | None = None) -> None:
        self.show = shown
        self.business = who or business()
        self.known: dict[str, KnownCollection] = {}
        self.held: str | None = None

    def plan(self, *tasks: Task) -> Sequence[Action]:
        wanted: Desired = desired_list(self.show, self.business, tasks, self.known)
        actions = diff("lila", "deadlines", [wanted], self.known, "fr")
        self.held = hold(actions, self.known, self.business.safety, expectations([wanted]), "fr")
        return actions

    def apply(self, *tasks: Task) -> list[tuple[str, str, dict[str, Any]]]:
        """Carry the plan out; of each action its kind, its row and what it writes."""
        done: list[tuple[str, str, dict[str, Any]]] = []
        for action in self.plan(*tasks):
            there = self.known.get(action.collection, KnownCollection(ref=Ref("db"), rows={}))
            rows = dict(there.rows)
            if action.kind == "archive":
                rows[action.row] = replace(rows[action.row], ref=Ref(""), values={})
            elif action.row:
                old = rows.get(action.row, Known(ref=Ref("row"), values={}, version=0))
                values = {**old.values, **action.values}
                rows[action.row] = Known(ref=Ref("row"), values=values, version=old.version + 1)
            self.known[action.collection] = replace(there, ref=Ref("db"), rows=rows)
            done.append((action.kind, action.row, action.values))
        return done

    def forget(self, row: str) -> None:
        """Somebody takes the row off the list."""
        there = self.known[LIST]
        gone = replace(there.rows[row], ref=Ref(""), values={})
        self.known[LIST] = replace(there, rows={**there.rows, row: gone})

    def values(self, row: str) -> Mapping[str, Any]:
        return self.known[LIST].rows[row].values


PAGE = task(
    "1",
    "2026-03-20",
    title="Page de vente",
    assignees=("lea", "tom"),
    strangers=("Zoé",),
    url="https://app.asana.com/1",
    place="Lancement",
    section="Textes",
)


def test_each_open_task_with_a_date_is_a_row_with_what_the_source_owns_and_nothing_of_peoples() -> None:
    notion = Notion(show())
    assert notion.apply(PAGE, task("2"), task("3", "2026-03-01", done=True)) == [
        ("prepare", "", {}),
        (
            "create",
            "asana/task/1",
            {
                "Tâche": "Page de vente",
                "Échéance": date(2026, 3, 20),
                "Terminée": False,
                "Responsable": "Léa, Tom, Zoé",
                "Lien": "https://app.asana.com/1",
                "Hub": "asana/task/1",
                "Disparu": False,
            },
        ),
    ]
    assert notion.plan(PAGE, task("2")) == ()


def test_late_ones_come_first_whatever_the_order_they_were_read_in() -> None:
    tasks = [task("1", "2026-12-24"), task("2", "2025-01-05"), task("3", "2026-03-20T08:00"), task("4", "2026-03-20")]
    rows = [action.row for action in Notion(show()).plan(*tasks) if action.row]
    assert rows == ["asana/task/2", "asana/task/4", "asana/task/3", "asana/task/1"]


def test_the_plan_names_the_task_and_says_why() -> None:
    _, created = Notion(show()).plan(PAGE)
    assert (created.name, created.why) == ("Page de vente (asana/task/1)", "Lancement · à rendre : 20/03/2026")
    _, english = Notion(show(), business("en")).plan(replace(PAGE, due=datetime(2026, 3, 20, 8, tzinfo=UTC)))
    assert english.why == "Lancement · due: 2026-03-20 at 09:00"


def test_a_listed_task_stays_when_it_is_done_or_loses_its_date() -> None:
    notion = Notion(show())
    notion.apply(PAGE)
    assert notion.apply(replace(PAGE, done=True)) == [("update", PAGE.id, {"Terminée": True})]
    assert notion.apply(replace(PAGE, due=None)) == [("update", PAGE.id, {"Échéance": None, "Terminée": False})]
    assert notion.held is None


def test_what_people_took_off_the_list_comes_back_while_it_is_open_and_not_once_it_is_done() -> None:
    notion = Notion(show())
    notion.apply(PAGE, task("2", "2026-03-21"))
    notion.forget(PAGE.id)
    notion.forget("asana/task/2")
    again = notion.apply(PAGE, task("2", "2026-03-21", done=True))
    assert [(kind, row) for kind, row, _ in again] == [("create", PAGE.id)]


def test_a_task_that_is_gone_is_marked_and_unmarked_when_it_is_back() -> None:
    notion = Notion(show())
    notion.apply(PAGE)
    assert notion.apply() == [("update", PAGE.id, {"Disparu": True})]
    assert notion.plan() == ()
    assert notion.apply(PAGE) == [("update", PAGE.id, {"Disparu": False})]


def test_a_task_that_is_gone_is_archived_where_the_file_says_so_and_that_waits_for_a_person() -> None:
    notion = Notion(show(when_gone="archive"))
    notion.apply(PAGE)
    assert "Disparu" not in notion.values(PAGE.id)
    (action,) = notion.plan()
    assert (action.kind, action.row) == ("archive", PAGE.id)
    assert notion.held == "1 lignes seraient archivées, la limite est 0"


def test_a_task_that_is_gone_is_kept_as_it_was_where_the_file_says_so() -> None:
    notion = Notion(show(when_gone="keep"))
    notion.apply(PAGE)
    before = notion.values(PAGE.id)
    assert notion.plan() == ()
    assert notion.values(PAGE.id) == before


@pytest.mark.parametrize("when_gone", ["mark", "archive", "keep"])
def test_a_task_that_could_not_be_read_is_not_gone(when_gone: str) -> None:
    notion = Notion(show(when_gone=when_gone))
    notion.apply(PAGE, task("2", "2026-03-21"))
    wanted = desired_list(
        notion.show, notion.business, [task("2", "2026-03-21")], notion.known, {PAGE.id, "asana/task/9"}
    )
    assert diff("lila", "deadlines", [wanted], notion.known, "fr") == ()


def test_a_property_that_people_rename_takes_no_task_off_the_list() -> None:
    job = DeadlineJob.model_validate(
        {
            "hub": 1,
            "job": "deadline_alerts",
            "name": "deadlines",
            "says": "Warn.",
            "watch": [{"from": "notion", "database": "Tâches", "due": "Pour le"}],
            "alerts": [{"name": "today", "when": "on the day", "tell": ["assignee"]}],
        }
    )

    def watched(name: str) -> Tasks:
        fields: dict[str, Value] = {
            "title": "Page",
            "places": ({"key": "db", "name": "Tâches"},),
            "properties": {name: date(2026, 3, 20)},
        }
        row = Record(stream="page", key="p1", fields=fields)
        mirror = Mirror(view=View({("notion", "page"): [row]}), kinds={("notion", "page"): "page"}, ids={})
        return tasks_of(job, business(), mirror)

    notion = Notion(show())
    notion.apply(*watched("Pour le").found)
    renamed = watched("Échéance")
    assert not renamed.found
    assert renamed.unread == {"notion/page/p1"}
    wanted = desired_list(notion.show, notion.business, renamed.found, notion.known, renamed.unread)
    assert diff("lila", "deadlines", [wanted], notion.known, "fr") == ()


def test_many_that_are_gone_at_once_wait_for_a_person_and_many_that_are_done_do_not() -> None:
    tasks = [task(str(n), "2026-03-20") for n in range(40)]
    notion = Notion(show())
    notion.apply(*tasks)
    assert len(notion.plan(*(replace(each, done=True) for each in tasks))) == 40
    assert notion.held is None
    assert len(notion.plan(*tasks[:30])) == 10
    assert notion.held is None
    assert len(notion.plan(*tasks[:29])) == 11
    assert notion.held is not None


def test_a_task_that_two_projects_show_is_one_row() -> None:
    rows = [action.row for action in Notion(show()).plan(PAGE, replace(PAGE, place="Un autre")) if action.row]
    assert rows == [PAGE.id]


def test_seconds_of_an_instant_are_left_out_since_the_list_shows_minutes() -> None:
    notion = Notion(show())
    notion.apply(replace(PAGE, due=datetime(2026, 3, 20, 8, 0, 59, 5, tzinfo=UTC)))
    assert notion.values(PAGE.id)["Échéance"] == datetime(2026, 3, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fr", ["Tâche", "Échéance", "Terminée", "Responsable", "Projet", "Lien", "Hub", "Disparu"]),
        ("en", ["Task", "Due", "Done", "Assignee", "Project", "Link", "Hub", "Gone"]),
    ],
)
def test_a_file_that_names_no_property_gets_the_usual_ones(language: str, names: list[str]) -> None:
    wanted = desired_list(show(source_owns={}), business(language), [PAGE], {})
    assert [one.name for one in wanted.collection.properties] == names
    assert list(wanted.rows[0].values) == names


def test_a_database_has_one_title_whatever_the_file_names() -> None:
    none = desired_list(show(source_owns={"Où": "place", "Liste": "section"}), business(), [PAGE], {})
    assert [(one.name, one.kind) for one in none.collection.properties][:3] == [
        ("Tâche", "title"),
        ("Où", "text"),
        ("Liste", "text"),
    ]
    assert none.rows[0].values["Où"] == "Lancement"
    assert none.rows[0].values["Liste"] == "Textes"
    two = desired_list(show(source_owns={"Nom": "title", "Sujet": "title"}), business(), [PAGE], {})
    assert [one.kind for one in two.collection.properties][:2] == ["title", "text"]


TASK = st.builds(
    lambda key, **more: task(str(key), **more),
    st.integers(0, 9),
    when=st.sampled_from([None, "2026-03-20", "2026-03-21T08:00:30"]),
    done=st.booleans(),
    assignees=st.sampled_from([(), ("lea",), ("lea", "gone")]),
    url=st.sampled_from([None, "https://example.com"]),
)
TASKS = st.lists(TASK, max_size=6, unique_by=lambda each: each.id)


@settings(max_examples=200, deadline=None)
@given(reads=st.lists(TASKS, min_size=1, max_size=5), when_gone=st.sampled_from(["mark", "keep"]), seed=st.integers())
def test_whatever_happens_a_plan_that_was_carried_out_leaves_nothing_to_do_and_no_row_is_lost(
    reads: list[list[Task]], when_gone: str, seed: int
) -> None:
    notion = Notion(show(when_gone=when_gone))
    met: set[str] = set()
    for tasks in reads:
        notion.apply(*tasks)
        shuffled = list(tasks)
        random.Random(seed).shuffle(shuffled)
        assert notion.plan(*shuffled) == ()
        rows = notion.known[LIST].rows
        met |= {each.id for each in tasks if each.due is not None and not each.done}
        assert rows.keys() == met
        here = {each.id: each for each in tasks}
        for key, row in rows.items():
            if key in here:
                assert (row.values["Terminée"], row.values.get("Disparu", False)) == (here[key].done, False)
            elif when_gone == "mark":
                assert row.values["Disparu"] is True
        kinds = {
            one.name: one.kind for one in desired_list(notion.show, notion.business, tasks, {}).collection.properties
        }
        for row in rows.values():
            for name, value in row.values.items():
                write(kinds[name], value)  # what a connector refuses is an error here
