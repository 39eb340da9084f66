"""The Calendly connector wired to its sandbox on a real socket, and what its tests ask again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.calendly.client import Client
from connectors.calendly.sandbox import KEY, CalendlySandbox, create_app
from connectors.calendly.settings import CalendlySettings
from connectors.calendly.source import CalendlySource
from connectors.calendly.spec import SPEC
from hub.core.protocol import Connector, Context
from hub.core.types import Cursor, Record

HOOK = "https://hub.example/webhooks/atelier-lila/calendly"


@dataclass
class Limiter:
    """Lets everything through, and notes what it was told to hold."""

    acquired: int = 0
    held: list[float] = field(default_factory=list)

    def acquire(self) -> None:
        self.acquired += 1

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


@dataclass
class World:
    """One organization, and where it is served."""

    sandbox: CalendlySandbox
    url: str
    limiter: Limiter = field(default_factory=Limiter)

    @contextmanager
    def connected(self, key: str = KEY, **settings: Any) -> Iterator[Connector]:
        """The connector with that key."""
        made = CalendlySettings.model_validate({"api_key": key, "base_url": self.url, **settings})
        with SPEC.connect(made, Context(limiter=lambda *_: self.limiter, now=self.sandbox.now)) as live:
            yield live

    @contextmanager
    def hasty(self, key: str = KEY, **settings: Any) -> Iterator[CalendlySource]:
        """A source that does not wait between its attempts."""
        made = CalendlySettings.model_validate({"api_key": key, "base_url": self.url, **settings})
        client = Client(made, self.limiter, sleep=lambda _: None)
        try:
            yield CalendlySource(client, now=self.sandbox.now)
        finally:
            client.close()

    @property
    def types(self) -> Mapping[str, str]:
        """Event types: name -> URI."""
        return {row["name"]: row["uri"] for row in self.sandbox.event_types.values()}

    def person(self, name: str) -> str:
        """A user's URI by their name."""
        return next(str(row["uri"]) for row in self.sandbox.users.values() if row["name"] == name)

    def book(self, kind: str = "Appel découverte", days: float = 3, **asked: Any) -> str:
        """Book an appointment so many days from now, on the hour. Returns its key."""
        key: str = self.sandbox.book(self.types[kind], self.at(days), **asked)
        return key

    def at(self, days: float) -> str:
        """A full hour, so many days from now."""
        there = self.sandbox.now() + timedelta(days=days)
        return there.astimezone(UTC).replace(minute=0, second=0, microsecond=0).isoformat()


class Switch:
    """An ASGI app that is another one in each test: starting a server for each would take longer than the tests."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
        else:
            await self.app(scope, receive, send)


@contextmanager
def world(switch: Switch, url: str) -> Iterator[World]:
    """A sandbox of its own, served at that address, with no limit on calls."""
    switch.app = create_app()
    sandbox: CalendlySandbox = switch.app.state.sandbox
    sandbox.set_plan("teams", calls_per_minute=100_000)
    yield World(sandbox, url)
    sandbox.outbox.close()


def read(live: Connector, stream: str, cursor: str | None = None) -> dict[str, Record]:
    """Every record of a stream by its key."""
    assert live.source is not None
    at = None if cursor is None else Cursor(cursor)
    return {record.key: record for page in live.source.read(stream, at) for record in page.records}


def fetch(live: Connector, stream: str, key: str) -> Record:
    """One record."""
    assert live.source is not None
    return live.source.fetch(stream, key)[0]


def changed(live: Connector, cursor: Cursor | None) -> tuple[set[tuple[str | None, str | None]], Cursor]:
    """(stream, key) of what changed since, and the next cursor."""
    assert live.source is not None
    batches = list(live.source.changes(cursor))
    return {(event.stream, event.key) for batch, _ in batches for event in batch}, batches[-1][1]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
