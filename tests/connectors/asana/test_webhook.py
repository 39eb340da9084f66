"""Asana's deliveries: the handshake, the signature, and what they say."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.asana.webhook import EVENT_TYPES, AsanaWebhook
from hub.core.errors import RecordError, SignatureError
from hub.core.types import WebhookRequest

FIXTURES = Path(__file__).resolve().parents[3] / "connectors" / "asana" / "fixtures"
KEY = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
BODY = b'{"events":[]}'
SIGNATURE = "10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853"
HOOK = AsanaWebhook()


def request(body: bytes = BODY, secrets: tuple[str, ...] = (KEY,), **headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url, now = "https://hub.example.com/hooks/asana", datetime(2026, 11, 21, tzinfo=UTC)
    return WebhookRequest(url=url, headers=named, body=body, secrets=secrets, now=now)


@pytest.mark.parametrize(
    ("key", "body", "signature"),
    [
        (KEY, BODY, SIGNATURE),
        (
            "asana-hook-secret",
            b'{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}',
            "fe6b57aeedb91b6f881e2cea1c0a7428b79170d87b69254c0b1676b5f4d8556b",
        ),
    ],
)
def test_known_signatures_are_accepted_by_any_of_our_secrets(key: str, body: bytes, signature: str) -> None:
    HOOK.verify(request(body, (key,), x_hook_signature=signature))
    HOOK.verify(request(body, ("another-secret", key), x_hook_signature=signature))


@pytest.mark.parametrize(
    ("body", "secrets", "signature"),
    [
        pytest.param(BODY, (KEY,), None, id="header missing"),
        pytest.param(BODY, (KEY,), "", id="header empty"),
        pytest.param(BODY, (KEY,), f"sha256={SIGNATURE}", id="a prefix that asana has not"),
        pytest.param(BODY, (KEY,), SIGNATURE[:-2], id="too short"),
        pytest.param(BODY, (KEY,), SIGNATURE + "00", id="too long"),
        pytest.param(BODY, (KEY,), SIGNATURE.upper(), id="upper case"),
        pytest.param(BODY, (KEY,), "é" * 64, id="no hex"),
        pytest.param(b'{"events":[ ]}', (KEY,), SIGNATURE, id="re-serialised"),
        pytest.param(b'{"events":[}}', (KEY,), SIGNATURE, id="one byte changed"),
        pytest.param(BODY, (KEY[:-1] + "2",), SIGNATURE, id="another key"),
        pytest.param(BODY, (), SIGNATURE, id="no key"),
        pytest.param(BODY, ("",), hmac.new(b"", BODY, hashlib.sha256).hexdigest(), id="an empty key"),
    ],
)
def test_everything_else_is_refused(body: bytes, secrets: tuple[str, ...], signature: str | None) -> None:
    headers = {} if signature is None else {"x_hook_signature": signature}

    with pytest.raises(SignatureError) as refused:
        HOOK.verify(request(body, secrets, **headers))

    assert KEY not in str(refused.value)


@pytest.mark.parametrize("secret", [KEY, KEY[:32]])
def test_a_handshake_gets_its_secret_back_to_be_remembered(secret: str) -> None:
    reply = HOOK.handshake(request(b"{}", (), x_hook_secret=secret))

    assert reply is not None
    assert (reply.status, reply.headers, reply.body, reply.remember) == (200, {"X-Hook-Secret": secret}, b"", secret)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_hook_signature": SIGNATURE},
        {"x_hook_signature": SIGNATURE, "x_hook_secret": KEY},
        {"x_hook_secret": ""},
        {"x_hook_secret": "short"},
        {"x_hook_secret": KEY + "\r\nSet-Cookie: a=b"},
        {"x_hook_secret": "é" * 32},
        {"x_hook_secret": "a" * 500},
    ],
)
def test_anything_else_is_no_handshake(headers: dict[str, str]) -> None:
    assert HOOK.handshake(request(**headers)) is None


def test_there_is_a_fixture_for_each_event_type_that_is_followed() -> None:
    assert {path.stem for path in FIXTURES.iterdir()} == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_each_event_speaks_of_its_record(kind: str) -> None:
    body = (FIXTURES / f"{kind}.json").read_bytes()
    said = json.loads(body)["events"][0]
    about = said["parent"] if kind.startswith("story") else said["resource"]

    delivery, (event,) = HOOK.parse(body)

    assert (event.type, event.stream, event.key) == (kind, EVENT_TYPES[kind], about["gid"])
    assert HOOK.parse(body)[0] == delivery


def test_a_heartbeat_has_an_id_and_no_events() -> None:
    delivery, events = HOOK.parse(BODY)

    assert delivery.startswith("asana-")
    assert list(events) == []


def test_an_event_that_comes_twice_in_one_batch_is_one_and_keeps_its_order() -> None:
    first = json.loads((FIXTURES / "task.changed.json").read_bytes())["events"][0]
    second = json.loads((FIXTURES / "task.deleted.json").read_bytes())["events"][0]

    _, events = HOOK.parse(json.dumps({"events": [first, second, first]}).encode())

    assert [event.type for event in events] == ["task.changed", "task.deleted"]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "added"},
        {"created_at": "2026-11-21T10:00:00.001Z"},
        {"change": {"field": "name", "action": "changed"}},
        {"user": None},
        {"parent": {"gid": "9", "resource_type": "project"}},
        {"resource": {"gid": "9", "resource_type": "task"}},
    ],
)
def test_events_that_differ_have_different_ids(change: dict[str, object]) -> None:
    event = json.loads((FIXTURES / "task.changed.json").read_bytes())["events"][0]

    _, events = HOOK.parse(json.dumps({"events": [event, {**event, **change}]}).encode())

    assert len({each.id for each in events}) == 2


def test_types_that_are_not_followed_are_acknowledged_and_speak_of_nothing() -> None:
    event = {"action": "added", "created_at": "2026-11-21T10:00:00.000Z", "parent": None, "user": None}
    odd = [
        {**event, "resource": {"gid": "1", "resource_type": "section"}},
        {**event, "resource": {"gid": "2", "resource_type": "story"}, "parent": {"gid": "3", "resource_type": "goal"}},
        {**event, "resource": {"gid": 4, "resource_type": "task"}},
        {"resource": None, "action": "from the future"},
    ]

    _, events = HOOK.parse(json.dumps({"events": odd}).encode())

    assert len(events) == 4
    assert {(each.stream, each.key) for each in events} == {(None, None)}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"events": 1}', b'{"events": [1]}', b"null"])
def test_what_cannot_be_read_is_an_error_of_that_delivery(body: bytes) -> None:
    with pytest.raises(RecordError):
        HOOK.parse(body)
