"""The Stripe connector at rest: importable without a key, and without Stripe's SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.stripe.settings import StripeSettings
from connectors.stripe.webhook import EVENT_TYPES, StripeWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context

CONCURRENCY = 8
"""Calls in flight. Stripe publishes no number; at 0.2 s a call, eight of them fill 25 calls a second."""

STREAMS = (
    "product",
    "price",
    "customer",
    "subscription_schedule",
    "subscription",
    "invoice",
    "invoice_payment",
    "checkout_session",
    "charge",
    "refund",
    "dispute",
    "balance_transaction",
)


@contextmanager
def connect(settings: StripeSettings, context: Context) -> Iterator[Connector]:
    """The live connector; its connections are closed at the end of the block."""
    from connectors.stripe.client import Client
    from connectors.stripe.source import StripeSource
    from connectors.stripe.subscriptions import StripeSubscriptions

    limiter = context.limiter("stripe", settings.calls_per_second, 1.0)
    client = Client(settings, limiter, connections=CONCURRENCY)
    try:
        yield Connector(
            name=SPEC.name,
            source=StripeSource(client, now=context.now),
            subscriptions=StripeSubscriptions(client),
        )
    finally:
        client.close()


def _sandbox() -> Any:
    from connectors.stripe.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="stripe",
    title="Stripe",
    settings=StripeSettings,
    connect=connect,
    streams=STREAMS,
    event_types=EVENT_TYPES,
    webhook=StripeWebhook(),
    concurrency=CONCURRENCY,
    sandbox=_sandbox,
)
