"""What the sandbox counts: calls, their log, and the sliding window of each connection's rate limit."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from connectors.notion.sandbox.errors import Json, NotionError
from connectors.notion.sandbox.faults import rate_limited

_KEPT = 50_000


@dataclass(kw_only=True)
class Seen:
    """One call as it arrived: `body` parsed ({} for none, None for what is no JSON), `size` in bytes.

    `status` is None until the call is answered, and stays so when it never is.
    """

    at: datetime
    method: str
    path: str
    route: str
    query: dict[str, list[str]]
    body: Any
    size: int = 0
    workspace: str | None = None
    status: int | None = None
    fault: str | None = None
    request_id: str = ""

    def as_json(self) -> Json:
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass
class _Window:
    """Arrivals of one connection inside the window, and those of them that were let through."""

    arrived: deque[float] = field(default_factory=deque)
    admitted: deque[float] = field(default_factory=deque)


class Meter:
    """`limit` calls per sliding `seconds` and connection; None: no limit. The clock is the sandbox's own."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.seconds = 60.0
        self.reset()

    def reset(self) -> None:
        """Forget all counts, the log and the windows."""
        self.requests: deque[Seen] = deque(maxlen=_KEPT)
        self.calls: Counter[tuple[str, str]] = Counter()
        self.rate_limited = 0
        self.highest_window = 0
        self._windows: dict[str, _Window] = {}

    def log(self, seen: Seen) -> None:
        self.requests.append(seen)
        self.calls[seen.method, seen.route] += 1

    def admit(self, connection: str, at: datetime) -> NotionError | None:
        """Count an arrival; the 429 to answer when the window is full. Refused calls do not fill it further."""
        now = at.timestamp()
        window = self._windows.setdefault(connection, _Window())
        for times in (window.arrived, window.admitted):
            while times and times[0] <= now - self.seconds:
                times.popleft()
        window.arrived.append(now)
        self.highest_window = max(self.highest_window, len(window.arrived))
        if self.limit is not None and len(window.admitted) >= self.limit:
            wait = window.admitted[len(window.admitted) - self.limit] + self.seconds - now
            return rate_limited(max(1, math.ceil(wait)))
        window.admitted.append(now)
        return None
