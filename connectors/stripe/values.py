"""Small parts of Stripe's JSON as our values: money, instants, rates, ids. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from hub.core.money import Money

Json: TypeAlias = Mapping[str, Any]

ZERO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""https://docs.stripe.com/currencies. All others have two, among them ISK and UGX, which Stripe counts in hundredths
although they have no cents, and HUF and TWD, of which only payouts are whole."""


def exponent(currency: str) -> int:
    """How many decimals Stripe's integers have in this currency (capital or small letters)."""
    code = currency.upper()
    if code in ZERO_DECIMALS:
        return 0
    return 3 if code in THREE_DECIMALS else 2


def money(amount: int | str | Decimal, currency: str) -> Money:
    """Money of an integer, or of a `…_decimal` text, in Stripe's smallest unit. Exact. TypeError for a float."""
    if isinstance(amount, bool) or not isinstance(amount, int | str | Decimal):
        raise TypeError(f"an amount is a whole number or a decimal text, not {type(amount).__name__}")
    return Money(Decimal(amount).scaleb(-exponent(currency)), currency.upper())


def maybe_money(amount: int | str | Decimal | None, currency: str) -> Money | None:
    """Money, or None where Stripe says null."""
    return None if amount is None else money(amount, currency)


def instant(seconds: int) -> datetime:
    """Stripe's whole seconds since 1970 as aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def maybe_instant(seconds: int | None) -> datetime | None:
    """An instant, or None where Stripe says null."""
    return None if seconds is None else instant(seconds)


def number(value: Any) -> Decimal | None:
    """A rate or a percentage. The client reads JSON's fractions as Decimal; whole ones arrive as int."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, float | bool):
        raise TypeError(f"a fraction must be read as Decimal, not {type(value).__name__}")
    return Decimal(value)


def ident(found: Any) -> str | None:
    """The id of a thing that Stripe shows as its id, as the whole object (expanded), or as null."""
    identifier = found["id"] if isinstance(found, Mapping) else found
    if identifier is not None and not isinstance(identifier, str):
        raise TypeError(f"an id is a text, not {type(identifier).__name__}")
    return identifier


def part(found: Json, name: str) -> Json:
    """An inner object, empty where Stripe says null."""
    inner = found.get(name)
    return inner if isinstance(inner, Mapping) else {}
