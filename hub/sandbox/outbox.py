"""Webhook deliveries: HTTP requests from background threads, with retries, and the ways they go wrong."""

import heapq
import http.client
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

WORKERS = 4
POST_SECONDS = 10.0
_LOG_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request that is to be made. `headers` is called for every attempt: a retry may be signed anew.

    `alive` is asked before every attempt: False when the subscription is gone. `settled` hears how each attempt ended
    (the status, None when nobody answered).
    """

    url: str
    body: bytes
    headers: Callable[[], Mapping[str, str]]
    about: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"
    alive: Callable[[], bool] = lambda: True
    settled: Callable[[int | None], None] = lambda _: None
    attempt: int = 1


class Outbox:
    """Everything that is to be posted, is being posted, is held back, or has been posted.

    `retry_delays`: seconds before the second and later attempts. `holding`: keep new posts in `held` until `release`.
    `drop_next`, `drop_rate`, `duplicate_rate`: lose or double new posts. `shuffle`: release in a random order.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self.retry_delays: tuple[float, ...] = (0.2, 1.0, 3.0)
        self.holding = False
        self.held: list[Post] = []
        self.log: list[dict[str, Any]] = []
        self.drop_next = 0
        self.drop_rate = self.duplicate_rate = 0.0
        self.random = random.Random(0)
        self._changed = threading.Condition(lock)
        self._heap: list[tuple[float, int, Post]] = []
        self._count = 0
        self._busy = 0
        self._closed = False
        self._threads: list[threading.Thread] = []

    def enqueue(self, post: Post) -> None:
        """Take a new post: to be made soon, held, dropped or doubled as told."""
        with self._changed:
            if self.drop_next > 0 or self.random.random() < self.drop_rate:
                self.drop_next = max(0, self.drop_next - 1)
                self._note(post, "dropped")
                return
            for _ in range(2 if self.random.random() < self.duplicate_rate else 1):
                if self.holding:
                    self.held.append(post)
                else:
                    self.post_soon(post)

    def release(self, *, shuffle: bool = False) -> int:
        """Post what was held, and hold no more. Returns how many."""
        with self._changed:
            held, self.held, self.holding = self.held, [], False
            if shuffle:
                self.random.shuffle(held)
            for post in held:
                self.post_soon(post)
        return len(held)

    def post_soon(self, post: Post, delay: float = 0.0) -> None:
        """Have a background thread make this request after `delay` seconds."""
        with self._changed:
            self._count += 1
            heapq.heappush(self._heap, (time.monotonic() + delay, self._count, post))
            self._start()
            self._changed.notify()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to post or to retry (held posts aside); False when time is up first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._busy, seconds)

    def open(self) -> None:
        """Go on after close, as when a served app is served again: what waited is posted."""
        with self._changed:
            self._closed = False
            if self._heap:
                self._start()

    def close(self) -> None:
        """Stop the threads; what was not posted waits until `open`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(1.0)

    def post_now(self, post: Post) -> int | None:
        """Make a request in this thread, once; the HTTP status, or None when nobody answered."""
        if not post.alive():
            self._note(post, "subscription gone")
            return None
        status, error = request(post.method, post.url, post.body, post.headers())
        good = status is not None and 200 <= status < 300
        with self._changed:
            self._note(post, "delivered" if good else "failed", status, error)
        post.settled(status)
        return status

    def _start(self) -> None:
        if not self._threads and not self._closed:
            self._threads = [
                threading.Thread(target=self._work, name=f"sandbox-webhooks-{number}", daemon=True)
                for number in range(WORKERS)
            ]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._heap or self._heap[0][0] > time.monotonic()):
                    self._changed.wait(self._heap[0][0] - time.monotonic() if self._heap else None)
                if self._closed:
                    return
                post = heapq.heappop(self._heap)[2]
                self._busy += 1
            try:
                status = self.post_now(post)
                failed = status is None or not 200 <= status < 300
                if failed and post.attempt <= len(self.retry_delays) and post.alive():
                    self.post_soon(replace(post, attempt=post.attempt + 1), self.retry_delays[post.attempt - 1])
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _note(self, post: Post, outcome: str, status: int | None = None, error: str | None = None) -> None:
        row = {**post.about, "url": post.url, "attempt": post.attempt}
        self.log.append({**row, "outcome": outcome, "status": status, "error": error})
        if len(self.log) > _LOG_ROWS:
            del self.log[: _LOG_ROWS // 10]


def request(
    method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = POST_SECONDS
) -> tuple[int | None, str | None]:
    """The status, or None and the reason when nobody answered. Redirects are not followed: a 3xx is a failure."""
    status, _, _, error = exchange(method, url, body, headers, seconds)
    return status, error


def exchange(
    method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = POST_SECONDS
) -> tuple[int | None, dict[str, str], bytes, str | None]:
    """Status, headers (lower case), body and error of one request: for handshakes, whose answer matters."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body or None, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as problem:
        return None, {}, b"", f"{type(problem).__name__}: {problem}"
    else:
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content, None
    finally:
        connection.close()
