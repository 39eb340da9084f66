"""The Notion connector at rest: importable without a key and without Notion's SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.notion.settings import NotionSettings
from hub.core.protocol import Connector, ConnectorSpec, Context


@contextmanager
def connect(settings: NotionSettings, context: Context) -> Iterator[Connector]:
    """A live connector; its sockets are closed at the end of the block."""
    from connectors.notion.client import NotionClient
    from connectors.notion.destination import NotionDestination

    with NotionClient(settings, context) as client:
        yield Connector(name="notion", destination=NotionDestination(client, settings.page))


def _sandbox() -> Any:
    from connectors.notion.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="notion",
    title="Notion",
    settings=NotionSettings,
    connect=connect,
    concurrency=3,  # Notion publishes no number; three keep a minute's 180 calls busy at a second each
    sandbox=_sandbox,
)
