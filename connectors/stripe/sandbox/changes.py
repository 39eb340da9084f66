"""Changing a running subscription: items, quantity, price, discounts, pauses, planned ends."""

from connectors.stripe.sandbox import billing, deadlines, discounts, shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, invalid, missing
from connectors.stripe.sandbox.pricing import period
from connectors.stripe.sandbox.state import Account, Moment

PRORATIONS = ("create_prorations", "none", "always_invoice")


def update(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    items: list[Json] | None = None,
    proration: str = "create_prorations",
    coupons: list[str] | None = None,
    **fields: object,
) -> Json:
    """Change a subscription and tell of it with customer.subscription.updated.

    `items`: what to do to each: {id?, price? (row), quantity?, deleted?}; without id, an item is added. `coupons`: the
    coupons that shall be in force from now on. `fields`: values that are set as they are.
    """
    if row["status"] in billing.ENDED:
        raise invalid(f"A {row['status']} subscription can only change its metadata.", None, "resource_missing")
    before = billing.copy_of_items(row)
    invoice_before, discounts_before = row["latest_invoice"], row["discounts"]
    fields = _planned_end(row, moment, fields)
    rebilled = _change_items(account, moment, row, items, proration) if items else False
    if coupons is not None:
        discounts.drop(account, moment, row, set(row["discounts"]))
        discounts.add(account, moment, row, coupons)
    if rebilled or (items and proration == "always_invoice"):
        _bill_now(account, moment, row, whole=rebilled)
    previous = account.change(row, **fields)
    if billing.copy_of_items(row)["data"] != before["data"]:
        previous["items"] = before
    if row["latest_invoice"] != invoice_before:
        previous["latest_invoice"] = invoice_before
    if row["discounts"] != discounts_before:
        previous["discounts"] = discounts_before
    record(account, moment, "customer.subscription.updated", row, previous)
    if "trial_end" in fields:
        deadlines.begin_trial(account, moment, row)
    return row


def _planned_end(row: Json, moment: Moment, fields: Json) -> Json:
    """What cancel_at_period_end and cancel_at set besides themselves."""
    planned = dict(fields)
    if "cancel_at_period_end" in fields:
        planned["cancel_at"] = billing.period_of(row)[1] if fields["cancel_at_period_end"] else None
    if "cancel_at_period_end" in fields or "cancel_at" in fields:
        asked = planned.get("cancel_at") is not None
        planned["canceled_at"] = moment.at if asked else None
        planned["cancellation_details"] = {
            "comment": None,
            "feedback": None,
            "reason": "cancellation_requested" if asked else None,
        }
    return planned


def _change_items(account: Account, moment: Moment, row: Json, items: list[Json], proration: str) -> bool:
    """Carry out the item changes; True when the interval changed, so that a new period starts now."""
    old_rhythm = billing.rhythm(row)
    data = list(row["items"]["data"])
    by_id = {item["id"]: item for item in data}
    prorated = proration != "none" and row["status"] in ("active", "past_due")
    for change in items:
        item = by_id.get(change.get("id") or "")
        if change.get("id") and item is None:
            raise missing("subscription_item", str(change["id"]), "items[0][id]")
        if item is not None and prorated:
            billing.prorate(account, moment, row, item, sign=-1)
        if item is not None and change.get("deleted"):
            data.remove(item)
            account.drop(item)
            continue
        if item is None:
            added = shapes.subscription_item(
                account, moment.at, row["id"], change["price"], change.get("quantity") or 1
            )
            item = account.add(added)
            account.change(item, **dict(zip(_PERIOD, billing.period_of(row), strict=True)))
            data.append(item)
        else:
            price = change.get("price") or item["price"]
            quantity = change["quantity"] if change.get("quantity") is not None else item.get("quantity")
            account.change(item, price=price, plan=shapes.plan(price), quantity=quantity)
        if prorated:
            billing.prorate(account, moment, row, item, sign=1)
    account.change(row, items={**row["items"], "data": data, "total_count": len(data)})
    new_rhythm = billing.rhythm(row)
    return any(new_rhythm[name] != old_rhythm[name] for name in ("interval", "interval_count"))


_PERIOD = ("current_period_start", "current_period_end")


def _bill_now(account: Account, moment: Moment, row: Json, *, whole: bool) -> None:
    """Invoice what waits; with `whole`, a new period starts now and is invoiced too."""
    about = account.hidden[row["id"]]
    start, end = billing.period_of(row)
    if whole:
        for item in list(account.rows("invoiceitem").values()):
            mine = item["parent"] and item["parent"]["subscription_details"]["subscription"] == row["id"]
            if mine and item["invoice"] is None and item["amount"] > 0:
                account.drop(item)  # the new price is charged by the whole period below
        start, end = period(moment.at, billing.rhythm(row), 0)
        about["cycle"] = 0
        account.change(row, billing_cycle_anchor=moment.at)
        billing.set_period(account, row, start, end)
        invoice = billing.bill(account, moment, row, reason="subscription_update", start=start, end=end)
    else:
        items = row["items"]
        row["items"] = {**items, "data": []}
        try:
            invoice = billing.bill(account, moment, row, reason="subscription_update", start=start, end=end)
        finally:
            row["items"] = items
    charge = billing.collect(account, moment, row, invoice, outcome="paid", method=about["method"])
    if charge is not None and charge["status"] == "failed":
        account.change(row, status="past_due")


def pause(account: Account, moment: Moment, row: Json) -> None:
    """Active to paused (POST /v1/subscriptions/{id}/pause, endive)."""
    if row["status"] not in ("active", "trialing", "past_due"):
        raise invalid(f"Subscription {row['id']} is {row['status']}, so it cannot be paused.")
    details = {
        "subscription": {"type": "pause_requested"},
        "transitioned_at": moment.at,
        "type": "subscription",
    }
    previous = account.change(row, status="paused", status_details={"paused": details})
    record(account, moment, "customer.subscription.paused", row)
    record(account, moment, "customer.subscription.updated", row, previous)


def resume(account: Account, moment: Moment, row: Json) -> None:
    """Paused to active; a new period starts now and is invoiced."""
    if row["status"] != "paused":
        raise invalid(f"Subscription {row['id']} is {row['status']}, not paused.")
    previous = account.change(row, status="active", status_details=None)
    _bill_now(account, moment, row, whole=True)
    record(account, moment, "customer.subscription.resumed", row)
    record(account, moment, "customer.subscription.updated", row, previous)
