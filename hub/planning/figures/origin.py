"""Where a payment comes from: a subscription, one sale paid in parts, or neither. Each payment once (DOMAIN 1.2)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from hub.planning.figures.books import Books
from hub.planning.figures.records import Transaction

Origin: TypeAlias = Literal["recurring", "one_off", "instalments", "to_classify"]
PARTS: dict[Origin, str] = {
    "recurring": "cash_recurring",
    "one_off": "cash_one_off",
    "instalments": "cash_instalments",
    "to_classify": "cash_to_classify",
}
"""The figure that counts each."""


def origin(books: Books, transaction: Transaction) -> Origin:
    """Of a payment, or of one that was given back, disputed or failed later: that of the payment."""
    charge = books.charge_of(transaction)
    invoice = None if charge is None else books.invoice_of(charge)
    if invoice is None:
        return "one_off"
    if invoice.subscription is None:
        series = books.series_of.get(invoice.key)
        return "one_off" if series is None else "instalments" if series.kind == "instalments" else "to_classify"
    return of_subscription(books, invoice.subscription)


def of_subscription(books: Books, key: str) -> Origin:
    """A subscription whose items are of two kinds is to be classified by a person, like one that cannot be told."""
    kinds = set(books.kinds.get(key, {}).values())
    if kinds == {"instalments"}:
        return "instalments"
    return "recurring" if kinds <= {"recurring"} else "to_classify"
