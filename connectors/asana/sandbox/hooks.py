"""Asana's webhooks: the handshake inside the call that makes one, signed deliveries, heartbeats, and their end."""

import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.asana.sandbox.changes import Changes
from connectors.asana.sandbox.http import ApiError
from connectors.asana.sandbox.world import Hook
from hub.sandbox import Post, control
from hub.sandbox.outbox import exchange

HANDSHAKE_SECONDS = 10.0
BEAT = timedelta(hours=8)
PATIENCE = timedelta(hours=24)
_COMPACT = ("gid", "resource_type", "resource_subtype")


class Hooks(Changes):
    """Calls those who asked to be called."""

    def __init__(self) -> None:
        super().__init__()
        self.refuse_private = False
        self.handshake_seconds = HANDSHAKE_SECONDS

    def register(self, user: str, project: str, target: str, filters: list[dict[str, Any]]) -> Hook:
        """A new webhook, once its target has answered the handshake. Not to be called with the lock held."""
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ApiError(400, "target: Not a valid URL")
        if self.refuse_private and _is_private(parts.hostname):
            raise ApiError(403, "target: The hostname is not allowed")
        secret = secrets.token_hex(32)
        headers = {"Content-Type": "application/json", "X-Hook-Secret": secret}
        status, answered, _, _ = exchange("POST", target, b"{}", headers, self.handshake_seconds)
        if status not in (200, 204) or answered.get("x-hook-secret") != secret:
            raise ApiError(
                400,
                "The remote server which is intended to receive the webhook did not respond with the handshake secret.",
            )
        with self.lock:
            now, workspace = self.now(), self.world.projects[project].workspace
            hook = Hook(self.world.gid(), workspace, user, project, target, secret, filters, now, now)
            hook.last_success_at = now
            self.world.hooks[hook.gid] = hook
            self._post(hook, [])
        return hook

    def tell(self, scopes: frozenset[str], batch: Sequence[dict[str, Any]]) -> None:
        """One delivery to each webhook whose filters let an event through."""
        for hook in self.world.hooks.values():
            if hook.resource in scopes and hook.active:
                told = [_told(event) for event in batch if _passes(hook.filters, event)]
                if told:
                    self._post(hook, told)

    @control
    def heartbeat(self) -> int:
        """Send every webhook an empty list of events now. Returns how many."""
        with self.lock:
            for hook in self.world.hooks.values():
                self._beat(hook)
            return len(self.world.hooks)

    @control
    def switch_off(self, webhook: str) -> None:
        """Make a webhook inactive."""
        self.world.hooks[webhook].active = False

    @control
    def drop_webhook(self, webhook: str) -> None:
        """Delete a webhook, as Asana does after a day of failures."""
        with self.lock:
            del self.world.hooks[webhook]

    def settle(self) -> None:
        """After the clock moved: heartbeats that are due, and the end of webhooks that failed for a day."""
        now = self.now()
        for hook in list(self.world.hooks.values()):
            if hook.failing_since is not None and now - hook.failing_since >= PATIENCE:
                del self.world.hooks[hook.gid]
            elif now - hook.beat_at >= BEAT:
                self._beat(hook)

    def _beat(self, hook: Hook) -> None:
        hook.beat_at = self.now()
        if hook.active:
            self._post(hook, [])

    def _post(self, hook: Hook, events: list[dict[str, Any]]) -> None:
        body = json.dumps({"events": events}, separators=(",", ":"), ensure_ascii=False).encode()
        signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
        self.outbox.enqueue(
            Post(
                url=hook.target,
                body=body,
                headers=lambda: {"Content-Type": "application/json", "X-Hook-Signature": signature},
                about={"webhook": hook.gid, "events": len(events)},
                alive=lambda: hook.gid in self.world.hooks and hook.active,
                settled=lambda status: self._settled(hook, status),
            )
        )

    def _settled(self, hook: Hook, status: int | None) -> None:
        with self.lock:
            if status in (200, 204):
                hook.last_success_at, hook.failing_since, hook.retries = self.now(), None, 0
                return
            hook.last_failure_at = self.now()
            hook.failing_since = hook.failing_since or hook.last_failure_at
            hook.last_failure = f"{status or 'no answer'}"
            hook.retries += 1


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as a webhook tells it: ids and types only."""
    told = {"action": event["action"], "created_at": event["created_at"]}
    told |= {name: _ids(event[name]) for name in ("user", "resource", "parent")}
    if "change" in event:
        change = event["change"]
        told["change"] = {name: _ids(value) if isinstance(value, dict) else value for name, value in change.items()}
    return told


def _ids(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if found is None else {name: found[name] for name in _COMPACT if name in found}


def _passes(filters: Sequence[Mapping[str, Any]], event: Mapping[str, Any]) -> bool:
    resource = event["resource"]
    for one in filters:
        subtype, action, fields = one.get("resource_subtype"), one.get("action"), one.get("fields")
        if (
            one.get("resource_type") == resource["resource_type"]
            and subtype in (None, resource.get("resource_subtype"))
            and action in (None, event["action"])
            and (not fields or event.get("change", {}).get("field") in fields)
        ):
            return True
    return not filters


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".local")
