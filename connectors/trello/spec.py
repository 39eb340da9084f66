"""The Trello connector at rest: importable without a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.trello.settings import TrelloSettings
from connectors.trello.webhook import EVENT_TYPES, TrelloWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context

CONCURRENCY = 5
"""Calls in flight. Trello publishes no number; at 0.3 s a call, five of them fill 100 calls in ten seconds."""


@contextmanager
def connect(settings: TrelloSettings, context: Context) -> Iterator[Connector]:
    """The live connector; its connections are closed at the end of the block."""
    from connectors.trello.client import TrelloClient
    from connectors.trello.destination import TrelloDestination
    from connectors.trello.directory import TrelloDirectory
    from connectors.trello.source import TrelloSource
    from connectors.trello.subscriptions import TrelloSubscriptions
    from connectors.trello.templates import TrelloTemplates

    client = TrelloClient(settings, context.limiter, in_flight=CONCURRENCY)
    try:
        yield Connector(
            name=SPEC.name,
            source=TrelloSource(client, context.follow),
            destination=TrelloDestination(client),
            subscriptions=TrelloSubscriptions(client, context.follow) if client.may_register else None,
            directory=TrelloDirectory(client, context.follow),
            templates=TrelloTemplates(client),
        )
    finally:
        client.close()


def _sandbox() -> Any:
    from connectors.trello.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="trello",
    title="Trello",
    settings=TrelloSettings,
    connect=connect,
    streams=("card", "member", "board"),
    kinds={"card": "task", "member": "person"},
    follows="board",
    event_types=EVENT_TYPES,
    webhook=TrelloWebhook(),
    concurrency=CONCURRENCY,
    sandbox=_sandbox,
    key_page=(
        "https://trello.com/power-ups/admin > New (or your Power-Up) > API key. There: the API key, its Secret, and "
        "the link Token beside it, which makes the token (scopes read and write) for the member who is logged in."
    ),
    can=("rows", "copies"),
    writes=("cards", "copies of template boards and cards"),
    limits=("100 calls in 10 s a token", "300 calls in 10 s a key", "100 member calls in 15 min"),
    gaps=(
        "who changed a card is not on the card",
        "a due day without an hour does not exist",
        "an OAuth 2.0 token is not renewed, and registers no webhooks",
        "comments and attachments are not read",
    ),
)
