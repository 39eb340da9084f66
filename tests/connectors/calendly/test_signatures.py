"""Who signed a delivery: the vectors pass, and everything else is refused."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from connectors.calendly.webhook import MAX_AGE, CalendlyWebhook
from hub.core.errors import SignatureError
from hub.core.types import WebhookRequest

SECRET = "calendly-signing-key"
AT = 1700000000
BODY = b'{"event":"invitee.created","payload":{}}'
DIGEST = "af03a8a35c6a7254eb7fb53e0032cdf9829dbcffe7994ae4a5db767e1dbf8e61"
HEADER = f"t={AT},v1={DIGEST}"


def sign(secret: str, at: int | str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def verify(header: str | None, *, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), late: float = 0) -> None:
    headers = {} if header is None else {"calendly-webhook-signature": header}
    now = datetime.fromtimestamp(AT, UTC) + timedelta(seconds=late)
    CalendlyWebhook().verify(
        WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=secrets, now=now)
    )


def test_the_first_vector_passes() -> None:
    verify(HEADER)


def test_the_vector_that_an_independent_client_accepts_passes() -> None:
    body = b'{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/A/invitees/B"}}'
    verify("t=1700000000,v1=f9f99587ddef65098372c1d8038c642365a7889cf0d91c6646b15f247be3e498", body=body)


@pytest.mark.parametrize("late", [0, 1, -1, MAX_AGE, -MAX_AGE])
def test_three_minutes_either_way_are_accepted(late: float) -> None:
    verify(HEADER, late=late)


@pytest.mark.parametrize(("late", "words"), [(181, "old"), (-181, "ahead"), (86_400 * 30, "old")])
def test_older_and_further_ahead_is_refused(late: float, words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        verify(HEADER, late=late)


def test_of_two_signatures_or_two_secrets_the_second_may_fit() -> None:
    verify(f"t={AT},v1={'0' * 64},v1={DIGEST}")
    verify(f"t={AT}, v1={DIGEST}, v0={'f' * 64}, v2=abc")
    verify(HEADER, secrets=("another", SECRET))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        ",,,",
        f"t={AT}",
        f"v1={DIGEST}",
        f"t={AT},v0={DIGEST}",
        f"t={AT},V1={DIGEST}",
        f"t={AT},v1={DIGEST[:-1]}",
        f"t={AT},v1={DIGEST}0",
        f"t={AT},v1={DIGEST.upper()}",
        f"t={AT},v1=sha256={DIGEST}",
        f"t={AT},v1=",
        f"t={AT},v1=é{DIGEST[1:]}",
        f"t=,v1={DIGEST}",
        f"t=now,v1={DIGEST}",
        f"t=-{AT},v1={DIGEST}",
        f"t={AT}.0,v1={DIGEST}",
        f"t=²,v1={DIGEST}",
        f"t={'9' * 5000},v1={DIGEST}",
        f"t={AT},t={AT + 1},v1={DIGEST}",
        f"t={AT + 1},v1={DIGEST}",
        DIGEST,
    ],
)
def test_a_header_that_is_missing_broken_or_of_another_scheme_is_refused(header: str | None) -> None:
    with pytest.raises(SignatureError):
        verify(header)


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], BODY.replace(b":", b": "), b"", BODY.replace(b"i", b"j", 1)])
def test_one_changed_byte_or_a_rewritten_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureError, match="not signed with a key that we know"):
        verify(HEADER, body=body)


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_no_signing_key_is_a_missing_setting_and_never_a_yes(secrets: tuple[str, ...]) -> None:
    with pytest.raises(SignatureError, match=r"no signing key is known.*webhook_secrets"):
        verify(f"t={AT},v1={sign('', AT)}", secrets=secrets)


def test_an_empty_key_beside_a_real_one_opens_nothing() -> None:
    with pytest.raises(SignatureError):
        verify(f"t={AT},v1={sign('', AT)}", secrets=("", SECRET))


def test_an_unsigned_delivery_says_what_to_do_and_no_message_shows_a_key() -> None:
    with pytest.raises(SignatureError, match="made without a signing key"):
        verify(None)
    with pytest.raises(SignatureError) as raised:
        verify(HEADER, body=b"x")
    assert SECRET not in str(raised.value)
