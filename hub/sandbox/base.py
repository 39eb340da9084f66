"""What every sandbox has: a lock, a clock, faults, a log of calls, an outbox; and the wire that obeys them."""

import asyncio
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.sandbox.faults import DONE_FIRST, HTML, STATUSES, Answer, Call, CallLog, Fault, Faults
from hub.sandbox.outbox import Outbox

PREFIX = "/_sandbox"
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def control(function: FunctionT) -> FunctionT:
    """Marks a method that can be called as POST /_sandbox/NAME."""
    function.is_control = True  # type: ignore[attr-defined]
    return function


class Sandbox(ABC):
    """The memory of a sandbox. Take `lock` around what reads and changes it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = Faults()
        self.calls = CallLog()
        self.outbox = Outbox(self.lock)
        self.latency = 0.0
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The sandbox's own time, aware UTC."""
        return datetime.now(UTC) + self._ahead

    @abstractmethod
    def error(self, kind: str) -> Answer:
        """The provider's answer to a call that fails with the status `kind` ("429", "500", …)."""

    @abstractmethod
    def refuse(self, call: Call) -> Answer | None:
        """The provider's answer to a call that it does not even look at (no key, too many calls), else None."""

    def decorate(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002  a hook
        """Add what comes with every answer (limit headers)."""
        return answer

    def settle(self) -> None:  # noqa: B027  a hook
        """Called after the clock was moved: what falls due happens."""

    @control
    def advance(self, seconds: float) -> str:
        """Move the clock forward; what falls due meanwhile happens. Returns the new time."""
        with self.lock:
            self._ahead += timedelta(seconds=seconds)
            self.settle()
        return self.now().isoformat()

    @control
    def fail(self, method: str, path: str, kind: str, **how: Any) -> int:
        """Add a fault; see hub.sandbox.faults."""
        return self.faults.add(method, path, kind, **how)

    @control
    def heal(self) -> None:
        """Take every fault out of force."""
        self.faults.clear()

    @control
    def counts(self) -> dict[str, int]:
        """How often each call was made: "GET /1/boards" -> 3."""
        return {f"{method} {path}": count for (method, path), count in sorted(self.calls.counts.items())}

    @control
    def webhooks(
        self,
        *,
        hold: bool | None = None,
        drop_next: int | None = None,
        drop_rate: float | None = None,
        duplicate_rate: float | None = None,
    ) -> int:
        """Hold back, lose or double deliveries from now on; `hold=False` releases. Returns how many were released."""
        box = self.outbox
        box.drop_next = box.drop_next if drop_next is None else drop_next
        box.drop_rate = box.drop_rate if drop_rate is None else drop_rate
        box.duplicate_rate = box.duplicate_rate if duplicate_rate is None else duplicate_rate
        if hold:
            box.holding = True
        return box.release() if hold is False else 0


def made(sandbox: Sandbox, *routers: APIRouter) -> FastAPI:
    """The app: the routers behind the wire, the controls beside it. `app.state.sandbox` is the sandbox."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        sandbox.outbox.open()
        yield
        await run_in_threadpool(sandbox.outbox.close)

    app = FastAPI(openapi_url=None, lifespan=lifespan, redirect_slashes=False)
    app.state.sandbox = sandbox
    for router in routers:
        app.include_router(router)

    @app.post(PREFIX + "/{name}")
    async def controlled(name: str, request: Request) -> JSONResponse:
        method = getattr(sandbox, name, None)
        if method is None or not getattr(method, "is_control", False):
            return JSONResponse({"error": f"There is no control {name!r}."}, 404)
        given = await request.json() if await request.body() else {}
        return JSONResponse(await run_in_threadpool(method, **given))

    app.add_middleware(Wire, sandbox=sandbox)
    return app


class Wire:
    """Between the socket and the routes: keys, limits, faults, the log of calls."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        sandbox, call = self._sandbox, await _whole(scope, receive)
        sandbox.calls.in_flight += 1
        sandbox.calls.most_in_flight = max(sandbox.calls.most_in_flight, sandbox.calls.in_flight)
        try:
            if sandbox.latency:
                await asyncio.sleep(sandbox.latency)
            fault = sandbox.faults.strike(call.method, call.path)
            answer = await self._answer(scope, call, fault)
            gone = fault is not None and fault.kind.startswith(("timeout", "reset"))
            sandbox.calls.note(call, None if gone else answer.status, fault.kind if fault else None)
            if fault is not None and (gone or fault.kind == "truncated"):
                await _break(fault, answer, receive, send)
            else:
                await _send(answer, send)
        finally:
            sandbox.calls.in_flight -= 1

    async def _answer(self, scope: Scope, call: Call, fault: Fault | None) -> Answer:
        sandbox = self._sandbox
        if fault is not None and fault.kind in ("timeout_before", "reset_before"):
            return Answer(500, b"")
        if fault is not None and fault.kind in STATUSES:
            return self._failed(fault, fault.kind)
        refused = await run_in_threadpool(sandbox.refuse, call)
        answer = refused if refused is not None else await self._routed(scope, call)
        answer = sandbox.decorate(call, answer)
        if fault is None or fault.kind not in DONE_FIRST:
            return answer
        if fault.kind == "html":
            return Answer(200, HTML, {"content-type": "text/html"})
        if fault.kind.endswith("_after_commit") and fault.kind[:3].isdigit():
            return self._failed(fault, fault.kind[:3])
        return answer

    def _failed(self, fault: Fault, status: str) -> Answer:
        if status == "502":
            return Answer(502, HTML, {"content-type": "text/html"})
        answer = self._sandbox.error(status)
        return Answer(answer.status, answer.body, {**answer.headers, **fault.headers})

    async def _routed(self, scope: Scope, call: Call) -> Answer:
        """What the routes answer, caught before it goes out."""
        started: MutableMapping[str, Any] = {}
        chunks: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": call.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await self._app(scope, receive, send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in started.get("headers", ())}
        headers.pop("content-length", None)
        return Answer(started["status"], b"".join(chunks), headers)


async def _whole(scope: Scope, receive: Receive) -> Call:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        at=time.monotonic(),
    )


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": _raw(answer)})
    await send({"type": "http.response.body", "body": answer.body})


def _raw(answer: Answer) -> list[tuple[bytes, bytes]]:
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _break(fault: Fault, answer: Answer, receive: Receive, send: Send) -> None:
    """Keep silent and hang up, reset the connection, or send half of the answer."""
    if fault.seconds:
        await asyncio.sleep(fault.seconds)
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("The sandbox was told to break this connection.")
    if fault.kind == "truncated":
        await send({"type": "http.response.start", "status": answer.status, "headers": _raw(answer)})
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        transport.close()
    elif fault.kind.startswith("reset"):
        # With no linger, closing sends a reset instead of an orderly end.
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await receive()
