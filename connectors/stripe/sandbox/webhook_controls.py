"""Controls of webhooks: endpoints without a call, held, dropped, doubled and repeated deliveries, and what was sent."""

import random
import threading
from collections.abc import Mapping

from connectors.stripe.sandbox.events import endpoints_for, iso
from connectors.stripe.sandbox.hook_routes import new_secret
from connectors.stripe.sandbox.params import Json, missing
from connectors.stripe.sandbox.state import API_VERSION, Account
from connectors.stripe.sandbox.webhooks import Delivery, Outbox

DEFAULT_KEY = "sk_test_sandbox"


class WebhookControls:
    """What can be told to the deliveries of all accounts."""

    def __init__(self, outbox: Outbox, accounts: Mapping[str, Account], lock: threading.RLock) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._lock = lock

    def endpoint(
        self,
        url: str,
        *,
        enabled_events: list[str] | None = None,
        api_version: str | None = API_VERSION,
        thin: bool = False,
        account: str = DEFAULT_KEY,
    ) -> Json:
        """Register an endpoint (`thin`: an event destination for thin events). Returns {id, secret}."""
        with self._lock:
            of = self._accounts[account]
            row: Json = {"object": "webhook_endpoint", "api_version": api_version, "created": of.now(), "url": url}
            row |= {"application": None, "description": None}
            if thin:
                row = {"object": "v2.core.event_destination", "created": iso(of.now()), "updated": iso(of.now())}
                row |= {"event_payload": "thin", "events_from": ["self"], "name": url, "snapshot_api_version": None}
                row |= {"description": "", "status_details": None, "type": "webhook_endpoint", "webhook_endpoint": None}
            row |= {"id": of.new_id("we_"), "enabled_events": enabled_events or ["*"], "livemode": of.livemode}
            row |= {"metadata": {}, "status": "enabled"}
            secret = new_secret(of)
            of.hidden[row["id"]] = {"secrets": [{"secret": secret, "until": None}], "url": url}
            of.add(row, of.now())
            return {"id": row["id"], "secret": secret}

    def roll_secret(self, endpoint: str, *, keep_seconds: int = 86_400) -> str:
        """Give an endpoint a new secret; the old ones sign along for `keep_seconds`. Returns the new secret."""
        with self._lock:
            account = self._account_of(endpoint)
            secrets = account.hidden[endpoint]["secrets"]
            until = account.now() + keep_seconds
            for part in secrets:
                part["until"] = until if part["until"] is None else min(part["until"], until)
            secrets.append({"secret": new_secret(account), "until": None})
            return str(secrets[-1]["secret"])

    def set_status(self, endpoint: str, status: str) -> None:
        """Set an endpoint "enabled" or "disabled"; retries that fall due while it is disabled are lost."""
        with self._lock:
            account = self._account_of(endpoint)
            account.change(account.by_id[endpoint], status=status)

    def hold(self) -> None:
        """From now on keep deliveries back, until release."""
        with self._lock:
            self._outbox.holding = True

    def held(self) -> list[Json]:
        """The deliveries that are kept back, in the order in which they would have gone out."""
        with self._lock:
            return [delivery.shown() for delivery in self._outbox.held]

    def release(
        self, order: str | list[str] = "fifo", *, seed: int = 0, twice: bool = False, keep_holding: bool = False
    ) -> int:
        """Post what is held, one after the other in this order, and stop holding; returns how many posts were made.

        `order`: fifo, lifo, shuffled (by `seed`), or a list of event ids, of which the others stay held.
        `twice`: each is posted two times.
        """
        with self._lock:
            waiting = self._outbox.held
            if isinstance(order, list):
                chosen = [one for event in order for one in waiting if one.event_id == event]
            else:
                chosen = list(waiting) if order != "lifo" else waiting[::-1]
                if order == "shuffled":
                    random.Random(seed).shuffle(chosen)
            self._outbox.held = [one for one in waiting if one not in chosen]
            self._outbox.holding = keep_holding
        posts = [one for one in chosen for _ in range(2 if twice else 1)]
        for delivery in posts:
            self._outbox.attempt(delivery)
        return len(posts)

    def drop(self, events: list[str] | None = None) -> int:
        """Throw held deliveries away, those of `events` or all; returns how many. Nobody will be told."""
        with self._lock:
            gone = [one for one in self._outbox.held if events is None or one.event_id in events]
            self._outbox.held = [one for one in self._outbox.held if one not in gone]
            return len(gone)

    def drop_next(self, count: int = 1) -> None:
        """The next `count` deliveries are never made."""
        with self._lock:
            self._outbox.drop_next = count

    def chaos(self, *, drop: float = 0.0, duplicate: float = 0.0, seed: int = 0) -> None:
        """From now on drop or double deliveries with these probabilities."""
        with self._lock:
            self._outbox.drop_rate, self._outbox.duplicate_rate = drop, duplicate
            self._outbox.random = random.Random(seed)

    def retry_delays(self, seconds: list[float]) -> None:
        """How long to wait before each retry of a failed delivery; an empty list is no retry."""
        with self._lock:
            self._outbox.retry_delays = tuple(seconds)

    def resend(self, event: str, *, endpoint: str | None = None, times: int = 1) -> int:
        """Have the background threads post an event again, `times` times; returns how many posts are to come."""
        found = self._deliveries_of(event, endpoint)
        for _ in range(times):
            for delivery in found:
                self._outbox.post_soon(delivery)
        return len(found) * times

    def emit(self, event: str, *, endpoint: str | None = None) -> list[int | None]:
        """Post an event now, in this thread, to the endpoints it was meant for (or that want its type now).

        Returns the HTTP statuses; None where nobody answered.
        """
        return [self._outbox.post_now(delivery) for delivery in self._deliveries_of(event, endpoint)]

    def _deliveries_of(self, event: str, endpoint: str | None) -> list[Delivery]:
        with self._lock:
            account = self._account_of(event)
            row = account.by_id[event]
            targets = account.hidden[event]["targets"] or [one["id"] for one in endpoints_for(account, row["type"])]
            return [Delivery(account, event, one) for one in targets if endpoint in (None, one)]

    def deliveries(self, event: str | None = None) -> list[Json]:
        """Every post made and every delivery dropped, in order, all or those of one event.

        Each: {account, event, type, endpoint, attempt, at, outcome, status, error}; `outcome` is delivered, failed,
        dropped, or why nothing was posted.
        """
        with self._lock:
            return [row for row in self._outbox.log if event in (None, row["event"])]

    def forget(self) -> None:
        """Empty the log of deliveries."""
        with self._lock:
            self._outbox.log = []

    def wait(self, seconds: float = 10.0) -> bool:
        """Wait until nothing is left to post or to retry, held deliveries aside; False when time is up first."""
        return self._outbox.wait(seconds)

    def _account_of(self, object_id: str) -> Account:
        for account in self._accounts.values():
            if object_id in account.by_id:
                return account
        raise missing("object", object_id)
