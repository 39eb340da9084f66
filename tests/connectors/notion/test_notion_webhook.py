"""Notion's deliveries: the vectors pass, everything else is refused; every followed event is read, the rest is kept."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.notion
from connectors.notion.spec import SPEC
from connectors.notion.webhook import EVENT_TYPES, NotionWebhook
from hub.core.errors import RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

TOKEN = "fixed-verification-token"
BODY = b'{"id":"fixed-evt","type":"page.created"}'
SIGNATURE = "sha256=e51fc361bd9b019cc34c59929547007291a6dd982179d36bb5d6d9e7e12cbac2"
DOCUMENTED = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
HANDSHAKE = json.dumps({"verification_token": DOCUMENTED}, separators=(",", ":")).encode()
FIXTURES = Path(connectors.notion.__file__).parent / "fixtures"


def request(body: bytes, signature: str | None, *secrets: str) -> WebhookRequest:
    headers = {} if signature is None else {"x-notion-signature": signature}
    now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    return WebhookRequest(url="https://hub.example/webhooks/n", headers=headers, body=body, secrets=secrets, now=now)


@pytest.mark.parametrize(
    ("token", "body", "signature"),
    [
        (TOKEN, BODY, SIGNATURE),
        (DOCUMENTED, HANDSHAKE, "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735"),
    ],
)
def test_notions_own_vectors_pass(token: str, body: bytes, signature: str) -> None:
    NotionWebhook().verify(request(body, signature, token))
    NotionWebhook().verify(request(body, signature, "", "another", token))


@pytest.mark.parametrize(
    ("signature", "body", "secrets"),
    [
        (None, BODY, (TOKEN,)),
        ("", BODY, (TOKEN,)),
        (SIGNATURE.removeprefix("sha256="), BODY, (TOKEN,)),
        (SIGNATURE.replace("sha256", "sha1"), BODY, (TOKEN,)),
        (SIGNATURE.replace("sha256", "v1"), BODY, (TOKEN,)),
        (SIGNATURE[:-1], BODY, (TOKEN,)),
        (SIGNATURE + "0", BODY, (TOKEN,)),
        (SIGNATURE + "\n", BODY, (TOKEN,)),
        (SIGNATURE.upper(), BODY, (TOKEN,)),
        ("sha256=" + SIGNATURE.removeprefix("sha256=").upper(), BODY, (TOKEN,)),
        ("sha256=" + "é" * 64, BODY, (TOKEN,)),
        (SIGNATURE, BODY.replace(b"fixed-evt", b"fixed-evu"), (TOKEN,)),
        (SIGNATURE, BODY + b"\n", (TOKEN,)),
        (SIGNATURE, json.dumps(json.loads(BODY)).encode(), (TOKEN,)),
        (SIGNATURE, BODY, (TOKEN + "x",)),
        (SIGNATURE, BODY, ("another", "third")),
    ],
)
def test_what_notion_did_not_sign_is_refused(signature: str | None, body: bytes, secrets: tuple[str, ...]) -> None:
    with pytest.raises(SignatureError) as refused:
        NotionWebhook().verify(request(body, signature, *secrets))

    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_token_nothing_is_accepted_and_the_way_out_is_named(secrets: tuple[str, ...]) -> None:
    import hashlib
    import hmac

    of_nothing = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()

    with pytest.raises(SignatureError, match=r"no verification token.*hub listen"):
        NotionWebhook().verify(request(BODY, of_nothing, *secrets))


def test_the_verification_request_is_answered_and_its_token_handed_over() -> None:
    assert NotionWebhook().handshake(request(HANDSHAKE, None)) == Reply(status=200, remember=DOCUMENTED)


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b"",
        b"[]",
        b"not json",
        b"\xff",
        b'{"verification_token":"x","id":"e","type":"page.created"}',
        b'{"id":"e","type":"page.created","data":{"verification_token":"x"}}',
    ],
)
def test_an_ordinary_delivery_is_no_handshake(body: bytes) -> None:
    assert NotionWebhook().handshake(request(body, None)) is None


@pytest.mark.parametrize("token", ["", "  ", None, 7, ["x"]])
def test_a_handshake_without_a_token_is_refused(token: object) -> None:
    with pytest.raises(SignatureError, match="no token"):
        NotionWebhook().handshake(request(json.dumps({"verification_token": token}).encode(), None))


def test_every_followed_event_has_a_fixture_and_names_what_changed() -> None:
    assert {path.stem for path in FIXTURES.iterdir()} == set(EVENT_TYPES) == set(SPEC.event_types)
    for kind, stream in EVENT_TYPES.items():
        body = (FIXTURES / f"{kind}.json").read_bytes()
        payload = json.loads(body)
        expected = Event(id=payload["id"], type=kind, stream=stream, key=payload["entity"]["id"])
        assert NotionWebhook().parse(body) == (payload["id"], (expected,)), kind


@pytest.mark.parametrize(
    "kind",
    [
        "page.transcription_block.transcript_deleted",
        "database.created",
        "data_source.schema_updated",
        "data_source.content_updated",
        "file_upload.completed",
        "view.updated",
        "page.of_tomorrow",
    ],
)
def test_other_events_are_acknowledged_and_followed_by_nobody(kind: str) -> None:
    body = json.dumps({"id": "e1", "type": kind, "entity": {"id": "x", "type": "page"}}).encode()

    assert NotionWebhook().parse(body) == ("e1", (Event(id="e1", type=kind),))


def test_a_delivery_of_the_first_days_is_read_like_any_other() -> None:
    old: dict[str, Any] = json.loads((FIXTURES / "page.created.json").read_bytes())
    for name in ("api_version", "workspace_name", "attempt_number"):
        del old[name]
    old["data"] = {"parent": {"id": old["workspace_id"], "type": "space"}}

    _, (event,) = NotionWebhook().parse(json.dumps(old).encode())

    assert (event.stream, event.key) == ("row", old["entity"]["id"])
    del old["data"]
    assert NotionWebhook().parse(json.dumps(old).encode())[1] == (event,)


def test_a_repeated_delivery_has_the_same_id() -> None:
    first: dict[str, Any] = json.loads((FIXTURES / "page.created.json").read_bytes())

    again = {**first, "attempt_number": 8}

    assert NotionWebhook().parse(json.dumps(again).encode())[0] == first["id"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nothing",
        b'{"type":"page.created"}',
        b'{"id":"","type":"page.created"}',
        b'{"id":5,"type":"page.created"}',
        b'{"id":"e1"}',
        b'{"id":"e1","type":"page.created"}',
        b'{"id":"e1","type":"page.created","entity":null}',
        b'{"id":"e1","type":"page.created","entity":{"id":""}}',
    ],
)
def test_what_cannot_be_read_is_that_deliverys_problem(body: bytes) -> None:
    with pytest.raises(RecordError):
        NotionWebhook().parse(body)
