"""An Asana with one project on a real socket, and the connector at it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from connectors.asana.client import AsanaClient
from connectors.asana.destination import AsanaDestination
from connectors.asana.directory import AsanaDirectory
from connectors.asana.projects import Projects
from connectors.asana.sandbox import TOKEN, AsanaSandbox, create_app
from connectors.asana.settings import AsanaSettings
from connectors.asana.source import AsanaSource
from connectors.asana.subscriptions import AsanaSubscriptions
from connectors.asana.templates import AsanaTemplates
from hub.core.protocol import Context
from hub.core.types import Record
from tests.sandboxes.serve import serve


@dataclass
class Limits:
    """A limiter that counts instead of waiting."""

    asked: list[tuple[str, int, float]] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    acquired: int = 0

    def __call__(self, name: str, calls: int, seconds: float) -> "Limits":
        self.asked.append((name, calls, seconds))
        return self

    def acquire(self) -> None:
        self.acquired += 1

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


@dataclass
class World:
    """The sandbox, one followed project, and what the connector is made of."""

    url: str
    sandbox: AsanaSandbox
    project: str
    limits: Limits = field(default_factory=Limits)
    naps: list[float] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    plain: AsanaClient | None = None

    def client(self, **settings: Any) -> AsanaClient:
        """A client with these settings; without any, the same one for the whole test (a new one costs 0.1 s)."""
        if self.plain is not None and not settings:
            return self.plain
        given = AsanaSettings(**{"api_key": SecretStr(TOKEN), "base_url": self.url, "plan": "paid", **settings})
        context = Context(limiter=self.limits, now=self.sandbox.now)
        made = self.stack.enter_context(AsanaClient(given, context, sleep=self.naps.append))
        self.plain = self.plain if settings else made
        return made

    def projects(self, *follow: str, everything: bool = False) -> tuple[AsanaClient, Projects]:
        client = self.client()
        return client, Projects(client, None if everything else follow or (self.project,))

    def source(self, *follow: str, everything: bool = False) -> AsanaSource:
        return AsanaSource(*self.projects(*follow, everything=everything))

    def subscriptions(self, *follow: str) -> AsanaSubscriptions:
        return AsanaSubscriptions(*self.projects(*follow))

    def destination(self) -> AsanaDestination:
        return AsanaDestination(self.client())

    def templates(self) -> AsanaTemplates:
        return AsanaTemplates(self.client())

    def directory(self, plan: str = "paid", **settings: Any) -> AsanaDirectory:
        return AsanaDirectory(self.client(**settings), plan)

    def read(self, stream: str, *follow: str, everything: bool = False) -> dict[str, Record]:
        pages = self.source(*follow, everything=everything).read(stream, None)
        found = [record for page in pages for record in page.records]
        assert len({record.key for record in found}) == len(found)
        return {record.key: record for record in found}


class Stage:
    """One server for all tests: what it plays is changed between them."""

    app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await self.app(scope, receive, send)


@pytest.fixture(scope="package")
def _served() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as url:
        yield stage, url


@pytest.fixture
def world(_served: tuple[Stage, str]) -> Iterator[World]:
    stage, url = _served
    stage.app = create_app()
    sandbox: AsanaSandbox = stage.app.state.sandbox
    sandbox.outbox.retry_delays = ()
    made = World(f"{url}/api/1.0", sandbox, sandbox.add_project("Clients", sections=("À faire", "Fait")))
    with made.stack:
        yield made
    sandbox.outbox.close()


@dataclass
class Receiver:
    """Somebody who is called: keeps every request; answers the handshake as told."""

    url: str = ""
    status: int = 200
    echo: bool = True
    seen: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        return [headers["x-hook-secret"] for headers, _ in self.seen if "x-hook-secret" in headers]

    @property
    def deliveries(self) -> list[tuple[Mapping[str, str], bytes]]:
        return [(headers, body) for headers, body in self.seen if "x-hook-signature" in headers]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.seen.append((headers, body))
            self.send_response(receiver.status)
            if receiver.echo and "x-hook-secret" in headers:
                self.send_header("X-Hook-Secret", headers["x-hook-secret"])
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/asana"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="package")
def _called() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def receiver(_called: Receiver) -> Receiver:
    """Somebody new, at the same address."""
    _called.status, _called.echo = 200, True
    _called.seen.clear()
    return _called


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
