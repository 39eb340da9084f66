"""Inbound webhooks: who is believed, and which delivery it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.spec import SPEC
from connectors.email.webhook import MAX_AGE, MAX_AHEAD, EmailWebhook
from hub.core.errors import ConfigError, RecordError, SignatureError
from hub.core.types import Delivered, WebhookRequest
from tests.connectors.email.conftest import NOW, Mail

FIXTURES = Path(sys.modules["connectors.email.spec"].__file__ or "").parent / "fixtures"
HOOK = EmailWebhook()
KEY = "mailgun-signing-key"
LOGIN = "hub:a long password"
AT = datetime.fromtimestamp(1_700_000_000, UTC)
TOKEN = "a" * 50
SIGNATURE = "bd4c3774f80f9429d48a156834d89b350ee551add2dad7b57dbdd692dab848d9"
POSTMARK = (FIXTURES / "postmark.inbound.json").read_bytes()


def form(**changed: str) -> bytes:
    """Mailgun's fixture as the form that it stands for, signed with the vector."""
    fields = json.loads((FIXTURES / "mailgun.inbound.json").read_text())
    fields |= {"timestamp": "1700000000", "token": TOKEN, "signature": SIGNATURE} | changed
    return urlencode({name: value for name, value in fields.items() if value != "-"}).encode()


def multipart(fields: list[tuple[str, str]], file: bytes = b"") -> bytes:
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}'.encode() for n, v in fields]
    if file:
        head = b'Content-Disposition: form-data; name="attachment-1"; filename="b.bin"\r\nContent-Type: x/y\r\n\r\n'
        parts.append(head + file)
    return b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + b"--xyz--\r\n"


def request(body: bytes, *secrets: str, now: datetime = AT, login: str | None = None) -> WebhookRequest:
    headers: dict[str, str] = {}
    if login is not None:
        headers["authorization"] = login
    return WebhookRequest(url="https://hub.example.com/x", headers=headers, body=body, secrets=secrets, now=now)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_the_known_signature_of_mailgun_is_believed() -> None:
    HOOK.verify(request(form(), KEY))
    HOOK.verify(request(form(), "another-key", LOGIN, KEY))
    fields = [("timestamp", "1700000000"), ("token", TOKEN), ("signature", SIGNATURE), ("recipient", "a@b")]
    HOOK.verify(request(multipart(fields), KEY))


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "-"},
        {"token": "-"},
        {"timestamp": "-"},
        {"signature": ""},
        {"signature": SIGNATURE.upper()},
        {"signature": SIGNATURE[:-1]},
        {"signature": SIGNATURE + "0"},
        {"signature": "é" * 64},
        {"signature": "sha256=" + SIGNATURE},
        {"token": "a" * 49 + "b"},
        {"timestamp": "1700000001"},
        {"timestamp": "17e8"},
        {"timestamp": "-1700000000"},
        {"timestamp": "١٧٠٠٠٠٠٠٠٠"},
        {"timestamp": " 1700000000"},
    ],
    ids=str,
)
def test_any_other_signature_time_or_token_is_refused(changed: Mapping[str, str]) -> None:
    with pytest.raises(SignatureError):
        HOOK.verify(request(form(**changed), KEY))


def test_another_key_is_refused() -> None:
    with pytest.raises(SignatureError, match="webhook_secrets"):
        HOOK.verify(request(form(), "mailgun-signing-kez"))


@pytest.mark.parametrize("secrets", [(), ("",), (" ",), (LOGIN,)])
def test_without_a_signing_key_nothing_of_mailgun_is_accepted(secrets: tuple[str, ...]) -> None:
    empty = hmac.new(b"", f"1700000000{TOKEN}".encode(), hashlib.sha256).hexdigest()
    with pytest.raises(ConfigError, match="signing key"):
        HOOK.verify(request(form(signature=empty), *secrets))


def test_the_age_is_bounded_both_ways() -> None:
    HOOK.verify(request(form(), KEY, now=AT + timedelta(seconds=MAX_AGE)))
    HOOK.verify(request(form(), KEY, now=AT - timedelta(seconds=MAX_AHEAD)))
    with pytest.raises(SignatureError, match="old"):
        HOOK.verify(request(form(), KEY, now=AT + timedelta(seconds=MAX_AGE + 1)))
    with pytest.raises(SignatureError, match="ahead"):
        HOOK.verify(request(form(), KEY, now=AT - timedelta(seconds=MAX_AHEAD + 1)))


def test_of_doubled_fields_the_last_one_counts() -> None:
    good = [("timestamp", "1700000000"), ("token", TOKEN), ("signature", SIGNATURE)]
    bad = [("timestamp", "1"), ("token", "t"), ("signature", "s")]
    for encode in (multipart, lambda pairs: urlencode(pairs).encode()):
        HOOK.verify(request(encode([*bad, *good, ("recipient", "a@b")]), KEY))
        assert HOOK.parse(encode([*bad, *good, ("recipient", "a@b")]))[0] == TOKEN
        with pytest.raises(SignatureError):
            HOOK.verify(request(encode([*good, *bad]), KEY))


def test_a_replayed_token_is_the_same_delivery_whatever_it_carries() -> None:
    forged = form(**{"body-plain": "Please pay to another account"})
    HOOK.verify(request(forged, KEY))  # Mailgun's signature does not cover it
    assert HOOK.parse(forged)[0] == HOOK.parse(form())[0] == TOKEN


def test_postmarks_user_and_password_are_believed() -> None:
    HOOK.verify(request(POSTMARK, LOGIN, login=basic(LOGIN)))
    HOOK.verify(request(POSTMARK, "old:one", KEY, LOGIN, login=basic(LOGIN).replace("Basic", "basic")))


@pytest.mark.parametrize(
    "login",
    [
        None,
        "",
        "Basic",
        "Bearer " + basic(LOGIN)[6:],
        basic(LOGIN + " "),
        basic("hub:"),
        basic("hub:other"),
        basic(""),
        basic(LOGIN)[:-2],
        "Basic ****",
        LOGIN,
    ],
)
def test_any_other_login_is_refused(login: str | None) -> None:
    with pytest.raises(SignatureError):
        HOOK.verify(request(POSTMARK, LOGIN, KEY, login=login))


@pytest.mark.parametrize("secrets", [(), ("",), (":",), (KEY,)])
def test_without_a_user_and_password_nothing_of_postmark_is_accepted(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="USER:PASSWORD"):
        HOOK.verify(request(POSTMARK, *secrets, login=basic(secrets[0] if secrets else "")))


def test_there_is_no_handshake() -> None:
    assert HOOK.handshake(request(POSTMARK, LOGIN)) is None


@pytest.mark.parametrize(
    ("body", "delivery", "kind"),
    [
        (POSTMARK, "73e6d360-66eb-11e1-8e72-a8904824019b", "postmark.inbound"),
        (form(), TOKEN, "mailgun.inbound"),
    ],
)
def test_a_delivery_names_itself_and_the_one_mail_in_it(body: bytes, delivery: str, kind: str) -> None:
    identifier, (event,) = HOOK.parse(body)
    assert identifier == event.id == delivery
    assert (event.type, event.stream, event.key) == (kind, SPEC.event_types[kind], f"delivery:{delivery}")


def test_their_other_webhooks_are_kept_and_ring_nothing() -> None:
    bounce = {"RecordType": "Bounce", "MessageID": "m1", "ID": 7}
    opened = {"RecordType": "Open", "MessageID": "m1"}
    (first, (event,)), (second, _) = (HOOK.parse(json.dumps(each).encode()) for each in (bounce, opened))
    assert (event.type, event.stream) == ("postmark.bounce", None)
    assert first != second
    assert HOOK.parse(b"token=t1&timestamp=1&signature=x")[1][0].stream is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"MessageID": 7}', b"--\r\n", b"a=b", b"\xff\xfe", b"[" * 9999]
)
def test_what_is_no_delivery_is_a_record_error(body: bytes) -> None:
    with pytest.raises(RecordError):
        HOOK.parse(body)


@given(st.binary(max_size=400), st.sampled_from([b"", b"--x\r\n", b"{", b"token=a&recipient=", POSTMARK[:300]]))
def test_garbage_is_refused_by_the_hubs_own_errors_only(body: bytes, start: bytes) -> None:
    with pytest.raises((SignatureError, ConfigError)):
        HOOK.verify(request(start + body, KEY, LOGIN))
    with suppress(RecordError):
        HOOK.parse(start + body)


def test_both_providers_tell_the_same_mail_as_the_same_record(mail: Mail) -> None:
    at = datetime(2026, 11, 20, 17, tzinfo=UTC)
    for identifier, body in (("p", POSTMARK), ("m", form())):
        mail.kept[identifier] = Delivered(headers={}, body=body, received_at=at)
    with mail.connected(reply_address="hub@in.atelier-lila.example", imap_host=None) as live:
        assert live.source is not None
        (postmark,), (mailgun,) = (live.source.fetch("message", f"delivery:{each}") for each in "pm")
        with pytest.raises(RecordError, match="not kept"):
            live.source.fetch("message", "delivery:gone")
    assert postmark.key == mailgun.key
    assert postmark.key.startswith("<reply-1@client.example>#")
    assert postmark.at == at
    different = {name for name in postmark.fields if postmark.fields[name] != mailgun.fields[name]}
    assert different == {"files"}
    assert postmark.fields["files"] == ({"name": "brief.txt", "type": "text/plain", "size": 15},)
    assert postmark.fields["answers_to"] == "task-42"
    assert postmark.fields["text"] == "C’est envoyé ce soir.\n\nZoé"


def test_the_sandbox_delivers_as_both_providers_do(mail: Mail) -> None:
    """What the sandbox posts goes through the real verify and parse, and is the mail that IMAP would show."""
    raw = (
        "From: =?utf-8?q?Zo=C3=A9?= <zoe@client.example>\r\nTo: hub+t1@example.com\r\n"
        "Subject: =?utf-8?q?Caf=C3=A9?=\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
        "Message-ID: <s1@client.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n'
        "\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVoilà\r\n--b\r\nContent-Type: application/x\r\n"
        'Content-Disposition: attachment; filename="a b.bin"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n"
    )
    seen: list[WebhookRequest] = []

    def received(incoming: httpx.Request) -> None:
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        seen.append(
            WebhookRequest(
                url="x", headers=headers, body=incoming.content, secrets=("key-sandbox", LOGIN), now=datetime.now(UTC)
            )
        )

    with catcher(received) as url:
        host = url.removeprefix("http://")
        for provider, more in (("postmark", {}), ("mailgun", {}), ("mailgun", {"as_mime": True})):
            address = f"http://{LOGIN.replace(' ', '_')}@{host}" if provider == "postmark" else url
            assert mail.sandbox.inbound(provider, address, raw, recipient="hub+t1@example.com", **more) == 200
    records = []
    for number, each in enumerate(seen):
        given_secrets = (*each.secrets, LOGIN.replace(" ", "_"))
        HOOK.verify(WebhookRequest(url="x", headers=each.headers, body=each.body, secrets=given_secrets, now=each.now))
        identifier, _ = HOOK.parse(each.body)
        mail.kept[identifier] = Delivered(headers={}, body=each.body, received_at=NOW)
        with mail.connected() as live:
            assert live.source is not None
            records.append(live.source.fetch("message", f"delivery:{identifier}")[0])
            if number == 0:
                mail.sandbox.inject(raw, at=NOW.isoformat())
    with mail.connected() as live:
        assert live.source is not None
        (read,) = live.source.fetch("message", records[0].key)
    assert [one.key for one in records] == [read.key] * 3
    for one in records:
        assert {n: v for n, v in one.fields.items() if v != read.fields[n]} in ({}, {"files": one.fields["files"]})
        assert one.fields["answers_to"] == "t1"
        assert one.fields["subject"] == "Café"
        assert [file["size"] for file in one.fields["files"]] == [3]  # type: ignore[union-attr, index, call-overload]


def catcher(received: Any) -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from tests.sandboxes.serve import serve

    async def take(incoming: Request) -> Response:
        body = await incoming.body()
        received(httpx.Request("POST", "http://x", headers=dict(incoming.headers), content=body))
        return Response()

    return serve(Starlette(routes=[Route("/", take, methods=["POST"])]))
