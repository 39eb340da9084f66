"""The Stripe connector at rest: importable without a key, and without Stripe's SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.stripe.settings import StripeSettings
from connectors.stripe.webhook import EVENT_TYPES, StripeWebhook
from hub.core.kinds import Kind
from hub.core.protocol import Connector, ConnectorSpec, Context

CONCURRENCY = 8
"""Calls in flight. Stripe publishes no number; at 0.2 s a call, eight of them fill 25 calls a second."""

WINDOW_SECONDS = 1.03
"""Stripe counts whole seconds; the rest absorbs the jitter of the road between us, of which a second has little."""

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
    "balance",
)

KINDS: Mapping[str, Kind] = {
    "customer": "person",
    "subscription": "subscription",
    "invoice": "invoice",
    "checkout_session": "signup",
    "charge": "payment",
}


@contextmanager
def connect(settings: StripeSettings, context: Context) -> Iterator[Connector]:
    """The live connector; its connections are closed at the end of the block."""
    from connectors.stripe.client import Client
    from connectors.stripe.directory import StripeDirectory
    from connectors.stripe.source import StripeSource
    from connectors.stripe.subscriptions import StripeSubscriptions

    limiter = context.limiter("stripe", settings.calls_per_second, WINDOW_SECONDS)
    client = Client(settings, limiter, connections=CONCURRENCY)
    try:
        yield Connector(
            name=SPEC.name,
            source=StripeSource(client, now=context.now),
            subscriptions=StripeSubscriptions(client),
            directory=StripeDirectory(client),
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
    kinds=KINDS,
    with_changes=("balance",),
    event_types=EVENT_TYPES,
    webhook=StripeWebhook(),
    concurrency=CONCURRENCY,
    sandbox=_sandbox,
    key_page=(
        "https://dashboard.stripe.com/apikeys > Create restricted key. Read on: Products, Prices, Coupons, Customers, "
        "Subscriptions, Invoices, Checkout Sessions, Charges and Refunds, Disputes, Balance, Events. Write on: Webhook "
        "Endpoints."
    ),
    limits=(
        "calls a second, all processes together: 25 unless set (100 in live mode, 25 in a sandbox)",
        "Stripe counts about 500 reads for each transaction in 30 days, at least 10,000 a month",
    ),
    gaps=(
        "writes nothing but its own webhook endpoint",
        "balance transactions without an object (payouts, Stripe's fees) have no event: seen when the stream is read",
        "charges and subscriptions do not name their products; the products of a checkout are named",
        "events are remembered for 30 days; after a longer outage everything is read anew",
    ),
)
