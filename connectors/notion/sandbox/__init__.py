"""Notion in small: a FastAPI app on a real socket, stateful, for the demo and the tests.

    app = create_app()                     # serve it with uvicorn; Notion's API is below /v1
    sandbox = app.state.sandbox            # the controls below, in process
    page = sandbox.share_page("Pilotage")  # the page that a person shares with the integration

It plays the calls that `http.ROUTES` lists, for the versions 2025-09-03 and 2026-03-11, with Notion's paths,
bodies, ids, paging, limits, error bodies and times. The token is `ntn_sandbox` (workspace "Sandbox"). It knows nothing
of the connector. It is stricter than it must be where the facts are silent: `query` sorts the newest row first
when a query has no sorts, dates lose their seconds, formulas are not computed, files are not fetched from elsewhere,
dashboards and the queries of views are not played.

Controls, in process as methods of `app.state.sandbox`, over HTTP as `POST /_sandbox/<name>` with a JSON object of the
same arguments, answered by `{"result": …}` (400 {"error"} when an argument is wrong, 404 for an unknown id). Workspaces
are named, and made when new. Ids are dashed UUIDs.

    add_token(token, workspace="Sandbox", name="Hub") -> bot user id
    add_person(name, email, workspace="Sandbox")      -> user id; a second one of a name
    allow(users, comments, token="ntn_sandbox")       users: "emails", "names" or "none"; comments: bool
    share_page(title, workspace="Sandbox") -> page id
    unshare_page(page_id); share_again(page_id)
    edit_as_person(page_id, edits, person="Lila")        edits: {property name: plain value or None}, or a block's text
    add_row_as_person(data_source_id, values, person="Lila") -> page id
    add_block_as_person(parent_id, text, kind="paragraph", person="Lila", after=None) -> block id
    trash_as_person(thing_id, person="Lila"); restore_as_person(thing_id, person="Lila")
    change_schema_as_person(data_source_id, properties, person="Lila")     properties as PATCH /data_sources takes them
    add_template(data_source_id, name, is_default=False, person="Lila") -> template id, a page to be filled as any other
    comment_as_person(page or block id, text, person="Lila") -> comment id
    change_comment_as_person(comment_id, text, person="Lila")       text null: the comment is deleted

    fault(kind, *, method="*", path="*", times=None, skip=0, every_nth=1, probability=1.0, seed=0, seconds=30.0,
          retry_after=1, reason="public_api_request_rate_limit"); clear_faults()
        kind: rate_limited overload conflict internal unavailable gateway_timeout block_limit bad_gateway (nothing done)
              timeout_before reset (nothing done, nothing answered)
              committed_503 timeout_after_commit reset_after_commit truncated_json (done, the answer hidden)
        path: a route template ("/v1/pages/{page_id}") or a pattern over the path ("/v1/pages*")
        seconds: how long a time-out is silent before the connection drops
    settings(*, rate_limit, rate_window, latency, max_query_results, search_lag, template_lag, time_zone)
        -> all settings
        template_lag: seconds (1.0) until a row made from a template has its first block; twice that for the rest
        rate_limit: calls per connection and sliding rate_window (60.0 s), None (the default): no limit; Notion's is 180
    plan(blocks=None, charts=None, views=True, uploads=True) -> {workspace: blocks made in its life}
        blocks: how many a workspace may make in its life, charts: how many it may have; None: any number. Notion's free
        plan: 1000 (with several members) and 1. views, uploads: whether views can be called and files be sent.

    subscribe(url, workspace="Sandbox", api_version="2026-03-11", types=None, aggregated=True) -> {"id", "token"}
    confirm(subscription_id, token) -> bool; resend_token(subscription_id) -> status; unsubscribe(subscription_id)
    deliver_webhooks(copies=1, shuffle_seed=None, drop=False) -> [{"event", "type", "attempt", "status"}]
    deliver_webhooks_every(seconds | None); waiting_webhooks() -> [event]

    stats() -> {"calls", "total", "writes", "highest_window", "rate_limited", "faults"}
    log(method=None, route=None, last=1000) -> [call]; reset_counters(); wipe()
    page(page_id) -> page object; rows(data_source id or title, workspace="Sandbox") -> [{"id", name: value}]
    tables(workspace="Sandbox") -> [{"id", "database_id", "title", "rows"}]; text(page_id) -> str
    In process only: `requests` (list of `meter.Seen`) and `calls` (Counter of (method, route template)).

A browser finds the pages at /_sandbox/ and /_sandbox/pages/{id}; a terminal at /_sandbox/pages/{id}.txt.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Body, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from connectors.notion.sandbox.control import NotionSandbox
from connectors.notion.sandbox.errors import NotionError
from connectors.notion.sandbox.files import Upload
from connectors.notion.sandbox.http import RAW_SEND
from connectors.notion.sandbox.render import Renderer
from connectors.notion.sandbox.state import Page

CONTROLS = frozenset(
    """
    add_token add_person allow share_page unshare_page share_again edit_as_person add_row_as_person add_block_as_person
    trash_as_person restore_as_person change_schema_as_person add_template comment_as_person
    change_comment_as_person fault clear_faults settings plan subscribe
    confirm resend_token unsubscribe deliver_webhooks deliver_webhooks_every waiting_webhooks stats log
    reset_counters wipe page rows tables text
    """.split()  # noqa: SIM905 - easier to read as a text
)


class _App(FastAPI):
    """Keeps the server's own `send` in the scope, so that a planted fault can cut the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[RAW_SEND] = send
        await super().__call__(scope, receive, send)


def create_app(now: Callable[[], datetime] | None = None) -> FastAPI:
    """The app. `now` gives aware instants, for pages, rate window and webhooks; None: the machine's clock."""
    sandbox = NotionSandbox(now or _utc_now)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        sandbox.deliver_webhooks_every(None)

    app = _App(title="Notion sandbox", lifespan=lifespan, openapi_url=None)
    app.state.sandbox = sandbox
    app.add_route("/v1/{rest:path}", sandbox.api.answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    _browsing(app, sandbox)

    @app.post("/_sandbox/{name}")
    def control(name: str, given: Annotated[dict[str, Any] | None, Body()] = None) -> JSONResponse:
        if name not in CONTROLS:
            return JSONResponse({"error": f"{name} is no control; there are {', '.join(sorted(CONTROLS))}."}, 404)
        try:
            return JSONResponse({"result": getattr(sandbox, name)(**(given or {}))})
        except KeyError as error:
            return JSONResponse({"error": str(error.args[0])}, 404)
        except (TypeError, ValueError, NotionError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return app


def _browsing(app: FastAPI, sandbox: NotionSandbox) -> None:
    @app.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse("/_sandbox/")

    @app.get("/_sandbox/")
    def index() -> HTMLResponse:
        with sandbox.state.lock:
            return HTMLResponse(Renderer(sandbox.state, sandbox.zone).index())

    @app.get("/_sandbox/pages/{page_id}.txt")
    def page_text(page_id: str) -> PlainTextResponse:
        try:
            return PlainTextResponse(sandbox.text(page_id))
        except KeyError as error:
            return PlainTextResponse(f"{error.args[0]}\n", 404)

    @app.get("/_sandbox/pages/{page_id}")
    def page(page_id: str) -> HTMLResponse:
        with sandbox.state.lock:
            try:
                return HTMLResponse(Renderer(sandbox.state, sandbox.zone).page(sandbox.state.get(page_id, Page)))
            except KeyError as error:
                return HTMLResponse(str(error.args[0]), 404)

    @app.get("/_sandbox/files/{upload_id}")
    def file(upload_id: str) -> Response:
        try:
            upload = sandbox.state.get(upload_id, Upload)
        except KeyError as error:
            return PlainTextResponse(f"{error.args[0]}\n", 404)
        return Response(upload.data or b"", media_type=upload.content_type)

    @app.get("/_sandbox/stats")
    def stats() -> JSONResponse:
        return JSONResponse(sandbox.stats())


def _utc_now() -> datetime:
    return datetime.now(UTC)
