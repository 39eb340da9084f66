"""Stripe's JSON (API 2026-10-28.endive) as our records. Pure.

The fields of each stream are listed in docs/records.md. Objects must be expanded as `source.py` asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from connectors.stripe.values import Json, ident, instant, maybe_instant, maybe_money, money, number, part
from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Record, Value


@contextmanager
def readable(stream: str, found: Json) -> Iterator[None]:
    """Turns what goes wrong inside over an object's shape into a RecordError that names the object and the field."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise RecordError(
            f"Stripe's {stream} {found.get('id', 'without id')} has a shape that the hub does not know: {reason}."
        ) from error


def record(stream: str, found: Json) -> Record:
    """The record of one of Stripe's objects. RecordError when a field that we need is missing or of another kind."""
    with readable(stream, found):
        if found.get("deleted"):
            return Record(stream=stream, key=found["id"], deleted=True)
        return Record(stream=stream, key=found["id"], fields=_FIELDS[stream](found), at=instant(found["created"]))


def inside(stream: str, found: Json) -> Iterator[Record]:
    """The records of other streams that came expanded inside this object."""
    if stream in ("charge", "refund"):
        within = [found.get("balance_transaction"), found.get("failure_balance_transaction")]
    elif stream == "dispute":
        within = list(found.get("balance_transactions") or ())
    elif stream == "invoice":
        yield from (record("invoice_payment", each) for each in part(found, "payments").get("data") or ())
        return
    else:
        return
    yield from (record("balance_transaction", each) for each in within if isinstance(each, Mapping))


def _metadata(found: Json) -> dict[str, Value]:
    return dict(part(found, "metadata"))


def _product(found: Json) -> dict[str, Value]:
    return {"name": found["name"], "active": found["active"], "metadata": _metadata(found)}


def _price(found: Json) -> dict[str, Value]:
    return {"active": found["active"], **_price_shape(found)}


def _price_shape(found: Json) -> dict[str, Value]:
    """What a price says of money: inside an item, and most of a price's own record."""
    recurring, transform = part(found, "recurring"), part(found, "transform_quantity")
    currency, scheme = found["currency"], found["billing_scheme"]
    exact = found.get("unit_amount_decimal")
    # `tiers` is there only when expanded: a tiered price without it is unknown, not free of charge.
    tiers = tuple(_tier(each, currency) for each in found["tiers"]) if scheme == "tiered" else ()
    return {
        "id": found["id"],
        "product": ident(found["product"]),
        "unit": maybe_money(found["unit_amount"] if exact is None else exact, currency),
        "currency": currency.upper(),
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count", 1),
        "usage": recurring.get("usage_type", "licensed"),
        "scheme": scheme,
        "tiers_mode": found.get("tiers_mode"),
        "tiers": tiers,
        "divide_by": transform.get("divide_by"),
        "round": transform.get("round"),
        "tax_behavior": found.get("tax_behavior") or "unspecified",
        "metadata": _metadata(found),
    }


def _tier(found: Json, currency: str) -> dict[str, Value]:
    def amount(name: str) -> Money:
        exact = found.get(f"{name}_decimal")
        return money((found.get(name) or 0) if exact is None else exact, currency)

    return {"up_to": found["up_to"], "unit": amount("unit_amount"), "flat": amount("flat_amount")}


def _discount(found: Any) -> dict[str, Value]:
    """A discount whose coupon Stripe no longer shows keeps its id and dates, and None for the rest."""
    if not isinstance(found, Mapping):
        raise TypeError("a discount came as an id only; it must be expanded")
    source = found["source"]["coupon"]
    coupon: Json = source if isinstance(source, Mapping) else {"id": source}
    off = coupon.get("amount_off")
    return {
        "coupon": coupon["id"],
        "percent": number(coupon.get("percent_off")),
        "amount_off": None if off is None else money(off, coupon["currency"]),
        "duration": coupon.get("duration"),
        "start": instant(found["start"]),
        "end": maybe_instant(found.get("end")),
    }


def _item(found: Json, default_tax_rates: list[Json]) -> dict[str, Value]:
    # An item's own rates replace the subscription's (stripe-python 16.1.0, SubscriptionItem.tax_rates).
    rates = [number(rate["percentage"]) or Decimal(0) for rate in found.get("tax_rates") or default_tax_rates]
    return {
        "id": found["id"],
        "quantity": found.get("quantity") or 0,
        "price": _price_shape(found["price"]),
        "period_start": instant(found["current_period_start"]),
        "period_end": instant(found["current_period_end"]),
        "discounts": tuple(_discount(each) for each in found.get("discounts") or ()),
        "tax_percent": sum(rates, Decimal(0)) if rates else None,
    }


def _subscription(found: Json) -> dict[str, Value]:
    default_rates = found.get("default_tax_rates") or []
    return {
        "customer": ident(found["customer"]),
        "status": found["status"],
        "currency": found["currency"].upper(),
        "created": instant(found["created"]),
        "started_at": instant(found["start_date"]),
        "trial_end": maybe_instant(found.get("trial_end")),
        "cancel_at": maybe_instant(found.get("cancel_at")),
        "cancel_at_period_end": found["cancel_at_period_end"],
        "canceled_at": maybe_instant(found.get("canceled_at")),
        "ended_at": maybe_instant(found.get("ended_at")),
        "collection_paused": found.get("pause_collection") is not None,
        "schedule": ident(found.get("schedule")),
        "metadata": _metadata(found),
        "cancellation_reason": part(found, "cancellation_details").get("reason"),
        "items": tuple(_item(each, default_rates) for each in found["items"]["data"]),
        "discounts": tuple(_discount(each) for each in found.get("discounts") or ()),
    }


def _subscription_schedule(found: Json) -> dict[str, Value]:
    return {
        "subscription": ident(found.get("subscription")),
        "status": found["status"],
        "end_behavior": found["end_behavior"],
        "phases": tuple(
            {"start": instant(each["start_date"]), "end": instant(each["end_date"])} for each in found["phases"]
        ),
    }


def _customer(found: Json) -> dict[str, Value]:
    return {"email": found.get("email"), "name": found.get("name"), "created": instant(found["created"])}


def _invoice(found: Json) -> dict[str, Value]:
    currency, moments = found["currency"], part(found, "status_transitions")
    return {
        "customer": ident(found.get("customer")),
        "status": found["status"],
        "number": found.get("number"),
        "currency": currency.upper(),
        "created": instant(found["created"]),
        "total": money(found["total"], currency),
        "due": money(found["amount_due"], currency),
        "paid": money(found["amount_paid"], currency),
        "remaining": money(found["amount_remaining"], currency),
        "off_stripe": money(found.get("amount_paid_off_stripe") or 0, currency),
        "due_at": maybe_instant(found.get("due_date")),
        "finalized_at": maybe_instant(moments.get("finalized_at")),
        "paid_at": maybe_instant(moments.get("paid_at")),
        "voided_at": maybe_instant(moments.get("voided_at")),
        "uncollectible_at": maybe_instant(moments.get("marked_uncollectible_at")),
        "attempted": found["attempted"],
        "attempt_count": found["attempt_count"],
        "next_attempt_at": maybe_instant(found.get("next_payment_attempt")),
        "collection": found["collection_method"],
        "reason": found.get("billing_reason"),
        "subscription": ident(part(part(found, "parent"), "subscription_details").get("subscription")),
    }


def _invoice_payment(found: Json) -> dict[str, Value]:
    payment = found["payment"]
    return {
        "invoice": ident(found["invoice"]),
        "amount": maybe_money(found.get("amount_paid"), found["currency"]),
        "status": found["status"],
        "paid_at": maybe_instant(part(found, "status_transitions").get("paid_at")),
        "payment": ident(payment.get(payment["type"])),
        "payment_type": payment["type"],
    }


def _charge(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "refunded": money(found["amount_refunded"], found["currency"]),
        "status": found["status"],
        "captured": found["captured"],
        "customer": ident(found.get("customer")),
        "payment_intent": ident(found.get("payment_intent")),
        "balance_transaction": ident(found.get("balance_transaction")),
        "description": found.get("description"),
    }


def _refund(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "status": found["status"],
        "charge": ident(found.get("charge")),
        "payment_intent": ident(found.get("payment_intent")),
        "reason": found.get("reason"),
        "balance_transaction": ident(found.get("balance_transaction")),
    }


def _dispute(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "status": found["status"],
        "reason": found["reason"],
        "charge": ident(found.get("charge")),
        "due_by": maybe_instant(part(found, "evidence_details").get("due_by")),
        "balance_transactions": tuple(ident(each) for each in found.get("balance_transactions") or ()),
    }


def _balance_transaction(found: Json) -> dict[str, Value]:
    return {
        "amount": money(found["amount"], found["currency"]),
        "fee": money(found["fee"], found["currency"]),
        "net": money(found["net"], found["currency"]),
        "category": found["reporting_category"],
        "type": found["type"],
        "source": ident(found.get("source")),
        "description": found.get("description"),
        "available_on": instant(found["available_on"]),
        "exchange_rate": number(found.get("exchange_rate")),
    }


def _checkout_session(found: Json) -> dict[str, Value]:
    person, currency = part(found, "customer_details"), found.get("currency")
    return {
        "mode": found["mode"],
        "status": found.get("status"),
        "payment_status": found["payment_status"],
        "customer": ident(found.get("customer")),
        "email": person.get("email") or found.get("customer_email"),
        "name": person.get("name"),
        "total": None if currency is None else maybe_money(found.get("amount_total"), currency),
        "subscription": ident(found.get("subscription")),
        "invoice": ident(found.get("invoice")),
        "payment_intent": ident(found.get("payment_intent")),
        "reference": found.get("client_reference_id"),
        "metadata": _metadata(found),
    }


_FIELDS: Mapping[str, Callable[[Json], dict[str, Value]]] = {
    "product": _product,
    "price": _price,
    "customer": _customer,
    "subscription_schedule": _subscription_schedule,
    "subscription": _subscription,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "checkout_session": _checkout_session,
    "charge": _charge,
    "refund": _refund,
    "dispute": _dispute,
    "balance_transaction": _balance_transaction,
}
