"""The only file that talks to Stripe: key, version pin, rate limit, retries of seconds. Stripe's errors end here."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import requests
import stripe
import tenacity
from requests.adapters import HTTPAdapter

from connectors.stripe.settings import StripeSettings
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.protocol import Limiter

API_VERSION = "2026-10-28.endive"
"""The shape of every answer, whatever the account's default is. records.py is written against it."""

PAGE = 100
TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and to wait for an answer."""

ATTEMPTS = 4
RETRY_FOR = 8.0
"""No new attempt is begun so many seconds after the first: the worker's schedule goes on from there."""

_KEY = re.compile(r"\b(?:sk|rk|pk|whsec)_[\w*.…-]+")
_PERMISSION = re.compile(r"\brak_\w+")


class Gone(RecordError):
    """Stripe says that it has no such object."""


class Forbidden(ConfigError):
    """The key may not do this. `permission` is Stripe's name of the missing right, "" when it does not say."""

    def __init__(self, message: str, permission: str) -> None:
        super().__init__(message)
        self.permission = permission


class _TryAgain(TransientError):
    """Busy for the moment: an attempt a little later may succeed."""


class Client:
    """Calls to one Stripe account. Safe for threads; keeps as many connections as it is told."""

    def __init__(
        self,
        settings: StripeSettings,
        limiter: Limiter,
        *,
        connections: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        stripe.enable_telemetry = False
        # The SDK logs whole answers at DEBUG, and the answer that makes an endpoint holds its secret.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self.livemode = settings.livemode
        self.restricted = settings.api_key.get_secret_value().startswith("rk_")
        self._limiter = limiter
        self._session = _session(settings.base_url, connections)
        self._stripe = stripe.StripeClient(
            settings.api_key.get_secret_value(),
            stripe_version=API_VERSION,
            base_addresses={"api": settings.base_url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT, session=self._session),
        )
        self._repeat = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TryAgain),
            stop=tenacity.stop_after_attempt(ATTEMPTS) | tenacity.stop_before_delay(RETRY_FOR),
            wait=_wait,
            sleep=sleep,
            reraise=True,
        )

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON of a GET, its fractions as Decimal. Repeated for some seconds when Stripe is busy."""
        return self._repeat(self._call, "get", path, params)

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON of a POST. Never repeated here: a lost answer is a TransientError with `uncertain=True`."""
        return self._call("post", path, params)

    def delete(self, path: str) -> dict[str, Any]:
        """The JSON of a DELETE, sent once."""
        return self._call("delete", path, {})

    def page(self, path: str, *, limit: int = PAGE, **params: Any) -> tuple[list[dict[str, Any]], bool]:
        """One page of a list, and whether there are more. TransientError when the answer is not a whole page (R5)."""
        answer = self.get(path, limit=limit, **params)
        data, more = answer.get("data"), answer.get("has_more")
        whole = isinstance(data, list) and all(isinstance(each, dict) and each.get("id") for each in data)
        if not whole or not isinstance(more, bool) or (more and not data):
            raise TransientError(f"Stripe answered {path} with something that is not a page of a list.")
        return data or [], more

    def pages(self, path: str, *, after: str | None = None, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, newest first, from behind the object `after` on; complete, or an error (R5).

        When the object that it should go on from was deleted meanwhile, it starts again from the top, once.
        """
        restarted = False
        while True:
            place: dict[str, Any] = {"starting_after": after} if after else {}
            try:
                data, more = self.page(path, **params, **place)
            except Gone:
                if after is None:
                    raise
                if restarted:
                    raise TransientError(f"Stripe's list {path} lost the place where reading should go on.") from None
                after, restarted = None, True
                continue
            if data:
                yield data
            if not more:
                return
            if data[-1]["id"] == after:
                raise TransientError(f"Stripe's list {path} repeats itself after {after}; it was not read to its end.")
            after = data[-1]["id"]

    def _call(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        self._limiter.acquire()
        what = f"{method.upper()} {path}"
        try:
            answer = self._stripe.raw_request(method, path, **params)
        except stripe.StripeError as error:
            # Stripe's own error holds the whole answer: it is not carried on as the cause.
            raise self._explain(error, what, reading=method == "get") from None
        try:
            found = json.loads(answer.body, parse_float=Decimal)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise TransientError(f"Stripe answered {what} with something unreadable.", uncertain=method != "get")
        return found

    def _explain(self, error: stripe.StripeError, what: str, *, reading: bool) -> HubError:
        """What to do about Stripe's error. The message names the call and Stripe's reason, and never a key."""
        status, headers = error.http_status, error.headers or {}
        if status is None:
            cause = type(error.__cause__ or error).__name__
            return _TryAgain(f"Stripe did not answer {what}: {cause}.", uncertain=not reading)
        code = error.error.code if error.error else None
        said = _KEY.sub("(key)", error.user_message or "") if error.error else "it gave no reason"
        if error.request_id:
            said += f" (request {error.request_id})"
        if status in (401, 403):
            return _refused(status, what, said)
        if status == 429 or code in ("lock_timeout", "rate_limit"):
            return self._busy(what, code, headers)
        if status == 409 or status >= 500 or not error.error:
            return _broken(status, f"{what} ({status}): {said}", headers, reading=reading)
        kind = Gone if code == "resource_missing" else RecordError
        return kind(f"Stripe refused {what} ({status}): {said}")

    def _busy(self, what: str, code: str | None, headers: Any) -> TransientError:
        """429. Without a reason header an object is locked, which holds up no other (docs.stripe.com/rate-limits)."""
        reason = headers.get("Stripe-Rate-Limited-Reason")
        wait = _seconds(headers.get("Retry-After"))
        if code != "lock_timeout":
            self._limiter.hold(1.0 if wait is None else wait)
        kind = TransientError if wait is not None and wait > RETRY_FOR else _TryAgain
        return kind(f"Stripe is busy (429, {reason or code or 'no reason given'}): {what}.", retry_after=wait)


def _session(base_url: str, connections: int) -> requests.Session:
    """One pool for all threads. The environment's proxy is looked up once; a .netrc never replaces our key."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = requests.utils.get_environ_proxies(base_url)
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, pool_block=True)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _wait(state: tenacity.RetryCallState) -> float:
    """What Stripe asked for, else a quarter of a second, doubled each time, and up to half a second of jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientError) and error.retry_after is not None:
        return error.retry_after
    return tenacity.wait_exponential(multiplier=0.25, max=2.0)(state) + tenacity.wait_random(0, 0.5)(state)


def _refused(status: int, what: str, said: str) -> ConfigError:
    if status == 401:
        return ConfigError(
            "Stripe refuses the key (401): it is wrong, expired or revoked. Make a restricted key in Stripe > "
            "Developers > API keys and set it as api_key of this connection."
        )
    named = _PERMISSION.search(said)
    permission = named.group() if named else ""
    reason = f"it lacks the permission {permission}" if permission else said
    return Forbidden(
        f"Stripe's key may not do {what} (403): {reason}. Add what is missing to the restricted key in Stripe > "
        "Developers > API keys.",
        permission,
    )


def _broken(status: int, said: str, headers: Any, *, reading: bool) -> HubError:
    """Stripe failed, met a conflict, or the answer is not Stripe's at all (a proxy's page, an answer cut short)."""
    if status == 404:
        return ConfigError(f"This 404 is not Stripe's own: {said}. Is base_url the address of Stripe?")
    kind = TransientError if headers.get("Stripe-Should-Retry") == "false" else _TryAgain
    return kind(
        f"Stripe has not answered usefully: {said}",
        retry_after=_seconds(headers.get("Retry-After")),
        uncertain=not reading and status != 409,
    )


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isascii() and header.isdigit() else None
