"""How the conformance suite plays with Lantern in small."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.conformance.case import Case, KitCase
from hub.core.types import WebhookRequest

from hub_lantern.sandbox import KEY, LanternSandbox, create_app


class LanternCase(KitCase):
    """An account with one form."""

    key = KEY
    wrong_key = "lantern_key_of_nobody"
    remedy = "Lantern > Settings > API"
    capabilities = ("source", "subscriptions", "directory")
    paged = ("signup",)
    signed_for = 300.0
    sandbox: LanternSandbox

    def new(self) -> Any:
        """The sandbox."""
        return create_app()

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key and the address."""
        return {"api_key": key, "base_url": self.url}

    def limit(self, calls: int, seconds: float) -> None:
        """The allowance of the key."""
        self.sandbox.limit(calls, seconds)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Sign-ups of one instant."""
        for number in range(count):
            self.sandbox.sign_up(f"Nora{number}")
        return list(self.sandbox.signups)

    def change(self, stream: str, key: str) -> bool:
        """Somebody corrects the name."""
        self.sandbox.rename(key, "Nora Petit")
        return True

    def delete(self, stream: str, key: str) -> bool:
        """Somebody deletes it."""
        self.sandbox.drop(key)
        return True

    def disable(self, ref: str) -> None:
        """Lantern gave up."""
        self.sandbox.give_up(ref)

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """As Lantern says: t and v1, over the time, a dot and the body."""
        stamp = int(at.timestamp())
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"lantern-signature": f"t={stamp},v1={digest}"}
        return WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=(secret,), now=at)


def case() -> Case:
    """A new one."""
    return LanternCase()
