"""What a delivery says has changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.stripe.spec import SPEC
from connectors.stripe.webhook import EVENT_TYPES, StripeWebhook
from hub.core.errors import RecordError
from hub.core.types import Event, WebhookRequest
from tests.connectors.stripe.stub import NOW
from tests.paths import ROOT, SHARED

FIXTURES = sorted((ROOT / "connectors/stripe/fixtures").glob("*.json"))
SNAPSHOTS = [path for path in FIXTURES if not path.stem.startswith("thin.")]
SAMPLES = SHARED / "samples/stripe/sync-engine"


def parse(payload: Any) -> Event:
    delivery, events = StripeWebhook().parse(json.dumps(payload).encode())
    (event,) = events
    assert delivery == event.id
    return event


def snapshot(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": kind, "livemode": False, "data": {"object": found}}


def test_there_is_one_fixture_for_each_event_type_that_we_follow_and_no_other() -> None:
    assert {path.stem for path in SNAPSHOTS} == set(EVENT_TYPES)
    assert len(FIXTURES) - len(SNAPSHOTS) == 1, "and one thin event"


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.stem)
def test_every_fixture_names_its_stream_and_the_key_of_what_changed(path: Path) -> None:
    payload = json.loads(path.read_text(encoding="utf-8"))
    event = parse(payload)
    assert event.type == payload["type"] == path.stem
    assert event.stream == EVENT_TYPES[path.stem]
    assert event.stream in SPEC.streams
    found = payload["data"]["object"]
    expected = "sub_LilaNora" if path.stem.startswith(("customer.discount", "invoice.upcoming")) else found["id"]
    assert event.key == expected


def test_a_thin_event_names_the_object_that_it_points_at() -> None:
    (thin,) = set(FIXTURES) - set(SNAPSHOTS)
    assert parse(json.loads(thin.read_text(encoding="utf-8"))) == Event(
        id="evt_test_LilaThin", type="v1.invoice.paid", stream="invoice", key="in_LilaNora2"
    )


@pytest.mark.parametrize(
    ("kind", "related", "stream"),
    [
        ("v1.customer.subscription.past_due", {"id": "sub_1", "type": "subscription"}, "subscription"),
        ("v1.checkout.session.completed", {"id": "cs_1", "type": "checkout.session"}, "checkout_session"),
        ("v1.invoice_payment.open", {"id": "inpay_1", "type": "invoice_payment"}, "invoice_payment"),
        ("v1.charge.dispute.created", {"id": "du_1", "type": "dispute"}, "dispute"),
        ("v1.payout.paid", {"id": "po_1", "type": "payout"}, None),
        ("v1.balance.available", {"type": "balance", "url": "/v1/balance"}, None),
        ("v2.core.account.created", None, None),
    ],
)
def test_thin_events_are_followed_by_object_and_others_are_kept(
    kind: str, related: dict[str, str] | None, stream: str | None
) -> None:
    event = parse({"id": "evt_2", "object": "v2.core.event", "type": kind, "related_object": related})
    assert (event.stream, event.key) == ((stream, (related or {}).get("id")) if stream else (None, None))
    assert event.type == kind


@pytest.mark.parametrize("kind", ["payout.paid", "balance.available", "payment_intent.succeeded", "plan.created", "x"])
def test_a_type_that_we_do_not_follow_is_kept_without_a_stream(kind: str) -> None:
    assert parse(snapshot(kind, {"id": "po_1", "object": "payout"})) == Event(id="evt_1", type=kind)


def test_a_customers_own_discount_is_a_change_of_the_customer() -> None:
    event = parse(snapshot("customer.discount.created", {"id": "di_1", "customer": "cus_1", "subscription": None}))
    assert (event.stream, event.key) == ("customer", "cus_1")


def test_an_upcoming_invoice_of_an_old_version_names_its_subscription_too() -> None:
    event = parse(snapshot("invoice.upcoming", {"object": "invoice", "subscription": "sub_9"}))
    assert (event.stream, event.key) == ("subscription", "sub_9")


def test_an_upcoming_invoice_without_subscription_is_kept() -> None:
    assert parse(snapshot("invoice.upcoming", {"object": "invoice", "parent": None})).stream is None


@pytest.mark.parametrize("livemode", [True, False, None])
def test_the_mode_of_an_event_does_not_change_what_it_says(livemode: bool | None) -> None:
    assert parse(snapshot("charge.succeeded", {"id": "ch_1"}) | {"livemode": livemode}).key == "ch_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"object":"charge","id":"ch_1","type":"x"}',
        b'{"object":"event","type":"charge.updated"}',
        b'{"object":"event","id":"evt_1"}',
        b'{"object":"event","id":"","type":"charge.updated"}',
        b'{"object":"event","id":7,"type":"charge.updated"}',
    ],
)
def test_a_body_that_is_no_event_is_a_record_error(body: bytes) -> None:
    with pytest.raises(RecordError):
        StripeWebhook().parse(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["object", "id", "data", "parent"]), inner)
    ),
    max_leaves=8,
)


@given(kind=st.sampled_from([*EVENT_TYPES, "else"]), data=JSON, thin=st.booleans())
def test_whatever_stands_inside_an_event_it_is_kept_or_followed_and_never_a_crash(
    kind: str, data: Any, thin: bool
) -> None:
    name = "v2.core.event" if thin else "event"
    event = parse({"object": name, "id": "evt_1", "type": kind, "data": data, "related_object": data})
    assert (event.stream is None) == (event.key is None)


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*.json"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded events are not beside this repository")
def test_recorded_events_of_old_versions_are_followed_or_kept() -> None:
    followed = 0
    for path in samples():
        payload = json.loads(path.read_text(encoding="utf-8"))
        event = parse(payload)
        assert event.type == payload["type"], path.name
        if payload["type"] in EVENT_TYPES:
            assert event.stream == EVENT_TYPES[payload["type"]], path.name
            assert event.key == payload["data"]["object"]["id"], path.name
            followed += 1
        else:
            assert event.stream is None, path.name
    assert followed > 25


def test_stripe_has_no_handshake() -> None:
    request = WebhookRequest(url="", headers={}, body=b"{}", secrets=("whsec_1",), now=NOW)
    assert StripeWebhook().handshake(request) is None
