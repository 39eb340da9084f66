"""Registering the webhook at the provider, and what comes in through it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import httpx

from tests.cli.site import LILA, Boxes, Site, until

ADDRESS = f"/webhooks/{LILA}/stripe"


def endpoints(site: Site) -> list[dict[str, object]]:
    """The webhook endpoints of the site's Stripe account."""
    key = site.environment["HUB_ATELIER_LILA_STRIPE_API_KEY"]
    answer = httpx.get(f"{site.boxes.stripe_url}/v1/webhook_endpoints", auth=(key, "")).raise_for_status()
    found: list[dict[str, object]] = answer.json()["data"]
    return found


def test_the_registered_webhook_is_accepted_at_once_and_registered_once(site: Site, boxes: Boxes) -> None:
    lonely = site.hub("listen")
    assert lonely.code == 2
    assert lonely.err.startswith("HUB_PUBLIC_URL is missing")

    with site.running("api", HUB_PUBLIC_URL=site.api) as api:
        until(lambda: _up(site), lambda: f"the API: {api.text}")
        before = site.hub("check", HUB_PUBLIC_URL=site.api)
        assert f"Stripe does not call {site.api}{ADDRESS} yet" in before.out

        first = site.hub("listen", HUB_PUBLIC_URL=site.api)
        assert first.code == 0, first.everything
        assert first.out == (
            f"atelier-lila · stripe: Stripe calls {site.api}{ADDRESS} from now on. "
            "Its signing secret is kept, encrypted.\n"
        )
        site.shop.sell(amount=2_000, product="Extra", deliver=True)
        boxes.stripe.webhooks.wait(30)
        connection = stripe_of(site)
        assert connection["last_delivery"] is not None
        assert connection["waiting"] > 0
        assert connection["refused"] == 0

        second = site.hub("listen", LILA, HUB_PUBLIC_URL=site.api)
        assert second.out == f"atelier-lila · stripe: Stripe calls {site.api}{ADDRESS} already.\n"
        assert len(endpoints(site)) == 1
        after = site.hub("check", HUB_PUBLIC_URL=site.api)
        assert "note  atelier-lila · stripe" not in after.out

    kept = b"".join(path.read_bytes() for path in site.data.glob("hub.sqlite3*"))
    assert b"whsec_" not in kept
    assert "whsec_" not in first.everything + second.everything + api.text


def test_a_webhook_whose_secret_is_lost_is_told_with_the_two_ways_out(site: Site) -> None:
    site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    with closing(sqlite3.connect(site.data / "hub.sqlite3", isolation_level=None)) as conn:
        conn.execute("DELETE FROM secrets")
    told = site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    assert told.code == 1
    assert "the signing secret is not known here, so every delivery is refused" in told.out
    assert "HUB_ATELIER_LILA_STRIPE_WEBHOOK_SECRETS" in told.out
    assert len(endpoints(site)) == 1


def test_a_disabled_webhook_is_noted_and_listening_again_revives_it(site: Site, boxes: Boxes) -> None:
    site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    boxes.stripe.webhooks.set_status(str(endpoints(site)[0]["id"]), "disabled")
    assert "Stripe has stopped calling" in site.hub("check", HUB_PUBLIC_URL="https://hub.example.com").out
    site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    assert [each["status"] for each in endpoints(site)] == ["enabled"]


def test_a_key_that_may_not_register_webhooks_is_told_in_words(site: Site, boxes: Boxes) -> None:
    key = site.environment["HUB_ATELIER_LILA_STRIPE_API_KEY"]
    streams = "customers products prices coupons subscriptions subscription_schedules invoices checkout_sessions"
    may = dict.fromkeys([*streams.split(), "charges", "account", "disputes", "balance", "events"], "read")
    boxes.stripe.restricted_key(f"rk_test_{key}", may, account=key)
    narrow = {"HUB_ATELIER_LILA_STRIPE_API_KEY": f"rk_test_{key}", "HUB_PUBLIC_URL": "https://hub.example.com"}
    told = site.hub("listen", **narrow)
    assert told.code == 1
    assert "rak_webhook" in told.out
    assert "restricted key" in told.out
    assert "Traceback" not in told.everything
    checked = site.hub("check", **narrow)
    assert checked.code == 0, checked.everything
    assert "cannot be seen" in checked.out


def test_a_wrong_signature_is_refused_in_words_and_the_status_counts_it(site: Site) -> None:
    with site.running("api", HUB_ATELIER_LILA_STRIPE_WEBHOOK_SECRETS="whsec_of_this_test") as api:
        until(lambda: _up(site), lambda: f"the API: {api.text}")
        answer = httpx.post(
            f"{site.api}{ADDRESS}",
            content=b"{}",
            headers={"Stripe-Signature": "t=1,v1=00", "Content-Type": "text/json"},
        )
        assert answer.status_code == 400
        assert "signed" in answer.text
        assert stripe_of(site)["refused"] == 1
        assert stripe_of(site)["refused_why"]
        assert "Traceback" not in api.text


def stripe_of(site: Site) -> dict[str, object]:
    connections = site.status()["businesses"][0]["connections"]
    found: dict[str, object] = next(each for each in connections if each["name"] == "stripe")
    return found


def _up(site: Site) -> bool:
    try:
        return httpx.get(f"{site.api}/healthz").status_code == 200
    except httpx.HTTPError:
        return False
