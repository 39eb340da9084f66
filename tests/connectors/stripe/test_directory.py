"""What `hub connect` shows of a Stripe key: whose it is, what is sold, and what is wrong with its rights."""

from typing import Any

import pytest

from connectors.stripe.directory import StripeDirectory
from connectors.stripe.source import STREAMS
from hub.core.errors import ConfigError
from tests.connectors.stripe.stub import Wired, error, listed

ACCOUNT = {"id": "acct_1", "settings": {"dashboard": {"display_name": "Atelier Lila"}}}
PATHS = {stream.path for stream in STREAMS.values()} - {"/v1/balance"} | {"/v1/events", "/v1/webhook_endpoints"}


def allowed(hub: Wired, *refused: str, products: Any = None) -> None:
    """An account whose key may read everything but `refused` (path=permission)."""
    hub.stub.answer("GET /v1/account", ACCOUNT)
    for path in PATHS:
        hub.stub.answer(f"GET {path}", listed())
    if products is not None:
        hub.stub.answers["GET /v1/products"].clear()
        hub.stub.answer("GET /v1/products", products)
    for each in refused:
        path, _, permission = each.partition("=")
        hub.stub.answers[f"GET {path}"].clear()
        said = f"The key lacks {permission or 'a right'}."
        hub.stub.answer(f"GET {path}", error(None, said), 403)


def test_a_restricted_key_with_all_rights_is_shown_with_the_account_and_what_it_sells(hub: Wired) -> None:
    allowed(hub, products=listed({"id": "prod_1", "name": "Le Cercle"}, {"id": "prod_2", "name": "Essor"}))
    sight = StripeDirectory(hub.client).look()
    assert sight.account == "Stripe account Atelier Lila (acct_1), test mode"
    assert [(each.kind, each.id, each.name) for each in sight.things] == [
        ("product", "prod_1", "Le Cercle"),
        ("product", "prod_2", "Essor"),
    ]
    assert [line.split(":")[0] for line in sight.warnings] == ["Test mode"]
    assert sight.ends_at is None


def test_looking_costs_one_small_call_for_each_list(hub: Wired) -> None:
    allowed(hub)
    StripeDirectory(hub.client).look()
    assert sorted(hub.stub.calls()) == sorted(
        ["GET /v1/account", "GET /v1/products", *(f"GET {path}" for path in PATHS)]
    )
    asked = [seen.query.get("limit") for seen in hub.stub.seen if seen.call not in ("GET /v1/account",)]
    assert asked.count(["1"]) == len(PATHS)


def test_each_missing_right_is_named_once_in_stripes_own_word(hub: Wired) -> None:
    allowed(hub, "/v1/charges=rak_charge_read", "/v1/refunds=rak_charge_read", "/v1/disputes")
    lacking = [line for line in StripeDirectory(hub.client).look().warnings if "lacks" in line]
    assert len(lacking) == 2
    assert "Read on Charges and Refunds (rak_charge_read)" in lacking[0]
    assert "Read on Disputes." in lacking[1]
    assert all("Developers > API keys" in line for line in lacking)


def test_a_key_that_may_not_register_a_webhook_says_what_follows(hub: Wired) -> None:
    allowed(hub, "/v1/webhook_endpoints=rak_webhook_read")
    (line,) = [line for line in StripeDirectory(hub.client).look().warnings if "Webhook" in line]
    assert "Write on Webhook Endpoints (rak_webhook_read)" in line
    assert "poll" in line


def test_a_key_that_may_not_see_products_shows_none_and_says_so(hub: Wired) -> None:
    allowed(hub, "/v1/products=rak_product_read")
    sight = StripeDirectory(hub.client).look()
    assert list(sight.things) == []
    assert any("Read on Products (rak_product_read)" in line for line in sight.warnings)


def test_products_beyond_the_first_page_are_not_read_but_named_as_left_out(hub: Wired) -> None:
    allowed(hub, products=listed({"id": "prod_1", "name": "Le Cercle"}, more=True))
    sight = StripeDirectory(hub.client).look()
    assert len(sight.things) == 1
    assert any("only the newest 100" in line for line in sight.warnings)
    assert hub.stub.seen[1].query == {"active": ["true"], "limit": ["100"]}


def test_a_secret_key_is_warned_of(hub: Wired) -> None:
    allowed(hub)
    hub.client.restricted = False
    first = StripeDirectory(hub.client).look().warnings[0]
    assert first.startswith("This is a secret key")
    assert "restricted key" in first


def test_a_live_restricted_key_with_all_rights_is_warned_of_nothing(hub: Wired) -> None:
    allowed(hub)
    hub.client.livemode = True
    sight = StripeDirectory(hub.client).look()
    assert sight.account.endswith("live mode")
    assert list(sight.warnings) == []


def test_a_wrong_key_is_for_a_person_to_put_right(hub: Wired) -> None:
    hub.stub.answer("GET /v1/account", error(None, "Invalid API Key provided"), 401)
    with pytest.raises(ConfigError, match="Stripe refuses the key"):
        StripeDirectory(hub.client).look()
