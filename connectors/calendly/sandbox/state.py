"""The memory of one Calendly organization: people, tokens, appointments, forms; its limits and refusals."""

import json
import math
import random
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.calendly.sandbox import shapes
from connectors.calendly.sandbox.shapes import Json, text, uri
from hub.sandbox import Answer, Call, Sandbox, control
from hub.sandbox.faults import Meter

KEY = "calendly-sandbox-key"
"""The owner's token. It has every scope, as tokens made before March 2026 have."""
MEMBER_KEY = "calendly-sandbox-member"
"""The token of a member who is neither owner nor administrator."""

LIMITS = {"free": 50, "standard": 500, "teams": 500, "enterprise": 500}
ROUTING_PLANS = ("teams", "enterprise")

_JSON = {"content-type": "application/json"}
_NEEDS = (
    ("GET", r"/users/", "users:read"),
    ("GET", r"/organization_memberships", "organizations:read"),
    ("GET", r"/event_types", "event_types:read"),
    ("POST", r"/scheduled_events/[^/]+/cancellation", "scheduled_events:write"),
    ("POST", r"/invitee_no_shows", "scheduled_events:write"),
    ("DELETE", r"/invitee_no_shows", "scheduled_events:write"),
    ("GET", r"/(scheduled_events|invitee_no_shows)", "scheduled_events:read"),
    ("POST", r"/scheduling_links", "scheduling_links:write"),
    ("GET", r"/routing_form", "routing_forms:read"),
    ("GET", r"/webhook_subscriptions", "webhooks:read"),
    ("POST", r"/webhook_subscriptions", "webhooks:write"),
    ("DELETE", r"/webhook_subscriptions", "webhooks:write"),
)


class RefusalError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, title: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = answer(status, {"title": title, "message": message, **more})


@dataclass(frozen=True, slots=True)
class Token:
    """Whose it is, and its scopes; None: all."""

    user: str
    scopes: frozenset[str] | None

    def has(self, scope: str) -> bool:
        """Whether it may; writing includes reading."""
        return self.scopes is None or scope in self.scopes or scope.replace(":read", ":write") in self.scopes


def answer(status: int, body: Any) -> Answer:
    """JSON as an answer."""
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), dict(_JSON))


def denied(message: str = "You do not have permission to access this resource.") -> RefusalError:
    return RefusalError(403, "Permission Denied", message)


def missing() -> RefusalError:
    return RefusalError(404, "Resource Not Found", "The server could not find the requested resource.")


def invalid(parameter: str, message: str) -> RefusalError:
    details = [{"parameter": parameter, "message": message}]
    return RefusalError(400, "Invalid Argument", "The supplied parameters are invalid.", details=details)


class State(Sandbox):
    """One organization. Take `lock` around what reads and changes it."""

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(5)
        self._last = datetime.min.replace(tzinfo=UTC)
        self.plan = "teams"
        self.organization = uri("organizations", self.uuid())
        self.users: dict[str, Json] = {}
        self.memberships: dict[str, Json] = {}
        self.tokens: dict[str, Token] = {}
        self.event_types: dict[str, Json] = {}
        self.group_limits: dict[str, int] = {}
        self.events: dict[str, Json] = {}
        self.invitees: dict[str, Json] = {}
        self.no_shows: dict[str, Json] = {}
        self.forms: dict[str, Json] = {}
        self.submissions: dict[str, Json] = {}
        self._meters: dict[str, Meter] = {}
        self._minute = 60.0

    def uuid(self) -> str:
        """A new one, the same in every run."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def stamp(self) -> str:
        """The time now, later than any given before."""
        self._last = max(self.now(), self._last + timedelta(microseconds=1))
        return text(self._last)

    def token(self, call_headers: dict[str, str]) -> Token | None:
        """Whose call it is."""
        return self.tokens.get(call_headers.get("authorization", "").removeprefix("Bearer "))

    def role(self, user: str) -> str:
        """owner, admin or user; "" for nobody of this organization."""
        return next((row["role"] for row in self.memberships.values() if row["user"]["uri"] == user), "")

    def is_admin(self, user: str) -> bool:
        return self.role(user) in ("owner", "admin")

    def error(self, kind: str) -> Answer:
        """Calendly's answer to a call that fails with a status."""
        if kind == "429":
            found = answer(429, {"title": "Too Many Requests", "message": "Rate limit exceeded."})
            return Answer(429, found.body, {**found.headers, "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"})
        message = "The server encountered an unexpected condition that prevented it from fulfilling the request."
        return answer(int(kind), {"title": "Internal Server Error", "message": message})

    def refuse(self, call: Call) -> Answer | None:
        """401 without a known token, 429 beyond the plan's limit, 403 without the scope."""
        token = self.token(call.headers)
        if token is None:
            return answer(401, {"title": "Unauthenticated", "message": "The access token is invalid"})
        with self.lock:
            allowed = self._meter(token.user).allow()
        if not allowed:
            return answer(429, {"title": "Too Many Requests", "message": "Rate limit exceeded."})
        scope = next((s for m, path, s in _NEEDS if m == call.method and re.match(path, call.path)), None)
        return None if scope is None or token.has(scope) else lacking(scope)

    def decorate(self, call: Call, answer: Answer) -> Answer:
        """The limit's headers come with every answer to a known token; the reset is in seconds from now."""
        token = self.token(call.headers)
        if token is None:
            return answer
        with self.lock:
            meter = self._meter(token.user)
            told = {
                "x-ratelimit-limit": str(meter.calls),
                "x-ratelimit-remaining": str(max(0, meter.remaining())),
                "x-ratelimit-reset": str(math.ceil(meter.resets_in())),
                "x-ratelimit-tier": self.plan,
                "x-request-id": self.uuid(),
            }
        return Answer(answer.status, answer.body, {**answer.headers, **told})

    @control
    def set_plan(self, plan: str, calls_per_minute: int | None = None, minute: float = 60.0) -> None:
        """Change the plan, and with it the limit and what may be seen; or set another limit. `minute`: in seconds."""
        with self.lock:
            self.plan = plan
            self._meters.clear()
            self._limit = calls_per_minute or LIMITS[plan]
            self._minute = minute

    @control
    def add_user(self, name: str, email: str, role: str = "user", timezone: str = "Europe/Paris") -> str:
        """Somebody joins the organization. Returns the URI."""
        with self.lock:
            at = self.stamp()
            person = shapes.user(self.uuid(), name, email, timezone, at, self.organization)
            self.users[shapes.last(person["uri"])] = person
            row = shapes.membership(self.uuid(), person, role, at)
            self.memberships[shapes.last(row["uri"])] = row
            return str(person["uri"])

    @control
    def set_role(self, user: str, role: str) -> None:
        """Make somebody owner, admin or user."""
        with self.lock:
            row = next(row for row in self.memberships.values() if row["user"]["uri"] == user)
            row.update(role=role, updated_at=self.stamp())

    @control
    def remove_user(self, user: str) -> None:
        """Somebody leaves the organization."""
        with self.lock:
            self.memberships = {key: row for key, row in self.memberships.items() if row["user"]["uri"] != user}

    @control
    def add_token(self, token: str, user: str, scopes: list[str] | None = None) -> None:
        """A personal access token with these scopes; None: of the days before scopes."""
        with self.lock:
            self.tokens[token] = Token(user, None if scopes is None else frozenset(scopes))

    @control
    def revoke_token(self, token: str) -> None:
        """The token ends."""
        with self.lock:
            self.tokens.pop(token, None)

    def _meter(self, user: str) -> Meter:
        calls = getattr(self, "_limit", LIMITS[self.plan])
        return self._meters.setdefault(user, Meter(calls, self._minute))


def lacking(*scopes: str) -> Answer:
    """The 403 of a token without these scopes."""
    message = "The access token does not have the scope that this needs."
    return answer(403, {"title": "Insufficient scope", "message": message, "required_scopes": list(scopes)})
