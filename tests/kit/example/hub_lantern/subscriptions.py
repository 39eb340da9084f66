"""Lantern's list of who it calls. Each webhook has a secret of its own, told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from hub.core.http import Api, Gone
from hub.core.types import Ref, Subscription

from hub_lantern.webhook import EVENT_TYPES


class LanternSubscriptions:
    """The webhooks of one account. One is ours when its address is."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def ensure(self, url: str) -> Sequence[Subscription]:
        """The living webhook of this address; `secret` only if it was made just now."""
        ours = [each for each in self._hooks() if each["url"] == url]
        if not ours:
            return (_subscription(self._api.call("POST", "/hooks", body={"url": url})),)
        found = min(ours, key=lambda each: not each["active"])
        if not found["active"]:
            found = self._api.call("PATCH", f"/hooks/{found['id']}", body={"active": True}, repeatable=True)
        return (_subscription(found),)

    def list(self) -> Sequence[Subscription]:
        """Every webhook of the account."""
        return [_subscription(each) for each in self._hooks()]

    def remove(self, ref: Ref) -> None:
        """Delete one; nothing happens when it is gone already."""
        with suppress(Gone):
            self._api.call("DELETE", f"/hooks/{quote(ref, safe='')}", repeatable=True)

    def _hooks(self) -> Sequence[Mapping[str, Any]]:
        hooks: Sequence[Mapping[str, Any]] = self._api.get("/hooks")["hooks"]
        return hooks


def _subscription(found: Mapping[str, Any]) -> Subscription:
    return Subscription(
        ref=Ref(found["id"]),
        url=found["url"],
        alive=found["active"],
        event_types=tuple(EVENT_TYPES),
        secret=found.get("secret"),
    )
