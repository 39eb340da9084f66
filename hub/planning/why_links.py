"""Where the records behind a figure are seen in Stripe's dashboard. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """The addresses of what a business's connections to Stripe hold. Streams are looked through when first needed."""

    view: View
    connections: tuple[str, ...]
    _held: dict[str, dict[str, Record]] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """Of the record with that id; "" for what Stripe has no page for. A movement is seen at what caused it."""
        for stream, page in _PAGES.items():
            if key in self._stream(stream):
                return f"{_DASHBOARD}/{page}/{key}"
        moved = self._stream("balance_transaction").get(key)
        source = _text(moved, "source")
        if moved is not None and not source:
            return ""
        if source in self._stream("dispute"):
            return f"{_DASHBOARD}/disputes/{source}"
        payment = self._payment(source or key)
        return f"{_DASHBOARD}/payments/{payment}" if payment else ""

    def _payment(self, key: str) -> str:
        """The payment behind a charge or a refund: its intent, else the charge."""
        refund = self._stream("refund").get(key)
        if refund is not None:
            return _text(refund, "payment_intent") or _text(refund, "charge")
        charge = self._stream("charge").get(key)
        return "" if charge is None else _text(charge, "payment_intent") or key

    def _stream(self, name: str) -> dict[str, Record]:
        if name not in self._held:
            self._held[name] = {record.key: record for record in self._records(name)}
        return self._held[name]

    def _records(self, name: str) -> Iterable[Record]:
        return (record for connection in self.connections for record in self.view.records(connection, name))


NO_LINKS = Links(View({}), ())


def _text(record: Record | None, name: str) -> str:
    value = None if record is None else record.fields.get(name)
    return value if isinstance(value, str) else ""
