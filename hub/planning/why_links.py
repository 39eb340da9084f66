"""Where the records behind a figure are seen in Stripe's dashboard. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.core.types import Record
from hub.planning.plan import View

_DASHBOARD = "https://dashboard.stripe.com"
_PAGES: Mapping[str, str] = {
    "subscription": "subscriptions",
    "invoice": "invoices",
    "customer": "customers",
    "dispute": "disputes",
}
"""Streams whose records have a page of their own, by their own id."""


@dataclass
class Links:
    """The addresses of what a business's connections to Stripe hold. Streams are looked through when first needed.

    `test`: the connections whose key is one of test mode, where the dashboard has other addresses.
    """

    view: View
    connections: tuple[str, ...]
    test: frozenset[str] = frozenset()
    _held: dict[str, dict[str, tuple[str, Record]]] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """Of the record with that id; "" for what Stripe has no page for. A movement is seen at what caused it."""
        for stream, page in _PAGES.items():
            where, _ = self._find(stream, key)
            if where is not None:
                return f"{where}/{page}/{key}"
        where, moved = self._find("balance_transaction", key)
        source = _text(moved, "source")
        if moved is not None and not source:
            return ""
        disputed, _ = self._find("dispute", source)
        if disputed is not None:
            return f"{disputed}/disputes/{source}"
        paid, payment = self._payment(source or key)
        return f"{where or paid}/payments/{payment}" if payment else ""

    def _payment(self, key: str) -> tuple[str | None, str]:
        """The payment behind a charge or a refund: its intent, else the charge; and the dashboard that has it."""
        where, refund = self._find("refund", key)
        if refund is not None:
            return where, _text(refund, "payment_intent") or _text(refund, "charge")
        where, charge = self._find("charge", key)
        return where, "" if charge is None else _text(charge, "payment_intent") or key

    def _find(self, stream: str, key: str) -> tuple[str | None, Record | None]:
        """A record, and the address of the dashboard that shows it."""
        if stream not in self._held:
            self._held[stream] = {
                record.key: (connection, record)
                for connection in self.connections
                for record in self.view.records(connection, stream)
            }
        found = self._held[stream].get(key)
        if found is None:
            return None, None
        return f"{_DASHBOARD}/test" if found[0] in self.test else _DASHBOARD, found[1]


NO_LINKS = Links(View({}), ())


def _text(record: Record | None, name: str) -> str:
    value = None if record is None else record.fields.get(name)
    return value if isinstance(value, str) else ""
