"""What the key can see, by the names that people know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.calendly import keys
from connectors.calendly.client import Account, Client, Forbidden, describe
from connectors.calendly.records import readable
from connectors.calendly.rights import Rights, look
from connectors.calendly.subscriptions import PATH
from hub.core.types import Sight, Thing


class CalendlyDirectory:
    """One Calendly account, looked at. Calendly does not say when a token ends."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def look(self) -> Sight:
        """Whose key it is, event types and routing forms, and what is wrong with its rights."""
        account = self._client.account(again=True)
        rights = look(self._client, account)
        missing = {*rights.missing, *self._lacking(account)}
        things = [*self._event_types(account, missing), *self._forms(account, rights)]
        return Sight(
            account=f"Calendly: {describe(account)}",
            things=things,
            warnings=[*self._warnings(account, rights, sorted(missing))],
        )

    def _event_types(self, account: Account, missing: set[str]) -> Iterator[Thing]:
        try:
            rows = self._client.all("/event_types", **account.whose, active="true")
        except Forbidden as error:
            if not error.scopes:
                raise
            missing.update(error.scopes)
            return
        for row in rows:
            with readable("event type", row):
                owner = (row.get("profile") or {}).get("name")
                url = row["scheduling_url"]
                yield Thing(kind="event type", id=keys.uuid(row["uri"]), name=row["name"] or url, url=url, inside=owner)

    def _forms(self, account: Account, rights: Rights) -> Iterator[Thing]:
        rows: list[dict[str, Any]] = []
        if rights.routing_forms:
            rows = self._client.all("/routing_forms", organization=account.organization)
        for row in rows:
            with readable("routing form", row):
                yield Thing(kind="routing form", id=keys.uuid(row["uri"]), name=row["name"])

    def _lacking(self, account: Account) -> tuple[str, ...]:
        """The scopes that the list of webhook subscriptions wants. That writing is allowed only writing can tell."""
        try:
            self._client.page(PATH, organization=account.organization, scope="user", user=account.user)
        except Forbidden as error:
            return error.scopes
        return ()

    def _warnings(self, account: Account, rights: Rights, missing: list[str]) -> Iterator[str]:
        settings = self._client.settings
        if missing:
            yield (
                f"The key lacks the scope {', '.join(missing)}. Make a token that has it in Calendly > Integrations & "
                "apps > API and webhooks."
            )
        if settings.scope == "organization" and account.scope == "user":
            yield (
                f"{account.name} is no owner or administrator of the organization: only their own appointments are "
                "seen and listened to. Use an administrator's key, or set scope to user to say that this is meant."
            )
        hidden = not rights.routing_forms and not any(each.startswith("routing_forms:") for each in missing)
        if hidden and settings.has_routing_forms:
            yield (
                f"Calendly does not show the routing forms, although the plan is set to {settings.plan}. Look at the "
                "account's plan and at the role of the key's owner."
            )
        elif hidden:
            yield "There are no routing forms for this key: the account's plan or the role has none. Nothing to do."
        if rights.routing_forms and not settings.has_routing_forms:
            yield (
                f"The account has routing forms, but plan is set to {settings.plan}. Set plan to teams or enterprise, "
                "so that they are never taken as gone when Calendly refuses to show them."
            )
