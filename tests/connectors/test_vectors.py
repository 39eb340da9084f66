"""Signatures: published and recomputed vectors pass, and every way of being wrong is refused, for all who call us."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from connectors import registry
from hub.core.errors import ConfigError, SignatureError
from hub.core.protocol import Webhook
from hub.core.types import WebhookRequest
from tests.paths import SHARED

NOTION, ASANA, TRELLO = "x-notion-signature", "x-hook-signature", "x-trello-webhook"
STRIPE, CALENDLY = "stripe-signature", "calendly-webhook-signature"
TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"


@dataclass(frozen=True)
class Vector:
    """Who, with which secret, which header, over which bytes. `at`: the second that is signed, 0 where none is."""

    connector: str
    name: str
    secret: str
    header: str
    value: str
    body: bytes
    url: str = "https://hub.example.com/hooks"
    at: int = 0

    def request(self) -> WebhookRequest:
        now = datetime.fromtimestamp(self.at or 1_700_000_000, UTC)
        headers = {self.header: self.value} if self.header else {}
        return WebhookRequest(url=self.url, headers=headers, body=self.body, secrets=(self.secret,), now=now)


def mailgun(signature: str, **changed: str) -> bytes:
    fields = {"timestamp": "1700000000", "token": "a" * 50, "signature": signature, "recipient": "hub@example.com"}
    return urlencode({**fields, **changed}).encode()


VECTORS = (
    Vector(
        "notion",
        "the one in Notion's documentation",
        TOKEN,
        NOTION,
        "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735",
        f'{{"verification_token":"{TOKEN}"}}'.encode(),
    ),
    Vector(
        "notion",
        "the one in Notion's own tests",
        "fixed-verification-token",
        NOTION,
        "sha256=e51fc361bd9b019cc34c59929547007291a6dd982179d36bb5d6d9e7e12cbac2",
        b'{"id":"fixed-evt","type":"page.created"}',
    ),
    Vector(
        "asana",
        "the secret of Asana's documentation",
        "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81",
        ASANA,
        "10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853",
        b'{"events":[]}',
    ),
    Vector(
        "asana",
        "one that Asana's own example receivers accept",
        "asana-hook-secret",
        ASANA,
        "fe6b57aeedb91b6f881e2cea1c0a7428b79170d87b69254c0b1676b5f4d8556b",
        b'{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}',
    ),
    Vector(
        "trello",
        "with a query in the address",
        "trello-app-secret",
        TRELLO,
        "N5mXnHWloQh8mnGxgE0AzYPlK+k=",
        b'{"model":{"id":"5f0"},"action":{"id":"a1","type":"updateCard"}}',
        url="https://hub.example.com/hooks/trello?b=1",
    ),
    Vector(
        "trello",
        "not only ASCII",
        "trello-app-secret",
        TRELLO,
        "b5QLSxwNWZnz5OI9jxXTA/wh2Xc=",
        '{"action":{"data":{"card":{"name":"Café ☕"}}}}'.encode(),
        url="https://hub.example.com/hooks/trello?b=1",
    ),
    Vector(
        "trello",
        "the one of a published receiver's tests",
        "client-secret",
        TRELLO,
        "/qKoB9Rf4446ZFqRNhV5uDojdas=",
        b'{ "some": "data", "value": 3 }',
        url="https://something",
    ),
    Vector(
        "trello",
        "one that a published receiver accepts",
        "trello-secret",
        TRELLO,
        "cm5aLYnKSKs4Pf/vqNspx0BlIXU=",
        b'{"action":{"id":"5abbe4b7ddc1b351ef961414","type":"updateCard"},"model":{"id":"5abbe4b7ddc1b351ef961415"}}',
        url="https://hub.example.com/webhooks/trello",
    ),
    Vector(
        "stripe",
        "the one in Stripe's own tests",
        "whsec_test_secret",
        STRIPE,
        "t=1614556800,v1=fa0b5ccf7817f153d5f82b42b3e550fd47d0d5ed0eceffd9a2a99d68c4baca04",
        b'{\n  "id": "evt_test_webhook",\n  "object": "event"\n}',
        at=1_614_556_800,
    ),
    Vector(
        "stripe",
        "one that Stripe's libraries make and accept",
        "whsec_test_secret",
        STRIPE,
        "t=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd",
        b'{"id":"evt_1","object":"event"}',
        at=1_700_000_000,
    ),
    Vector(
        "calendly",
        "an invitee without content",
        "calendly-signing-key",
        CALENDLY,
        "t=1700000000,v1=af03a8a35c6a7254eb7fb53e0032cdf9829dbcffe7994ae4a5db767e1dbf8e61",
        b'{"event":"invitee.created","payload":{}}',
        at=1_700_000_000,
    ),
    Vector(
        "calendly",
        "one that a published library accepts",
        "calendly-signing-key",
        CALENDLY,
        "t=1700000000,v1=f9f99587ddef65098372c1d8038c642365a7889cf0d91c6646b15f247be3e498",
        b'{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/A/invitees/B"}}',
        at=1_700_000_000,
    ),
    Vector(
        "email",
        "Mailgun: timestamp and token",
        "mailgun-signing-key",
        "",
        "",
        mailgun("bd4c3774f80f9429d48a156834d89b350ee551add2dad7b57dbdd692dab848d9"),
        at=1_700_000_000,
    ),
    Vector(
        "email",
        "Postmark: user and password of the address (RFC 7617)",
        "Aladdin:open sesame",
        "authorization",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        b'{"MessageID":"1","FromFull":{"Email":"zoe@client.example"}}',
    ),
)
OVER_THE_BODY = tuple(vector for vector in VECTORS if vector.connector != "email")
HEX = tuple(vector for vector in OVER_THE_BODY if vector.connector != "trello")
TIMED = tuple(vector for vector in OVER_THE_BODY if vector.at)


def named(vector: Vector) -> str:
    return f"{vector.connector}: {vector.name}"


every = pytest.mark.parametrize("vector", VECTORS, ids=named)
over_the_body = pytest.mark.parametrize("vector", OVER_THE_BODY, ids=named)
in_hex = pytest.mark.parametrize("vector", HEX, ids=named)
timed = pytest.mark.parametrize("vector", TIMED, ids=named)


def webhook(vector: Vector) -> Webhook:
    found = registry.load(vector.connector).webhook
    assert found is not None
    return found


def refused(vector: Vector, request: WebhookRequest, *also: type[Exception]) -> None:
    with pytest.raises((SignatureError, *also)) as raised:
        webhook(vector).verify(request)
    for secret in request.secrets:
        assert not secret or secret not in str(raised.value)


def with_value(vector: Vector, value: str) -> WebhookRequest:
    return replace(vector.request(), headers={vector.header: value})


def digest(vector: Vector) -> str:
    found = re.search(r"[0-9a-f]{64}$", vector.value)
    assert found
    return found[0]


def hmac_of(vector: Vector, secret: str, body: bytes) -> str:
    """The header that the provider would send for this body and secret."""
    if vector.connector == "trello":
        return base64.b64encode(hmac.new(secret.encode(), body + vector.url.encode(), hashlib.sha1).digest()).decode()
    signed = f"{vector.at}.".encode() + body if vector.at else body
    return vector.value.replace(digest(vector), hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest())


def test_every_connector_that_is_called_has_a_vector() -> None:
    called = {name for name in registry.OURS if registry.load(name).webhook is not None}
    assert called == {vector.connector for vector in VECTORS}


@every
def test_the_vector_passes(vector: Vector) -> None:
    webhook(vector).verify(vector.request())


@over_the_body
def test_our_own_arithmetic_agrees_with_the_vector(vector: Vector) -> None:
    assert hmac_of(vector, vector.secret, vector.body) == vector.value


@every
def test_of_several_secrets_any_may_fit(vector: Vector) -> None:
    for secrets in ((vector.secret, "another"), ("another", vector.secret), ("", vector.secret)):
        webhook(vector).verify(replace(vector.request(), secrets=secrets))


@every
def test_without_its_proof_it_is_refused(vector: Vector) -> None:
    bare = replace(vector.request(), headers={})
    if not vector.header:
        bare = replace(bare, body=mailgun(""))
    refused(vector, bare)


@over_the_body
def test_every_byte_counts(vector: Vector) -> None:
    for place in range(len(vector.body)):
        changed = bytearray(vector.body)
        changed[place] ^= 1
        refused(vector, replace(vector.request(), body=bytes(changed)))
    for body in (b"", vector.body + b"\n", vector.body[:-1]):
        refused(vector, replace(vector.request(), body=body))


@over_the_body
def test_a_body_that_was_read_and_written_again_is_refused(vector: Vector) -> None:
    for spaces in ((", ", ": "), (",", ":")):
        again = json.dumps(json.loads(vector.body), separators=spaces, ensure_ascii=False).encode()
        if again != vector.body:
            refused(vector, replace(vector.request(), body=again))


@every
def test_another_key_is_refused(vector: Vector) -> None:
    other = "another:key" if ":" in vector.secret else "another-key"
    for secret in (other, vector.secret + "x", vector.secret[:-1], vector.secret.upper()):
        refused(vector, replace(vector.request(), secrets=(secret,)))


@every
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_no_key_is_a_missing_setting_and_never_a_yes(vector: Vector, secrets: tuple[str, ...]) -> None:
    refused(vector, replace(vector.request(), secrets=secrets), ConfigError)


@over_the_body
def test_what_an_empty_key_signed_is_refused(vector: Vector) -> None:
    forged = with_value(vector, hmac_of(vector, "", vector.body))
    refused(vector, forged)
    refused(vector, replace(forged, secrets=("",)), ConfigError)


@in_hex
def test_a_wrong_scheme_length_or_alphabet_is_refused(vector: Vector) -> None:
    good, scheme = digest(vector), vector.value.removesuffix(digest(vector))
    wrong = [scheme + good[:-1], scheme + good + "0", scheme + good[::-1], scheme, scheme + "z" * 64, scheme + "é" * 64]
    wrong += [f"sha1={good}", f"SHA256={good}", f"v1={good}", good.encode().hex(), f"{scheme}{good},"]
    wrong += [good] if scheme else [f"sha256={good}"]
    for value in wrong:
        if value != f"{scheme}{good}," or not vector.at:
            refused(vector, with_value(vector, value))


@in_hex
def test_upper_case_is_not_what_the_provider_sends(vector: Vector) -> None:
    value = vector.value.replace(digest(vector), digest(vector).upper())
    refused(vector, with_value(vector, value))


@timed
def test_a_time_that_is_too_far_off_is_refused_either_way(vector: Vector) -> None:
    most = {"stripe": 300, "calendly": 180}[vector.connector]
    for seconds in (most, -most):
        webhook(vector).verify(replace(vector.request(), now=vector.request().now + timedelta(seconds=seconds)))
    for seconds in (most + 1, -most - 1, 86_400, -86_400):
        refused(vector, replace(vector.request(), now=vector.request().now + timedelta(seconds=seconds)))


@timed
def test_a_time_that_is_no_number_or_another_one_is_refused(vector: Vector) -> None:
    for stamp in ("", "now", f"{vector.at}.0", f"-{vector.at}", f"{vector.at + 1}", "9" * 400, "１７"):
        refused(vector, with_value(vector, vector.value.replace(str(vector.at), stamp, 1)))
    refused(vector, with_value(vector, f"v1={digest(vector)}"))


@timed
def test_only_v1_counts_and_of_two_the_second_may_fit(vector: Vector) -> None:
    good = digest(vector)
    refused(vector, with_value(vector, f"t={vector.at},v0={good}"))
    refused(vector, with_value(vector, f"t={vector.at}"))
    webhook(vector).verify(with_value(vector, f"t={vector.at},v1={'0' * 64},v1={good}"))
    webhook(vector).verify(with_value(vector, f"t={vector.at},v0={'0' * 64},v1={good}"))
    refused(vector, with_value(vector, f"t={vector.at},v1={'0' * 64},v1={'1' * 64}"))


TRELLOS = tuple(vector for vector in VECTORS if vector.connector == "trello")


@pytest.mark.parametrize("vector", TRELLOS, ids=named)
def test_trello_signs_the_address_as_it_was_registered(vector: Vector) -> None:
    behind_a_proxy = (
        "http://127.0.0.1:8000/hooks/trello?b=1",
        vector.url + "/",
        vector.url.upper(),
        "",
        vector.url[:-1],
    )
    for url in behind_a_proxy:
        refused(vector, replace(vector.request(), url=url))
    for value in (
        vector.value[:-1],
        vector.value.lower(),
        vector.value.replace("=", ""),
        base64.b64decode(vector.value).hex(),
    ):
        refused(vector, with_value(vector, value))


def test_mailgun_signs_time_and_token() -> None:
    vector = next(each for each in VECTORS if each.name.startswith("Mailgun"))
    good = "bd4c3774f80f9429d48a156834d89b350ee551add2dad7b57dbdd692dab848d9"
    for body in (
        mailgun(good, token="b" * 50),
        mailgun(good, timestamp="1700000001"),
        mailgun(good, timestamp="now"),
        mailgun(good, timestamp=""),
        mailgun(good[:-1]),
        mailgun(good.upper()),
        mailgun(good, token=""),
    ):
        refused(vector, replace(vector.request(), body=body))
    refused(vector, replace(vector.request(), now=vector.request().now + timedelta(days=1)))
    refused(vector, replace(vector.request(), now=vector.request().now - timedelta(hours=1)))


def test_postmark_is_known_by_user_and_password() -> None:
    vector = next(each for each in VECTORS if each.name.startswith("Postmark"))
    for value in ("", "Basic", "Basic ", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic QWxhZGRpbg==", "Basic !", "x"):
        refused(vector, with_value(vector, value))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded vectors are not at hand (../shared)")
def test_no_vector_of_the_facts_is_left_out() -> None:
    text = (SHARED / "facts" / "APIS.md").read_text().partition("## 7. ")[2].partition("\n## 8. ")[0]
    text += (SHARED / "facts" / "PARTS.md").read_text().partition("## 8. ")[2].partition("\n## 9. ")[0]
    told = set(re.findall(r"\b[0-9a-f]{64}\b|[A-Za-z0-9+/]{27}=", text))
    ours = " ".join(f"{vector.value} {vector.secret} {vector.body.decode()}" for vector in VECTORS)
    nobody_s = "LVlNIOLJ1OE="  # Standard Webhooks: none of our providers signs like that
    assert [each for each in told if each not in ours and not each.endswith(nobody_s)] == []
