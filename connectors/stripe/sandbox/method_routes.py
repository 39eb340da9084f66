"""Routes of saved payment methods, and of the hosted payment page on which a customer completes a checkout session.

Stripe documents no call of its payment page: the two here are those that `stripe trigger` of the Stripe CLI makes.
"""

from connectors.stripe.sandbox import checkout
from connectors.stripe.sandbox import money_shapes as shapes
from connectors.stripe.sandbox.params import Json, Params, invalid
from connectors.stripe.sandbox.routes import Answer, Call, Routes
from connectors.stripe.sandbox.state import Account, Moment

TEST_CARDS: dict[str, str | None] = {
    "pm_card_visa": None,
    "pm_card_mastercard": None,
    "pm_card_chargeDeclined": "card_declined",
    "pm_card_visa_chargeDeclined": "card_declined",
    "pm_card_chargeCustomerFail": "card_declined",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_createDispute": None,
    "pm_card_createDisputeInquiry": None,
}
"""Stripe's test cards by the id that every test account has, and how a charge of them fails."""
DISPUTED = {"pm_card_createDispute": False, "pm_card_createDisputeInquiry": True}
"""Test cards whose charge is disputed at once, and whether by an inquiry."""


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    path = "/v1/payment_methods"
    routes.add("GET", f"{path}/{{id}}", _get, "payment_methods")
    routes.add("POST", path, _create, "payment_methods", "billing_details card metadata type")
    routes.add("POST", f"{path}/{{id}}/attach", _attach, "payment_methods", "customer")
    routes.add("GET", "/v1/payment_pages/{id}", _page, "checkout_sessions")
    routes.add(
        "POST", "/v1/payment_pages/{id}/confirm", _confirm, "checkout_sessions", "expected_amount payment_method"
    )


def attach(account: Account, moment: Moment, method: str, customer: Json) -> str:
    """Save a payment method with a customer; the id of what is saved. A test card is saved as a new card."""
    if method in TEST_CARDS:
        row = account.add(shapes.payment_method(account, moment.at, "card", customer["id"]))
    else:
        row = account.get("payment_method", method, "payment_method")
        account.change(row, customer=customer["id"])
    about = account.hidden.setdefault(customer["id"], {})
    about.setdefault("methods", {})["card"] = row["id"]
    if TEST_CARDS.get(method):
        about["decline"] = TEST_CARDS[method]
    return str(row["id"])


def address_of(given: Params) -> Json:
    """An address, with None for what the request leaves out."""
    return {part: given.text(part) for part in ("city", "country", "line1", "line2", "postal_code", "state")}


def _get(call: Call) -> Answer:
    return call.account.get("payment_method", call.ids[0])


def _create(call: Call) -> Answer:
    call.params.require("type")
    if call.params.text("type") != "card":
        raise invalid("This sandbox makes payment methods of type card.", "type")
    row = shapes.payment_method(call.account, call.moment.at, "card", None)
    given = call.params.group("billing_details")
    row["billing_details"] = {
        **row["billing_details"],
        **{name: given.text(name) for name in ("email", "name", "phone")},
        "address": address_of(given.group("address")),
    }
    row["metadata"] = call.params.merge_metadata()
    return call.account.add(row)


def _attach(call: Call) -> Answer:
    customer = call.account.get("customer", call.params.need("customer"), "customer")
    return call.account.by_id[attach(call.account, call.moment, call.ids[0], customer)]


def _page(call: Call) -> Answer:
    row = call.account.get("checkout.session", call.ids[0])
    return {"id": row["id"], "object": "payment_page", "mode": row["mode"], "total": row["amount_total"]}


def _confirm(call: Call) -> Answer:
    row = call.account.get("checkout.session", call.ids[0])
    if call.params.whole("expected_amount", row["amount_total"]) != row["amount_total"]:
        raise invalid("The amount has changed since the page was shown.", "expected_amount")
    method = call.account.get("payment_method", call.params.need("payment_method"), "payment_method")
    person = method["billing_details"]
    checkout.complete(call.account, call.moment, row, email=person["email"], name=person["name"])
    return _page(call)
