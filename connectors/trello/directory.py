"""What a Trello key can see and do, by the names that people know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.trello import records
from connectors.trello.client import Json, TrelloClient
from connectors.trello.templates import template_things
from hub.core.errors import ConfigError
from hub.core.http import Gone
from hub.core.types import Sight, Thing

READ_ONLY = (
    "The token may only read: cards cannot be written, and webhooks may be refused. Make one with the scopes read and "
    "write."
)


class TrelloDirectory:
    """One Trello member's boards and templates, and the rights of the token."""

    def __init__(self, client: TrelloClient, follow: tuple[str, ...] | None) -> None:
        self._client = client
        self._follow = follow

    def look(self) -> Sight:
        """Who the key is, its open boards, its templates, and what is wrong with its rights."""
        me = self._client.me()
        boards = self._client.boards()
        warnings, ends_at = self._rights()
        if self._client.may_register and not self._client.has_secret:
            warnings.append(
                "No api_secret is set, so no webhook can be verified: copy the Secret from "
                "https://trello.com/power-ups/admin > the Power-Up > API key."
            )
        warnings += [line for board in boards for line in self._without_columns(board)]
        address = f", {me['email']}" if me.get("email") else ""
        return Sight(
            account=f"{me.get('fullName')} (@{me.get('username')}{address})",
            things=(*(_thing(each) for each in boards if not _template(each)), *template_things(self._client, boards)),
            warnings=tuple(warnings),
            ends_at=ends_at,
            read_only=READ_ONLY in warnings,
        )

    def _rights(self) -> tuple[list[str], datetime | None]:
        found = self._client.token()
        if found is None:
            return [
                "This is an OAuth 2.0 token: Trello does not say what it may do nor when it ends (an hour or so). "
                "The hub does not renew it and registers no webhooks with it. An api_key and a token do not end."
            ], None
        with records.readable("token", {"id": "(token)"}):
            rights = [each for each in found["permissions"] if each["modelType"].lower() == "board"]
            ends_at = records.instant(found.get("dateExpires"))
        lines = []
        if not any(each["read"] for each in rights):
            lines.append("The token may read no boards: make one with the scopes read and write.")
        if not any(each["write"] for each in rights):
            lines.append(READ_ONLY)
        return lines, ends_at

    def _without_columns(self, board: Json) -> Sequence[str]:
        if self._follow is None or board["id"] not in self._follow:
            return ()
        try:
            found = self._client.columns(board["id"])
        except (Gone, ConfigError):
            found = []
        if found:
            return ()
        return (
            f'The board "{board["name"]}" has no custom fields (they need a paid workspace): the hub keeps its keys in '
            "the last line of each card's description.",
        )


def _template(board: Json) -> bool:
    return bool(board["prefs"].get("isTemplate"))


def _thing(board: Json) -> Thing:
    name = board["name"]
    return Thing(kind="board", id=board["id"], name=name, url=board.get("url"), inside=records.workspace(board))
