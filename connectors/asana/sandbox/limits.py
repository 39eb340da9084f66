"""Keys, and how often and how many at once they may be used."""

from collections import Counter
from collections.abc import Mapping

from connectors.asana.sandbox.hooks import Hooks
from connectors.asana.sandbox.http import ApiError, refusal
from hub.sandbox import Answer, Call, control
from hub.sandbox.faults import Meter

A_MINUTE = {False: 150, True: 1500}
"""Calls a minute of one token: on the free plan, and on a paid one."""
AT_ONCE = {"read": 50, "write": 15}
BUSY = "You have made too many requests recently. Please, be chill."
MESSAGES: Mapping[str, str] = {
    "429": BUSY,
    "500": "Sorry, we've made a mistake! Server Error",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}


class Limits(Hooks):
    """Refuses what a token may not."""

    def __init__(self) -> None:
        super().__init__()
        self.meters: dict[str, Meter] = {}
        self.in_flight: Counter[tuple[str, str]] = Counter()
        self.most_at_once = {"read": 0, "write": 0}

    def error(self, kind: str) -> Answer:
        """A failure, as Asana tells it."""
        headers = {"Retry-After": "1"} if kind == "429" else {}
        return refusal(int(kind), MESSAGES.get(kind, "Server Error"), headers)

    def refuse(self, call: Call) -> Answer | None:
        """401 without a living token; 429 over the minute's calls or over the calls in flight."""
        with self.lock:
            sort, token = _sort(call), self.token_of(call.headers)
            # Counted before anything is refused, because `decorate` counts every answer back.
            self.in_flight[token, sort] += 1
            try:
                self.user_of(call.headers)
            except ApiError as error:
                return error.answer
            if not self.meters[token].allow():
                wait = max(1, int(self.meters[token].resets_in()) + 1)
                return refusal(429, BUSY, {"Retry-After": str(wait)})
            if self.in_flight[token, sort] > AT_ONCE[sort]:
                return refusal(429, BUSY, {"Retry-After": "1"})
            self.most_at_once[sort] = max(self.most_at_once[sort], self.in_flight[token, sort])
        return None

    def decorate(self, call: Call, answer: Answer) -> Answer:
        """The call is answered, and no longer in flight."""
        with self.lock:
            self.in_flight[self.token_of(call.headers), _sort(call)] -= 1
        return answer

    @control
    def limit(self, calls: int | None = None, seconds: float = 60.0, token: str | None = None) -> None:
        """Let a token (None: each one) make so many calls in so many seconds; `calls` None: any number."""
        with self.lock:
            for name in self.meters if token is None else [token]:
                self.meters[name] = Meter(calls, seconds)

    def token_of(self, headers: Mapping[str, str]) -> str:
        """The token of a call, as it was sent."""
        return headers.get("authorization", "").removeprefix("Bearer ").strip()

    def user_of(self, headers: Mapping[str, str]) -> str:
        """Who asks, or 401."""
        known = self.world.tokens.get(self.token_of(headers))
        if known is None:
            raise ApiError(401, "Not Authorized")
        if known.ends_at is not None and self.now() >= known.ends_at:
            raise ApiError(
                401, "The bearer token has expired. If you have a refresh token, please use it to get a new one."
            )
        return known.user


def _sort(call: Call) -> str:
    return "read" if call.method == "GET" else "write"
