"""Stripe in small: a stateful FastAPI app that speaks API 2026-10-28.endive on a real socket.

    app = create_app()                      # or create_app(now): `now` gives the aware time it lives in
    sandbox = app.state.sandbox             # a Sandbox: the controls, in process
    shop = sandbox.account()                # a Control: the account of key sk_test_sandbox
    other = sandbox.account("sk_test_two", name="Atelier Lila", currency="eur")

The secret key of a request chooses the account. Over HTTP, POST /_sandbox/NAME with a JSON object of arguments calls
the control NAME ("sell", "webhooks.hold", "faults.add"); "account" chooses the account (default sk_test_sandbox);
the answer is {"result": ...}, or 400 {"error": "..."}. GET /_sandbox lists all controls with their arguments.

Times `at`: Unix seconds, an aware datetime, or ISO text with a zone; None is now. `deliver` (default False) says
whether webhooks tell of a change; changes made by the API always do. Ids go in; ids and plain JSON come out.

Control (one account)
    settings(**values)  get(id)  ids(kind)  balance()
    customer(*, email, name, at, deliver, **fields)  delete_customer(customer)  card_fails(customer, code)
    customer_discount(customer, coupon)
    price(*, amount, product, currency, interval, interval_count, at, deliver, **more)  coupon(*, at, deliver, **fields)
    sell(*, amount | price, quantity, currency, product, customer, email, name, method, exchange_rate, fee, description,
         client_reference_id, metadata, at, deliver)   complete_checkout(session, *, email, name, method, at, deliver)
    settle_payment(charge)  fail_payment_late(charge, *, code, fee)
    refund(charge, *, amount, reason, exchange_rate)  refund_fails(refund)
    dispute_open(charge, *, amount, reason, fee, inquiry, days)
    dispute_won(dispute, *, fee_returned)  dispute_lost(dispute)
    payout(*, amount, currency, arrival_days, status)  payout_fails(payout)  stripe_fee(amount, *, description)
    subscribe(*, customer, price | items, quantity, outcome, method, decline, trial_days, coupons, days_until_due,
         usage, fee, at, deliver, **fields)
    instalments(*, customer, price, count, quantity, method, metadata, at, deliver)
    renew(subscription, *, outcome, method, decline, usage, fee, at, deliver)
    advance(until, *, failing, usage, deliver)
    fail_payment(invoice | subscription, *, decline, final)  recover(invoice | subscription, *, method)
    invoice_paid_outside(invoice | subscription)  invoice(*, customer, amount, ...)  close_invoice(invoice, status)
    cancel(subscription, *, at_period_end, reason)
    change(subscription, *, price, quantity, coupons, proration, **fields)
    pause(subscription)  resume(subscription)  tell(event_type, object_id)
Sandbox
    account(key, **settings)  restricted_key(key, permissions, *, account)  revoke_key(key)  restore_key(key)
    set_latency(seconds)  rate_limit(per_second, *, account)  calls()  log(last)  reset_log()  reset()
    faults.add(method, path_pattern, kind, *, times, every_nth, probability, seed, seconds, account, reason)
    faults.remove(id)  faults.clear()  faults.rules()
    webhooks.endpoint(url, *, enabled_events, api_version, thin, account)
    webhooks.roll_secret(endpoint, *, keep_seconds)
    webhooks.set_status(endpoint, status)  webhooks.hold()  webhooks.held()
    webhooks.release(order, *, seed, twice, keep_holding)  webhooks.drop(events)  webhooks.drop_next(count)
    webhooks.chaos(*, drop, duplicate, seed)  webhooks.retry_delays(seconds)  webhooks.resend(event, *, endpoint, times)
    webhooks.emit(event, *, endpoint)  webhooks.deliveries(event)  webhooks.forget()  webhooks.wait(seconds)
"""

import inspect
import itertools
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse

from connectors.stripe.sandbox import (
    billing_routes,
    catalog_routes,
    hook_routes,
    invoice_routes,
    method_routes,
    payment_routes,
    price_routes,
)
from connectors.stripe.sandbox.control import Control
from connectors.stripe.sandbox.faults import CallLog, Faults
from connectors.stripe.sandbox.http import Stored, StripeApi
from connectors.stripe.sandbox.params import ApiError, Json
from connectors.stripe.sandbox.routes import Routes
from connectors.stripe.sandbox.state import Account
from connectors.stripe.sandbox.webhook_controls import DEFAULT_KEY, WebhookControls
from connectors.stripe.sandbox.webhooks import Outbox
from hub.sandbox.faults import Meter

_ROUTES = (
    catalog_routes,
    price_routes,
    billing_routes,
    invoice_routes,
    method_routes,
    payment_routes,
    hook_routes,
)


def _system_time() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """All accounts, and what can be told to the sandbox as a whole."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        clock = now or _system_time
        self.now: Callable[[], int] = lambda: int(clock().timestamp())
        self.lock = threading.RLock()
        self.routes = Routes()
        for module in _ROUTES:
            module.add(self.routes)
        self.faults = Faults()
        self.outbox = Outbox(self.lock, self.now)
        self.reset()

    def reset(self) -> None:
        """Forget every account, object, key, fault and log; only the default account is there again, empty."""
        self.outbox.close()
        with self.lock:
            self.accounts: dict[str, Account] = {}
            self.controls: dict[str, Control] = {}
            self.restricted: dict[str, dict[str, str]] = {}
            self.revoked: set[str] = set()
            self.limits: dict[str, Meter] = {}
            self.idempotent: dict[tuple[str, str], Stored] = {}
            self.call_log = CallLog()
            self.latency = 0.0
            self.faults.clear()
            self._request_ids = itertools.count(1)
            self.outbox = Outbox(self.lock, self.now)
            self.webhooks = WebhookControls(self.outbox, self.accounts, self.lock)
            self.account()

    def account(self, key: str = DEFAULT_KEY, **settings: Any) -> Control:
        """The controls of the account with this secret key, which is made when it is new (see Control.settings)."""
        with self.lock:
            if key not in self.controls:
                account = Account(key, "Sandbox", self.now)
                account.on_event = self.outbox.enqueue
                self.accounts[key] = account
                self.controls[key] = Control(account, self.lock)
            if settings:
                self.controls[key].settings(**settings)
            return self.controls[key]

    def restricted_key(self, key: str, permissions: dict[str, str], *, account: str = DEFAULT_KEY) -> None:
        """Register a restricted key (rk_test_...) of an account: permission name to "read" or "write".

        Names: account, customers, products, prices, coupons, payment_methods, subscriptions, subscription_schedules,
        invoices, checkout_sessions, payment_intents, charges (refunds too), disputes, balance, payouts, events,
        webhooks.
        """
        with self.lock:
            known = {route.permission for route in self.routes.all}
            if unknown := set(permissions) - known:
                raise ValueError(f"Unknown permissions: {', '.join(sorted(unknown))}.")
            self.accounts[key] = self.accounts[account]
            self.restricted[key] = permissions

    def permit(self, key: str, permission: str, method: str) -> None:
        """Refuse (ApiError 403) what a restricted key may not do."""
        granted = self.restricted.get(key)
        if granted is None or permission == "account":
            return
        needed = "read" if method == "GET" else "write"
        if granted.get(permission) not in (needed, "write"):
            right = f"rak_{permission.removesuffix('s')}_{needed}"
            text = f"The key {key[:8]}{'*' * 8}{key[-4:]} lacks the permission {right} that this call needs."
            raise ApiError(403, text)

    def revoke_key(self, key: str) -> None:
        """A key stops working (401, api_key_expired)."""
        with self.lock:
            self.revoked.add(key)

    def restore_key(self, key: str) -> None:
        """A revoked key works again."""
        with self.lock:
            self.revoked.discard(key)

    def set_latency(self, seconds: float) -> None:
        """Every answer takes this much longer; 0 by default."""
        with self.lock:
            self.latency = seconds

    def rate_limit(self, per_second: int | None, *, account: str = DEFAULT_KEY) -> None:
        """Answer 429 beyond so many requests in a second; None (the default) is no limit."""
        with self.lock:
            self.limits[account] = Meter(per_second, 1.0)

    def calls(self) -> dict[str, int]:
        """How often each route was called: {"GET /v1/charges/{id}": 3}; "unknown" counts refused and unknown ones."""
        with self.lock:
            return {f"{method} {template}": count for (method, template), count in self.call_log.counts.items()}

    def log(self, last: int | None = None) -> list[Json]:
        """The requests, oldest first: {at, method, path, query, status, idempotency_key, key, request_id, fault}.

        `status` is None where the answer was broken on purpose.
        """
        with self.lock:
            rows = list(self.call_log.rows)
            return rows if last is None else rows[-last:]

    def reset_log(self) -> None:
        """Empty the request log and the counts."""
        with self.lock:
            self.call_log.reset()

    def next_request_id(self) -> str:
        """A request id, as in the Request-Id header."""
        return f"req_{next(self._request_ids):014d}"

    def close(self) -> None:
        """Stop the background threads."""
        self.outbox.close()

    def control(self, name: str, arguments: Json) -> object:
        """Call a control by name, as POST /_sandbox/NAME does."""
        place, _, method = name.rpartition(".")
        owner: object = {"": self, "faults": self.faults, "webhooks": self.webhooks}.get(place)
        key = str(arguments.get("account", DEFAULT_KEY))
        if name == "account":
            return self.account(key, **{k: v for k, v in arguments.items() if k != "account"}).settings()
        if place == "" and method not in _NAMES[""]:
            if key not in self.controls:
                raise ValueError(f"No account with the key {key}: make it with the control account first.")
            owner = self.controls[key]
            arguments = {k: v for k, v in arguments.items() if k != "account"}
        if method not in _NAMES.get(place, ()) and not (owner is not self and place == "" and method in _NAMES["*"]):
            raise ValueError(f"No control '{name}'. GET /_sandbox lists them.")
        return getattr(owner, method)(**arguments)


def _public(kind: type, *hidden: str) -> dict[str, str]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: str(inspect.signature(function)) for name, function in found if name[0] != "_" and name not in hidden}


_NAMES: dict[str, dict[str, str]] = {
    "": _public(Sandbox, "account", "permit", "next_request_id", "close", "control"),
    "faults": _public(Faults, "strike"),
    "webhooks": _public(WebhookControls),
    "*": _public(Control),
}


def create_app(now: Callable[[], datetime] | None = None) -> FastAPI:
    """The sandbox as an app; `app.state.sandbox` is its Sandbox. `now` is the time it lives in (aware)."""
    sandbox = Sandbox(now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sandbox.outbox.open()
        yield
        sandbox.close()

    app = FastAPI(title="Stripe sandbox", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.sandbox = sandbox

    @app.get("/_sandbox")
    def controls() -> dict[str, str]:
        return {f"{place}.{name}".lstrip("*."): text for place, names in _NAMES.items() for name, text in names.items()}

    @app.post("/_sandbox/{name}")
    def control(name: str, arguments: Json = Body(default={})) -> JSONResponse:  # noqa: B008
        try:
            return JSONResponse({"result": sandbox.control(name, arguments)})
        except (ApiError, ValueError, TypeError, KeyError) as problem:
            return JSONResponse({"error": str(problem)}, status_code=400)

    app.add_middleware(StripeApi, sandbox=sandbox)
    return app
