"""How the conformance suite plays with Stripe in small."""

from __future__ import annotations

import hashlib
import hmac
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connectors.stripe.sandbox import create_app
from hub.conformance.case import Case
from hub.core.types import WebhookRequest

SECRET_KEY = "sk_test_sandbox"
KINDS = {
    "504": "502",
    "reset_before": "reset",
    "truncated": "truncated_json",
    "html": "502",
}
"""Faults of the suite that this sandbox calls otherwise, or has something as bad for."""
PATHS = {
    "product": "products",
    "price": "prices",
    "customer": "customers",
    "charge": "charges",
    "invoice": "invoices",
    "subscription": "subscriptions",
    "refund": "refunds",
}
"""The streams whose objects a call changes."""
AT = 1_790_000_000


class StripeCase(Case):
    """One account, empty."""

    key = "rk_test_sandbox_51TheKeyOfTheSuite"
    wrong_key = "rk_test_51WrongKeyOfTheSuite"
    remedy = "Developers > API keys"
    capabilities = ("source", "subscriptions", "directory")
    paged = ("customer", "charge")
    extra_files = ("balance.py", "charged.py", "prices.py", "values.py")
    unfilled = ("balance",)
    extra_fixtures = ("thin.v1.invoice.paid",)
    signed_for = 300.0
    wait: float | None = None
    """Seconds that every 429 asks for."""

    def app(self) -> Any:
        """An account with a restricted key that may do what the hub needs; before it, what names a wait."""
        app = create_app()
        self.sandbox = app.state.sandbox
        self.shop = self.sandbox.account()
        rights = {route.permission: "read" for route in self.sandbox.routes.all}
        self.sandbox.restricted_key(self.key, {**rights, "webhooks": "write"})

        async def before(scope: Any, receive: Any, send: Any) -> None:
            async def told(message: Any) -> None:
                if self.wait and message.get("status") == 429:
                    asked = (b"retry-after", f"{self.wait:.0f}".encode())
                    message = {**message, "headers": [*message["headers"], asked]}
                await send(message)

            await app(scope, receive, told)

        return before

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key and the address."""
        return {"api_key": key, "base_url": self.url, "webhook_secrets": self.webhook_secret}

    def fail(
        self, kind: str, *, times: int | None = None, writes_only: bool = False, wait: float | None = None
    ) -> None:
        """A rule of this sandbox. Stripe documents no Retry-After: a proxy before it names the time."""
        self.wait = wait
        self.sandbox.faults.add("POST" if writes_only else "*", "*", KINDS.get(kind, kind), times=times)

    def heal(self) -> None:
        """No rule."""
        self.wait = None
        self.sandbox.faults.clear()

    def calls(self) -> Sequence[tuple[str, str]]:
        """The sandbox's log."""
        return [(row["method"], row["path"]) for row in self.sandbox.log()]

    def limit(self, calls: int, seconds: float) -> None:
        """Stripe's window is a second."""
        if seconds != 1.0:
            raise ValueError("This sandbox counts seconds.")
        self.sandbox.rate_limit(calls)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """What a shop sells, by the control that leads to such an object."""
        if stream in self.unfilled:  # there is one, always
            return None
        for number in range(count):
            self._make(stream, number)
        return list(self.shop.ids(stream.replace("checkout_", "checkout.")))

    def _make(self, stream: str, number: int) -> None:
        shop = self.shop
        if stream in ("product", "price"):
            shop.price(amount=1000 + number, product=f"Offre {number}", at=AT)
        elif stream == "customer":
            shop.customer(email=f"nora{number}@example.com", name="Nora", at=AT)
        elif stream in ("subscription", "invoice", "invoice_payment", "subscription_schedule"):
            price = shop.price(amount=2900, product=f"Cercle {stream} {number}", interval="month", at=AT)["id"]
            customer = shop.customer(email=f"lea{number}@example.com", at=AT)["id"]
            if stream == "subscription_schedule":
                shop.instalments(customer=customer, price=price, count=3, at=AT)
            else:
                shop.subscribe(customer=customer, price=price, at=AT)
        else:
            charge = shop.sell(amount=9700 + number, product="Atelier", at=AT)["charge"]
            if stream == "refund":
                shop.refund(charge, amount=500, at=AT)
            elif stream == "dispute":
                shop.dispute_open(charge, at=AT)

    def change(self, stream: str, key: str) -> bool:
        """Somebody notes something on the object."""
        if stream not in PATHS:
            return False
        self._call("POST", f"/v1/{PATHS[stream]}/{key}", **{"metadata[note]": "looked at"})
        return True

    def delete(self, stream: str, key: str) -> bool:
        """Of what is read, customers can be deleted."""
        if stream != "customer":
            return False
        self._call("DELETE", f"/v1/customers/{key}")
        return True

    def _call(self, method: str, path: str, **form: str) -> None:
        headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        asked = urllib.request.Request(self.url + path, urlencode(form).encode(), headers, method=method)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            answer.read()

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """docs.stripe.com/webhooks: t and v1, over the time, a dot and the body."""
        stamp = int(at.timestamp())
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"stripe-signature": f"t={stamp},v1={digest}"}
        return WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=(secret,), now=at)

    def disable(self, ref: str) -> None:
        """Stripe gave up on the endpoint."""
        self.sandbox.webhooks.set_status(ref, "disabled")

    def deliver(self) -> None:
        """Wait for the sandbox's outbox."""
        self.sandbox.webhooks.wait(10.0)


def case() -> Case:
    """A new one."""
    return StripeCase()
