"""The sandbox is as odd as Trello is."""

from __future__ import annotations

import httpx
import pytest

from connectors.trello.sandbox import API_KEY, OAUTH_TOKEN, TOKEN
from tests.connectors.trello.conftest import World

KEYS = {"key": API_KEY, "token": TOKEN}


def get(world: World, path: str, **params: str) -> httpx.Response:
    return httpx.get(f"{world.url}/1{path}", params={**KEYS, **params})


@pytest.mark.parametrize(
    ("params", "headers", "status", "text"),
    [
        (KEYS, {}, 200, ""),
        ({}, {"Authorization": f'OAuth oauth_consumer_key="{API_KEY}", oauth_token="{TOKEN}"'}, 200, ""),
        ({}, {"Authorization": f"Bearer {OAUTH_TOKEN}"}, 200, ""),
        ({}, {}, 401, "invalid key"),
        ({"key": API_KEY}, {}, 401, "invalid token"),
        ({**KEYS, "key": "other"}, {}, 401, "invalid key"),
        ({}, {"Authorization": f"Bearer {TOKEN}"}, 401, "invalid token"),
    ],
)
def test_it_is_opened_as_trello_is(
    params: dict[str, str], headers: dict[str, str], status: int, text: str, world: World
) -> None:
    answer = httpx.get(f"{world.url}/1/members/me", params=params, headers=headers)

    assert answer.status_code == status
    if status != 200:
        assert (answer.text, answer.headers["content-type"]) == (text, "text/plain; charset=utf-8")


def test_every_answer_tells_what_is_left_and_one_call_too_many_is_refused_in_json(world: World, board: str) -> None:
    world.sandbox.set_limits(token=3, key=300, member=375)

    left = [get(world, "/members/me/boards").headers["x-rate-limit-api-token-remaining"] for _ in range(3)]
    refused = get(world, "/members/me/boards")

    assert left == ["2", "1", "0"]
    assert refused.status_code == 429
    assert refused.json() == {"error": "API_TOKEN_LIMIT_EXCEEDED", "message": "Rate limit exceeded"}
    assert refused.headers["x-rate-limit-api-key-max"] == "300"
    assert refused.headers["x-rate-limit-member-max"] == "375"
    world.sandbox.set_limits(token=None, key=2)
    assert [get(world, "/boards/" + board).status_code for _ in range(3)] == [200, 200, 429]
    world.sandbox.set_limits(token=None, key=None, member=None, members=1)
    answers = [get(world, "/members/me"), get(world, "/members/me"), get(world, "/members/me/boards")]
    assert [answer.status_code for answer in answers] == [200, 429, 200]


def test_a_label_is_two_actions_and_a_deleted_card_has_no_name(world: World, board: str) -> None:
    box = world.sandbox
    card = box.add_card(board, "Page")
    box.edit_card(card, idLabels=[box.add_label(board, "Urgent", "red")])
    box.edit_card(card, idLabels=[])
    box.delete_card(card)

    actions = get(world, f"/boards/{board}/actions", limit="5").json()

    assert [action["type"] for action in actions] == [
        "deleteCard", "updateCard", "removeLabelFromCard", "updateCard", "addLabelToCard",
    ]  # fmt: skip
    assert "name" not in actions[0]["data"]["card"]


def test_a_cards_actions_are_filtered_unless_all_are_asked_for(world: World, board: str) -> None:
    card = world.sandbox.add_card(board, "Page")
    world.sandbox.edit_card(card, name="Autre")
    world.sandbox.move_card(card, "Fait")
    world.sandbox.comment(card, "Vu")

    few = get(world, f"/cards/{card}/actions").json()
    every = get(world, f"/cards/{card}/actions", filter="all").json()

    assert [action["type"] for action in few] == ["commentCard", "updateCard"]
    assert {"listBefore", "listAfter"} <= set(few[1]["data"])
    assert "list" not in few[1]["data"]
    assert len(every) == 4


def test_a_moved_card_is_an_action_on_each_board(world: World, board: str) -> None:
    other = world.sandbox.add_board("Autre")
    card = world.sandbox.add_card(board, "Page")
    world.sandbox.move_card(card, board=other)

    newest = [get(world, f"/boards/{each}/actions", limit="1").json()[0]["type"] for each in (board, other)]

    assert newest == ["moveCardFromBoard", "moveCardToBoard"]


def test_dates_are_full_instants_and_a_delete_answers_limits(world: World, board: str) -> None:
    section = next(iter(world.sandbox.lists))
    made = httpx.post(
        f"{world.url}/1/cards", params={**KEYS, "idList": section, "name": "x", "due": "2026-12-01"}
    ).json()

    assert made["due"] == "2026-12-01T00:00:00.000Z"
    gone = httpx.delete(f"{world.url}/1/cards/{made['id']}", params=KEYS)
    assert (gone.status_code, gone.json()) == (200, {"limits": {}})
    missing = get(world, f"/cards/{made['id']}")
    assert (missing.status_code, missing.text) == (404, "The requested resource was not found.")


def test_a_board_that_we_are_not_on_is_refused_as_a_bad_key_is(world: World) -> None:
    hidden = world.sandbox.add_board("Caché", members=(world.sandbox.person,))
    card = world.sandbox.add_card(hidden, "Page")

    answer = get(world, f"/cards/{card}")

    assert (answer.status_code, answer.text) == (401, "unauthorized card permission requested")
    assert get(world, f"/boards/{hidden}").status_code == 401


def test_a_second_webhook_of_the_same_kind_is_refused_and_the_address_must_answer(world: World, board: str) -> None:
    url = f"{world.url}/1/nothing"
    body = {**KEYS, "callbackURL": url, "idModel": board}

    refused = httpx.post(f"{world.url}/1/webhooks/", json=body, params=KEYS)

    assert (refused.status_code, refused.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "200" in refused.text


def test_controls_work_over_http(world: World) -> None:
    board = httpx.post(f"{world.url}/_sandbox/add_board", json={"name": "Suivi"}).json()
    card = httpx.post(f"{world.url}/_sandbox/add_card", json={"board": board, "name": "Page"}).json()

    assert get(world, f"/cards/{card}", fields="name").json() == {"id": card, "name": "Page"}
