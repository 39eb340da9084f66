"""The calls of Calendly's API that the connector makes, and a few that its tests make."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from connectors.calendly.sandbox.people import CalendlySandbox
from connectors.calendly.sandbox.shapes import HOST, Json, last, uri
from connectors.calendly.sandbox.state import ROUTING_PLANS, RefusalError, Token, answer, denied, invalid, missing
from hub.sandbox import Answer

Query = dict[str, str]
Handler = Callable[[Token, Query, Json, Query], Answer]
_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(sandbox: CalendlySandbox) -> APIRouter:
    """Every route; what is none of them is Calendly's own 404."""
    router = APIRouter()
    calls = Calls(sandbox)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/users/me", calls.me),
        ("GET", "/users/{uuid}", calls.user),
        ("GET", "/organization_memberships", calls.memberships),
        ("GET", "/event_types", calls.event_types),
        ("GET", "/event_types/{uuid}", calls.event_type),
        ("GET", "/scheduled_events", calls.events),
        ("GET", "/scheduled_events/{uuid}", calls.event),
        ("GET", "/scheduled_events/{uuid}/invitees", calls.invitees),
        ("GET", "/scheduled_events/{uuid}/invitees/{invitee}", calls.invitee),
        ("POST", "/scheduled_events/{uuid}/cancellation", calls.cancel),
        ("POST", "/invitee_no_shows", calls.mark),
        ("GET", "/invitee_no_shows/{uuid}", calls.no_show),
        ("DELETE", "/invitee_no_shows/{uuid}", calls.unmark),
        ("POST", "/scheduling_links", calls.link),
        ("GET", "/routing_forms", calls.forms),
        ("GET", "/routing_forms/{uuid}", calls.form),
        ("GET", "/routing_form_submissions", calls.submissions),
        ("GET", "/routing_form_submissions/{uuid}", calls.submission),
        ("GET", "/webhook_subscriptions", calls.hooks),
        ("POST", "/webhook_subscriptions", calls.subscribe),
        ("GET", "/webhook_subscriptions/{uuid}", calls.hook),
        ("DELETE", "/webhook_subscriptions/{uuid}", calls.unsubscribe),
    )
    for verb, path, handler in table:
        router.add_api_route(path, _route(sandbox, handler), methods=[verb])
    router.add_api_route("/{anything:path}", _route(sandbox, calls.nothing), methods=_VERBS)
    return router


class Calls:
    """What each call does. Arguments: whose call it is, the query, the body, the path's parts."""

    def __init__(self, sandbox: CalendlySandbox) -> None:
        self._box = sandbox

    def nothing(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        raise missing()

    def me(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(self._box.users[last(token.user)])

    def user(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(_found(self._box.users, parts["uuid"]))

    def memberships(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        rows = list(self._box.memberships.values())
        if query.get("user"):
            if query["user"] != token.user and not self._box.is_admin(token.user):
                raise denied()
            rows = [row for row in rows if row["user"]["uri"] == query["user"]]
        else:
            self._of_all(token, query)
        return _listed("/organization_memberships", query, rows)

    def event_types(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        owner = self._whose(token, query)
        rows = [row for row in self._box.event_types.values() if row["deleted_at"] is None]
        if owner is not None:
            rows = [row for row in rows if row["profile"]["owner"] == owner]
        if query.get("active"):
            rows = [row for row in rows if row["active"] is (query["active"] == "true")]
        return _listed("/event_types", query, sorted(rows, key=lambda row: (row["name"], row["uri"])))

    def event_type(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(_found(self._box.event_types, parts["uuid"]))

    def events(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        owner = self._whose(token, query)
        rows = list(self._box.events.values())
        if owner is not None:
            rows = [row for row in rows if owner in _hosts(row)]
        if query.get("status"):
            rows = [row for row in rows if row["status"] == query["status"]]
        low, high = _time(query, "min_start_time"), _time(query, "max_start_time")
        rows = [
            row
            for row in rows
            if (low is None or datetime.fromisoformat(row["start_time"]) > low)
            and (high is None or datetime.fromisoformat(row["start_time"]) < high)
        ]
        rows.sort(key=lambda row: (row["start_time"], row["uri"]), reverse=query.get("sort", "").endswith(":desc"))
        return _listed("/scheduled_events", query, rows)

    def event(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(self._event(token, parts["uuid"]))

    def invitees(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        event = self._event(token, parts["uuid"])
        rows = self._box.invited(event)
        for name in ("status", "email"):
            if query.get(name):
                rows = [row for row in rows if row[name] == query[name]]
        return _listed(f"/scheduled_events/{parts['uuid']}/invitees", query, rows)

    def invitee(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        event = self._event(token, parts["uuid"])
        found = _found(self._box.invitees, parts["invitee"])
        if found["event"] != event["uri"]:
            raise missing()
        return _one(found)

    def cancel(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        event = self._event(token, parts["uuid"])
        return _one(self._box.cancel_event(token, last(event["uri"]), body.get("reason")), 201)

    def mark(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        reference = body.get("invitee")
        found = self._box.invitees.get(last(reference)) if isinstance(reference, str) else None
        if found is None or found["uri"] != reference:
            raise invalid("invitee", "must be the reference of an invitee")
        event = self._event(token, last(found["event"]))
        if found["no_show"] is not None:
            raise invalid("invitee", "is marked as a no show already")
        if datetime.fromisoformat(event["start_time"]) > self._box.now():
            raise denied("The event has not started yet")
        return _one(self._box.no_shows[last(self._box.mark_no_show(_key(found)))], 201)

    def no_show(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(_found(self._box.no_shows, parts["uuid"]))

    def unmark(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._box.unmark_no_show(_found(self._box.no_shows, parts["uuid"])["uri"])
        return Answer(204, b"")

    def link(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        if body.get("max_event_count") != 1 or body.get("owner_type") != "EventType":
            raise invalid("max_event_count", "must be 1")
        owner = body.get("owner")
        found = self._box.event_types.get(last(owner)) if isinstance(owner, str) else None
        if found is None or found["uri"] != owner or found["deleted_at"] is not None:
            raise invalid("owner", "must be the reference of an event type")
        url = f"https://calendly.com/d/{self._box.uuid()[:8]}/{found['slug']}"
        return _one({"booking_url": url, "owner": owner, "owner_type": "EventType"}, 201)

    def forms(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._has_forms(token)
        self._of_all(token, query)
        return _listed("/routing_forms", query, list(self._box.forms.values()))

    def form(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._has_forms(token)
        return _one(_found(self._box.forms, parts["uuid"]))

    def submissions(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._has_forms(token)
        form = query.get("form", "")
        if form != uri("routing_forms", last(form)) or last(form) not in self._box.forms:
            raise invalid("form", "must be the reference of a routing form")
        rows = [row for row in self._box.submissions.values() if row["routing_form"] == form]
        rows.sort(key=lambda row: row["created_at"], reverse=query.get("sort", "").endswith(":desc"))
        return _listed("/routing_form_submissions", query, rows)

    def submission(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._has_forms(token)
        return _one(_found(self._box.submissions, parts["uuid"]))

    def hooks(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        rows = self._box.subscriptions(token, query.get("organization"), query.get("scope"), query.get("user"))
        return _listed("/webhook_subscriptions", query, rows)

    def hook(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(_found(self._box.hooks, parts["uuid"]))

    def subscribe(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        return _one(self._box.subscribe(token, body), 201)

    def unsubscribe(self, token: Token, query: Query, body: Json, parts: Query) -> Answer:  # noqa: ARG002
        self._box.unsubscribe(token, parts["uuid"])
        return Answer(204, b"")

    def _event(self, token: Token, key: str) -> Json:
        found = _found(self._box.events, key)
        if not self._box.is_admin(token.user) and token.user not in _hosts(found):
            raise denied("You are not allowed to view this event")
        return found

    def _has_forms(self, token: Token) -> None:
        if self._box.plan not in ROUTING_PLANS:
            raise denied("Please upgrade to a paid Calendly account.")
        if not self._box.is_admin(token.user):
            raise denied()

    def _of_all(self, token: Token, query: Query) -> None:
        """The whole organization, which only owners and administrators may read."""
        if query.get("organization") is None:
            raise invalid("organization", "must be given")
        if query["organization"] != self._box.organization or not self._box.is_admin(token.user):
            raise denied()

    def _whose(self, token: Token, query: Query) -> str | None:
        """The user whose things are asked for; None: everybody's."""
        user = query.get("user")
        if user is None:
            self._of_all(token, query)
        elif user != token.user and not self._box.is_admin(token.user):
            raise denied("You do not have permission")
        return user


def _route(sandbox: CalendlySandbox, handler: Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        found = await run_in_threadpool(_call, sandbox, handler, request, body)
        return Response(found.body, found.status, found.headers)

    return endpoint


def _call(sandbox: CalendlySandbox, handler: Handler, request: Request, body: bytes) -> Answer:
    token = sandbox.token(dict(request.headers))
    assert token is not None  # noqa: S101  the wire refused those without
    try:
        given = json.loads(body) if body else {}
        if not isinstance(given, dict):
            raise invalid("body", "must be an object")
        with sandbox.lock:
            return handler(token, dict(request.query_params), given, dict(request.path_params))
    except RefusalError as refused:
        return refused.answer
    except json.JSONDecodeError:
        return invalid("body", "must be JSON").answer


def _found(rows: dict[str, Json], key: str) -> Json:
    if key not in rows:
        raise missing()
    return rows[key]


def _one(found: Json, status: int = 200) -> Answer:
    return answer(status, {"resource": found})


def _hosts(event: Json) -> list[str]:
    return [each["user"] for each in event["event_memberships"]]


def _key(invitee: Json) -> str:
    return f"{last(invitee['event'])}/{last(invitee['uri'])}"


def _time(query: Query, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(query[name]) if query.get(name) else None
    except ValueError:
        raise invalid(name, "must be a time in UTC") from None
    if found is not None and found.tzinfo is None:
        raise invalid(name, "must be a time in UTC")
    return found


def _listed(path: str, query: Query, rows: list[Json]) -> Answer:
    """A page: `count` rows (20) behind the one that `page_token` names."""
    asked = query.get("count", "20")
    if not asked.isdigit() or not 1 <= int(asked) <= 100:
        raise invalid("count", "must be between 1 and 100")
    start = 0
    if query.get("page_token"):
        try:
            before = base64.urlsafe_b64decode(query["page_token"]).decode()
        except (binascii.Error, ValueError):
            raise invalid("page_token", "is invalid") from None
        start = 1 + next((place for place, row in enumerate(rows) if row["uri"] == before), len(rows))
    page = rows[start : start + int(asked)]
    more = start + len(page) < len(rows)
    token = base64.urlsafe_b64encode(page[-1]["uri"].encode()).decode() if more else None
    paging = {
        "count": len(page),
        "next_page": f"{HOST}{path}?count={asked}&page_token={token}" if more else None,
        "previous_page": None,
        "next_page_token": token,
        "previous_page_token": None,
    }
    return answer(200, {"collection": page, "pagination": paging})
