"""Routes of the account, customers and products."""

from connectors.stripe.sandbox import billing, discounts, shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.method_routes import attach
from connectors.stripe.sandbox.params import ApiError, Json, Params, invalid
from connectors.stripe.sandbox.price_routes import own_id
from connectors.stripe.sandbox.routes import Answer, Call, Keep, Routes
from connectors.stripe.sandbox.state import Account, Moment

_CUSTOMER_TEXTS = ("description", "email", "name", "phone")


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.add("GET", "/v1/account", _account, "account")
    texts = "address description email metadata name phone shipping tax_exempt preferred_locales balance"
    texts += " invoice_settings payment_method source test_clock tax"
    routes.read("customer", "/v1/customers", "customers", filters={"email": "email"})
    routes.add("POST", "/v1/customers", _create_customer, "customers", texts)
    routes.add("POST", "/v1/customers/{id}", _update_customer, "customers", texts)
    routes.add("DELETE", "/v1/customers/{id}", _delete_customer, "customers")
    routes.add("DELETE", "/v1/customers/{id}/discount", _delete_discount, "customers")
    names = "active default_price_data description id images metadata name tax_code unit_label url shippable"
    routes.read("product", "/v1/products", "products", filters={"active": "active"}, keep=_ids, more="ids")
    routes.add("POST", "/v1/products", _create_product, "products", f"{names} default_price")
    routes.add("POST", "/v1/products/{id}", _update_product, "products", f"{names} default_price")
    routes.add("DELETE", "/v1/products/{id}", _delete_product, "products")


def _account(call: Call) -> Answer:
    account = call.account
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": account.name, "support_email": None, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": account.country,
        "created": account.created,
        "default_currency": account.currency,
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": account.name, "timezone": "Europe/Paris"}},
        "type": "standard",
    }


def _customer_fields(params: Params, row: Json) -> Json:
    fields: Json = {name: params.text(name) for name in _CUSTOMER_TEXTS if name in params}
    if "email" in fields and fields["email"] and "@" not in fields["email"]:
        raise invalid(f"Invalid email address: {fields['email']}", "email", "email_invalid")
    if "address" in params:
        given = params.group("address")
        parts = ("city", "country", "line1", "line2", "postal_code", "state")
        fields["address"] = {part: given.text(part) for part in parts} if given.raw else None
    if "preferred_locales" in params:
        fields["preferred_locales"] = params.values("preferred_locales")
    if "tax_exempt" in params:
        fields["tax_exempt"] = params.choice("tax_exempt", ("none", "exempt", "reverse"), "none")
    if "balance" in params:
        fields["balance"] = params.need_whole("balance")
    fields["metadata"] = params.merge_metadata(row["metadata"])
    return fields


def _create_customer(call: Call) -> Answer:
    row = shapes.customer(call.account, call.moment.at)
    row.update(_customer_fields(call.params, row))
    call.account.add(row)
    if "payment_method" in call.params:
        saved = attach(call.account, call.moment, call.params.need("payment_method"), row)
        if "default_payment_method" in call.params.group("invoice_settings"):
            call.account.change(row, invoice_settings={**row["invoice_settings"], "default_payment_method": saved})
    record(call.account, call.moment, "customer.created", row)
    return row


def _living_customer(call: Call) -> Json:
    found = call.account.by_id.get(call.ids[0])
    if found is not None and found.get("deleted"):
        raise ApiError(404, f"No such customer: '{call.ids[0]}'", code="resource_missing", param="id")
    return call.account.get("customer", call.ids[0])


def _update_customer(call: Call) -> Answer:
    row = _living_customer(call)
    previous = call.account.change(row, **_customer_fields(call.params, row))
    record(call.account, call.moment, "customer.updated", row, previous)
    return row


def _delete_customer(call: Call) -> Answer:
    return delete_customer(call.account, call.moment, _living_customer(call))


def _delete_discount(call: Call) -> Answer:
    row = _living_customer(call)
    if row["discount"] is None:
        raise ApiError(404, f"No active discount for customer: {row['id']}", code="resource_missing")
    return {**discounts.take_from_customer(call.account, call.moment, row), "deleted": True}


def delete_customer(account: Account, moment: Moment, row: Json) -> Json:
    """Delete a customer: its subscriptions end now, and its id answers {id, object, deleted: true} from now on."""
    for subscription in list(account.rows("subscription").values()):
        if subscription["customer"] == row["id"] and subscription["status"] not in billing.ENDED:
            billing.cancel(account, moment, subscription)
    gone = account.drop(row, stub=True)
    record(account, moment, "customer.deleted", row)
    return gone


def _ids(call: Call) -> Keep | None:
    wanted = set(call.params.values("ids"))
    return (lambda row: row["id"] in wanted) if wanted else None


def _product_fields(params: Params, row: Json) -> Json:
    texts = ("name", "description", "unit_label", "url", "tax_code", "default_price")
    fields: Json = {name: params.text(name) for name in texts if name in params}
    if "active" in params:
        fields["active"] = params.flag("active")
    if "images" in params:
        fields["images"] = params.values("images")
    fields["metadata"] = params.merge_metadata(row["metadata"])
    return fields


def _create_product(call: Call) -> Answer:
    call.params.require("name")
    row = shapes.product(call.account, call.moment.at)
    row.update(_product_fields(call.params, row), id=own_id(call, row))
    call.account.add(row)
    record(call.account, call.moment, "product.created", row)
    return row


def _update_product(call: Call) -> Answer:
    row = call.account.get("product", call.ids[0])
    previous = call.account.change(row, **_product_fields(call.params, row), updated=call.moment.at)
    record(call.account, call.moment, "product.updated", row, previous)
    return row


def _delete_product(call: Call) -> Answer:
    row = call.account.get("product", call.ids[0])
    if any(price["product"] == row["id"] for price in call.account.rows("price").values()):
        raise invalid(f"Product {row['id']} has prices, so it cannot be deleted; archive it instead.", "id")
    gone = call.account.drop(row)
    record(call.account, call.moment, "product.deleted", row)
    return gone
