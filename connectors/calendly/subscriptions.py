"""Calendly's list of who it calls: webhook subscriptions. The key needs webhooks:write.

Facts: developer.calendly.com (webhook subscriptions). A subscription cannot be changed nor enabled again, only deleted
and made anew; its URL is unique; the signing key is chosen by who makes it and never shown.
"""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.calendly.client import Account, Client, Exists, Forbidden
from connectors.calendly.keys import path, uuid
from connectors.calendly.records import maybe_instant, readable
from connectors.calendly.webhook import EVENT_TYPES, ORGANIZATION_ONLY
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Ref, Subscription

PATH = "/webhook_subscriptions"
ALWAYS = frozenset(EVENT_TYPES) - ORGANIZATION_ONLY
"""What every subscription of ours hears; the others need a plan that Calendly may refuse."""


class CalendlySubscriptions:
    """Webhook subscriptions of one account. One belongs to the hub when its URL is the hub's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ensure(self, url: str) -> Sequence[Subscription]:
        """The one active subscription of this URL, which hears what we follow; `secret` only if it was made just now.

        One that is disabled, hears too little or is of another scope is deleted, and made anew with a new signing key.
        The events of routing forms are asked for where the scope allows it, and left out where Calendly refuses them.
        """
        account = self._client.account(again=True)
        ours = [each for each in self._rows(account) if each["callback_url"] == url]
        good = [each for each in ours if _is_good(each, account)]
        for each in ours:
            if not good or each["uri"] != good[0]["uri"]:
                self.remove(Ref(each["uri"]))
        if good:
            return (_subscription(good[0], account),)
        return (self._make(url, account),)

    def list(self) -> Sequence[Subscription]:
        """Those of the organization, for an administrator's key, and those of the key's owner."""
        account = self._client.account()
        return tuple(_subscription(each, account) for each in self._rows(account))

    def remove(self, ref: Ref) -> None:
        """Delete the subscription; nothing happens when it is gone already."""
        try:
            self._client.delete(path("webhook_subscriptions", uuid(ref)))
        except Gone:
            return

    def _make(self, url: str, account: Account) -> Subscription:
        key = secrets.token_urlsafe(32)
        events = set(EVENT_TYPES) if account.scope == "organization" else set(ALWAYS)
        try:
            made = self._post(url, account, events, key)
        except Forbidden:
            if not events - ALWAYS:
                raise
            made = self._post(url, account, set(ALWAYS), key)
        return _subscription(made, account, key)

    def _post(self, url: str, account: Account, events: set[str], key: str) -> dict[str, Any]:
        body = {"url": url, "events": sorted(events), "organization": account.organization, "scope": account.scope}
        user = {"user": account.user} if account.scope == "user" else {}
        try:
            return self._client.post(PATH, {**body, **user, "signing_key": key})
        except Exists:
            raise ConfigError(
                f"Calendly has a webhook subscription for {url} already, which this key does not see. Delete it with "
                "the key that made it, or give the hub another address."
            ) from None
        except RecordError as error:
            raise ConfigError(f"Calendly does not take {url} as a webhook's address. {error}") from None
        except TransientError as error:
            if error.uncertain:
                self._undo(url, account)
            raise

    def _undo(self, url: str, account: Account) -> None:
        """Delete what may have been made by a call without an answer: nobody would know its signing key for sure."""
        for each in self._rows(account):
            if each["callback_url"] == url:
                self.remove(Ref(each["uri"]))

    def _rows(self, account: Account) -> builtins.list[dict[str, Any]]:
        mine = {"organization": account.organization, "scope": "user", "user": account.user}
        rows = self._client.all(PATH, **mine)
        if account.is_admin:
            rows += self._client.all(PATH, organization=account.organization, scope="organization")
        for each in rows:
            with readable("webhook subscription", each):
                _subscription(each, account)
        return [*{each["uri"]: each for each in rows}.values()]


def _is_good(found: Mapping[str, Any], account: Account) -> bool:
    return found["state"] == "active" and found["scope"] == account.scope and set(found["events"]) >= ALWAYS


def _subscription(found: Mapping[str, Any], account: Account, secret: str | None = None) -> Subscription:
    events = tuple(sorted(found["events"]))
    deaf = account.scope == "organization" and not set(events) >= ORGANIZATION_ONLY
    return Subscription(
        ref=Ref(found["uri"]),
        url=found["callback_url"],
        alive=found["state"] == "active",
        event_types=events,
        secret=secret,
        failing_since=maybe_instant(found["retry_started_at"]),
        note="does not hear of routing forms: the plan or the key's scopes lacked them when it was made"
        if deaf
        else "",
    )
