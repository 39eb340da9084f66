"""How the suite plays with one provider in small. Imports no pytest: a benchmark plays with it too."""
# ruff: noqa: ARG002, B027 - these are hooks: a case overrides those that its provider needs

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, ClassVar, Literal, TypeAlias

from hub.core.charts import Chart, Way
from hub.core.protocol import ConnectorSpec
from hub.core.types import Collection, Letter, Ref, Reply, Value, WebhookRequest
from hub.sandbox import Sandbox

Serve: TypeAlias = Callable[[Any], AbstractContextManager[str]]
"""Serves an ASGI app on a real socket and yields its address."""

FAULTS = ("429", "500", "502", "503", "504", "timeout_before", "reset_before", "truncated", "html")
"""The ways of `hub.sandbox.faults` in which a read can fail."""

Capability: TypeAlias = Literal[
    "source", "destination", "charts", "subscriptions", "directory", "templates", "bookings", "messenger", "bell"
]
"""A field of `Connector`."""
Deed: TypeAlias = Literal["delete", "disable", "lose"]
"""A hook of `Case` that somebody or something does at most providers."""


def _unplayed(hook: str) -> NotImplementedError:
    """Only a connector that can do it needs the hook; which one lacks it, the traceback shows."""
    return NotImplementedError(
        f"This case lacks {hook}(). Play it on the sandbox, or declare that the connector cannot do it "
        "(capabilities, never): docs/connectors.md."
    )


class Case(ABC):
    """One provider in small, new for every test.

    From what stands here at rest the suite knows which promises concern the connector; one test compares all of it with
    what is there, both ways. The methods below `running` act on the sandbox directly, never through the connector;
    `handshake` and `signed` need no sandbox.
    """

    key: ClassVar[str]
    """The key that the sandbox takes: no message may ever show it."""
    wrong_key: ClassVar[str]
    """A key of the right form that the sandbox refuses; no message may show it either."""
    remedy: ClassVar[str]
    """A regular expression for what the message about a refused key tells the person to look at."""
    capabilities: ClassVar[Sequence[Capability]] = ()
    """What the live connector has."""
    over_http: ClassVar[bool] = True
    """False where the connector speaks no HTTP: its own tests prove what is lost when calls fail."""
    never: ClassVar[Sequence[Deed]] = ()
    """What nobody can do at this provider; the hook of that name stays as it is here."""
    unfilled: ClassVar[Sequence[str]] = ()
    """The streams whose records no read lists, or nobody can make in the sandbox."""
    page_size: ClassVar[int] = 100
    """Records of one page: the suite reads two pages and one record."""
    paged: ClassVar[Sequence[str]] = ()
    """Streams that are read in pages, of those where so many records can be made in a moment."""
    row_stream: ClassVar[str] = ""
    """The stream in which the rows of `collection` are read, where the connector has source and destination."""
    made_columns: ClassVar[Sequence[str]] = ()
    """The columns of `collection` that are no fields of the provider's own rows."""
    extra_files: ClassVar[Sequence[str]] = ()
    """Modules of the folder that not every connector has."""
    extra_fixtures: ClassVar[Sequence[str]] = ()
    """Fixtures (without .json) beside those of the followed event types."""
    follow: Sequence[str] | None = None
    """Ids of what is followed (`Context.follow`); None: all."""
    webhook_secret: ClassVar[str] = "a-secret-of-the-suite"  # noqa: S105  it is no secret
    other_secret: ClassVar[str] = "another-secret"  # noqa: S105
    """A secret of the same form that signs nothing here."""
    signs_body: ClassVar[bool] = True
    """False where what proves a delivery is not made of its bytes."""
    signed_for: ClassVar[float | None] = None
    """Seconds after which a signature is too old; None where none is said in it."""
    ways: ClassVar[Sequence[Way]] = ()
    """The ways in which charts can be shown there, the best one first."""
    url: str = ""
    """Where the sandbox is served."""

    @abstractmethod
    def app(self) -> Any:
        """A new sandbox: the ASGI app that is served while the case runs."""

    @abstractmethod
    def settings(self, key: str) -> Mapping[str, Any]:
        """The connector's settings for this key and `url`."""

    @contextmanager
    def running(self, serve: Serve) -> Iterator[None]:
        """The sandbox served at `url`, with what is always there (a project, a shared page) put into it."""
        with serve(self.app()) as self.url:
            self.prepare()
            yield

    def prepare(self) -> None:
        """Called once the sandbox is served: put into it what is always there, set `follow`."""

    # What breaks

    @abstractmethod
    def fail(
        self, kind: str, *, times: int | None = None, writes_only: bool = False, wait: float | None = None
    ) -> None:
        """Have the next `times` calls (None: all) fail with a kind of `hub.sandbox.faults`, a time-out at once.

        `writes_only`: calls that create or change. `wait`: seconds that a 429 asks for, in the provider's own header,
        or in Retry-After where it has none (RFC 6585; a proxy before the provider may answer so).
        """

    @abstractmethod
    def heal(self) -> None:
        """No call fails any more."""

    @abstractmethod
    def calls(self) -> Sequence[tuple[str, str]]:
        """Every call so far, oldest first: method and path."""

    def limit(self, calls: int, seconds: float) -> None:
        """From now on the provider refuses more than `calls` in any window of `seconds`. For `make bench`."""
        raise _unplayed("limit")

    # What is there, and what changes

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Make `count` records, of one instant where possible; the keys of all records that the stream then has.

        None where this stream cannot be filled (`unfilled`).
        """
        return None

    def change(self, stream: str, key: str) -> bool:
        """A person changes this record at the provider; False where records of this stream do not change."""
        return False

    def delete(self, stream: str, key: str) -> bool:
        """A person deletes this record at the provider; False where this stream's cannot be deleted."""
        return False

    # What is heard

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """A delivery with this body as the provider would sign it at that instant, `secrets` and `now` set."""
        raise _unplayed("signed")

    def wire(self, fixture: bytes, event_type: str) -> bytes:
        """The body as the provider posts it, from the fixture of that event type."""
        return fixture

    def unsigned(self, request: WebhookRequest) -> WebhookRequest:
        """The same delivery without its signature."""
        return WebhookRequest(url=request.url, headers={}, body=request.body, secrets=request.secrets, now=request.now)

    def unknown(self, fixture: bytes, event_type: str) -> bytes:
        """The body of a delivery made from that fixture, of a type that nobody has heard of."""
        return fixture.replace(event_type.encode(), b"zebra.striped")

    def handshake(self) -> tuple[WebhookRequest, Reply] | None:
        """What the provider asks at a registration, and what it expects; None where it asks nothing."""
        return None

    def disable(self, ref: str) -> None:
        """The provider stops to call that subscription."""
        raise _unplayed("disable")

    def deliver(self) -> None:
        """Have everything that waits to be delivered delivered, and wait until it is."""

    # What is written

    def collection(self) -> Collection:
        """A collection that can be written (it exists, or `prepare` makes it)."""
        raise _unplayed("collection")

    def values(self, number: int) -> Mapping[str, Value]:
        """The values of row `number` in that collection, in the form in which they read back."""
        raise _unplayed("values")

    def lose(self, ref: str) -> None:
        """A person deletes the row, or the chart, of that ref for good."""
        raise _unplayed("lose")

    def chart_page(self) -> Ref:
        """A page on which charts can be shown; none stands there."""
        raise _unplayed("chart_page")

    def chart(self, table: Ref, number: int) -> Chart:
        """Chart `number` of the rows of `collection`, with all that `ways` need; no two look the same in any way."""
        raise _unplayed("chart")

    def refuse(self, ways: Sequence[Way]) -> None:
        """From now on the provider takes charts in the other ways only."""
        raise _unplayed("refuse")

    def charts_shown(self) -> Sequence[str]:
        """The titles of the charts that stand on the page, in their order, whoever made them."""
        raise _unplayed("charts_shown")

    def chart_of_a_person(self, title: str) -> None:
        """A person writes at the end of the page what looks like a chart of that title."""
        raise _unplayed("chart_of_a_person")

    def letter(self, number: int) -> Letter:
        """A letter that the messenger can send."""
        raise _unplayed("letter")

    def sent(self) -> Sequence[str]:
        """The Message-IDs that arrived, oldest first."""
        return ()


class KitCase(Case):
    """The case of a sandbox made with `hub.sandbox`: what breaks, what was called and what is posted are its own."""

    sandbox: Sandbox
    wait_header: ClassVar[str] = "retry-after"
    """The header in which a 429 says how many seconds to wait."""
    writing: ClassVar[Sequence[str]] = ("POST", "PUT", "PATCH")
    """The methods that create or change."""

    @abstractmethod
    def new(self) -> Any:
        """The app: `hub.sandbox.made(…)`."""

    def app(self) -> Any:
        """A new sandbox."""
        app = self.new()
        self.sandbox = app.state.sandbox
        return app

    def fail(
        self, kind: str, *, times: int | None = None, writes_only: bool = False, wait: float | None = None
    ) -> None:
        """Add faults to the sandbox; a fault for writes is one for each method that writes."""
        headers = {self.wait_header: f"{wait:.0f}"} if wait is not None else {}
        for method in self.writing if writes_only else ("*",):
            self.sandbox.faults.add(method, "*", kind, times=times, headers=headers)

    def heal(self) -> None:
        """Take every fault out of force."""
        self.sandbox.faults.clear()

    def calls(self) -> Sequence[tuple[str, str]]:
        """The sandbox's own log."""
        return [(row["method"], row["path"]) for row in self.sandbox.calls.rows]

    def deliver(self) -> None:
        """Wait until the outbox is empty."""
        self.sandbox.outbox.wait(10.0)


def package_of(spec: ConnectorSpec[Any]) -> str:
    """The connector's package: the folder in which its settings stand."""
    return spec.settings.__module__.rpartition(".")[0]


def folder_of(spec: ConnectorSpec[Any]) -> Traversable:
    """The connector's folder."""
    return files(package_of(spec))


def case_of(spec: ConnectorSpec[Any]) -> Case:
    """A new case of that connector: `case()` in the module `case` of its sandbox."""
    made: Case = importlib.import_module(f"{package_of(spec)}.sandbox.case").case()
    return made
