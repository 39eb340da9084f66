"""From HTTP to the routes: one table of method, path and function."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from connectors.trello.sandbox import hooks, reads, writes
from connectors.trello.sandbox.calls import Ask, Refusal, values_of
from hub.sandbox import Answer, Call

if TYPE_CHECKING:
    from connectors.trello.sandbox.person import TrelloSandbox

Route = Callable[["TrelloSandbox", Ask], Any]
_ROUTES: tuple[tuple[str, str, Route], ...] = (*reads.ROUTES, *writes.ROUTES, *hooks.ROUTES)
_OWN_LOCK = frozenset({hooks.create})
"""Routes that call others while they answer, and so cannot hold the lock."""


def router(sandbox: "TrelloSandbox") -> APIRouter:
    """Everything under /1."""
    routes = APIRouter()

    @routes.api_route("/1/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def called(path: str, request: Request) -> Response:
        call = Call(
            method=request.method,
            path=path,
            query=request.url.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            at=0.0,
        )
        answer = await run_in_threadpool(_answer, sandbox, call)
        return Response(answer.body, answer.status, answer.headers)

    return routes


def _answer(sandbox: "TrelloSandbox", call: Call) -> Answer:
    try:
        with sandbox.lock:
            token = sandbox.caller(call)
        _may(call, token)
        route, parts = _found(call)
        ask = Ask(parts, _given(call), token)
        if route in _OWN_LOCK:
            found = route(sandbox, ask)
        else:
            with sandbox.lock:
                found = json.loads(json.dumps(route(sandbox, ask)))  # as it is now: others may change it
    except Refusal as refusal:
        return refusal.answer()
    return Answer(200, json.dumps(found, ensure_ascii=False).encode(), _JSON)


_JSON = {"content-type": "application/json; charset=utf-8"}


def _may(call: Call, token: dict[str, Any]) -> None:
    if call.method != "GET" and not token["write"]:
        raise Refusal(401, "unauthorized permission requested")


def _found(call: Call) -> tuple[Route, tuple[str, ...]]:
    steps = call.path.strip("/").split("/")
    for method, pattern, route in _ROUTES:
        wanted = pattern.split("/")
        if method == call.method and len(wanted) == len(steps):
            pairs = list(zip(wanted, steps, strict=True))
            if all(want in ("*", step) for want, step in pairs):
                return route, tuple(step for want, step in pairs if want == "*")
    raise Refusal(404, f"Cannot {call.method} /1/{call.path}")


def _given(call: Call) -> dict[str, Any]:
    given: dict[str, Any] = dict(values_of(call.query))
    kind = call.headers.get("content-type", "")
    if call.body and kind.startswith("application/json"):
        try:
            body = json.loads(call.body)
        except ValueError:
            raise Refusal(400, "Error parsing body: invalid JSON") from None
        given.update(body if isinstance(body, dict) else {})
    elif call.body and kind.startswith("application/x-www-form-urlencoded"):
        given.update(values_of(call.body.decode()))
    return given
