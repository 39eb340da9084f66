"""Trello's list of who it calls: webhooks, one for each board. They belong to the token, and end with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from connectors.trello import records
from connectors.trello.client import Json, TrelloClient
from hub.core.errors import ConfigError, RecordError
from hub.core.http import Gone
from hub.core.types import Ref, Subscription

DESCRIPTION = "Automation hub"


class TrelloSubscriptions:
    """The webhooks of one token. One belongs to the hub when its callback URL is the hub's."""

    def __init__(self, client: TrelloClient, follow: tuple[str, ...] | None) -> None:
        self._client = client
        self._follow = follow

    def ensure(self, url: str) -> Sequence[Subscription]:
        """A living webhook for each followed board, made or revived where needed.

        Making one takes a HEAD of Trello's to `url`, answered while this call waits. No secret comes back: all are
        signed with the application's. ConfigError when Trello cannot reach the address.
        """
        ours = self._ours(url)
        living = []
        for board in self._client.followed(self._follow):
            found = ours.get(board["id"]) or self._make(url, board)
            if not found["active"]:
                found = {**found, **self._client.put(f"/webhooks/{found['id']}", {"active": True})}
            living.append(_subscription(found))
        return living

    def _make(self, url: str, board: Json) -> Json:
        body = {"callbackURL": url, "idModel": board["id"], "description": DESCRIPTION, "active": True}
        try:
            # Safe to repeat: Trello refuses a second webhook of the same token, address and board.
            return self._client.post("/webhooks/", body, repeatable=True)
        except Gone:
            raise
        except RecordError as error:
            found = self._ours(url).get(board["id"])
            if found is not None:
                return found
            raise ConfigError(
                f'Trello will not call {url} about the board "{board["name"]}": {error} The address must be reachable '
                "from the internet, with a valid certificate, and answer HEAD with 200."
            ) from error

    def list(self) -> Sequence[Subscription]:
        """Every webhook of the token, whoever made it."""
        return tuple(_subscription(each) for each in self._client.webhooks())

    def remove(self, ref: Ref) -> None:
        """Delete one; nothing happens when it is gone already."""
        with suppress(Gone):
            self._client.delete(f"/webhooks/{ref}")

    def _ours(self, url: str) -> dict[str, Json]:
        found = [each for each in self._client.webhooks() if each["callbackURL"] == url]
        # A living one last, so that it is the one that counts should there be two.
        return {each["idModel"]: each for each in sorted(found, key=lambda each: bool(each["active"]))}


def _subscription(found: Json) -> Subscription:
    with records.readable("webhook", found):
        failures = int(found.get("consecutiveFailures") or 0)
        return Subscription(
            ref=Ref(found["id"]),
            url=found["callbackURL"],
            alive=bool(found["active"]),
            about=found["idModel"],
            failing_since=records.instant(found.get("firstConsecutiveFailDate")),
            note=f"{failures} deliveries failed in a row" if failures else "",
        )
