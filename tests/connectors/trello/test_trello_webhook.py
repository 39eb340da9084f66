"""Trello's deliveries: signatures, and what each says has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.trello
from connectors.trello.webhook import EVENT_TYPES, TrelloWebhook
from hub.core.errors import RecordError, SignatureError
from hub.core.types import WebhookRequest
from tests.paths import SHARED

WEBHOOK = TrelloWebhook()
FIXTURES = Path(connectors.trello.__path__[0]) / "fixtures"
SAMPLES = SHARED / "samples" / "trello"
URL = "https://hub.example.com/hooks/trello?b=1"
SECRET = "trello-app-secret"
BODY = b'{"model":{"id":"5f0"},"action":{"id":"a1","type":"updateCard"}}'
SIGNATURE = "N5mXnHWloQh8mnGxgE0AzYPlK+k="


def delivery(body: bytes = BODY, signature: str | None = SIGNATURE, url: str = URL, *secrets: str) -> WebhookRequest:
    headers = {} if signature is None else {"x-trello-webhook": signature}
    return WebhookRequest(url=url, headers=headers, body=body, secrets=secrets or (SECRET,), now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("secret", "url", "body", "signature"),
    [
        (SECRET, URL, BODY.decode(), SIGNATURE),
        (SECRET, URL, '{"action":{"data":{"card":{"name":"Café ☕"}}}}', "b5QLSxwNWZnz5OI9jxXTA/wh2Xc="),
        ("client-secret", "https://something", '{ "some": "data", "value": 3 }', "/qKoB9Rf4446ZFqRNhV5uDojdas="),
        (
            "trello-secret",
            "https://hub.example.com/webhooks/trello",
            '{"action":{"id":"5abbe4b7ddc1b351ef961414","type":"updateCard"},"model":{"id":"5abbe4b7ddc1b351ef961415"}}',
            "cm5aLYnKSKs4Pf/vqNspx0BlIXU=",
        ),
    ],
    ids=["ascii", "not ascii", "published", "counter-checked"],
)
def test_known_signatures_are_accepted(secret: str, url: str, body: str, signature: str) -> None:
    WEBHOOK.verify(delivery(body.encode(), signature, url, "another", secret))


@pytest.mark.parametrize(
    "bad",
    [
        delivery(signature=None),
        delivery(signature=""),
        delivery(signature=SIGNATURE.rstrip("=")),
        delivery(signature=SIGNATURE.lower()),
        delivery(signature=f"sha1={SIGNATURE}"),
        delivery(signature="é" * 28),
        delivery(body=BODY.replace(b"a1", b"a2")),
        delivery(body=BODY.replace(b'":', b'": ')),
        delivery(BODY, SIGNATURE, "https://hub.example.com/hooks/trello"),
        delivery(BODY, SIGNATURE, "http://127.0.0.1:8000/hooks/trello?b=1"),
        delivery(BODY, SIGNATURE, URL, "another"),
        delivery(BODY, SIGNATURE, URL, ""),
    ],
    ids=["none", "empty", "short", "case", "scheme", "letters", "byte", "spaces", "query", "proxy", "key", "no key"],
)
def test_everything_else_is_refused(bad: WebhookRequest) -> None:
    with pytest.raises(SignatureError):
        WEBHOOK.verify(bad)


def test_an_empty_secret_never_signs() -> None:
    import base64
    import hashlib
    import hmac

    forged = base64.b64encode(hmac.new(b"", BODY + URL.encode(), hashlib.sha1).digest()).decode()

    with pytest.raises(SignatureError, match="api_secret"):
        WEBHOOK.verify(delivery(BODY, forged, URL, ""))


def test_there_is_one_fixture_for_each_type_that_is_followed_and_it_rings_its_stream() -> None:
    found = {path.stem: path.read_bytes() for path in FIXTURES.glob("*.json")}

    assert set(found) == set(EVENT_TYPES)
    for kind, body in found.items():
        identifier, events = WEBHOOK.parse(body)
        assert identifier == json.loads(body)["action"]["id"]
        assert {event.id for event in events} == {identifier}
        assert {(event.type, event.stream) for event in events} == {(kind, EVENT_TYPES[kind])}
        assert all(event.key is not None and len(event.key) == 24 for event in events)
    assert sum("webhook" in json.loads(body) for body in found.values()) == len(found) // 2


def test_a_step_that_becomes_a_card_changes_both_cards() -> None:
    body = (FIXTURES / "convertToCardFromCheckItem.json").read_bytes()
    data = json.loads(body)["action"]["data"]

    _, events = WEBHOOK.parse(body)

    assert [event.key for event in events] == [data["card"]["id"], data["cardSource"]["id"]]


@pytest.mark.parametrize("name", ["listBefore", "voteOnCard", "enablePlugin", "acceptEnterpriseJoinRequest"])
def test_a_type_that_is_not_followed_is_acknowledged_without_a_stream(name: str) -> None:
    _, (event,) = WEBHOOK.parse(json.dumps({"action": {"id": "a9", "type": name, "data": {"card": {}}}}).encode())

    assert (event.id, event.type, event.stream, event.key) == ("a9", name, None, None)


def test_a_list_that_only_moved_and_a_board_that_only_looks_otherwise_ring_nothing() -> None:
    for kind, old in (("updateList", {"pos": 1}), ("updateBoard", {"prefs": {"background": "blue"}})):
        data = {"board": {"id": "b" * 24}, "old": old}
        _, (event,) = WEBHOOK.parse(json.dumps({"action": {"id": "a9", "type": kind, "data": data}}).encode())
        assert event.stream is None


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"action": []}', b'{"action": {"id": 7, "type": "updateCard"}}', b"\xff"]
)
def test_what_is_no_delivery_is_a_record_error(body: bytes) -> None:
    with pytest.raises(RecordError):
        WEBHOOK.parse(body)


@pytest.mark.parametrize("broken", [None, [], "text", {"card": None}, {"card": {"id": 7}}, {"card": {}}])
def test_a_followed_type_without_its_id_is_kept_without_a_stream(broken: Any) -> None:
    _, (event,) = WEBHOOK.parse(json.dumps({"action": {"id": "a9", "type": "updateCard", "data": broken}}).encode())

    assert event.stream is None


def samples() -> Iterator[Path]:
    for path in sorted(SAMPLES.glob("*Webhook*.json")):
        if "action" in json.loads(path.read_text("utf-8-sig")):
            yield path


def test_every_recorded_delivery_of_a_kind_that_we_follow_is_parsed() -> None:
    if not SAMPLES.exists():
        pytest.skip("the folder `shared` with recorded deliveries is not beside the repository")
    found: dict[str, int] = {}
    for path in samples():
        body = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        action = json.loads(body)["action"]
        identifier, events = WEBHOOK.parse(body)
        assert identifier == action["id"], path.name
        moved = action["type"] in ("updateList", "updateBoard") and set(action["data"]["old"]) <= {"pos", "prefs"}
        wanted = None if moved else EVENT_TYPES[action["type"]]
        assert {event.stream for event in events} == {wanted}, path.name
        if wanted == "card":
            assert events[0].key == action["data"]["card"]["id"], path.name
        found[action["type"]] = found.get(action["type"], 0) + 1
    assert sum(found.values()) >= 30
    assert len(found) >= 10
