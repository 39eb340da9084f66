"""A provider that signs as Stripe does, and the verifier for it, written apart from any connector."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.core.errors import RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

SECRET = "whsec_of_the_tests"
STREAMS = {"invoice.paid": "invoice", "charge.succeeded": "charge"}


def body_of(event_id: str, kind: str = "invoice.paid", **data: Any) -> bytes:
    return json.dumps(
        {"id": event_id, "object": "event", "type": kind, "data": {"object": {"id": "in_1", **data}}}
    ).encode()


def signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery."""
    t = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), t.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={t},v1={digest}", "Content-Type": "application/json"}


class StripeLike:
    """hub.core.protocol.Webhook."""

    def handshake(self, request: WebhookRequest) -> Reply | None:
        if request.headers.get("x-hook-secret"):
            secret = request.headers["x-hook-secret"]
            return Reply(headers={"X-Hook-Secret": secret}, remember=secret)
        return None

    def verify(self, request: WebhookRequest) -> None:
        parts = [part.partition("=") for part in request.headers.get("stripe-signature", "").split(",")]
        stamps = [value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit()]
        given = [value.encode("latin-1") for name, _, value in parts if name == "v1"]
        if not stamps or not given:
            raise SignatureError("The header Stripe-Signature is missing or malformed.")
        if abs(int(stamps[0]) - request.now.timestamp()) > 300:
            raise SignatureError("The signature is older than 300 seconds.")
        for secret in request.secrets:
            right = hmac.new(secret.encode(), stamps[0].encode() + b"." + request.body, hashlib.sha256).hexdigest()
            if any(hmac.compare_digest(right.encode(), one) for one in given):
                return
        raise SignatureError("The signature fits none of our signing secrets.")

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        try:
            event = json.loads(body)
            name, kind, key = event["id"], event["type"], event["data"]["object"]["id"]
        except (ValueError, KeyError, TypeError) as error:
            raise RecordError(f"This is no event: {type(error).__name__}") from error
        if not all(isinstance(one, str) for one in (name, kind, key)):
            raise RecordError("This is no event: an id is no text.")
        stream = STREAMS.get(kind)
        return name, [Event(id=name, type=kind, stream=stream, key=key if stream else None)]
