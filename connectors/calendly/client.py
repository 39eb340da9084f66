"""The only file that talks to Calendly: key, paging, rate limit, retries of seconds. Calendly's errors end here.

Facts: developer.calendly.com (API v2; errors, pagination, rate limits, authorization scopes).
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import httpx

from connectors.calendly.keys import uuid
from connectors.calendly.settings import CONCURRENCY, CalendlySettings
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.http import Api, Provider, retry_after
from hub.core.protocol import Limiter

PAGE = 100
KEY_HELP = (
    "Make a personal access token in Calendly > Integrations & apps > API and webhooks and set it as api_key of this "
    "connection."
)
ADMINS = ("owner", "admin")
_SCOPE = re.compile(r"[a-z_]+:[a-z_]+")


class Forbidden(ConfigError):
    """Calendly does not let this key do that. `scopes`: what it says is missing; () when it is not about scopes."""

    def __init__(self, message: str, scopes: tuple[str, ...]) -> None:
        super().__init__(message)
        self.scopes = scopes


class Exists(RecordError):
    """Calendly has such a thing already (409)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose key it is, and how much of the organization is read with it."""

    user: str
    """URI."""
    organization: str
    """URI."""
    name: str
    email: str
    role: str
    """owner, admin or user."""
    scope: Literal["organization", "user"]

    @property
    def whose(self) -> Mapping[str, str]:
        """The parameter that a list of this scope needs."""
        return {"organization": self.organization} if self.scope == "organization" else {"user": self.user}

    @property
    def is_admin(self) -> bool:
        return self.role in ADMINS


class Client:
    """Calls to one Calendly account. Safe for threads."""

    def __init__(
        self, settings: CalendlySettings, limiter: Limiter, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        key = settings.api_key.get_secret_value()
        self.settings = settings
        self._account: Account | None = None
        self._lock = threading.Lock()
        self._api = Api(
            provider=Provider(
                title="Calendly",
                said=_said,
                wait=_wait,
                judge=partial(_judge, key),
                default_wait=60.0,
                key_help=KEY_HELP,
            ),
            base_url=settings.base_url,
            headers={"Authorization": f"Bearer {key}"},
            limiters=(limiter,),
            secrets=(key,),
            reads=CONCURRENCY,
            sleep=sleep,
        )

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def account(self, *, again: bool = False) -> Account:
        """Whose key it is: asked once, or `again`. Two calls."""
        with self._lock:
            if self._account is None or again:
                self._account = self._look()
            return self._account

    def one(self, path: str) -> dict[str, Any]:
        """The thing at a path. Gone when Calendly has none there."""
        return _resource(self._api.get(path), f"GET {path}")

    def page(self, path: str, *, token: str | None = None, **params: Any) -> tuple[list[dict[str, Any]], str | None]:
        """One page of a list, and the token of the next. TransientError when it is not a whole page (R5)."""
        answer = self._api.get(path, count=PAGE, page_token=token, **params)
        rows = answer.get("collection") if isinstance(answer, dict) else None
        paging = answer.get("pagination") if isinstance(answer, dict) else None
        following = paging.get("next_page_token", 0) if isinstance(paging, dict) else 0
        whole = isinstance(rows, list) and all(isinstance(row, dict) and row.get("uri") for row in rows)
        if not whole or not (following is None or (isinstance(following, str) and following)):
            raise TransientError(f"Calendly answered {path} with something that is not a page of a list.")
        return rows or [], following

    def pages(self, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list; complete, or an error (R5)."""
        token, seen = None, set[str]()
        while True:
            rows, token = self.page(path, token=token, **params)
            if rows:
                yield rows
            if token is None:
                return
            if token in seen:
                raise TransientError(f"Calendly's list {path} repeats itself; it was not read to its end.")
            seen.add(token)

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list."""
        return [row for rows in self.pages(path, **params) for row in rows]

    def membership(self, user: str, organization: str) -> dict[str, Any] | None:
        """What somebody is in an organization, or None when they are not in it. Arguments are URIs."""
        rows = (row for rows in self.pages("/organization_memberships", user=user) for row in rows)
        return next((row for row in rows if row.get("organization") == organization), None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What was made. Sent once: without an answer it is a TransientError with `uncertain=True`."""
        return _resource(self._api.call("POST", path, body=body), f"POST {path}", uncertain=True)

    def delete(self, path: str) -> None:
        """Remove what is at a path. Gone when nothing is."""
        self._api.call("DELETE", path, repeatable=True)

    def _look(self) -> Account:
        me = self.one("/users/me")
        user, organization = me.get("uri"), me.get("current_organization")
        if not isinstance(user, str) or not isinstance(organization, str):
            raise TransientError("Calendly did not say whose key it is.")
        row = self.membership(user, organization)
        role = "user" if row is None else str(row.get("role"))
        everybody = self.settings.scope == "organization" and role in ADMINS
        return Account(
            user=user,
            organization=organization,
            name=str(me.get("name")),
            email=str(me.get("email")),
            role=role,
            scope="organization" if everybody else "user",
        )


def describe(account: Account) -> str:
    """Whose key it is, for people."""
    role = {"owner": "owner", "admin": "administrator"}.get(account.role, "member")
    return f"{account.name} ({account.email}), {role} of the organization {uuid(account.organization)}"


def _resource(answer: Any, what: str, *, uncertain: bool = False) -> dict[str, Any]:
    found = answer.get("resource") if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise TransientError(f"Calendly answered {what} with something unreadable.", uncertain=uncertain)
    return found


def _body(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(response.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(response: httpx.Response) -> str:
    """Title, message and the parameters that are wrong."""
    body = _body(response)
    words = [str(body[name]) for name in ("title", "message") if body.get(name)]
    details = body.get("details")
    listed = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    return ": ".join([*words, *(f"{each.get('parameter', 'it')} {each.get('message', '')}" for each in listed)])


def _wait(response: httpx.Response) -> float | None:
    """Calendly tells the seconds until the limit is forgotten in x-ratelimit-reset."""
    told = response.headers.get("x-ratelimit-reset", "")
    reset = max(1.0, float(told)) if re.fullmatch(r"\d{1,6}(\.\d+)?", told) else None
    waits = [wait for wait in (reset, retry_after(response)) if wait is not None]
    return math.ceil(max(waits)) if waits else None


def _judge(key: str, response: httpx.Response, what: str) -> HubError | None:
    """403 and 409 mean something of their own here."""
    said = " ".join(_said(response).replace(key, "(key)").split())[:300] or "it gave no reason"
    if response.status_code == 409:
        return Exists(f"Calendly refused {what} (409): {said}")
    if response.status_code != 403:
        return None
    scopes = _lacking(_body(response))
    if scopes:
        return Forbidden(
            f"Calendly's key may not do {what} (403): it lacks the scope {', '.join(scopes)}. Make a token that has it "
            "in Calendly > Integrations & apps > API and webhooks.",
            scopes,
        )
    return Forbidden(f"Calendly refused {what} (403): {said}. Look at the role and the plan of the key's owner.", ())


def _lacking(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes that a 403 names; () when it is about a role, a plan or one thing."""
    named = body.get("required_scopes")
    scopes = tuple(each for each in named if isinstance(each, str) and _SCOPE.fullmatch(each)) if named else ()
    if not scopes and "scope" in str(body.get("title", "")).casefold():
        return ("that Calendly does not name",)
    return scopes
