"""Webhooks of the Stripe sandbox: signed, versioned, retried, and held, dropped, doubled or mixed up on demand."""

from collections.abc import Iterator

import pytest
import stripe

from tests.sandboxes.stripe_kit import Receiver, World, receiver, served

DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(server: World) -> World:
    return server.fresh()


@pytest.fixture
def hooks(world: World) -> Iterator[Receiver]:
    with receiver() as found:
        yield found
        # The threads that post must be still before the receiver goes.
        world.sandbox.webhooks.retry_delays([])
        assert world.sandbox.webhooks.wait()


def test_a_change_made_by_the_api_is_posted_with_a_signature_that_the_sdk_accepts(
    world: World, hooks: Receiver
) -> None:
    client = world.client
    made = client.v1.webhook_endpoints.create({"url": hooks.url, "enabled_events": ["customer.created"]})
    assert made.secret is not None
    customer = client.v1.customers.create({"name": "Zoé"}, {"idempotency_key": "k1"})
    client.v1.products.create({"name": "not asked for"})
    assert world.sandbox.webhooks.wait()

    [(headers, body)] = hooks.got
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], made.secret)
    assert (event.type, event.data.object["id"], event.api_version) == (
        "customer.created",
        customer.id,
        "2026-10-28.endive",
    )
    assert event.request is not None
    assert event.request.idempotency_key == "k1"
    assert event.request.id
    assert ",v0=" in headers["Stripe-Signature"]
    for body_or_secret in ((body + b" ", made.secret), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body_or_secret[0], headers["Stripe-Signature"], body_or_secret[1])
    assert client.v1.events.retrieve(event.id).pending_webhooks == 0


def test_both_secrets_sign_while_one_is_rolled_and_only_the_new_one_afterwards(world: World, hooks: Receiver) -> None:
    controls = world.sandbox.webhooks
    old = controls.endpoint(hooks.url)
    new = controls.roll_secret(old["id"], keep_seconds=DAY)
    world.shop.customer(deliver=True)
    assert controls.wait()
    controls.roll_secret(old["id"], keep_seconds=0)
    world.shop.customer(deliver=True)
    assert controls.wait()

    (rolling, body), (after, body_after) = hooks.got
    for secret in (old["secret"], new):
        stripe.Webhook.construct_event(body, rolling["Stripe-Signature"], secret)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body_after, after["Stripe-Signature"], secret)
    assert after["Stripe-Signature"].count("v1=") == 1


def test_a_refused_delivery_is_tried_again_with_the_same_event_until_it_is_taken(world: World, hooks: Receiver) -> None:
    hooks.statuses = [500, 302, 200]
    controls = world.sandbox.webhooks
    controls.retry_delays([0.01, 0.01, 0.01])
    controls.endpoint(hooks.url)

    world.shop.customer(deliver=True)
    assert controls.wait()

    ids = {event["id"] for event in hooks.events()}
    assert (len(hooks.got), len(ids)) == (3, 1)
    log = controls.deliveries()
    assert [(row["attempt"], row["outcome"], row["status"]) for row in log] == [
        (1, "failed", 500),
        (2, "failed", 302),
        (3, "delivered", 200),
    ]
    assert world.get(f"/v1/events/{ids.pop()}")["pending_webhooks"] == 0


def test_what_was_never_delivered_is_found_among_the_events(world: World, hooks: Receiver) -> None:
    controls = world.sandbox.webhooks
    controls.retry_delays([])
    controls.endpoint(hooks.url)
    hooks.statuses = [503]
    refused = world.shop.customer(deliver=True)["id"]
    assert controls.wait()
    controls.drop_next(1)
    dropped = world.shop.customer(deliver=True)["id"]
    taken = world.shop.customer(deliver=True)["id"]
    assert controls.wait()

    missed = world.client.v1.events.list({"delivery_success": False, "types": ["customer.created"]}).data
    assert [event.data.object["id"] for event in missed] == [dropped, refused]
    sent = world.client.v1.events.list({"delivery_success": True, "type": "customer.*"}).data
    assert [event.data.object["id"] for event in sent] == [taken]
    assert [row["outcome"] for row in controls.deliveries()] == ["failed", "dropped", "delivered"]

    assert controls.emit(missed[0].id) == [200]
    assert controls.resend(missed[1].id, times=2) == 2
    assert controls.wait()
    assert [event["id"] for event in hooks.events()[-3:]] == [missed[0].id, missed[1].id, missed[1].id]
    assert world.client.v1.events.list({"delivery_success": False}).data == []


def test_held_deliveries_go_out_in_the_order_that_is_asked_for(world: World, hooks: Receiver) -> None:
    controls = world.sandbox.webhooks
    controls.endpoint(hooks.url)
    controls.hold()
    for number in range(6):
        world.shop.customer(name=str(number), deliver=True)
    ids = [row["event"] for row in controls.held()]
    assert controls.wait()
    assert hooks.got == []

    controls.release([ids[4], ids[1]], keep_holding=True)
    assert controls.drop([ids[0]]) == 1
    assert controls.release("lifo", twice=True) == 6

    names = [event["data"]["object"]["name"] for event in hooks.events()]
    assert names == ["4", "1", "5", "5", "3", "3", "2", "2"]
    assert controls.held() == []
    world.shop.customer(deliver=True)
    assert controls.wait()
    assert len(hooks.got) == 9


def test_chaos_drops_and_doubles_by_a_seed(world: World, hooks: Receiver) -> None:
    controls = world.sandbox.webhooks
    controls.endpoint(hooks.url)
    controls.chaos(drop=0.3, duplicate=0.3, seed=4)
    for _ in range(60):
        world.shop.customer(deliver=True)
    assert controls.wait()

    dropped = sum(row["outcome"] == "dropped" for row in controls.deliveries())
    seen = [event["id"] for event in hooks.events()]
    assert 0 < dropped < 60
    assert len(set(seen)) == 60 - dropped
    assert len(seen) > len(set(seen))


def test_each_endpoint_gets_the_shapes_of_its_own_version(world: World) -> None:
    shop = world.shop
    with receiver() as old, receiver() as new:
        controls = world.sandbox.webhooks
        controls.endpoint(old.url, api_version="2024-09-30.acacia")
        controls.endpoint(new.url)
        price = shop.price(amount=4900, product="Club", interval="month")["id"]
        coupon = shop.coupon(percent_off=10.0, duration="forever")["id"]
        made = shop.subscribe(customer=shop.customer()["id"], price=price, coupons=[coupon], deliver=True)
        assert controls.wait()
        before = {event["type"]: event for event in old.events()}
        after = {event["type"]: event for event in new.events()}

    assert before.keys() == after.keys()
    assert {event["id"] for event in before.values()} == {event["id"] for event in after.values()}
    assert {event["api_version"] for event in before.values()} == {"2024-09-30.acacia"}
    subscription = before["customer.subscription.created"]["data"]["object"]
    assert subscription["current_period_end"] > subscription["current_period_start"]
    assert "current_period_end" not in subscription["items"]["data"][0]
    assert subscription["discount"]["coupon"]["id"] == coupon
    assert "current_period_end" in after["customer.subscription.created"]["data"]["object"]["items"]["data"][0]
    invoice = before["invoice.paid"]["data"]["object"]
    assert (invoice["subscription"], invoice["paid"], invoice["charge"]) == (made["subscription"], True, made["charge"])
    line = invoice["lines"]["data"][0]
    assert (line["type"], line["price"]["id"], line["proration"]) == ("subscription", price, False)
    assert before["charge.succeeded"]["data"]["object"]["invoice"] == made["invoice"]
    shown = after["invoice.paid"]["data"]["object"]
    assert shown["parent"]["subscription_details"]["subscription"] == made["subscription"]
    assert {"subscription", "paid", "charge"}.isdisjoint(shown)
    assert "invoice" not in after["charge.succeeded"]["data"]["object"]


def test_a_thin_event_is_verified_and_leads_to_its_event_and_its_object(world: World, hooks: Receiver) -> None:
    client = world.client
    made = client.v2.core.event_destinations.create(
        {
            "name": "thin",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.customer.created"],
            "webhook_endpoint": {"url": hooks.url},
            "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
        }
    )
    assert made.webhook_endpoint is not None
    secret = made.webhook_endpoint.signing_secret
    customer = client.v1.customers.create({"name": "A"})
    assert world.sandbox.webhooks.wait()

    [(headers, body)] = hooks.got
    with pytest.raises(ValueError, match="parse_event_notification"):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    note = client.parse_event_notification(body, headers["Stripe-Signature"], secret)
    assert (note.type, note.object) == ("v1.customer.created", "v2.core.event")
    assert isinstance(note, stripe.events.V1CustomerCreatedEventNotification)
    assert note.fetch_related_object().id == customer.id
    event = note.fetch_event()
    assert (event.id, event.snapshot_event is not None) == (note.id, True)
    plain = client.v2.core.event_destinations.retrieve(made.id)
    assert plain.webhook_endpoint is None
    assert [row.id for row in client.v2.core.event_destinations.list().data] == [made.id]
    assert client.v2.core.event_destinations.disable(made.id).status == "disabled"
    client.v1.customers.create({"name": "B"})
    client.v2.core.event_destinations.delete(made.id)
    assert world.sandbox.webhooks.wait()
    assert len(hooks.got) == 1
    with pytest.raises(stripe.InvalidRequestError):
        client.v2.core.event_destinations.retrieve(made.id)


def test_history_is_silent_and_events_older_than_thirty_days_are_gone(world: World, hooks: Receiver) -> None:
    world.sandbox.webhooks.endpoint(hooks.url)
    now = world.sandbox.now()
    for age in (40, 29, 1):
        world.shop.customer(name=str(age), at=now - age * DAY)
    assert world.sandbox.webhooks.wait()

    assert hooks.got == []
    found = world.client.v1.events.list({"type": "customer.created"}).data
    assert [event.data.object["name"] for event in found] == ["1", "29"]
    assert {event.pending_webhooks for event in found} == {0}
    assert [event.id for event in world.client.v1.events.list({"limit": 1, "ending_before": found[1].id}).data] == [
        found[0].id
    ]


def test_a_disabled_endpoint_gets_nothing_and_loses_its_retries(world: World, hooks: Receiver) -> None:
    controls = world.sandbox.webhooks
    made = controls.endpoint(hooks.url)
    controls.hold()
    world.shop.customer(deliver=True)
    controls.set_status(made["id"], "disabled")
    controls.release()
    world.shop.customer(deliver=True)
    assert controls.wait()

    assert hooks.got == []
    assert [row["outcome"] for row in controls.deliveries()] == ["endpoint gone or disabled"]


def test_an_address_that_nobody_answers_fails_and_is_noted(world: World) -> None:
    controls = world.sandbox.webhooks
    with receiver() as gone:
        url = gone.url
    controls.retry_delays([0.01])
    controls.endpoint(url)
    world.shop.customer(deliver=True)
    assert controls.wait()

    assert [(row["attempt"], row["status"]) for row in controls.deliveries()] == [(1, None), (2, None)]
    assert "ConnectionRefusedError" in controls.deliveries()[0]["error"]
    assert controls.emit(controls.deliveries()[0]["event"]) == [None]


def test_what_time_alone_makes_can_be_told(world: World, hooks: Receiver) -> None:
    world.sandbox.webhooks.endpoint(hooks.url, enabled_events=["invoice.overdue"])
    invoice = world.shop.invoice(customer=world.shop.customer()["id"], amount=900, days_until_due=1)
    event = world.shop.tell("invoice.overdue", invoice)
    assert world.sandbox.webhooks.wait()

    assert [(one["id"], one["type"]) for one in hooks.events()] == [(event, "invoice.overdue")]
    assert hooks.events()[0]["data"]["object"]["id"] == invoice
