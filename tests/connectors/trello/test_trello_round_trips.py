"""What a sync writes on a card is what it reads there: a card's own fields and custom fields, set and cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.trello.boards import Boards
from connectors.trello.destination import TrelloDestination
from hub.core.errors import RecordError
from hub.core.types import Collection, Property, Ref, Row, Value
from hub.planning.carry import Carrier, Column, Someone
from hub.planning.sync_ends import column_of, value_of
from tests.connectors.trello.conftest import World

CARRIER = Carrier(
    people=(Someone(key="claire", name="Claire M.", email="claire@example.com", known_as={"trello": "claire"}),),
    zone=ZoneInfo("Europe/Paris"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "title": TEXT.filter(str.strip),
    "notes": TEXT,
    "due": INSTANTS,
    "start": INSTANTS,
    "done": st.booleans(),
    "assignees": st.lists(st.sampled_from(["claire", "zoe"]), unique=True).map(tuple),
    "section": st.sampled_from(["À faire", "En cours", "Fait"]),
    "labels": st.lists(st.sampled_from(["Urgent", "Neuf, vraiment", "Calme"]), unique=True).map(tuple),
    "Client": TEXT,
    "Budget": st.decimals(-(10**9), 10**9, places=2),
    "Signé": INSTANTS,
    "Payé": st.booleans(),
    "Étape": st.sampled_from(["Vente", "Livraison, enfin"]),
}
FIXED = ("title", "section", "done")
EMPTY = {name: GIVEN[name] if name in FIXED else st.just(None) for name in GIVEN}
OWN = ("title", "notes", "due", "start", "done", "assignees", "section", "labels")


class Board:
    """A board with a custom field of each type, as a sync finds it."""

    def __init__(self, world: World, board: str, *, key: bool) -> None:
        box = world.sandbox
        for name, kind in (("Client", "text"), ("Budget", "number"), ("Signé", "date"), ("Payé", "checkbox")):
            box.add_custom_field(board, name, kind)
        box.add_custom_field(board, "Étape", "list", options=("Vente", "Livraison, enfin"))
        if key:
            box.add_custom_field(board, "Hub", "text")
        box.add_label(board, "Urgent", "red")
        box.invite(board, box.add_member("Zoé Petit", "zoe"))
        self.world, self.ref = world, Ref(board)
        live = world.connect(board)
        assert live.source is not None
        self.source, self.hub = live.source, TrelloDestination(world.client())
        self.found = {one.name: one for one in self.hub.columns(Collection(name="Suivi", kind="table"), self.ref)}
        self.collection = Collection(name="Suivi", kind="table", properties=tuple(self.found.values()))

    def column(self, name: str) -> Column:
        one = self.found.get(name)
        made = {name: Column(name=name, sort=one.kind, connection="trello", options=one.options)} if one else {}
        column = column_of(name, "task", "trello", made)
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
        (record,) = self.source.fetch("card", ref)
        return self.plain({name: value_of(record, name, "task")[1] for name in dict.fromkeys((*OWN, *self.found))})

    def calls(self) -> list[tuple[str, str]]:
        return [(row["method"], row["path"]) for row in self.world.sandbox.calls.rows]


@pytest.fixture(params=[True, False], ids=["field", "line"])
def suivi(world: World, board: str, request: pytest.FixtureRequest) -> Board:
    return Board(world, board, key=request.param)


def same(values: Mapping[str, Value], names: Any) -> dict[str, Value]:
    """Nothing is nothing, however a kind says it. A card that says no list stands in the first."""
    held = {"section": "À faire", **values}
    return {name: None if held.get(name) in (None, "", (), False) else held.get(name) for name in names}


def test_the_columns_are_the_custom_fields_and_the_instants_that_know_no_days(suivi: Board) -> None:
    assert {name: one.kind for name, one in suivi.found.items()} == {
        "due": "instant", "start": "instant", "Client": "text", "Budget": "number", "Signé": "instant",
        "Payé": "checkbox", "Étape": "select",
    }  # fmt: skip
    assert suivi.found["Étape"].options == ("Vente", "Livraison, enfin")
    assert suivi.found["Client"].options is None
    suivi.world.sandbox.add_custom_field(suivi.ref, "Neuf", "text")
    suivi.world.sandbox.add_custom_field(suivi.ref, "notes", "text")
    assert [one.name for one in suivi.hub.columns(suivi.collection, suivi.ref)] == [*suivi.found, "Neuf"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_as_the_same_plain_value(suivi: Board, data: st.DataObject) -> None:
    first = suivi.plain({"title": "x", **data.draw(st.fixed_dictionaries({}, optional=GIVEN))})
    then = suivi.plain(data.draw(st.fixed_dictionaries({}, optional={n: GIVEN[n] | EMPTY[n] for n in GIVEN})))

    ref = suivi.write(None, first)
    made = suivi.read(ref)
    if then:
        suivi.write(ref, then)
    changed = suivi.read(ref)

    assert same(made, made) == same({"title": "x", **first}, made)
    assert same(changed, made) == same({"title": "x", "section": "À faire", **first, **then}, made)


@pytest.mark.parametrize("day", [date(2026, 3, 20), date(2026, 7, 20)])
def test_a_day_of_the_other_side_is_noon_in_the_business_s_zone_and_comes_back_as_that_day(
    suivi: Board, day: date
) -> None:
    there = Column(name="Échéance", sort="date", connection="notion")

    ref = suivi.write(None, {"title": "x", "due": CARRIER.carried(day, there, suivi.column("due"))})

    read = suivi.read(ref)["due"]
    assert isinstance(read, datetime)
    assert read.astimezone(CARRIER.zone).time().hour == 12
    assert CARRIER.carried(read, suivi.column("due"), there) == day


def test_calls_of_an_update_are_one_and_one_for_each_custom_field(suivi: Board) -> None:
    ref = suivi.write(None, {"title": "x"})
    everything: dict[str, Value] = {
        "title": "y", "notes": "z", "due": datetime(2026, 3, 20, 9, tzinfo=UTC), "start": None, "done": True,
        "assignees": ("claire",), "section": "Fait", "labels": ("Urgent",),
    }  # fmt: skip
    suivi.write(ref, everything)  # the first one reads who and which labels there are
    for values, calls in (
        (everything, 1),
        ({"section": "En cours"}, 1),
        ({"assignees": ()}, 1),
        ({"labels": ("Calme",)}, 2),  # a label that is made
        ({"labels": ("Calme", "Urgent")}, 1),
        ({"Budget": Decimal(3)}, 1),
        ({"Budget": None}, 1),
        ({**everything, "Budget": Decimal(4), "Étape": "Vente"}, 3),
    ):
        before = len(suivi.calls())
        suivi.write(ref, values)
        made = suivi.calls()[before:]
        assert len(made) == calls, values
        assert "GET" not in {method for method, _ in made}


def test_what_was_made_or_renamed_meanwhile_is_found(suivi: Board) -> None:
    ref = suivi.write(None, {"title": "x", "section": "Fait", "assignees": ("claire",), "labels": ("Calme",)})
    box = suivi.world.sandbox
    box.add_list(suivi.ref, "Archives")
    box.add_custom_field(suivi.ref, "Neuf", "text")
    box.invite(suivi.ref, box.add_member("Paul Blanc", "paul"))
    label = next(iter(each["id"] for each in box.labels.values() if each["name"] == "Urgent"))
    del box.labels[label]

    suivi.hub.update(
        suivi.collection,
        Row(
            key="k", values={"section": "Archives", "assignees": "@paul", "Neuf": "oui", "labels": ("Urgent",)}, ref=ref
        ),
    )

    (record,) = suivi.source.fetch("card", ref)
    assert (record.fields["section"], record.fields["labels"]) == ("Archives", ("Urgent",))
    assert record.fields["assignees"][0]["username"] == "paul"  # type: ignore[index, call-overload]
    assert value_of(record, "Neuf", "task") == (True, "oui")


def test_a_board_is_believed_for_some_minutes(world: World, board: str) -> None:
    at = [0.0]
    boards = Boards(world.client(), lambda: at[0])
    assert boards.kept(board) is None

    read = boards.read(board)

    at[0] = 299.0
    assert boards.kept(board) is read
    at[0] = 301.0
    assert boards.kept(board) is None


def test_notes_written_where_the_row_is_not_ours_leave_the_key_of_another_sync_in_its_place(suivi: Board) -> None:
    ref = suivi.write(None, {"title": "x", "notes": "avant"})

    suivi.write(ref, {"notes": "après"}, key="")

    (record,) = suivi.source.fetch("card", ref)
    assert (record.fields["notes"], record.fields["hub_key"]) == ("après", "k")


def test_a_section_of_nothing_leaves_a_card_where_it_stands(suivi: Board) -> None:
    ref = suivi.write(None, {"title": "x", "section": "Fait"})

    suivi.write(ref, {"section": None, "title": "y"})
    suivi.hub.create(suivi.collection, suivi.ref, [Row(key="k", values={"title": "z"})], look_first=True)

    assert (suivi.read(ref)["section"], suivi.read(ref)["title"]) == ("Fait", "y")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"due": {"start": datetime(2026, 3, 1, tzinfo=UTC)}}, '"due" of a Trello card cannot be'),
        (
            {"assignees": ("nobody@example.com",)},
            r"nobody@example.com is not a member.*Claire Martin \(@claire\).*Invite",
        ),
        ({"Étape": "Perdu"}, '"Étape" has no option "Perdu".*Vente'),
        ({"Client": "x" * 16_400}, '"Client".*16,384'),
        ({"section": "Nulle part"}, "no open list"),
    ],
)
def test_what_trello_cannot_hold_names_the_thing_and_the_way_out(
    suivi: Board, values: Mapping[str, Value], words: str
) -> None:
    ref = suivi.write(None, {"title": "x"})

    with pytest.raises(RecordError, match=words):
        suivi.write(ref, values)


def test_one_of_two_members_of_a_name_is_meant_by_her_username(suivi: Board) -> None:
    box = suivi.world.sandbox
    box.invite(suivi.ref, box.add_member("Zoé Petit", "zoe2"))
    ref = suivi.write(None, {"title": "x"})

    with pytest.raises(RecordError, match=r"2 members .* called Zoé Petit: .*@zoe\).*@zoe2\).*username"):
        suivi.hub.update(suivi.collection, Row(key="k", values={"assignees": ({"name": "Zoé Petit"},)}, ref=ref))
    who = {"name": "Zoé Petit", "username": "zoe2"}
    suivi.hub.update(suivi.collection, Row(key="k", values={"assignees": (who,)}, ref=ref))

    (record,) = suivi.source.fetch("card", ref)
    assert [each["username"] for each in record.fields["assignees"]] == ["zoe2"]  # type: ignore[union-attr, index, call-overload]


def test_a_kind_that_no_custom_field_has_is_a_problem(suivi: Board) -> None:
    wanted = Collection(
        name="Suivi",
        kind="table",
        properties=(Property(name="Qui", kind="people"), Property(name="Étape", kind="status")),
    )

    (line,) = suivi.hub.problems(wanted, suivi.ref)

    assert "no custom field that holds a people" in line
