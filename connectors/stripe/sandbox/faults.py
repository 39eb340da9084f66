"""Making calls fail on demand, and counting them.

A fault matches calls by method and by a pattern over the path ("/v1/invoices/*"), and strikes `times` times, or every
n-th matching call, or with a probability (seeded, so that a run can be repeated).
"""

import itertools
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from connectors.stripe.sandbox.params import ApiError, Json

KINDS = frozenset(
    {"409", "429", "500", "502", "503", "timeout_before", "timeout_after_commit", "reset", "reset_after_commit"}
    | {"truncated_json"}
)
_LOG_ROWS = 200_000
_TYPES = {"409": "invalid_request_error", "429": "invalid_request_error"}
_CODES = {"409": "idempotency_key_in_use", "429": "rate_limit"}
_TEXTS = {
    "409": "Another request with the same Idempotency-Key is still running. Try again when it has ended.",
    "429": "Too many requests were made in too short a time.",
    "500": "An unknown error occurred on our side.",
    "503": "The service is not available for the moment.",
}


@dataclass(slots=True)
class Fault:
    """One rule of failing. `seconds` is how long a time-out keeps silent before it hangs up."""

    id: int
    method: str
    path: str
    kind: str
    times: int | None = None
    every_nth: int | None = None
    probability: float | None = None
    seconds: float = 0.0
    account: str | None = None
    reason: str = "global-rate"
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

    def error(self) -> ApiError:
        """The answer of a fault that answers with Stripe's JSON error."""
        kind = _TYPES.get(self.kind, "api_error")
        headers = {"Stripe-Rate-Limited-Reason": self.reason} if self.kind == "429" else {}
        return ApiError(int(self.kind), _TEXTS[self.kind], kind=kind, code=_CODES.get(self.kind), headers=headers)


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(
        self,
        method: str,
        path_pattern: str,
        kind: str,
        *,
        times: int | None = None,
        every_nth: int | None = None,
        probability: float | None = None,
        seed: int = 0,
        seconds: float = 0.0,
        account: str | None = None,
        reason: str = "global-rate",
    ) -> int:
        """Add a rule and return its number. `method` "*" is any. Without times, every_nth and probability: always."""
        if kind not in KINDS:
            raise ValueError(f"Unknown fault '{kind}'. Known: {', '.join(sorted(KINDS))}.")
        rule = Fault(
            next(self._ids), method.upper(), path_pattern, kind, times, every_nth, probability, seconds, account, reason
        )
        rule.dice = random.Random(seed)
        self._rules.append(rule)
        return rule.id

    def remove(self, fault_id: int) -> None:
        """Take a rule out of force."""
        self._rules = [rule for rule in self._rules if rule.id != fault_id]

    def clear(self) -> None:
        """Take all rules out of force."""
        self._rules = []

    def rules(self) -> list[Json]:
        """The rules in force, with how often each saw a call and struck."""
        names = ("id", "method", "path", "kind", "times", "every_nth", "probability", "seconds", "account")
        return [{name: getattr(rule, name) for name in (*names, "seen", "struck")} for rule in self._rules]

    def strike(self, method: str, path: str, account: str) -> Fault | None:
        """The rule that this call falls to, if any."""
        for rule in self._rules:
            if (
                rule.method in ("*", method)
                and fnmatchcase(path, rule.path)
                and rule.account in (None, account)
                and rule.strikes()
            ):
                return rule
        return None


class CallLog:
    """What was asked of the sandbox: every request, and counts by method and route template."""

    def __init__(self) -> None:
        self.rows: deque[Json] = deque(maxlen=_LOG_ROWS)
        self.counts: Counter[tuple[str, str]] = Counter()

    def note(self, row: Json, template: str) -> None:
        """Keep one request."""
        self.rows.append(row)
        self.counts[row["method"], template] += 1

    def reset(self) -> None:
        """Forget everything."""
        self.rows.clear()
        self.counts.clear()
