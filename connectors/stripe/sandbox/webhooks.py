"""Webhook deliveries: signed HTTP POSTs from background threads, with retries, and the ways they go wrong.

Facts: docs.stripe.com/webhooks. A 2xx is a success, all else (3xx too) is retried; the order is not promised.
"""

import hashlib
import heapq
import hmac
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from connectors.stripe.sandbox.events import render, thin
from connectors.stripe.sandbox.params import Json
from connectors.stripe.sandbox.state import Account, dumps
from hub.sandbox.outbox import request

WORKERS = 4
_LOG_ROWS = 100_000
_HEADERS = {
    "Accept": "*/*; q=0.5, application/xml",
    "Cache-Control": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that is to be made."""

    account: Account
    event_id: str
    endpoint_id: str
    attempt: int = 1

    def shown(self) -> Json:
        """What controls answer about it."""
        return {
            "account": self.account.key,
            "event": self.event_id,
            "type": self.account.by_id[self.event_id]["type"],
            "endpoint": self.endpoint_id,
            "attempt": self.attempt,
        }


def sign(secrets: Iterable[str], body: bytes, at: int) -> str:
    """A Stripe-Signature header: one v1 per secret, and a v0 that receivers must ignore."""
    signed = b"%d.%s" % (at, body)
    parts = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    junk = hashlib.sha256(b"v0" + signed).hexdigest()
    return ",".join([f"t={at}", *parts, f"v0={junk}"])


class Outbox:
    """Everything that is to be posted, is being posted, is held back, or has been posted."""

    def __init__(self, lock: threading.RLock, now: Callable[[], int]) -> None:
        self.retry_delays: tuple[float, ...] = (0.2, 1.0, 3.0)
        self.holding = False
        self.held: list[Delivery] = []
        self.log: list[Json] = []
        self.drop_next = 0
        self.drop_rate = self.duplicate_rate = 0.0
        self.random = random.Random(0)
        self._lock = lock
        self._now = now
        self._changed = threading.Condition(lock)
        self._heap: list[tuple[float, int, Delivery]] = []
        self._count = 0
        self._busy = 0
        self._closed = False
        self._threads: list[threading.Thread] = []

    def enqueue(self, account: Account, event: Json) -> None:
        """Take a new event: to be posted, held, dropped or doubled as told. The lock is held."""
        for endpoint_id in account.hidden[event["id"]]["targets"]:
            delivery = Delivery(account, event["id"], endpoint_id)
            if self.drop_next > 0 or self.random.random() < self.drop_rate:
                self.drop_next = max(0, self.drop_next - 1)
                self._note(delivery, "dropped")
                continue
            doubled = self.random.random() < self.duplicate_rate
            for _ in range(2 if doubled else 1):
                if self.holding:
                    self.held.append(delivery)
                else:
                    self.post_soon(delivery)

    def post_soon(self, delivery: Delivery, delay: float = 0.0) -> None:
        """Have a background thread make this delivery after `delay` seconds."""
        with self._changed:
            self._count += 1
            heapq.heappush(self._heap, (time.monotonic() + delay, self._count, delivery))
            self._start()
            self._changed.notify()

    def _start(self) -> None:
        if not self._threads and not self._closed:
            self._threads = [
                threading.Thread(target=self._work, name=f"stripe-webhooks-{number}", daemon=True)
                for number in range(WORKERS)
            ]
            for thread in self._threads:
                thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to post or to retry (held deliveries aside); False when time is up first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._busy, seconds)

    def open(self) -> None:
        """Go on after close, as when a served app is served again: what waited is posted."""
        with self._changed:
            self._closed = False
            if self._heap:
                self._start()

    def close(self) -> None:
        """Stop the threads; what was not posted waits until open."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(1.0)

    def post_now(self, delivery: Delivery) -> int | None:
        """Make a delivery in this thread; the HTTP status, or None when nobody answered."""
        with self._lock:
            composed = self._compose(delivery)
        if composed is None:
            return None
        url, body, signature = composed
        status, error = request("POST", url, body, {**_HEADERS, "Stripe-Signature": signature})
        delivered = status is not None and 200 <= status < 300
        with self._lock:
            self._note(delivery, "delivered" if delivered else "failed", status, error)
            if delivered:
                self._settle(delivery)
        return status

    def attempt(self, delivery: Delivery) -> None:
        """Make a delivery in this thread; when it fails, a background thread tries again later."""
        status = self.post_now(delivery)
        with self._lock:
            again = status is None or not 200 <= status < 300
            if again and delivery.attempt <= len(self.retry_delays) and self._endpoint(delivery) is not None:
                later = replace(delivery, attempt=delivery.attempt + 1)
                self.post_soon(later, self.retry_delays[delivery.attempt - 1])

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._heap or self._heap[0][0] > time.monotonic()):
                    self._changed.wait(self._heap[0][0] - time.monotonic() if self._heap else None)
                if self._closed:
                    return
                delivery = heapq.heappop(self._heap)[2]
                self._busy += 1
            self.attempt(delivery)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _endpoint(self, delivery: Delivery) -> Json | None:
        found = delivery.account.by_id.get(delivery.endpoint_id)
        return found if found is not None and found.get("status") == "enabled" else None

    def _compose(self, delivery: Delivery) -> tuple[str, bytes, str] | None:
        account, endpoint = delivery.account, self._endpoint(delivery)
        if endpoint is None:
            self._note(delivery, "endpoint gone or disabled")
            return None
        event = account.by_id[delivery.event_id]
        is_thin = endpoint.get("event_payload") == "thin"
        text = dumps(thin(account, event)) if is_thin else render(account, event, endpoint)
        at = self._now()
        hidden = account.hidden[endpoint["id"]]
        secrets = [part["secret"] for part in hidden["secrets"] if part["until"] is None or part["until"] > at]
        return hidden["url"], text.encode(), sign(secrets, text.encode(), at)

    def _settle(self, delivery: Delivery) -> None:
        about = delivery.account.hidden[delivery.event_id]
        about.setdefault("delivered", set()).add(delivery.endpoint_id)
        event = delivery.account.by_id[delivery.event_id]
        delivery.account.change(event, pending_webhooks=len(set(about["targets"]) - about["delivered"]))

    def _note(self, delivery: Delivery, outcome: str, status: int | None = None, error: str | None = None) -> None:
        row = {**delivery.shown(), "at": self._now(), "outcome": outcome, "status": status, "error": error}
        self.log.append(row)
        if len(self.log) > _LOG_ROWS:
            del self.log[: _LOG_ROWS // 10]
