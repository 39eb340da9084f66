"""Stripe's deliveries: who signed them, and what they say has changed. Pure: no key, no SDK, no network.

Facts: docs.stripe.com/webhooks. The signature header is `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`; the signed
bytes are the text of t, a dot and the raw body; the key is the whole `whsec_…` text. While a secret is being rolled
there is one v1 for each secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.errors import RecordError
from hub.core.signatures import verify_timed
from hub.core.types import Event, Reply, WebhookRequest

MAX_AGE = 300
"""Seconds that a delivery's clock may differ from ours, either way. Every retry is signed anew."""

_FOLLOWED: Mapping[str, tuple[str, str]] = {
    # stream: what Stripe's event types begin with, and how they go on
    "product": ("product", "created deleted updated"),
    "price": ("price", "created deleted updated"),
    "customer": ("customer", "created deleted updated"),
    "subscription_schedule": (
        "subscription_schedule",
        "aborted canceled completed created expiring released updated",
    ),
    "subscription": (
        "customer.subscription",
        "created deleted paused pending_update_applied pending_update_expired resumed trial_will_end updated",
    ),
    "invoice": (
        "invoice",
        "created deleted finalization_failed finalized marked_uncollectible overdue overpaid paid "
        "payment_action_required payment_attempt_required payment_failed payment_succeeded sent updated voided "
        "will_be_due",
    ),
    "invoice_payment": ("invoice_payment", "paid"),
    "checkout_session": (
        "checkout.session",
        "async_payment_failed async_payment_succeeded completed expired",
    ),
    "charge": ("charge", "captured expired failed pending refunded succeeded updated"),
    "refund": ("refund", "created failed updated"),
    "dispute": ("charge.dispute", "closed created funds_reinstated funds_withdrawn updated"),
}

_BY_SUBSCRIPTION = (
    "customer.discount.created",
    "customer.discount.deleted",
    "customer.discount.updated",
    "invoice.upcoming",
)
"""Events whose object is not the one that changed: they name a subscription inside (a discount may name a customer)."""

EVENT_TYPES: Mapping[str, str] = {
    **{f"{start}.{end}": stream for stream, (start, ends) in _FOLLOWED.items() for end in ends.split()},
    **dict.fromkeys(_BY_SUBSCRIPTION, "subscription"),
    "charge.refund.updated": "refund",
}
"""Every snapshot event type that we follow, and its stream."""

_STREAM_OF_OBJECT: Mapping[str, str] = {
    **{stream: stream for stream in _FOLLOWED if stream != "checkout_session"},
    "checkout.session": "checkout_session",
}


class StripeWebhook:
    """Reads snapshot events of any API version, and thin events."""

    def handshake(self, request: WebhookRequest) -> Reply | None:  # noqa: ARG002  (Stripe has no handshake)
        """None: Stripe registers an endpoint without asking it anything."""
        return None

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes within 300 s of now, before or after."""
        verify_timed(
            request,
            title="Stripe",
            header="Stripe-Signature",
            max_age=MAX_AGE,
            unset="Stripe's delivery cannot be verified: no webhook secret is set. Put the endpoint's signing secret "
            "(Stripe > Developers > Webhooks > the endpoint > Signing secret, whsec_…) in the setting "
            "webhook_secrets of this connection.",
            no_header="The delivery has no Stripe-Signature header: it does not come from Stripe.",
            unknown="Stripe's delivery was not signed with a secret that we know. If the endpoint's secret was rolled, "
            "or the endpoint made anew, add its signing secret to webhook_secrets.",
        )

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The event's id, and the one event. A type that we do not follow has stream None."""
        try:
            payload = json.loads(body)
        except ValueError as error:
            raise RecordError(f"Stripe's delivery is not JSON: {error}.") from None
        event = event_of(payload)
        return event.id, (event,)


def event_of(payload: Any) -> Event:
    """The event in Stripe's JSON: a snapshot (`event`) or a thin one (`v2.core.event`), else RecordError."""
    if not isinstance(payload, dict) or payload.get("object") not in ("event", "v2.core.event"):
        raise RecordError("Stripe's delivery is not an event: its `object` is neither `event` nor `v2.core.event`.")
    identifier, kind = payload.get("id"), payload.get("type")
    if not isinstance(identifier, str) or not isinstance(kind, str) or not identifier:
        raise RecordError("Stripe's event has no id or no type.")
    stream, key = _thin(payload) if payload["object"] == "v2.core.event" else _snapshot(kind, payload)
    if stream is None or not isinstance(key, str) or not key:
        return Event(id=identifier, type=kind)
    return Event(id=identifier, type=kind, stream=stream, key=key)


def _snapshot(kind: str, payload: Mapping[str, Any]) -> tuple[str | None, Any]:
    """Stream and key by the event's type: only ids are read, so that any API version will do."""
    stream = EVENT_TYPES.get(kind)
    found = _part(_part(payload, "data"), "object")
    if kind == "invoice.upcoming":
        # A preview has no id of its own. Before 2025-03-31 the subscription stood on the invoice itself.
        details = _part(_part(found, "parent"), "subscription_details")
        return stream, details.get("subscription") or found.get("subscription")
    if kind in _BY_SUBSCRIPTION:
        if found.get("subscription"):
            return "subscription", found["subscription"]
        return "customer", found.get("customer")
    return stream, found.get("id")


def _thin(payload: Mapping[str, Any]) -> tuple[str | None, Any]:
    """Stream and key by the object that the event points at: thin events have many more types than snapshots."""
    related = _part(payload, "related_object")
    return _STREAM_OF_OBJECT.get(str(related.get("type"))), related.get("id")


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}
