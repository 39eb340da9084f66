"""Boards and cards copied from templates: whole, once, and found again."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.trello import templates as templates_module
from connectors.trello.templates import TrelloTemplates
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Copied
from tests.connectors.trello.conftest import World


@pytest.fixture
def copier(world: World) -> TrelloTemplates:
    return TrelloTemplates(world.client())


@pytest.fixture
def model(world: World) -> str:
    """A template board with 12 cards, one of them archived."""
    board = world.sandbox.add_board("Modèle client", template=True, desc="Bienvenue")
    cards = [world.sandbox.add_card(board, f"Étape {n}", section="En cours") for n in range(12)]
    world.sandbox.archive_card(cards[0])
    return board


def copied(copier: TrelloTemplates, template: str, *, look_first: bool = False, **given: object) -> Copied:
    wanted = {"inside": None, "dates": {}, "marker": "onboard:7", **given}
    return copier.copy(template, "Marie Dupont", look_first=look_first, **wanted)  # type: ignore[arg-type]


def test_templates_are_boards_and_cards_that_people_marked(
    world: World, copier: TrelloTemplates, model: str, board: str
) -> None:
    card = world.sandbox.add_card(board, "Modèle de carte", isTemplate=True)
    world.sandbox.add_card(board, "Pas un modèle")
    world.sandbox.add_card(board, "Vieux modèle", isTemplate=True, closed=True)

    found = {(each.kind, each.id, each.name, each.inside) for each in copier.templates()}

    assert found == {
        ("template", model, "Modèle client", "Atelier Lila"),
        ("template", card, "Modèle de carte", "Suivi"),
    }


def test_a_board_is_waited_for_until_every_card_is_there(world: World, copier: TrelloTemplates, model: str) -> None:
    world.sandbox.copy_batch = 4

    made = copied(copier, model)

    there = [card for card in world.sandbox.cards.values() if card["idBoard"] == made.ref]
    assert len(there) == 11
    assert {world.sandbox.lists[card["idList"]]["name"] for card in there} == {"En cours"}
    board = world.sandbox.boards[made.ref]
    assert (board["name"], board["desc"], board["prefs"]["isTemplate"]) == (
        "Marie Dupont",
        "Bienvenue\n\nHub: onboard:7",
        False,
    )
    assert board["idOrganization"] == world.sandbox.workspace
    assert made.url is not None
    assert world.naps == [templates_module.PAUSE] * 2


def test_a_copy_that_does_not_fill_is_uncertain_and_is_gone_on_with(
    world: World, copier: TrelloTemplates, model: str
) -> None:
    world.sandbox.copy_batch = 0
    with pytest.raises(TransientError, match="0 of 11 cards") as waiting:
        copied(copier, model)
    assert waiting.value.uncertain
    world.sandbox.copy_batch = 5

    made = copied(copier, model, look_first=True)

    assert waiting.value.committed == (made.ref,)
    assert [board["name"] for board in world.sandbox.boards.values()].count("Marie Dupont") == 1


@pytest.mark.parametrize("kind", ["503_after_commit", "reset_after_commit", "truncated"])
def test_a_copy_whose_answer_was_lost_is_found_by_its_marker(
    kind: str, world: World, copier: TrelloTemplates, model: str, board: str
) -> None:
    template = world.sandbox.add_card(board, "Modèle de carte", isTemplate=True)
    for source, path in ((model, "/1/boards/"), (template, "/1/cards")):
        world.sandbox.faults.add("POST", path, kind, times=1)
        with pytest.raises(TransientError) as lost:
            copied(copier, source)
        assert lost.value.uncertain

        first = copied(copier, source, look_first=True)
        assert copied(copier, source, look_first=True) == first

    names = [each["name"] for each in (*world.sandbox.boards.values(), *world.sandbox.cards.values())]
    assert names.count("Marie Dupont") == 2


def test_a_board_takes_no_dates(copier: TrelloTemplates, model: str) -> None:
    with pytest.raises(RecordError, match=r'"Modèle client" takes no dates \(start\)'):
        copied(copier, model, dates={"start": date(2026, 12, 1)})


def test_a_card_is_copied_with_its_steps_and_its_days(world: World, copier: TrelloTemplates, board: str) -> None:
    box = world.sandbox
    box.add_custom_field(board, "Client", "text")
    template = box.add_card(board, "Modèle", desc="À faire ainsi.", due="2026-01-01T10:00:00.000Z", isTemplate=True)
    box.set_field(template, "Client", "?")
    box.add_checklist(template, "Étapes", [{"name": "Un"}, {"name": "Deux"}])
    third = [each["id"] for each in box.lists.values()][2]

    made = copied(copier, template, inside=third, dates={"start": date(2026, 12, 1), "due": date(2026, 12, 15)})

    record = world.cards()[made.ref]
    assert record.fields["title"] == "Marie Dupont"
    assert record.fields["section"] == "Fait"
    assert record.fields["notes"] == "À faire ainsi."
    assert record.fields["hub_key"] == "onboard:7"
    assert [step["title"] for step in record.fields["checklist"]] == ["Un", "Deux"]
    assert record.fields["properties"] == {"Client": "?"}
    assert [str(record.fields[name]) for name in ("start", "due")] == [
        "2026-12-01 12:00:00+00:00",
        "2026-12-15 12:00:00+00:00",
    ]
    assert made.url == record.fields["url"]


def test_a_card_goes_where_its_template_stands_and_keeps_its_dates(
    world: World, copier: TrelloTemplates, board: str
) -> None:
    template = world.sandbox.add_card(board, "Modèle", section="En cours", due="2026-01-01T10:00:00.000Z")

    made = copied(copier, template)

    card = world.sandbox.cards[made.ref]
    assert card["idList"] == world.sandbox.cards[template]["idList"]
    assert card["due"] == "2026-01-01T10:00:00.000Z"


def test_what_a_copy_did_not_take_over_is_set(world: World, copier: TrelloTemplates, board: str) -> None:
    template = world.sandbox.add_card(board, "Modèle", isTemplate=True)
    real = world.client().post

    def forgetful(path: str, body: dict[str, object], **how: object) -> dict[str, object]:
        given = {name: value for name, value in body.items() if name not in ("desc", "due")}
        made = real(path, given)
        world.sandbox.cards[made["id"]]["isTemplate"] = True
        return {**made, "isTemplate": True}

    copier._client.post = forgetful  # type: ignore[method-assign, assignment]
    made = copied(copier, template, dates={"due": date(2026, 12, 15)})

    card = world.sandbox.cards[made.ref]
    assert (card["desc"], card["due"], card["isTemplate"]) == ("Hub: onboard:7", "2026-12-15T12:00:00.000Z", False)


def test_what_cannot_be_copied_is_told(world: World, copier: TrelloTemplates, board: str) -> None:
    card = world.sandbox.add_card(board, "Modèle", isTemplate=True)

    with pytest.raises(RecordError, match="no Trello board or card"):
        copied(copier, "6b0000000000000000000000")
    with pytest.raises(RecordError, match="has: start, due"):
        copied(copier, card, dates={"launch": date(2026, 12, 1)})
    world.sandbox.expel(board, world.sandbox.hub)
    with pytest.raises(ConfigError):
        copied(copier, card)
