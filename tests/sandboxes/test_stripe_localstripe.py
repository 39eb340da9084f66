"""An independent Stripe server serves the connector: localstripe, in a process of its own (it is under the GPL).

It speaks Stripe's API of 2017, so it serves what has not changed since. What it cannot serve, seen with 1.15.10:
prices, subscription schedules, invoice payments, checkout sessions, disputes, webhook endpoints and the account (404);
subscriptions (it refuses to expand discounts); invoices (no amount_remaining); one charge or refund by id (it refuses
to expand failure_balance_transaction); the log of events behind a cursor (no ending_before).
"""

import importlib.util
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.stripe.settings import StripeSettings
from connectors.stripe.spec import SPEC
from connectors.stripe.webhook import StripeWebhook
from hub.core.errors import ConfigError, SignatureError
from hub.core.protocol import Connector, Context, Source
from hub.core.types import Record, WebhookRequest
from tests.connectors.stripe.stub import Limiter
from tests.sandboxes.stripe_kit import Receiver, receiver

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("localstripe") is None, reason="the package localstripe is not installed"
)
KEY = "sk_test_independent"
SECRET = "whsec_independent"
# Its own command listens to the whole network.
SERVE = "import sys, aiohttp.web; from localstripe.server import app; "
SERVE += "aiohttp.web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("localstripe")
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port)], cwd=home, stdout=log, stderr=log, env={"HOME": str(home)}
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(KEY, "")) as client:
                _until_up(client, process, home / "log")
                yield client
        finally:
            process.terminate()
            process.wait(10)


def _until_up(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            client.get("/v1/customers")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"localstripe did not start: {log.read_text()[-500:]}")


@pytest.fixture(scope="module")
def hooks(server: httpx.Client) -> Iterator[Receiver]:
    """Where it posts its events."""
    with receiver() as found:
        given = {"url": found.url, "secret": SECRET}
        server.post("/_config/webhooks/ours", data=given).raise_for_status()
        yield found


@pytest.fixture(scope="module")
def shop(server: httpx.Client, hooks: Receiver) -> dict[str, Any]:
    """26 customers, one of whom pays and gets a part back."""

    def post(path: str, **fields: str) -> Any:
        return server.post(path, data=fields).raise_for_status().json()

    customers = [post("/v1/customers", email=f"{n}@example.com", name=f"Client {n}")["id"] for n in range(26)]
    product = post("/v1/products", name="Le Cercle", type="service")["id"]
    number = {"card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "34", "card[cvc]": "123"}
    method = post("/v1/payment_methods", type="card", **number)["id"]
    post(f"/v1/payment_methods/{method}/attach", customer=customers[0])
    paying = {"amount": "2000", "currency": "eur", "confirm": "true"}
    post("/v1/payment_intents", payment_method=method, customer=customers[0], **paying)
    charge = server.get("/v1/charges").json()["data"][0]["id"]
    refund = post("/v1/refunds", charge=charge, amount="500")["id"]
    return {"customers": customers, "product": product, "charge": charge, "refund": refund}


@pytest.fixture(scope="module")
def live(server: httpx.Client) -> Iterator[Connector]:
    settings = StripeSettings.model_validate({"api_key": KEY, "base_url": str(server.base_url)})
    context = Context(limiter=lambda *_: Limiter(), now=lambda: datetime.now(UTC))
    with SPEC.connect(settings, context) as made:
        yield made


@pytest.fixture
def source(live: Connector, shop: dict[str, Any]) -> Source:
    assert live.source is not None
    return live.source


def read(source: Source, stream: str) -> dict[str, Record]:
    return {each.key: each for page in source.read(stream, None) for each in page.records}


def test_every_customer_is_read_once_and_reads_the_same_alone(source: Source, shop: dict[str, Any]) -> None:
    found = read(source, "customer")
    assert set(found) == set(shop["customers"])
    for key, record in found.items():
        assert source.fetch("customer", key) == (record,)
    assert found[shop["customers"][3]].fields["email"] == "3@example.com"


def test_a_read_goes_on_behind_a_customer(source: Source, shop: dict[str, Any]) -> None:
    order = list(read(source, "customer"))
    cursor = next(iter(source.read("customer", None))).cursor
    assert cursor == order[-1]
    rest = next(iter(source.read("customer", order[9])))  # type: ignore[arg-type]
    assert [each.key for each in rest.records] == order[10:]
    assert len(order) == len(shop["customers"])


def test_money_is_read_as_it_moved(source: Source, shop: dict[str, Any]) -> None:
    charge, refund = read(source, "charge")[shop["charge"]].fields, read(source, "refund")[shop["refund"]].fields
    assert (str(charge["amount"]), str(charge["refunded"])) == ("20.00 EUR", "5.00 EUR")
    assert (charge["status"], charge["who"]) == ("paid", {"key": shop["customers"][0]})
    assert (str(refund["amount"]), refund["charge"]) == ("5.00 EUR", shop["charge"])
    moved = [str(each.fields["amount"]) for each in read(source, "balance_transaction").values()]
    assert sorted(moved) == ["-5.00 EUR", "20.00 EUR"]


def test_a_product_has_its_name(source: Source, shop: dict[str, Any]) -> None:
    assert read(source, "product")[shop["product"]].fields["name"] == "Le Cercle"


def test_the_log_of_events_gives_a_cursor(source: Source) -> None:
    ((events, cursor),) = source.changes(None)
    assert list(events) == []
    assert cursor.startswith("evt_")


def test_its_deliveries_are_signed_understood_and_refused_with_another_secret(
    source: Source, hooks: Receiver, shop: dict[str, Any]
) -> None:
    for _ in range(100):  # it waits a second before each post
        if len(hooks.got) >= len(shop["customers"]):
            break
        time.sleep(0.1)
    told = set()
    for headers, body in list(hooks.got):
        sent = {name.lower(): value for name, value in headers.items()}
        request = WebhookRequest(url=hooks.url, headers=sent, body=body, secrets=(SECRET,), now=datetime.now(UTC))
        StripeWebhook().verify(request)
        with pytest.raises(SignatureError):
            StripeWebhook().verify(replace(request, secrets=("whsec_other",)))
        _, (event,) = StripeWebhook().parse(body)
        if event.stream == "customer" and event.key is not None:
            assert source.fetch("customer", event.key)[0].fields["email"] == json.loads(body)["data"]["object"]["email"]
            told.add(event.key)
    assert told == set(shop["customers"])


@pytest.mark.parametrize("stream", ["price", "subscription_schedule", "checkout_session", "dispute", "invoice_payment"])
def test_what_it_does_not_know_is_no_empty_stream(source: Source, stream: str) -> None:
    with pytest.raises(ConfigError, match="not Stripe's own"):
        read(source, stream)
