"""Lantern's deliveries: who signed them, and what they say has changed. Pure: no key, no network.

`Lantern-Signature: t=<unix>,v1=<hex>`; the signed bytes are the text of t, a dot and the raw body; HMAC-SHA256.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence

from hub.core.errors import RecordError, SignatureError
from hub.core.types import Event, Reply, WebhookRequest

MAX_AGE = 300
"""Seconds that a delivery's clock may differ from ours, either way."""
EVENT_TYPES: Mapping[str, str] = {f"signup.{what}": "signup" for what in ("created", "deleted", "updated")}
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class LanternWebhook:
    """Reads deliveries: one event each, which names the sign-up that changed."""

    def handshake(self, request: WebhookRequest) -> Reply | None:
        """None: Lantern asks nothing when a webhook is made."""
        return None

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of the secrets signed these bytes within 300 s of now."""
        secrets = [secret for secret in request.secrets if secret]
        if not secrets:
            raise SignatureError("Lantern's delivery cannot be verified: set webhook_secrets of this connection.")
        found = _SIGNATURE.fullmatch(request.headers.get("lantern-signature", ""))
        if found is None:
            raise SignatureError("The delivery has no readable signature: it does not come from Lantern.")
        if abs(request.now.timestamp() - int(found[1])) > MAX_AGE:
            raise SignatureError(f"Lantern's delivery was not signed within {MAX_AGE} s of this machine's time.")
        signed = found[1].encode() + b"." + request.body
        for secret in secrets:
            expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
            if hmac.compare_digest(expected.encode(), found[2].encode()):
                return
        raise SignatureError("This delivery was not signed with a secret that we know: look at webhook_secrets.")

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The delivery's id and its one event. A type that we do not follow has stream None."""
        try:
            found = json.loads(body)
            identifier, kind, key = found["id"], found["type"], found["signup"]
        except (ValueError, KeyError, TypeError):
            raise RecordError("Lantern's delivery cannot be read.") from None
        if not all(isinstance(each, str) and each for each in (identifier, kind, key)):
            raise RecordError("Lantern's delivery has no id, no type or no sign-up.")
        stream = EVENT_TYPES.get(kind)
        return identifier, (Event(id=identifier, type=kind, stream=stream, key=key if stream else None),)
