"""Mails that Postmark and Mailgun hand over by webhook: who sent the delivery, and which it is. Pure.

Postmark (postmarkapp.com/developer/webhooks/inbound-webhook) posts JSON and signs nothing: the proof is the user and
password in the webhook's own address, which arrive as HTTP basic authentication (RFC 7617). Mailgun
(documentation.mailgun.com, "Receiving, forwarding and storing messages" and "Securing webhooks") posts a form that
holds `timestamp`, `token` and `signature`, the hex HMAC-SHA256 of timestamp and token under the signing key.

Neither proof covers the mail itself. Mailgun's token is therefore the delivery's id: what comes under a token that is
kept already is counted as a repeat and its content is never looked at, so that a captured proof forges nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from connectors.email.forms import read_form
from hub.core.errors import ConfigError, RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

MAX_AGE = 9 * 3600
"""Seconds. Mailgun repeats a failed delivery for 8 hours, and nothing says that it signs each attempt anew."""
MAX_AHEAD = 300
"""Seconds that the sender's clock may be ahead of ours."""

DELIVERY = "delivery:"
"""What the key of an event begins with; the delivery's id follows. The record that is read for it has its own key."""

EVENT_TYPES = {"postmark.inbound": "message", "mailgun.inbound": "message"}


class EmailWebhook:
    """Tells Postmark's JSON from Mailgun's forms by the body itself, and judges each by its own proof."""

    max_body = 40 << 20
    """Bytes. Postmark passes on mails of 35 MB with their attachments in base64, Mailgun of 25 MB."""

    def handshake(self, request: WebhookRequest) -> Reply | None:  # noqa: ARG002  neither of them has one
        """None: neither asks anything before it delivers."""
        return None

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets proves this delivery; ConfigError when there is none to prove it."""
        if _is_json(request.body):
            _verify_postmark(request)
        else:
            _verify_mailgun(request)

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The delivery's own id, and the one mail in it. Other deliveries of theirs are acknowledged and kept."""
        if _is_json(body):
            return _parse_postmark(body)
        return _parse_mailgun(body)


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def _verify_postmark(request: WebhookRequest) -> None:
    secrets = [secret.encode() for secret in request.secrets if ":" in secret.strip(":")]
    if not secrets:
        raise ConfigError(
            "A delivery in Postmark's shape cannot be verified: no USER:PASSWORD is among the webhook_secrets of this "
            "connection. Put one there, and the same into the webhook's address at Postmark (https://USER:PASSWORD@…)."
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not given:
        raise SignatureError(
            "The delivery has no user and password. The webhook's address at Postmark must hold those that are among "
            "webhook_secrets: https://USER:PASSWORD@…"
        )
    try:
        login = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError("The delivery's basic authentication is not base64.") from None
    if not any(hmac.compare_digest(login, secret) for secret in secrets):
        raise SignatureError("The delivery's user and password are none of webhook_secrets.")


def _verify_mailgun(request: WebhookRequest) -> None:
    secrets = [secret.encode() for secret in request.secrets if secret.strip() and ":" not in secret]
    if not secrets:
        raise ConfigError(
            "A delivery in Mailgun's shape cannot be verified: no signing key is among the webhook_secrets of this "
            "connection. It stands in Mailgun > Settings > API security > HTTP webhook signing key."
        )
    form = read_form(request.body)
    stamp, token, given = (form.last(name) for name in ("timestamp", "token", "signature"))
    if not stamp or not token or not given:
        raise SignatureError("The delivery has no timestamp, token and signature: it does not come from Mailgun.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureError("The delivery's timestamp is not a number.")
    age = int(request.now.timestamp()) - int(stamp)
    if age > MAX_AGE or age < -MAX_AHEAD:
        side = "old" if age > 0 else "ahead of our clock"
        raise SignatureError(
            f"The delivery was signed {abs(age)} s {side}; at most {MAX_AGE} s old and {MAX_AHEAD} s ahead are "
            "accepted. Either it is a replay, or this machine's clock is wrong."
        )
    signed = (stamp + token).encode()
    expected = [hmac.new(secret, signed, hashlib.sha256).hexdigest().encode() for secret in secrets]
    if not any(hmac.compare_digest(each, given.encode()) for each in expected):
        raise SignatureError(
            "The delivery was not signed with a key that we know. Compare webhook_secrets with Mailgun > Settings > "
            "API security > HTTP webhook signing key."
        )


def _parse_postmark(body: bytes) -> tuple[str, Sequence[Event]]:
    try:
        payload: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise RecordError("Postmark's delivery is not JSON.") from None
    if not isinstance(payload, dict):
        raise RecordError("Postmark's delivery is not a JSON object.")
    identifier = payload.get("MessageID")
    if not isinstance(identifier, str) or not identifier.strip():
        raise RecordError("Postmark's delivery has no MessageID.")
    kind = str(payload.get("RecordType", "inbound" if "FromFull" in payload else "unknown")).lower()
    if kind != "inbound":  # one of Postmark's other webhooks: bounces, opens, …
        digest = hashlib.sha256(body).hexdigest()[:16]  # several of them speak of one mail
        return f"{identifier}-{digest}", (Event(id=f"{identifier}-{digest}", type=f"postmark.{kind}"),)
    event = Event(id=identifier, type="postmark.inbound", stream="message", key=DELIVERY + identifier)
    return identifier, (event,)


def _parse_mailgun(body: bytes) -> tuple[str, Sequence[Event]]:
    form = read_form(body)
    token = form.last("token")
    if not token:
        raise RecordError("The delivery is neither Postmark's JSON nor a form of Mailgun with its token.")
    if not (form.last("recipient") or form.last("body-mime")):
        return token, (Event(id=token, type="mailgun.unknown"),)
    return token, (Event(id=token, type="mailgun.inbound", stream="message", key=DELIVERY + token),)
