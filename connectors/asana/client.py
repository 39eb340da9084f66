"""The only file that talks to Asana: key, paging, limits, retries of seconds. Asana's errors end here.

Facts: https://developers.asana.com/docs/pagination, …/rate-limits, …/errors. Every body and every answer is wrapped in
`data`; a list is paged only where `limit` is sent; a record says only what `opt_fields` asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self
from urllib.parse import quote

import httpx

from connectors.asana.settings import CALLS_A_MINUTE, AsanaSettings
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.http import Api, Gone, Provider
from hub.core.protocol import Context

PAGE = 100
"""Rows of one page: the most that Asana gives."""
WINDOW = 61.0
"""Seconds in which a minute's calls are made: a second more, because calls do not all travel equally long."""
KEY_HELP = (
    "Look at the token in Asana (https://app.asana.com/0/my-apps) and at what its person may see. An OAuth token needs "
    "the scopes tasks, projects, users, workspaces, webhooks and the others that the README lists."
)


class Forbidden(ConfigError):
    """Asana knows the key, and says that it may not (403)."""


class PaidOnly(ConfigError):
    """Asana does this on a paid plan only (402)."""


class SyncExpired(RecordError):
    """There is no sync token, or it is too old (412). `sync` is the token of now."""

    def __init__(self, message: str, sync: str) -> None:
        super().__init__(message)
        self.sync = sync


@dataclass(frozen=True, slots=True)
class Changed:
    """One answer of an event stream."""

    events: Sequence[Mapping[str, Any]]
    sync: str
    more: bool


class AsanaClient:
    """Calls to Asana with one token. Safe for threads. Close it, or use it as a context manager."""

    def __init__(
        self, settings: AsanaSettings, context: Context, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        key = settings.api_key.get_secret_value()
        self.now = context.now
        self.sleep = sleep
        self.reads = settings.reads_in_flight
        self._wanted = settings.workspace
        self._api = Api(
            provider=Provider(title="Asana", said=_said, judge=partial(_judge, key), key_help=KEY_HELP),
            base_url=settings.base_url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            limiters=(context.limiter("asana", CALLS_A_MINUTE[settings.plan], WINDOW),),
            secrets=(key,),
            reads=settings.reads_in_flight,
            writes=settings.writes_in_flight,
            sleep=sleep,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every socket."""
        self._api.close()

    def get(self, path: str, **params: Any) -> Any:
        """The `data` of a GET."""
        return _data(self._api.get(path, **params), f"GET {path}")

    def pages(self, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, to its end or an error (R5). An answer without `next_page` is the last one."""
        offset: str | None = None
        while True:
            answer = self._api.get(path, limit=PAGE, offset=offset, **params)
            rows = _data(answer, f"GET {path}")
            if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("gid") for row in rows):
                raise TransientError(f"Asana answered GET {path} with something that is not a page of a list.")
            if rows:
                yield rows
            following = answer.get("next_page")
            if following is None:
                return
            if not isinstance(following, dict) or not following.get("offset") or following["offset"] == offset:
                raise TransientError(f"Asana's list {path} repeats itself; it was not read to its end.")
            offset = following["offset"]

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list."""
        return [row for page in self.pages(path, **params) for row in page]

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = False, **params: Any) -> Any:
        """The `data` of a POST. `repeatable`: doing it twice is the same as once."""
        answer = self._api.call("POST", path, params=params, body={"data": body}, repeatable=repeatable)
        return _data(answer, f"POST {path}", written=True)

    def put(self, path: str, body: Mapping[str, Any], **params: Any) -> Any:
        """The `data` of a PUT, which sets the same again when it is repeated."""
        answer = self._api.call("PUT", path, params=params, body={"data": body}, repeatable=True)
        return _data(answer, f"PUT {path}", written=True)

    def delete(self, path: str) -> None:
        """Delete something; nothing happens when it is gone already."""
        try:
            self._api.call("DELETE", path, repeatable=True)
        except Gone:
            return

    def make_webhook(self, body: Mapping[str, Any], **params: Any) -> tuple[dict[str, Any], str | None]:
        """A new webhook, and its secret, which stands beside `data` in this one answer."""
        answer = self._api.call("POST", "/webhooks", params=params, body={"data": body})
        return _data(answer, "POST /webhooks", written=True), answer.get("X-Hook-Secret")

    def events(self, resource: str, sync: str) -> Changed:
        """What happened in `resource` since the token. SyncExpired, with the token of now, when it is not known."""
        answer = self._api.get("/events", resource=resource, sync=sync)
        events = _data(answer, "GET /events")
        token, more = answer.get("sync"), answer.get("has_more")
        if not isinstance(events, list) or not isinstance(token, str) or not token:
            raise TransientError("Asana answered GET /events without events or without a token.")
        return Changed(events, token, bool(more))

    def sync_of_now(self, resource: str) -> str:
        """The token from which on the changes of `resource` can be asked for: Asana gives it with a 412."""
        try:
            answer = self._api.get("/events", resource=resource)
        except SyncExpired as expired:
            return expired.sync
        return str(answer["sync"])

    @cached_property
    def me(self) -> dict[str, Any]:
        """The person that the key belongs to."""
        found: dict[str, Any] = self.get("/users/me", opt_fields="name,email,workspaces.name")
        return found

    @cached_property
    def workspace(self) -> dict[str, Any]:
        """The workspace that the settings mean. ConfigError when there is none, or more than one to choose from."""
        seen = self.all("/workspaces", opt_fields="name,is_organization")
        fits = [one for one in seen if self._wanted in (None, one["gid"], one["name"])]
        if len(fits) == 1:
            return fits[0]
        names = ", ".join(f"{one['name']} ({one['gid']})" for one in seen) or "none"
        if self._wanted is None:
            raise ConfigError(f"Asana's key sees {len(seen)} workspaces: {names}. Name one in the setting workspace.")
        found = "no workspace" if not fits else f"{len(fits)} workspaces"
        raise ConfigError(f"Asana's key sees {found} called {self._wanted!r}. It sees: {names}.")


def path(*parts: str) -> str:
    """A path of these parts, each quoted: an id from outside cannot lead elsewhere."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _data(answer: Any, what: str, *, written: bool = False) -> Any:
    if not isinstance(answer, dict) or "data" not in answer:
        raise TransientError(f"Asana answered {what} without data.", uncertain=written)
    return answer["data"]


def _said(response: httpx.Response) -> str:
    """Asana's reasons: {"errors": [{"message", "help", "phrase"}]}; the phrase is what its support asks for."""
    try:
        errors = response.json()["errors"]
        return "; ".join(
            str(error["message"]) + (f' (phrase "{error["phrase"]}")' if error.get("phrase") else "")
            for error in errors
        )
    except (ValueError, KeyError, TypeError):
        return ""


def _judge(key: str, response: httpx.Response, what: str) -> HubError | None:
    if response.status_code == 402:
        return PaidOnly(f"Asana does {what} on a paid plan only (402).")
    if response.status_code == 403:
        said = _said(response).replace(key, "(key)") or "it gave no reason"
        return Forbidden(f"Asana refused {what} (403): {said[:300]} {KEY_HELP}")
    if response.status_code == 412:
        try:
            return SyncExpired(f"Asana no longer knows the sync token of {what} (412).", str(response.json()["sync"]))
        except (ValueError, KeyError, TypeError):
            return TransientError(f"Asana answered {what} with 412 and no sync token.")
    return None
