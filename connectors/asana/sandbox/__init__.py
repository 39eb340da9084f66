"""Asana in small: a FastAPI app on a real socket, stateful, for the demo and the tests.

    app = create_app()                        # serve it with uvicorn; Asana's API is below /api/1.0
    sandbox = app.state.sandbox               # the controls below, in process
    project = sandbox.add_project("Clients")  # what a person would make

It plays the calls of `reads.ROUTES`, `writes.ROUTES` and `jobs.ROUTES`: the `data` envelope, compact records and
`opt_fields`, paging by `limit`, event streams with sync tokens, webhooks with their handshake, jobs, and the limits of
a minute (150 or 1,500 by the workspace's plan) and of calls in flight (50 and 15). The token is `asana_sandbox`, of
Claire Dupont, in the workspace "Sandbox", on a paid plan. It knows nothing of the connector. It is stricter than it
must be where Asana's documents are silent: a second webhook of one resource and target is refused, and so are parts of
a body that a call does not take.

Controls beside those of `hub.sandbox` (advance, fail, heal, counts, webhooks), in process or as POST /_sandbox/NAME:
add_workspace, set_plan, add_user, join, add_token, add_team, add_project, add_section, add_field, add_tag, add_task,
edit_task, move_task, take_task_out, delete_task, restore_task, add_comment, change_project, add_template, expire_syncs,
finish_jobs, heartbeat, switch_off, drop_webhook, limit, task, tasks. In process also: `double` (every event twice),
`refuse_private` (webhook targets on this machine are refused with 403, as Asana does), `job_states`, `work_seconds`,
`most_at_once`.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import nullcontext
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from connectors.asana.sandbox import jobs, reads, writes
from connectors.asana.sandbox.controls import AsanaSandbox
from connectors.asana.sandbox.http import ApiError, Asked, Handler, refusal
from connectors.asana.sandbox.world import TOKEN
from hub.sandbox import Answer, made

__all__ = ["TOKEN", "AsanaSandbox", "create_app"]

PREFIX = "/api/1.0"
_WITHOUT_LOCK = (writes.make_webhook,)


def create_app() -> FastAPI:
    """The app; `app.state.sandbox` is its AsanaSandbox."""
    sandbox = AsanaSandbox()
    router = APIRouter()
    routes = _routes()

    @router.api_route(PREFIX + "/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def call(rest: str, request: Request) -> Response:
        if sandbox.work_seconds:
            await asyncio.sleep(sandbox.work_seconds)
        body = await request.body()
        params = dict(request.query_params)
        answer = await run_in_threadpool(_answered, sandbox, routes, request, f"/{rest}", params, body)
        return Response(answer.body, answer.status, answer.headers)

    return made(sandbox, router)


def _routes() -> list[tuple[re.Pattern[str], Handler]]:
    every = {f"GET {path}": handler for path, handler in reads.ROUTES.items()} | dict(writes.ROUTES) | dict(jobs.ROUTES)
    return [(re.compile(re.escape(path).replace(r"\*", "([^/]+)")), handler) for path, handler in every.items()]


def _answered(
    sandbox: AsanaSandbox,
    routes: list[tuple[re.Pattern[str], Handler]],
    request: Request,
    path: str,
    params: dict[str, str],
    body: bytes,
) -> Answer:
    for pattern, handler in routes:
        if found := pattern.fullmatch(f"{request.method} {path}"):
            try:
                user = sandbox.user_of(request.headers)
                workspaces = sandbox.world.tokens[sandbox.token_of(request.headers)].workspaces
                asked = Asked(user, workspaces, path, found.groups(), params, _data(request.method, body))
                with nullcontext() if handler in _WITHOUT_LOCK else sandbox.lock:
                    return handler(sandbox, asked)
            except ApiError as error:
                return error.answer
    return refusal(404, "No matching route for request")


def _data(method: str, body: bytes) -> dict[str, Any]:
    if method in ("GET", "DELETE") or not body:
        return {}
    try:
        data = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        raise ApiError(400, "Could not parse request data, invalid JSON or no data") from None
    if not isinstance(data, dict):
        raise ApiError(400, "data: Not an object")
    return data
