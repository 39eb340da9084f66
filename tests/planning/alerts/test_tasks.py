"""The tasks of the watched places: each once, also those without a date and those that are done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.core.types import Record, Value
from hub.mapping.deadline_job import DeadlineJob
from hub.planning.alerts.tasks import Tasks, tasks_of
from hub.planning.alerts.types import Task
from hub.planning.history import Mirror
from hub.planning.plan import View
from tests.planning.alerts.small import business

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOTION: dict[str, Any] = {
    "from": "notion", "database": "Interne", "title": "Sujet", "due": "Pour le", "assignee": "Qui",
    "done": {"Statut": "Terminé"},
}  # fmt: skip
ASANA: dict[str, Any] = {"from": "asana", "project": "Lancement"}
PEOPLE = business(lea={"asana": "Léa Martin", "trello": "leamartin"})
KINDS: Any = {
    ("asana", "task"): "task", ("asana", "user"): "person", ("trello", "card"): "task", ("notion", "row"): "page"
}  # fmt: skip


def asana(key: str, *places: str, **fields: Any) -> Record:
    whole: dict[str, Value] = {
        "title": f"Tâche {key}",
        "due": date(2026, 3, 20),
        "done": False,
        "assignees": (),
        "places": tuple({"key": f"id-{name}", "name": name} for name in places or ("Lancement",)),
        "section": "À faire",
        "created_at": AT,
        "edited_at": AT,
        "url": f"https://app.asana.com/0/0/{key}",
        **fields,
    }
    return Record(stream="task", key=key, fields=whole)


def row(key: str, **properties: Value) -> Record:
    held: dict[str, Value] = {"Sujet": key, "Pour le": date(2026, 3, 20), "Qui": (), "Statut": "En cours", **properties}
    place = {"key": "d1", "name": "Interne"}
    return Record(stream="row", key=key, fields={"title": key, "place": place, "properties": held, "edited_at": AT})


def read(watch: list[dict[str, Any]], *records: Record, connection: str = "asana", **more: Any) -> Tasks:
    job = DeadlineJob.model_validate(
        {"hub": 1, "job": "deadline_alerts", "name": "deadlines", "says": "Warn.", "watch": watch,
         "alerts": [{"name": "today", "when": "on the day", "tell": "assignee"}]}
    )  # fmt: skip
    streams: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        streams.setdefault((connection, record.stream), []).append(record)
    return tasks_of(job, PEOPLE, Mirror(view=View(streams), kinds=KINDS, **more))


def one(watch: dict[str, Any], record: Record, connection: str = "asana") -> Task:
    (found,) = read([watch], record, connection=connection).found
    return found


def test_a_task_has_everything_that_alerts_and_figures_need() -> None:
    record = asana("1", assignees=({"name": "Léa Martin"}, {"email": "jo@example.com", "name": "Jo"}), parent="9")

    assert one(ASANA, record) == Task(
        id="asana/task/1",
        connection="asana",
        stream="task",
        key="1",
        title="Tâche 1",
        due=date(2026, 3, 20),
        assignees=("lea",),
        strangers=("Jo",),
        created_at=AT,
        touched_at=AT,
        place="Lancement",
        place_id="id-Lancement",
        section="À faire",
        url="https://app.asana.com/0/0/1",
        subtask=True,
    )


def test_tasks_without_a_date_and_done_tasks_are_there_and_archived_ones_and_headings_are_not() -> None:
    found = read(
        [ASANA],
        asana("1", due=None),
        asana("2", done=True, done_at=AT),
        asana("3", archived=True),
        asana("4", subtype="section"),
        asana("5", subtype="milestone"),
        Record(stream="user", key="6", fields={"name": "Léa"}),
    ).found

    assert [(task.key, task.due is None, task.done_at, task.milestone) for task in found] == [
        ("1", True, None, False),
        ("2", False, AT, False),
        ("5", False, None, True),
    ]


def test_a_task_in_two_watched_projects_is_there_once_as_the_first_of_them_has_it() -> None:
    watch = [{"from": "asana", "project": "Refonte"}, ASANA]

    (task,) = read(watch, asana("1", "Lancement", "Refonte")).found

    assert (task.id, task.place) == ("asana/task/1", "Refonte")


def test_what_one_place_skips_another_may_watch() -> None:
    skipping = {**ASANA, "skip_lists": ["À faire"]}

    assert read([skipping], asana("1")).found == ()
    assert [
        task.place
        for task in read([skipping, {"from": "asana", "project": "Refonte"}], asana("1", "Lancement", "Refonte")).found
    ] == ["Refonte"]


def test_other_projects_are_out_and_a_project_may_be_known_by_its_id() -> None:
    assert read([ASANA], asana("1", "Autre")).found == ()
    renamed = Record(
        stream="task", key="1", fields={**asana("1").fields, "places": ({"key": "77", "name": "Lancement 2"},)}
    )
    assert [task.place for task in read([ASANA], renamed, ids={("asana", "Lancement"): "77"}).found] == ["Lancement 2"]


@pytest.mark.parametrize(
    ("who", "ours", "strangers"),
    [
        ({"name": "Léa Martin"}, ("lea",), ()),
        ({"name": "Autre Nom", "email": "LEA@example.com"}, ("lea",), ()),
        ({"name": "max"}, ("max",), ()),
        ({"key": "77", "username": "leamartin"}, (), ("leamartin",)),  # that is her name in Trello
        ({"key": "77"}, (), ("77",)),
    ],
)
def test_people_are_known_by_name_address_or_what_the_connection_calls_them(
    who: dict[str, Value], ours: tuple[str, ...], strangers: tuple[str, ...]
) -> None:
    task = one(ASANA, asana("1", assignees=(who,)))

    assert (task.assignees, task.strangers) == (ours, strangers)


def test_a_card_of_trello_is_a_task_with_its_own_names_for_people() -> None:
    card = Record(
        stream="card",
        key="c1",
        fields={
            **asana("c1").fields,
            "due": datetime(2026, 3, 20, 16, tzinfo=UTC),
            "assignees": ({"username": "leamartin"},),
            "places": ({"key": "b1", "name": "Calendrier"},),
        },
    )

    task = one({"from": "trello", "board": "Calendrier"}, card, "trello")

    assert (task.id, task.assignees, task.due) == ("trello/card/c1", ("lea",), datetime(2026, 3, 20, 16, tzinfo=UTC))


def test_a_row_is_read_by_the_names_that_people_gave() -> None:
    done = one(NOTION, row("r1", Statut="Terminé", Qui="Léa"), "notion")

    assert (done.title, done.due, done.assignees, done.done, done.place) == (
        "r1",
        date(2026, 3, 20),
        ("lea",),
        True,
        "Interne",
    )
    several = one(NOTION, row("r1", Qui=("Léa", "Max")), "notion")
    assert several.assignees == ("lea", "max")


@pytest.mark.parametrize(
    ("held", "due"),
    [
        ({"start": date(2026, 3, 18), "end": date(2026, 3, 22)}, date(2026, 3, 22)),
        ({"start": date(2026, 3, 18), "end": None}, date(2026, 3, 18)),
        (datetime(2026, 3, 18, 9, tzinfo=UTC), datetime(2026, 3, 18, 9, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_span_of_days_is_due_at_its_end(held: Value, due: Value) -> None:
    assert one(NOTION, row("r1", **{"Pour le": held}), "notion").due == due


def test_without_a_word_for_done_the_group_of_the_status_says_it() -> None:
    watch = {name: said for name, said in NOTION.items() if name != "done"}
    record = row("r1")

    grouped = Record(stream="row", key="r1", fields={**record.fields, "groups": {"Statut": "complete", "Autre": None}})
    assert one(watch, grouped, "notion").done
    assert not one(watch, record, "notion").done


def test_a_row_that_lacks_a_named_property_is_left_out_because_nobody_can_tell_whether_it_is_done() -> None:
    properties = dict(row("r1").fields["properties"])  # type: ignore[arg-type]
    del properties["Statut"]
    renamed = Record(
        stream="row", key="r1", fields={**row("r1").fields, "properties": {**properties, "État": "Terminé"}}
    )

    found = read([NOTION], renamed, row("r2"), row("r3", **{"Pour le": "demain"}), connection="notion")

    assert [task.key for task in found.found] == ["r2"]
    assert found.notes == (
        "notion › Interne : 2 tâches à lire, impossible ; la première : row r1 has no property « Statut »",
    )


def test_the_order_of_the_records_means_nothing() -> None:
    records = [asana(str(key), assignees=({"name": "Jo"}, {"name": "Max"})) for key in range(9)]

    assert read([ASANA], *records) == read([ASANA], *reversed(records))
