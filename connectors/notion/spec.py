"""The Notion connector at rest: importable without a key and without Notion's SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.notion.settings import NotionSettings
from connectors.notion.webhook import EVENT_TYPES, NotionWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context
from hub.core.types import Ref

KEY_PAGE = """\
https://www.notion.so/profile/integrations > New integration (internal). Capabilities: Read content, Insert content, \
Update content; Read comments; Read user information including email addresses. Copy the secret (ntn_…). \
Then open the page that the hub may see, ••• > Connections, and add the integration: it sees all that lies below."""

WEBHOOK_BY_HAND = """\
Notion lets only a person make a webhook:
1. Open https://www.notion.so/profile/integrations, choose the hub's integration, then the tab Webhooks.
2. Press “Create a subscription” and paste this address: {url}
3. Choose all events of Page and of Comment, and create it. Notion sends a token to the hub.
4. Press Verify in Notion and paste the token that `hub listen` shows."""


@contextmanager
def connect(settings: NotionSettings, context: Context) -> Iterator[Connector]:
    """A live connector; its sockets are closed at the end of the block."""
    from connectors.notion.charts import NotionCharts
    from connectors.notion.client import NotionClient
    from connectors.notion.destination import NotionDestination
    from connectors.notion.directory import NotionDirectory
    from connectors.notion.source import NotionSource
    from connectors.notion.tables import Tables
    from connectors.notion.templates import NotionTemplates

    with NotionClient(settings, context) as client:
        tables = Tables(client, context.follow, context.now)
        yield Connector(
            name="notion",
            source=NotionSource(client, context.follow, now=context.now, tables=tables),
            destination=NotionDestination(client, settings.page),
            charts=NotionCharts(client),
            directory=NotionDirectory(client),
            templates=NotionTemplates(client, tables),
        )


def _sandbox() -> Any:
    from connectors.notion.sandbox import create_app

    return create_app()


def address(ref: Ref) -> str:
    """Of a page, a database or a row: the `url` that Notion's API gives it, without the words of its title."""
    return f"https://app.notion.com/p/{ref.replace('-', '')}"


SPEC = ConnectorSpec(
    name="notion",
    title="Notion",
    settings=NotionSettings,
    connect=connect,
    streams=("row", "user", "comment"),
    kinds={"row": "page", "user": "person", "comment": "message"},
    lasting=("comment",),
    follows="database",
    event_types=EVENT_TYPES,
    webhook=NotionWebhook(),
    concurrency=3,  # Notion publishes no number; three keep a minute's 180 calls busy at a second each
    sandbox=_sandbox,
    key_page=KEY_PAGE,
    address=address,
    webhook_by_hand=WEBHOOK_BY_HAND,
    can=("rows", "copies", "charts"),
    writes=("rows of a database", "text on a page", "charts on a page", "rows from a database's template"),
    limits=(
        "180 calls a minute for one connection, 600 on Business and Enterprise plans",
        "10,000 rows in one query, continued from the last row's minute",
        "times of pages and rows are whole minutes",
    ),
    gaps=(
        "the webhook is made by hand: Notion has no call for it",
        "a row in the trash is not told by polling: the webhook tells it, or the nightly read",
        "comments come by webhook only: Notion does not list them, so older ones are not read; none are written",
        "without named databases they are found by Notion's search, which lags behind",
        "formulas and rollups that Notion has not computed are left out",
        "files kept in Notion come by name: their addresses end after an hour",
        "a template's properties are not waited for, only its content; Notion moves no dates",
        "a chart is drawn by Notion where its plan allows it, else sent as a picture, else written as a bar of letters",
        "guests are known only where a row or a comment names them",
    ),
)
