"""What every part of the suite stands on: the connector, its case, and a live connector that never waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, TypeVar

import pytest
import tenacity

from connectors import registry
from hub.conformance.case import Case, case_of
from hub.conformance.concerns import Trait, concerns, declared
from hub.conformance.stage import Stage, staged
from hub.core.errors import HubError
from hub.core.protocol import Connector, ConnectorSpec, Context, Webhook
from hub.core.types import Reply, WebhookRequest

CapabilityT = TypeVar("CapabilityT")


def must(true: object, promise: str) -> None:
    """AssertionError with the promise that was not kept."""
    if not true:
        raise AssertionError(promise)


def has(capability: CapabilityT | None, name: str) -> CapabilityT:
    """The capability. AssertionError when it is not there, although the spec or the case says so."""
    if capability is None:
        raise AssertionError(f"It has no {name}, although the case (or the spec) says so.")
    return capability


@dataclass
class Limits:
    """Limiters that count instead of waiting."""

    asked: list[tuple[str, int, float]] = field(default_factory=list)
    held: list[float] = field(default_factory=list)

    def __call__(self, name: str, calls: int, seconds: float) -> Limits:
        self.asked.append((name, calls, seconds))
        return self

    def acquire(self) -> None:
        """Go."""

    def hold(self, seconds: float) -> None:
        """Write down how long nobody should call."""
        self.held.append(seconds)


@dataclass
class Plays:
    """A connector and its provider in small: `open()` connects with the good key, or with another."""

    spec: ConnectorSpec[Any]
    case: Case
    stage: Stage
    limits: Limits = field(default_factory=Limits)

    @contextmanager
    def open(self, key: str | None = None) -> Iterator[Connector]:
        """A live connector."""
        settings = self.spec.settings.model_validate(self.case.settings(self.case.key if key is None else key))
        follow = None if self.case.follow is None else tuple(self.case.follow)
        context = Context(limiter=self.limits, now=lambda: datetime.now(UTC), follow=follow)
        with self.spec.connect(settings, context) as live:
            yield live

    def shows_no_key(self, text: str) -> None:
        """AssertionError when one of the keys stands in what a person reads."""
        for key in (self.case.key, self.case.wrong_key):
            must(key not in text, f"A message shows the key: {text.replace(key, '(the key)')}")


class Suite:
    """The fixtures. `connectors`: the names, as the registry knows them."""

    connectors: ClassVar[Sequence[str]] = ()
    traits: ClassVar[Mapping[str, frozenset[Trait]]] = {}
    """Each of the connectors, and what its spec and its case declare."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Take the promises that concern none of the connectors out of the class: an empty parametrize is a skip."""
        super().__init_subclass__(**options)
        specs = {name: registry.load(name) for name in cls.connectors}
        cls.traits = {name: declared(spec, case_of(spec)) for name, spec in specs.items()}
        promises: dict[str, object] = {}
        for each in reversed(cls.__mro__):
            promises |= {name: made for name, made in vars(each).items() if name.startswith("test_") and made}
        for name, promise in promises.items() if cls.connectors else ():
            setattr(cls, name, promise if cls.concerned(promise) else None)

    @classmethod
    def concerned(cls, promise: object) -> list[str]:
        """The connectors that a promise concerns."""
        return [name for name, traits in cls.traits.items() if concerns(promise, traits)]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each promise once for each connector that it concerns."""
        if not self.connectors:
            raise ValueError(f"{type(self).__name__} names no connectors, so nothing would be tested.")
        if "connector" in metafunc.fixturenames:
            metafunc.parametrize("connector", self.concerned(metafunc.function))

    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The pauses between attempts are not what is proven here."""
        make = tenacity.BaseRetrying.__init__

        def made(retrying: tenacity.BaseRetrying, **how: Any) -> None:
            make(retrying, **{**how, "sleep": lambda _: None})

        monkeypatch.setattr(tenacity.BaseRetrying, "__init__", made)

    @pytest.fixture
    def spec(self, connector: str) -> ConnectorSpec[Any]:
        """The connector at rest."""
        return registry.load(connector)

    @pytest.fixture(scope="session")
    @classmethod
    def stage(cls) -> Iterator[Stage]:
        """The socket that the sandboxes are served on, one after the other."""
        with staged() as stage:
            yield stage

    @pytest.fixture
    def plays(self, spec: ConnectorSpec[Any], stage: Stage) -> Iterator[Plays]:
        """The connector with a new sandbox that is served."""
        case = case_of(spec)
        with case.running(stage.show):
            yield Plays(spec, case, stage)

    @pytest.fixture
    def live(self, plays: Plays) -> Iterator[Connector]:
        """The live connector, with the good key."""
        with plays.open() as live:
            yield live


@contextmanager
def only_hub_errors(doing: str) -> Iterator[list[HubError]]:
    """What is raised inside must be a HubError: the caller finds it in the list."""
    caught: list[HubError] = []
    try:
        yield caught
    except HubError as error:
        caught.append(error)
    except AssertionError:
        raise
    except Exception as error:  # the promise is about every other class
        raise AssertionError(f"{type(error).__name__} crossed the connector's edge while {doing}: {error}") from error


@dataclass
class Receiver:
    """What a hub is to a provider: answers handshakes, keeps deliveries."""

    url: str
    got: list[WebhookRequest] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def at(self, path: str) -> str:
        """An address of the receiver."""
        return f"{self.url}/{path}"


@contextmanager
def receiving(webhook: Webhook) -> Iterator[Receiver]:
    """A receiver on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            url = f"{receiver.url}{self.path}"
            request = WebhookRequest(url=url, headers=headers, body=body, secrets=(), now=datetime.now(UTC))
            reply = None if self.command == "HEAD" else webhook.handshake(request)
            if reply is None:
                reply = Reply()
                if self.command == "POST":
                    receiver.got.append(request)
            if reply.remember:
                receiver.secrets.append(reply.remember)
            self.send_response(reply.status)
            for name, value in {**reply.headers, "content-length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_POST = do_HEAD = do_GET = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
