"""Notion's deliveries: who signed them, and what they say has changed. Pure: no key, no SDK, no network.

Facts: https://developers.notion.com/reference/webhooks. `X-Notion-Signature` is `sha256=` and the hex HMAC-SHA256 of
the raw body; the key is the verification token that Notion sent once, when the webhook was made. There is no time in
it, so a replay cannot be told by its age: it has the id of a delivery that is known.
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
    **{
        f"page.{what}": "row"
        for what in (
            "created content_updated properties_updated moved deleted undeleted locked unlocked".split()  # noqa: SIM905
        )
    },
    **{f"comment.{what}": "comment" for what in ("created", "updated", "deleted")},
}
"""Every event type that we follow, and its stream. A page that is no row of a followed data source reads as deleted."""

_TOKEN = "verification_token"  # noqa: S105 - the name of a field
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


class NotionWebhook:
    """Reads the events of every API version: only ids are taken from them."""

    def handshake(self, request: WebhookRequest) -> Reply | None:
        """200 for the one request that carries the verification token, which is remembered; else None.

        Anybody could send such a request: the hub keeps the token only while a person is making the webhook, and the
        person compares it by pasting it into Notion.
        """
        try:
            body = json.loads(request.body)
        except ValueError:
            return None
        if not isinstance(body, dict) or set(body) != {_TOKEN}:
            return None
        token = body[_TOKEN]
        if not isinstance(token, str) or not token.strip():
            raise SignatureError("Notion's verification request carries no token.")
        return Reply(status=200, remember=token)

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes."""
        secrets = [secret for secret in request.secrets if secret]
        if not secrets:
            raise SignatureError(
                "Notion's delivery cannot be verified: no verification token is known. Make the webhook with "
                "`hub listen`, or put its token in the setting webhook_secrets of this connection."
            )
        given = request.headers.get("x-notion-signature", "")
        if not given:
            raise SignatureError("The delivery has no X-Notion-Signature header: it does not come from Notion.")
        if not _SIGNATURE.fullmatch(given):
            raise SignatureError("The X-Notion-Signature header is not sha256= and 64 hex digits.")
        for secret in secrets:
            expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
            if hmac.compare_digest(f"sha256={expected}".encode(), given.encode()):
                return
        raise SignatureError(
            "Notion's delivery was not signed with a token that we know. If the webhook was made anew in Notion, make "
            "it known with `hub listen`."
        )

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The event's id, and the one event. A type that we do not follow has stream None."""
        try:
            payload = json.loads(body)
        except ValueError as error:
            raise RecordError(f"Notion's delivery is not JSON: {error}.") from None
        if not isinstance(payload, dict):
            raise RecordError("Notion's delivery is not an object.")
        identifier, kind = payload.get("id"), payload.get("type")
        if not isinstance(identifier, str) or not isinstance(kind, str) or not identifier:
            raise RecordError("Notion's event has no id or no type.")
        stream, key = EVENT_TYPES.get(kind), _key(payload)
        if stream is None:
            return identifier, (Event(id=identifier, type=kind),)
        if key is None:
            raise RecordError(f"Notion's event {identifier} ({kind}) does not say what it speaks of.")
        return identifier, (Event(id=identifier, type=kind, stream=stream, key=key),)


def _key(payload: Mapping[str, Any]) -> str | None:
    entity = payload.get("entity")
    key = entity.get("id") if isinstance(entity, dict) else None
    return key if isinstance(key, str) and key else None
