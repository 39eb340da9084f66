"""Making calls fail on demand, counting them, limiting them.

A fault matches calls by method and by a pattern over the path ("/1/cards/*"), and strikes `times` times, or every n-th
matching call, or with a probability (seeded, so that a run can be repeated), or always.

| kind | what the caller sees |
|---|---|
| 429, 500, 502, 503, 504, 529 | that status; the call was not done; 502 comes with a page of HTML |
| 500_after_commit, 503_after_commit | that status, although the call was done |
| timeout_before, timeout_after_commit | silence for `seconds`, then a hung-up connection |
| reset_before, reset_after_commit | a connection reset |
| truncated | half of the answer, then a hung-up connection |
| html | status 200 with a page of HTML instead of the answer |
"""

import itertools
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

STATUSES = frozenset({"429", "500", "502", "503", "504", "529"})
DONE_FIRST = frozenset(
    {"500_after_commit", "503_after_commit", "timeout_after_commit", "reset_after_commit", "truncated", "html"}
)
KINDS = STATUSES | DONE_FIRST | {"timeout_before", "reset_before"}
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_LOG_ROWS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, whole. Header names are lower case; `at` is `time.monotonic()` when it had arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """One rule of failing."""

    id: int
    method: str
    path: str
    kind: str
    times: int | None = None
    every_nth: int | None = None
    probability: float | None = None
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    struck: int = 0
    seen: int = 0
    dice: random.Random = field(default_factory=random.Random)

    def strikes(self) -> bool:
        """Count a matching call and say whether it fails."""
        self.seen += 1
        if self.times is not None and self.struck >= self.times:
            return False
        if self.every_nth is not None and self.seen % self.every_nth:
            return False
        if self.probability is not None and self.dice.random() >= self.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(
        self,
        method: str,
        path: str,
        kind: str,
        *,
        times: int | None = None,
        every_nth: int | None = None,
        probability: float | None = None,
        seed: int = 0,
        seconds: float = 0.0,
        headers: dict[str, str] | None = None,
    ) -> int:
        """Add a rule and return its number. `method` "*" is any; `headers` come with an answer of a status kind."""
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}. Known: {', '.join(sorted(KINDS))}.")
        rule = Fault(next(self._ids), method.upper(), path, kind, times, every_nth, probability, seconds, headers or {})
        rule.dice = random.Random(seed)
        self._rules.append(rule)
        return rule.id

    def clear(self) -> None:
        """Take all rules out of force."""
        self._rules = []

    def strike(self, method: str, path: str) -> Fault | None:
        """The rule that this call falls to, if any."""
        for rule in self._rules:
            if rule.method in ("*", method) and fnmatchcase(path, rule.path) and rule.strikes():
                return rule
        return None


class CallLog:
    """What was asked of the sandbox: every request, and counts by (method, path)."""

    def __init__(self) -> None:
        self.rows: deque[dict[str, Any]] = deque(maxlen=_LOG_ROWS)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0

    def note(self, call: Call, status: int | None, fault: str | None) -> None:
        """Keep one request, without its headers: they hold the key. `status` None: no answer was given."""
        row = {"method": call.method, "path": call.path, "query": call.query, "body": call.body}
        self.rows.append({**row, "at": call.at, "status": status, "fault": fault})
        self.counts[call.method, call.path] += 1

    def busiest(self, seconds: float, *, answered: int | None = None) -> int:
        """The most calls in any window of so many seconds; with `answered`, only those of that status."""
        times = sorted(row["at"] for row in self.rows if answered is None or row["status"] == answered)
        most, start = 0, 0
        for end, at in enumerate(times):
            while times[start] <= at - seconds:
                start += 1
            most = max(most, end - start + 1)
        return most

    def reset(self) -> None:
        """Forget everything."""
        self.rows.clear()
        self.counts.clear()
        self.most_in_flight = self.in_flight


class Meter:
    """At most `calls` requests in any window of `seconds`, by the machine's clock; None is no limit."""

    def __init__(self, calls: int | None, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self._recent: deque[float] = deque()

    def allow(self) -> bool:
        """Count a request; False when it is one too many."""
        return self.remaining(spend=True) >= 0

    def remaining(self, *, spend: bool = False) -> int:
        """How many requests this window still has; -1 when the one that would be spent is too many."""
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - self.seconds:
            self._recent.popleft()
        if self.calls is None:
            return 1_000_000
        if spend:
            if len(self._recent) >= self.calls:
                return -1
            self._recent.append(now)
        return self.calls - len(self._recent)

    def resets_in(self) -> float:
        """Seconds until the oldest request of this window is forgotten."""
        return max(0.0, self._recent[0] + self.seconds - time.monotonic()) if self._recent else 0.0
