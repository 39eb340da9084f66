"""The only file that talks to Trello: key, limits, pages, retries of seconds. Trello's errors end here.

Most of Trello's errors are plain text, so what to do is decided by the status; JSON is read only where the answer says
that it is JSON. Facts: developer.atlassian.com/cloud/trello (rate limits of 2026-01-26, OpenAPI description).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx

from connectors.trello.records import BOARD_FIELDS, CARD_FIELDS, MEMBER_FIELDS, instant, told
from connectors.trello.settings import TrelloSettings
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.http import Api, Gone, Provider, retry_after
from hub.core.protocol import Limiter

Json = dict[str, Any]

CARDS = 500
"""Cards of one answer. Trello refuses an answer that would grow too large; the page is then halved."""
FEWEST_CARDS = 25
ACTIONS = 1000

KEY_HELP = (
    "Look at https://trello.com/power-ups/admin > the Power-Up > API key: the key must be there, and the token must be "
    "made with it, with the scopes read and write, by a member of the board."
)
_WAITS = {
    "API_KEY_LIMIT_EXCEEDED": 10.0,
    "API_TOKEN_LIMIT_EXCEEDED": 10.0,
    "API_TOKEN_DB_LIMIT_EXCEEDED": 600.0,
    "RATE_LIMIT_EXCEEDED": 900.0,
}
"""Seconds of the window that each 429 speaks of."""
_ID = re.compile(r"[0-9a-fA-F]{24}\Z")


class TooManyCards(RecordError):
    """Trello would have to look at too many cards for one answer. It is no rate: fewer must be asked for at once."""


def _content(response: httpx.Response) -> Mapping[str, Any]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(response: httpx.Response) -> str:
    found = _content(response)
    if found:
        return ": ".join(str(found[name]) for name in ("error", "message") if found.get(name))
    return response.text if response.headers.get("content-type", "").startswith("text/plain") else ""


def _wait(response: httpx.Response) -> float:
    """Retry-After where there is one, else the window that the error names, else the one that is used up, else 10 s."""
    asked = retry_after(response)
    if asked is not None:
        return asked
    named = _WAITS.get(str(_content(response).get("error")))
    if named is not None:
        return named
    headers = response.headers
    used_up = [
        int(headers.get(f"x-rate-limit-{window}-interval-ms", "10000")) / 1000
        for window in ("api-key", "api-token", "member", "db-query-time")
        if headers.get(f"x-rate-limit-{window}-remaining", "1").startswith(("0", "-"))
    ]
    return max(used_up, default=10.0)


def _judge(response: httpx.Response, what: str) -> HubError | None:
    if response.status_code == 429 and _content(response).get("error") == "API_TOO_MANY_CARDS_REQUESTED":
        return TooManyCards(f"Trello will not give so many cards in one answer: {what}.")
    return None


TRELLO = Provider(title="Trello", said=_said, wait=_wait, judge=_judge, key_help=KEY_HELP)


class TrelloClient:
    """Calls as one Trello member. Safe for threads; close it, or use it as a context manager."""

    def __init__(
        self,
        settings: TrelloSettings,
        limiter: Callable[[str, int, float], Limiter],
        *,
        in_flight: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # httpx logs whole addresses at INFO, and the one that lists our webhooks holds the token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.sleep = sleep
        self.has_secret = settings.api_secret is not None
        self._token = settings.token.get_secret_value() if settings.token else None
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        bearer = settings.oauth_token.get_secret_value() if settings.oauth_token else ""
        signed = f'OAuth oauth_consumer_key="{key}", oauth_token="{self._token}"'
        self._members = limiter("trello members", 100, 900.0)
        self._api = Api(
            TRELLO,
            settings.base_url,
            {"Accept": "application/json", "Authorization": f"Bearer {bearer}" if bearer else signed},
            (limiter("trello", settings.calls_per_10_seconds, 10.0), limiter("trello key", 300, 10.0)),
            secrets=(bearer, self._token or "", key),
            reads=in_flight,
            writes=in_flight,
            timeout=40.0,  # Trello itself gives up after 30 s, and says so (504)
            sleep=sleep,
        )

    def close(self) -> None:
        """Close every socket."""
        self._api.close()

    @property
    def may_register(self) -> bool:
        """Whether webhooks can be registered: with key and token. What signs those of a bearer is not documented."""
        return self._token is not None

    def me(self) -> Json:
        """The member that we are. Trello allows 100 such calls in 15 minutes."""
        self._members.acquire()
        return self.get("/members/me", fields=f"{MEMBER_FIELDS},email")

    def token(self) -> Json | None:
        """What Trello says of our token: its rights and its end; None for a bearer."""
        return self.get(f"/tokens/{self._token}", fields="permissions,dateExpires") if self._token else None

    def boards(self) -> list[Json]:
        """The open boards that we are a member of, with lists and workspace; templates too."""
        return self._many(
            "/members/me/boards",
            filter="open",
            fields=BOARD_FIELDS,
            lists="all",
            organization=True,
            organization_fields="displayName",
        )

    def board(self, board: str) -> Json:
        """One board, with lists and workspace. Gone, or ConfigError, when it is not there for us."""
        return self.get(f"/boards/{board}", fields=BOARD_FIELDS, lists="all", organization=True)

    def followed(self, follow: Sequence[str] | None) -> list[Json]:
        """The boards that are read, sorted by id: those named, or every open one that is no template.

        ConfigError when one that is named is gone or not shown to us.
        """
        if follow is None:
            found = [board for board in self.boards() if not board["prefs"].get("isTemplate")]
        else:
            found = [self._named(board) for board in follow]
        return sorted(found, key=lambda board: str(board["id"]))

    def _named(self, board: str) -> Json:
        try:
            return self.board(board)
        except Gone:
            pass
        except ConfigError:
            self.still_in()
        raise ConfigError(
            f"The Trello board {board} is deleted, or the member that the hub works as was taken off it. Invite the "
            "member again, or take the board out of what the connection follows."
        )

    def still_in(self) -> None:
        """ConfigError unless our key opens anything at all: a 401 for one thing may mean the thing, or the key."""
        self._many("/members/me/boards", filter="open", fields="id")

    def members(self, board: str) -> list[Json]:
        """Who is on a board."""
        return self._many(f"/boards/{board}/members", fields=MEMBER_FIELDS)

    def columns(self, board: str) -> list[Json]:
        """A board's custom fields."""
        return self._many(f"/boards/{board}/customFields")

    def labels(self, board: str) -> list[Json]:
        """A board's labels."""
        return self._many(f"/boards/{board}/labels", limit=1000)

    def cards(self, board: str, before: str | None = None, *, only: str | None = None) -> Iterator[list[Json]]:
        """Every card of a board, archived ones too, newest first, page by page; complete, or an error (R5).

        With `only` (names of fields) without what is nested.
        """
        nested = {"members": True, "member_fields": MEMBER_FIELDS, "checklists": "all", "customFieldItems": True}
        wanted = {"fields": only} if only else {"fields": CARD_FIELDS, **nested}
        limit = CARDS
        while True:
            try:
                page = self._many(f"/boards/{board}/cards/all", limit=limit, before=before, **wanted)
            except TooManyCards:
                if limit <= FEWEST_CARDS:
                    raise
                limit = max(limit // 2, FEWEST_CARDS)
                continue
            page.sort(key=lambda card: str(card["id"]), reverse=True)
            if before is not None and page and page[0]["id"] >= before:
                raise TransientError(f"Trello's list of the cards of board {board} repeats itself at {before}.")
            if page:
                yield page
            if len(page) < limit:
                return
            before = page[-1]["id"]

    def card(self, card: str) -> Json:
        """One card with all that is nested in it, its board and its list. Gone when there is no such card."""
        if not _ID.match(card):
            raise Gone(f"{card} is no id of a Trello card.")
        return self.get(
            f"/cards/{card}",
            fields=CARD_FIELDS,
            members=True,
            member_fields=MEMBER_FIELDS,
            checklists="all",
            customFieldItems=True,
            board=True,
            board_fields="name,closed,prefs",
            list=True,
        )

    def newest_actions(self, board: str) -> list[Json]:
        """The newest 50 actions of a board, newest first."""
        return self._actions(board, limit=50)

    def actions(self, board: str, since: str) -> list[Json]:
        """Every action of a board from an instant on, oldest first, each once; complete, or an error (R5).

        Asked for by time and not by id, and each page overlaps the one before by a millisecond: several actions may
        bear one instant, and whether Trello counts the instant itself in is not documented.
        """
        found: dict[str, Json] = {}
        before: str | None = None
        while True:
            page = self._actions(board, limit=ACTIONS, since=since, before=before)
            fresh = [action for action in page if action["id"] not in found]
            found.update((action["id"], action) for action in fresh)
            if len(page) < ACTIONS:
                return sorted(found.values(), key=lambda action: (action["date"], action["id"]))
            if not fresh:
                raise TransientError(f"Trello's list of the actions of board {board} repeats itself at {before}.")
            oldest = instant(min(action["date"] for action in page))
            before = told(oldest + timedelta(milliseconds=1)) if oldest else None

    def _actions(self, board: str, **params: Any) -> list[Json]:
        wanted = {"filter": "all", "fields": "type,date,data,idMemberCreator", "memberCreator": False}
        return self._many(f"/boards/{board}/actions", **wanted, **params)

    def webhooks(self) -> list[Json]:
        """Every webhook of our token."""
        return self._many(f"/tokens/{self._token}/webhooks")

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = False) -> Json:
        """Make something; sent once unless it is said to be safe."""
        return self._object(self._api.call("POST", path, body=body, repeatable=repeatable), path, uncertain=True)

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Change something to what the body says. Twice is the same as once, so it is repeated for some seconds."""
        found = self._api.call("PUT", path, body=body, repeatable=True)
        return found if isinstance(found, dict) else {}  # a cleared custom field answers with nothing

    def delete(self, path: str) -> None:
        """Delete something; Gone when it is not there."""
        self._api.call("DELETE", path, repeatable=True)

    def get(self, path: str, **params: Any) -> Json:
        """One thing, read."""
        return self._object(self._api.get(path, **params), path, uncertain=False)

    def _object(self, found: Any, path: str, *, uncertain: bool) -> Json:
        if not isinstance(found, dict):
            raise TransientError(f"Trello answered {self._plain(path)} with no object.", uncertain=uncertain)
        return found

    def _many(self, path: str, **params: Any) -> list[Json]:
        found = self._api.get(path, **params)
        if not isinstance(found, list) or not all(isinstance(each, dict) and each.get("id") for each in found):
            raise TransientError(f"Trello answered {self._plain(path)} with something that is not a list.")
        return found

    def _plain(self, path: str) -> str:
        return path.replace(self._token, "(token)") if self._token else path
