"""Asana's deliveries: who signed them, and what they say has changed. Pure: no key, no network.

Facts: https://developers.asana.com/docs/webhooks-guide. While a webhook is being made, Asana posts once with
`X-Hook-Secret` and wants the same header back. Every later delivery carries `X-Hook-Signature`, the hex HMAC-SHA256 of
the raw body under that secret. An empty list of events is a heartbeat. Events have no id, and come twice in one batch.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.errors import RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

EVENT_TYPES: Mapping[str, str] = {
    "task.changed": "task",
    "task.added": "task",
    "task.removed": "task",
    "task.deleted": "task",
    "task.undeleted": "task",
    "story.added": "task",
    "project.changed": "project",
    "project.deleted": "project",
    "project.undeleted": "project",
}
"""Every event type that we follow (resource type and action), and its stream. A story speaks of its task."""

_SECRET = re.compile(r"[\x21-\x7e]{16,200}")
"""32 or 64 hex digits were seen; the documents promise no shape."""


class AsanaWebhook:
    """Reads deliveries of webhooks, and the handshake that makes one."""

    def handshake(self, request: WebhookRequest) -> Reply | None:
        """The secret back, for a request that carries one and no signature; None for any other."""
        secret = request.headers.get("x-hook-secret", "")
        if "x-hook-signature" in request.headers or not _SECRET.fullmatch(secret):
            return None
        return Reply(status=200, headers={"X-Hook-Secret": secret}, remember=secret)

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes. Asana signs no time: a repeat stays valid."""
        secrets = [secret for secret in request.secrets if secret]
        if not secrets:
            raise SignatureError(
                "Asana's delivery cannot be verified: the hub holds no secret of this connection's webhooks. Run "
                "`hub listen`, which registers them."
            )
        given = request.headers.get("x-hook-signature", "").encode("latin-1", "replace")
        if not given:
            raise SignatureError("The delivery has no X-Hook-Signature header: it does not come from Asana.")
        for secret in secrets:
            expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest().encode()
            if hmac.compare_digest(expected, given):
                return
        raise SignatureError(
            "Asana's delivery was not signed with a secret that we know. If the webhook was made by hand or its secret "
            "was lost, delete it in Asana and run `hub listen`, which registers it anew."
        )

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The delivery's id, made of its bytes, and its events, each once. A heartbeat has none.

        All heartbeats share one id: each one that comes is counted as one more copy, which is proof of life enough.
        """
        try:
            events = json.loads(body)["events"]
        except (ValueError, KeyError, TypeError) as error:
            raise RecordError(f"Asana's delivery is not JSON with events ({type(error).__name__}).") from None
        if not isinstance(events, list):
            raise RecordError("Asana's delivery has no list of events.")
        found = {event.id: event for event in map(event_of, events)}
        return f"asana-{hashlib.sha256(body).hexdigest()[:40]}", tuple(found.values())


def event_of(found: Any) -> Event:
    """One event, of a webhook or of an event stream. A type that we do not follow has stream None."""
    if not isinstance(found, dict):
        raise RecordError("Asana's event is no JSON object.")
    resource, parent = _part(found, "resource"), _part(found, "parent")
    kind = f"{resource.get('resource_type')}.{found.get('action')}"
    said = (
        resource.get("gid"),
        found.get("action"),
        _part(found, "change").get("field"),
        parent.get("gid"),
        _part(found, "user").get("gid"),
        found.get("created_at"),
    )
    identity = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:40]
    stream, about = EVENT_TYPES.get(kind), resource
    if kind == "story.added":
        about = parent
        stream = stream if parent.get("resource_type") == "task" else None
    key = about.get("gid")
    if stream is None or not isinstance(key, str) or not key:
        return Event(id=identity, type=kind)
    return Event(id=identity, type=kind, stream=stream, key=key)


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}
