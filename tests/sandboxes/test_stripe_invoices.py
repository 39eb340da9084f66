"""What the Stripe sandbox bills: invoices, discounts, usage, tax, payments outside Stripe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe_kit import World, served

DAY = 86_400


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


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


def test_coupons_take_off_what_they_say_for_as_long_as_they_say(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    v1.coupons.create({"id": "MOITIE", "percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    v1.coupons.create({"id": "DIX", "amount_off": 1000, "currency": "eur", "duration": "once"})
    made = v1.subscriptions.create(
        {"customer": lea, "items": [{"price": club}], "discounts": [{"coupon": "MOITIE"}, {"coupon": "DIX"}]}
    )
    for _ in range(2):
        shop.renew(made.id)

    invoices = v1.invoices.list({"subscription": made.id}).data
    assert [row.total for row in invoices] == [4900, 2450, 1450]
    assert [row.subtotal for row in invoices] == [4900] * 3
    first = invoices[-1].total_discount_amounts or []
    assert [part.amount for part in first] == [2450, 1000]
    assert v1.subscriptions.retrieve(made.id).discounts == []
    assert v1.coupons.retrieve("DIX").times_redeemed == 1


def test_paused_collection_makes_invoices_that_nobody_pays(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    made = shop.subscribe(customer=lea, price=club)
    for behavior, status in (("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")):
        pause: Any = {"pause_collection": {"behavior": behavior}}
        row = v1.subscriptions.update(made["subscription"], pause)
        assert row.status == "active"
        assert v1.invoices.retrieve(shop.renew(made["subscription"])["invoice"]).status == status
    v1.subscriptions.update(made["subscription"], {"pause_collection": ""})
    assert shop.renew(made["subscription"])["charge"] is not None


def test_an_invoice_paid_outside_stripe_leaves_no_money_in_stripe(world: World, club: str, lea: str) -> None:
    shop, v1 = world.shop, world.client.v1
    made = v1.subscriptions.create(
        {"customer": lea, "items": [{"price": club}], "collection_method": "send_invoice", "days_until_due": 10}
    )
    sent = v1.invoices.retrieve(str(made.latest_invoice))
    assert (made.status, sent.status, sent.due_date) == ("active", "open", sent.created + 10 * DAY)
    paid = v1.invoices.pay(sent.id, {"paid_out_of_band": True}, {"stripe_version": "2026-10-28.endive"})

    assert (paid.status, paid.amount_paid, paid.amount_paid_off_stripe) == ("paid", 4900, 4900)
    payments = v1.invoice_payments.list({"invoice": sent.id}).data
    assert {(row.status, row.payment.type) for row in payments} == {
        ("paid", "payment_record"),
        ("canceled", "payment_intent"),
    }
    assert shop.ids("balance_transaction") == []
    assert shop.ids("charge") == []


def test_an_invoice_of_the_api_goes_from_draft_to_paid_void_or_uncollectible(world: World, lea: str) -> None:
    v1 = world.client.v1
    made = []
    for number in range(3):
        v1.invoice_items.create({"customer": lea, "amount": 1000 + number, "currency": "eur"})
        draft = v1.invoices.create({"customer": lea, "collection_method": "send_invoice", "days_until_due": 30})
        assert (draft.status, draft.total, draft.number, draft.parent) == ("draft", 1000 + number, None, None)
        opened = v1.invoices.finalize_invoice(draft.id)
        assert (opened.status, (opened.number or "")[-4:]) == ("open", f"000{number + 1}")
        made.append(draft.id)

    assert v1.invoices.pay(made[0]).status == "paid"
    assert v1.invoices.void_invoice(made[1]).status == "void"
    lost = v1.invoices.mark_uncollectible(made[2])
    assert lost.status_details is not None
    assert lost.status_details.uncollectible is not None
    assert (lost.status, lost.status_details.uncollectible.reason) == ("uncollectible", "user_forgiven")
    with pytest.raises(stripe.InvalidRequestError):
        v1.invoices.pay(made[1])
    assert [row.id for row in v1.invoices.list({"status": "void", "customer": lea}).data] == [made[1]]


def test_metered_and_tiered_prices_are_billed_by_what_was_used(world: World, lea: str) -> None:
    shop = world.shop
    tiers = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount": 30}]
    common: dict[str, Any] = {"amount": None, "product": "API", "interval": "month", "tiers": tiers}
    graduated = shop.price(tiers_mode="graduated", usage_type="metered", **common)["id"]
    volume = shop.price(tiers_mode="volume", **common)["id"]
    packs = shop.price(
        amount=900, product="Packs", interval="month", transform_quantity={"divide_by": 10, "round": "up"}
    )["id"]
    made = shop.subscribe(
        customer=lea, items=[(graduated, 1), (volume, 15), (packs, 21)], usage={graduated: 15}, at=_at("2026-01-01")
    )

    lines = world.get(f"/v1/invoices/{made['invoice']}/lines")["data"]
    # 10 x 100 + 5 x 0.5 + 30 = 1032.5; 15 x 0.5 + 30 = 37.5; three packs of 900. Halves go up.
    assert [line["amount"] for line in lines] == [1033, 38, 2700]


def test_a_bank_debit_of_a_subscription_is_paid_later_or_not_at_all(world: World, club: str, lea: str) -> None:
    shop = world.shop
    good = shop.subscribe(customer=lea, price=club, method="sepa_debit")
    bad = shop.subscribe(customer=lea, price=club, method="sepa_debit")
    assert world.get(f"/v1/invoices/{good['invoice']}")["status"] == "open"
    shop.settle_payment(good["charge"])
    shop.fail_payment_late(bad["charge"])

    assert world.get(f"/v1/invoices/{good['invoice']}")["status"] == "paid"
    assert world.get(f"/v1/invoices/{good['invoice']}")["attempt_count"] == 1
    assert world.get(f"/v1/subscriptions/{good['subscription']}")["status"] == "active"
    assert world.get(f"/v1/invoices/{bad['invoice']}")["status"] == "open"
    assert world.get(f"/v1/subscriptions/{bad['subscription']}")["status"] == "past_due"


def test_tax_that_prices_include_is_shown_and_changes_no_total(world: World, club: str, lea: str) -> None:
    world.shop.settings(tax_percent="20")
    made = world.shop.subscribe(customer=lea, price=club)
    invoice = world.get(f"/v1/invoices/{made['invoice']}")

    assert (invoice["total"], invoice["total_excluding_tax"]) == (4900, 4083)
    assert [tax["amount"] for tax in invoice["total_taxes"]] == [817]


def test_a_deleted_customer_takes_her_subscriptions_with_her(world: World, club: str, lea: str) -> None:
    made = world.shop.subscribe(customer=lea, price=club)
    world.client.v1.customers.delete(lea)

    assert world.client.v1.subscriptions.retrieve(made["subscription"]).status == "canceled"
    charge = world.client.v1.charges.retrieve(made["charge"], {"expand": ["customer"]})
    assert isinstance(charge.customer, stripe.Customer)
    assert charge.customer.deleted is True
