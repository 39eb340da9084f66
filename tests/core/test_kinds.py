"""The kinds that jobs speak of: what fits, what does not, and reading a record by the names that people gave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import codec
from hub.core.errors import RecordError
from hub.core.kinds import KINDS, PLACE, WHO, Field, Kind, Shape, problems, seen_as
from hub.core.money import Money
from hub.core.types import Record, Value

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
EUR = Money(Decimal("9.90"), "EUR")

words = st.text(min_size=1, max_size=12)
whos = st.dictionaries(st.sampled_from(WHO), words | st.none(), min_size=1)
places = st.dictionaries(st.sampled_from(PLACE), words | st.none(), min_size=1)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maps = st.dictionaries(words, words | st.none(), max_size=3)
FITTING: dict[Shape, st.SearchStrategy[Any]] = {
    "text": words,
    "flag": st.booleans(),
    "number": st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=2),
    "money": st.just(EUR),
    "date": st.dates(),
    "instant": instants,
    "date or instant": st.dates() | instants,
    "texts": st.lists(words, max_size=3).map(tuple),
    "who": whos,
    "whos": st.lists(whos, max_size=3).map(tuple),
    "place": places,
    "places": st.lists(places, max_size=3).map(tuple),
    "answers": maps,
    "tracking": maps,
    "properties": maps,
    "checklist": st.lists(maps, max_size=3).map(tuple),
    "files": st.lists(maps, max_size=3).map(tuple),
    "bounce": maps,
}


@st.composite
def whole(draw: Any, kind: Kind) -> dict[str, Value]:
    """A record of the kind: every field that is always there, some of the others, None where it may be."""
    made: dict[str, Value] = {}
    for name, field in KINDS[kind].items():
        if field.always or draw(st.booleans()):
            fitting = FITTING[field.shape]
            made[name] = draw(st.none() | fitting if field.empty else fitting)
    return made


some = settings(max_examples=40)
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@some
@given(data=st.data())
def test_a_record_made_as_the_kind_says_has_no_problem_and_survives_the_mirror(kind: Kind, data: st.DataObject) -> None:
    fields = data.draw(whole(kind))
    assert problems(kind, fields, whole=True) == []
    assert problems(kind, codec.loads(codec.dumps(fields)), whole=True) == []  # type: ignore[arg-type]


@every_kind
@some
@given(data=st.data())
def test_whatever_is_taken_out_or_emptied_is_named_exactly_where_it_had_to_be(kind: Kind, data: st.DataObject) -> None:
    fields = data.draw(whole(kind))
    name = data.draw(st.sampled_from(sorted(KINDS[kind])))
    field = KINDS[kind][name]
    without = {each: value for each, value in fields.items() if each != name}
    assert problems(kind, without, whole=True) == ([f"{name} is missing"] if field.always else [])
    assert problems(kind, without) == []
    assert problems(kind, fields | {name: None}, whole=True) == ([] if field.empty else [f"{name} is empty"])


@every_kind
@some
@given(data=st.data())
def test_a_value_of_another_shape_is_a_problem_of_its_field_alone(kind: Kind, data: st.DataObject) -> None:
    fields = data.draw(whole(kind))
    name = data.draw(st.sampled_from(sorted(KINDS[kind])))
    shape = KINDS[kind][name].shape
    wrong = data.draw(st.sampled_from(WRONG[shape]))
    (problem,) = problems(kind, fields | {name: wrong}, whole=True)
    assert problem == f"{name} is {type(wrong).__name__}, not {shape}"


NAIVE = datetime(2026, 11, 21)  # noqa: DTZ001
WRONG: dict[Shape, list[Any]] = {
    "text": [1, True, ("a",), {"name": "a"}],
    "flag": ["yes", 1, 0],
    "number": [True, "1", EUR],
    "money": [Decimal(1), 1, "1 EUR"],
    "date": [NOW, "2026-11-21"],
    "instant": [date(2026, 11, 21), NAIVE, 1795303711],
    "date or instant": [NAIVE, "2026-11-21"],
    "texts": ["a", (1,), {"a": "b"}],
    "who": ["Nora", {}, {"name": 1}, {"surname": "N"}, ({"name": "a"},)],
    "whos": [{"name": "a"}, ("Nora",), ({},)],
    "place": ["Club", {}, {"email": "a"}],
    "places": [{"name": "a"}, ("Club",)],
    "answers": ["a", {"q": 1}, ({"q": "a"},)],
    "tracking": ["a", {"utm": 1}],
    "properties": ["a", ("a",)],
    "checklist": [{"title": "a"}, ("a",)],
    "files": [{"name": "a"}, ("a",)],
    "bounce": ["a", ("a",)],
}


def test_every_shape_is_tried_both_ways() -> None:
    assert set(get_args(Shape)) == set(FITTING) == set(WRONG)
    assert set(get_args(Kind)) == set(KINDS)


def test_fields_of_the_provider_under_other_names_are_its_own_affair() -> None:
    assert problems("payment", {"balance_transaction": 7}) == []


@every_kind
def test_every_field_says_what_it_means_in_a_phrase(kind: Kind) -> None:
    for name, field in KINDS[kind].items():
        assert isinstance(field, Field)
        assert field.says, name
        assert not field.says.endswith("."), name


def test_a_field_that_every_record_has_is_never_empty() -> None:
    fields = [field for kind in KINDS.values() for field in kind.values()]
    assert not [field for field in fields if field.always and field.empty]


# --- reading a record by the names that people gave


def row(**columns: Value) -> Record:
    return Record(stream="row", key="page-1", fields={"title": "as Notion says", "properties": columns}, at=NOW)


def test_columns_become_the_fields_that_the_names_say() -> None:
    names = {"title": "Tâche", "due": "Échéance", "assignees": "Qui"}
    found = seen_as(row(Tâche="Relancer", Échéance=date(2026, 12, 1), Qui=({"name": "Nora"},)), "task", names)
    assert found.fields["title"] == "Relancer"
    assert found.fields["due"] == date(2026, 12, 1)
    assert found.fields["assignees"] == ({"name": "Nora"},)
    assert (found.stream, found.key, found.at) == ("row", "page-1", NOW)


def test_the_columns_themselves_stay_as_they_are() -> None:
    before = row(Tâche="Relancer", Notes="à rappeler")
    found = seen_as(before, "task", {"title": "Tâche"})
    assert found.fields["properties"] == before.fields["properties"]
    assert before.fields["title"] == "as Notion says"


def test_a_column_that_the_record_lacks_leaves_the_field_as_it_was() -> None:
    assert seen_as(row(), "task", {"title": "Tâche"}).fields["title"] == "as Notion says"
    assert "due" not in seen_as(row(), "task", {"due": "Échéance"}).fields


@pytest.mark.parametrize(
    ("status", "done"), [("Terminé", True), ("terminé", True), ("En cours", False), (None, False), (3, False)]
)
def test_a_flag_is_read_from_the_word_that_means_yes(status: Value, done: bool) -> None:
    assert seen_as(row(Statut=status), "task", {"done": {"Statut": "Terminé"}}).fields["done"] is done


@pytest.mark.parametrize(("ticked", "done"), [(True, True), (False, False)])
def test_a_ticked_box_is_yes(ticked: bool, done: bool) -> None:
    assert seen_as(row(Fait=ticked), "task", {"done": {"Fait": "yes"}}).fields["done"] is done


def test_a_flag_of_several_columns_needs_them_all() -> None:
    names = {"done": {"Statut": "Terminé", "Validé": "yes"}}
    assert seen_as(row(Statut="Terminé", Validé=True), "task", names).fields["done"] is True
    assert seen_as(row(Statut="Terminé", Validé=False), "task", names).fields["done"] is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (({"name": "Nora"}, {"name": "Léa"}), ({"name": "Nora"}, {"name": "Léa"})),
        ({"name": "Nora"}, ({"name": "Nora"},)),
        ("nora@example.com", ({"email": "nora@example.com"},)),
        ("Nora", ({"name": "Nora"},)),
        (None, ()),
    ],
)
def test_one_person_where_several_are_asked_for_is_a_list_of_one(given: Value, expected: Value) -> None:
    assert seen_as(row(Qui=given), "task", {"assignees": "Qui"}).fields["assignees"] == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (({"name": "Nora"},), {"name": "Nora"}),
        ("nora@example.com", {"email": "nora@example.com"}),
        ("Nora", {"name": "Nora"}),
    ],
)
def test_a_list_of_one_where_one_is_asked_for_is_that_one(given: Value, expected: Value) -> None:
    names = {"who": "Qui", "at": "Reçu"}
    assert seen_as(row(Qui=given, Reçu=NOW), "signup", names).fields["who"] == expected


def test_one_word_is_one_label_and_one_label_is_one_word() -> None:
    assert seen_as(row(Étiquette="urgent"), "task", {"labels": "Étiquette"}).fields["labels"] == ("urgent",)
    assert seen_as(row(Liste=("À faire",)), "task", {"section": "Liste"}).fields["section"] == "À faire"


def test_what_cannot_be_read_as_the_field_is_an_error_that_names_record_and_field() -> None:
    with pytest.raises(RecordError, match=r"row page-1 cannot be read as a task: due is str, not date or instant"):
        seen_as(row(Échéance="demain"), "task", {"due": "Échéance"})


def test_two_people_where_one_is_asked_for_are_an_error_and_not_a_choice() -> None:
    with pytest.raises(RecordError, match="who is tuple, not who"):
        seen_as(row(Qui=({"name": "Nora"}, {"name": "Léa"})), "signup", {"who": "Qui"})


def test_a_name_that_the_kind_does_not_have_is_an_error_that_lists_those_it_has() -> None:
    with pytest.raises(RecordError, match=r"A task has no field 'deadline'. It has: title, notes, due"):
        seen_as(row(), "task", {"deadline": "Échéance"})


@given(columns=st.dictionaries(words, words, max_size=4))
def test_without_names_a_record_is_seen_as_it_is(columns: dict[str, Value]) -> None:
    assert seen_as(row(**columns), "task", {}) == row(**columns)


@every_kind
@some
@given(data=st.data())
def test_columns_that_hold_what_the_kind_asks_for_are_read_unchanged(kind: Kind, data: st.DataObject) -> None:
    fields = {name: value for name, value in data.draw(whole(kind)).items() if value is not None}
    record = Record(stream="row", key="page-1", fields={"properties": {f"col {n}": v for n, v in fields.items()}})
    found = seen_as(record, kind, {name: f"col {name}" for name in fields if name != "properties"})
    assert {name: found.fields[name] for name in fields if name != "properties"} == {
        name: value for name, value in fields.items() if name != "properties"
    }
