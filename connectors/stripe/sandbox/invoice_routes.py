"""Routes of invoices, their lines, items and payments, and of checkout sessions."""

from connectors.stripe.sandbox import checkout, invoices, money, renewals
from connectors.stripe.sandbox import invoice_shapes as shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.price_routes import currency_of, make_price
from connectors.stripe.sandbox.routes import PAGING, Answer, Call, Keep, Routes, part_of
from connectors.stripe.sandbox.state import Account

_PAGED = " ".join(PAGING)


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.read(
        "invoice",
        "/v1/invoices",
        "invoices",
        filters={"customer": "customer", "status": "status", "collection_method": "collection_method"},
        keep=_of_subscription,
        more="subscription",
        ranges=("created", "due_date"),
    )
    names = "auto_advance collection_method currency customer days_until_due description discounts due_date metadata"
    routes.add("POST", "/v1/invoices", _create, "invoices", f"{names} pending_invoice_items_behavior footer")
    routes.add("POST", "/v1/invoices/{id}", _update, "invoices", "auto_advance description due_date metadata")
    routes.add("DELETE", "/v1/invoices/{id}", _delete, "invoices")
    routes.add("GET", "/v1/invoices/{id}/lines", _lines, "invoices", _PAGED)
    routes.add("POST", "/v1/invoices/{id}/finalize", _finalize, "invoices", "auto_advance")
    routes.add("POST", "/v1/invoices/{id}/send", _send, "invoices")
    routes.add("POST", "/v1/invoices/{id}/pay", _pay, "invoices", "forgive off_session paid_out_of_band payment_method")
    routes.add("POST", "/v1/invoices/{id}/void", lambda call: _close(call, "void"), "invoices")
    routes.add("POST", "/v1/invoices/{id}/mark_uncollectible", lambda call: _close(call, "uncollectible"), "invoices")
    routes.read(
        "invoice_payment",
        "/v1/invoice_payments",
        "invoices",
        filters={"invoice": "invoice", "status": "status"},
        keep=_of_payment,
        more="payment",
    )
    routes.read("invoiceitem", "/v1/invoiceitems", "invoices", filters={"customer": "customer", "invoice": "invoice"})
    names = "amount currency customer description discountable invoice metadata period price pricing quantity"
    routes.add("POST", "/v1/invoiceitems", _create_item, "invoices", names)
    routes.read(
        "checkout.session",
        "/v1/checkout/sessions",
        "checkout_sessions",
        filters={
            "customer": "customer",
            "payment_intent": "payment_intent",
            "subscription": "subscription",
            "status": "status",
        },
        keep=_of_email,
        more="customer_details",
    )
    names = "allow_promotion_codes cancel_url client_reference_id customer customer_creation customer_email discounts"
    names += " line_items locale metadata mode payment_intent_data payment_method_types return_url subscription_data"
    routes.add("POST", "/v1/checkout/sessions", _create_session, "checkout_sessions", f"{names} success_url ui_mode")
    routes.add("POST", "/v1/checkout/sessions/{id}/expire", _expire_session, "checkout_sessions")
    routes.add("GET", "/v1/checkout/sessions/{id}/line_items", _session_items, "checkout_sessions", _PAGED)


def _of_subscription(call: Call) -> Keep | None:
    wanted = call.params.text("subscription")
    if wanted is None:
        return None
    return lambda row: row["parent"] is not None and row["parent"]["subscription_details"]["subscription"] == wanted


def _of_payment(call: Call) -> Keep | None:
    given = call.params.group("payment")
    if not given.raw:
        return None
    given.known(frozenset({"type", "payment_intent", "payment_record"}))
    given.require("type")
    wanted = {name: given.text(name) for name in given.raw}
    return lambda row: all(row["payment"].get(name) == value for name, value in wanted.items())


def _create(call: Call) -> Answer:
    account, params = call.account, call.params
    customer = account.get("customer", params.need("customer"), "customer")
    collection = params.choice("collection_method", ("charge_automatically", "send_invoice"), "charge_automatically")
    days, due = params.whole("days_until_due"), params.whole("due_date")
    if collection == "send_invoice" and days is None and due is None:
        raise invalid("An invoice that is sent needs days_until_due or due_date.", "days_until_due")
    return invoices.make(
        account,
        call.moment,
        customer=customer,
        currency=currency_of(params) if "currency" in params else _waiting_currency(account, customer),
        lines=[],
        collection_method=collection,
        due_date=due if days is None else call.moment.at + days * 86_400,
        description=params.text("description"),
        auto_advance=params.flag("auto_advance"),
        metadata=params.merge_metadata(),
    )


def _waiting_currency(account: Account, customer: Json) -> str:
    """The currency of what waits to be invoiced, else the account's."""
    items = account.table("invoiceitem").oldest_first()[::-1]
    waiting = (item["currency"] for item in items if item["customer"] == customer["id"] and item["invoice"] is None)
    return next(waiting, account.currency)


def _update(call: Call) -> Answer:
    row, params = _invoice(call), call.params
    fields: Json = {"metadata": params.merge_metadata(row["metadata"])}
    if "auto_advance" in params:
        fields["auto_advance"] = params.flag("auto_advance")
    if "description" in params:
        fields["description"] = params.text("description")
    if "due_date" in params:
        fields["due_date"] = params.whole("due_date")
    record(call.account, call.moment, "invoice.updated", row, call.account.change(row, **fields))
    return row


def _invoice(call: Call) -> Json:
    return call.account.get("invoice", call.ids[0])


def _delete(call: Call) -> Answer:
    row = _invoice(call)
    if row["status"] != "draft" or row["parent"] is not None:
        raise invalid(f"Invoice {row['id']} cannot be deleted: only a one-off draft can.")
    for item in call.account.rows("invoiceitem").values():
        if item["invoice"] == row["id"]:
            call.account.change(item, invoice=None)
    gone = call.account.drop(row)
    record(call.account, call.moment, "invoice.deleted", row)
    return gone


def _lines(call: Call) -> Answer:
    row = _invoice(call)
    return part_of(call, row["lines"]["data"], row["lines"]["url"])


def _finalize(call: Call) -> Answer:
    row = _invoice(call)
    invoices.finalize(call.account, call.moment, row)
    return row


def _send(call: Call) -> Answer:
    row = _invoice(call)
    if row["status"] == "draft":
        invoices.finalize(call.account, call.moment, row)
    record(call.account, call.moment, "invoice.sent", row)
    return row


def _pay(call: Call) -> Answer:
    account, row = call.account, _invoice(call)
    if call.params.flag("paid_out_of_band"):
        renewals.recover(account, call.moment, row, outside=True)
        return row
    charge = renewals.recover(account, call.moment, row)
    if charge is not None and charge["status"] == "failed":
        raise money.card_error(account.by_id[charge["payment_intent"]])
    return row


def _close(call: Call, status: str) -> Answer:
    row = _invoice(call)
    invoices.close(call.account, call.moment, row, status)
    return row


def _create_item(call: Call) -> Answer:
    account, params, at = call.account, call.params, call.moment.at
    customer = account.get("customer", params.need("customer"), "customer")
    price_id = params.group("pricing").text("price") or params.text("price")
    price = account.get("price", price_id, "pricing[price]") if price_id else None
    quantity = params.whole("quantity", 1) or 0
    amount = params.need_whole("amount") if price is None else (price["unit_amount"] or 0) * quantity
    into = account.get("invoice", params.need("invoice"), "invoice") if "invoice" in params else None
    if into is not None:
        raise invalid("This sandbox adds items before the invoice is made: leave out invoice.", "invoice")
    row = shapes.invoice_item(
        account,
        at,
        amount=amount,
        currency=price["currency"] if price else currency_of(params),
        customer=customer["id"],
        description=params.text("description"),
        discountable=params.flag("discountable", True),
        metadata=params.merge_metadata(),
        pricing=shapes.pricing(price, price["unit_amount_decimal"] if price else None),
        quantity=quantity,
        quantity_decimal=str(quantity),
    )
    account.add(row, at)
    record(account, call.moment, "invoiceitem.created", row)
    return row


def _of_email(call: Call) -> Keep | None:
    wanted = call.params.group("customer_details").text("email")
    if wanted is None:
        return None
    return lambda row: (row["customer_details"] or {}).get("email") == wanted


def _create_session(call: Call) -> Answer:
    account, params = call.account, call.params
    mode = params.choice("mode", ("payment", "subscription"))
    params.require("mode")
    ui = params.choice("ui_mode", ("elements", "embedded_page", "form", "hosted_page"), "hosted_page")
    if ui == "hosted_page":
        params.require("success_url")
    items = []
    for given in params.groups("line_items"):
        if "price_data" in given:
            price = make_price(account, call.moment, given.group("price_data"), inline=True)
        else:
            price = account.get("price", given.need("price"), given.name("price"))
        items.append((price, given.whole("quantity", 1) or 0))
    if not items:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    if "customer" in params:
        account.get("customer", params.need("customer"), "customer")
    row = checkout.open_session(
        account,
        call.moment,
        items,
        cancel_url=params.text("cancel_url"),
        client_reference_id=params.text("client_reference_id"),
        customer=params.text("customer"),
        customer_creation=params.choice("customer_creation", ("always", "if_required"), "if_required")
        if mode == "payment"
        else None,
        customer_email=params.text("customer_email"),
        metadata=params.merge_metadata(),
        mode=mode,
        success_url=params.text("success_url"),
        ui_mode=ui,
    )
    about = account.hidden[row["id"]]
    about["intent_metadata"] = params.group("payment_intent_data").merge_metadata()
    given = params.group("subscription_data")
    days = given.whole("trial_period_days")
    about["subscription"] = {"metadata": given.merge_metadata()}
    if days:
        about["subscription"]["trial_end"] = call.moment.at + days * 86_400
    if "discounts" in params:
        about["subscription"]["coupons"] = [one.need("coupon") for one in params.groups("discounts")]
    return row


def _expire_session(call: Call) -> Answer:
    row = call.account.get("checkout.session", call.ids[0])
    checkout.expire(call.account, call.moment, row)
    return row


def _session_items(call: Call) -> Answer:
    row = call.account.get("checkout.session", call.ids[0])
    return part_of(call, call.account.hidden[row["id"]]["line_items"], f"/v1/checkout/sessions/{row['id']}/line_items")
