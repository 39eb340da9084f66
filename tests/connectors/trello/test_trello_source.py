"""Reading Trello: whole boards, one card, and what was missed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connectors.trello import client as client_module
from connectors.trello.sandbox import TOKEN
from connectors.trello.source import TrelloSource
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event
from tests.connectors.trello.conftest import World
from tests.connectors.trello.test_trello_records import whole


def source(world: World, *follow: str) -> TrelloSource:
    return TrelloSource(world.client(), follow or None)


def keys(reading: TrelloSource, cursor: Cursor | None = None) -> list[str]:
    return [record.key for page in reading.read("card", cursor) for record in page.records]


def now(reading: TrelloSource) -> Cursor:
    ((events, cursor),) = list(reading.changes(None))
    assert events == ()
    return cursor


def rung(reading: TrelloSource, cursor: Cursor) -> tuple[list[Event], Cursor]:
    found: list[Event] = []
    for events, after in reading.changes(cursor):
        found += events
        cursor = after
    return found, cursor


def test_fetch_gives_what_read_gives(world: World, board: str) -> None:
    whole(world, board)
    for name in ("Nue", "Autre"):
        world.sandbox.add_card(board, name, section="Fait")
    archived = world.sandbox.add_card(board, "Rangée")
    world.sandbox.archive_card(archived)
    reading = source(world)

    for stream in ("card", "member", "board"):
        read = [record for page in reading.read(stream, None) for record in page.records]
        assert read
        for record in read:
            assert reading.fetch(stream, record.key)[0] == record
    assert world.cards()[archived].fields["archived"] is True


def test_a_board_comes_with_all_its_cards(world: World, board: str) -> None:
    whole(world, board)
    world.sandbox.add_card(board, "Autre")
    reading = source(world)

    first, *others = reading.fetch("board", board)

    assert (first.stream, first.key) == ("board", board)
    assert {record.key: record for record in others} == world.cards()


def test_a_card_in_an_archived_list_is_archived(world: World, board: str) -> None:
    card = world.sandbox.add_card(board, "Page")
    world.sandbox.archive_list(world.sandbox.cards[card]["idList"])

    assert world.cards()[card].fields["archived"] is True
    assert source(world).fetch("card", card)[0] == world.cards()[card]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_every_card_is_read_once_however_many_pages_it_takes(
    count: int, world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "CARDS", 3)
    other = world.sandbox.add_board("Autre")
    made = [world.sandbox.add_card(board, f"{n}", section=("À faire", "Fait")[n % 2]) for n in range(count)]
    made += [world.sandbox.add_card(other, f"autre {n}") for n in range(2)]

    assert sorted(keys(source(world))) == sorted(made)


def test_a_read_goes_on_from_each_cursor_and_skips_nothing(
    world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "CARDS", 2)
    for place in (board, world.sandbox.add_board("Autre")):
        for n in range(5):
            world.sandbox.add_card(place, f"{n}")
    reading = source(world)
    pages = list(reading.read("card", None))
    everything = [record.key for page in pages for record in page.records]
    assert len(everything) == 10

    for number, page in enumerate(pages):
        before = [record.key for each in pages[: number + 1] for record in each.records]
        assert before + keys(reading, page.cursor) == everything
    with pytest.raises(RecordError):
        keys(reading, Cursor("nonsense"))


def test_smaller_pages_are_asked_for_when_trello_will_not_give_so_many(
    world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "CARDS", 40)
    monkeypatch.setattr(client_module, "FEWEST_CARDS", 10)
    for n in range(30):
        world.sandbox.add_card(board, f"{n}")
    world.sandbox.most_cards = 12

    assert len(keys(source(world))) == 30
    assert world.limits.held == []

    world.sandbox.most_cards = 5
    with pytest.raises(RecordError, match="so many cards"):
        keys(source(world))


def test_a_list_that_repeats_itself_is_an_error_and_not_a_short_read(
    world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "CARDS", 2)
    for n in range(3):
        world.sandbox.add_card(board, f"{n}")
    reading = source(world)
    honest = reading._client._many
    monkeypatch.setattr(reading._client, "_many", lambda path, **params: honest(path, **{**params, "before": None}))

    with pytest.raises(TransientError, match="repeats itself"):
        keys(reading)


@pytest.mark.parametrize("kind", ["truncated", "reset_before", "500", "html"])
def test_a_broken_read_is_an_error(kind: str, world: World, board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "CARDS", 2)
    for n in range(5):
        world.sandbox.add_card(board, f"{n}")
    world.sandbox.faults.add("GET", "/1/boards/*/cards/all", kind, every_nth=2)
    world.sandbox.faults.add("GET", "/1/boards/*/cards/all", kind)

    with pytest.raises(TransientError):
        keys(source(world))


def test_a_card_of_unknown_shape_does_not_hide_the_others(world: World, board: str) -> None:
    odd, plain = world.sandbox.add_card(board, "Étrange"), world.sandbox.add_card(board, "Autre")
    world.sandbox.cards[odd]["due"] = "someday"
    read: list[str] = []

    pages = source(world).read("card", None)
    while not read:
        page = next(pages)
        assert page.cursor is None
        read += [record.key for record in page.records]
    with pytest.raises(RecordError, match=odd):
        list(pages)

    assert read == [plain]


def test_only_what_is_followed_is_read_and_a_card_that_leaves_is_deleted(world: World, board: str) -> None:
    other = world.sandbox.add_board("Privé")
    stays, leaves = world.sandbox.add_card(board, "Reste"), world.sandbox.add_card(board, "Part")
    world.sandbox.add_card(other, "Ailleurs")
    reading = source(world, board)
    assert set(keys(reading)) == {stays, leaves}

    world.sandbox.move_card(leaves, board=other)

    assert keys(reading) == [stays]
    (gone,) = reading.fetch("card", leaves)
    assert (gone.deleted, gone.fields) == (True, {})
    assert reading.fetch("board", other)[0].deleted
    assert not source(world).fetch("card", leaves)[0].deleted


def test_without_a_choice_open_boards_are_read_and_templates_are_not(world: World, board: str) -> None:
    closed, template = world.sandbox.add_board("Fermé"), world.sandbox.add_board("Modèle", template=True)
    world.sandbox.edit_board(closed, closed=True)
    card = world.sandbox.add_card(board, "Page")
    others = [world.sandbox.add_card(each, "Autre") for each in (closed, template)]
    reading = source(world)

    assert keys(reading) == [card]
    assert all(reading.fetch("card", each)[0].deleted for each in others)


@pytest.mark.parametrize("key", ["6b0000000000000000000000", "nonsense", "../members/me", ""])
def test_what_trello_does_not_have_is_deleted(key: str, world: World, board: str) -> None:
    assert [record.deleted for record in source(world).fetch("card", key)] == [True]


def test_a_card_that_is_shown_to_us_no_more_is_deleted_but_a_revoked_key_deletes_nothing(
    world: World, board: str
) -> None:
    box = world.sandbox
    card = box.add_card(board, "Page")
    reading = source(world)
    box.expel(board, box.hub)

    assert reading.fetch("card", card)[0].deleted
    assert reading.fetch("board", board)[0].deleted
    box.revoke(TOKEN)
    for stream, key in (("card", card), ("board", board), ("member", box.hub)):
        with pytest.raises(ConfigError, match="read and write"):
            reading.fetch(stream, key)


def test_a_followed_board_that_is_gone_is_for_a_person_to_see_to(world: World, board: str) -> None:
    with pytest.raises(ConfigError, match="deleted, or the member"):
        list(source(world, board, "6b0000000000000000000000").read("card", None))
    world.sandbox.expel(board, world.sandbox.hub)
    with pytest.raises(ConfigError, match="deleted, or the member"):
        list(source(world, board).read("card", None))


def test_a_member_who_left_every_followed_board_is_deleted(world: World, board: str) -> None:
    reading = source(world, board)
    world.sandbox.expel(board, world.sandbox.person)

    assert reading.fetch("member", world.sandbox.person)[0].deleted
    assert not reading.fetch("member", world.sandbox.hub)[0].deleted


def test_an_unknown_stream_is_refused(world: World, board: str) -> None:
    with pytest.raises(RecordError, match="card, member, board"):
        list(source(world).read("lists", None))
    with pytest.raises(RecordError, match="card, member, board"):
        source(world).fetch("lists", "x")


def test_check_says_who_and_what(world: World, board: str) -> None:
    assert source(world).check() == ("Member: Hub (@hub)", "Boards: Suivi")


def test_every_change_rings_its_card_once_oldest_first(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    old = box.add_card(board, "Ancienne")
    cursor = now(reading)
    new = box.add_card(board, "Nouvelle")
    box.edit_card(old, due="2026-12-01T09:00:00.000Z")
    box.move_card(old, "Fait")
    box.comment(new, "Vu")
    box.delete_card(new)

    found, cursor = rung(reading, cursor)

    assert [(event.type, event.key) for event in found] == [
        ("createCard", new),
        ("updateCard", old),
        ("updateCard", old),
        ("commentCard", new),
        ("deleteCard", new),
    ]
    assert len({event.id for event in found}) == 5
    assert rung(reading, cursor) == ([], cursor)


def test_an_action_of_an_unknown_type_that_names_a_card_rings_it(world: World, board: str) -> None:
    from connectors.trello.sandbox.changes import act

    card = world.sandbox.add_card(board, "Page")
    cursor = now(source(world))
    act(world.sandbox, world.sandbox.person, "voteOnCard", {"card": {"id": card}}, (board,))
    act(world.sandbox, world.sandbox.person, "enablePlugin", {"board": {"id": board}}, (board,))

    found, _ = rung(source(world), cursor)

    assert [(event.type, event.stream, event.key) for event in found] == [("voteOnCard", "card", card)]


def test_actions_of_one_instant_are_never_lost(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    first, second = box.add_card(board, "1"), box.add_card(board, "2")
    moment = box.actions[-1]["date"]
    late = box.actions.pop()  # of the same instant, but not there yet when we look
    box.actions[-1]["date"] = late["date"] = moment
    cursor = now(reading)
    box.actions.append(late)

    found, cursor = rung(reading, cursor)

    assert [event.key for event in found] == [second]
    assert first
    assert rung(reading, cursor)[0] == []


def test_more_actions_than_one_page_holds_are_read_to_the_end_even_of_one_instant(
    world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ACTIONS", 4)
    box, reading = world.sandbox, source(world)
    cursor = now(reading)
    made = [box.add_card(board, f"{n}") for n in range(10)]
    moment = datetime.now(UTC)
    for place, action in enumerate(box.actions, 10 - len(box.actions)):
        instant = moment + timedelta(milliseconds=place if place not in (4, 5, 6) else 5)
        action["date"] = instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    found, _ = rung(reading, cursor)

    assert sorted(event.key or "" for event in found) == sorted(made)
    for action in box.actions[-7:]:
        action["date"] = box.actions[-7]["date"]
    with pytest.raises(TransientError, match="repeats itself"):
        rung(reading, cursor)


def test_a_board_that_is_new_to_us_has_all_its_cards_rung(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    cursor = now(reading)
    other = box.add_board("Nouveau", members=(box.person,))
    cards = {box.add_card(other, f"{n}") for n in range(3)}
    assert rung(reading, cursor)[0] == []
    box.invite(other, box.hub)

    found, cursor = rung(reading, cursor)

    assert {event.key for event in found if event.stream == "card"} == cards
    assert [event.key for event in found if event.stream == "board"] == [other]
    assert rung(reading, cursor)[0] == []


def test_what_changes_many_cards_rings_the_board(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    card = box.add_card(board, "Page")
    section = box.cards[card]["idList"]
    cursor = now(reading)
    box.rename_list(section, "Cette semaine")
    box.archive_list(section)
    box.edit_board(board, name="Lancement")

    found, _ = rung(reading, cursor)
    record = next(each for each in reading.fetch("board", board) if each.key == card)

    assert [(event.stream, event.key) for event in found] == [("board", board)] * 3
    assert record.fields["section"] == "Cette semaine"
    assert record.fields["archived"] is True
    assert record.fields["places"] == ({"key": board, "name": "Lancement"},)


def test_the_cursor_of_now_reads_no_card(world: World, board: str) -> None:
    world.sandbox.add_card(board, "Page")

    now(source(world))

    assert not [path for path in world.asked() if "/cards" in path]


@pytest.mark.parametrize("cursor", ["", "[]", "7", '{"b": 1}', '{"b": {"since": "x"}}'])
def test_a_cursor_that_is_not_ours_has_expired(cursor: str, world: World, board: str) -> None:
    with pytest.raises(CursorExpired):
        rung(source(world), Cursor(cursor))


def test_a_catch_up_that_breaks_off_moves_no_cursor(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    cursor = now(reading)
    card = box.add_card(board, "Page")
    box.faults.add("GET", "/1/boards/*/actions", "500", times=4)

    with pytest.raises(TransientError):
        rung(reading, cursor)

    assert [event.key for event in rung(reading, cursor)[0]] == [card]


def test_the_cursor_stays_small(world: World, board: str) -> None:
    box, reading = world.sandbox, source(world)
    cursor = now(reading)
    for n in range(20):
        box.add_card(board, f"{n}")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for action in box.actions[:-3]:
        action["date"] = f"{long_ago:%Y-%m-%dT%H:%M:%S}.000Z"

    _, cursor = rung(reading, cursor)

    seen: Sequence[str] = json.loads(cursor)[board]["seen"]
    assert len(seen) == 3
