"""What was sold: the names of the products behind a payment or a subscription, and who bought. Pure.

Stripe does not say the product of a payment: it is that of its subscription, else those of the checkout in which
it was paid, else those of its invoice, else what the payment itself says it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hub.core.types import Record
from hub.mapping.revenue_job import Read
from hub.planning.figures.books import Books
from hub.planning.figures.parts import Plan
from hub.planning.figures.records import Charge
from hub.planning.journeys.persons import normalised
from hub.planning.plan import View


@dataclass(frozen=True)
class Offers:
    """`reads`: the connections that the books were read from."""

    books: Books
    view: View
    reads: tuple[Read, ...]
    _names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of_subscription(self, key: str) -> tuple[str, ...]:
        """The products that a subscription is of."""
        sub = self.books.subscription.get(key)
        items = () if sub is None else sub.items
        return tuple(dict.fromkeys(self.products.get(item.price.product, item.price.product) for item in items))

    def of_plan(self, plan: Plan) -> tuple[str, ...]:
        """What is paid in parts."""
        if plan.what == "subscription":
            return self.of_subscription(plan.key)
        return tuple(dict.fromkeys(name for part in plan.parts for name in self.of_invoice(part.id)))

    def of_invoice(self, key: str) -> tuple[str, ...]:
        """The products on an invoice without subscription; where a line has none, what it says."""
        bill = self.books.bills.get(key)
        lines = () if bill is None else bill.lines
        names = (self.products.get(product, product) if product else text for _, product, text in lines)
        return tuple(dict.fromkeys(name for name in names if name))

    def of_charge(self, charge: Charge) -> tuple[str, ...]:
        """What a payment was for; () where nothing says."""
        if charge.key not in self._names:
            self._names[charge.key] = tuple(self._of(charge))
        return self._names[charge.key]

    def _of(self, charge: Charge) -> Iterator[str]:
        invoice = self.books.invoice_of(charge)
        if invoice is not None and invoice.subscription is not None:
            yield from self.of_subscription(invoice.subscription)
            return
        session = self.books.session_of(charge, invoice)
        found = () if session is None else self._sold_in.get(session.key, ())
        found = found or (() if invoice is None else self.of_invoice(invoice.key))
        if found:
            yield from found
        elif self._said.get(charge.key):
            yield self._said[charge.key]

    def address(self, charge: Charge) -> str:
        """The address of who paid, as addresses are compared; "" where nobody knows it."""
        session = self.books.session_of(charge, self.books.invoice_of(charge))
        written = "" if session is None else self._written.get(session.key, "")
        return self.addresses.get(charge.customer or "") or written

    @cached_property
    def addresses(self) -> dict[str, str]:
        """By customer."""
        found = {each.key: normalised(str(each.fields.get("email") or "")) for each in self._records("customer")}
        return {key: address for key, address in found.items() if address}

    @cached_property
    def products(self) -> dict[str, str]:
        """The name by id."""
        return {each.key: str(each.fields.get("name") or each.key) for each in self._records("product")}

    @cached_property
    def _sold_in(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, Any] = {each.key: each.fields.get("products") for each in self._records("checkout_session")}
        return {key: tuple(map(str, names)) for key, names in found.items() if names}

    @cached_property
    def _written(self) -> dict[str, str]:
        """The address that was given in each checkout."""
        people: dict[str, Any] = {each.key: each.fields.get("who") or {} for each in self._records("checkout_session")}
        return {key: normalised(str(who.get("email") or "")) for key, who in people.items()}

    @cached_property
    def _said(self) -> dict[str, str]:
        """What each payment says that it is for."""
        return {each.key: str(each.fields.get("description") or "").strip() for each in self._records("charge")}

    def _records(self, stream: str) -> Iterator[Record]:
        return (record for read in self.reads for record in self.view.records(read.connection, stream))


def is_of(names: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether any of the names is one that is wanted, as people write them."""
    return not {each.strip().casefold() for each in names}.isdisjoint(each.strip().casefold() for each in wanted)


def initials(name: str) -> str:
    """Marie Dupont -> M. D.; an address or an id gives its first letter only: a person is not to be found by it."""
    words = [name[:1]] if "@" in name or "_" in name else name.replace("-", " ").split()
    return " ".join(f"{word[0].upper()}." for word in words if word[0].isalpha())
