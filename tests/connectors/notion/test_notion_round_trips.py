"""What a sync writes into a row is what it reads there: every kind of property, set, changed and cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.notion.destination import NotionDestination
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Collection, Property, Ref, Row, Value
from hub.planning.carry import Carrier, Column, Someone
from tests.connectors.notion.conftest import Reading

LEA = Someone(key="lea", name="Léa", email="lea@example.com")
CARRIER = Carrier(people=(LEA,), zone=ZoneInfo("Europe/Paris"))
UPDATE, USERS = "PATCH /v1/pages/{page_id}", "GET /v1/users"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
OPTION = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=","), min_size=1, max_size=40
).filter(str.strip)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPAN = {"start": date(2026, 3, 1), "end": date(2026, 3, 4)}
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "Nom": TEXT,
    "Notes": TEXT | st.integers(2001, 9000).map(lambda size: "é🎉x" * (size // 3)),
    "Budget": st.decimals(-(10**9), 10**9, places=2) | st.integers(-(10**9), 10**9),
    "Fait": st.booleans(),
    "Quand": st.dates() | INSTANTS | st.just(SPAN),
    "Étape": OPTION,
    "Canaux": st.lists(OPTION, max_size=4).map(tuple),
    "Statut": st.sampled_from(["Not started", "In progress", "Done"]),
    "Qui": st.lists(st.sampled_from(["lea", "nora@example.com"]), unique=True).map(tuple),
    "Liées": st.lists(st.integers(0, 2), unique=True).map(tuple),
    "Lien": st.just("https://example.com/a"),
    "Mail": st.just("nora@example.com"),
    "Tél": st.just("+33 6 12 34 56 78"),
}
EMPTY = {name: st.just(None) for name in GIVEN}
SCHEMA = {
    "Nom": {"title": {}},
    "Notes": {"rich_text": {}},
    "Budget": {"number": {"format": "euro"}},
    "Fait": {"checkbox": {}},
    "Quand": {"date": {}},
    "Étape": {"select": {}},
    "Canaux": {"multi_select": {}},
    "Statut": {"status": {}},
    "Qui": {"people": {}},
    "Lien": {"url": {}},
    "Mail": {"email": {}},
    "Tél": {"phone_number": {}},
    "Hub": {"rich_text": {}},
    "Fichiers": {"files": {}},
    "Fait le": {"created_time": {}},
}


class Table:
    """A database with a column of each type, as a sync finds it."""

    def __init__(self, reading: Reading) -> None:
        other = reading.table("Autres")
        self.others = [reading.row(other, f"autre {number}") for number in range(3)]
        self.source = reading.table(
            "Tâches", {**SCHEMA, "Liées": {"relation": {"data_source_id": other, "single_property": {}}}}
        )
        reading.sandbox.edit_as_person(reading.row(self.source, "de Léa"), {"Qui": ["Lea", "Nora"]}, "Lea")
        self.reading = reading
        self.hub = NotionDestination(reading.client, reading.page)
        plain = Collection(name="Tâches", kind="table")
        self.found = {one.name: one for one in self.hub.columns(plain, Ref(self.source))}
        self.collection = Collection(name="Tâches", kind="table", properties=tuple(self.found.values()))

    def column(self, name: str) -> Column:
        one = self.found[name]
        return Column(name=name, sort=one.kind, connection="notion", options=one.options, groups=one.groups)

    def plain(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: CARRIER.plain(value, self.column(name)) for name, value in values.items()}

    def written(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: CARRIER.written(value, self.column(name)) for name, value in values.items()}

    def read(self, ref: Ref) -> dict[str, Value]:
        (record,) = self.reading.source(self.source).fetch("row", ref)
        held: Mapping[str, Value] = record.fields["properties"]  # type: ignore[assignment]
        return self.plain({name: held[name] for name in self.found})

    def new(self, **values: Value) -> Ref:
        (made,) = self.hub.create(self.collection, Ref(self.source), [Row(key="k", values=values)], look_first=False)
        assert made.ref is not None
        return made.ref


@pytest.fixture
def table(reading: Reading) -> Table:
    return Table(reading)


def same(value: Value) -> Value:
    """Nothing is nothing, however a kind says it."""
    return None if value in (None, "", (), False) else value


def drawn(table: Table, given: Mapping[str, Value]) -> dict[str, Value]:
    others = given.get("Liées")
    values = dict(given)
    if isinstance(others, tuple):
        values["Liées"] = tuple(table.others[int(str(number))] for number in others)
    return table.plain(values)


def test_the_columns_are_those_that_can_be_written_as_they_are_now(table: Table) -> None:
    assert {name: one.kind for name, one in table.found.items()} == {
        "Nom": "title", "Notes": "text", "Budget": "number", "Fait": "checkbox", "Quand": "date", "Étape": "select",
        "Canaux": "multi_select", "Statut": "status", "Qui": "people", "Liées": "relation", "Lien": "url",
        "Mail": "email", "Tél": "phone",
    }  # fmt: skip
    assert table.found["Budget"].number_format == "euro"
    assert table.found["Étape"].options is None
    assert table.found["Statut"].options == ("Not started", "In progress", "Done")
    assert table.found["Statut"].groups == {"Not started": "to do", "In progress": "in progress", "Done": "complete"}
    table.reading.sandbox.change_schema_as_person(table.source, {"Tél": None, "Mail": {"name": "Adresse"}})
    names = [one.name for one in table.hub.columns(table.collection, Ref(table.source))]
    assert "Adresse" in names
    assert not {"Tél", "Mail", "Hub", "Fichiers"} & set(names)
    assert table.hub.columns(Collection(name="Page", kind="page"), Ref(table.reading.page)) == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_as_the_same_plain_value(table: Table, data: st.DataObject) -> None:
    first = drawn(table, data.draw(st.fixed_dictionaries({}, optional=GIVEN)))
    then = drawn(table, data.draw(st.fixed_dictionaries({}, optional={n: GIVEN[n] | EMPTY[n] for n in GIVEN})))

    ref = table.new(**table.written(first))
    made = table.read(ref)
    if then:
        table.hub.update(table.collection, Row(key="k", values=table.written(then), ref=ref))
    changed = table.read(ref)

    assert {name: same(made[name]) for name in made} == {name: same(first.get(name)) for name in made}
    assert {name: same(changed[name]) for name in made} == {name: same({**first, **then}.get(name)) for name in made}


def test_a_row_reads_the_same_at_the_destination_and_at_the_source(table: Table) -> None:
    ref = table.new(Nom="x", Qui=({"email": "lea@example.com"},), Quand=SPAN, Canaux=("b", "a"), Notes="n" * 70_000)

    (row,) = (row for row in table.hub.rows(table.collection, Ref(table.source)) if row.ref == ref)
    (record,) = table.reading.source(table.source).fetch("row", ref)

    held: Mapping[str, Value] = record.fields["properties"]  # type: ignore[assignment]
    assert dict(row.values) == {name: held[name] for name in row.values}
    assert row.values["Quand"] == SPAN
    assert len(str(row.values["Notes"])) == 70_000


def test_an_update_of_every_kind_is_one_call_and_people_one_more_now_and_then(table: Table) -> None:
    ref = table.new(Nom="x")
    everything: dict[str, Value] = {
        "Nom": "y", "Notes": "z" * 5000, "Budget": Decimal(3), "Fait": True, "Quand": date(2026, 3, 1), "Étape": "Nue",
        "Canaux": ("un", "deux"), "Statut": "Done", "Liées": tuple(table.others), "Lien": None, "Mail": None,
        "Qui": ({"name": "LEA "}, {"email": "Nora@example.com"}),
    }  # fmt: skip
    table.reading.sandbox.reset_counters()

    for _ in range(3):
        table.hub.update(table.collection, Row(key="k", values=everything, ref=ref))

    assert table.reading.calls() == {UPDATE: 3, USERS: 1}
    table.reading.clock.pass_by(timedelta(minutes=6).total_seconds())
    table.hub.update(table.collection, Row(key="k", values={"Qui": "Nora"}, ref=ref))
    assert table.reading.calls() == {UPDATE: 4, USERS: 2}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"Qui": ({"name": "Zoé", "email": "zoe@example.com"},)},
            '"Qui" of "Tâches": Zoé / zoe@example.com.*Lea, .*Nora',
        ),
        ({"Qui": ({"name": "Ida"},)}, "2 people in Notion are called Ida: .*e-mail"),
        ({"Statut": "Perdu"}, "« Perdu ».*Not started, In progress, Done"),
        ({"Canaux": ("a", "b,c")}, '"Canaux".*comma'),
        ({"Notes": "x" * 200_001}, "200,001"),
        ({"Étape": "x" * 101}, "100 characters"),
        ({"Quand": "demain"}, "'demain'"),
    ],
)
def test_what_notion_cannot_hold_names_the_thing_and_the_way_out(
    table: Table, values: Mapping[str, Value], words: str
) -> None:
    ref = table.new(Nom="x")
    if values.get("Qui") == ({"name": "Ida"},):
        for number in range(2):
            table.reading.sandbox.add_person("Ida", f"ida{number}@example.com")
        table.reading.clock.pass_by(timedelta(minutes=6).total_seconds())

    for _ in range(2):
        with pytest.raises(RecordError, match=words):
            table.hub.update(table.collection, Row(key="k", values=values, ref=ref))
    with pytest.raises(RecordError, match=words):
        table.new(Nom="y", **values)


def test_one_of_two_people_of_a_name_is_meant_by_her_address(table: Table) -> None:
    _, other = (table.reading.sandbox.add_person("Uma", f"uma{number}@example.com") for number in range(2))
    table.reading.clock.pass_by(timedelta(minutes=6).total_seconds())

    ref = table.new(Nom="x", Qui=({"name": "Uma", "email": "uma1@example.com"},))

    (record,) = table.reading.source(table.source).fetch("row", ref)
    held: Mapping[str, Any] = record.fields["properties"]  # type: ignore[assignment]
    assert [who["key"] for who in held["Qui"]] == [other]


def test_without_the_right_to_see_people_the_right_is_named(table: Table) -> None:
    ref = table.new(Nom="x")
    table.reading.sandbox.allow("none", comments=True)
    hub = NotionDestination(table.reading.client, table.reading.page)

    with pytest.raises(ConfigError, match="Read user information"):
        hub.update(table.collection, Row(key="k", values={"Qui": "Lea"}, ref=ref))


def test_a_status_option_that_a_person_added_meanwhile_can_be_written(table: Table) -> None:
    ref = table.new(Nom="x")
    options = table.reading.client.data_source(table.source)["properties"]["Statut"]["status"]["options"]
    more = {"Statut": {"status": {"options": [*options, {"name": "Perdu"}]}}}
    table.reading.sandbox.change_schema_as_person(table.source, more)

    table.hub.update(table.collection, Row(key="k", values={"Statut": "Perdu"}, ref=ref))

    assert table.read(ref)["Statut"] == "Perdu"


def test_a_row_made_after_a_lost_answer_is_adopted_as_it_is(table: Table) -> None:
    values: dict[str, Value] = {"Nom": "x", "Qui": ({"name": "Lea"},), "Canaux": ("b", "a"), "Quand": SPAN}
    table.new(**values)
    more: dict[str, Value]
    for more in ({}, {"Canaux": ("a",)}):
        table.reading.sandbox.reset_counters()
        row = Row(key="k", values={**values, **more})
        table.hub.create(table.collection, Ref(table.source), [row], look_first=True)
        assert UPDATE not in table.reading.calls()


def test_a_missing_relation_is_made_by_a_person(reading: Reading) -> None:
    hub = NotionDestination(reading.client, reading.page)
    wanted = Collection(
        name="Suivi",
        kind="table",
        properties=(
            Property(name="Nom", kind="title"),
            Property(name="Statut", kind="status", options=("À faire", "Fait")),
            Property(name="Phase", kind="select", options=("Devis", "Signé")),
            Property(name="Qui", kind="people"),
        ),
    )
    ref = hub.prepare(wanted, None, None)
    options = {one.name: one.options for one in hub.columns(wanted, ref)}
    assert options["Statut"] == ("À faire", "Fait")

    more = Collection(name="Suivi", kind="table", properties=(*wanted.properties, Property(name="R", kind="relation")))
    with pytest.raises(ConfigError, match='no relation "R": make it in Notion'):
        hub.prepare(more, ref, None)
