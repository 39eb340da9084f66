"""Subscriptions and schedules of the Stripe sandbox, told by controls and by the official client."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe_kit import World, served

DAY = 86_400


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(server: World) -> World:
    return server.fresh()


@pytest.fixture
def club(world: World) -> str:
    return str(world.shop.price(amount=4900, product="Club", interval="month")["id"])


@pytest.fixture
def lea(world: World) -> str:
    return str(world.shop.customer(email="lea@example.fr", name="Léa")["id"])


def _proration(line: stripe.InvoiceLineItem) -> bool | None:
    assert line.parent is not None
    details = line.parent.subscription_item_details
    return details.proration if details else None


def test_a_subscription_of_the_31st_renews_on_the_last_day_of_short_months(world: World, club: str, lea: str) -> None:
    made = world.shop.subscribe(customer=lea, price=club, at=_at("2026-01-31T10:00"))
    assert world.shop.advance(_at("2026-05-15")) == 3

    invoices = world.client.v1.invoices.list({"subscription": made["subscription"]}).data
    assert [_day(row.created) for row in invoices] == ["2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31"]
    assert [row.billing_reason for row in invoices] == ["subscription_cycle"] * 3 + ["subscription_create"]
    assert {row.status for row in invoices} == {"paid"}
    line = invoices[0].lines.data[0].period
    assert (_day(line.start), _day(line.end)) == ("2026-04-30", "2026-05-31")
    item = world.client.v1.subscriptions.retrieve(made["subscription"]).items.data[0]
    assert (_day(item.current_period_start), _day(item.current_period_end)) == ("2026-04-30", "2026-05-31")
    assert "current_period_end" not in world.get(f"/v1/subscriptions/{made['subscription']}")


def test_a_charge_finds_its_invoice_through_the_invoice_payments_only(world: World, club: str, lea: str) -> None:
    made = world.shop.subscribe(customer=lea, price=club)
    charge = world.client.v1.charges.retrieve(made["charge"])
    assert "invoice" not in charge

    params: Any = {"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}
    [link] = world.client.v1.invoice_payments.list(params).data
    assert (link.invoice, link.amount_paid, link.status) == (made["invoice"], 4900, "paid")
    assert world.client.v1.invoice_payments.list({"invoice": made["invoice"]}).data[0].id == link.id


def test_a_failed_renewal_is_past_due_until_it_is_paid_or_given_up(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    start = world.sandbox.now() - 40 * DAY
    made = shop.subscribe(customer=lea, price=club, at=start)
    failed = shop.renew(made["subscription"], outcome="failed", decline="insufficient_funds")
    assert failed["status"] == "past_due"
    invoice = v1.invoices.retrieve(failed["invoice"])
    assert (invoice.status, invoice.attempt_count, invoice.amount_remaining) == ("open", 1, 4900)
    assert invoice.next_payment_attempt == invoice.created + 3 * DAY
    charge = v1.charges.retrieve(failed["charge"])
    assert (charge.status, charge.failure_code) == ("failed", "card_declined")
    assert charge.outcome is not None
    assert charge.outcome.reason == "insufficient_funds"

    shop.fail_payment(made["subscription"])
    assert v1.invoices.retrieve(invoice.id).attempt_count == 2
    shop.recover(made["subscription"])
    assert v1.subscriptions.retrieve(made["subscription"]).status == "active"
    assert v1.invoices.retrieve(invoice.id).status == "paid"
    types = [event.type for event in v1.events.list({"limit": 100}).auto_paging_iter()][::-1]
    assert types.count("invoice.payment_failed") == 2
    assert types.index("invoice.payment_failed") < types.index("invoice.paid", types.index("charge.failed"))

    shop.renew(made["subscription"], outcome="failed")
    shop.fail_payment(made["subscription"], final="canceled")
    gone = v1.subscriptions.retrieve(made["subscription"])
    assert (gone.status, gone.cancellation_details and gone.cancellation_details.reason) == (
        "canceled",
        "payment_failed",
    )
    assert v1.subscriptions.list({"customer": lea}).data == []
    assert len(v1.subscriptions.list({"customer": lea, "status": "all"}).data) == 1


def test_an_end_that_was_planned_comes_at_the_end_of_the_period(world: World, club: str, lea: str) -> None:
    v1 = world.client.v1
    made = world.shop.subscribe(customer=lea, price=club)
    planned = v1.subscriptions.update(made["subscription"], {"cancel_at_period_end": True})
    end = planned.items.data[0].current_period_end
    assert (planned.status, planned.cancel_at, planned.canceled_at is not None) == ("active", end, True)
    kept = v1.subscriptions.update(made["subscription"], {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    v1.subscriptions.update(made["subscription"], {"cancel_at_period_end": True})
    assert world.shop.renew(made["subscription"]) == {"invoice": None, "charge": None, "status": "canceled"}
    assert v1.subscriptions.retrieve(made["subscription"]).ended_at == end
    with pytest.raises(stripe.InvalidRequestError):
        v1.subscriptions.cancel(made["subscription"])


def test_an_instalment_plan_takes_its_payments_and_ends(world: World, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    price = shop.price(amount=33_300, product="Programme", interval="month")["id"]
    plan = shop.instalments(customer=lea, price=price, count=3, at=_at("2026-01-31"))
    schedule = v1.subscription_schedules.retrieve(plan["schedule"])
    assert (schedule.end_behavior, len(schedule.phases), schedule.status) == ("cancel", 1, "active")
    assert [_day(schedule.phases[0].start_date), _day(schedule.phases[0].end_date)] == ["2026-01-31", "2026-04-30"]

    shop.advance(_at("2026-12-31"))
    assert [row.amount for row in v1.charges.list({"customer": lea}).data] == [33_300] * 3
    gone = v1.subscriptions.retrieve(plan["subscription"])
    assert (gone.status, gone.ended_at and _day(gone.ended_at)) == ("canceled", "2026-04-30")
    assert v1.subscription_schedules.retrieve(plan["schedule"]).status == "completed"


def test_a_schedule_of_the_api_changes_price_by_phase_and_then_lets_go(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    full = shop.price(amount=9900, product="Club", interval="month")["id"]
    made = v1.subscription_schedules.create(
        {
            "customer": lea,
            "start_date": "now",
            "end_behavior": "release",
            "phases": [
                {"items": [{"price": club}], "duration": {"interval": "month", "interval_count": 2}},
                {"items": [{"price": full, "quantity": 2}], "duration": {"interval": "month", "interval_count": 1}},
            ],
        }
    )
    assert isinstance(made.subscription, str)
    for _ in range(3):
        shop.renew(made.subscription)

    totals = [row.total for row in v1.invoices.list({"subscription": made.subscription}).data]
    assert totals == [19_800, 19_800, 4_900, 4_900]
    after = v1.subscription_schedules.retrieve(made.id)
    assert (after.status, after.released_subscription) == ("released", made.subscription)
    assert v1.subscriptions.retrieve(made.subscription).schedule is None
    outdated: Any = {"customer": lea, "phases": [{"items": [{"price": club}], "iterations": 3}]}
    with pytest.raises(stripe.InvalidRequestError, match="iterations"):
        v1.subscription_schedules.create(outdated)


def test_a_trial_costs_nothing_and_the_first_period_starts_at_its_end(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    made = v1.subscriptions.create({"customer": lea, "items": [{"price": club}], "trial_period_days": 14})
    first = v1.invoices.retrieve(str(made.latest_invoice))
    assert (made.status, first.total, first.status) == ("trialing", 0, "paid")
    assert v1.charges.list().data == []

    renewed = shop.renew(made.id)
    invoice = v1.invoices.retrieve(renewed["invoice"])
    assert (renewed["status"], invoice.total) == ("active", 4900)
    assert invoice.lines.data[0].period.start == made.trial_end


def test_more_seats_and_another_price_are_prorated_on_the_next_invoice(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    made = shop.subscribe(customer=lea, price=club, at=_at("2026-04-01"))
    shop.change(made["subscription"], quantity=3, at=_at("2026-04-16"))
    assert v1.subscriptions.retrieve(made["subscription"]).items.data[0].quantity == 3
    renewed = shop.renew(made["subscription"])

    invoice = v1.invoices.retrieve(renewed["invoice"])
    lines = [(line.amount, bool(_proration(line))) for line in invoice.lines.data]
    assert sorted(lines) == [(-2450, True), (7350, True), (14_700, False)]
    assert invoice.total == 19_600

    event = v1.events.list({"type": "customer.subscription.updated"})
    assert event.data == []  # older than thirty days, so nobody hears of it any more


def test_a_yearly_price_starts_a_new_period_at_once_and_gives_back_the_rest(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    yearly = shop.price(amount=49_000, product="Club", interval="year")["id"]
    made = shop.subscribe(customer=lea, price=club, at=_at("2026-04-01"))
    shop.change(made["subscription"], price=yearly, at=_at("2026-04-16"))

    now = v1.subscriptions.retrieve(made["subscription"])
    assert _day(now.items.data[0].current_period_end) == "2027-04-16"
    invoice = v1.invoices.retrieve(str(now.latest_invoice))
    assert (invoice.billing_reason, invoice.total) == ("subscription_update", 49_000 - 2_450)


def test_a_card_that_fails_makes_an_incomplete_subscription_that_can_expire(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    shop.card_fails(lea)
    made = v1.subscriptions.create({"customer": lea, "items": [{"price": club}]})
    assert made.status == "incomplete"
    with pytest.raises(stripe.CardError):
        v1.invoices.pay(str(made.latest_invoice))
    shop.card_fails(lea, None)
    v1.invoices.pay(str(made.latest_invoice))
    assert v1.subscriptions.retrieve(made.id).status == "active"

    other = shop.subscribe(customer=lea, price=club, outcome="failed")
    assert v1.subscriptions.cancel(other["subscription"]).status == "incomplete_expired"


def test_a_paused_subscription_does_not_renew_until_it_is_resumed(world: World, club: str, lea: str) -> None:
    shop = world.shop
    made = shop.subscribe(customer=lea, price=club, at=_at("2026-01-01"))
    path = f"/v1/subscriptions/{made['subscription']}"
    status, body, _ = world.call("POST", f"{path}/pause")
    assert (status, body["status"], body["status_details"]["paused"]["subscription"]["type"]) == (
        200,
        "paused",
        "pause_requested",
    )
    assert shop.advance(_at("2026-09-01")) == 0
    assert world.call("POST", f"{path}/resume")[1]["status"] == "active"
    assert world.get(f"/v1/invoices?subscription={made['subscription']}")["data"][0]["status"] == "paid"


def test_the_same_history_gives_the_same_ids_every_time(world: World) -> None:
    def build() -> tuple[list[str], int]:
        shop = world.fresh().shop
        start = _at("2025-09-15")
        club = shop.price(amount=4900, product="Club", interval="month", at=start)["id"]
        for number in range(60):
            at = start + number * 3600
            shop.subscribe(customer=shop.customer(email=f"{number}@example.fr", at=at)["id"], price=club, at=at)
        shop.advance(_at("2026-11-20"))
        return shop.ids("charge"), len(shop.ids("invoice"))

    ids, invoices = build()
    assert invoices == 60 * 15
    assert build()[0] == ids


def test_a_recurring_price_sold_through_checkout_starts_a_subscription(world: World, club: str) -> None:
    sold = world.shop.sell(price=club, email="zoe@example.fr", name="Zoé", client_reference_id="lead-7")
    session = world.client.v1.checkout.sessions.retrieve(sold["session"])

    assert (session.mode, session.status, session.payment_status) == ("subscription", "complete", "paid")
    assert (session.subscription, session.invoice, session.payment_intent) == (
        sold["subscription"],
        sold["invoice"],
        None,
    )
    assert world.client.v1.subscriptions.retrieve(sold["subscription"]).status == "active"
    assert world.client.v1.charges.retrieve(sold["charge"]).amount == 4900
    assert world.client.v1.customers.retrieve(sold["customer"]).email == "zoe@example.fr"
