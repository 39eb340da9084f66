"""What a connector is: small capabilities in a frozen bundle, not a base class.

A capability that a provider does not have is None. `ConnectorSpec` is the connector at rest: importable without any key
and without its SDK; `Connector` is the live one: keys read, sockets open, closed by the context manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from hub.core.charts import Charts
from hub.core.kinds import Kind
from hub.core.types import (
    Collection,
    Copied,
    Cursor,
    Delivered,
    Event,
    Letter,
    Page,
    Property,
    Record,
    Ref,
    Reply,
    Row,
    Sight,
    Subscription,
    Thing,
    WebhookRequest,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

SettingsT = TypeVar("SettingsT", bound="BaseModel")

Ability: TypeAlias = Literal["rows", "mails", "copies", "charts", "links"]
"""To take rows (a destination), to send mails (a messenger), to copy templates (templates), to show charts (charts), to
make links for one appointment (bookings)."""


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

    def columns(self, collection: Collection, ref: Ref) -> Sequence[Property]:
        """Every column of a table that can be written, as it is now. Reads only.

        The one that holds the rows' keys is left out. Where rows are tasks (`hub.core.kinds`), a task's own fields are
        written under their names and are no columns; one is among them only where it takes less than the kind allows
        (a `due` that knows no day: "instant").
        """

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
        """Set `row.values` (only those) on `row.ref`. Safe to repeat. RecordError when the row is gone.

        `row.key` is "" for a row that is not ours: it then bears no key afterwards that it did not bear before.
        """

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

    def ensure(self, url: str) -> Sequence[Subscription]:
        """The living subscriptions that this URL needs (one for each thing that is followed), made where missing.

        A disabled one is revived or made anew, as the provider allows. Never doubles, never touches others'.
        `secret` is set on those that were made just now and whose secret only this answer tells.
        """

    def list(self) -> Sequence[Subscription]:
        """All that this key can see."""

    def remove(self, ref: Ref) -> None:
        """Remove one. Twice is not an error."""


class Directory(Protocol):
    """What the key can see, by the names that people know."""

    def look(self) -> Sight:
        """Whose key it is, every thing it can see, and what is wrong with its rights. ConfigError when it is no key."""


class Templates(Protocol):
    """Things that can be made by copying one that people prepared."""

    def templates(self) -> Sequence[Thing]:
        """Every template that the key can see."""

    def copy(
        self,
        template: str,
        name: str,
        *,
        inside: str | None,
        dates: Mapping[str, date],
        marker: str,
        look_first: bool,
    ) -> Copied:
        """Make a thing called `name` from the template of that id, and wait until the provider has filled it.

        `inside`: the id of what it goes into, where the provider needs one. `dates`: the template's own name of a date
        ("start" where it has one only) -> the day. `marker` is kept in it, so that `look_first` finds what an earlier
        attempt made. TransientError with `uncertain=True` when it may have been made; RecordError when the template
        cannot be used.
        """


class Bookings(Protocol):
    """Appointments that can be changed."""

    def cancel(self, key: str, reason: str) -> None:
        """Cancel the booking of that key. Twice is not an error."""

    def mark_no_show(self, key: str) -> None:
        """Say that who booked did not come. Twice is not an error."""

    def single_use_link(self, event_type: str) -> str:
        """A new address at which one appointment of that type (its id) can be booked once."""


class Messenger(Protocol):
    """Sends mails."""

    def check(self) -> Sequence[str]:
        """Log in without sending anything; a line each. ConfigError when it cannot."""

    def send(self, letter: Letter) -> None:
        """Send one mail. One connection serves many calls.

        RecordError when this recipient is refused for good; TransientError when it may be sent later, with
        `uncertain=True` when it may have gone out although no answer came: it must then not be sent again unseen.
        """


class Bell(Protocol):
    """Hears at once that something has changed, where the provider keeps a connection open for it (IMAP IDLE)."""

    def wait(self, seconds: float) -> bool:
        """Block until something has changed (True), `stop_waiting` is called or the time is up. May raise any HubError.

        True says only that `Source.changes` is worth asking.
        """

    def stop_waiting(self) -> None:
        """End the `wait` of another thread, within about a second, and every later one at once."""


class Limiter(Protocol):
    """Keeps a provider's rate limit across every process of the hub."""

    def acquire(self) -> None:
        """Wait until one more call may be sent."""

    def hold(self, seconds: float) -> None:
        """The provider said: no call for so long. Every process obeys."""


def _never_delivered(event_id: str) -> Delivered | None:  # noqa: ARG001  stands in where nothing is delivered
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a connector may use of the hub."""

    limiter: Callable[[str, int, float], Limiter]
    """(name, calls, seconds): at most `calls` in any window of `seconds`, shared by all processes of the hub."""
    now: Callable[[], datetime]
    follow: tuple[str, ...] | None = None
    """Ids of the things (projects, boards, databases) that are read and listened to. None: all that the key can see."""
    delivered: Callable[[str], Delivered | None] = _never_delivered
    """Event id of a delivery of this connection -> the delivery as it was kept, or None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A live connector."""

    name: str
    source: Source | None = None
    destination: Destination | None = None
    charts: Charts | None = None
    subscriptions: Subscriptions | None = None
    directory: Directory | None = None
    templates: Templates | None = None
    bookings: Bookings | None = None
    messenger: Messenger | None = None
    bell: Bell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec(Generic[SettingsT]):
    """A connector at rest."""

    name: str
    title: str
    settings: type[SettingsT]
    connect: Callable[[SettingsT, Context], AbstractContextManager[Connector]]
    streams: tuple[str, ...] = ()
    """Every stream that can be read, in the order in which a backfill reads them."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """Stream -> the kind whose fields its records carry (hub.core.kinds). Streams of no kind are left out."""
    edit_rounding: timedelta = timedelta()
    """How exactly `edited_at` is said: the edit lies between it and so much later (Notion: a minute)."""
    follows: str | None = None
    """What of this provider is named in YAML and followed: "project", "board", "database"; None: the whole account."""
    event_types: Mapping[str, str] = field(default_factory=dict)
    """Provider's event type -> the stream it speaks of."""
    webhook: Webhook | None = None
    lasting: tuple[str, ...] = ()
    """Streams whose records stay although a whole read does not meet them: a mail that was moved was still received."""
    with_changes: tuple[str, ...] = ()
    """Small streams without events of their own: read whole whenever a look finds that something changed."""
    rings: bool = False
    """Its live connector may have a bell."""
    can: tuple[Ability, ...] = ()
    """What its live connector may do beside being read; the loader of mappings knows connectors by it."""
    concurrency: int = 1
    """How many calls the provider lets one key have in flight; the worker reads with so many threads."""
    sandbox: Callable[[], Any] | None = None
    """Makes the ASGI app that plays the provider."""
    key_page: str = ""
    """Where a person finds the key: the page's address or path, and the rights (scopes) that the key needs."""
    address: Callable[[Ref], str] | None = None
    """Where a person opens what stands at a ref of its rows and pages; None: only the provider itself can tell."""
    webhook_by_hand: str = ""
    """How a person registers the webhook where the provider has no call for it; `{url}` is the address."""
    writes: tuple[str, ...] = ()
    """What can be written, in words for the table of connectors: "rows", "tasks", "mails"."""
    limits: tuple[str, ...] = ()
    """The provider's limits that are kept, in words for the same table."""
    gaps: tuple[str, ...] = ()
    """What the connector cannot do, and why, in words for the same table."""
