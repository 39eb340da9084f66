"""Controls of one account that make its catalogue: settings, customers, prices, coupons.

Every control takes `at` (Unix seconds, an aware datetime or ISO text; None is now) and `deliver`: whether webhooks tell
of it. Objects are named by id. Amounts are integers in the smallest unit. Results are plain JSON.
"""

import threading
from datetime import datetime
from typing import Any

from connectors.stripe.sandbox import catalog_routes as catalog
from connectors.stripe.sandbox import discounts, shapes
from connectors.stripe.sandbox import price_routes as prices
from connectors.stripe.sandbox.events import record
from connectors.stripe.sandbox.params import Json, Params, missing
from connectors.stripe.sandbox.payment_routes import balance
from connectors.stripe.sandbox.state import Account, Moment

_SETTINGS = (
    *("name", "currency", "country", "api_version", "livemode", "fee_percent", "fee_fixed", "settle_days"),
    *("tax_percent", "rates"),
)
At = int | str | datetime | None


def instant(at: At, now: int) -> int:
    """A time given to a control, in Unix seconds. Raises ValueError for a time without a zone."""
    if at is None:
        return now
    if isinstance(at, int):
        return at
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    if moment.tzinfo is None:
        raise ValueError(f"The instant {moment.isoformat()} has no zone: give Unix seconds or an aware time.")
    return int(moment.timestamp())


class CatalogControls:
    """Controls of the settings and of the catalogue of one account."""

    def __init__(self, account: Account, lock: threading.RLock) -> None:
        self.state = account
        self.lock = lock

    def _moment(self, at: At, deliver: bool) -> Moment:
        return Moment(instant(at, self.state.now()), deliver)

    def _any(self, object_id: str) -> Json:
        found = self.state.by_id.get(object_id)
        if found is None:
            raise missing("object", object_id)
        return found

    def get(self, object_id: str) -> Json:
        """The object as it is now, whole (lists inside it are not cut)."""
        with self.lock:
            return dict(self._any(object_id))

    def ids(self, kind: str) -> list[str]:
        """The ids of all objects of a kind ("charge", "checkout.session"), oldest first."""
        with self.lock:
            return [row["id"] for row in self.state.table(kind).oldest_first()]

    def balance(self) -> Json:
        """The balance, as GET /v1/balance answers it."""
        with self.lock:
            return balance(self.state)

    def settings(self, **values: Any) -> Json:
        """Change settings of the account and return them all.

        name, currency, country, api_version, fee_percent ("1.5"), fee_fixed (25), settle_days (7), tax_percent (tax
        that invoice amounts include, such as "20"; None is none), rates ({"usd": 0.92}: exchange rates).
        """
        with self.lock:
            for name, value in values.items():
                if name not in _SETTINGS:
                    raise ValueError(f"Unknown setting '{name}'. Known: {', '.join(_SETTINGS)}.")
                setattr(self.state, name, value)
            return {"id": self.state.id, **{name: getattr(self.state, name) for name in _SETTINGS}}

    def customer(
        self, *, email: str | None = None, name: str | None = None, at: At = None, deliver: bool = False, **fields: Any
    ) -> Json:
        """Make a customer; `fields` are further fields of the object. Returns the customer."""
        with self.lock:
            moment = self._moment(at, deliver)
            row = self.state.add(shapes.customer(self.state, moment.at, email=email, name=name, **fields))
            record(self.state, moment, "customer.created", row)
            return dict(row)

    def delete_customer(self, customer: str, *, at: At = None, deliver: bool = False) -> Json:
        """Delete a customer; its subscriptions end."""
        with self.lock:
            row = self.state.get("customer", customer)
            return catalog.delete_customer(self.state, self._moment(at, deliver), row)

    def card_fails(self, customer: str, code: str | None = "card_declined") -> None:
        """From now on every payment of this customer's subscriptions fails with `code`; None: it works again."""
        with self.lock:
            self.state.get("customer", customer)
            self.state.hidden.setdefault(customer, {})["decline"] = code

    def customer_discount(
        self, customer: str, coupon: str | None, *, at: At = None, deliver: bool = False
    ) -> str | None:
        """Put a coupon on a customer, or take it off (None); the id of the discount that was made.

        Invoices of subscriptions without a discount of their own carry it. Only older API versions can make one.
        """
        with self.lock:
            row, moment = self.state.get("customer", customer), self._moment(at, deliver)
            if coupon is not None:
                return str(discounts.give_to_customer(self.state, moment, row, coupon)["id"])
            if row["discount"] is not None:
                discounts.take_from_customer(self.state, moment, row)
            return None

    def price(
        self,
        *,
        amount: int | str | None,
        product: str,
        currency: str = "eur",
        interval: str | None = None,
        interval_count: int = 1,
        at: At = None,
        deliver: bool = False,
        **more: Any,
    ) -> Json:
        """Make a price. `product` is an id or, for a new product, its name; `amount` may be a decimal ("0.5").

        `more`: usage_type, tiers ([{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", ...}]), tiers_mode,
        transform_quantity ({"divide_by": 10, "round": "up"}), nickname, lookup_key, metadata. Returns the price.
        """
        raw: Json = {"currency": currency, **more}
        usage = raw.pop("usage_type", None)
        if interval is not None:
            raw["recurring"] = {"interval": interval, "interval_count": str(interval_count)}
            raw["recurring"] |= {"usage_type": usage} if usage else {}
        if "tiers" in raw:
            raw["billing_scheme"] = "tiered"
            raw["tiers"] = {str(place): tier for place, tier in enumerate(raw["tiers"])}
        elif amount is not None:
            raw["unit_amount_decimal"] = str(amount)
        with self.lock:
            if product in self.state.rows("product"):
                raw["product"] = product
            else:
                raw["product_data"] = {"name": product}
            return dict(prices.make_price(self.state, self._moment(at, deliver), Params(raw)))

    def coupon(self, *, at: At = None, deliver: bool = False, **fields: Any) -> Json:
        """Make a coupon. Returns the coupon.

        `fields`: percent_off (a float), or amount_off with currency; duration once | repeating | forever;
        duration_in_months; id; name; max_redemptions; products (ids that it is limited to).
        """
        with self.lock:
            moment = self._moment(at, deliver)
            products = fields.pop("products", None)
            row = self.state.add(shapes.coupon(self.state, moment.at, **fields))
            self.state.hidden[row["id"]] = {"applies_to": {"products": products}} if products else {}
            record(self.state, moment, "coupon.created", row)
            return dict(row)
