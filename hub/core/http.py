"""Calls to a provider that has no SDK worth having: rate limit, retries of seconds, errors sorted by what to do.

For a connector's `client.py`. What differs between providers is in `Provider`: how an error is told, and how long to
wait. What may have been written is never sent twice: a POST is repeated only when the provider certainly did not do it
(429, or no connection).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from threading import BoundedSemaphore
from typing import Any, Self

import httpx
import tenacity

from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.protocol import Limiter

ATTEMPTS = 4
PAUSES = (0.5, 1.0, 2.0)
"""Seconds before the second, third and fourth attempt."""
RETRY_FOR = 10.0
"""A longer wait than this is the worker's: its schedule goes on from there."""
MAX_ANSWER = 64 << 20
"""Bytes of one answer. No page of 100 records comes near."""


class Gone(RecordError):
    """The provider says that it has no such thing (404, 410)."""


class Soon(TransientError):
    """Busy for the moment: an attempt a little later may succeed."""


def retry_after(response: httpx.Response) -> float | None:
    """Retry-After in seconds, where it is a number."""
    found = response.headers.get("retry-after", "")
    return float(found) if found.isascii() and found.isdigit() else None


def no_opinion(response: httpx.Response, what: str) -> HubError | None:  # noqa: ARG001
    """Every status means what it usually means."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What this provider's answers mean.

    `said`: the reason in an answer that is no success, in words. `wait`: seconds to wait after a 429, None when it does
    not say. `judge`: the error of an answer whose status means something of its own here, or None.
    """

    title: str
    said: Callable[[httpx.Response], str]
    wait: Callable[[httpx.Response], float | None] = retry_after
    judge: Callable[[httpx.Response, str], HubError | None] = no_opinion
    default_wait: float = 10.0
    """Seconds that nobody calls after a 429 that names none."""
    key_help: str = "Look at the key and its rights."
    """What a person does when the key is refused: the way out in the message of a 401 or 403."""


@dataclass(slots=True)
class Api:
    """One connection to a provider. Safe for threads. Close it, or use it as a context manager.

    `limiters`: each is asked before every call. `reads` and `writes`: how many calls of each sort may be in flight.
    `secrets`: texts that must never stand in a message.
    """

    provider: Provider
    base_url: str
    headers: Mapping[str, str]
    limiters: Sequence[Limiter]
    secrets: Sequence[str] = ()
    reads: int = 4
    writes: int = 2
    timeout: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    _http: httpx.Client = field(init=False)
    _slots: Mapping[bool, BoundedSemaphore] = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=dict(self.headers),
            timeout=httpx.Timeout(self.timeout, connect=min(self.timeout, 10.0)),
            limits=httpx.Limits(max_connections=self.reads + self.writes),
            follow_redirects=False,
        )
        self._slots = {True: BoundedSemaphore(self.reads), False: BoundedSemaphore(self.writes)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every socket."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of a GET, its fractions as Decimal. Repeated for some seconds when the provider is busy."""
        return self.call("GET", path, params=params)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> Any:
        """The JSON of any call; None for an empty answer. `repeatable`: doing it twice is the same as once.

        Raises Gone, RecordError, ConfigError, or TransientError (with `uncertain=True` for a write without an answer).
        """
        safe = repeatable or method == "GET"
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, Soon) and (safe or not error.uncertain)),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(self._once, method, path, params, body)

    def _once(self, method: str, path: str, params: Mapping[str, Any] | None, body: Mapping[str, Any] | None) -> Any:
        reading = method == "GET"
        what = self._clean(f"{method} {path}")  # some providers want a token in the path
        with ExitStack() as held:
            held.enter_context(self._slots[reading])
            for limiter in self.limiters:
                limiter.acquire()
            response = self._send(method, path, params, body, what, reading)
        if response.is_success:
            return self._content(response, what, reading)
        raise self._explain(response, what, reading)

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        what: str,
        reading: bool,
    ) -> httpx.Response:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            return self._http.request(method, path, params=given or None, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Soon(f"{self.provider.title} cannot be reached for {what}: {type(error).__name__}.") from None
        except httpx.HTTPError as error:
            kind = type(error).__name__
            raise Soon(f"{self.provider.title} did not answer {what}: {kind}.", uncertain=not reading) from None

    def _content(self, response: httpx.Response, what: str, reading: bool) -> Any:
        if not response.content:
            return None
        if len(response.content) > MAX_ANSWER:
            raise RecordError(f"{self.provider.title} answered {what} with more than {MAX_ANSWER >> 20} MB.")
        try:
            return json.loads(response.content, parse_float=Decimal)
        except ValueError:
            raise Soon(
                f"{self.provider.title} answered {what} with something unreadable.", uncertain=not reading
            ) from None

    def _explain(self, response: httpx.Response, what: str, reading: bool) -> HubError:
        """What to do about an answer that is no success. Names the call and the reason, and never a secret."""
        provider, status = self.provider, response.status_code
        judged = provider.judge(response, what)
        if judged is not None:
            return judged
        said = self._clean(provider.said(response))
        if status == 429:
            wait = provider.wait(response)
            for limiter in self.limiters:
                limiter.hold(provider.default_wait if wait is None else wait)
            kind = TransientError if wait is not None and wait > RETRY_FOR else Soon
            return kind(f"{provider.title} is busy (429): {what}: {said}", retry_after=wait)
        if status in (401, 403):
            return ConfigError(f"{provider.title} refused {what} ({status}): {said.rstrip('.')}. {provider.key_help}")
        if status in (404, 410):
            return Gone(f"{provider.title} has nothing at {what} ({status}): {said}")
        if status in (408, 409, 423, 425) or status >= 500:
            return Soon(f"{provider.title} failed at {what} ({status}): {said}", uncertain=not reading)
        return RecordError(f"{provider.title} refused {what} ({status}): {said}")

    def _clean(self, text: str) -> str:
        """One line of at most 300 characters, without our secrets."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "(key)")
        text = " ".join(text.split())[:300]
        return text if text else "it gave no reason"


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Soon) and error.retry_after is not None:
        return 0.0  # the limiter waits
    return PAUSES[min(state.attempt_number, len(PAUSES)) - 1]
