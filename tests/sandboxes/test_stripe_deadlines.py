"""What time, a hosted page and older API versions bring about: deadlines, saved cards, discounts on a customer."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe_kit import KEY, World, receiver, served

DAY = 86_400


@pytest.fixture(scope="module")
def _served() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(_served: World) -> World:
    return _served.fresh()


def told(world: World, kind: str) -> list[dict[str, Any]]:
    """The events of a type, oldest first."""
    return world.get(f"/v1/events?limit=100&type={kind}")["data"][::-1]


def club(world: World) -> str:
    return str(world.shop.price(amount=4900, product="Club", interval="month")["id"])


def test_a_trial_is_told_of_three_days_before_its_end_and_only_once(world: World) -> None:
    now = world.sandbox.now()
    customer = world.shop.customer(email="a@example.fr")["id"]
    made = world.shop.subscribe(customer=customer, price=club(world), trial_days=14, at=now)
    assert told(world, "customer.subscription.trial_will_end") == []
    world.control("advance", until=now + 10 * DAY)
    assert told(world, "customer.subscription.trial_will_end") == []
    world.control("advance", until=now + 12 * DAY)
    world.control("advance", until=now + 20 * DAY)
    (event,) = told(world, "customer.subscription.trial_will_end")
    assert event["created"] == now + 11 * DAY
    row = event["data"]["object"]
    assert (row["id"], row["status"], row["trial_end"]) == (made["subscription"], "trialing", now + 14 * DAY)


def test_a_trial_of_less_than_three_days_is_told_of_when_it_begins(world: World) -> None:
    customer, price = world.shop.customer(email="a@example.fr")["id"], club(world)
    made = world.client.v1.subscriptions.create(
        {"customer": customer, "items": [{"price": price}], "trial_period_days": 1}
    )
    (event,) = told(world, "customer.subscription.trial_will_end")
    assert event["data"]["object"]["id"] == made.id


def test_a_trial_that_is_moved_is_told_of_again(world: World) -> None:
    now = world.sandbox.now()
    customer = world.shop.customer(email="a@example.fr")["id"]
    made = world.shop.subscribe(customer=customer, price=club(world), trial_days=2, at=now)
    world.client.v1.subscriptions.update(made["subscription"], {"trial_end": now + 30 * DAY})
    assert len(told(world, "customer.subscription.trial_will_end")) == 1
    world.control("advance", until=now + 28 * DAY)
    assert [event["data"]["object"]["trial_end"] for event in told(world, "customer.subscription.trial_will_end")] == [
        now + 2 * DAY,
        now + 30 * DAY,
    ]


def test_an_open_invoice_is_overdue_when_its_date_passes_and_a_paid_one_never_is(world: World) -> None:
    now = world.sandbox.now()
    customer = world.shop.customer(email="a@example.fr")["id"]
    late = world.shop.invoice(customer=customer, amount=5000, days_until_due=10, at=now)
    paid = world.shop.invoice(customer=customer, amount=6000, days_until_due=10, at=now)
    world.shop.recover(paid, at=now + DAY)
    world.control("advance", until=now + 9 * DAY)
    assert told(world, "invoice.overdue") == []
    world.control("advance", until=now + 11 * DAY)
    world.control("advance", until=now + 12 * DAY)
    (event,) = told(world, "invoice.overdue")
    assert (event["created"], event["data"]["object"]["id"]) == (now + 10 * DAY, late)
    assert event["data"]["object"]["status"] == "open"


def test_deadlines_are_posted_to_the_endpoints_that_ask_for_them(world: World) -> None:
    now = world.sandbox.now()
    with receiver() as hooks:
        world.sandbox.webhooks.endpoint(hooks.url, enabled_events=["invoice.overdue"])
        customer = world.shop.customer(email="a@example.fr")["id"]
        world.shop.invoice(customer=customer, amount=5000, days_until_due=1, at=now)
        world.control("advance", until=now + 2 * DAY, deliver=True)
        assert world.sandbox.webhooks.wait()
    assert hooks.types() == ["invoice.overdue"]


def test_evidence_is_due_when_the_dispute_says_so(world: World) -> None:
    now = world.sandbox.now()
    charge = world.shop.sell(amount=5000, product="Guide", at=now)["charge"]
    made = world.shop.dispute_open(charge, days=21, at=now)
    assert made["evidence_details"]["due_by"] == now + 21 * DAY
    answered = world.client.v1.disputes.update(made["id"], {"evidence": {"uncategorized_text": "Livré."}})
    assert answered.evidence_details.has_evidence
    assert answered.status == "under_review"


def test_a_discount_on_a_customer_lowers_the_invoices_of_subscriptions_without_their_own(world: World) -> None:
    shop = world.shop
    half, tenth = (shop.coupon(percent_off=percent, duration="forever")["id"] for percent in (50.0, 10.0))
    customer = shop.customer(email="a@example.fr")["id"]
    discount = shop.customer_discount(customer, half)
    shown = world.client.v1.customers.retrieve(customer).discount
    assert shown is not None
    assert (shown.id, shown.subscription, shown.source.coupon) == (discount, None, half)
    plain = shop.subscribe(customer=customer, price=club(world))
    own = shop.subscribe(customer=customer, price=club(world), coupons=[tenth])
    totals = [world.client.v1.invoices.retrieve(made["invoice"]).total for made in (plain, own)]
    assert totals == [2450, 4410]
    gone = world.client.v1.customers.delete_discount(customer)
    assert (gone.id, gone.deleted) == (discount, True)
    assert world.client.v1.customers.retrieve(customer).discount is None
    renewed = shop.renew(plain["subscription"])
    assert world.client.v1.invoices.retrieve(renewed["invoice"]).total == 4900
    with pytest.raises(stripe.InvalidRequestError):
        world.client.v1.customers.delete_discount(customer)


def test_a_customers_discount_for_one_invoice_is_used_up_by_it(world: World) -> None:
    once = world.shop.coupon(percent_off=50.0, duration="once")["id"]
    customer = world.shop.customer(email="a@example.fr")["id"]
    world.shop.customer_discount(customer, once)
    made = world.shop.subscribe(customer=customer, price=club(world))
    assert world.client.v1.invoices.retrieve(made["invoice"]).total == 2450
    assert world.client.v1.customers.retrieve(customer).discount is None
    assert [len(told(world, f"customer.discount.{end}")) for end in ("created", "deleted")] == [1, 1]


def test_a_saved_card_is_the_customers_and_one_that_fails_fails_their_subscriptions(world: World) -> None:
    client = world.client
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    good = client.v1.customers.create({"email": "a@example.fr"})
    assert client.v1.payment_methods.attach(card.id, {"customer": good.id}).customer == good.id
    bad = client.v1.customers.create({"payment_method": "pm_card_chargeCustomerFail"})
    statuses = [
        client.v1.subscriptions.create({"customer": each.id, "items": [{"price": club(world)}]}).status
        for each in (good, bad)
    ]
    assert statuses == ["active", "incomplete"]


def test_a_test_card_can_open_a_dispute_or_an_inquiry(world: World) -> None:
    opened = []
    for method in ("pm_card_createDispute", "pm_card_createDisputeInquiry"):
        paid = world.client.v1.payment_intents.create(
            {"amount": 900, "currency": "eur", "confirm": True, "payment_method": method}
        )
        opened += world.client.v1.disputes.list({"payment_intent": paid.id}).data
    assert [each.status for each in opened] == ["needs_response", "warning_needs_response"]


def test_the_payment_page_refuses_another_amount_than_the_sessions(world: World) -> None:
    price = world.shop.price(amount=1500, product="Guide")["id"]
    session = world.client.v1.checkout.sessions.create(
        {"mode": "payment", "success_url": "https://example.com", "line_items": [{"price": price, "quantity": 2}]}
    )
    card = world.client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    for amount, expected in ((1500, 400), (3000, 200)):
        body = f"payment_method={card.id}&expected_amount={amount}"
        status, _, _ = world.call("POST", f"/v1/payment_pages/{session.id}/confirm", body, key=KEY)
        assert status == expected
    assert world.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_an_invoice_is_in_the_currency_of_what_waits_for_it(world: World) -> None:
    customer = world.client.v1.customers.create({"email": "a@example.fr"}).id
    world.client.v1.invoice_items.create({"customer": customer, "amount": 2000, "currency": "usd"})
    made = world.client.v1.invoices.create({"customer": customer})
    assert (made.currency, made.total) == ("usd", 2000)
