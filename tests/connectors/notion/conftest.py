"""One sandbox, served once for all Notion tests and wiped before each."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.notion.client import NotionClient
from connectors.notion.destination import NotionDestination
from connectors.notion.sandbox import create_app
from connectors.notion.sandbox.control import NotionSandbox
from tests.connectors.notion.helpers import Limits, client_of
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
        yield World(url, sandbox, page, client, NotionDestination(client, page), limits)
