"""Trello's JSON becomes our values, and nothing is invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.trello import records
from hub.core import codec, kinds
from hub.core.errors import RecordError
from hub.core.types import Record
from tests.connectors.trello.conftest import World
from tests.paths import SHARED

SAMPLES = SHARED / "samples" / "trello"


def whole(world: World, board: str) -> str:
    """A card that has everything."""
    box = world.sandbox
    red, nameless = box.add_label(board, "Urgent", "red"), box.add_label(board, "", "sky")
    card = box.add_card(
        board,
        "Écrire la page",
        desc="Deux versions.\n\nHub: sync:42",
        due="2026-12-01T09:00:00.000Z",
        start="2026-11-24T08:00:00.000Z",
        dueComplete=True,
        idMembers=[box.person],
        idLabels=[red, nameless],
    )
    box.add_checklist(
        card, "Étapes", [{"name": "Plan", "done": True}, {"name": "Texte", "due": "2026-11-30T10:00:00.000Z"}]
    )
    box.add_checklist(card, "Fin", [{"name": "Relire"}])
    for name, kind, value in (
        ("Client", "text", "Marie"),
        ("Budget", "number", "1250.50"),
        ("Signé", "date", "2026-11-02T12:00:00.000Z"),
        ("Payé", "checkbox", True),
        ("Offert", "checkbox", None),
        ("Étape", "list", "Vente"),
        ("Vide", "number", None),
    ):
        box.add_custom_field(board, name, kind, options=("Vente", "Livraison") if kind == "list" else ())
        if value is not None:
            box.set_field(card, name, value)
    return card


def test_a_card_is_a_task_with_all_that_trello_knows(world: World, board: str) -> None:
    key = whole(world, board)

    record = world.cards()[key]

    fields = dict(record.fields)
    held = world.sandbox.cards[key]
    assert fields.pop("edited_at") == datetime.fromisoformat(held["dateLastActivity"])
    assert fields.pop("created_at") == record.at == datetime.fromtimestamp(int(key[:8], 16), UTC)
    assert fields == {
        "title": "Écrire la page",
        "notes": "Deux versions.",
        "due": datetime(2026, 12, 1, 9, tzinfo=UTC),
        "start": datetime(2026, 11, 24, 8, tzinfo=UTC),
        "done": True,
        "assignees": ({"key": world.sandbox.person, "name": "Claire Martin", "username": "claire"},),
        "section": "À faire",
        "places": ({"key": board, "name": "Suivi"},),
        "labels": ("Urgent", "sky"),
        "checklist": (
            {"title": "Plan", "done": True},
            {"title": "Texte", "done": False, "due": datetime(2026, 11, 30, 10, tzinfo=UTC)},
            {"title": "Relire", "done": False},
        ),
        "archived": False,
        "properties": {
            "Client": "Marie",
            "Budget": Decimal("1250.50"),
            "Signé": datetime(2026, 11, 2, 12, tzinfo=UTC),
            "Payé": True,
            "Offert": False,
            "Étape": "Vente",
            "Vide": None,
        },
        "hub_key": "sync:42",
        "url": f"https://trello.com/c/{held['shortLink']}",
    }
    assert kinds.problems("task", record.fields, whole=True) == []
    assert codec.loads(codec.dumps(record.fields)) == record.fields


def test_a_bare_card_has_empty_fields_and_no_invented_ones(world: World, board: str) -> None:
    key = world.sandbox.add_card(board, "Nue")

    record = world.cards()[key]

    for name in ("notes", "due", "start", "hub_key"):
        assert record.fields[name] is None
    for name in ("assignees", "labels", "checklist"):
        assert record.fields[name] == ()
    assert record.fields["done"] is False
    assert not {"edited_by", "done_at", "parent"} & set(record.fields)
    assert kinds.problems("task", record.fields, whole=True) == []


def test_a_key_in_the_field_hub_counts_before_the_line(world: World, board: str) -> None:
    box = world.sandbox
    box.add_custom_field(board, "Hub", "text")
    card = box.add_card(board, "Page", desc="Hub: old")
    box.set_field(card, "Hub", "new")

    assert world.cards()[card].fields["hub_key"] == "new"


def test_what_is_no_task_is_no_record(world: World, board: str) -> None:
    box = world.sandbox
    for role in ("mirror", "link", "separator", "board"):
        box.add_card(board, role, cardRole=role)
    box.add_card(board, "Modèle", isTemplate=True)
    task = box.add_card(board, "Tâche")

    assert set(world.cards()) == {task}


@given(st.text(), st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc", "Zs"]), min_size=1))
def test_our_line_comes_off_a_description_as_it_went_on(notes: str, key: str) -> None:
    if notes.endswith("\n") or records.split(notes)[1] is not None:
        return  # such an end is not kept apart from ours; a line of ours inside is not looked for
    assert records.split(records.joined(notes, key)) == (notes, key)


@pytest.mark.parametrize("text", ["Hub:x", "le Hub: x", "Hub: x\nautre", "hub: x", ""])
def test_only_our_own_last_line_is_taken_off(text: str) -> None:
    assert records.split(text) == (text, None)


@pytest.mark.parametrize(
    "broken",
    [
        {"due": "2026-12-01"},
        {"due": 7},
        {"labels": None},
        {"dateLastActivity": "soon"},
        {"checklists": [{}]},
        {"id": "zz"},
    ],
)
def test_a_card_of_another_shape_is_refused_by_name(broken: dict[str, Any]) -> None:
    card = {
        "id": "6" * 24, "name": "x", "desc": "", "due": None, "dueComplete": False, "labels": [], "closed": False,
        "dateLastActivity": "2026-11-21T10:00:00.000Z", "idBoard": "b", "shortUrl": "u",
    }  # fmt: skip
    at = {"board": {"name": "B"}, "section": None, "columns": ()}
    assert isinstance(records.card(card, **at), Record)

    with pytest.raises(RecordError, match=str(broken.get("id", "6" * 24))):
        records.card({**card, **broken}, **at)


def test_a_member_is_a_person_and_a_board_has_its_lists(world: World, board: str) -> None:
    source = world.connect().source
    assert source is not None

    people = [record for page in source.read("member", None) for record in page.records]
    (found,) = [record for page in source.read("board", None) for record in page.records]

    assert {record.fields["username"]: record.fields["name"] for record in people} == {
        "claire": "Claire Martin",
        "hub": "Hub",
    }
    assert all(kinds.problems("person", record.fields, whole=True) == [] for record in people)
    assert "email" not in people[0].fields
    assert (found.key, found.fields["name"], found.fields["workspace"]) == (board, "Suivi", "Atelier Lila")
    assert [each["name"] for each in found.fields["lists"]] == ["À faire", "En cours", "Fait"]


def test_recorded_cards_are_read() -> None:
    if not SAMPLES.exists():
        pytest.skip("the folder `shared` with recorded answers is not beside the repository")
    cards = json.loads((SAMPLES / "trellodotnet__GetBoardCardList.json").read_text("utf-8-sig"))
    cards += [json.loads((SAMPLES / f"trellodotnet__{name}.json").read_text("utf-8-sig"))
              for name in ("GetCardExample", "Objects_Card")]  # fmt: skip
    checklists = json.loads((SAMPLES / "trellodotnet__Checklists.json").read_text("utf-8-sig"))
    (column,) = [json.loads((SAMPLES / "trellodotnet__GetCustomField.json").read_text("utf-8-sig"))]
    for card in cards:
        card["checklists"] = [each for each in checklists if each["idCard"] == card["id"]]
        record = records.card(card, board={"name": "B"}, section={"name": "L", "closed": False}, columns=[column])
        assert record is not None
        assert kinds.problems("task", record.fields, whole=True) == []
        assert record.fields["properties"] == {column["name"]: None}
    assert sum(len(record["checklists"]) for record in cards) == 2
