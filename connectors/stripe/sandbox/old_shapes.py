"""The same objects as an API version before basil (2025-03-31) shows them, such as 2024-09-30.acacia.

Webhook events use the version of their endpoint, so a hub sees these shapes beside the new ones.
"""

from collections.abc import Callable

from connectors.stripe.sandbox.params import Json
from connectors.stripe.sandbox.state import Account


def old_shape(account: Account, value: object) -> object:
    """A copy of an object, a list or a value in the shape of before basil."""
    if isinstance(value, list):
        return [old_shape(account, item) for item in value]
    if not isinstance(value, dict):
        return value
    copy: Json = {name: old_shape(account, item) for name, item in value.items()}
    change = _CHANGES.get(str(copy.get("object")))
    if change is not None and not copy.get("deleted"):
        change(account, copy)
    return copy


def _subscription(account: Account, row: Json) -> None:
    items = row["items"]["data"]
    stored = account.rows("subscription")[row["id"]]["items"]["data"]
    row["current_period_start"] = stored[0]["current_period_start"] if stored else row["created"]
    row["current_period_end"] = stored[0]["current_period_end"] if stored else row["created"]
    row["plan"] = items[0]["plan"] if len(items) == 1 else None
    row["quantity"] = items[0].get("quantity") if len(items) == 1 else None
    row["discount"] = _discount_of(account, row["discounts"])
    for name in ("billing_mode", "billing_schedules"):
        row.pop(name, None)


def _item(_: Account, row: Json) -> None:
    del row["current_period_start"], row["current_period_end"]


def _invoice(account: Account, row: Json) -> None:
    payment = invoice_payment_of(account, row.get("id"))
    intent_id = payment["payment"].get("payment_intent") if payment else None
    intent = account.by_id.get(intent_id) if intent_id else None
    outside = row.pop("amount_paid_off_stripe", 0) > 0
    parent = row.pop("parent", None)
    details = parent["subscription_details"] if parent else None
    row["subscription"] = details["subscription"] if details else None
    row["subscription_details"] = {"metadata": details["metadata"]} if details else {"metadata": None}
    row["charge"] = intent["latest_charge"] if intent else None
    row["payment_intent"] = intent_id
    row["paid"] = row["status"] == "paid"
    row["paid_out_of_band"] = outside
    row["quote"] = None
    row["tax"] = None
    row["discount"] = _discount_of(account, row["discounts"])
    row["total_tax_amounts"] = row.pop("total_taxes", [])
    row.pop("payments", None)
    row.pop("amount_overpaid", None)
    row.pop("status_details", None)


def _line(account: Account, row: Json) -> None:
    parent, pricing = row.pop("parent"), row.pop("pricing")
    details = (parent or {}).get((parent or {}).get("type") or "") or {}
    price_id = pricing["price_details"]["price"] if pricing else None
    price = account.by_id.get(price_id) if isinstance(price_id, str) else price_id
    row["price"] = price
    row["plan"] = account.hidden.get(price["id"], {}).get("plan") if price else None
    row["proration"] = bool(details.get("proration"))
    row["proration_details"] = {"credited_items": None}
    row["subscription"] = details.get("subscription")
    row["invoice_item"] = details.get("invoice_item")
    row["type"] = "subscription" if details.get("subscription_item") else "invoiceitem"
    if details.get("subscription_item"):
        row["subscription_item"] = details["subscription_item"]
    row["unit_amount_excluding_tax"] = pricing["unit_amount_decimal"] if pricing else None
    row["tax_amounts"] = row.pop("taxes")
    row["tax_rates"] = []
    row.pop("subtotal")
    row.pop("quantity_decimal")


def _charge(account: Account, row: Json) -> None:
    row["invoice"] = invoice_of_intent(account, row["payment_intent"])


def _intent(account: Account, row: Json) -> None:
    row["invoice"] = invoice_of_intent(account, row["id"])


def _discount(account: Account, row: Json) -> None:
    source = row.pop("source")
    coupon = source["coupon"]
    row["coupon"] = account.by_id.get(coupon) if isinstance(coupon, str) else coupon


def _session(_: Account, row: Json) -> None:
    row["ui_mode"] = {"hosted_page": "hosted", "embedded_page": "embedded"}.get(row["ui_mode"], "custom")


def _discount_of(account: Account, discounts: list[object]) -> object:
    if not discounts:
        return None
    first = discounts[0]
    return old_shape(account, account.by_id.get(first)) if isinstance(first, str) else first


def invoice_payment_of(account: Account, invoice_id: str | None) -> Json | None:
    """The default payment of an invoice."""
    payment_id = account.hidden.get(invoice_id or "", {}).get("payment")
    return account.by_id.get(payment_id) if payment_id else None


def invoice_of_intent(account: Account, intent_id: object) -> str | None:
    """The invoice that a payment intent pays."""
    found = account.hidden.get(intent_id, {}).get("invoice") if isinstance(intent_id, str) else None
    return str(found) if found else None


_CHANGES: dict[str, Callable[[Account, Json], None]] = {
    "subscription": _subscription,
    "subscription_item": _item,
    "invoice": _invoice,
    "line_item": _line,
    "charge": _charge,
    "payment_intent": _intent,
    "discount": _discount,
    "checkout.session": _session,
}
