"""Deliveries in every shape that Stripe and Calendly have given them: only ids are read, what they lack is fetched."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.calendly import records
from hub.planning.journeys.facts import facts_of
from tests.onboarding.test_journey import CALL, MARIE, kept
from tests.onboarding.test_webhooks import Ears, hearing
from tests.onboarding.town import OFFER, Town
from tests.onboarding.world import STEPS, site
from tests.paths import SHARED
from tests.planning.journeys.records import mirror
from tests.planning.journeys.small import job

WELCOME = "Bienvenue dans Programme Élan, Marie !"
STRIPE, CALENDLY = SHARED / "samples" / "stripe" / "sync-engine", SHARED / "samples" / "calendly"
recorded = pytest.mark.skipif(not STRIPE.is_dir(), reason="the recorded payloads are not at hand (../shared)")
FEW: Mapping[str, Any] = {"steps": [dict(step) for step in STEPS if step["name"] in ("welcome", "client_page")]}
BOOKED = (
    "official-openapi-2024-04__invitee_created",
    "api-evangelist__components-messages-InviteeCreatedEvent-examples-0",
)
VERSIONS = ("2020-08-27", "2022-11-15", "2024-06-20", "2025-03-31.basil", None)


def subscribed(town: Town, **more: Any) -> Any:
    town.skip(minutes=2)
    price = town.account.price(amount=120000, product=OFFER, interval="month", deliver=True)
    customer = town.account.customer(email=MARIE, name="Marie Dupont", deliver=True)
    return town.account.subscribe(customer=customer["id"], price=price["id"], **more)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_endpoint_of_any_version_starts_a_whole_journey(town: Town, tmp_path: Path, version: str | None) -> None:
    with site(town, tmp_path, **FEW) as here, hearing(town, here, api_version=version) as come:
        town.sell(deliver=True)
        come()
        assert here.subjects(MARIE) == [WELCOME]
        (row,) = town.rows()
        assert (row["Nom"], row["Payé"]) == ("Marie Dupont", 1200)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_first_invoice_is_told_from_a_renewal_in_any_version(town: Town, tmp_path: Path, version: str | None) -> None:
    with site(town, tmp_path, **FEW) as here, hearing(town, here, api_version=version) as come:
        made = subscribed(town, deliver=True)
        come()
        assert here.subjects(MARIE) == [WELCOME]
        town.skip(days=32)
        town.account.renew(made["subscription"], at=int(town.clock().timestamp()), deliver=True)
        come()
        assert here.subjects(MARIE) == [WELCOME]
        assert len(kept(here)) == len(town.rows()) == 1


def test_thin_events_start_a_whole_journey(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, **FEW) as here, hearing(town, here, thin=True) as come:
        town.sell(deliver=True)
        come()
        assert here.subjects(MARIE) == [WELCOME]


def test_calendlys_deliveries_of_before_2024_carry_no_event_and_book_all_the_same(town: Town, tmp_path: Path) -> None:
    town.calendly.payloads(old_shape=True)
    with site(town, tmp_path) as here, hearing(town, here) as come:
        town.sell(deliver=True)
        booking = town.book(CALL)
        come()
        assert len(town.projects()) == len(town.boards()) == 1
        town.skip(minutes=2)
        town.calendly.move(booking, (CALL + timedelta(days=5)).isoformat())
        come()
        assert here.subjects(MARIE)[1:] == ["C'est noté : mardi 23 mars 2027 à 10 h 00"]


def posted(come: Ears, connection: str, payload: Any) -> None:
    """Post a delivery as its provider would, signed with the secret that the hub knows."""
    body, now = json.dumps(payload, default=str), int(come.town.clock().timestamp())
    secret = come.secrets[connection][0]
    signed = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    name = {"stripe": "Stripe-Signature", "calendly": "Calendly-Webhook-Signature"}[connection]
    url = f"{come.url}/webhooks/lila/{connection}"
    httpx.post(url, content=body, headers={name: f"t={now},v1={signed}"}).raise_for_status()
    come.here.worker.turns(come.here.runtime)


def sample(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


@recorded
@pytest.mark.parametrize(
    ("name", "about"),
    [("checkout_session_completed", "session"), ("charge_succeeded", "charge")],
)
def test_a_recorded_event_of_2020_rings_for_what_it_is_about(town: Town, tmp_path: Path, name: str, about: str) -> None:
    with site(town, tmp_path, **FEW) as here, hearing(town, here) as come:
        sold, event = town.sell(), sample(STRIPE / f"{name}.json")
        event["data"]["object"]["id"] = sold[about]
        posted(come, "stripe", event)
        assert here.subjects(MARIE) == [WELCOME]
        posted(come, "stripe", event)
        here.until_quiet()
        assert here.subjects(MARIE) == [WELCOME]


@recorded
def test_a_recorded_paid_invoice_of_2020_starts_the_journey_of_its_subscription(town: Town, tmp_path: Path) -> None:
    with site(town, tmp_path, **FEW) as here, hearing(town, here) as come:
        made, event = subscribed(town), sample(STRIPE / "invoice_paid.json")
        event["data"]["object"]["id"] = made["invoice"]
        event["data"]["object"]["subscription"] = made["subscription"]
        posted(come, "stripe", event)
        here.turn()
        assert here.subjects(MARIE) == [WELCOME]


@recorded
def test_every_recorded_event_is_taken_and_starts_nothing_of_its_own(town: Town, tmp_path: Path) -> None:
    files = sorted(STRIPE.glob("*.json"))
    with site(town, tmp_path, **FEW) as here, hearing(town, here) as come:
        for file in files:
            event = sample(file)
            if event.get("object") == "event":
                posted(come, "stripe", event)
        here.until_quiet()
        assert kept(here) == []
    assert len(files) > 50


@recorded
@pytest.mark.parametrize("file", BOOKED)
def test_a_recorded_booking_of_calendly_rings_for_what_it_is_about(town: Town, tmp_path: Path, file: str) -> None:
    with site(town, tmp_path) as here, hearing(town, here) as come:
        town.sell(deliver=True)
        come()
        town.calendly.outbox.drop_next = 1
        payload = sample(CALENDLY / "webhook-examples" / f"{file}.json")
        payload = payload if "event" in payload else payload["payload"]
        event, invitee = town.book(CALL).split("/")
        payload["payload"]["uri"] = f"https://api.calendly.com/scheduled_events/{event}/invitees/{invitee}"
        come()
        assert town.projects() == []
        posted(come, "calendly", payload)
        assert len(town.projects()) == len(town.boards()) == 1


@recorded
def test_calendlys_examples_are_bookings_of_one_client() -> None:
    folder = CALENDLY / "openapi-examples"
    event = sample(folder / "get_scheduled_events_uuid__200__Example.json")["resource"]
    first = sample(folder / "get_scheduled_events_event_uuid_invitees_invitee_uuid__200__Invitee.json")["resource"]
    gone = sample(folder / "get_scheduled_events_event_uuid_invitees_invitee_uuid__200__Canceled-Invitee.json")[
        "resource"
    ]
    one = job(starts_on=[{"event": "booking", "from": "calendly", "event_type": event["name"]}])
    for invitee, happened in ((first, ["booking"]), (gone, ["booking", "cancelled"])):
        record = records.booking(event, invitee)
        found = facts_of(one, mirror([("calendly", record)]))
        (client,) = found.clients.values()
        assert client.address == invitee["email"].lower()
        assert [fact.what for fact in client.facts] == happened
