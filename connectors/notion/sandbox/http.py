"""The API on the wire: token, version, rate limit, faults, routing, request ids, and the log of it all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.notion.sandbox import content, pages, tables, templates, uploads, views
from connectors.notion.sandbox.call import Call
from connectors.notion.sandbox.errors import Json, NotionError, invalid
from connectors.notion.sandbox.faults import COMMITTED, REFUSALS, SILENT, Fault, committed
from connectors.notion.sandbox.meter import Meter, Seen
from connectors.notion.sandbox.objects import VERSIONS
from connectors.notion.sandbox.state import Caller, State, new_id

Handler = Callable[[Call], Json]

MOST_BYTES = 500 * 1024
"""The largest JSON body."""

RAW_SEND = "sandbox.send"
"""Key of the ASGI scope under which the app leaves the server's own `send`, the way to the socket."""

ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/v1/users/me"): tables.get_self,
    ("GET", "/v1/users"): tables.list_users,
    ("GET", "/v1/users/{user_id}"): tables.get_user,
    ("POST", "/v1/search"): tables.search,
    ("POST", "/v1/databases"): tables.create_database,
    ("GET", "/v1/databases/{database_id}"): tables.get_database,
    ("PATCH", "/v1/databases/{database_id}"): tables.update_database,
    ("POST", "/v1/data_sources"): tables.create_source,
    ("GET", "/v1/data_sources/{data_source_id}"): tables.get_source,
    ("PATCH", "/v1/data_sources/{data_source_id}"): tables.update_source,
    ("POST", "/v1/data_sources/{data_source_id}/query"): tables.query_source,
    ("GET", "/v1/data_sources/{data_source_id}/templates"): templates.list_templates,
    ("POST", "/v1/pages"): pages.create_page,
    ("GET", "/v1/pages/{page_id}"): pages.get_page,
    ("PATCH", "/v1/pages/{page_id}"): pages.update_page,
    ("GET", "/v1/pages/{page_id}/properties/{property_id}"): pages.get_property,
    ("GET", "/v1/blocks/{block_id}"): content.get_block,
    ("PATCH", "/v1/blocks/{block_id}"): content.update_block,
    ("DELETE", "/v1/blocks/{block_id}"): content.delete_block,
    ("GET", "/v1/blocks/{block_id}/children"): content.list_children,
    ("PATCH", "/v1/blocks/{block_id}/children"): content.append_children,
    ("POST", "/v1/comments"): content.create_comment,
    ("GET", "/v1/comments"): content.list_comments,
    ("GET", "/v1/comments/{comment_id}"): content.get_comment,
    ("GET", "/v1/views"): views.list_views,
    ("POST", "/v1/views"): views.create_view,
    ("GET", "/v1/views/{view_id}"): views.get_view,
    ("PATCH", "/v1/views/{view_id}"): views.update_view,
    ("DELETE", "/v1/views/{view_id}"): views.delete_view,
    ("POST", "/v1/file_uploads"): uploads.create,
    ("GET", "/v1/file_uploads"): uploads.list_uploads,
    ("GET", "/v1/file_uploads/{file_upload_id}"): uploads.retrieve,
    ("POST", "/v1/file_uploads/{file_upload_id}/send"): uploads.send,
    ("POST", "/v1/file_uploads/{file_upload_id}/complete"): uploads.complete,
}
FORMS = (uploads.send,)
"""Calls whose body is a form with a file instead of JSON; the limit on JSON does not concern them."""
_PATTERNS = [
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route)), route, handler)
    for (method, route), handler in ROUTES.items()
]


class Api:
    """Answers every call below /v1."""

    def __init__(self, state: State, meter: Meter, faults: list[Fault]) -> None:
        self.state = state
        self.meter = meter
        self.faults = faults
        self.latency = 0.0

    async def answer(self, request: Request) -> Response:
        """The Starlette endpoint. The work itself is synchronous and runs on the server's thread, under the lock."""
        raw = await request.body()
        method, path = request.method, request.scope["raw_path"].decode("ascii")
        params, route, handler = _match(method, path)
        with self.state.lock:
            seen = self._see(request, method, path, route, raw)
            caller, fault, refusal = self._admit(request, seen)
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault is not None and fault.kind in SILENT:
            return Dropped(fault.seconds if fault.kind == "timeout_before" else 0.0)
        if fault is not None and fault.kind == "bad_gateway":
            seen.status = 502
            return Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, media_type="text/html")
        with self.state.lock:
            try:
                if refusal is not None:
                    raise refusal
                assert caller is not None  # noqa: S101 - whoever has no token was refused
                self.state.later.settle()
                body = self._work(request, seen, params, handler, caller, raw)
                status, headers = 200, {}
                if fault is not None and fault.kind == "committed_503":
                    raise committed(body, next(iter(params.values()), None))
            except NotionError as error:
                status, headers, body = error.status, error.headers, error.body()
                self.meter.rate_limited += status == 429
            else:
                if fault is not None and fault.kind in COMMITTED:
                    return self._hide(seen, fault, body)
            seen.status = status
        return _json(body, status, headers, seen.request_id)

    def _see(self, request: Request, method: str, path: str, route: str, raw: bytes) -> Seen:
        query = parse_qs(request.scope["query_string"].decode("ascii"), keep_blank_values=True)
        body: Any = None
        with contextlib.suppress(ValueError):
            body = json.loads(raw, parse_constant=_no_constant) if raw else {}
        seen = Seen(at=self.state.now(), method=method, path=path, route=route, query=query, body=body, size=len(raw))
        seen.request_id = new_id()
        self.meter.log(seen)
        return seen

    def _admit(self, request: Request, seen: Seen) -> tuple[Caller | None, Fault | None, NotionError | None]:
        """Token, rate limit, planted faults, in this order: who calls, what befalls the call, why it is refused."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        caller = self.state.bots.get(token) if kind == "Bearer" else None
        if caller is None:
            return None, None, NotionError(401, "unauthorized", "API token is invalid.")
        seen.workspace = caller.workspace.name
        refusal = self.meter.admit(caller.id, seen.at)
        if refusal is not None:
            return caller, None, refusal
        fault = next((fault for fault in self.faults if fault.strikes(seen.method, seen.path, seen.route)), None)
        if fault is not None:
            seen.fault = fault.kind
            refusal = fault.refusal() if fault.kind in REFUSALS else None
        return caller, fault, refusal

    def _work(
        self,
        request: Request,
        seen: Seen,
        params: dict[str, str],
        handler: Handler | None,
        caller: Caller,
        raw: bytes,
    ) -> Json:
        version = request.headers.get("notion-version")
        if version is None:
            message = "Notion-Version header failed validation: Notion-Version header should be defined."
            raise NotionError(400, "missing_version", message)
        if version not in VERSIONS:
            raise invalid(f"Notion-Version {version} is not played here; use one of {', '.join(VERSIONS)}.")
        if handler is None:
            raise NotionError(400, "invalid_request_url", "Invalid request URL.")
        form = handler in FORMS
        if not form:
            _is_json(seen)
        call = Call(
            state=self.state,
            caller=caller,
            version=version,
            params=params,
            query=seen.query,
            body={} if form or seen.method == "GET" else seen.body,
            raw=raw if form else b"",
            content_type=request.headers.get("content-type", ""),
        )
        return handler(call)

    def _hide(self, seen: Seen, fault: Fault, body: Json) -> Response:
        if fault.kind == "truncated_json":
            seen.status = 200
            whole = _json(body, 200, {}, seen.request_id)
            return Response(bytes(whole.body)[: len(whole.body) // 2], 200, media_type="application/json")
        return Dropped(fault.seconds if fault.kind == "timeout_after_commit" else 0.0)


class Dropped(Response):
    """No answer: silent for some seconds or until the caller leaves, then the connection is reset."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        transport = getattr(getattr(scope.get(RAW_SEND), "__self__", None), "transport", None)
        if transport is None:
            raise RuntimeError("The sandbox drops connections only when uvicorn serves it.")
        connection = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await asyncio.sleep(0)  # lets the server see that the connection is gone
        await asyncio.sleep(0)


def _match(method: str, path: str) -> tuple[dict[str, str], str, Handler | None]:
    for verb, pattern, route, handler in _PATTERNS:
        if verb == method and (found := pattern.fullmatch(path)):
            return {name: unquote(value) for name, value in found.groupdict().items()}, route, handler
    return {}, path, None


def _is_json(seen: Seen) -> None:
    """Refuse a body that is too long, no JSON or no object."""
    if seen.size > MOST_BYTES:
        raise invalid(f"The request body is over 500 KB: {seen.size} bytes.")
    if seen.body is None:
        raise NotionError(400, "invalid_json", "Error parsing JSON body.")
    if not isinstance(seen.body, dict):
        raise invalid("body failed validation: body should be an object.")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _json(body: Json, status: int, headers: dict[str, str], request_id: str) -> Response:
    content = json.dumps({**body, "request_id": request_id}, ensure_ascii=False, separators=(",", ":"))
    return Response(
        content.encode(),
        status,
        headers={**headers, "x-notion-request-id": request_id},
        media_type="application/json; charset=utf-8",
    )
