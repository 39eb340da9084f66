"""Stripe's JSON as records: every field of docs/records.md, money exact, time in UTC."""

import copy
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.stripe import records
from connectors.stripe.spec import SPEC
from connectors.stripe.values import THREE_DECIMALS, ZERO_DECIMALS, exponent, money
from hub.core import codec, kinds
from hub.core.errors import RecordError
from hub.core.money import Money
from tests.paths import ROOT, SHARED

VECTORS = SHARED / "facts/vectors.json"
Json = dict[str, Any]


def fixture(kind: str) -> Json:
    text = (ROOT / f"connectors/stripe/fixtures/{kind}.json").read_text(encoding="utf-8")
    found: Json = json.loads(text, parse_float=Decimal)["data"]["object"]
    return found


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


NOW = 1795000000
DAY = 86_400

LINES = {"line_items": {"data": [{"id": "li_1", "description": "Programme Essor"}], "has_more": False}}
"""Not in a webhook's session: shown when expanded."""

OBJECTS = {
    "product": fixture("product.created"),
    "price": fixture("price.created"),
    "customer": fixture("customer.created"),
    "subscription_schedule": fixture("subscription_schedule.updated"),
    "subscription": fixture("customer.subscription.updated"),
    "invoice": fixture("invoice.paid"),
    "invoice_payment": fixture("invoice_payment.paid"),
    "checkout_session": fixture("checkout.session.completed") | LINES,
    "charge": fixture("charge.refunded"),
    "refund": fixture("refund.created"),
    "dispute": fixture("charge.dispute.funds_reinstated"),
    "balance_transaction": fixture("charge.dispute.funds_withdrawn")["balance_transactions"][0],
    "balance": {
        "object": "balance",
        "id": "balance",
        "created": 1_790_000_000,
        "available": [{"amount": 12_000, "currency": "eur", "source_types": {"card": 12_000}}],
        "pending": [{"amount": -500, "currency": "eur"}, {"amount": 900, "currency": "jpy"}],
        "instant_available": [{"amount": 7, "currency": "sek"}],
        "connect_reserved": [{"amount": 0, "currency": "eur"}],
        "issuing": {"available": [{"amount": 300, "currency": "usd"}]},
        "livemode": False,
        "recent": ["txn_2", "txn_1"],
        "older": True,
    },
}


def fields(stream: str, **changes: Any) -> Any:
    return records.record(stream, {**copy.deepcopy(OBJECTS[stream]), **changes}).fields


def documented() -> dict[str, set[str]]:
    """Field names by stream, from the table of docs/records.md."""
    names: dict[str, set[str]] = {}
    page = (ROOT / "docs/records.md").read_text(encoding="utf-8").partition("\n## Kinds\n")[0]
    for line in page.splitlines():
        row = re.match(r"\| `?([\w ]+?)`? \| (.+) \|$", line)
        if row:
            listed = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", row[2])
            names[row[1]] = set(re.findall(r"`(\w+)\??`", listed))
    names["price"] |= names["price shape"]
    return names


@pytest.mark.parametrize(("stream", "kind"), SPEC.kinds.items())
def test_a_record_carries_all_that_its_kind_asks_for(stream: str, kind: kinds.Kind) -> None:
    assert kinds.problems(kind, records.record(stream, OBJECTS[stream]).fields, whole=True) == []


@pytest.mark.parametrize("stream", SPEC.streams)
def test_a_record_has_exactly_the_fields_that_the_docs_list(stream: str) -> None:
    made = records.record(stream, OBJECTS[stream])
    assert set(made.fields) == documented()[stream]
    assert made.stream == stream
    assert made.key == OBJECTS[stream]["id"]
    assert made.at == at(OBJECTS[stream]["created"])
    assert codec.loads(codec.dumps(made.fields)) == made.fields


def test_a_balance_is_what_is_available_and_pending_and_names_what_is_held_elsewhere() -> None:
    assert fields("balance") == {
        "amounts": (Money(Decimal("115.00"), "EUR"), Money(Decimal(900), "JPY")),
        "elsewhere": ("USD",),
        "recent": ("txn_2", "txn_1"),
        "older": True,
    }


def test_the_parts_of_a_subscription_have_exactly_the_fields_that_the_docs_list() -> None:
    discount = {"id": "di_1", "start": NOW, "end": None, "source": {"coupon": {"id": "C", "percent_off": 20}}}
    found = copy.deepcopy(OBJECTS["subscription"]) | {"discounts": [discount]}
    made: Any = records.record("subscription", found).fields
    names = documented()
    assert set(made["items"][0]) == names["item"]
    assert set(made["items"][0]["price"]) == names["price shape"]
    assert set(made["discounts"][0]) == names["discount"]


def test_a_subscription_says_its_state_and_its_items() -> None:
    made = fields("subscription")
    assert made["status"] == "active"
    assert made["who"] == {"key": "cus_LilaNora"}
    assert made["currency"] == "EUR"
    assert made["cancel_at"] == at(NOW + 20 * DAY)
    assert made["cancel_at_period_end"] is True
    assert made["canceled_at"] == at(NOW)
    assert made["ended_at"] is None
    assert made["collection_paused"] is False
    assert made["cancellation_reason"] == "cancellation_requested"
    (item,) = made["items"]
    assert item["quantity"] == 1
    assert item["period_start"] == at(NOW - 10 * DAY)
    assert item["price"]["unit"] == eur("97")
    assert item["price"]["interval"] == "month"
    assert item["tax_percent"] is None


def test_paused_collection_is_seen() -> None:
    assert fields("subscription", pause_collection={"behavior": "void", "resumes_at": None})["collection_paused"]


def item_with(**changes: Any) -> Any:
    item = {**copy.deepcopy(OBJECTS["subscription"]["items"]["data"][0]), **changes}
    return fields("subscription", items={"data": [item], "has_more": False})["items"][0]


def test_a_customer_is_a_person_with_the_discount_that_stands_on_them() -> None:
    assert fields("customer", phone="+33 6 00 00 00 00", email=None)["email"] is None
    assert fields("customer", phone="+33 6 00 00 00 00")["phone"] == "+33 6 00 00 00 00"
    assert fields("customer")["discount"] is None
    on_them = {"id": "di_1", "start": NOW, "end": None, "source": {"coupon": {"id": "AMIS", "percent_off": 20}}}
    made = fields("customer", discount=on_them)["discount"]
    assert (made["coupon"], made["percent"], made["start"]) == ("AMIS", Decimal(20), at(NOW))


def test_a_metered_item_has_quantity_nought() -> None:
    found = copy.deepcopy(OBJECTS["subscription"])
    del found["items"]["data"][0]["quantity"]
    made: Any = records.record("subscription", found).fields
    assert made["items"][0]["quantity"] == 0


def test_tax_rates_of_an_item_replace_those_of_the_subscription_and_are_added_up() -> None:
    rates = [{"percentage": 20}, {"percentage": Decimal("0.5")}]
    assert item_with(tax_rates=rates)["tax_percent"] == Decimal("20.5")
    made = fields("subscription", default_tax_rates=[{"percentage": Decimal("5.5")}])
    assert made["items"][0]["tax_percent"] == Decimal("5.5")


@pytest.mark.parametrize(
    ("coupon", "expected"),
    [
        (
            {"id": "C", "percent_off": Decimal("33.33"), "duration": "forever"},
            {"percent": Decimal("33.33"), "amount_off": None, "duration": "forever"},
        ),
        (
            {"id": "C", "amount_off": 1050, "currency": "eur", "percent_off": None, "duration": "repeating"},
            {"percent": None, "amount_off": eur("10.5"), "duration": "repeating"},
        ),
        ("C", {"percent": None, "amount_off": None, "duration": None}),
        ({"id": "C"}, {"percent": None, "amount_off": None, "duration": None}),
    ],
)
def test_a_discount_takes_its_coupon_apart_and_invents_nothing(coupon: Any, expected: Json) -> None:
    discount = {"id": "di_1", "start": NOW, "end": NOW + DAY, "source": {"coupon": coupon, "type": "coupon"}}
    whole = {"coupon": "C", "start": at(NOW), "end": at(NOW + DAY), **expected}
    assert fields("subscription", discounts=[discount])["discounts"] == (whole,)
    assert item_with(discounts=[discount])["discounts"] == (whole,)


def test_a_discount_that_was_not_expanded_is_refused_and_not_taken_for_none() -> None:
    with pytest.raises(RecordError, match=r"subscription sub_LilaNora.*expanded"):
        fields("subscription", discounts=["di_1"])


@pytest.mark.parametrize(
    ("cents", "exact", "unit"),
    [
        (9700, "9700", eur("97")),
        (None, "0.5", eur("0.005")),
        (None, "1234.123456789012", eur("12.34123456789012")),
        (0, "0", eur("0")),
        (None, None, None),
    ],
)
def test_a_price_keeps_every_decimal_of_its_unit(cents: int | None, exact: str | None, unit: Money | None) -> None:
    assert fields("price", unit_amount=cents, unit_amount_decimal=exact)["unit"] == unit


def test_a_one_off_price_has_no_interval() -> None:
    made = fields("price", recurring=None, type="one_time")
    assert (made["interval"], made["interval_count"], made["usage"]) == (None, 1, "licensed")


def test_a_price_says_how_quantities_are_divided_and_whether_tax_is_inside() -> None:
    made = fields("price", transform_quantity={"divide_by": 10, "round": "up"}, tax_behavior=None)
    assert (made["divide_by"], made["round"], made["tax_behavior"]) == (10, "up", "unspecified")


def test_tiers_are_read_in_order_with_sub_cent_units() -> None:
    tiers = [
        {"up_to": 10, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": 1000},
        {"up_to": None, "unit_amount": None, "unit_amount_decimal": "12.5", "flat_amount": None},
    ]
    price = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    made = fields("price", **price, unit_amount=None, unit_amount_decimal=None)
    assert made["unit"] is None
    assert made["tiers"] == (
        {"up_to": 10, "unit": eur("5"), "flat": eur("10")},
        {"up_to": None, "unit": eur("0.125"), "flat": eur("0")},
    )


def test_a_tiered_price_whose_tiers_were_not_expanded_is_refused_and_not_taken_for_free() -> None:
    with pytest.raises(RecordError, match=r"price price_LilaCercleMois.*'tiers' is missing"):
        fields("price", billing_scheme="tiered")


def test_an_invoice_is_read_with_its_subscription_and_its_moments() -> None:
    made = fields("invoice", amount_paid_off_stripe=None, due_date=NOW)
    assert made["status"] == "paid"
    assert (made["total"], made["due"], made["paid"]) == (eur("97"), eur("97"), eur("97"))
    assert (made["remaining"], made["off_stripe"]) == (eur("0"), eur("0"))
    assert made["paid_at"] == at(NOW - 10 * DAY + 3660)
    assert made["due_at"] == at(NOW)
    assert made["subscription"] == "sub_LilaNora"
    assert (made["attempted"], made["attempt_count"], made["reason"]) == (True, 1, "subscription_cycle")


def test_the_tax_of_an_invoice_is_what_stripe_worked_out_and_nothing_where_it_worked_out_none() -> None:
    taxes = [{"amount": 1617, "tax_behavior": "inclusive"}]
    assert fields("invoice", total=9700, total_excluding_tax=8083, total_taxes=taxes)["tax"] == eur("16.17")
    exempt = [{"amount": 0, "taxability_reason": "customer_exempt"}]
    assert fields("invoice", total=9700, total_excluding_tax=9700, total_taxes=exempt)["tax"] == eur("0")
    assert fields("invoice", total=9700, total_excluding_tax=9700, total_taxes=[])["tax"] is None
    assert fields("invoice", total=9700, total_excluding_tax=None, total_taxes=None)["tax"] is None


def test_an_invoice_says_who_is_to_pay_as_far_as_it_knows_them() -> None:
    made = fields("invoice", customer="cus_1", customer_name="Nora", customer_email="nora@example.com")
    assert made["who"] == {"key": "cus_1", "name": "Nora", "email": "nora@example.com"}
    assert fields("invoice", customer="cus_1", customer_name=None, customer_email=None)["who"] == {"key": "cus_1"}
    assert fields("invoice", customer=None, customer_name=None, customer_email=None)["who"] is None


@pytest.mark.parametrize(("reason", "first"), [("subscription_create", True), ("subscription_cycle", False)])
def test_the_first_invoice_of_a_subscription_is_told_from_its_renewals(reason: str, first: bool) -> None:
    assert fields("invoice", billing_reason=reason)["first"] is first


def test_an_invoice_of_no_subscription_has_none() -> None:
    assert fields("invoice", parent=None)["subscription"] is None
    assert fields("invoice", parent={"type": "quote_details", "subscription_details": None})["subscription"] is None


@pytest.mark.parametrize("kind", ["charge", "payment_intent", "payment_record"])
def test_an_invoice_payment_names_what_paid_it(kind: str) -> None:
    made = fields("invoice_payment", payment={"type": kind, kind: "x_1"}, amount_paid=None)
    assert (made["payment"], made["payment_type"], made["amount"]) == ("x_1", kind, None)


def test_a_charge_says_what_was_given_back() -> None:
    made = fields("charge")
    assert (made["amount"], made["refunded"]) == (eur("97"), eur("48.5"))
    assert made["balance_transaction"] == "txn_LilaNora2"


@pytest.mark.parametrize(
    ("status", "captured", "refunded", "word"),
    [
        ("succeeded", True, False, "paid"),
        ("succeeded", True, True, "paid"),
        ("succeeded", False, False, "pending"),
        ("succeeded", False, True, "failed"),
        ("pending", True, False, "pending"),
        ("failed", False, False, "failed"),
    ],
)
def test_a_payment_is_paid_pending_or_failed(status: str, captured: bool, refunded: bool, word: str) -> None:
    assert fields("charge", status=status, captured=captured, refunded=refunded)["status"] == word


def test_a_payment_of_a_status_that_nobody_knows_is_refused_and_not_taken_for_paid() -> None:
    with pytest.raises(RecordError, match="its status 'blocked' is unknown"):
        fields("charge", status="blocked")


def test_a_payment_says_who_paid_as_far_as_it_knows_them() -> None:
    person = {"name": "Nora", "email": "nora@example.com", "phone": None}
    made = fields("charge", customer="cus_1", billing_details=person)["who"]
    assert made == {"key": "cus_1", "name": "Nora", "email": "nora@example.com"}
    assert fields("charge", customer=None, billing_details={"name": None, "email": None})["who"] is None


def test_a_dispute_says_until_when_to_answer_and_its_movements() -> None:
    made = fields("dispute")
    assert made["due_by"] == at(NOW + 8 * DAY)
    assert made["balance_transactions"] == ("txn_LilaNora2d", "txn_LilaNora2b")


def test_a_movement_of_money_keeps_its_sign_and_its_rate() -> None:
    made = fields("balance_transaction", exchange_rate=Decimal("0.92"))
    assert (made["amount"], made["fee"], made["net"]) == (eur("-97"), eur("20"), eur("-117"))
    assert (made["category"], made["type"], made["source"]) == ("dispute", "adjustment", "du_LilaNora2")
    assert made["exchange_rate"] == Decimal("0.92")
    assert fields("balance_transaction", exchange_rate=1)["exchange_rate"] == Decimal(1)


def test_a_fee_says_what_it_is_made_of() -> None:
    details = [
        {"type": "stripe_fee", "amount": 1500, "currency": "eur"},
        {"type": "application_fee", "amount": 500, "currency": "eur"},
    ]
    made = fields("balance_transaction", fee_details=details)["fees"]
    assert made == (
        {"type": "stripe_fee", "amount": eur("15")},
        {"type": "application_fee", "amount": eur("5")},
    )
    assert fields("balance_transaction", fee_details=None)["fees"] == ()


def test_the_tax_of_a_checkout_is_known_only_where_stripe_was_asked_for_it() -> None:
    def tax(amount: int, status: str | None) -> Any:
        details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": amount}
        automatic = {"enabled": status is not None, "status": status}
        return fields("checkout_session", total_details=details, automatic_tax=automatic)["tax"]

    assert tax(1617, None) == eur("16.17")
    assert tax(0, "complete") == eur("0")
    assert tax(0, "failed") is None
    assert tax(0, None) is None


def test_a_phase_of_a_schedule_says_its_prices() -> None:
    (phase,) = fields("subscription_schedule")["phases"]
    assert phase["items"] == ({"price": "price_LilaProgramme4x", "quantity": 1},)


def test_a_signup_says_who_bought_what_and_whether_it_is_paid() -> None:
    made = fields("checkout_session")
    assert made["who"] == {"key": "cus_LilaHugo", "name": "Hugo Martin", "email": "hugo@example.com"}
    assert (made["products"], made["total"]) == (("Programme Essor",), eur("997"))
    assert (made["payment_status"], made["payment"]) == ("paid", made["payment_intent"])
    assert made["reference"] == "candidature-118"
    empty = fields("checkout_session", customer=None, customer_details=None, customer_email="h@example.com")
    assert empty["who"] == {"email": "h@example.com"}


@pytest.mark.parametrize("status", ["unpaid", "no_payment_required"])
def test_a_signup_that_is_not_paid_names_no_payment(status: str) -> None:
    assert fields("checkout_session", payment_status=status)["payment"] is None


def test_a_signup_to_a_subscription_names_its_first_invoice_as_the_payment() -> None:
    assert fields("checkout_session", payment_intent=None, invoice="in_1")["payment"] == "in_1"


def test_the_questions_of_a_checkout_are_answered_in_words() -> None:
    options = [{"label": "Par une amie", "value": "friend"}, {"label": "Instagram", "value": "ig"}]
    chosen = {"value": "ig", "options": options}
    asked = [
        {"key": "how", "type": "dropdown", "label": {"custom": "Comment ?"}, "dropdown": chosen},
        {"key": "goal", "type": "text", "label": {"custom": "Objectif"}, "text": {"value": None}},
        {"key": "age", "type": "numeric", "label": None, "numeric": {"value": "41"}},
    ]
    answers = {"Comment ?": "Instagram", "Objectif": None, "age": "41"}
    assert fields("checkout_session", custom_fields=asked)["answers"] == answers


@pytest.mark.parametrize(
    "changes",
    [{"status": "open"}, {"status": "expired"}, {"customer": None, "customer_details": None, "customer_email": None}],
)
def test_a_session_that_was_not_completed_or_names_nobody_is_no_signup(changes: Json) -> None:
    made = records.record("checkout_session", OBJECTS["checkout_session"] | changes)
    assert (made.deleted, dict(made.fields)) == (True, {})


def test_expanded_objects_are_read_as_their_ids() -> None:
    made = fields("charge", customer={"id": "cus_1"}, balance_transaction={"id": "txn_1"}, payment_intent=None)
    assert (made["who"]["key"], made["balance_transaction"], made["payment_intent"]) == ("cus_1", "txn_1", None)


def test_what_came_expanded_inside_is_records_of_its_own() -> None:
    movement = OBJECTS["balance_transaction"]
    charge = OBJECTS["charge"] | {"balance_transaction": movement, "failure_balance_transaction": None}
    assert [each.key for each in records.inside("charge", charge)] == ["txn_LilaNora2d"]
    refund = OBJECTS["refund"] | {"failure_balance_transaction": movement}
    assert [each.key for each in records.inside("refund", refund)] == ["txn_LilaNora2d"]
    assert [each.key for each in records.inside("dispute", OBJECTS["dispute"])] == ["txn_LilaNora2d", "txn_LilaNora2b"]
    invoice = OBJECTS["invoice"] | {"payments": {"data": [OBJECTS["invoice_payment"]], "has_more": False}}
    (payment,) = records.inside("invoice", invoice)
    assert (payment.stream, payment.key) == ("invoice_payment", "inpay_LilaNora2")
    assert list(records.inside("customer", OBJECTS["customer"])) == []


def test_a_deleted_customer_is_a_tombstone() -> None:
    made = records.record("customer", {"id": "cus_1", "object": "customer", "deleted": True})
    assert (made.key, made.deleted, dict(made.fields)) == ("cus_1", True, {})


@pytest.mark.parametrize("stream", SPEC.streams)
def test_an_object_without_what_we_need_is_a_record_error_that_names_it(stream: str) -> None:
    with pytest.raises(RecordError, match=f"Stripe's {stream} x_1 .* is missing"):
        records.record(stream, {"id": "x_1"})


@pytest.mark.parametrize(
    ("stream", "field", "wrong"),
    [
        ("charge", "amount", 97.0),
        ("charge", "amount", None),
        ("charge", "currency", "euros"),
        ("charge", "customer", 7),
        ("subscription", "items", None),
        ("balance_transaction", "exchange_rate", 0.92),
        ("invoice", "created", "yesterday"),
    ],
)
def test_a_value_of_another_kind_is_a_record_error(stream: str, field: str, wrong: object) -> None:
    with pytest.raises(RecordError, match=f"Stripe's {stream} {OBJECTS[stream]['id']}"):
        fields(stream, **{field: wrong})


@pytest.mark.parametrize(
    ("amount", "currency", "whole"),
    [
        (1250, "eur", "12.50"),
        (500, "jpy", "500"),
        (500, "ugx", "5"),
        (500, "isk", "5"),
        (5120, "kwd", "5.120"),
        (97000, "huf", "970"),
        (97000, "twd", "970"),
        (655957, "xof", "655957"),
        (-117, "eur", "-1.17"),
        ("0.5", "eur", "0.005"),
        ("0.5", "jpy", "0.5"),
    ],
)
def test_integers_become_money_by_the_currencys_decimals(amount: int | str, currency: str, whole: str) -> None:
    assert money(amount, currency) == Money(Decimal(whole), currency.upper())


def test_no_currency_stands_on_two_lists() -> None:
    assert not ZERO_DECIMALS & THREE_DECIMALS
    assert "UGX" not in ZERO_DECIMALS
    assert {exponent(code) for code in ("EUR", "usd", "GBP", "CHF", "XXX")} == {2}


@pytest.mark.parametrize("wrong", [1.5, True, None, []])
def test_money_of_anything_but_a_whole_number_or_a_decimal_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError):
        money(wrong, "eur")


@pytest.mark.skipif(not VECTORS.is_file(), reason="the published cases are not beside this repository")
def test_the_published_currency_cases_hold() -> None:
    cases = [case for case in json.loads(VECTORS.read_text())["cases"] if case["id"].startswith("cur-")]
    assert len(cases) >= 3
    for case in cases:
        given, expected = case["input"], Decimal(case["expected"]["major"])
        assert money(given["amount"], given["currency"]).amount == expected, case["name"]


def test_an_invoice_says_what_its_lines_are_for_and_what_people_wrote_on_it() -> None:
    priced = {"pricing": {"price_details": {"price": "price_1", "product": "prod_1"}}, "description": "Essor 1/3"}
    bare = {"pricing": None, "description": None}
    made = fields("invoice", lines={"data": [priced, bare]}, metadata={"instalments": "3"})
    assert made["lines"] == (
        {"price": "price_1", "product": "prod_1", "text": "Essor 1/3"},
        {"price": None, "product": None, "text": None},
    )
    assert made["metadata"] == {"instalments": "3"}
