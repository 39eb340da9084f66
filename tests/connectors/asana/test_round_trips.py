"""What a sync writes into a task is what it reads there: a task's own fields and custom fields, set and cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.errors import RecordError
from hub.core.types import Collection, Property, Ref, Row, Value
from hub.planning.carry import Carrier, Column, Someone
from hub.planning.sync_ends import column_of, value_of
from tests.connectors.asana.conftest import World

CARRIER = Carrier(
    people=(Someone(key="nora", name="Nora B.", email="nora@example.com", known_as={"asana": "Nora"}),),
    zone=ZoneInfo("Europe/Paris"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "title": TEXT,
    "notes": TEXT,
    "due": st.dates() | INSTANTS,
    "done": st.booleans(),
    "assignees": st.sampled_from([("nora",), ("claire@example.com",)]),
    "section": st.sampled_from(["À faire", "Fait"]),
    "labels": st.lists(st.sampled_from(["urgent", "calme"]), unique=True).map(tuple),
    "Budget": st.decimals(-(10**9), 10**9, places=2),
    "Phase": st.sampled_from(["Devis", "Signé, payé"]),
    "Canaux": st.lists(st.sampled_from(["Mail", "Zoom"]), unique=True).map(tuple),
    "Code": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300),
    "Signature": st.dates() | INSTANTS,
    "Relecture": st.lists(st.sampled_from(["nora", "claire@example.com"]), unique=True).map(tuple),
}
EMPTY = {name: st.just(None) for name in GIVEN if name not in ("title", "section")}
OWN = ("title", "notes", "due", "start", "done", "assignees", "section", "labels")


class Project:
    """A project with a custom field of each type, as a sync finds it."""

    def __init__(self, world: World, *, key: bool) -> None:
        box, ref = world.sandbox, world.project
        self.world, self.ref, self.hub = world, Ref(ref), world.destination()
        box.add_field(ref, "Budget", "number", precision=2)
        box.add_field(ref, "Phase", "enum", ["Devis", "Signé, payé"])
        box.add_field(ref, "Canaux", "multi_enum", ["Mail", "Zoom"])
        box.add_field(ref, "Code", "text")
        box.add_field(ref, "Signature", "date")
        box.add_field(ref, "Relecture", "people")
        if key:
            box.add_field(ref, "Hub", "text")
        box.add_user("Nora", "nora@example.com")
        for name in ("urgent", "calme"):
            box.add_tag(name)
        self.found = {one.name: one for one in self.hub.columns(Collection(name="Clients", kind="table"), self.ref)}
        self.collection = Collection(name="Clients", kind="table", properties=tuple(self.found.values()))
        self.source = world.source()

    def column(self, name: str) -> Column:
        one = self.found.get(name)
        made = {name: Column(name=name, sort=one.kind, connection="asana", options=one.options)} if one else {}
        column = column_of(name, "task", "asana", made)
        assert column is not None
        return column

    def plain(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: CARRIER.plain(value, self.column(name)) for name, value in values.items()}

    def write(self, ref: Ref | None, values: Mapping[str, Value], key: str = "k") -> Ref:
        told = {name: CARRIER.written(value, self.column(name)) for name, value in values.items()}
        if ref is None:
            (made,) = self.hub.create(self.collection, self.ref, [Row(key=key, values=told)], look_first=False)
            ref = made.ref
        else:
            self.hub.update(self.collection, Row(key=key, values=told, ref=ref))
        assert ref is not None
        return ref

    def read(self, ref: Ref) -> dict[str, Value]:
        (record,) = self.source.fetch("task", ref)
        return self.plain({name: value_of(record, name, "task")[1] for name in (*OWN, *self.found)})


@pytest.fixture(params=[True, False], ids=["field", "line"])
def project(world: World, request: pytest.FixtureRequest) -> Project:
    return Project(world, key=request.param)


def same(values: Mapping[str, Value], names: Any) -> dict[str, Value]:
    """Nothing is nothing, however a kind says it. A task that says no section stands in the first."""
    held = {"section": "À faire", **values}
    return {name: None if held.get(name) in (None, "", (), False) else held.get(name) for name in names}


def test_the_columns_are_the_custom_fields_that_can_be_written_as_they_are_now(project: Project) -> None:
    assert {name: one.kind for name, one in project.found.items()} == {
        "Budget": "number", "Phase": "select", "Canaux": "multi_select", "Code": "text", "Signature": "date",
        "Relecture": "people",
    }  # fmt: skip
    assert project.found["Phase"].options == ("Devis", "Signé, payé")
    assert project.found["Canaux"].options == ("Mail", "Zoom")
    assert project.found["Code"].options is None
    project.world.sandbox.add_field(project.ref, "Neuf", "text")
    assert "Neuf" in [one.name for one in project.hub.columns(project.collection, project.ref)]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_as_the_same_plain_value(project: Project, data: st.DataObject) -> None:
    strategies = {name: GIVEN[name] | EMPTY.get(name, GIVEN[name]) for name in GIVEN}
    first = project.plain(data.draw(st.fixed_dictionaries({}, optional=GIVEN)))
    then = project.plain(data.draw(st.fixed_dictionaries({}, optional=strategies)))

    ref = project.write(None, first)
    made = project.read(ref)
    if then:
        project.write(ref, then)
    changed = project.read(ref)

    assert same(made, made) == same(first, made)
    assert same(changed, made) == same({"section": "À faire", **first, **then}, made)


@pytest.mark.parametrize(
    ("before", "start"),
    [
        (date(2026, 3, 20), date(2026, 3, 18)),
        (datetime(2026, 3, 20, 9, tzinfo=UTC), date(2026, 3, 18)),
        (datetime(2026, 3, 20, 9, tzinfo=UTC), datetime(2026, 3, 18, 9, tzinfo=UTC)),
    ],
)
def test_a_start_is_set_and_taken_away_and_the_due_date_stays(project: Project, before: Value, start: Value) -> None:
    ref = project.write(None, {"title": "x", "due": before})

    for value in (start, start, None):
        project.write(ref, {"start": value})
        assert (project.read(ref)["due"], project.read(ref)["start"]) == (before, value)
    project.write(ref, {"start": start, "due": before})
    project.write(ref, {"start": None, "due": None})
    assert (project.read(ref)["due"], project.read(ref)["start"]) == (None, None)


def test_calls_of_an_update_are_one_and_one_more_for_what_asana_takes_by_another_call(project: Project) -> None:
    ref = project.write(None, {"title": "x", "due": date(2026, 3, 20)})
    everything: dict[str, Value] = {
        "title": "y", "notes": "z", "due": date(2026, 3, 21), "done": True, "assignees": ("nora",),
        "Budget": Decimal(3), "Phase": "Devis", "Canaux": ("Mail",), "Code": "A", "Signature": None, "Relecture": (),
    }  # fmt: skip
    project.write(ref, {**everything, "section": "Fait", "labels": ("calme",)})  # the first one reads what names mean
    for values, calls in (
        (everything, 1),
        ({**everything, "start": date(2026, 3, 20)}, 1),
        ({"start": date(2026, 3, 19)}, 2),
        ({"section": "Fait"}, 1),
        ({"labels": ("urgent",)}, 3),
        ({"labels": ("urgent", "calme")}, 2),
        ({"labels": ("urgent", "calme")}, 1),
    ):
        before = len(project.world.sandbox.calls.rows)
        project.write(ref, values)
        assert len(project.world.sandbox.calls.rows) - before == calls, values


def test_notes_written_where_the_row_is_not_ours_leave_the_key_of_another_sync_in_its_place(project: Project) -> None:
    ref = project.write(None, {"title": "x", "notes": "avant"})

    project.write(ref, {"notes": "après"}, key="")

    (record,) = project.source.fetch("task", ref)
    assert (record.fields["notes"], record.fields["hub_key"]) == ("après", "k")
    of_a_person = Ref(project.world.sandbox.add_task(project.ref, "à elle"))
    project.write(of_a_person, {"notes": "Autre"}, key="")
    (record,) = project.source.fetch("task", of_a_person)
    assert (record.fields["notes"], record.fields.get("hub_key")) == ("Autre", None)


def test_a_section_of_nothing_leaves_a_task_where_it_stands(project: Project) -> None:
    ref = project.write(None, {"title": "x", "section": "Fait"})

    project.write(ref, {"section": None, "title": "y"})

    assert (project.read(ref)["section"], project.read(ref)["title"]) == ("Fait", "y")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"start": date(2026, 3, 1)}, "only where it has a due date"),
        ({"start": datetime(2026, 3, 1, 9, tzinfo=UTC), "due": date(2026, 3, 2)}, "due date has an hour"),
        ({"start": "demain", "due": date(2026, 3, 2)}, "demain"),
        ({"Canaux": ("Fax",)}, '"Canaux" of "Clients".*Mail, Zoom'),
        ({"Code": "x" * 1025}, '"Code".*1,025 characters.*1,024'),
        ({"assignees": ("Zoé",)}, "no person is called 'Zoé'. There are: Claire Dupont, Nora"),
        ({"Relecture": ("Zoé",)}, '"Relecture".*Zoé'),
    ],
)
def test_what_asana_cannot_hold_names_the_thing_and_the_way_out(
    project: Project, values: Mapping[str, Value], words: str
) -> None:
    ref = project.write(None, {"title": "x"})

    with pytest.raises(RecordError, match=words):
        project.write(ref, values)


def test_people_are_found_by_their_address_or_else_by_their_name(project: Project) -> None:
    by_name = {"name": "Nora", "email": "elle@ailleurs.example"}
    ref = project.write(None, {"title": "x"})

    project.hub.update(project.collection, Row(key="k", values={"assignees": (by_name,)}, ref=ref))

    assert project.read(ref)["assignees"] == ("nora",)
    project.world.sandbox.add_user("Nora", "autre.nora@example.com")
    fresh = project.world.destination()
    with pytest.raises(RecordError, match="2 persons are called 'Nora'"):
        fresh.update(project.collection, Row(key="k", values={"assignees": ({"name": "Nora"},)}, ref=ref))


def test_a_kind_that_no_custom_field_has_is_a_problem(project: Project) -> None:
    wanted = Collection(
        name="Clients",
        kind="table",
        properties=(
            Property(name="Canaux", kind="multi_select"),
            Property(name="Phase", kind="multi_select"),
            Property(name="Relecture", kind="people"),
            Property(name="Liées", kind="relation"),
        ),
    )

    lines = project.hub.problems(wanted, project.ref)

    assert len(lines) == 2
    assert "needs multi_enum" in lines[0]
    assert "no custom field that holds a relation" in lines[1]
