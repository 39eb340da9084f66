"""Webhook subscriptions: made, refused, signed deliveries, disabled after a day of failures."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.calendly.sandbox.shapes import Json, last, old, uri
from connectors.calendly.sandbox.state import (
    ROUTING_PLANS,
    RefusalError,
    State,
    Token,
    denied,
    invalid,
    lacking,
    missing,
)
from hub.sandbox import Post, control

EVENTS = {
    "invitee.created": "scheduled_events:read",
    "invitee.canceled": "scheduled_events:read",
    "invitee_no_show.created": "scheduled_events:read",
    "invitee_no_show.deleted": "scheduled_events:read",
    "routing_form_submission.created": "routing_forms:read",
    "event_type.created": "event_types:read",
    "event_type.updated": "event_types:read",
    "event_type.deleted": "event_types:read",
}
GIVE_UP = timedelta(hours=24)
_LOOPBACK = ("127.0.0.1", "localhost")


class Hooks(State):
    """Who is called, and calling them."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: dict[str, Json] = {}
        self.signing_keys: dict[str, str | None] = {}
        self.old_payloads = False

    def subscribe(self, token: Token, body: Json) -> Json:
        """A new subscription, or the refusal."""
        hook = self._checked(token, body)
        taken = [each for each in self.hooks.values() if each["callback_url"] == hook["callback_url"]]
        if any((each["scope"], each["user"]) == (hook["scope"], hook["user"]) for each in taken):
            raise RefusalError(409, "Already Exists", "Hook with this url already exists")
        key = last(hook["uri"])
        self.hooks[key] = hook
        self.signing_keys[key] = body.get("signing_key") or None
        return hook

    def unsubscribe(self, token: Token, key: str) -> None:
        """Delete one, or the refusal."""
        hook = self.hooks.get(key)
        if hook is None:
            raise missing()
        if not (self.is_admin(token.user) or hook["user"] == token.user):
            raise denied()
        del self.hooks[key]

    def subscriptions(self, token: Token, organization: str | None, scope: str | None, user: str | None) -> list[Json]:
        """Those of a scope that a token may see."""
        if organization != self.organization:
            raise invalid("organization", "must be given")
        if scope not in ("organization", "user"):
            raise invalid("scope", "must be one of: user, organization")
        if scope == "organization" and not self.is_admin(token.user):
            raise denied()
        if scope == "user" and user != token.user and not self.is_admin(token.user):
            raise denied("Unauthorized")
        wanted = user if scope == "user" else None
        return [each for each in self.hooks.values() if (each["scope"], each["user"]) == (scope, wanted)]

    def ring(self, kind: str, payload: Json, people: list[str]) -> None:
        """Tell every active subscription that hears this. `people`: the users whom it is about."""
        if self.old_payloads and kind.startswith("invitee."):
            payload = old(payload)
        at = self.stamp()[:19] + ".000000Z"
        for key, hook in self.hooks.items():
            heard = hook["scope"] == "organization" or hook["user"] in people
            if hook["state"] == "active" and kind in hook["events"] and heard:
                envelope = {"event": kind, "created_at": at, "created_by": hook["creator"], "payload": payload}
                self._post(key, kind, json.dumps(envelope, ensure_ascii=False).encode())

    def settle(self) -> None:
        """After a day of failures a subscription is disabled, for good."""
        with self.lock:
            for hook in self.hooks.values():
                began = hook["retry_started_at"]
                if began is not None and self.now() - datetime.fromisoformat(began) >= GIVE_UP:
                    hook.update(state="disabled", updated_at=self.stamp())

    @control
    def payloads(self, old_shape: bool) -> None:
        """Deliver the shapes of 2020 to 2024, without the event inside."""
        self.old_payloads = old_shape

    @control
    def disable_hook(self, hook: str) -> None:
        """Calendly gave up on a subscription."""
        with self.lock:
            self.hooks[last(hook)].update(state="disabled", updated_at=self.stamp())

    @control
    def delete_hook(self, hook: str) -> None:
        """Somebody deleted a subscription."""
        with self.lock:
            self.hooks.pop(last(hook), None)

    @control
    def release(self, order: str = "as_made") -> int:
        """Post what was held: as_made, reversed or shuffled. Returns how many."""
        with self.lock:
            if order == "reversed":
                self.outbox.held.reverse()
        return self.outbox.release(shuffle=order == "shuffled")

    def _checked(self, token: Token, body: Json) -> Json:
        events, scope, url = body.get("events"), body.get("scope"), body.get("url")
        if not isinstance(events, list) or not events or not set(events) <= set(EVENTS):
            raise invalid("events", "must be a list of known events")
        if scope not in ("organization", "user"):
            raise invalid("scope", "must be one of: user, organization")
        if body.get("organization") != self.organization:
            raise denied()
        parts = urlsplit(url if isinstance(url, str) else "")
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise invalid("url", "must be an https address")
        if scope == "organization" and not self.is_admin(token.user):
            raise denied()
        if scope == "user" and body.get("user") != token.user:
            raise denied("You do not have permission")
        if "routing_form_submission.created" in events:
            self._may_hear_forms(scope)
        lacked = sorted({EVENTS[each] for each in events if not token.has(EVENTS[each])})
        if lacked:
            refused = denied()
            refused.answer = lacking(*lacked)
            raise refused
        at = self.stamp()
        return {
            "uri": uri("webhook_subscriptions", self.uuid()),
            "callback_url": url,
            "created_at": at,
            "updated_at": at,
            "retry_started_at": None,
            "state": "active",
            "events": sorted(set(events)),
            "scope": scope,
            "organization": self.organization,
            "user": token.user if scope == "user" else None,
            "group": None,
            "creator": token.user,
        }

    def _may_hear_forms(self, scope: str) -> None:
        if scope != "organization":
            raise invalid("events", "routing_form_submission.created needs the scope organization")
        if self.plan not in ROUTING_PLANS:
            raise denied("Please upgrade to a paid Calendly account.")

    def _post(self, key: str, kind: str, body: bytes) -> None:
        hook = self.hooks[key]

        def headers() -> dict[str, str]:
            told = {"Content-Type": "application/json", "User-Agent": "Calendly-Sandbox"}
            secret = self.signing_keys[key]
            if secret is not None:
                stamp = str(int(self.now().timestamp()))
                digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
                told["Calendly-Webhook-Signature"] = f"t={stamp},v1={digest}"
            return told

        def settled(status: int | None) -> None:
            with self.lock:
                if status is not None and 200 <= status < 300:
                    hook["retry_started_at"] = None
                elif hook["retry_started_at"] is None:
                    hook["retry_started_at"] = self.stamp()

        def alive() -> bool:
            return key in self.hooks and hook["state"] == "active"

        about: dict[str, Any] = {"event": kind, "hook": hook["uri"]}
        self.outbox.enqueue(
            Post(url=hook["callback_url"], body=body, headers=headers, about=about, alive=alive, settled=settled)
        )
