"""Webhooks: the verification, signed events, their delivery in and out of order."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import secrets
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.state import (
    Caller,
    State,
    Thing,
    Workspace,
    new_id,
)
from connectors.notion.sandbox.times import precise

MOST_ATTEMPTS = 8
_MERGED = ("updated_properties", "updated_blocks")


def sign(token: str, body: bytes) -> str:
    """The X-Notion-Signature of a body: sha256= and the hex HMAC-SHA256 keyed with the verification token."""
    return f"sha256={hmac.new(token.encode(), body, hashlib.sha256).hexdigest()}"


@dataclass(kw_only=True)
class Subscription:
    """One webhook that a person made in Notion's settings. It is silent until the person pasted its token back."""

    id: str
    url: str
    token: str
    workspace: Workspace
    api_version: str
    types: frozenset[str] | None
    aggregated: bool
    active: bool = False
    queue: list[Json] = field(default_factory=list)


class Webhooks:
    """All subscriptions and what waits to be sent."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._stop: threading.Event | None = None
        self.subscriptions: dict[str, Subscription] = {}
        state.emit = self._emit

    def subscribe(
        self, url: str, workspace: Workspace, api_version: str, types: frozenset[str] | None, *, aggregated: bool
    ) -> Subscription:
        """Make a subscription, send its verification request. Raises ValueError for a workspace without connection."""
        if not any(bot.workspace is workspace for bot in self._state.bots.values()):
            raise ValueError(f"{workspace.name} has no connection yet: add_token first.")
        made = Subscription(
            id=new_id(),
            url=url,
            token=f"secret_{secrets.token_urlsafe(32)}",
            workspace=workspace,
            api_version=api_version,
            types=types,
            aggregated=aggregated,
        )
        self.subscriptions[made.id] = made
        self.verify(made)
        return made

    def verify(self, subscription: Subscription) -> int | None:
        """Send the verification request (again): signed with the token that it carries. The status, None: no answer."""
        return _post(subscription, {"verification_token": subscription.token})

    def _emit(self, kind: str, thing: Thing, data: Json, by: Caller) -> None:
        for subscription in self.subscriptions.values():
            wanted = subscription.types is None or kind in subscription.types
            if subscription.active and wanted and subscription.workspace.id == thing.workspace:
                self._queue(subscription, kind, thing, data, by)

    def _queue(self, subscription: Subscription, kind: str, thing: Thing, data: Json, by: Caller) -> None:
        author = {"id": by.id, "type": by.kind}
        if subscription.aggregated:
            for waiting in subscription.queue:
                same = (
                    waiting["type"] == kind and waiting["entity"]["id"] == thing.id and waiting["attempt_number"] == 1
                )
                if same and _merge(waiting, data, author):
                    waiting["timestamp"] = precise(self._state.now())
                    return
        integration = next(bot for bot in self._state.bots.values() if bot.workspace is subscription.workspace)
        event = {
            "id": new_id(),
            "timestamp": precise(self._state.now()),
            "workspace_id": subscription.workspace.id,
            "workspace_name": subscription.workspace.name,
            "subscription_id": subscription.id,
            "integration_id": integration.id,
            "authors": [author],
            "attempt_number": 1,
            "api_version": subscription.api_version,
            "entity": {"id": thing.id, "type": thing.label.replace(" ", "_")},
            "type": kind,
            "data": {
                "parent": self._parent(thing),
                **{key: list(v) if key in _MERGED else v for key, v in data.items()},
            },
        }
        subscription.queue.append(event)

    def _parent(self, thing: Thing) -> Json:
        kind = str(thing.parent["type"])
        if kind == "workspace":
            return {"id": thing.workspace, "type": "space"}
        if kind == "data_source_id":
            return {"id": thing.parent["database_id"], "type": "database", "data_source_id": thing.parent[kind]}
        return {"id": thing.parent[kind], "type": kind.removesuffix("_id")}

    def deliver(self, *, copies: int = 1, shuffle_seed: int | None = None, drop: bool = False) -> list[Json]:
        """Send all that waits: each event `copies` times, in random order with a seed, or throw it away.

        What was not answered 2xx waits for the next call, at most 8 attempts in all. Returns one line per request.
        """
        with self._state.lock:
            batch = [(one, event) for one in self.subscriptions.values() for event in one.queue]
            for subscription in self.subscriptions.values():
                subscription.queue = []
        if drop:
            return []
        requests = [pair for pair in batch for _ in range(copies)]
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(requests)
        sent, arrived = [], set()
        for subscription, event in requests:
            status = _post(subscription, event)
            sent.append(
                {"event": event["id"], "type": event["type"], "attempt": event["attempt_number"], "status": status}
            )
            if status is not None and 200 <= status < 300:
                arrived.add(event["id"])
        with self._state.lock:
            for subscription, event in batch:
                event["attempt_number"] += 1
                if event["id"] not in arrived and event["attempt_number"] <= MOST_ATTEMPTS:
                    subscription.queue.append(event)
        return sent

    def every(self, seconds: float | None) -> None:
        """Deliver from a thread every so many seconds; None stops it."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
        if seconds is not None:
            stop = self._stop = threading.Event()

            def run() -> None:
                while not stop.wait(seconds):
                    self.deliver()

            threading.Thread(target=run, name="notion-sandbox-webhooks", daemon=True).start()


def _merge(waiting: Json, data: Json, author: Json) -> bool:
    """Fold a change into an event that still waits; False when its kind of event is not aggregated."""
    key = next((key for key in _MERGED if key in data), None)
    if key is None:
        return False
    listed = waiting["data"][key]
    listed.extend(one for one in data[key] if one not in listed)
    if author not in waiting["authors"]:
        waiting["authors"].append(author)
    return True


def _post(subscription: Subscription, body: Json) -> int | None:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "x-notion-signature": sign(subscription.token, raw)}
    request = urllib.request.Request(subscription.url, data=raw, headers=headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the address is the test's own
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None
