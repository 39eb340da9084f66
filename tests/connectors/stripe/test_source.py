"""Reading against answers that a healthy Stripe seldom gives: cut lists, unknown shapes, forgotten events."""

import copy
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.stripe.source import STREAMS, StripeSource
from connectors.stripe.spec import SPEC
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event, Record
from tests.connectors.stripe.stub import NOW, Wired, error, listed
from tests.paths import ROOT

Json = dict[str, Any]


def fixture(kind: str, **changes: Any) -> Json:
    text = (ROOT / f"connectors/stripe/fixtures/{kind}.json").read_text(encoding="utf-8")
    found: Json = json.loads(text)["data"]["object"]
    return copy.deepcopy(found) | changes


@dataclass
class Clock:
    at: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.at


def said(record: Record) -> Any:
    """The record's fields, for a test to look into."""
    return record.fields


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(hub: Wired, clock: Clock) -> StripeSource:
    return StripeSource(hub.client, now=clock)


def test_the_spec_lists_the_streams_that_can_be_read_in_the_same_order() -> None:
    assert tuple(STREAMS) == SPEC.streams


# --- read


def test_a_read_asks_a_hundred_at_a_time_and_goes_on_behind_the_last(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer(
        "GET /v1/customers", listed(*(fixture("customer.created", id=f"cus_{n}") for n in (5, 4)), more=True)
    )
    hub.stub.answer("GET /v1/customers", listed(fixture("customer.created", id="cus_3")))
    pages = list(source.read("customer", None))
    assert [[each.key for each in page.records] for page in pages] == [["cus_5", "cus_4"], ["cus_3"]]
    assert [page.cursor for page in pages] == ["cus_4", "cus_3"]
    assert [seen.query.get("starting_after") for seen in hub.stub.seen] == [None, ["cus_4"]]
    assert {tuple(seen.query["limit"]) for seen in hub.stub.seen} == {("100",)}


def test_an_interrupted_read_goes_on_from_its_cursor(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/customers", listed(fixture("customer.created", id="cus_3")))
    list(source.read("customer", Cursor("cus_4")))
    assert hub.stub.seen[0].query["starting_after"] == ["cus_4"]


def test_subscriptions_are_read_in_every_status_with_their_discounts(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/subscriptions", listed())
    assert list(source.read("subscription", None)) == []
    query = hub.stub.seen[0].query
    assert query["status"] == ["all"]
    assert {query["expand[0]"][0], query["expand[1]"][0]} == {
        "data.discounts.source.coupon",
        "data.items.data.discounts",
    }


def test_no_call_asks_for_more_than_the_four_levels_that_stripe_expands() -> None:
    paths = [path for how in STREAMS.values() for path in (*how.expand, *how.listing.get("expand", ()))]
    assert all(path.count(".") <= 3 for path in paths)


def test_an_object_of_unknown_shape_is_named_at_the_end_and_no_later_cursor_is_safe(
    hub: Wired, source: StripeSource
) -> None:
    unknown = {"id": "cus_8"}
    hub.stub.answer("GET /v1/customers", listed(fixture("customer.created", id="cus_9"), more=True))
    hub.stub.answer("GET /v1/customers", listed(unknown, fixture("customer.created", id="cus_7"), more=True))
    hub.stub.answer("GET /v1/customers", listed(fixture("customer.created", id="cus_6")))
    reading = source.read("customer", None)
    pages = [next(reading), next(reading), next(reading)]
    assert [[each.key for each in page.records] for page in pages] == [["cus_9"], ["cus_7"], ["cus_6"]]
    assert [page.cursor for page in pages] == ["cus_9", None, None]
    with pytest.raises(RecordError, match=r"1 of Stripe's customer objects were left out.*cus_8"):
        next(reading)


def test_a_read_that_breaks_off_in_the_middle_ends_in_an_error(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/customers", listed(fixture("customer.created", id="cus_9"), more=True))
    hub.stub.answer("GET /v1/customers", error(None, "Oops", "api_error"), 500)
    reading = source.read("customer", None)
    assert next(reading).cursor == "cus_9"
    with pytest.raises(TransientError):
        next(reading)


@pytest.mark.parametrize("call", ["read", "fetch"])
def test_an_unknown_stream_is_a_record_error_that_lists_the_known(source: StripeSource, call: str) -> None:
    with pytest.raises(RecordError, match=r"no stream 'payout'.*balance_transaction"):
        list(source.read("payout", None)) if call == "read" else source.fetch("payout", "po_1")


# --- what a list leaves out


def tiered(**changes: Any) -> Json:
    price = fixture("price.created", id="price_t", billing_scheme="tiered", tiers_mode="volume", unit_amount=None)
    return price | {"unit_amount_decimal": None} | changes


TIERS = [{"up_to": None, "unit_amount": 100, "flat_amount": None}]


def subscription(*items: Json, more: bool = False, **changes: Any) -> Json:
    found = fixture("customer.subscription.created", **changes)
    found["items"]["data"] = list(items) or found["items"]["data"]
    found["items"]["has_more"] = more
    return found


def item(number: int = 1, **changes: Any) -> Json:
    found: Json = fixture("customer.subscription.created")["items"]["data"][0]
    return found | {"id": f"si_{number}"} | changes


def test_tiers_too_deep_for_a_list_are_read_once_per_price(hub: Wired, source: StripeSource) -> None:
    found = [subscription(item(price=tiered()), id=f"sub_{number}") for number in (3, 2, 1)]
    hub.stub.answer("GET /v1/subscriptions", listed(*found))
    hub.stub.answer("GET /v1/prices/price_t", tiered(tiers=TIERS))
    (page,) = source.read("subscription", None)
    for record in page.records:
        (made,) = said(record)["items"]
        assert len(made["price"]["tiers"]) == 1
    assert hub.stub.calls() == ["GET /v1/subscriptions", "GET /v1/prices/price_t"]


def test_a_coupon_too_deep_to_expand_is_read_once(hub: Wired, source: StripeSource) -> None:
    discount = {"id": "di_1", "start": 1, "end": None, "source": {"type": "coupon", "coupon": "MOITIE"}}
    hub.stub.answer("GET /v1/subscriptions/sub_1", subscription(item(discounts=[discount]), id="sub_1"))
    hub.stub.answer("GET /v1/coupons/MOITIE", {"id": "MOITIE", "percent_off": 50, "duration": "forever"})
    for _ in range(2):
        (record,) = source.fetch("subscription", "sub_1")
    ((made,),) = (each["discounts"] for each in said(record)["items"])
    assert made["percent"] == 50
    assert hub.stub.calls().count("GET /v1/coupons/MOITIE") == 1


def test_a_discount_whose_coupon_was_deleted_is_kept_and_says_only_what_is_known(
    hub: Wired, source: StripeSource
) -> None:
    discount = {"id": "di_1", "start": 1, "end": None, "source": {"type": "coupon", "coupon": "GONE"}}
    hub.stub.answer("GET /v1/subscriptions/sub_1", subscription(id="sub_1", discounts=[discount]))
    (record,) = source.fetch("subscription", "sub_1")
    (made,) = said(record)["discounts"]
    assert (made["coupon"], made["percent"], made["amount_off"]) == ("GONE", None, None)


def test_items_behind_the_tenth_are_read_and_not_cut(hub: Wired, source: StripeSource) -> None:
    shown = [item(number) for number in range(10)]
    hub.stub.answer("GET /v1/subscriptions/sub_1", subscription(*shown, more=True, id="sub_1"))
    hub.stub.answer("GET /v1/subscription_items", listed(*shown, more=True))
    hub.stub.answer("GET /v1/subscription_items", listed(item(10), item(11)))
    (record,) = source.fetch("subscription", "sub_1")
    assert len(said(record)["items"]) == 12
    assert hub.stub.seen[1].query["subscription"] == ["sub_1"]


def test_an_invoices_payments_come_with_it_and_are_not_cut(hub: Wired, source: StripeSource) -> None:
    payments = [fixture("invoice_payment.paid", id=f"inpay_{number}") for number in range(12)]
    shown = listed(*payments[:10], more=True)
    hub.stub.answer("GET /v1/invoices/in_1", fixture("invoice.paid", id="in_1", payments=shown))
    hub.stub.answer("GET /v1/invoice_payments", listed(*payments))
    found = source.fetch("invoice", "in_1")
    assert [each.stream for each in found] == ["invoice"] + ["invoice_payment"] * 12
    assert hub.stub.seen[0].query["expand[0]"] == ["payments"]


def test_a_subscription_of_unknown_shape_is_a_record_error(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/subscriptions/sub_1", {"id": "sub_1", "items": None})
    with pytest.raises(RecordError, match="subscription sub_1"):
        source.fetch("subscription", "sub_1")


# --- fetch


def test_a_key_is_never_read_as_a_path(hub: Wired, source: StripeSource) -> None:
    (record,) = source.fetch("customer", "../account?x=1")
    assert record.deleted
    assert hub.stub.calls() == ["GET /v1/customers/../account?x=1"], "the server sees one escaped segment"
    assert hub.stub.seen[0].query == {}


def test_an_object_of_the_other_mode_comes_back_as_deleted(hub: Wired, source: StripeSource) -> None:
    said = "No such charge: 'ch_1'; a similar object exists in test mode, but a live mode key was used"
    hub.stub.answer("GET /v1/charges/ch_1", error("resource_missing", said), 404)
    (record,) = source.fetch("charge", "ch_1")
    assert (record.key, record.deleted) == ("ch_1", True)


# --- check


def test_a_check_names_every_missing_permission_at_once(hub: Wired, source: StripeSource) -> None:
    for how in STREAMS.values():
        hub.stub.answer(f"GET {how.path}", listed())
    hub.stub.answer("GET /v1/account", error(None, "The key may not."), 403)
    for path, permission in (("charges", "rak_charge_read"), ("disputes", "rak_dispute_read")):
        hub.stub.answers[f"GET /v1/{path}"].clear()
        hub.stub.answer(f"GET /v1/{path}", error(None, f"Having the '{permission}' permission would"), 403)
    hub.stub.answer("GET /v1/events", error(None, "The key may not."), 403)
    with pytest.raises(ConfigError) as raised:
        source.check()
    said = str(raised.value)
    assert "charge: Read on Charges and Refunds (rak_charge_read)" in said
    assert "dispute: Read on Disputes (rak_dispute_read)" in said
    assert "changes: Read on Events" in said
    assert "invoice" not in said


def test_a_check_says_which_account_and_which_mode(hub: Wired, source: StripeSource) -> None:
    for path in (*(how.path for how in STREAMS.values()), "/v1/events"):
        hub.stub.answer(f"GET {path}", listed())
    account = {"id": "acct_1", "settings": {"dashboard": {"display_name": "Atelier Lila"}}}
    hub.stub.answer("GET /v1/account", account)
    lines = source.check()
    assert lines[0] == "Stripe account Atelier Lila (acct_1), test mode"
    assert lines[1].startswith("Key: restricted")
    assert all(stream in lines[2] for stream in SPEC.streams)


# --- changes


def event(number: int, kind: str = "charge.updated", key: str | None = None, age: timedelta = timedelta(0)) -> Json:
    created = int((NOW - age).timestamp())
    found = {"id": key or f"ch_{number}", "object": "charge"}
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": kind,
        "created": created,
        "data": {"object": found},
    }


def test_the_first_call_gives_the_cursor_of_now_and_no_event(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", listed(event(7), more=True))
    ((events, cursor),) = source.changes(None)
    assert events == ()
    assert cursor.startswith("evt_7 ")


def test_changes_come_oldest_first_page_by_page(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", listed(event(3), event(2), more=True))
    hub.stub.answer("GET /v1/events", listed(event(5), event(4)))
    batches = list(source.changes(Cursor(f"evt_1 {int(NOW.timestamp())}")))
    assert [[each.id for each in events] for events, _ in batches] == [["evt_2", "evt_3"], ["evt_4", "evt_5"]]
    assert [seen.query["ending_before"] for seen in hub.stub.seen] == [["evt_1"], ["evt_3"]]
    assert [cursor.split()[0] for _, cursor in batches] == ["evt_3", "evt_5"]


def test_only_followed_types_are_changes_and_the_cursor_passes_the_others(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", listed(event(3, "payout.paid"), event(2, "plan.updated")))
    ((events, cursor),) = source.changes(Cursor(f"evt_1 {int(NOW.timestamp())}"))
    assert list(events) == []
    assert cursor.startswith("evt_3 ")


def test_events_that_say_the_same_of_one_object_are_one(hub: Wired, source: StripeSource) -> None:
    found = [event(4, key="ch_a"), event(3, "charge.refunded", key="ch_a"), event(2, key="ch_b"), event(1, key="ch_a")]
    hub.stub.answer("GET /v1/events", listed(*found))
    ((events, _),) = source.changes(Cursor(f"evt_0 {int(NOW.timestamp())}"))
    assert events == [
        Event(id="evt_1", type="charge.updated", stream="charge", key="ch_a"),
        Event(id="evt_2", type="charge.updated", stream="charge", key="ch_b"),
        Event(id="evt_3", type="charge.refunded", stream="charge", key="ch_a"),
    ]


def test_a_quiet_account_does_not_expire_although_its_last_event_is_forgotten(
    hub: Wired, source: StripeSource, clock: Clock
) -> None:
    hub.stub.answer("GET /v1/events", listed())
    hub.stub.answer("GET /v1/events", error("resource_missing", "No such event: 'evt_1'"), 400)
    hub.stub.answer("GET /v1/events", listed(event(9), event(8)))
    cursor = Cursor(f"evt_1 {int(NOW.timestamp())}")
    clock.at += timedelta(days=20)
    ((events, cursor),) = source.changes(cursor)
    assert list(events) == []
    clock.at += timedelta(days=20)
    ((events, cursor),) = source.changes(cursor)
    assert [each.id for each in events] == ["evt_8", "evt_9"]
    assert [seen.query.get("ending_before") for seen in hub.stub.seen] == [["evt_1"], ["evt_1"], None]


def test_an_account_without_any_event_yet_misses_none_of_its_first(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", listed())
    ((_, cursor),) = source.changes(None)
    hub.stub.answers.clear()
    hub.stub.answer("GET /v1/events", listed(event(3), event(2), more=True))
    hub.stub.answer("GET /v1/events", listed(event(1)))
    ((events, cursor),) = source.changes(cursor)
    assert [each.id for each in events] == ["evt_1", "evt_2", "evt_3"]
    assert cursor.startswith("evt_3 ")


def test_what_stripe_has_forgotten_is_said_and_never_skipped(hub: Wired, source: StripeSource, clock: Clock) -> None:
    cursor = Cursor(f"evt_1 {int(NOW.timestamp())}")
    clock.at = NOW + timedelta(days=30)
    with pytest.raises(CursorExpired, match="2026-11-21"):
        list(source.changes(cursor))
    assert hub.stub.seen == []


def test_a_catch_up_that_was_broken_off_expires_with_the_events_it_had_not_yet_seen(
    hub: Wired, source: StripeSource, clock: Clock
) -> None:
    hub.stub.answer("GET /v1/events", listed(event(3, age=timedelta(days=28)), event(2), more=True))
    reading = source.changes(Cursor(f"evt_1 {int((NOW - timedelta(days=28)).timestamp())}"))
    _, cursor = next(reading)
    clock.at += timedelta(days=3)
    with pytest.raises(CursorExpired):
        list(source.changes(cursor))


def test_a_log_of_events_that_repeats_itself_is_an_error(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", listed(event(1), more=True))
    hub.stub.answer("GET /v1/events", listed())
    with pytest.raises(TransientError, match="repeats itself"):
        list(source.changes(Cursor(f"evt_1 {int(NOW.timestamp())}")))


def test_a_busy_stripe_breaks_the_changes_off_as_transient(hub: Wired, source: StripeSource) -> None:
    hub.stub.answer("GET /v1/events", error("rate_limit", "Too many"), 429)
    with pytest.raises(TransientError):
        list(source.changes(Cursor(f"evt_1 {int(NOW.timestamp())}")))
