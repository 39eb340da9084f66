"""What the sandbox remembers, who may come in, and how often."""

import itertools
import json
import re
from datetime import datetime
from typing import Any

from connectors.trello.sandbox.calls import Refusal, text_answer, values_of
from hub.sandbox import Answer, Call, Sandbox, control
from hub.sandbox.faults import Meter

Json = dict[str, Any]

API_KEY = "0123456789abcdef0123456789abcdef"
API_SECRET = "5a" * 32
TOKEN = "ATTA" + "7e" * 32
OAUTH_TOKEN = "eyJ0cmVsbG8iOiJzYW5kYm94In0.c2FuZGJveA"
_PAIR = re.compile(r'(\w+)="([^"]*)"')
_WINDOWS = (("api-key", 10_000), ("api-token", 10_000), ("member", 10_000))


def stamp(moment: datetime) -> str:
    """An instant as Trello writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class State(Sandbox):
    """Everything in memory, by id."""

    def __init__(self) -> None:
        super().__init__()
        self._count = itertools.count(1)
        self.members: dict[str, Json] = {}
        self.workspaces: dict[str, Json] = {}
        self.boards: dict[str, Json] = {}
        self.lists: dict[str, Json] = {}
        self.cards: dict[str, Json] = {}
        self.labels: dict[str, Json] = {}
        self.checklists: dict[str, Json] = {}
        self.custom_fields: dict[str, Json] = {}
        self.actions: list[Json] = []
        self.webhooks_made: dict[str, Json] = {}
        self.tokens: dict[str, Json] = {}
        self.copying: dict[str, list[Json]] = {}
        self.webhook_key = True
        self.copy_batch = 5
        self.most_cards = 100_000
        self.has_custom_fields = True
        self.outbox.retry_delays = (0.2, 0.4, 0.8)  # three retries, as Trello makes, but sooner
        self.set_limits()

    def new_id(self) -> str:
        """24 hex digits that begin with the seconds of now, as MongoDB's."""
        return f"{int(self.now().timestamp()):08x}{'5afe5afe5a'}{next(self._count):06x}"

    @control
    def set_limits(
        self,
        *,
        token: int | None = 100,
        key: int | None = 300,
        member: int | None = 375,
        members: int | None = 100,
    ) -> None:
        """So many calls in 10 s (members: in 15 minutes); None is no limit. All windows begin anew."""
        self.limits = {"api-key": key, "api-token": token, "member": member}
        self.members_limit = members
        self._meters: dict[tuple[str, str], Meter] = {}

    # Who comes in

    def caller(self, call: Call) -> Json:
        """The token that a call bears; Refusal 401 for none or a wrong one."""
        given = values_of(call.query)
        header = call.headers.get("authorization", "")
        if header.startswith("Bearer "):
            token = self.tokens.get(header.removeprefix("Bearer "))
            if token is None or not token["bearer"]:
                raise Refusal(401, "invalid token")
            return self._living(token)
        if header.startswith("OAuth "):
            pairs = dict(_PAIR.findall(header))
            given = {"key": pairs.get("oauth_consumer_key", ""), "token": pairs.get("oauth_token", "")}
        if given.get("key") != API_KEY:
            raise Refusal(401, "invalid key")
        token = self.tokens.get(given.get("token", ""))
        if token is None or token["bearer"]:
            raise Refusal(401, "invalid token")
        return self._living(token)

    def _living(self, token: Json) -> Json:
        if token["dateExpires"] is not None and token["dateExpires"] <= stamp(self.now()):
            raise Refusal(401, "expired token")
        return token

    def refuse(self, call: Call) -> Answer | None:
        """401 without a key, 429 beyond a limit."""
        with self.lock:
            try:
                token = self.caller(call)
            except Refusal as refusal:
                return text_answer(refusal.status, refusal.text)
            return self._too_many(call, token)

    def _too_many(self, call: Call, token: Json) -> Answer | None:
        meters = self._windows(token)
        for window, error in (("api-key", "API_KEY_LIMIT_EXCEEDED"), ("api-token", "API_TOKEN_LIMIT_EXCEEDED")):
            if not meters[window].allow():
                return limited(error)
        if not meters["member"].allow():
            return limited("RATE_LIMIT_EXCEEDED")
        if (
            re.fullmatch(r"/1/members/[^/]+/?", call.path)
            and not self._meter("members", token["id"], self.members_limit, 900.0).allow()
        ):
            return limited("RATE_LIMIT_EXCEEDED")
        return None

    def _windows(self, token: Json) -> dict[str, Meter]:
        whose = {"api-key": API_KEY, "api-token": token["id"], "member": token["idMember"]}
        return {window: self._meter(window, who, self.limits[window], 10.0) for window, who in whose.items()}

    def _meter(self, window: str, who: str, calls: int | None, seconds: float) -> Meter:
        return self._meters.setdefault((window, who), Meter(calls, seconds))

    def decorate(self, call: Call, answer: Answer) -> Answer:
        """The x-rate-limit headers."""
        with self.lock:
            try:
                meters = self._windows(self.caller(call))
            except Refusal:
                return answer
            headers = {}
            for window, interval in _WINDOWS:
                name = f"x-rate-limit-{window}"
                headers[f"{name}-interval-ms"] = str(interval)
                headers[f"{name}-max"] = str(self.limits[window] or 1_000_000)
                headers[f"{name}-remaining"] = str(max(0, meters[window].remaining()))
        headers["x-rate-limit-db-query-time-interval-ms"] = "600000"
        headers["x-rate-limit-db-query-time-max"] = "7200000"
        headers["x-rate-limit-db-query-time-remaining"] = "7199990"
        return Answer(answer.status, answer.body, {**answer.headers, **headers})

    def error(self, kind: str) -> Answer:
        """Trello's own words for a call that fails."""
        if kind == "429":
            return limited("API_TOKEN_LIMIT_EXCEEDED")
        texts = {"500": "Internal Server Error", "503": "Service Unavailable", "504": "Gateway Timeout"}
        return text_answer(int(kind), texts.get(kind, "Error"))


def limited(error: str) -> Answer:
    """A 429: the one error that is JSON."""
    body = {"error": error, "message": "Rate limit exceeded"}
    return Answer(429, json.dumps(body).encode(), {"content-type": "application/json; charset=utf-8"})
