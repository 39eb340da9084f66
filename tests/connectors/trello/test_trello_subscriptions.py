"""Who Trello calls: one webhook for each board, made while Trello asks the address with HEAD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI, Request, Response

from connectors.trello.sandbox import API_SECRET, TOKEN
from connectors.trello.subscriptions import TrelloSubscriptions
from connectors.trello.webhook import TrelloWebhook
from hub.core.errors import ConfigError, TransientError
from hub.core.types import Ref, WebhookRequest
from tests.connectors.trello.conftest import World
from tests.sandboxes.serve import serve


@dataclass
class Receiver:
    """The hub's address, as Trello meets it."""

    url: str = ""
    heads: int = 0
    head_status: int = 200
    post_status: int = 200
    seen: list[WebhookRequest] = field(default_factory=list)


@pytest.fixture(scope="module")
def _receiving() -> Iterator[tuple[str, dict[str, Receiver]]]:
    app, current = FastAPI(), dict[str, Receiver]()

    @app.api_route("/hook", methods=["HEAD", "POST"])
    async def hook(request: Request) -> Response:
        receiver = current["it"]
        if request.method == "HEAD":
            receiver.heads += 1
            return Response(status_code=receiver.head_status)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.body()
        receiver.seen.append(
            WebhookRequest(url=receiver.url, headers=headers, body=body, secrets=(API_SECRET,), now=datetime.now(UTC))
        )
        return Response(status_code=receiver.post_status)

    with serve(app) as base:
        yield base, current


@pytest.fixture
def receiver(_receiving: tuple[str, dict[str, Receiver]]) -> Receiver:
    base, current = _receiving
    current["it"] = Receiver(url=f"{base}/hook?b=1")
    return current["it"]


def of(world: World, *follow: str) -> TrelloSubscriptions:
    return TrelloSubscriptions(world.client(), follow or None)


def test_each_followed_board_gets_one_webhook_and_never_two(world: World, board: str, receiver: Receiver) -> None:
    other = world.sandbox.add_board("Autre")
    world.sandbox.add_board("Pas suivi")
    subscriptions = of(world, board, other)

    made = subscriptions.ensure(receiver.url)
    again = subscriptions.ensure(receiver.url)

    assert {each.about for each in made} == {board, other}
    assert all(each.alive and each.url == receiver.url and each.secret is None for each in made)
    assert [each.ref for each in again] == [each.ref for each in made]
    assert receiver.heads == 2
    assert len(world.sandbox.hooks()) == 2


def test_what_happens_on_a_board_is_delivered_signed_for_the_address_as_registered(
    world: World, board: str, receiver: Receiver
) -> None:
    of(world).ensure(receiver.url)
    hook = TrelloWebhook()

    card = world.sandbox.add_card(board, "Écrire ☕")
    world.sandbox.webhook_key = False
    world.sandbox.edit_card(card, dueComplete=True)
    assert world.sandbox.outbox.wait(5)

    events = []
    for request in receiver.seen:
        hook.verify(request)
        events += hook.parse(request.body)[1]
    assert {(event.type, event.key) for event in events} == {("createCard", card), ("updateCard", card)}
    assert sorted(b'"webhook"' in request.body for request in receiver.seen) == [False, True]


def test_an_address_that_does_not_answer_head_is_told_to_a_person(world: World, board: str, receiver: Receiver) -> None:
    receiver.head_status = 405

    with pytest.raises(ConfigError, match=r'"Suivi".*405.*answer HEAD with 200'):
        of(world).ensure(receiver.url)
    with pytest.raises(ConfigError, match="reachable"):
        of(world).ensure("http://127.0.0.1:9/hook")
    assert world.sandbox.hooks() == []


def test_a_webhook_that_somebody_made_meanwhile_is_taken_over(world: World, board: str, receiver: Receiver) -> None:
    world.sandbox.faults.add("POST", "/1/webhooks/", "503_after_commit", times=1)

    (made,) = of(world).ensure(receiver.url)

    assert [hook["id"] for hook in world.sandbox.hooks()] == [made.ref]
    assert world.sandbox.calls.counts["POST", "/1/webhooks/"] == 2  # the second was refused: it exists


def test_a_webhook_that_trello_disabled_is_revived_and_a_deleted_one_made_anew(
    world: World, board: str, receiver: Receiver
) -> None:
    subscriptions = of(world)
    (made,) = subscriptions.ensure(receiver.url)
    world.sandbox.disable_webhook(made.ref)
    (dead,) = subscriptions.list()
    assert (dead.alive, dead.note) == (False, "1001 deliveries failed in a row")
    assert dead.failing_since is not None
    assert dead.failing_since < datetime.now(UTC)

    (revived,) = subscriptions.ensure(receiver.url)
    assert (revived.ref, revived.alive) == (made.ref, True)

    world.sandbox.drop_webhook(made.ref)
    (anew,) = subscriptions.ensure(receiver.url)
    assert anew.ref != made.ref


def test_failures_are_counted_after_four_tries(world: World, board: str, receiver: Receiver) -> None:
    subscriptions = of(world)
    subscriptions.ensure(receiver.url)
    receiver.post_status = 500

    world.sandbox.add_card(board, "Page")
    assert world.sandbox.outbox.wait(5)

    (failing,) = subscriptions.list()
    assert failing.alive
    assert (len(receiver.seen), failing.note) == (4, "4 deliveries failed in a row")
    assert failing.failing_since is not None


def test_webhooks_of_others_are_seen_and_left_alone(world: World, board: str, receiver: Receiver) -> None:
    client = world.client()
    theirs = client.post("/webhooks/", {"callbackURL": f"{receiver.url}&theirs", "idModel": board})
    world.sandbox.disable_webhook(theirs["id"])
    subscriptions = of(world)

    (made,) = subscriptions.ensure(receiver.url)

    assert {(each.ref, each.alive) for each in subscriptions.list()} == {(theirs["id"], False), (made.ref, True)}


def test_removing_twice_is_no_error(world: World, board: str, receiver: Receiver) -> None:
    subscriptions = of(world)
    (made,) = subscriptions.ensure(receiver.url)

    subscriptions.remove(made.ref)
    subscriptions.remove(made.ref)
    subscriptions.remove(Ref("6b0000000000000000000000"))

    assert subscriptions.list() == ()


def test_a_busy_trello_is_no_fault_of_the_address(world: World, board: str, receiver: Receiver) -> None:
    world.sandbox.faults.add("POST", "/1/webhooks/", "503")

    with pytest.raises(TransientError):
        of(world).ensure(receiver.url)


def test_no_refusal_shows_the_token(world: World, board: str, receiver: Receiver) -> None:
    receiver.head_status = 500
    with pytest.raises(ConfigError) as refused:
        of(world).ensure(receiver.url)

    assert TOKEN not in str(refused.value)
