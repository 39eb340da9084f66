"""What of an amount is tax or fee, as Stripe says it. Pure."""

from __future__ import annotations

from connectors.stripe.values import Json, maybe_money, money, part
from hub.core.money import Money
from hub.core.types import Value


def invoice_tax(found: Json) -> Money | None:
    """The tax inside an invoice's total; None where Stripe worked none out (no tax is not a tax of nothing)."""
    without = found.get("total_excluding_tax")
    if without is None or (without == found["total"] and not found.get("total_taxes")):
        return None
    return money(found["total"] - without, found["currency"])


def checkout_tax(found: Json, currency: str) -> Money | None:
    """The tax inside a checkout's total; None where nobody asked Stripe for one."""
    tax = part(found, "total_details").get("amount_tax")
    known = tax or part(found, "automatic_tax").get("status") == "complete"
    return maybe_money(tax, currency) if known else None


def fees(found: Json) -> tuple[Value, ...]:
    """What a balance transaction's fee is made of: types and amounts, in its own currency."""
    return tuple(
        {"type": each["type"], "amount": money(each["amount"], each["currency"])}
        for each in found.get("fee_details") or ()
    )
