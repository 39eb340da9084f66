"""How the conformance suite plays with Calendly in small."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.calendly.sandbox import KEY, CalendlySandbox, create_app
from connectors.calendly.sandbox.people import key_of
from connectors.calendly.sandbox.shapes import last
from hub.conformance.case import Case, KitCase
from hub.core.types import WebhookRequest


class CalendlyCase(KitCase):
    """An organization with event types and a routing form."""

    key = KEY
    wrong_key = "calendly_key_of_nobody"
    remedy = "Integrations & apps > API and webhooks"
    capabilities = ("source", "subscriptions", "directory", "bookings")
    page_size = 25
    paged = ("booking",)
    signed_for = 180.0
    wait_header = "x-ratelimit-reset"
    extra_files = ("changes.py", "keys.py", "rights.py")
    sandbox: CalendlySandbox

    def new(self) -> Any:
        """The sandbox."""
        return create_app()

    def prepare(self) -> None:
        """The limits are not what is proven here."""
        self.sandbox.set_plan("teams", 1_000_000)

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key and the address."""
        return {"api_key": key, "base_url": self.url, "plan": "teams"}

    def limit(self, calls: int, seconds: float) -> None:
        """A person's calls."""
        self.sandbox.set_plan("teams", calls, seconds)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Appointments of one instant, filled-in forms, event types, hosts."""
        sandbox = self.sandbox
        for number in range(count):
            if stream == "booking":
                self._book(number)
            elif stream == "signup":
                form = next(iter(sandbox.forms.values()))["uri"]
                sandbox.submit_form(form, {"Votre nom": f"Zoé {number}", "Votre adresse": f"zoe{number}@example.fr"})
            elif stream == "event_type":
                sandbox.add_event_type(f"Bilan {number}", next(iter(sandbox.users.values()))["uri"])
            elif stream == "user":
                sandbox.add_user(f"Nora {number}", f"nora{number}@example.com")
        if stream == "booking":
            return [key_of(invitee) for invitee in sandbox.invitees.values()]
        if stream == "user":  # the key's own person joined first, and is never the first to leave
            return [last(row["user"]["uri"]) for row in reversed(sandbox.memberships.values())]
        rows = sandbox.submissions if stream == "signup" else sandbox.event_types
        return [last(row["uri"]) for row in rows.values() if not row.get("deleted_at")]

    def _book(self, number: int) -> None:
        start = (datetime.now(UTC) + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
        kind = next(each for each in self.sandbox.event_types.values() if each["name"] == "Appel découverte")
        self.sandbox.book(kind["uri"], start.isoformat(), name=f"Zoé {number}", email=f"zoe{number}@example.fr")

    def change(self, stream: str, key: str) -> bool:
        """Who booked cancels; a host renames an event type."""
        if stream == "booking":
            self.sandbox.cancel(key)
        elif stream == "event_type":
            self.sandbox.change_event_type(key, name="Bilan d'année")
        return stream in ("booking", "event_type")

    def delete(self, stream: str, key: str) -> bool:
        """An appointment is erased, as a deletion of personal data does; an event type is deleted, a host leaves."""
        deeds = {"booking": self.sandbox.erase, "event_type": self.sandbox.delete_event_type, "user": self._leave}
        if stream in deeds:
            deeds[stream](key)
        return stream in deeds

    def _leave(self, key: str) -> None:
        self.sandbox.remove_user(self.sandbox.users[key]["uri"])

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """developer.calendly.com, webhook signatures: t and v1, over the time, a dot and the body."""
        stamp = int(at.timestamp())
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"calendly-webhook-signature": f"t={stamp},v1={digest}"}
        return WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=(secret,), now=at)

    def disable(self, ref: str) -> None:
        """Calendly gave up after a day."""
        self.sandbox.disable_hook(ref)


def case() -> Case:
    """A new one."""
    return CalendlyCase()
