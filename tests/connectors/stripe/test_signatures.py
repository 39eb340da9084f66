"""Who signed a delivery: the published vectors pass, and everything else is refused."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from connectors.stripe.webhook import MAX_AGE, StripeWebhook
from hub.core.errors import SignatureError
from hub.core.types import WebhookRequest

SECRET = "whsec_test_secret"
AT = 1614556800
BODY = b'{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'
DIGEST = "fa0b5ccf7817f153d5f82b42b3e550fd47d0d5ed0eceffd9a2a99d68c4baca04"
HEADER = f"t={AT},v1={DIGEST}"


def sign(secret: str, at: int | str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def verify(
    header: str | None,
    *,
    body: bytes = BODY,
    secrets: tuple[str, ...] = (SECRET,),
    late: float = 0,
) -> None:
    headers = {} if header is None else {"stripe-signature": header}
    now = datetime.fromtimestamp(AT, UTC) + timedelta(seconds=late)
    StripeWebhook().verify(
        WebhookRequest(url="https://hub.example/in/stripe", headers=headers, body=body, secrets=secrets, now=now)
    )


def test_the_vector_of_stripes_own_tests_passes() -> None:
    verify(HEADER)


def test_a_second_vector_passes() -> None:
    now = datetime.fromtimestamp(1700000000, UTC)
    header = "t=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd"
    body = b'{"id":"evt_1","object":"event"}'
    StripeWebhook().verify(
        WebhookRequest(url="", headers={"stripe-signature": header}, body=body, secrets=(SECRET,), now=now)
    )


@pytest.mark.parametrize("late", [0, 1, -1, MAX_AGE, -MAX_AGE])
def test_five_minutes_either_way_are_accepted(late: float) -> None:
    verify(HEADER, late=late)


@pytest.mark.parametrize(("late", "words"), [(MAX_AGE + 1, "old"), (-MAX_AGE - 1, "ahead"), (86_400 * 30, "old")])
def test_older_and_further_ahead_is_refused(late: float, words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        verify(HEADER, late=late)


def test_of_two_signatures_the_second_may_fit() -> None:
    verify(f"t={AT},v1={'0' * 64},v1={DIGEST}")


def test_of_two_secrets_the_second_may_fit() -> None:
    verify(HEADER, secrets=("whsec_new", SECRET))


def test_while_a_secret_is_rolled_either_secret_fits_a_header_with_both_signatures() -> None:
    header = f"t={AT},v1={sign('whsec_new', AT)},v1={sign('whsec_old', AT)}"
    verify(header, secrets=("whsec_new",))
    verify(header, secrets=("whsec_old",))


def test_other_schemes_and_spaces_are_ignored() -> None:
    verify(f"t={AT}, v1={DIGEST}, v0={'f' * 64}, v2=abc")


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
        f"t=１６１４５５６８００,v1={DIGEST}",
        f"t={'9' * 5000},v1={DIGEST}",
        f"t={AT},t={AT + 1},v1={DIGEST}",
        f"t={AT + 1},v1={DIGEST}",
        DIGEST,
    ],
)
def test_a_header_that_is_missing_broken_or_of_another_scheme_is_refused(header: str | None) -> None:
    with pytest.raises(SignatureError):
        verify(header)


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY[:-1], BODY.replace(b"evt_test", b"evt_tesu"), BODY.replace(b": ", b":"), b""]
)
def test_one_changed_byte_or_a_rewritten_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureError, match="not signed with a secret that we know"):
        verify(HEADER, body=body)


def test_another_key_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify(HEADER, secrets=("whsec_other", SECRET.removeprefix("whsec_"), SECRET + " "))


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_no_secret_is_a_missing_setting_and_never_a_yes(secrets: tuple[str, ...]) -> None:
    with pytest.raises(SignatureError, match=r"no webhook secret is set.*webhook_secrets"):
        verify(f"t={AT},v1={sign('', AT)}", secrets=secrets)


def test_an_empty_secret_beside_a_real_one_opens_nothing() -> None:
    with pytest.raises(SignatureError):
        verify(f"t={AT},v1={sign('', AT)}", secrets=("", SECRET))


def test_no_message_shows_a_secret() -> None:
    with pytest.raises(SignatureError) as raised:
        verify(HEADER, body=b"x")
    assert SECRET not in str(raised.value)
