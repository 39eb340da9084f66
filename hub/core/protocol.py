"""What a connector is: small capabilities in a frozen bundle, not a base class.

A capability that a provider does not have is None. `ConnectorSpec` is the connector at rest: importable without any key
and without its SDK; `Connector` is the live one: keys read, sockets open, closed by the context manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hub.core.types import Collection, Cursor, Event, Page, Record, Ref, Reply, Row, Subscription, WebhookRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

SettingsT = TypeVar("SettingsT", bound="BaseModel")


class Source(Protocol):
    """Something that can be read."""

    def check(self) -> Sequence[str]:
        """What the key can see, a line each in words a person knows. ConfigError when it cannot."""

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every record of a stream from `cursor` on (None: from the start), to the end, or an error.

        A read that ends without an error is complete (R5). Each page's cursor is safe to store once its records are.
        """

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """That record as it is now, first, and the records that came in the same answer.

        A record that the provider no longer has comes back with `deleted=True`.
        """

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """What changed since the cursor, oldest first, the cheapest way the provider offers.

        cursor None: yields at once one empty batch with the cursor of now. TransientError when the provider is busy;
        `CursorExpired` when it no longer remembers that far: read everything again.
        """


class CursorExpired(Exception):
    """The provider no longer remembers what changed since that cursor."""


class Destination(Protocol):
    """Something that can be written. Every call may raise TransientError with `uncertain=True`."""

    def check(self) -> Sequence[str]:
        """What the key can see, a line each. ConfigError when it cannot."""

    def find(self, collection: Collection, inside: Ref | None) -> Ref | None:
        """The existing collection of that name (in `inside`, or in the shared page), or None. Reads only."""

    def problems(self, collection: Collection, ref: Ref) -> Sequence[str]:
        """What is missing or of the wrong type in an existing collection, a line each; () when it fits. Reads only."""

    def prepare(self, collection: Collection, ref: Ref | None, inside: Ref | None) -> Ref:
        """Make the collection if `ref` is None (looking first whether it is there), add what is missing.

        Never changes the type of an existing property: that is a ConfigError that names it.
        """

    def rows(self, collection: Collection, ref: Ref) -> Iterator[Row]:
        """Every row, complete, or an error (R5). Rows that are not ours come with key ""."""

    def create(self, collection: Collection, ref: Ref, rows: Sequence[Row], *, look_first: bool) -> Sequence[Row]:
        """Make these rows and return them with their refs, in order.

        `look_first`: an earlier attempt may have been committed; find by key what is there before creating it.
        A page collection takes many rows in one call; a table takes one row a call.
        """

    def update(self, collection: Collection, row: Row) -> None:
        """Set `row.values` (only those) on `row.ref`. Safe to repeat. RecordError when the row is gone."""

    def archive(self, collection: Collection, ref: Ref) -> None:
        """Put the row in the destination's trash. Twice is not an error."""


class Webhook(Protocol):
    """Pure functions over a delivery's bytes. No I/O."""

    def handshake(self, request: WebhookRequest) -> Reply | None:
        """The answer to a registration handshake, or None when this is an ordinary delivery."""

    def verify(self, request: WebhookRequest) -> None:
        """SignatureError unless one of `request.secrets` signed these bytes, recently enough."""

    def parse(self, body: bytes) -> tuple[str, Sequence[Event]]:
        """The delivery's own id (equal for repeats of one delivery) and its events. RecordError when unreadable."""


class Subscriptions(Protocol):
    """The provider's list of who it calls."""

    def ensure(self, url: str) -> Subscription:
        """The one living subscription for this URL, made if missing. Never doubles, never touches others'."""

    def list(self) -> Sequence[Subscription]:
        """All that this key can see."""

    def remove(self, ref: Ref) -> None:
        """Remove one. Twice is not an error."""


class Limiter(Protocol):
    """Keeps a provider's rate limit across every process of the hub."""

    def acquire(self) -> None:
        """Wait until one more call may be sent."""

    def hold(self, seconds: float) -> None:
        """The provider said: no call for so long. Every process obeys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a connector may use of the hub."""

    limiter: Callable[[str, int, float], Limiter]
    """(name, calls, seconds): at most `calls` in any window of `seconds`, shared by all processes of the hub."""
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A live connector."""

    name: str
    source: Source | None = None
    destination: Destination | None = None
    subscriptions: Subscriptions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec(Generic[SettingsT]):
    """A connector at rest."""

    name: str
    title: str
    settings: type[SettingsT]
    connect: Callable[[SettingsT, Context], AbstractContextManager[Connector]]
    streams: tuple[str, ...] = ()
    """Every stream that can be read, in the order in which a backfill reads them."""
    event_types: Mapping[str, str] = field(default_factory=dict)
    """Provider's event type -> the stream it speaks of."""
    webhook: Webhook | None = None
    concurrency: int = 1
    """How many calls the provider lets one key have in flight; the worker reads with so many threads."""
    sandbox: Callable[[], Any] | None = None
    """Makes the ASGI app that plays the provider."""
