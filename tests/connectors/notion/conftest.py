"""One sandbox, served once for all Notion tests and wiped before each; another one whose clock the test moves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.notion.client import NotionClient
from connectors.notion.destination import NotionDestination
from connectors.notion.sandbox import create_app
from connectors.notion.sandbox.control import NotionSandbox
from connectors.notion.settings import NotionSettings
from connectors.notion.source import NotionSource
from connectors.notion.tables import Tables
from connectors.notion.templates import NotionTemplates
from hub.core.protocol import Context
from tests.connectors.notion.helpers import Limits, client_of
from tests.sandboxes import notion_types
from tests.sandboxes.notion_kit import NEWEST, Clock, Json, judge, row, table
from tests.sandboxes.serve import serve

TOKEN = "ntn_sandbox"


@dataclass
class World:
    """A workspace with one shared page, and a hub that is connected to it."""

    url: str
    sandbox: NotionSandbox
    page: str
    client: NotionClient
    hub: NotionDestination
    limits: Limits

    def calls(self) -> dict[str, int]:
        """What was called since `forget`, by method and route."""
        return dict(self.sandbox.stats()["calls"])

    def forget(self) -> None:
        self.sandbox.reset_counters()


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[str, NotionSandbox]]:
    app = create_app()
    with serve(app) as url:
        yield url, app.state.sandbox


@pytest.fixture
def world(_served: tuple[str, NotionSandbox]) -> Iterator[World]:
    url, sandbox = _served
    sandbox.wipe()
    sandbox.settings(rate_limit=None, max_query_results=10_000, search_lag=0.0)
    page = sandbox.share_page("Pilotage")
    limits = Limits()
    with client_of(url, limits, TOKEN, timeout=20) as client:
        client._http.event_hooks = {"response": [judged]}
        yield World(url, sandbox, page, client, NotionDestination(client, page), limits)


def judged(answer: httpx.Response) -> None:
    """Every answer fits Notion's types, and what it answers too."""
    answer.read()
    try:
        body = answer.json()
    except ValueError:
        return  # an answer that a fault has cut
    judge(body, answer.status_code, NEWEST)
    notion_types.fits(answer, ours=True)


@dataclass
class Reading:
    """A workspace that is read, by a clock that stands still until the test moves it; every answer is judged."""

    url: str
    sandbox: NotionSandbox
    clock: Clock
    page: str
    client: NotionClient
    judged: list[str] = field(default_factory=list)

    @property
    def sdk(self) -> Any:
        """The official client, to make what a test needs."""
        return self.client._sdk

    def table(self, title: str = "Tâches", schema: Json | None = None) -> str:
        """A new database on the shared page; the id of its data source."""
        return table(self.sdk, self.page, title, schema)[1]

    def row(self, source: str, name: str, **properties: Any) -> str:
        """A new row by the API; its id."""
        return str(row(self.sdk, source, name, **properties)["id"])

    def tables(self, *follow: str) -> Tables:
        return Tables(self.client, follow or None, self.clock)

    def source(self, *follow: str) -> NotionSource:
        """A source that follows these, or everything when none is named."""
        return self.following(follow or None)

    def following(self, follow: tuple[str, ...] | None) -> NotionSource:
        tables = Tables(self.client, follow, self.clock)
        return NotionSource(self.client, follow, now=self.clock, tables=tables)

    def templates(self, *follow: str) -> NotionTemplates:
        """Templates whose waits move the clock."""
        return NotionTemplates(self.client, self.tables(*follow), sleep=self.clock.pass_by)

    def calls(self) -> dict[str, int]:
        return dict(self.sandbox.stats()["calls"])

    def judge(self, answer: httpx.Response) -> None:
        answer.read()
        try:
            body = answer.json()
        except ValueError:
            return  # an answer that a fault has cut
        self.judged.append(judge(body, answer.status_code, NEWEST))
        notion_types.fits(answer, ours=True)


@pytest.fixture(scope="session")
def _served_by_the_clock() -> Iterator[tuple[str, NotionSandbox, Clock]]:
    clock = Clock()
    app = create_app(clock)
    with serve(app) as url:
        yield url, app.state.sandbox, clock


@pytest.fixture
def reading(_served_by_the_clock: tuple[str, NotionSandbox, Clock]) -> Iterator[Reading]:
    url, sandbox, clock = _served_by_the_clock
    sandbox.wipe()
    sandbox.settings(max_query_results=10_000, search_lag=0.0, template_lag=1.0)
    clock.at = datetime(2026, 11, 21, 8, 15, 42, 607_000, UTC)
    settings = NotionSettings(api_key=SecretStr(TOKEN), base_url=url)
    with NotionClient(settings, Context(limiter=Limits(), now=clock), timeout=20, sleep=clock.pass_by) as client:
        made = Reading(url, sandbox, clock, sandbox.share_page("Pilotage"), client)
        client._http.event_hooks = {"response": [made.judge]}
        yield made
