"""What of an amount is tax or fee, and what an account holds, as Stripe says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def held(found: Json) -> dict[str, Value]:
    """The balance (`connectors.stripe.balance.look`): available and pending together, by currency.

    Where money was moving while it was asked for, it has no amounts.
    """
    sums: dict[str, Money] = {}
    for each in (*found["available"], *found["pending"]):
        amount = money(each["amount"], each["currency"])
        sums[amount.currency] = sums.get(amount.currency, Money.zero(amount.currency)) + amount
    return {
        "amounts": tuple(sums[code] for code in sorted(sums)),
        "elsewhere": tuple(sorted({code.upper() for code in _elsewhere(found)})),
        "recent": tuple(found["recent"]),
        "older": found["older"],
    }


def _elsewhere(found: Json) -> Iterator[str]:
    """The currencies of which the account holds some in another balance (Connect reserves, Issuing, prefunding)."""
    for name, other in found.items():
        if name in ("available", "pending", "instant_available", "recent"):
            continue
        for amounts in other.values() if isinstance(other, Mapping) else (other,):
            for each in amounts if isinstance(amounts, list) else ():
                if isinstance(each, Mapping) and each.get("amount"):
                    yield each["currency"]
