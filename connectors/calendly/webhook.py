"""Calendly's deliveries: who signed them, and what they say has changed. Pure: no key, no network.

Facts: developer.calendly.com (webhook signatures, webhook payloads). The header is
`Calendly-Webhook-Signature: t=<unix>,v1=<hex>`; the signed bytes are the text of t, a dot and the raw body; the key is
the subscription's signing key. A subscription without one sends unsigned deliveries, which are refused here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.calendly.keys import booking, uuid
from hub.core.errors import RecordError
from hub.core.signatures import verify_timed
from hub.core.types import Event, Reply, WebhookRequest

MAX_AGE = 180
"""Seconds that a delivery's clock may differ from ours, either way: Calendly's own samples accept no more."""

HEADER = "Calendly-Webhook-Signature"

EVENT_TYPES: Mapping[str, str] = {
    "invitee.created": "booking",
    "invitee.canceled": "booking",
    "invitee_no_show.created": "booking",
    "invitee_no_show.deleted": "booking",
    "routing_form_submission.created": "signup",
    "event_type.created": "event_type",
    "event_type.updated": "event_type",
    "event_type.deleted": "event_type",
}
"""Every event type that we follow, and its stream."""

ORGANIZATION_ONLY = frozenset({"routing_form_submission.created"})
"""Types that only a subscription of scope organization may hear."""


class CalendlyWebhook:
    """Reads deliveries of every shape that Calendly has sent since 2020: only references are read from them."""

    def handshake(self, request: WebhookRequest) -> Reply | None:  # noqa: ARG002  (Calendly has no handshake)
        """None: Calendly registers a subscription without asking its address anything."""
        return None

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes within 180 s of now, before or after."""
        verify_timed(
            request,
            title="Calendly",
            header=HEADER,
            max_age=MAX_AGE,
            unset="Calendly's delivery cannot be verified: no signing key is known. Let the hub register the "
            "webhook anew, or put the subscription's signing key in the setting webhook_secrets of this connection.",
            no_header=f"The delivery has no {HEADER} header: it is not Calendly's, or the subscription was made "
            "without a signing key. Remove that subscription and let the hub register the webhook.",
            unknown="Calendly's delivery was not signed with a key that we know. If the subscription was made anew "
            "elsewhere, add its signing key to webhook_secrets, or let the hub register the webhook anew.",
        )

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The delivery's id, and its events: the record it is about first, then others that it touches.

        Calendly numbers nothing, so the id is made of what tells two deliveries apart. A type that we do not follow
        has stream None. Of a reschedule, either delivery rings both bookings: it does not matter which comes first,
        nor whether the other comes at all.
        """
        try:
            envelope = json.loads(body)
        except ValueError as error:
            raise RecordError(f"Calendly's delivery is not JSON: {error}.") from None
        kind = envelope.get("event") if isinstance(envelope, dict) else None
        payload = envelope.get("payload") if isinstance(envelope, dict) else None
        if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
            raise RecordError("Calendly's delivery is not an event: it lacks `event` or `payload`.")
        told = [kind, payload.get("uri"), envelope.get("created_at"), payload.get("updated_at")]
        delivery = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
        stream = EVENT_TYPES.get(kind)
        if stream is None:
            return delivery, (Event(id=delivery, type=kind),)
        try:
            touched = _touched(kind, stream, payload)
        except ValueError as error:
            raise RecordError(f"Calendly's delivery of {kind} does not say what it is about: {error}.") from None
        return delivery, tuple(
            Event(id=f"{delivery}-{number}" if number else delivery, type=kind, stream=each, key=key)
            for number, (each, key) in enumerate(touched)
        )


def _touched(kind: str, stream: str, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(stream, key) of every record that a delivery may have changed, the one it is about first, each once."""
    if stream != "booking":
        return [(stream, uuid(payload.get("uri")))]
    if kind.startswith("invitee_no_show."):
        return [("booking", booking(payload.get("invitee")))]
    touched = [("booking", booking(payload.get("uri")))]
    touched += [("booking", booking(payload[name])) for name in ("old_invitee", "new_invitee") if payload.get(name)]
    if payload.get("routing_form_submission"):
        # Who submitted the form is known only now that they booked.
        touched.append(("signup", uuid(payload["routing_form_submission"])))
    return list(dict.fromkeys(touched))
