"""The wire: keys, versions, idempotency, faults, and the bytes of every answer.

Plain ASGI and cached JSON: a read by id must cost the sandbox next to nothing, so that a bench measures the hub.
"""

import asyncio
import base64
import hashlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from connectors.stripe.sandbox.expand import expand, tree_of
from connectors.stripe.sandbox.faults import Fault
from connectors.stripe.sandbox.hook_routes import VERSION
from connectors.stripe.sandbox.old_shapes import old_shape
from connectors.stripe.sandbox.params import ApiError, Json, Params, decode_form, invalid
from connectors.stripe.sandbox.routes import Answer, Call, Page, Raw
from connectors.stripe.sandbox.state import Account, Moment, dumps, is_old, shown

if TYPE_CHECKING:
    from connectors.stripe.sandbox import Sandbox

_DAY = 86_400
_JSON = (b"content-type", b"application/json")
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_BROKEN = ("timeout_before", "reset", "timeout_after_commit", "reset_after_commit", "truncated_json")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Request:
    """One request."""

    method: str
    path: str
    query: str
    headers: dict[bytes, bytes]
    body: bytes


@dataclass(slots=True)
class Reply:
    """What goes back; with `broken` the bytes never arrive, or not all of them."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    broken: str | None = None
    seconds: float = 0.0


class Stored(NamedTuple):
    """The first answer to an Idempotency-Key."""

    at: int
    fingerprint: bytes
    request_id: bytes
    status: int
    body: bytes


@dataclass(slots=True)
class Exchange:
    """What is known of a request while it is answered."""

    sandbox: "Sandbox"
    request: Request
    request_id: str
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    account: Account = field(init=False)
    key: str = ""
    version: str = ""
    fault: Fault | None = None
    template: str = "unknown"


class StripeApi:
    """The ASGI application that plays api.stripe.com; everything below /_sandbox is left to `app`."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], sandbox: "Sandbox") -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], scope["path"], query, dict(scope["headers"]), body)
        if self._sandbox.latency:
            await asyncio.sleep(self._sandbox.latency)
        reply = answer(self._sandbox, request)
        if reply.broken is not None:
            await _break(reply, receive, send)
            return
        length = (b"content-length", str(len(reply.body)).encode())
        await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, length]})
        await send({"type": "http.response.body", "body": reply.body})


async def _break(reply: Reply, receive: Receive, send: Send) -> None:
    """Keep silent and hang up, reset the connection, or send half of the answer."""
    if reply.seconds:
        await asyncio.sleep(reply.seconds)
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("The sandbox was told to break this connection.")
    if reply.broken == "truncated_json":
        length = (b"content-length", str(len(reply.body)).encode())
        await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, length]})
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
        transport.close()
    elif str(reply.broken).startswith("reset"):
        # With no linger, closing sends a reset instead of an orderly end.
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await receive()


def answer(sandbox: "Sandbox", request: Request) -> Reply:
    """Decide, execute, remember and log one request."""
    with sandbox.lock:
        made = Exchange(sandbox, request, sandbox.next_request_id())
        made.headers += [_JSON, (b"request-id", made.request_id.encode())]
        try:
            made.account, made.key = _who(sandbox, request)
            made.version = _version(made.account, request)
            made.headers.append((b"stripe-version", made.version.encode()))
            made.fault = _before(made)
            reply = _run(made)
        except ApiError as error:
            reply = Reply(error.status, dumps(_error_body(error, request)).encode(), made.headers)
            reply.headers += [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        if made.fault is not None and made.fault.kind in _BROKEN:
            reply.broken, reply.seconds = made.fault.kind, made.fault.seconds
        row = {
            "at": sandbox.now(),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "status": None if reply.broken else reply.status,
            "idempotency_key": request.headers.get(b"idempotency-key", b"").decode("latin-1") or None,
            "key": made.key or None,
            "request_id": made.request_id,
            "fault": made.fault.kind if made.fault else None,
        }
        sandbox.call_log.note(row, made.template)
        return reply


def _error_body(error: ApiError, request: Request) -> Json:
    if not request.path.startswith("/v2"):
        return error.body
    code = error.body["error"].get("code", "invalid_fields")
    return {"error": {**error.body["error"], "code": "not_found" if code == "resource_missing" else code}}


def _who(sandbox: "Sandbox", request: Request) -> tuple[Account, str]:
    kind, _, given = request.headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"basic":
        try:
            given = base64.b64decode(given).partition(b":")[0]
        except ValueError:
            given = b""
    key = given.strip().decode("latin-1")
    if not key:
        raise ApiError(401, "You did not provide an API key: send it as a Bearer token in the Authorization header.")
    account = sandbox.accounts.get(key)
    if account is None or key in sandbox.revoked:
        hint = f"{key[:8]}{'*' * 8}{key[-4:]}"
        if account is None:
            raise ApiError(401, f"Invalid API Key provided: {hint}")
        raise ApiError(401, f"Expired API Key provided: {hint}", code="api_key_expired")
    return account, key


def _version(account: Account, request: Request) -> str:
    given = request.headers.get(b"stripe-version")
    if given is None:
        return account.api_version
    version = given.decode("latin-1")
    if not VERSION.fullmatch(version):
        raise invalid(f"Invalid Stripe API version: {version}")
    return version


def _before(made: Exchange) -> Fault | None:
    """The fault that strikes this call; ApiError 429 when the account calls too fast."""
    limit = made.sandbox.limits.get(made.account.key)
    if limit is not None and not limit.allow():
        raise Fault(0, "*", "*", "429").error()
    return made.sandbox.faults.strike(made.request.method, made.request.path, made.account.key)


def _run(made: Exchange) -> Reply:
    """Route and execute; answers to an Idempotency-Key are stored and replayed."""
    sandbox, account, request, fault = made.sandbox, made.account, made.request, made.fault
    route, ids = sandbox.routes.find(request.method, request.path)
    made.template = route.template if route else "unknown"
    if fault is not None and fault.kind in ("timeout_before", "reset"):
        return Reply(0, b"")
    if fault is not None and fault.kind == "502":
        return Reply(502, _BAD_GATEWAY, [(b"content-type", b"text/html")])
    if fault is not None and fault.kind in ("409", "429", "503"):
        raise fault.error()
    if route is None:
        text = f"Unrecognized request URL ({request.method}: {request.path}). Check the path against the API reference."
        raise ApiError(404, text)
    idempotency = request.headers.get(b"idempotency-key", b"").decode("latin-1")
    keyed = bool(idempotency) and (request.method == "POST" or request.path.startswith("/v2/"))
    fingerprint = _fingerprint(request) if keyed else b""
    if keyed:
        made.headers.append((b"idempotency-key", idempotency.encode("latin-1")))
        replayed = _replay(made, idempotency, fingerprint)
        if replayed is not None:
            return replayed
    sandbox.permit(made.key, route.permission, request.method)
    params = _params(request)
    params.known(route.params)
    moment = Moment(account.now(), True, made.request_id, idempotency or None)
    call = Call(account, moment, params, ids, tree_of(params.values("expand")))
    try:
        if fault is not None and fault.kind == "500":
            raise fault.error()
        reply = Reply(200, _encode(call, route.handler(call), is_old(made.version)), made.headers)
    except ApiError as error:
        if not keyed or (error.status != 402 and error.status < 500):
            raise
        reply = Reply(error.status, dumps(_error_body(error, request)).encode(), made.headers)
    if keyed:
        stored = Stored(account.now(), fingerprint, made.request_id.encode(), reply.status, reply.body)
        sandbox.idempotent[account.key, idempotency] = stored
    return reply


def _params(request: Request) -> Params:
    if request.path.startswith("/v2/") and request.body:
        try:
            return Params(json.loads(request.body))
        except ValueError:
            raise invalid("The request body is not JSON.") from None
    text = "&".join(part for part in (request.query, request.body.decode()) if part)
    return Params(decode_form(text) if text else {})


def _fingerprint(request: Request) -> bytes:
    body = request.body
    if not request.path.startswith("/v2/"):
        body = repr(sorted(parse_qsl(body.decode(), keep_blank_values=True))).encode()
    return hashlib.sha256(f"{request.method} {request.path}?{request.query} ".encode() + body).digest()


def _replay(made: Exchange, key: str, fingerprint: bytes) -> Reply | None:
    if len(key) > 255:
        raise invalid("An Idempotency-Key has at most 255 characters.")
    stored = made.sandbox.idempotent.get((made.account.key, key))
    if stored is None or stored.at < made.account.now() - _DAY:
        return None
    if stored.fingerprint != fingerprint:
        text = f"The key '{key}' was used before with other parameters. Use the same ones, or another key."
        raise ApiError(400, text, kind="idempotency_error")
    extra = [(b"idempotent-replayed", b"true"), (b"original-request", stored.request_id)]
    return Reply(stored.status, stored.body, [*made.headers, *extra])


def _encode(call: Call, found: Answer, old: bool) -> bytes:
    """The answer as bytes: as kept, expanded, or in the shape of an old version."""
    account, tree = call.account, call.expand
    if isinstance(found, Raw):
        return found.text.encode()
    if isinstance(found, Page):
        if not tree and not old:
            data = b",".join(account.json(row) for row in found.data)
            tail = dumps({"has_more": found.has_more, "url": found.url})[1:].encode()
            return b'{"object":"list","data":[' + data + b"]," + tail
        rows = [shown(row) for row in found.data]
        whole: Json = {"object": "list", "data": rows, "has_more": found.has_more, "url": found.url}
        found = whole
    elif not tree and not old and account.by_id.get(found.get("id", "")) is found:
        return account.json(found)
    if tree:
        found = expand(account, found, tree)
    return dumps(old_shape(account, found) if old else shown(found)).encode()
