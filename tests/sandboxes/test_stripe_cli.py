"""The official Stripe CLI makes its own events on the sandbox, and the connector hears and reads them.

It needs the npm package `@stripe/cli` in the folder named by TEST_NODE_MODULES (its node_modules). `stripe trigger`
plays scripts that Stripe wrote: calls of its own choice, as the real API takes them.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.stripe.settings import StripeSettings
from connectors.stripe.spec import SPEC
from connectors.stripe.webhook import StripeWebhook
from hub.core.protocol import Connector, Context
from hub.core.types import WebhookRequest
from tests.connectors.stripe.stub import Limiter
from tests.sandboxes.stripe_kit import KEY, Receiver, World, receiver, served

MODULES = os.environ.get("TEST_NODE_MODULES", "")
BINARY = Path(MODULES).resolve() / "@stripe" / "cli-linux-x64" / "bin" / "stripe"

pytestmark = pytest.mark.skipif(
    not MODULES or not os.access(BINARY, os.X_OK),
    reason="TEST_NODE_MODULES names no folder with the npm package @stripe/cli",
)


class Site(NamedTuple):
    """The sandbox, our endpoint and its secret, and the connector."""

    world: World
    hooks: Receiver
    secret: str
    live: Connector


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as world, receiver() as hooks:
        settings = StripeSettings.model_validate({"api_key": KEY, "base_url": world.url})
        context = Context(limiter=lambda *_: Limiter(), now=lambda: datetime.now(UTC))
        with SPEC.connect(settings, context) as live:
            assert live.subscriptions is not None
            (ours,) = live.subscriptions.ensure(hooks.url)
            yield Site(world, hooks, str(ours.secret), live)


def trigger(name: str, url: str, home: Path) -> str:
    """What the CLI says. It may not leave this machine, nor read anybody's settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "STRIPE_API_KEY": KEY,
        "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    for _ in range(2):
        done = subprocess.run(
            [BINARY, "trigger", name, "--api-base", url],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if "goroutine " not in done.stderr:  # release 1.52.0 itself crashes now and then: that says nothing of us
            break
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "customer.created",
        "customer.updated",
        "customer.deleted",
        "payment_intent.succeeded",
        "charge.succeeded",
        "charge.failed",
        "charge.refunded",
        "charge.dispute.created",
        "checkout.session.completed",
        "checkout.session.expired",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.voided",
        "invoice.marked_uncollectible",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.trial_will_end",
        "price.created",
        "product.updated",
    ],
)
def test_what_the_official_cli_triggers_reaches_the_mirror(site: Site, name: str, tmp_path: Path) -> None:
    site.hooks.got.clear()
    said = trigger(name, site.world.url, tmp_path)
    assert "Trigger succeeded" in said
    assert site.world.sandbox.webhooks.wait(20)
    # payment_intent events are not followed: the charge tells the same.
    wanted = {"payment_intent.succeeded": "charge.succeeded"}.get(name, name)
    assert wanted in site.hooks.types()
    assert site.live.source is not None
    for headers, body in site.hooks.got:
        sent = {key.lower(): value for key, value in headers.items()}
        now = datetime.fromtimestamp(time.time(), UTC)
        StripeWebhook().verify(
            WebhookRequest(url=site.hooks.url, headers=sent, body=body, secrets=(site.secret,), now=now)
        )
        if json.loads(body)["type"] == wanted:
            _, (event,) = StripeWebhook().parse(body)
            assert event.stream is not None
            assert event.key is not None
            (found, *_) = site.live.source.fetch(event.stream, event.key)
            assert (found.stream, found.key) == (event.stream, event.key)
            assert found.deleted is (name in ("customer.deleted", "checkout.session.expired"))


def test_a_checkout_that_the_official_cli_completes_is_a_signup(site: Site, tmp_path: Path) -> None:
    trigger("checkout.session.completed", site.world.url, tmp_path)
    assert site.live.source is not None
    found = next(iter(site.live.source.read("checkout_session", None))).records[0]
    assert found.fields["who"] == {"name": "Jenny Rosen", "email": "stripe@example.com"}
    assert found.fields["products"] == ("myproduct",)
    assert found.fields["payment_status"] == "paid"
