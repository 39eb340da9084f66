"""Registering the webhook at the provider, and what comes in through it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from connectors.asana.sandbox import TOKEN, AsanaSandbox
from connectors.asana.sandbox import create_app as asana_app
from tests.cli.site import LILA, Boxes, Site, until
from tests.sandboxes.serve import serve

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
        assert f"{site.api}{ADDRESS}" not in after.out

    kept = b"".join(path.read_bytes() for path in site.data.glob("hub.sqlite3*"))
    assert b"whsec_" not in kept
    assert "whsec_" not in first.everything + second.everything + api.text


def test_a_webhook_whose_secret_is_lost_is_told_with_the_two_ways_out(site: Site) -> None:
    site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    with closing(sqlite3.connect(site.data / "hub.sqlite3", isolation_level=None)) as conn:
        conn.execute("DELETE FROM secrets")
        conn.execute("DELETE FROM subscriptions")  # as if somebody else had made it
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
    return connection_of(site, "stripe")


def connection_of(site: Site, name: str) -> dict[str, object]:
    connections = site.status()["businesses"][0]["connections"]
    found: dict[str, object] = next(each for each in connections if each["name"] == name)
    return found


def _up(site: Site) -> bool:
    try:
        return httpx.get(f"{site.api}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def test_a_webhook_of_ours_whose_secret_is_lost_is_made_anew(site: Site) -> None:
    site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    first = endpoints(site)[0]["id"]
    with closing(sqlite3.connect(site.data / "hub.sqlite3", isolation_level=None)) as conn:
        conn.execute("DELETE FROM secrets")
    told = site.hub("listen", HUB_PUBLIC_URL="https://hub.example.com")
    assert told.code == 0, told.everything
    assert "the signing secret was lost, so every delivery was refused" in told.out
    (now,) = endpoints(site)
    assert now["id"] != first


def test_an_address_that_the_provider_cannot_reach_is_told_before_it_is_called(site: Site) -> None:
    real = {"HUB_ATELIER_LILA_STRIPE_BASE_URL": "https://api.stripe.com"}
    local = site.hub("listen", HUB_PUBLIC_URL="http://localhost:8700", **real)
    assert local.code == 1
    assert "which only this machine can reach, so Stripe cannot call it" in local.out
    plain = site.hub("listen", HUB_PUBLIC_URL="http://hub.example.com", **real)
    assert "begin with https://" in plain.out


@contextmanager
def asana_too(site: Site, follow: str) -> Iterator[tuple[AsanaSandbox, dict[str, str]]]:
    """The business also follows projects of an Asana sandbox."""
    file = site.folder / "mappings" / LILA / "business.yaml"
    file.write_text(file.read_text().replace("  stripe: {}\n", f"  stripe: {{}}\n  asana: {{follow: {follow}}}\n"))
    app = asana_app()
    with serve(app) as url:
        environment = {
            "HUB_ATELIER_LILA_ASANA_API_KEY": TOKEN,
            "HUB_ATELIER_LILA_ASANA_BASE_URL": f"{url}/api/1.0",
            "HUB_PUBLIC_URL": site.api,
        }
        yield app.state.sandbox, environment


def test_a_provider_that_calls_inside_the_call_that_registers_is_answered(site: Site) -> None:
    """Asana hands over the secret while the hub's own call is open; another process of the hub receives it."""
    with asana_too(site, "[Lancement printemps]") as (sandbox, environment):
        project = sandbox.add_project("Lancement printemps")
        with site.running("api", **environment) as api:
            until(lambda: _up(site), lambda: f"the API: {api.text}")
            stranger = httpx.post(
                f"{site.api}/webhooks/{LILA}/asana", headers={"X-Hook-Secret": "ab" * 32}, content=b""
            )
            assert stranger.status_code == 403
            assert "abab" not in stranger.text
            told = site.hub("listen", **environment)
            assert told.code == 0, told.everything
            assert f"Asana calls {site.api}/webhooks/{LILA}/asana from now on about 1 project" in told.out
            sandbox.add_task(project, "Écrire la page")
            until(lambda: connection_of(site, "asana")["last_delivery"] is not None)
            status = connection_of(site, "asana")
            assert status["subscriptions"] == 1
            assert status["refused"] == 1, "the stranger's, and nothing of Asana's"
            late = httpx.post(f"{site.api}/webhooks/{LILA}/asana", headers={"X-Hook-Secret": "cd" * 32}, content=b"")
            assert late.status_code == 403
    lock = (site.folder / "mappings" / LILA / "names.lock").read_text()
    assert f'"Lancement printemps": "{project}"' in lock


def test_a_name_that_leads_nowhere_stops_only_its_own_connection(site: Site) -> None:
    with asana_too(site, "[Lancement printems]") as (sandbox, environment):
        project = sandbox.add_project("Lancement printemps")
        told = site.hub("check", **environment)
        assert told.code == 1
        assert "error: No project that the key sees is called « Lancement printems »." in told.out
        assert "Did you mean « Lancement printemps »" in told.out
        assert "ok  atelier-lila · stripe" in told.out

        file = site.folder / "mappings" / LILA / "business.yaml"
        file.write_text(file.read_text().replace("printems", "printemps"))
        assert site.hub("check", **environment).code == 0
        sandbox.change_project(project, name="Lancement été")
        renamed = site.hub("check", **environment)
        assert renamed.code == 0
        assert "is called « Lancement été » now" in renamed.err
