"""Stripe's list of who it calls: webhook endpoints. The key needs Write on Webhook Endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.stripe.client import API_VERSION, Client, Gone
from connectors.stripe.webhook import EVENT_TYPES
from hub.core.types import Ref, Subscription

PATH = "/v1/webhook_endpoints"
EVERYTHING = "*"


class StripeSubscriptions:
    """Webhook endpoints of one account. An endpoint belongs to the hub when its URL is the hub's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ensure(self, url: str) -> Sequence[Subscription]:
        """The one enabled endpoint of this URL that is told all that we follow; `secret` only if it was made just now.

        Stripe never shows an endpoint's secret again: when ours is lost, remove the endpoint and ensure it anew.
        """
        ours = [each for each in self._endpoints() if each["url"] == url]
        if not ours:
            made = self._client.post(
                PATH,
                url=url,
                enabled_events=sorted(EVENT_TYPES),
                api_version=API_VERSION,
                description="Automation hub",
            )
            return (_subscription(made),)
        # An enabled one first: should somebody have made two for this URL, one living endpoint is enough.
        found = min(ours, key=lambda each: each["status"] != "enabled")
        told = set(found["enabled_events"])
        lacking = set() if EVERYTHING in told else set(EVENT_TYPES) - told
        change: dict[str, Any] = {}
        if lacking:
            change["enabled_events"] = sorted(told | lacking)
        if found["status"] != "enabled":
            change["disabled"] = False
        if change:
            found = self._client.post(f"{PATH}/{found['id']}", **change)
        return (_subscription(found),)

    def list(self) -> Sequence[Subscription]:
        """Every endpoint of the account."""
        return tuple(_subscription(each) for each in self._endpoints())

    def remove(self, ref: Ref) -> None:
        """Delete the endpoint; nothing happens when it is gone already."""
        try:
            self._client.delete(f"{PATH}/{quote(ref, safe='')}")
        except Gone:
            return

    def _endpoints(self) -> Sequence[dict[str, Any]]:
        return [each for page in self._client.pages(PATH) for each in page]


def _subscription(found: Mapping[str, Any]) -> Subscription:
    version = found.get("api_version")
    return Subscription(
        ref=Ref(found["id"]),
        url=found["url"],
        alive=found["status"] == "enabled",
        event_types=tuple(found["enabled_events"]),
        secret=found.get("secret"),
        note="" if version == API_VERSION else f"speaks API version {version or 'the account default'}",
    )
