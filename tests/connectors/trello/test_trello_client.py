"""Calls to Trello: the key, the limits, the errors in plain text, and what is never sent twice."""

from __future__ import annotations

import logging

import pytest

from connectors.trello.client import TooManyCards
from connectors.trello.sandbox import API_KEY, OAUTH_TOKEN, TOKEN
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from tests.connectors.trello.conftest import World


def test_the_key_and_token_go_into_the_header_and_never_into_the_address(world: World, board: str) -> None:
    client = world.client()
    client.boards()
    list(client.cards(board))
    client.actions(board, "2026-01-01T00:00:00.000Z")

    sent = [f"{row['path']}?{row['query']}" for row in world.sandbox.calls.rows]
    assert sent
    assert not [each for each in sent if API_KEY in each or TOKEN in each]


def test_a_bearer_opens_trello_and_registers_no_webhooks(world: World, board: str) -> None:
    client = world.client(api_key=None, token=None, oauth_token=OAUTH_TOKEN)

    assert client.me()["username"] == "hub"
    assert client.token() is None
    assert world.connect(api_key=None, token=None, oauth_token=OAUTH_TOKEN).subscriptions is None


@pytest.mark.parametrize(
    "given",
    [{"token": "wrongtoken"}, {"api_key": "wrongkey"}, {"api_key": None, "token": None, "oauth_token": "wrongbearer"}],
)
def test_a_wrong_key_is_a_config_error_that_names_the_scopes(given: dict[str, str | None], world: World) -> None:
    with pytest.raises(ConfigError, match=r"invalid (key|token).*power-ups/admin.*scopes read and write") as refused:
        world.client(**given).boards()

    assert not [each for each in given.values() if each and each in str(refused.value)]


def test_a_token_that_may_only_read_is_a_config_error_at_the_first_write(world: World, board: str) -> None:
    world.sandbox.new_token("readonly", write=False)
    client = world.client(token="readonly")
    client.boards()

    with pytest.raises(ConfigError, match="unauthorized"):
        client.post("/cards", {"idList": "x"})


def test_plain_text_is_understood(world: World, board: str) -> None:
    client = world.client()

    with pytest.raises(RecordError, match=r"\(400\): invalid value for idList"):
        client.post("/cards", {"name": "x"})
    with pytest.raises(Gone, match=r"\(404\): The requested resource was not found\."):
        client.card("6b0000000000000000000000")
    with pytest.raises(RecordError, match=r"\(400\): invalid id"):
        client.board("nonsense")


@pytest.mark.parametrize(
    ("error", "headers", "wait"),
    [
        ("API_TOKEN_LIMIT_EXCEEDED", {}, 10.0),
        ("API_KEY_LIMIT_EXCEEDED", {}, 10.0),
        ("API_TOKEN_DB_LIMIT_EXCEEDED", {}, 600.0),
        ("RATE_LIMIT_EXCEEDED", {}, 900.0),
        ("NEW_WORD", {"x-rate-limit-db-query-time-interval-ms": "600000",
                      "x-rate-limit-db-query-time-remaining": "-5"}, 600.0),
        ("NEW_WORD", {}, 10.0),
        ("API_TOKEN_LIMIT_EXCEEDED", {"Retry-After": "3"}, 3.0),
    ],
)  # fmt: skip
def test_after_a_429_nobody_calls_for_the_window_that_it_names(
    error: str, headers: dict[str, str], wait: float, world: World, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.trello.sandbox.state import limited

    monkeypatch.setattr(world.sandbox, "error", lambda _: limited(error))
    world.sandbox.faults.add("GET", "/1/members/me/boards", "429", times=1, headers=headers)

    if wait > 10:
        with pytest.raises(TransientError) as busy:
            world.client().boards()
        assert busy.value.retry_after == wait
    else:
        assert world.client().boards()
    assert world.limits.held == [wait, wait]  # of the token and of the key


def test_too_many_cards_are_no_rate(world: World, board: str) -> None:
    world.sandbox.add_card(board, "x")
    world.sandbox.most_cards = 0

    with pytest.raises(TooManyCards):
        list(world.client().cards(board))

    assert world.limits.held == []


def test_the_limits_that_are_kept_are_trellos(world: World, board: str) -> None:
    client = world.client(calls_per_10_seconds=80)
    client.me()
    client.boards()

    assert world.limits.rates == {"trello": (80, 10.0), "trello key": (300, 10.0), "trello members": (100, 900.0)}
    assert world.limits.acquired == {"trello": 2, "trello key": 2, "trello members": 1}


@pytest.mark.parametrize("kind", ["500", "502", "503", "504", "reset_before", "truncated", "html"])
def test_a_read_is_repeated_for_some_seconds(kind: str, world: World, board: str) -> None:
    world.sandbox.faults.add("GET", "/1/members/me/boards", kind, times=2)

    assert [each["name"] for each in world.client().boards()] == ["Suivi"]
    assert world.naps == [0.5, 1.0]


@pytest.mark.parametrize("kind", ["503_after_commit", "reset_after_commit", "truncated", "html"])
def test_a_card_is_never_made_twice_and_the_doubt_is_told(kind: str, world: World, board: str) -> None:
    section = next(each["id"] for each in world.sandbox.lists.values())
    world.sandbox.faults.add("POST", "/1/cards", kind)

    with pytest.raises(TransientError) as lost:
        world.client().post("/cards", {"idList": section, "name": "Une fois"})

    assert lost.value.uncertain
    assert [card["name"] for card in world.sandbox.cards.values()] == ["Une fois"]


def test_a_change_is_repeated_because_twice_is_the_same_as_once(world: World, board: str) -> None:
    card = world.sandbox.add_card(board, "Page")
    world.sandbox.faults.add("PUT", "/1/cards/*", "503_after_commit", times=2)

    world.client().put(f"/cards/{card}", {"dueComplete": True})

    assert world.sandbox.cards[card]["dueComplete"] is True
    assert sum(action["type"] == "updateCard" for action in world.sandbox.actions) == 1


def test_no_message_and_no_log_shows_the_token_that_stands_in_a_path(
    world: World, board: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = world.client()
    said = []
    with caplog.at_level(logging.DEBUG):
        client.webhooks()
        for kind in ("500", "429", "html", "reset_before", "truncated"):
            world.sandbox.faults.clear()
            world.sandbox.faults.add("GET", "/1/tokens/*", kind)
            with pytest.raises(TransientError) as failed:
                client.webhooks()
            said.append(str(failed.value))
        world.sandbox.faults.clear()
        world.sandbox.revoke(TOKEN)
        with pytest.raises(ConfigError) as refused:
            client.webhooks()
        said.append(str(refused.value))

    assert all("/tokens/(key)/webhooks" in each for each in said)
    assert not [each for each in (*said, caplog.text) if TOKEN in each or API_KEY in each]
