"""One server for all Trello tests; each test has a Trello of its own behind it, empty and without limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from connectors.trello.client import TrelloClient
from connectors.trello.sandbox import API_KEY, API_SECRET, TOKEN, TrelloSandbox, create_app
from connectors.trello.settings import TrelloSettings
from connectors.trello.spec import SPEC
from hub.core.protocol import Connector, Context
from hub.core.types import Record
from tests.sandboxes.serve import serve


class Stage:
    """Serves whichever app is on it."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        await self.app(scope, receive, send)


@dataclass
class Limits:
    """Limiters that count and never wait."""

    acquired: dict[str, int] = field(default_factory=dict)
    held: list[float] = field(default_factory=list)
    rates: dict[str, tuple[int, float]] = field(default_factory=dict)

    def __call__(self, name: str, calls: int, seconds: float) -> One:
        self.rates[name] = (calls, seconds)
        self.acquired.setdefault(name, 0)
        return One(self, name)


@dataclass
class One:
    limits: Limits
    name: str

    def acquire(self) -> None:
        self.limits.acquired[self.name] += 1

    def hold(self, seconds: float) -> None:
        self.limits.held.append(seconds)


@dataclass
class World:
    """A Trello, and a hub that is connected to it."""

    url: str
    sandbox: TrelloSandbox
    limits: Limits
    stack: ExitStack
    naps: list[float] = field(default_factory=list)

    def settings(self, **given: Any) -> TrelloSettings:
        ways = {"api_key": API_KEY, "token": TOKEN, "api_secret": API_SECRET}
        return TrelloSettings(**{**ways, "base_url": f"{self.url}/1", **given})

    def client(self, **given: Any) -> TrelloClient:
        """A client that notes its naps instead of taking them."""
        made = TrelloClient(self.settings(**given), self.limits, in_flight=4, sleep=self.naps.append)
        self.stack.callback(made.close)
        return made

    def connect(self, *follow: str, **given: Any) -> Connector:
        """The connector; follows every board unless told which."""
        context = Context(limiter=self.limits, now=lambda: datetime.now(UTC), follow=follow or None)
        return self.stack.enter_context(SPEC.connect(self.settings(**given), context))

    def cards(self, *follow: str) -> dict[str, Record]:
        """Every card record by its key."""
        source = self.connect(*follow).source
        assert source is not None
        return {record.key: record for page in source.read("card", None) for record in page.records}

    def asked(self, method: str = "GET") -> list[str]:
        """The paths that were called, in order."""
        return [row["path"] for row in self.sandbox.calls.rows if row["method"] == method]


@contextmanager
def answering() -> Iterator[str]:
    """An address that answers HEAD and POST with 200, as the hub does."""
    app = FastAPI()

    @app.api_route("/hook", methods=["HEAD", "POST"])
    def hook() -> None:
        return None

    with serve(app) as url:
        yield f"{url}/hook"


@pytest.fixture(scope="session")
def _stage() -> Iterator[tuple[str, Stage]]:
    stage = Stage()
    with serve(stage) as url:
        yield url, stage


@pytest.fixture
def world(_stage: tuple[str, Stage]) -> Iterator[World]:
    url, stage = _stage
    stage.app = create_app()
    sandbox: TrelloSandbox = stage.app.state.sandbox
    sandbox.set_limits(token=None, key=None, member=None, members=None)
    sandbox.outbox.retry_delays = (0.0, 0.0, 0.0)
    with ExitStack() as stack:
        stack.callback(sandbox.outbox.close)
        yield World(url, sandbox, Limits(), stack)


@pytest.fixture
def board(world: World) -> str:
    """A board with three lists."""
    return world.sandbox.add_board("Suivi")
