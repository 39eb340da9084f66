"""Subscription schedules: phases with dates or durations, and what comes after the last one.

Phases count by duration or end_date; `iterations` left the API with clover (DOMAIN 1.6). An instalment plan is a
schedule with one finite phase and end_behavior cancel.
"""

from connectors.stripe.sandbox import billing, changes
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, invalid
from connectors.stripe.sandbox.pricing import step
from connectors.stripe.sandbox.state import Account, Moment


def schedule(account: Account, at: int, **fields: object) -> Json:
    """A subscription schedule without its phases."""
    return {
        "id": account.new_id("sub_sched_"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "canceled_at": None,
        "completed_at": None,
        "created": at,
        "current_phase": None,
        "customer": "",
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "release",
        "livemode": account.livemode,
        "metadata": {},
        "pause_schedules": [],
        "phases": [],
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": None,
        **fields,
    }


def phase(items: list[Json], currency: str, start: int, end: int, proration: str) -> Json:
    """One phase of a schedule; its items are {price, quantity}."""
    shown = [
        {
            "billing_thresholds": None,
            "discounts": [],
            "metadata": {},
            "plan": item["price"],
            "price": item["price"],
            "quantity": item["quantity"],
            "tax_rates": [],
        }
        for item in items
    ]
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": shown,
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": proration,
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def create(
    account: Account,
    moment: Moment,
    *,
    customer: Json,
    phases: list[Json],
    end_behavior: str,
    metadata: dict[str, str] | None = None,
    **first: object,
) -> tuple[Json, Json, Json, Json | None]:
    """Start a schedule now: (schedule, subscription, first invoice, charge or None).

    `phases`: {items: [(price row, quantity)], interval, count} or {items, end_date}; `first` goes to the subscription.
    """
    row = schedule(
        account, moment.at, customer=customer["id"], end_behavior=end_behavior, metadata=metadata or {}, status="active"
    )
    start, shown = moment.at, []
    for given in phases:
        end = given.get("end_date") or step(start, given["interval"], given["count"])
        if end <= start:
            raise invalid("A phase must end after it starts.", "phases[0][end_date]")
        items = [{"price": price["id"], "quantity": quantity} for price, quantity in given["items"]]
        currency = given["items"][0][0]["currency"]
        shown.append(phase(items, currency, start, end, given.get("proration") or "create_prorations"))
        start = end
    row["phases"] = shown
    row["current_phase"] = {"end_date": shown[0]["end_date"], "start_date": shown[0]["start_date"]}
    account.add(row)
    subscription, invoice, charge = billing.create(
        account,
        moment,
        customer=customer,
        items=phases[0]["items"],
        schedule=row["id"],
        cancel_at=start if end_behavior == "cancel" and len(shown) == 1 else None,
        **first,  # type: ignore[arg-type]
    )
    account.change(row, subscription=subscription["id"])
    record(account, moment, "subscription_schedule.created", row)
    return row, subscription, invoice, charge


def advance(account: Account, moment: Moment, subscription: Json, over: int) -> bool:
    """Move a schedule on when a period is over at `over`; False when the subscription ends with it."""
    row = account.by_id.get(subscription["schedule"] or "")
    if row is None or row["status"] != "active" or row["current_phase"]["end_date"] > over:
        return True
    later = [one for one in row["phases"] if one["start_date"] >= row["current_phase"]["end_date"]]
    if later:
        _enter(account, moment, row, subscription, later[0], last=len(later) == 1)
        return True
    if row["end_behavior"] == "cancel":
        account.change(row, status="completed", completed_at=moment.at, current_phase=None)
        record(account, moment, "subscription_schedule.completed", row)
        return False
    release(account, moment, row, subscription)
    return True


def _enter(account: Account, moment: Moment, row: Json, subscription: Json, new: Json, *, last: bool) -> None:
    wanted = [(account.by_id[item["price"]], item["quantity"]) for item in new["items"]]
    items: list[Json] = [{"id": item["id"], "deleted": True} for item in subscription["items"]["data"][len(wanted) :]]
    for position, (price, quantity) in enumerate(wanted):
        old = subscription["items"]["data"][position : position + 1]
        items.append({"id": old[0]["id"] if old else None, "price": price, "quantity": quantity})
    ends = new["end_date"] if last and row["end_behavior"] == "cancel" else None
    changes.update(account, moment, subscription, items=items, proration="none", cancel_at=ends)
    account.change(row, current_phase={"end_date": new["end_date"], "start_date": new["start_date"]})
    record(account, moment, "subscription_schedule.updated", row)


def release(account: Account, moment: Moment, row: Json, subscription: Json | None) -> None:
    """Let the subscription run on without its schedule."""
    if row["status"] not in ("active", "not_started"):
        raise invalid(f"Schedule {row['id']} is {row['status']}, so it cannot be released.")
    released = subscription["id"] if subscription else None
    account.change(
        row,
        status="released",
        released_at=moment.at,
        released_subscription=released,
        subscription=None,
        current_phase=None,
    )
    if subscription is not None:
        account.change(subscription, schedule=None)
    record(account, moment, "subscription_schedule.released", row)
