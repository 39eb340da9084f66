"""The hub's web part: webhooks, health, status. It never imports Prefect and never calls a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import HTMLResponse
from starlette.routing import Route

from hub import __version__
from hub.engine.inbox import Inbox
from hub.engine.receivers import HubView
from hub.store.database import Store
from hub.web import answers, health, pages, unsubscribe, webhooks
from hub.web.problems import answer_problems


def _utc_now() -> datetime:
    return datetime.now(UTC)


class _App(FastAPI):
    """FastAPI, with the one route that is not FastAPI's in its description."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            super().openapi()["paths"][webhooks.PATH] = _WEBHOOKS
        return super().openapi()


def create_app(
    store: Store,
    hub: HubView,
    *,
    status_key: SecretStr,
    own_key: bytes | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> FastAPI:
    """The ASGI application. It borrows `store` and starts one thread, which ends when the application stops.

    `status_key` opens the status; an empty one keeps it shut. What `hub` says is read anew for each request.
    `own_key`: the hub's own key, that opens the addresses in its mails (/unsubscribe, /answer); None: it sends none.
    """
    inboxes: list[Inbox] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        inboxes.append(Inbox(store))
        try:
            yield
        finally:
            await inboxes.pop().close()

    app = _App(
        title="Hub",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
        # Its tracing would send whole addresses, and with them the status key, to wherever OTEL_* points (R11).
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        redirect_slashes=False,  # a provider takes a redirect for a failure
    )
    receiving = webhooks.Webhooks(hub, lambda: inboxes[0], now)
    app.router.routes.append(Route(webhooks.PATH, receiving, methods=["POST", "HEAD"]))
    app.include_router(health.router(store, hub, status_key, now))
    if own_key is not None:
        app.include_router(unsubscribe.router(store, hub, own_key, now))
        app.include_router(answers.router(store, hub, own_key, now))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return pages.page("Hub: addresses", pages.docs(app.openapi()))

    answer_problems(app)
    return app


_TEXT = {"type": "string"}
_PROBLEM = {
    "description": "Refused; the body says why.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_WEBHOOKS = {
    "post": {
        "summary": "A provider tells us that something changed",
        "description": "Answers 200 once the delivery is on the disk. Repeats are counted once.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _TEXT} for name in ("business", "connection")
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {"description": "Stored, whether or not the hub follows this type of event."},
            "400": _PROBLEM,
            "403": _PROBLEM,
            "404": _PROBLEM,
            "413": _PROBLEM,
            "503": _PROBLEM,
        },
    }
}
