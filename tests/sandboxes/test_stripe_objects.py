"""What the Stripe sandbox answers has the shape that the official SDK of the same API version describes."""

import copy
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import stripe

from tests.sandboxes.stripe_judge import CONTRACT, Judge
from tests.sandboxes.stripe_kit import World, served

pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="the object types of stripe-python are not beside the repository (shared/contracts)"
)
DAY = 86_400
LISTS = {
    "customer": "/v1/customers",
    "product": "/v1/products",
    "price": "/v1/prices",
    "coupon": "/v1/coupons",
    "subscription": "/v1/subscriptions?status=all&",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "invoiceitem": "/v1/invoiceitems",
    "payment_intent": "/v1/payment_intents",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
    "balance_transaction": "/v1/balance_transactions",
    "payout": "/v1/payouts",
    "checkout.session": "/v1/checkout/sessions",
    "event": "/v1/events",
    "webhook_endpoint": "/v1/webhook_endpoints",
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with served() as found:
        _live(found)
        yield found


def _live(world: World) -> None:
    """A fortnight in which everything happens that the sandbox can play."""
    shop, now = world.shop, world.sandbox.now()
    start = now - 20 * DAY
    world.sandbox.webhooks.endpoint("http://127.0.0.1:9/hooks", enabled_events=["none"])
    club = shop.price(amount=4900, product="Club", interval="week", at=start, nickname="Club")["id"]
    twice = shop.price(amount=9900, product="Club+", interval="week", at=start)["id"]
    tiers = [{"up_to": 2, "unit_amount": 500}, {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount": 100}]
    tiered = shop.price(
        amount=None,
        product="Seats",
        interval="week",
        tiers=tiers,
        tiers_mode="graduated",
        usage_type="metered",
        at=start,
    )["id"]
    half = shop.coupon(percent_off=50.0, duration="repeating", duration_in_months=3, at=start)["id"]
    once = shop.coupon(amount_off=1000, currency="eur", duration="once", at=start)["id"]
    people = [shop.customer(email=f"p{n}@example.fr", name=f"P {n}", at=start)["id"] for n in range(8)]
    subs = [
        shop.subscribe(customer=people[0], price=club, coupons=[half], at=start),
        shop.subscribe(customer=people[1], price=club, coupons=[once], trial_days=7, at=start),
        shop.subscribe(customer=people[2], price=club, outcome="failed", at=start),
        shop.subscribe(customer=people[3], items=[(club, 2), (tiered, 1)], usage={tiered: 7}, at=start),
        shop.subscribe(customer=people[4], price=club, method="sepa_debit", at=start),
        shop.subscribe(customer=people[5], price=club, days_until_due=10, at=start),
        shop.instalments(customer=people[6], price=club, count=2, at=start),
        shop.subscribe(customer=people[7], price=club, at=start),
    ]
    shop.customer_discount(people[7], shop.coupon(percent_off=10.0, duration="forever", at=start)["id"], at=start)
    shop.settle_payment(subs[4]["charge"], at=start + DAY)
    shop.fail_payment_late(subs[4]["charge"], at=start + 2 * DAY)
    shop.invoice_paid_outside(subs[5]["invoice"], at=start + DAY)
    shop.change(subs[0]["subscription"], price=twice, at=start + DAY)
    shop.change(subs[3]["subscription"], pause_collection={"behavior": "void", "resumes_at": None}, at=start + DAY)
    shop.cancel(subs[7]["subscription"], at_period_end=True, at=start + DAY)
    shop.advance(now, failing=[people[4]])
    shop.pause(subs[1]["subscription"])
    sale = shop.sell(amount=10_000, email="s@example.fr", at=start)
    foreign = shop.sell(amount=10_000, currency="usd", exchange_rate=0.92, email="us@example.com", at=start)
    waiting = shop.sell(amount=5_000, method="sepa_debit", email="sepa@example.fr", at=start)
    refund = shop.refund(sale["charge"], amount=1_000, at=start + DAY)
    shop.refund_fails(refund["id"], at=start + 2 * DAY)
    won = shop.dispute_open(sale["charge"], at=start + DAY)
    shop.dispute_won(won["id"], at=start + 2 * DAY)
    shop.dispute_lost(shop.dispute_open(foreign["charge"], at=start)["id"], at=start + DAY)
    shop.dispute_open(subs[0]["charge"], inquiry=True, at=start + DAY)
    shop.fail_payment_late(waiting["charge"], at=start + DAY)
    shop.payout_fails(shop.payout(at=start + 9 * DAY)["id"], at=start + 11 * DAY)
    shop.payout(at=now)
    shop.close_invoice(shop.invoice(customer=people[0], amount=700, at=start), "uncollectible", at=start + DAY)
    shop.invoice(customer=people[0], amount=900)
    shop.settings(tax_percent="20")
    shop.subscribe(customer=people[7], price=club)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_every_answered_object_has_the_fields_and_values_that_the_sdk_knows(
    world: World, judge: Judge, kind: str
) -> None:
    path = LISTS[kind]
    found = world.get(f"{path}{'' if path.endswith('&') else '?'}limit=100")

    assert {row["object"] for row in found["data"]} == {kind}
    assert judge.object(found) == []


@pytest.mark.parametrize(
    ("path", "expand"),
    [
        ("/v1/subscriptions?status=all&", ("discounts.source.coupon", "latest_invoice.payments", "customer")),
        ("/v1/invoices?", ("payments", "customer", "lines.data.pricing.price_details.price")),
        ("/v1/charges?", ("balance_transaction", "payment_intent.latest_charge", "refunds", "customer.subscriptions")),
        ("/v1/disputes?", ("charge.balance_transaction",)),
        ("/v1/prices?", ("tiers", "product")),
        ("/v1/checkout/sessions?", ("line_items", "customer", "payment_intent")),
        ("/v1/balance_transactions?", ("source",)),
    ],
)
def test_what_is_expanded_fits_too(world: World, judge: Judge, path: str, expand: tuple[str, ...]) -> None:
    shallow = [f"expand[]=data.{name}" for name in expand if name.count(".") < 3]

    found = world.get(f"{path}limit=100&{'&'.join(shallow)}")

    assert judge.object(found) == []


def test_single_objects_and_the_balance_fit(world: World, judge: Judge) -> None:
    assert judge.object(world.get("/v1/balance")) == []
    for kind in ("subscription", "invoice", "charge", "discount"):
        for object_id in world.shop.ids(kind)[:50]:
            assert judge.object(world.shop.get(object_id)) == []
    for invoice in world.shop.ids("invoice"):
        assert judge.object(world.get(f"/v1/invoices/{invoice}/lines")) == []


def test_the_objects_of_events_fit_too(world: World, judge: Judge) -> None:
    seen = set()
    for event in world.get("/v1/events?limit=100")["data"]:
        kind = event["data"]["object"]["object"]
        if kind in judge.kinds():
            seen.add(kind)
            assert judge.object(event["data"]["object"]) == [], event["type"]
    assert {"invoice", "charge", "subscription"} <= seen


def test_all_statuses_that_a_hub_must_tell_apart_were_among_what_was_judged(world: World) -> None:
    subscriptions = {row["status"] for row in world.get("/v1/subscriptions?status=all&limit=100")["data"]}
    invoices = {row["status"] for row in world.get("/v1/invoices?limit=100")["data"]}
    categories = {row["reporting_category"] for row in world.get("/v1/balance_transactions?limit=100")["data"]}

    assert subscriptions >= {"active", "incomplete", "past_due", "paused", "canceled"}
    assert invoices >= {"paid", "open", "void", "uncollectible"}
    assert categories >= {"charge", "refund", "refund_failure", "dispute", "dispute_reversal", "charge_failure"}
    assert categories >= {"payout", "payout_reversal"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/subscription_schedules", stripe.SubscriptionSchedule),
        ("/v1/account", stripe.Account),
    ],
)
def test_kinds_outside_the_contract_have_only_fields_of_the_sdk(world: World, path: str, kind: type) -> None:
    found = world.get(path)
    known = {name: hint for name, hint in kind.__annotations__.items() if name.islower()}
    required = {name for name, hint in known.items() if type(None) not in get_args(hint)}

    for row in found.get("data", [found]):
        assert set(row) - set(known) == set()
        assert required - set(row) == set()


def _spoil(row: dict[str, Any], how: str) -> None:
    if how == "unknown field":
        row["paid_out_of_band"] = False
    elif how == "missing":
        del row["status_transitions"]
    elif how == "not among the listed values":
        row["status"] = "failed"
    elif how == "is no int":
        row["total"] = "4900"
    elif how == "it is not optional":
        row["lines"]["data"][0]["period"] = None
    elif how == "no such kind":
        row["lines"]["data"][0]["object"] = "invoice_line"


@pytest.mark.parametrize(
    "how",
    [
        "unknown field",
        "missing",
        "not among the listed values",
        "is no int",
        "it is not optional",
        "no such kind",
    ],
)
def test_the_judge_refuses_what_is_wrong(world: World, judge: Judge, how: str) -> None:
    row = copy.deepcopy(world.get("/v1/invoices?limit=1")["data"][0])
    _spoil(row, how)

    wrong = judge.object(row)

    assert len(wrong) == 1
    assert how in wrong[0]
