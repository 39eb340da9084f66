"""The official JavaScript client drives the Stripe sandbox too.

It needs node and the npm package `stripe` 23 in the folder named by TEST_NODE_MODULES (its node_modules).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sandboxes.stripe_kit import receiver, served

NODE = shutil.which("node")
MODULES = os.environ.get("TEST_NODE_MODULES", "")
SCRIPT = """
const Stripe = require(process.env.STRIPE_PACKAGE);
const at = new URL(process.env.BASE);
const stripe = new Stripe("sk_test_sandbox",
  {host: at.hostname, port: Number(at.port), protocol: "http", telemetry: false, maxNetworkRetries: 0});
async function main() {
  const out = {};
  const customer = await stripe.customers.create({email: "js@example.fr", metadata: {a: "1"}}, {idempotencyKey: "js1"});
  out.again = (await stripe.customers.create({email: "js@example.fr", metadata: {a: "1"}}, {idempotencyKey: "js1"})).id
    === customer.id;
  const price = await stripe.prices.create({currency: "eur", unit_amount: 4900, recurring: {interval: "month"},
    product_data: {name: "Club"}});
  const made = await stripe.subscriptions.create({customer: customer.id, items: [{price: price.id}],
    expand: ["latest_invoice.payments"]});
  out.status = made.status;
  out.paid = made.latest_invoice.payments.data[0].amount_paid;
  out.customers = 0;
  for await (const row of stripe.customers.list({limit: 100})) out.customers += row.email ? 1 : 0;
  for (const [name, call] of [["missing", () => stripe.charges.retrieve("ch_none")],
      ["declined", () => stripe.paymentIntents.create({amount: 900, currency: "eur", confirm: true,
        payment_method: "pm_card_chargeDeclined"})]]) {
    try { await call(); } catch (error) { out[name] = [error.type, error.code, error.statusCode]; }
  }
  const hook = JSON.parse(process.env.HOOK);
  const event = stripe.webhooks.constructEvent(hook.body, hook.signature, hook.secret);
  out.event = [event.type, event.data.object.email];
  console.log(JSON.stringify(out));
}
main().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.skipif(
    not (Path(MODULES) / "stripe" / "package.json").is_file(),
    reason="TEST_NODE_MODULES names no folder with the npm package stripe",
)
def test_the_official_javascript_client_works_against_the_sandbox() -> None:
    assert NODE is not None
    with served() as world, receiver() as hooks:
        made = world.sandbox.webhooks.endpoint(hooks.url)
        for number in range(120):
            world.shop.customer(email=f"{number}@example.fr", deliver=number == 0)
        assert world.sandbox.webhooks.wait()
        world.sandbox.webhooks.set_status(made["id"], "disabled")
        headers, body = hooks.got[0]
        hook = {"body": body.decode(), "signature": headers["Stripe-Signature"], "secret": made["secret"]}
        environment = {
            "PATH": os.environ["PATH"],
            "BASE": world.url,
            "HOOK": json.dumps(hook),
            "STRIPE_PACKAGE": str(Path(MODULES).resolve() / "stripe"),
        }
        done = subprocess.run(
            [NODE, "-e", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "again": True,
        "status": "active",
        "paid": 4900,
        "customers": 121,
        "missing": ["StripeInvalidRequestError", "resource_missing", 404],
        "declined": ["StripeCardError", "card_declined", 402],
        "event": ["customer.created", "0@example.fr"],
    }
