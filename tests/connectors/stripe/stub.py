"""A server that answers what the test wrote down, for answers that no healthy Stripe would give."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from connectors.stripe.client import Client
from connectors.stripe.settings import StripeSettings

KEY = "rk_test_51LilaSecretKeyOfTheTests"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass
class Seen:
    """One request as it arrived."""

    call: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: dict[str, list[str]]
    port: int


@dataclass
class Stub:
    """An ASGI app: each call gets the next of its answers, the last one for good; others get Stripe's 404."""

    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, call: str, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[call].append((status, dict(headers or {}), raw))

    def calls(self) -> list[str]:
        return [each.call for each in self.seen]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        call = f"{scope['method']} {scope['path']}"
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(
            Seen(call, parse_qs(scope["query_string"].decode()), headers, parse_qs(body.decode()), scope["client"][1])
        )
        waiting = self.answers.get(call) or [(404, {}, json.dumps(error("resource_missing", "No such thing")).encode())]
        status, extra, raw = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        sent = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        sent += [(name.lower().encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": raw})


class Limiter:
    """Counts; never waits."""

    def __init__(self) -> None:
        self.acquired = 0
        self.held: list[float] = []

    def acquire(self) -> None:
        self.acquired += 1

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


@dataclass
class Wired:
    """A client that talks to the stub. `slept` holds the seconds that it would have waited."""

    stub: Stub
    client: Client
    limiter: Limiter
    slept: list[float]


@contextmanager
def wired(stub: Stub, url: str) -> Iterator[Wired]:
    limiter, slept = Limiter(), list[float]()
    settings = StripeSettings.model_validate({"api_key": KEY, "base_url": url})
    client = Client(settings, limiter, connections=4, sleep=slept.append)
    try:
        yield Wired(stub, client, limiter, slept)
    finally:
        client.close()


def error(code: str | None, message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    inner = {"type": kind, "message": message}
    if code:
        inner["code"] = code
    return {"error": inner}


def listed(*objects: Any, more: bool = False) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/things", "has_more": more, "data": list(objects)}
