"""The Stripe sandbox behind the official client: objects, lists, expansion, keys, errors."""

import ast
import base64
import sys
from collections.abc import Iterator

import pytest
import stripe

from tests.paths import ROOT
from tests.sandboxes.stripe_kit import World, served

DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with served() as found:
        yield found


@pytest.fixture
def world(server: World) -> World:
    return server.fresh()


def test_a_customer_is_made_changed_found_and_deleted(world: World) -> None:
    v1 = world.client.v1

    made = v1.customers.create({"email": "léa@example.fr", "name": "Léa", "metadata": {"k": "1", "l": "2"}})
    v1.customers.update(made.id, {"metadata": {"k": "", "m": "3"}, "name": ""})
    found = v1.customers.retrieve(made.id)
    assert found.metadata is not None
    assert (found.email, found.name, found.metadata.to_dict()) == ("léa@example.fr", None, {"l": "2", "m": "3"})
    assert [row.id for row in v1.customers.list({"email": "léa@example.fr"}).data] == [made.id]

    assert v1.customers.delete(made.id).deleted is True
    assert v1.customers.list().data == []
    assert v1.customers.retrieve(made.id).to_dict() == {"id": made.id, "object": "customer", "deleted": True}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.customers.update(made.id, {"name": "x"})
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_prices_have_every_shape_and_tiers_only_when_expanded(world: World) -> None:
    v1 = world.client.v1
    product = v1.products.create({"name": "Accompagnement"})
    common = {"currency": "eur", "product": product.id}

    exact = v1.prices.create({**common, "unit_amount_decimal": "12.5"})  # type: ignore[typeddict-item]
    assert (exact.unit_amount, str(exact.unit_amount_decimal), exact.type) == (None, "12.5", "one_time")
    packs = v1.prices.create(
        {
            **common,  # type: ignore[typeddict-item]
            "unit_amount": 900,
            "recurring": {"interval": "month", "interval_count": 3},
            "transform_quantity": {"divide_by": 10, "round": "up"},
        }
    )
    assert packs.transform_quantity is not None
    assert packs.recurring is not None
    assert (packs.transform_quantity.divide_by, packs.recurring.interval_count) == (10, 3)
    tiered = v1.prices.create(
        {
            **common,  # type: ignore[typeddict-item]
            "billing_scheme": "tiered",
            "tiers_mode": "volume",
            "recurring": {"interval": "year", "usage_type": "metered"},
            "tiers": [{"up_to": 5, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 80, "flat_amount": 10}],
        }
    )
    assert "tiers" not in tiered
    shown = v1.prices.retrieve(tiered.id, {"expand": ["tiers"]}).tiers
    assert shown is not None
    assert [(tier.up_to, tier.unit_amount, tier.flat_amount) for tier in shown] == [(5, 100, None), (None, 80, 10)]


def test_lists_page_through_more_than_a_hundred_newest_first_in_both_directions(world: World) -> None:
    start = world.sandbox.now() - 300 * DAY
    for number in range(230):
        # Made in no order of time, as histories are.
        world.shop.customer(name=str(number * 7 % 230), at=start + (number * 7 % 230) * DAY)
    v1 = world.client.v1

    names = [int(row.name or 0) for row in v1.customers.list({"limit": 100}).auto_paging_iter()]
    assert names == list(range(229, -1, -1))

    page = v1.customers.list({"limit": 3, "created": {"gte": start + 10 * DAY, "lt": start + 20 * DAY}})
    assert ([int(row.name or 0) for row in page.data], page.has_more) == ([19, 18, 17], True)
    newer = v1.customers.list({"limit": 4, "ending_before": page.data[0].id})
    assert ([int(row.name or 0) for row in newer.data], newer.has_more) == ([23, 22, 21, 20], True)
    last = v1.customers.list({"limit": 100, "created": {"gt": start, "lte": start + 2 * DAY}})
    assert ([int(row.name or 0) for row in last.data], last.has_more) == ([2, 1], False)


def test_a_row_made_while_paging_neither_repeats_nor_hides_another(world: World) -> None:
    start = world.sandbox.now() - 10 * DAY
    old = [world.shop.customer(at=start + number)["id"] for number in range(5)]
    first = world.get("/v1/customers?limit=2")

    world.shop.customer(at=start + 100)
    rest = world.get(f"/v1/customers?limit=100&starting_after={first['data'][-1]['id']}")

    assert [row["id"] for row in [*first["data"], *rest["data"]]] == old[::-1]


def test_expansion_goes_four_levels_deep_and_no_deeper(world: World) -> None:
    shop = world.shop
    price = shop.price(amount=900, product="Club", interval="month")["id"]
    coupon = shop.coupon(percent_off=10.0, duration="forever")["id"]
    customer = shop.customer(email="a@example.fr")["id"]
    made = shop.subscribe(customer=customer, price=price, coupons=[coupon])
    v1 = world.client.v1

    row = v1.subscriptions.list({"expand": ["data.discounts.source.coupon", "data.customer"]}).data[0]
    discount = row.discounts[0]
    assert isinstance(discount, stripe.Discount)
    assert isinstance(discount.source.coupon, stripe.Coupon)
    assert discount.source.coupon.percent_off == 10.0
    assert isinstance(row.customer, stripe.Customer)
    charge = v1.charges.retrieve(made["charge"], {"expand": ["balance_transaction.source"]})
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert isinstance(charge.balance_transaction.source, stripe.Charge)

    for bad in ("data.a.b.c.d", "data.status", "data.nonsense", "nonsense"):
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            v1.subscriptions.list({"expand": [bad]})


def test_an_invoice_shows_ten_lines_and_lists_them_all(world: World) -> None:
    shop = world.shop
    prices = [shop.price(amount=100, product=f"P{n}", interval="month")["id"] for n in range(13)]
    made = shop.subscribe(customer=shop.customer()["id"], items=[(price, 1) for price in prices])
    v1 = world.client.v1

    invoice = v1.invoices.retrieve(made["invoice"])
    assert (len(invoice.lines.data), invoice.lines.has_more, invoice.total) == (10, True, 1300)
    assert len(list(v1.invoices.line_items.list(made["invoice"], {"limit": 5}).auto_paging_iter())) == 13
    items = v1.subscription_items.list({"subscription": made["subscription"], "limit": 100})
    assert len(items.data) == 13
    assert len(v1.subscriptions.retrieve(made["subscription"]).items.data) == 10


def test_unknown_routes_parameters_and_values_are_refused_as_stripe_refuses_them(world: World) -> None:
    status, body, headers = world.call("GET", "/v1/nothing_here")
    assert (status, body["error"]["type"]) == (404, "invalid_request_error")
    assert headers["request-id"].startswith("req_")

    status, body, _ = world.call("POST", "/v1/customers", "mail=x")
    assert (status, body["error"]["code"], body["error"]["param"]) == (400, "parameter_unknown", "mail")
    status, body, _ = world.call("POST", "/v1/prices", "currency=eur")
    assert (status, body["error"]["code"]) == (400, "parameter_missing")
    status, body, _ = world.call("GET", "/v1/charges?limit=101")
    assert (status, body["error"]["param"]) == (400, "limit")
    status, body, _ = world.call("GET", "/v1/charges?starting_after=ch_none")
    assert (status, body["error"]["code"]) == (400, "resource_missing")
    status, body, _ = world.call("GET", "/v1/charges?created[since]=1")
    assert (status, body["error"]["param"]) == (400, "created[since]")


def test_keys_choose_the_account_and_strangers_are_turned_away(world: World) -> None:
    world.sandbox.account("sk_test_other", name="Autre")
    world.client.v1.customers.create({"email": "a@example.fr"})
    other = world.client_of("sk_test_other")

    assert other.v1.customers.list().data == []
    assert world.get("/v1/account")["id"] != other.v1.accounts.retrieve_current().id
    basic = base64.b64encode(b"sk_test_other:").decode()
    assert world.call("GET", "/v1/customers", Authorization=f"Basic {basic}")[1]["data"] == []
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        world.client_of("sk_test_unknown").v1.balance.retrieve()
    assert world.call("GET", "/v1/balance", Authorization="")[0] == 401
    world.sandbox.revoke_key("sk_test_other")
    with pytest.raises(stripe.AuthenticationError, match="Expired API Key"):
        other.v1.balance.retrieve()


def test_a_restricted_key_may_do_what_it_was_given_and_nothing_else(world: World) -> None:
    world.sandbox.restricted_key("rk_test_reader", {"customers": "write", "charges": "read"})
    client = world.client_of("rk_test_reader")

    client.v1.customers.create({"name": "x"})
    assert client.v1.charges.list().data == []
    with pytest.raises(stripe.PermissionError, match="rak_charge_write"):
        client.v1.refunds.create({"charge": "ch_1"})
    with pytest.raises(stripe.PermissionError, match="rak_invoice_read"):
        client.v1.invoices.list()


def test_the_version_of_the_answer_is_the_one_asked_for(world: World) -> None:
    made = world.shop.subscribe(
        customer=world.shop.customer()["id"], price=world.shop.price(amount=500, product="C", interval="month")["id"]
    )
    path = f"/v1/subscriptions/{made['subscription']}"

    _, new, headers = world.call("GET", path)
    assert headers["stripe-version"] == "2026-10-28.endive"
    assert "current_period_end" not in new
    _, old, headers = world.call("GET", path, Stripe_Version="2024-09-30.acacia")
    assert headers["stripe-version"] == "2024-09-30.acacia"
    assert old["current_period_end"] == new["items"]["data"][0]["current_period_end"]
    assert world.call("GET", path, Stripe_Version="tomorrow")[0] == 400


def test_a_declined_card_is_a_card_error(world: World) -> None:
    v1 = world.client.v1
    with pytest.raises(stripe.CardError) as refused:
        v1.payment_intents.create(
            {"amount": 2000, "currency": "eur", "payment_method": "pm_card_chargeDeclined", "confirm": True}
        )
    assert (refused.value.http_status, refused.value.code) == (402, "card_declined")
    charge = v1.charges.list().data[0]
    assert (charge.status, charge.paid, charge.balance_transaction) == ("failed", False, None)
    intent = v1.payment_intents.list().data[0]
    paid = v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_received) == ("succeeded", 2000)


def test_sixteen_webhook_endpoints_are_the_most(world: World) -> None:
    v1 = world.client.v1
    for number in range(16):
        v1.webhook_endpoints.create({"url": f"https://example.com/{number}", "enabled_events": ["*"]})
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16"):
        v1.webhook_endpoints.create({"url": "https://example.com/17", "enabled_events": ["*"]})
    rows = v1.webhook_endpoints.list({"limit": 100}).data
    assert len(rows) == 16
    assert all("secret" not in row for row in rows)
    v1.webhook_endpoints.update(rows[0].id, {"disabled": True, "enabled_events": ["invoice.paid"]})
    changed = v1.webhook_endpoints.retrieve(rows[0].id)
    assert (changed.status, changed.enabled_events) == ("disabled", ["invoice.paid"])
    assert v1.webhook_endpoints.delete(rows[0].id).deleted is True


def test_the_sandbox_shares_no_code_with_the_connector_nor_with_the_hub_but_its_kit_for_sandboxes() -> None:
    folder = ROOT / "connectors" / "stripe" / "sandbox"
    for module in set(folder.glob("*.py")) - {folder / "case.py"}:  # how the conformance suite plays with it
        for node in ast.walk(ast.parse(module.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.partition(".")[0]
                own = name.startswith(("connectors.stripe.sandbox", "hub.sandbox."))
                assert own or top == "fastapi" or top in sys.stdlib_module_names, f"{module.name} imports {name}"
