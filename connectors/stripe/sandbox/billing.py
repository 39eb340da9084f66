"""Subscriptions: made, changed, paused, cancelled. Since basil the period is on each item."""

from decimal import Decimal

from connectors.stripe.sandbox import deadlines, discounts, invoice_shapes, invoices, shapes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import cost, period, rounded
from connectors.stripe.sandbox.state import Account, Moment

ENDED = ("canceled", "incomplete_expired")
Items = list[tuple[Json, int]]


def create(
    account: Account,
    moment: Moment,
    *,
    customer: Json,
    items: Items,
    outcome: str = "paid",
    method: str = "card",
    decline: str = "card_declined",
    trial_end: int | None = None,
    coupons: list[str] | None = None,
    usage: dict[str, int] | None = None,
    fee: int | None = None,
    **fields: object,
) -> tuple[Json, Json, Json | None]:
    """A new subscription with its first invoice: (subscription, invoice, charge or None).

    `outcome` of the first payment: paid, failed (-> incomplete), open (not tried; -> incomplete), out_of_band.
    """
    _same_rhythm([price for price, _ in items])
    anchor = moment.at if trial_end is None else trial_end
    row = shapes.subscription(
        account,
        moment.at,
        billing_cycle_anchor=anchor,
        currency=items[0][0]["currency"],
        customer=customer["id"],
        trial_end=trial_end,
        trial_start=moment.at if trial_end is not None else None,
        **fields,
    )
    account.hidden[row["id"]] = {"cycle": 0 if trial_end is None else -1, "method": method}
    data = [
        account.add(shapes.subscription_item(account, moment.at, row["id"], price, quantity))
        for price, quantity in items
    ]
    row["items"] = shapes.page_of(data, f"/v1/subscription_items?subscription={row['id']}")
    row["status"] = "trialing" if trial_end is not None else "active"
    account.add(row)
    if trial_end is None:
        start, end = period(anchor, items[0][0]["recurring"], 0)
    else:
        start, end = moment.at, trial_end
    set_period(account, row, start, end)
    discounts.add(account, moment, row, coupons or [])
    if row["cancel_at_period_end"]:
        account.change(row, cancel_at=end, canceled_at=moment.at)
    invoice = bill(
        account,
        moment,
        row,
        reason="subscription_create",
        start=start,
        end=end,
        usage=usage,
        free=trial_end is not None,
    )
    charge = collect(account, moment, row, invoice, outcome=outcome, method=method, decline=decline, fee=fee)
    if invoice["status"] == "open" and row["collection_method"] == "charge_automatically":
        pending = charge is not None and charge["status"] == "pending"
        row["status"] = row["status"] if pending else "incomplete"
    record(account, moment, "customer.subscription.created", row)
    deadlines.begin_trial(account, moment, row)
    return row, invoice, charge


def _same_rhythm(prices: list[Json]) -> None:
    rhythms = {
        (price["recurring"]["interval"], price["recurring"]["interval_count"]) if price["recurring"] else None
        for price in prices
    }
    if None in rhythms:
        raise invalid("A subscription's price must be recurring.", "items[0][price]")
    if len(rhythms) > 1 or len({price["currency"] for price in prices}) > 1:
        raise invalid("This sandbox bills all items of a subscription in one currency and at one interval.", "items")


def rhythm(row: Json) -> Json:
    """The `recurring` of the subscription's prices."""
    found: Json = row["items"]["data"][0]["price"]["recurring"]
    return found


def period_of(row: Json) -> tuple[int, int]:
    """Start and end of the current period."""
    first = row["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def set_period(account: Account, row: Json, start: int, end: int) -> None:
    """Give every item this period."""
    for item in row["items"]["data"]:
        account.change(item, current_period_start=start, current_period_end=end)


def copy_of_items(row: Json) -> Json:
    """The items as they are now, for an event's previous_attributes."""
    return {**row["items"], "data": [dict(item) for item in row["items"]["data"]]}


def bill(
    account: Account,
    moment: Moment,
    row: Json,
    *,
    reason: str,
    start: int,
    end: int,
    usage: dict[str, int] | None = None,
    free: bool = False,
) -> Json:
    """A draft invoice for one period of a subscription; one-time discounts are used up by it."""
    customer = account.get("customer", row["customer"])
    due = row["days_until_due"]
    previous_start = period_of(row)[0] if reason == "subscription_cycle" else moment.at
    taken = discounts.in_force(account, moment, row)
    invoice = invoices.make(
        account,
        moment,
        customer=customer,
        currency=row["currency"],
        lines=[
            _line(account, row, item, span=(start, end), usage=usage or {}, free=free) for item in row["items"]["data"]
        ],
        reason=reason,
        subscription=row,
        discounts=taken,
        collection_method=row["collection_method"],
        due_date=moment.at + due * 86_400 if due is not None else None,
        period_start=previous_start,
        period_end=moment.at,
    )
    account.change(row, latest_invoice=invoice["id"])
    if not free:
        discounts.use_up(account, moment, row, taken)
    return invoice


def _line(account: Account, row: Json, item: Json, *, span: tuple[int, int], usage: dict[str, int], free: bool) -> Json:
    price = item["price"]
    metered = price["recurring"]["usage_type"] == "metered"
    quantity = usage.get(item["id"], usage.get(price["id"], 0)) if metered else item["quantity"]
    amount = 0 if free else cost(price, account.hidden.get(price["id"], {}).get("tiers") or [], quantity)
    name = account.by_id[price["product"]]["name"]
    return invoice_shapes.line(
        account,
        amount=amount,
        currency=price["currency"],
        start=span[0],
        end=span[1],
        description=f"Trial period for {name}" if free else f"{quantity} × {name}",
        parent=invoice_shapes.parent_of_line(
            subscription=row["id"], subscription_item=item["id"], invoice_item=None, proration=False
        ),
        pricing=invoice_shapes.pricing(price, "0" if free else price["unit_amount_decimal"]),
        quantity=quantity,
        quantity_decimal=str(quantity),
    )


def collect(
    account: Account,
    moment: Moment,
    row: Json,
    invoice: Json,
    *,
    outcome: str,
    method: str,
    decline: str = "card_declined",
    fee: int | None = None,
) -> Json | None:
    """Finalise a subscription's invoice and have it end as told: paid, failed, open or out_of_band."""
    invoices.finalize(account, moment, invoice)
    if invoice["status"] != "open" or outcome == "open":
        return None
    if outcome == "out_of_band":
        invoices.mark_paid(account, moment, invoice, outside=True)
        return None
    if row["collection_method"] == "send_invoice" and outcome != "failed":
        return None
    declined = account.hidden.get(row["customer"], {}).get("decline") or (decline if outcome == "failed" else None)
    return invoices.pay(account, moment, invoice, method=method, decline=declined, fee=fee)


def cancel(account: Account, moment: Moment, row: Json, reason: str = "cancellation_requested") -> None:
    """End a subscription now."""
    if row["status"] in ENDED:
        raise invalid(f"Subscription {row['id']} has ended already ({row['status']}).", None, "resource_missing")
    account.change(
        row,
        cancel_at_period_end=False,
        canceled_at=row["canceled_at"] or moment.at,
        cancellation_details={"comment": None, "feedback": None, "reason": reason},
        ended_at=moment.at,
        status="incomplete_expired" if row["status"] == "incomplete" else "canceled",
    )
    schedule = account.by_id.get(row["schedule"] or "")
    if schedule is not None and schedule["status"] == "active":
        account.change(schedule, status="canceled", canceled_at=moment.at, current_phase=None)
        record(account, moment, "subscription_schedule.canceled", schedule)
    record(account, moment, "customer.subscription.deleted", row)


def prorate(account: Account, moment: Moment, row: Json, item: Json, *, sign: int) -> None:
    """An invoice item for the rest of the period: `sign` -1 before a change gives back, +1 after it charges."""
    price, quantity = item["price"], item.get("quantity") or 0
    start, end = period_of(row)
    left = Decimal(max(0, end - moment.at)) / max(1, end - start)
    whole = cost(price, account.hidden.get(price["id"], {}).get("tiers") or [], quantity)
    amount = rounded(Decimal(whole) * left) * sign
    name = account.by_id[price["product"]]["name"]
    waiting = invoice_shapes.invoice_item(
        account,
        moment.at,
        amount=amount,
        currency=price["currency"],
        customer=row["customer"],
        description=f"{'Remaining' if sign > 0 else 'Unused'} time on {quantity} × {name}",
        discountable=False,
        parent={
            "subscription_details": {"subscription": row["id"], "subscription_item": item["id"]},
            "type": "subscription_details",
        },
        period={"end": end, "start": moment.at},
        pricing=invoice_shapes.pricing(price, price["unit_amount_decimal"]),
        proration=True,
        quantity=quantity,
        quantity_decimal=str(quantity),
    )
    account.add(waiting, moment.at)
    record(account, moment, "invoiceitem.created", waiting)
