"""The Calendly connector at rest: importable without a key, and without a web client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.calendly.records import KINDS, STREAMS
from connectors.calendly.settings import CONCURRENCY, CalendlySettings
from connectors.calendly.webhook import EVENT_TYPES, CalendlyWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context


@contextmanager
def connect(settings: CalendlySettings, context: Context) -> Iterator[Connector]:
    """The live connector; its connections are closed at the end of the block."""
    from connectors.calendly.bookings import CalendlyBookings
    from connectors.calendly.client import Client
    from connectors.calendly.directory import CalendlyDirectory
    from connectors.calendly.source import CalendlySource
    from connectors.calendly.subscriptions import CalendlySubscriptions

    client = Client(settings, context.limiter("calendly", settings.limit, 60.0))
    try:
        yield Connector(
            name=SPEC.name,
            source=CalendlySource(client, now=context.now),
            subscriptions=CalendlySubscriptions(client),
            directory=CalendlyDirectory(client),
            bookings=CalendlyBookings(client),
        )
    finally:
        client.close()


def _sandbox() -> Any:
    from connectors.calendly.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="calendly",
    title="Calendly",
    settings=CalendlySettings,
    connect=connect,
    streams=STREAMS,
    kinds=KINDS,
    event_types=EVENT_TYPES,
    webhook=CalendlyWebhook(),
    concurrency=CONCURRENCY,
    sandbox=_sandbox,
    key_page=(
        "Calendly > Integrations & apps > API and webhooks > Personal access tokens > Generate new token "
        "(https://calendly.com/integrations/api_webhooks), as an owner or administrator. Scopes: users:read, "
        "organizations:read, event_types:read, scheduled_events:read (scheduled_events:write where the hub may cancel "
        "and mark no-shows), routing_forms:read, webhooks:write."
    ),
    can=("links",),
    writes=("cancellations", "no-shows", "single-use scheduling links"),
    limits=("500 calls a minute for one person, 50 on the free plan",),
    gaps=(
        "one call more for each appointment read: the list shows no invitees",
        "no log of changes: late no-shows and deletions are found by the nightly read",
        "moving an appointment: Calendly has no call for it",
        "one invitee of a group cannot be cancelled, only the whole event",
        "group scope, contacts and meeting recaps are not read",
    ),
)
