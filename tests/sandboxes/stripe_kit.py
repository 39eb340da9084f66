"""What the tests of the Stripe sandbox share: a served sandbox with the official client, and a webhook receiver."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from connectors.stripe.sandbox import Sandbox, create_app
from connectors.stripe.sandbox.control import Control
from tests.sandboxes.serve import serve

KEY = "sk_test_sandbox"


@dataclass
class World:
    """A served sandbox: its address, its controls, and official clients of it."""

    url: str
    sandbox: Sandbox
    _clients: list[stripe.HTTPClient] = field(default_factory=list)

    @property
    def shop(self) -> Control:
        return self.sandbox.account()

    @property
    def client(self) -> stripe.StripeClient:
        return self.client_of(KEY)

    def client_of(self, key: str, **options: Any) -> stripe.StripeClient:
        """An official client with this key. Options go to StripeClient."""
        transport = stripe.RequestsClient(timeout=options.pop("timeout", 10))
        self._clients.append(transport)
        return stripe.StripeClient(key, base_addresses={"api": self.url}, http_client=transport, **options)

    def call(
        self, method: str, path: str, body: str | None = None, *, key: str = KEY, **headers: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """One raw request: (status, JSON body, headers in lower case). Header names are given with underscores."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            shown = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, json.loads(answer.read()), shown
        finally:
            connection.close()

    def get(self, path: str) -> dict[str, Any]:
        """The JSON of a GET that must succeed."""
        status, body, _ = self.call("GET", path)
        assert status == 200, body
        return body

    def control(self, name: str, **arguments: Any) -> Any:
        """A control, called over HTTP."""
        status, body, _ = self.call("POST", f"/_sandbox/{name}", json.dumps(arguments), Content_Type="application/json")
        assert status == 200, body
        return body["result"]

    def fresh(self) -> "World":
        """The same server with nothing in it."""
        self.sandbox.reset()
        return self

    def close(self) -> None:
        """Close the connections of the clients."""
        for transport in self._clients:
            transport.close()  # type: ignore[no-untyped-call]


@contextmanager
def served() -> Iterator[World]:
    """Serve a sandbox for a module's tests."""
    app = create_app()
    with serve(app) as url:
        world = World(url, app.state.sandbox)
        try:
            yield world
        finally:
            world.close()


@dataclass
class Receiver:
    """A webhook receiver: every request it got, and the statuses it is to answer with (200 when they run out)."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        """The bodies received, in the order of arrival."""
        return [json.loads(body) for _, body in self.got]

    def types(self) -> list[str]:
        """The types received, in the order of arrival."""
        return [event["type"] for event in self.events()]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a webhook receiver on a free port of 127.0.0.1."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers.items()), body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/stripe?x=1"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
