"""Writing tasks: each once, found again after a lost answer, with the values that Asana can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.money import Money
from hub.core.types import Collection, Property, Ref, Row, Value
from tests.connectors.asana.conftest import World

PLAIN = ("title", "notes", "due", "done", "assignees", "section", "labels")
TABLE = Collection(
    name="Clients", kind="table", properties=tuple(Property(name=name, kind="text") for name in PLAIN)
)  # kinds of a task's own fields are Asana's
MORE = replace(
    TABLE,
    properties=(
        *TABLE.properties,
        Property(name="Budget", kind="number"),
        Property(name="Phase", kind="select"),
        Property(name="Code", kind="text"),
        Property(name="Signature", kind="date"),
        Property(name="Appel", kind="instant"),
    ),
)


def with_fields(world: World, *, key: bool = True) -> None:
    box, project = world.sandbox, world.project
    box.add_field(project, "Budget", "number", precision=2)
    box.add_field(project, "Phase", "enum", ["Devis", "Signé"])
    box.add_field(project, "Code", "text")
    box.add_field(project, "Signature", "date")
    box.add_field(project, "Appel", "date")
    if key:
        box.add_field(project, "Hub", "text")


VALUES: Mapping[str, Value] = {
    "title": "Envoyer le contrat",
    "notes": "Deux pages",
    "due": date(2026, 11, 25),
    "done": False,
    "assignees": ({"name": "Nora", "email": "nora@example.com"},),
    "section": "Fait",
    "labels": ("urgent",),
    "Budget": Decimal("12.50"),
    "Phase": "Signé",
    "Code": "A-7",
    "Signature": date(2026, 12, 1),
    "Appel": datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
}


def furnished(world: World, *, key: bool = True) -> str:
    with_fields(world, key=key)
    world.sandbox.add_tag("urgent")
    world.sandbox.add_tag("calme")
    return world.sandbox.add_user("Nora", "nora@example.com")


@pytest.mark.parametrize("key", [True, False])
def test_what_is_written_is_read_back(world: World, key: bool) -> None:
    nora = furnished(world, key=key)
    hub = world.destination()
    ref = hub.prepare(MORE, None, None)
    assert ref == world.project

    (made,) = hub.create(MORE, ref, [Row(key="client-7", values=VALUES)], look_first=False)

    (row,) = hub.rows(MORE, ref)
    who = ({"key": nora, "name": "Nora", "email": "nora@example.com"},)
    assert (row.key, row.ref, dict(row.values)) == ("client-7", made.ref, {**VALUES, "assignees": who})
    (task,) = world.sandbox.tasks(world.project)
    assert task["notes"] == ("Deux pages" if key else "Deux pages\n\nHub: client-7")
    record = world.read("task")[task["gid"]]
    assert (record.fields["notes"], record.fields["hub_key"]) == ("Deux pages", "client-7")
    assert "Hub" not in record.fields["properties"]  # type: ignore[operator]


@pytest.mark.parametrize("key", [True, False])
def test_an_update_sets_only_what_it_is_given_and_the_key_stays(world: World, key: bool) -> None:
    furnished(world, key=key)
    hub = world.destination()
    ref = Ref(world.project)
    (made,) = hub.create(MORE, ref, [Row(key="k", values=VALUES)], look_first=False)
    change: Mapping[str, Value] = {
        "notes": "Trois pages",
        "due": datetime(2026, 11, 26, 8, tzinfo=UTC),
        "done": True,
        "assignees": (),
        "section": "À faire",
        "labels": ("calme",),
        "Budget": None,
        "Phase": "devis",
    }

    for _ in range(2):
        world.destination().update(MORE, Row(key="k", values=change, ref=made.ref))

    (row,) = hub.rows(MORE, ref)
    assert row.key == "k"
    assert dict(row.values) == {**VALUES, **change, "Phase": "Devis"}
    world.destination().update(MORE, Row(key="k", values={"due": None, "notes": None}, ref=made.ref))
    (row,) = hub.rows(MORE, ref)
    assert (row.key, row.values["due"], row.values["notes"]) == ("k", None, None)


def test_a_created_task_whose_answer_was_lost_is_found_again(world: World) -> None:
    hub = world.destination()
    ref, row = Ref(world.project), Row(key="k", values={"title": "une", "section": "Fait"})
    world.sandbox.faults.add("POST", "/api/1.0/tasks", "reset_after_commit", times=1)
    with pytest.raises(TransientError) as lost:
        hub.create(TABLE, ref, [row], look_first=False)
    assert lost.value.uncertain

    (made,) = hub.create(TABLE, ref, [row], look_first=True)

    (task,) = world.sandbox.tasks(world.project)
    assert made.ref == task["gid"]
    assert task["memberships"][0]["section"]["name"] == "Fait"


def test_a_created_task_that_is_found_again_stays_as_people_have_edited_it_since(world: World) -> None:
    hub = world.destination()
    ref, row = Ref(world.project), Row(key="k", values={"title": "une", "due": date(2026, 3, 1), "section": "À faire"})
    (made,) = hub.create(TABLE, ref, [row], look_first=False)
    world.sandbox.edit_task(str(made.ref), name="deux", due_on="2026-04-01")
    world.sandbox.move_task(str(made.ref), world.project, "Fait")

    (found,) = hub.create(TABLE, ref, [row], look_first=True)

    (task,) = world.sandbox.tasks(world.project)
    assert found.ref == task["gid"]
    assert (task["name"], task["due_on"]) == ("deux", "2026-04-01")
    assert task["memberships"][0]["section"]["name"] == "Fait"


def test_a_task_that_could_not_be_moved_to_its_section_is_told_as_committed(world: World) -> None:
    hub = world.destination()
    ref, row = Ref(world.project), Row(key="k", values={"title": "une", "section": "Fait"})
    world.sandbox.faults.add("POST", "/api/1.0/sections/*", "500")
    with pytest.raises(TransientError) as half:
        hub.create(TABLE, ref, [row], look_first=False)
    (task,) = world.sandbox.tasks(world.project)
    assert (half.value.uncertain, half.value.committed) == (True, (task["gid"],))
    world.sandbox.heal()

    hub.create(TABLE, ref, [row], look_first=True)

    assert [each["memberships"][0]["section"]["name"] for each in world.sandbox.tasks(world.project)] == ["Fait"]


def test_the_author_of_the_last_edit_is_told_and_asked_for_only_when_it_was_edited(world: World) -> None:
    nora = world.sandbox.add_user("Nora", "nora@example.com")
    hub, ref = world.destination(), Ref(world.project)
    hub.create(TABLE, ref, [Row(key="k", values={"title": "une"})], look_first=False)
    people = world.sandbox.add_task(world.project, "des gens")
    assert {row.edited_by for row in hub.rows(TABLE, ref)} == {"hub", None}

    task = next(iter(row.ref for row in hub.rows(TABLE, ref) if row.key))
    assert task is not None
    world.sandbox.edit_task(task, by=nora, name="deux")
    world.sandbox.add_comment(task, "vu", by=world.sandbox.owner)
    seen = {row.ref: row.edited_by for row in hub.rows(TABLE, ref)}
    list(hub.rows(TABLE, ref))

    assert seen == {task: "Nora", people: None}
    asked = [path for _, path in world.sandbox.calls.counts if path.endswith("/stories")]
    assert (asked, world.sandbox.calls.counts["GET", asked[0]]) == ([f"/api/1.0/tasks/{task}/stories"], 1)


def test_archiving_puts_it_in_the_trash_and_twice_is_no_error(world: World) -> None:
    hub, ref = world.destination(), Ref(world.project)
    (made,) = hub.create(TABLE, ref, [Row(key="k", values={"title": "une"})], look_first=False)
    assert made.ref is not None

    hub.archive(TABLE, made.ref)
    hub.archive(TABLE, made.ref)

    assert list(hub.rows(TABLE, ref)) == []
    with pytest.raises(RecordError, match="gone"):
        hub.update(TABLE, Row(key="k", values={"title": "deux"}, ref=made.ref))


def test_subtasks_are_no_rows(world: World) -> None:
    task = world.sandbox.add_task(world.project, "une")
    world.sandbox.add_task(None, "partie", parent=task)

    assert [row.ref for row in world.destination().rows(TABLE, Ref(world.project))] == [task]


def test_the_project_is_found_by_its_exact_name_and_never_made(world: World) -> None:
    hub = world.destination()

    assert hub.find(TABLE, None) == world.project
    assert hub.find(replace(TABLE, name="clients"), None) is None
    with pytest.raises(ConfigError, match="make it"):
        hub.prepare(replace(TABLE, name="Projets"), None, None)
    second = world.sandbox.add_project("Clients")
    with pytest.raises(ConfigError, match=second):
        hub.find(TABLE, None)
    world.sandbox.change_project(second, archived=True)
    assert hub.find(TABLE, None) == world.project
    with pytest.raises(ConfigError, match="page"):
        hub.find(replace(TABLE, kind="page"), None)


def test_problems_name_the_fields_that_are_missing_or_of_another_type(world: World) -> None:
    hub, ref = world.destination(), Ref(world.project)
    assert hub.problems(TABLE, ref) == ()
    world.sandbox.add_field(world.project, "Budget", "text")
    world.sandbox.add_field(world.project, "Hub", "number")

    lines = hub.problems(replace(MORE, properties=(*MORE.properties, Property(name="Oui", kind="checkbox"))), ref)

    assert len(lines) == 7
    for line, words in zip(lines, (("Hub", "text"), ("Budget", "number"), ("Phase", "enum")), strict=False):
        assert all(word in line for word in words)
    assert "checkbox" in lines[-1]
    with pytest.raises(ConfigError, match="Budget"):
        hub.prepare(MORE, ref, None)
    with_key = world.sandbox.add_project("Deux")
    world.sandbox.change_project(with_key, deleted=True)
    with pytest.raises(ConfigError, match="no longer"):
        hub.problems(TABLE, Ref(with_key))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"section": "Rien"}, "À faire, Fait"),
        ({"labels": ("rien",)}, "no tag"),
        ({"assignees": "Personne"}, "Claire Dupont"),
        ({"assignees": ({"name": "Nora"}, {"name": "Claire Dupont"})}, "one assignee"),
        ({"assignees": {}}, "name or e-mail"),
        ({"Phase": "Perdu"}, "Devis, Signé"),
        ({"Budget": Decimal("1.005")}, "2 decimals"),
        ({"Budget": "beaucoup"}, "number"),
        ({"Signature": True}, "date"),
        ({"due": "demain"}, "demain"),
        ({"due": datetime(2026, 1, 1)}, "aware"),  # noqa: DTZ001  this is the point
        ({"Couleur": "rouge"}, "no field"),
    ],
)
def test_what_asana_cannot_hold_is_an_error_of_that_row(world: World, values: Mapping[str, Value], words: str) -> None:
    furnished(world)
    hub = world.destination()
    (made,) = hub.create(MORE, Ref(world.project), [Row(key="k", values={"title": "une"})], look_first=False)

    with pytest.raises(RecordError, match=words):
        hub.update(MORE, Row(key="k", values=values, ref=made.ref))


def test_people_and_options_are_found_by_any_of_their_words(world: World) -> None:
    nora = furnished(world)
    world.sandbox.add_field(world.project, "Relecture", "people")
    world.sandbox.add_field(world.project, "Canaux", "multi_enum", ["Mail", "Zoom"])
    hub, ref = world.destination(), Ref(world.project)
    values: Mapping[str, Value] = {
        "assignees": "NORA@example.com",
        "Relecture": ({"name": "Nora"}, {"key": world.sandbox.owner}),
        "Canaux": ("mail", "Zoom"),
        "Budget": Money(Decimal("99.90"), "EUR"),
    }

    hub.create(MORE, ref, [Row(key="k", values=values)], look_first=False)

    (task,) = world.sandbox.tasks(world.project)
    fields = {each["name"]: each for each in task["custom_fields"]}
    assert task["assignee"]["gid"] == nora
    assert [each["name"] for each in fields["Relecture"]["people_value"]] == ["Nora", "Claire Dupont"]
    assert fields["Canaux"]["display_value"] == "Mail, Zoom"
    assert fields["Budget"]["number_value"] == 99.9


def test_a_section_made_meanwhile_is_found(world: World) -> None:
    hub, ref = world.destination(), Ref(world.project)
    row = Row(key="k", values={"title": "une", "section": "Fait"})
    (made,) = hub.create(TABLE, ref, [row], look_first=False)
    world.sandbox.add_section(world.project, "Archives")

    hub.update(TABLE, Row(key="k", values={"section": "Archives"}, ref=made.ref))

    (seen,) = hub.rows(TABLE, ref)
    assert seen.values["section"] == "Archives"


def test_a_renamed_project_stays_the_one_that_is_meant(world: World) -> None:
    hub, ref = world.destination(), Ref(world.project)
    (made,) = hub.create(TABLE, ref, [Row(key="k", values={"title": "une"})], look_first=False)
    world.sandbox.change_project(world.project, name="Clientes")

    hub.update(TABLE, Row(key="k", values={"title": "deux"}, ref=made.ref))

    assert world.sandbox.tasks(world.project)[0]["name"] == "deux"
    with pytest.raises(RecordError, match="no longer stands"):
        world.destination().update(TABLE, Row(key="k", values={"title": "trois"}, ref=made.ref))


def test_check_names_the_person_and_the_workspace(world: World) -> None:
    assert world.destination().check() == ("Key of Claire Dupont", "Workspace: Sandbox")
