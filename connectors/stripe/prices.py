"""What stands inside several of Stripe's objects: prices with their tiers, discounts, items of a subscription. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.stripe.values import Json, ident, instant, maybe_instant, maybe_money, money, number, part
from hub.core.money import Money
from hub.core.types import Value


def metadata(found: Json) -> dict[str, Value]:
    """The texts that people attached to an object."""
    return dict(part(found, "metadata"))


def price_shape(found: Json) -> dict[str, Value]:
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
        "metadata": metadata(found),
    }


def line(found: Json) -> dict[str, Value]:
    """What a line of an invoice is for."""
    of = part(part(found, "pricing"), "price_details")
    return {"price": ident(of.get("price")), "product": ident(of.get("product")), "text": found.get("description")}


def _tier(found: Json, currency: str) -> dict[str, Value]:
    def amount(name: str) -> Money:
        exact = found.get(f"{name}_decimal")
        return money((found.get(name) or 0) if exact is None else exact, currency)

    return {"up_to": found["up_to"], "unit": amount("unit_amount"), "flat": amount("flat_amount")}


def discount(found: Any) -> dict[str, Value]:
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


def item(found: Json, default_tax_rates: list[Json]) -> dict[str, Value]:
    """One line of a subscription, with the tax rates that it inherits where it has none of its own."""
    # An item's own rates replace the subscription's (stripe-python 16.1.0, SubscriptionItem.tax_rates).
    rates = [number(rate["percentage"]) or Decimal(0) for rate in found.get("tax_rates") or default_tax_rates]
    return {
        "id": found["id"],
        "quantity": found.get("quantity") or 0,
        "price": price_shape(found["price"]),
        "period_start": instant(found["current_period_start"]),
        "period_end": instant(found["current_period_end"]),
        "discounts": tuple(discount(each) for each in found.get("discounts") or ()),
        "tax_percent": sum(rates, Decimal(0)) if rates else None,
    }
