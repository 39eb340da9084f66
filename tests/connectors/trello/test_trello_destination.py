"""Writing Trello: cards on a board, each made once, found again, and changed only where it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.trello.destination import TrelloDestination
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.money import Money
from hub.core.types import Collection, Property, Ref, Row, Value
from tests.connectors.trello.conftest import World

PLAIN = Collection(name="Suivi", kind="table", properties=(Property(name="title", kind="title"),))
TYPED = Collection(
    name="Suivi",
    kind="table",
    properties=(
        Property(name="title", kind="title"),
        Property(name="due", kind="date"),
        Property(name="Client", kind="text"),
        Property(name="Budget", kind="number"),
        Property(name="Signé", kind="date"),
        Property(name="Vu le", kind="instant"),
        Property(name="Payé", kind="checkbox"),
        Property(name="Étape", kind="select"),
    ),
)
EVERYTHING: Mapping[str, Value] = {
    "title": "Écrire la page",
    "notes": "Deux versions.",
    "due": date(2026, 12, 1),
    "start": datetime(2026, 11, 24, 8, tzinfo=UTC),
    "done": True,
    "assignees": ({"username": "claire"},),
    "section": "En cours",
    "labels": ("Urgent", "Nouveau"),
    "Client": "Marie",
    "Budget": Decimal("1250.50"),
    "Signé": date(2026, 11, 2),
    "Vu le": datetime(2026, 11, 3, 12, tzinfo=UTC),
    "Payé": True,
    "Étape": "Vente",
}


@pytest.fixture
def trello(world: World) -> TrelloDestination:
    return TrelloDestination(world.client())


@pytest.fixture
def typed(world: World, board: str) -> Ref:
    """A board with a custom field of each type."""
    for name, kind in (("Client", "text"), ("Budget", "number"), ("Signé", "date"), ("Vu le", "date")):
        world.sandbox.add_custom_field(board, name, kind)
    world.sandbox.add_custom_field(board, "Payé", "checkbox")
    world.sandbox.add_custom_field(board, "Étape", "list", options=("Vente", "Livraison"))
    world.sandbox.add_label(board, "Urgent", "red")
    return Ref(board)


def row(key: str, **values: Value) -> Row:
    return Row(key=key, values={"title": key, **values})


def made(trello: TrelloDestination, ref: str, wanted: Row, of: Collection = PLAIN) -> Ref:
    (found,) = trello.create(of, Ref(ref), [wanted], look_first=False)
    assert found.ref is not None
    return found.ref


def there(trello: TrelloDestination, ref: str, of: Collection = PLAIN) -> dict[str, Row]:
    return {each.key: each for each in trello.rows(of, Ref(ref))}


@pytest.mark.parametrize("with_field", [False, True], ids=["line", "field"])
def test_what_is_written_is_what_is_read_back(
    with_field: bool, world: World, trello: TrelloDestination, typed: Ref
) -> None:
    if with_field:
        world.sandbox.add_custom_field(typed, "Hub", "text")

    ref = made(trello, typed, Row(key="k1", values=EVERYTHING), TYPED)

    seen = there(trello, typed, TYPED)["k1"]
    assert seen.ref == ref
    person = {"key": world.sandbox.person, "name": "Claire Martin", "username": "claire"}
    expected = {**EVERYTHING, "assignees": (person,), "archived": False}
    assert seen.values == expected
    assert ("Hub: k1" in world.sandbox.cards[ref]["desc"]) is not with_field


@pytest.mark.parametrize("with_field", [False, True], ids=["line", "field"])
@pytest.mark.parametrize("kind", ["503_after_commit", "reset_after_commit", "truncated"])
def test_a_card_whose_making_was_not_answered_is_found_again(
    kind: str, with_field: bool, world: World, trello: TrelloDestination, board: str
) -> None:
    if with_field:
        world.sandbox.add_custom_field(board, "Hub", "text")
    world.sandbox.faults.add("POST", "/1/cards", kind, times=1)
    wanted = row("k1", notes="Texte", due=datetime(2026, 12, 1, 9, tzinfo=UTC))
    with pytest.raises(TransientError) as lost:
        trello.create(PLAIN, Ref(board), [wanted], look_first=False)
    assert lost.value.uncertain

    (found,) = trello.create(PLAIN, Ref(board), [wanted], look_first=True)

    assert list(world.sandbox.cards) == [found.ref]
    assert there(trello, board)["k1"].values["notes"] == "Texte"


def test_a_card_that_was_made_but_not_filled_is_told_and_then_filled(
    world: World, trello: TrelloDestination, typed: Ref
) -> None:
    world.sandbox.faults.add("PUT", "/1/cards/*", "500", times=4)
    wanted = row("k1", Client="Marie", Budget=3)
    with pytest.raises(TransientError) as half:
        trello.create(TYPED, typed, [wanted], look_first=False)
    (card,) = world.sandbox.cards
    assert (half.value.uncertain, half.value.committed) == (True, (card,))

    trello.create(TYPED, typed, [wanted], look_first=True)

    seen = there(trello, typed, TYPED)
    assert list(seen) == ["k1"]
    assert (seen["k1"].values["Client"], seen["k1"].values["Budget"]) == ("Marie", 3)


@pytest.mark.parametrize("with_field", [False, True], ids=["line", "field"])
def test_a_card_that_is_found_again_stays_as_people_have_edited_it_since(
    with_field: bool, world: World, trello: TrelloDestination, typed: Ref
) -> None:
    if with_field:
        world.sandbox.add_custom_field(typed, "Hub", "text")
    wanted = row("k1", notes="Texte", Client="Marie", Budget=3)
    (made,) = trello.create(TYPED, typed, [wanted], look_first=False)
    trello.update(TYPED, Row(key="k1", values={"title": "Autre", "Client": "Nora"}, ref=made.ref))
    before = there(trello, typed, TYPED)
    puts = world.sandbox.calls.counts.copy()

    (found,) = trello.create(TYPED, typed, [wanted], look_first=True)

    assert found.ref == made.ref
    assert there(trello, typed, TYPED) == before
    assert (before["k1"].values["Client"], before["k1"].values["Budget"]) == ("Nora", 3)
    assert not [call for call in world.sandbox.calls.counts - puts if call[0] != "GET"]


def test_of_several_rows_those_that_were_made_are_told(world: World, trello: TrelloDestination, board: str) -> None:
    world.sandbox.faults.add("POST", "/1/cards", "500", every_nth=2)

    with pytest.raises(TransientError) as half:
        trello.create(PLAIN, Ref(board), [row("a"), row("b"), row("c")], look_first=False)

    assert half.value.uncertain
    assert [world.sandbox.cards[card]["name"] for card in half.value.committed] == ["a"]


def test_a_change_touches_only_what_it_names(world: World, trello: TrelloDestination, typed: Ref) -> None:
    ref = made(trello, typed, Row(key="k1", values=EVERYTHING), TYPED)
    before = there(trello, typed, TYPED)["k1"].values
    changes: list[Mapping[str, Value]] = [
        {"due": None}, {"done": False}, {"title": "Autre"}, {"notes": "Trois versions."}, {"notes": None},
        {"section": "Fait"}, {"assignees": ()}, {"labels": ("Urgent",)}, {"labels": ()}, {"Client": None},
        {"Budget": Money(Decimal("12.5"), "EUR")}, {"Payé": False}, {"Étape": "Livraison"}, {"Étape": None},
        {"Signé": None}, {"start": None},
    ]  # fmt: skip
    expected = dict(before)
    for change in changes:
        trello.update(TYPED, Row(key="k1", values=change, ref=ref))
        trello.update(TYPED, Row(key="k1", values=change, ref=ref))
        expected |= {name: value.amount if isinstance(value, Money) else value for name, value in change.items()}
        assert there(trello, typed, TYPED)["k1"].values == expected, change


def test_a_plain_change_costs_one_call(world: World, trello: TrelloDestination, board: str) -> None:
    ref = made(trello, board, row("k1"))
    world.sandbox.calls.reset()

    trello.update(PLAIN, Row(key="k1", values={"due": date(2026, 12, 1), "done": True, "title": "Neu"}, ref=ref))

    assert [(each["method"], each["status"]) for each in world.sandbox.calls.rows] == [("PUT", 200)]
    assert world.sandbox.cards[ref]["due"] == "2026-12-01T12:00:00.000Z"


def test_a_persons_own_notes_keep_no_line_of_ours(world: World, trello: TrelloDestination, board: str) -> None:
    card = world.sandbox.add_card(board, "À elle", desc="Texte")

    trello.update(PLAIN, Row(key="", values={"notes": "Autre"}, ref=Ref(card)))

    assert world.sandbox.cards[card]["desc"] == "Autre"
    assert [each.key for each in trello.rows(PLAIN, Ref(board))] == [""]


def test_without_a_section_a_card_goes_into_the_first_open_list(
    world: World, trello: TrelloDestination, board: str
) -> None:
    first, second, _ = (each["id"] for each in world.sandbox.lists.values())
    world.sandbox.archive_list(first)

    ref = made(trello, board, row("k1"))

    assert world.sandbox.cards[ref]["idList"] == second


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"section": "Nulle part"}, "no open list.*À faire, En cours, Fait"),
        ({"assignees": ("Paul",)}, r"Paul is not a member.*Claire Martin \(@claire\)"),
        ({"assignees": ({"email": "paul@example.com"},)}, "paul@example.com is not a member"),
        ({"labels": (7,)}, "labels"),
        ({"due": "demain"}, '"due"'),
        ({"due": datetime(2026, 12, 1)}, '"due"'),  # noqa: DTZ001  a naive one is what is refused
        ({"done": None}, '"done"'),
        ({"title": " "}, '"title"'),
        ({"notes": "x" * 16_400}, "16,384"),
        ({"Inconnu": 1}, 'no custom field "Inconnu".*Client'),
        ({"Budget": "douze"}, 'custom field "Budget"'),
        ({"Budget": True}, 'custom field "Budget"'),
        ({"Budget": Decimal("NaN")}, "NaN"),
        ({"Étape": "Rêve"}, 'no option "Rêve".*Vente, Livraison'),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    values: dict[str, Any], message: str, world: World, trello: TrelloDestination, typed: Ref
) -> None:
    wanted = row("k1", **{"labels": ("Tout neuf",), **values})
    card = world.sandbox.add_card(typed, "Page")
    world.sandbox.calls.reset()

    with pytest.raises(RecordError, match=message):
        trello.create(TYPED, typed, [wanted], look_first=False)
    with pytest.raises(RecordError, match=message):
        trello.update(TYPED, Row(key="k1", values=values, ref=Ref(card)))

    assert {each["method"] for each in world.sandbox.calls.rows} == {"GET"}


def test_a_card_without_a_title_is_not_made(trello: TrelloDestination, board: str) -> None:
    with pytest.raises(RecordError, match="no title"):
        trello.create(PLAIN, Ref(board), [Row(key="k", values={})], look_first=False)


@pytest.mark.parametrize(
    "who", ["claire", "@claire", "CLAIRE martin", {"name": "Claire Martin"}, {"username": "Claire"}]
)
def test_people_are_found_by_what_they_are_called(
    who: Value, world: World, trello: TrelloDestination, board: str
) -> None:
    ref = made(trello, board, row("k1", assignees=(who,)))

    assert world.sandbox.cards[ref]["idMembers"] == [world.sandbox.person]


def test_archiving_twice_is_no_error_and_what_is_archived_is_no_row(
    world: World, trello: TrelloDestination, board: str
) -> None:
    ref = made(trello, board, row("k1"))

    trello.archive(PLAIN, ref)
    trello.archive(PLAIN, ref)
    trello.archive(PLAIN, Ref("6b0000000000000000000000"))

    assert world.sandbox.cards[ref]["closed"] is True
    assert there(trello, board) == {}


@pytest.mark.parametrize("values", [{"done": True}, {"section": "Fait"}])
def test_a_deleted_card_is_a_record_error(
    values: dict[str, Value], world: World, trello: TrelloDestination, board: str
) -> None:
    ref = made(trello, board, row("k1"))
    world.sandbox.delete_card(ref)

    with pytest.raises(RecordError, match=r"k1.*deleted"):
        trello.update(PLAIN, Row(key="k1", values=values, ref=ref))


def test_a_board_is_found_by_its_exact_name_and_never_invented(
    world: World, trello: TrelloDestination, board: str
) -> None:
    assert trello.find(PLAIN, None) == board
    assert trello.find(PLAIN, Ref(world.sandbox.workspace)) == board
    assert trello.find(PLAIN, Ref("6b0000000000000000000000")) is None
    nothing = Collection(name="suivi", kind="table")
    assert trello.find(nothing, None) is None
    with pytest.raises(ConfigError, match='no open Trello board called "suivi"'):
        trello.prepare(nothing, None, None)
    world.sandbox.add_board("Suivi")
    with pytest.raises(ConfigError, match="2 open Trello boards"):
        trello.prepare(PLAIN, None, None)
    with pytest.raises(ConfigError, match="boards of cards only"):
        trello.find(Collection(name="Suivi", kind="page"), None)


def test_missing_fields_are_named_and_added_and_those_of_the_wrong_type_are_left(
    world: World, trello: TrelloDestination, board: str
) -> None:
    world.sandbox.add_custom_field(board, "Client", "number")
    ref = Ref(board)

    lines = trello.problems(TYPED, ref)
    assert len(lines) == 6
    assert sum('"Client" has the type number and needs text' in line for line in lines) == 1
    with pytest.raises(ConfigError, match='"Client" has the type number'):
        trello.prepare(TYPED, None, None)

    world.sandbox.custom_fields.clear()
    assert trello.prepare(TYPED, None, None) == ref
    assert trello.problems(TYPED, ref) == ()
    added = {each["name"]: each["type"] for each in world.sandbox.custom_fields.values()}
    assert added == {"Client": "text", "Budget": "number", "Signé": "date", "Vu le": "date", "Payé": "checkbox",
                     "Étape": "list"}  # fmt: skip


def test_where_there_are_no_custom_fields_a_person_is_told(world: World, trello: TrelloDestination, board: str) -> None:
    world.sandbox.custom_fields_off()

    with pytest.raises(ConfigError, match=r'"Client".*paid workspace'):
        trello.prepare(TYPED, None, None)
    assert trello.prepare(PLAIN, None, None) == board


def test_a_closed_or_deleted_board_is_told(world: World, trello: TrelloDestination, board: str) -> None:
    world.sandbox.edit_board(board, closed=True)
    assert "closed" in trello.problems(PLAIN, Ref(board))[0]
    with pytest.raises(ConfigError, match="closed"):
        trello.prepare(PLAIN, Ref(board), None)
    del world.sandbox.boards[board]
    with pytest.raises(ConfigError, match="deleted"):
        trello.problems(PLAIN, Ref(board))


def test_check_says_who_writes_where(trello: TrelloDestination, board: str) -> None:
    assert trello.check() == ("Member: Hub (@hub)", "Boards: Suivi")
