"""What the Notion tests share: a limiter that never waits, a client on a real socket, a scripted server."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from connectors.notion.client import NotionClient
from connectors.notion.settings import NotionSettings
from hub.core.protocol import Context

KEY = "ntn_test_key_that_nobody_may_see"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass
class Limits:
    """A limiter that counts instead of waiting."""

    asked: list[tuple[str, int, float]] = field(default_factory=list)
    acquired: int = 0
    held: list[float] = field(default_factory=list)

    def __call__(self, name: str, calls: int, seconds: float) -> "Limits":
        self.asked.append((name, calls, seconds))
        return self

    def acquire(self) -> None:
        self.acquired += 1

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)

    @property
    def context(self) -> Context:
        return Context(limiter=self, now=lambda: NOW)


@contextmanager
def client_of(
    url: str, limits: Limits | None = None, key: str = KEY, timeout: float = 20, naps: list[float] | None = None
) -> Iterator[NotionClient]:
    """A client of `url` that writes its naps down instead of sleeping."""
    settings = NotionSettings(api_key=SecretStr(key), base_url=url)
    context = (limits or Limits()).context
    naps = [] if naps is None else naps
    with NotionClient(settings, context, timeout=timeout, sleep=naps.append) as client:
        yield client


@dataclass(frozen=True)
class Answer:
    """`body` None: close the connection without a word. `short`: announce more bytes than are sent."""

    status: int = 200
    body: bytes | None = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    short: bool = False


@contextmanager
def scripted(answers: Sequence[Answer]) -> Iterator[tuple[str, list[str]]]:
    """Answers each request with the next of `answers`, the last one for ever; yields its URL and what it was asked."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: in two, the kernel would wait 40 ms for the client to confirm the first

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            seen.append(f"{self.command} {self.path}")
            now = answers[min(len(seen), len(answers)) - 1]
            self.close_connection = now.body is None or now.short
            if now.body is None:
                return
            self.send_response(now.status)
            self.send_header("content-length", str(len(now.body) + (10 if now.short else 0)))
            for name, value in now.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(now.body)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
