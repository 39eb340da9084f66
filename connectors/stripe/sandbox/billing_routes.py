"""Routes of subscriptions, their items and their schedules."""

from connectors.stripe.sandbox import billing, changes, schedules
from connectors.stripe.sandbox.params import ApiError, Json, Params, invalid
from connectors.stripe.sandbox.price_routes import make_price
from connectors.stripe.sandbox.routes import PAGING, Answer, Call, Keep, Routes, page

_STATUSES = ("incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused")
_COMMON = (
    "cancel_at cancel_at_period_end collection_method days_until_due default_payment_method description discounts "
    "items metadata off_session payment_behavior payment_settings proration_behavior trial_end trial_settings "
    "automatic_tax"
)


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.read(
        "subscription",
        "/v1/subscriptions",
        "subscriptions",
        filters={"customer": "customer", "collection_method": "collection_method"},
        keep=_status_and_price,
        more="status price",
    )
    routes.add("POST", "/v1/subscriptions", _create, "subscriptions", f"{_COMMON} customer currency trial_period_days")
    routes.add(
        "POST", "/v1/subscriptions/{id}", _update, "subscriptions", f"{_COMMON} pause_collection cancellation_details"
    )
    routes.add("DELETE", "/v1/subscriptions/{id}", _cancel, "subscriptions", "cancellation_details invoice_now prorate")
    routes.add("POST", "/v1/subscriptions/{id}/pause", _pause, "subscriptions", "type bill_for invoicing_behavior")
    routes.add(
        "POST",
        "/v1/subscriptions/{id}/resume",
        _resume,
        "subscriptions",
        "billing_cycle_anchor proration_behavior payment_behavior",
    )
    routes.add("GET", "/v1/subscription_items", _items, "subscriptions", " ".join((*PAGING, "subscription")))
    routes.add(
        "GET",
        "/v1/subscription_items/{id}",
        lambda call: call.account.get("subscription_item", call.ids[0]),
        "subscriptions",
    )
    routes.read(
        "subscription_schedule",
        "/v1/subscription_schedules",
        "subscription_schedules",
        filters={"customer": "customer"},
        keep=_schedule_state,
        more="canceled_at completed_at released_at scheduled",
    )
    routes.add(
        "POST",
        "/v1/subscription_schedules",
        _create_schedule,
        "subscription_schedules",
        "customer default_settings end_behavior metadata phases start_date",
    )
    routes.add(
        "POST",
        "/v1/subscription_schedules/{id}/cancel",
        _cancel_schedule,
        "subscription_schedules",
        "invoice_now prorate",
    )
    routes.add(
        "POST",
        "/v1/subscription_schedules/{id}/release",
        _release_schedule,
        "subscription_schedules",
        "preserve_cancel_date",
    )


def _status_and_price(call: Call) -> Keep:
    wanted, price = call.params.text("status"), call.params.text("price")
    if wanted not in (None, "all", "ended", *_STATUSES):
        raise invalid(f"Invalid status: {wanted}.", "status")

    def keep(row: Json) -> bool:
        status = row["status"]
        if wanted is None:
            right = status != "canceled"
        else:
            right = wanted in ("all", status) or (wanted == "ended" and status in billing.ENDED)
        return right and (price is None or any(item["price"]["id"] == price for item in row["items"]["data"]))

    return keep


def _price(call: Call, given: Params) -> Json:
    if "price_data" in given:
        return make_price(call.account, call.moment, given.group("price_data"), inline=True)
    return call.account.get("price", given.need("price"), given.name("price"))


def _coupons(params: Params) -> list[str]:
    return [one.need("coupon") for one in params.groups("discounts")]


def _fields(params: Params, metadata: dict[str, str]) -> Json:
    """The fields that creating and updating share, as far as the request gives them."""
    fields: Json = {"metadata": params.merge_metadata(metadata)}
    if "cancel_at" in params:
        fields["cancel_at"] = params.whole("cancel_at")
    if "cancel_at_period_end" in params:
        fields["cancel_at_period_end"] = params.flag("cancel_at_period_end")
    if "collection_method" in params:
        fields["collection_method"] = params.choice("collection_method", ("charge_automatically", "send_invoice"))
    if "days_until_due" in params:
        fields["days_until_due"] = params.whole("days_until_due")
    for name in ("default_payment_method", "description"):
        if name in params:
            fields[name] = params.text(name)
    return fields


def _create(call: Call) -> Answer:
    account, params, at = call.account, call.params, call.moment.at
    customer = account.get("customer", params.need("customer"), "customer")
    given = params.groups("items")
    if not given:
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    items = [(_price(call, item), item.whole("quantity", 1) or 0) for item in given]
    fields = _fields(params, {})
    if fields.get("collection_method") == "send_invoice":
        params.require("days_until_due")
    days = params.whole("trial_period_days")
    trial_end = at + days * 86_400 if days else None if params.text("trial_end") == "now" else params.whole("trial_end")
    incomplete = params.text("payment_behavior") == "default_incomplete"
    row, _, charge = billing.create(
        account,
        call.moment,
        customer=customer,
        items=items,
        outcome="open" if incomplete else "paid",
        trial_end=trial_end,
        coupons=_coupons(params),
        **fields,
    )
    if charge is not None and charge["status"] == "failed" and params.text("payment_behavior") == "error_if_incomplete":
        raise ApiError(402, charge["failure_message"], kind="card_error", code=charge["failure_code"])
    return row


def _update(call: Call) -> Answer:
    row = call.account.get("subscription", call.ids[0])
    params = call.params
    if row["status"] in billing.ENDED and set(params.raw) <= {"metadata", "expand"}:
        call.account.change(row, metadata=params.merge_metadata(row["metadata"]))
        return row
    items = [
        {
            "id": item.text("id"),
            "price": _price(call, item) if "price" in item or "price_data" in item else None,
            "quantity": item.whole("quantity"),
            "deleted": item.flag("deleted"),
        }
        for item in params.groups("items")
    ]
    fields = _fields(params, row["metadata"])
    if "pause_collection" in params:
        given = params.group("pause_collection")
        behaviors = ("keep_as_draft", "mark_uncollectible", "void")
        fields["pause_collection"] = (
            {"behavior": given.choice("behavior", behaviors), "resumes_at": given.whole("resumes_at")}
            if given.raw
            else None
        )
    if "trial_end" in params:
        ends = call.moment.at if params.text("trial_end") == "now" else params.need_whole("trial_end")
        fields["trial_end"] = ends
        fields["billing_cycle_anchor"] = ends
        billing.set_period(call.account, row, billing.period_of(row)[0], ends)
        call.account.hidden[row["id"]]["cycle"] = -1
    proration = params.choice("proration_behavior", changes.PRORATIONS, "create_prorations")
    return changes.update(
        call.account,
        call.moment,
        row,
        items=items,
        proration=str(proration),
        coupons=_coupons(params) if "discounts" in params else None,
        **fields,
    )


def _cancel(call: Call) -> Answer:
    row = call.account.get("subscription", call.ids[0])
    if row["status"] in billing.ENDED:
        raise ApiError(404, f"No such subscription: '{row['id']}'", code="resource_missing", param="id")
    billing.cancel(call.account, call.moment, row)
    return row


def _pause(call: Call) -> Answer:
    row = call.account.get("subscription", call.ids[0])
    changes.pause(call.account, call.moment, row)
    return row


def _resume(call: Call) -> Answer:
    row = call.account.get("subscription", call.ids[0])
    changes.resume(call.account, call.moment, row)
    return row


def _items(call: Call) -> Answer:
    subscription = call.account.get("subscription", call.params.need("subscription"), "subscription")
    return page(
        call,
        "subscription_item",
        "/v1/subscription_items",
        lambda row: row["subscription"] == subscription["id"],
        created=False,
    )


def _schedule_state(call: Call) -> Keep | None:
    if call.params.flag("scheduled"):
        return lambda row: row["status"] == "not_started"
    names = [name for name in ("canceled_at", "completed_at", "released_at") if name in call.params]
    if not names:
        return None
    bounds = {name: call.params.range(name) for name in names}
    return lambda row: all(row[name] and low <= row[name] <= high for name, (low, high) in bounds.items())


def _create_schedule(call: Call) -> Answer:
    account, params = call.account, call.params
    customer = account.get("customer", params.need("customer"), "customer")
    start = params.text("start_date", "now")
    if start != "now" and (params.whole("start_date") or 0) > call.moment.at:
        raise invalid("This sandbox starts schedules at once: give start_date=now.", "start_date")
    phases = []
    for given in params.groups("phases"):
        given.known(frozenset({"items", "duration", "end_date", "metadata", "proration_behavior"}))
        length = given.group("duration")
        phases.append(
            {
                "items": [(_price(call, item), item.whole("quantity", 1) or 0) for item in given.groups("items")],
                "end_date": given.whole("end_date"),
                "interval": length.choice("interval", ("day", "week", "month", "year"), "month"),
                "count": length.whole("interval_count", 1),
                "proration": given.choice("proration_behavior", changes.PRORATIONS, "create_prorations"),
            }
        )
    if not phases or not all(one["items"] for one in phases):
        raise invalid("Missing required param: phases[0][items].", "phases", "parameter_missing")
    row, _, _, _ = schedules.create(
        account,
        call.moment,
        customer=customer,
        phases=phases,
        end_behavior=str(params.choice("end_behavior", ("cancel", "release"), "release")),
        metadata=params.merge_metadata(),
    )
    return row


def _cancel_schedule(call: Call) -> Answer:
    row = call.account.get("subscription_schedule", call.ids[0])
    subscription = call.account.by_id.get(row["subscription"] or "")
    if row["status"] != "active" or subscription is None:
        raise invalid(f"Schedule {row['id']} is {row['status']}, so it cannot be canceled.")
    billing.cancel(call.account, call.moment, subscription)
    return row


def _release_schedule(call: Call) -> Answer:
    row = call.account.get("subscription_schedule", call.ids[0])
    schedules.release(call.account, call.moment, row, call.account.by_id.get(row["subscription"] or ""))
    return row
