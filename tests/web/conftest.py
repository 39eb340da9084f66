from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from hub.core.protocol import Webhook
from hub.engine.receivers import Configured, HubView, NotAwaitedError, Receiver
from hub.store import connections, jobs
from hub.store.database import Store, open_store
from hub.web.app import create_app
from hub.web.server import listen, server
from tests.databases import migrated
from tests.web.stripe_like import SECRET, StripeLike

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = "the-status-key-of-the-tests"
LILA, MARC = "atelier-lila", "studio-marc"


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Web:
    """A running server, what is behind it, and a client that speaks to it."""

    store: Store
    clock: Clock
    port: int
    client: httpx.Client
    remembered: list[str] = field(default_factory=list)
    awaited: bool = True

    def remember(self, secret: str) -> None:
        if not self.awaited:
            raise NotAwaitedError("Nobody registers.")
        self.remembered.append(secret)

    def post(self, body: bytes, headers: dict[str, str], path: str = f"/webhooks/{LILA}/stripe") -> httpx.Response:
        return self.client.post(path, content=body, headers=headers)

    def status(self, business: str = "") -> dict:
        answer = self.client.get(f"/status/{business}".rstrip("/"), headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


def configured(business: str, title: str) -> Configured:
    return Configured(
        business=business, title=title, connections={"stripe": "stripe", "notion": "notion"}, jobs=("revenue",)
    )


def view(remember: Callable[[str], None], webhook: Webhook) -> HubView:
    return HubView(
        businesses=(configured(LILA, "Atelier Lila"), configured(MARC, "Studio Marc")),
        receivers={
            (business, "stripe"): Receiver(
                business=business,
                connection="stripe",
                webhook=webhook,
                secrets=lambda: (SECRET,),
                url=f"https://hub.example.com/webhooks/{business}/stripe",
                remember=remember,
            )
            for business in (LILA, MARC)
        },
    )


@contextmanager
def running(store: Store, status_key: str = KEY, webhook: Webhook | None = None) -> Iterator[Web]:
    clock, started = Clock(), []

    def remember(secret: str) -> None:
        started[0].remember(secret)

    receiving = view(remember, webhook or StripeLike())
    app = create_app(store, receiving, status_key=SecretStr(status_key), now=clock)
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        uvicorn_server = server(app)
        thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                started.append(Web(store, clock, port, client))
                yield started[0]
        finally:
            uvicorn_server.should_exit = True
            thread.join()


def prepared(folder: Path) -> Store:
    store = open_store(migrated(folder, "hub.db"))
    with store.write() as conn:
        for business in (LILA, MARC):
            connections.ensure(conn, business, ["stripe", "notion"])
            jobs.ensure(conn, business, ["revenue"], NOON)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with prepared(tmp_path) as opened:
        yield opened


@pytest.fixture
def web(store: Store) -> Iterator[Web]:
    with running(store) as started:
        yield started
