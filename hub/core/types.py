"""The vocabulary of the hub (DESIGN section 7). Everything here is immutable and knows no provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NewType, TypeAlias

from hub.core.money import Money

Cursor = NewType("Cursor", str)
"""Where a read may go on. Opaque: only the source that wrote it reads it."""

Ref = NewType("Ref", str)
"""A destination's own id of a thing that we wrote (a Notion page, block or data source id)."""

Value: TypeAlias = (
    "bool | int | str | Decimal | Money | date | datetime | tuple[Value, ...] | Mapping[str, Value] | None"
)
"""What a field may hold. No float: `hub.core.codec` refuses it. A datetime is aware UTC; a date stays a date (R8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing of a provider, in our values.

    `at` is the instant the record belongs to (for a payment: when it was made), for reading by period.
    `deleted` says that the provider no longer has it; `fields` is then empty.
    """

    stream: str
    key: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records of a read. `cursor`: a read that starts there skips nothing; None: no safe point yet."""

    records: Sequence[Record]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a delivery says has changed. `stream` and `key` are None for a type that we do not follow."""

    id: str
    type: str
    stream: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One HTTP request of a provider, as bytes. Header names are lower case. `now` is aware UTC."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    secrets: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a handshake must answer; `remember` is a secret that the provider handed us in it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    remember: str | None = None


PropertyKind: TypeAlias = Literal[
    "title", "text", "number", "checkbox", "date", "instant", "select", "multi_select", "status", "people", "relation",
    "url", "email", "phone",
]  # fmt: skip
"""What a column holds, and so what a row's values are: text for title, text, select, status, url, email, phone; int,
Decimal or Money for number; bool for checkbox; an aware datetime for instant, and for date a date, an aware datetime or
a mapping of `start` and `end`; tuples of texts for multi_select and of the destination's own ids for relation; for
people a tuple of mappings as `hub.core.kinds.WHO` names their parts. None, "" and () clear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One column of a collection. `number_format` is the provider's own word (Notion: "euro", "percent", …).

    `options`: all that a select, multi_select or status takes; None where anything may be written.
    `groups`: option of a status -> "to do", "in progress" or "complete".
    """

    name: str
    kind: PropertyKind
    number_format: str | None = None
    options: tuple[str, ...] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Where rows live at a destination, and what it must look like.

    kind "table": a database whose rows have `properties`; one of them is the title, and `key_property` (text) holds
    each row's key, which is how a row is found again when no answer came to the call that made it.
    kind "page": a page of text; its rows are blocks, kept in the order of the rows, with the values of `BLOCK_VALUES`.
    """

    name: str
    kind: Literal["table", "page"]
    properties: tuple[Property, ...] = ()
    key_property: str = "Hub"
    inside: str | None = None
    """The name of the page collection that this one is made in; None: the page that was shared with the hub."""


BLOCK_VALUES = ("block", "text", "color", "icon")
"""Values of a row in a page collection. `block`: heading_1 | heading_2 | heading_3 | paragraph | callout | divider |
bulleted_list_item | numbered_list_item | to_do | column_list | column | link_to_page. `text`: plain text, **bold**
between double stars; of a link_to_page the id of the page that it leads to, or "table:" and the ref of a table.
`color`: a Notion colour word such as "green", or None. `icon`: one emoji or None (callouts only). A column_list holds
columns only, two or more; they hold the other blocks (`Row.inside`), and neither has a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a collection: what it should hold, or what it was seen to hold.

    `ref`, `edited_at` and `edited_by` are set on rows that came from the destination. `edited_by` is "hub" for our own
    edits, else the person's name or id as far as the destination says. `key` is "" for rows that are not ours.

    `inside` and `after` say where a new row of a page stands; no other row has them. `inside`: the block that holds it,
    by its key when it is made in the same call, else by its ref; None: the page. `after`: the ref of the block in
    front of it, "" for the first place; None: behind the one that the same call made there before it, else last.
    """

    key: str
    values: Mapping[str, Value]
    ref: Ref | None = None
    edited_at: datetime | None = None
    edited_by: str | None = None
    inside: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A provider's promise to call us. `alive` is False when the provider disabled it; `secret` only at creation.

    `about`: the id of the project or board that it speaks of; "" where one subscription speaks of the whole account.
    `failing_since`: since when the provider says that it cannot reach us, where it says so.
    """

    ref: Ref
    url: str
    alive: bool
    about: str = ""
    event_types: tuple[str, ...] = ()
    secret: str | None = None
    failing_since: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that the key can see and that a person knows by its name: a project, board, database, form, template.

    `kind` is the provider's word in lower case ("project", "board", "database", "event type", "mailbox", "template").
    """

    kind: str
    id: str
    name: str
    url: str | None = None
    inside: str | None = None
    """The name of what it stands in (a workspace, a page), to tell two of one name apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a key may do and see, in words that a person knows."""

    account: str
    """Whose key it is: "Claire (claire@example.com), workspace Atelier Lila"."""
    things: Sequence[Thing] = ()
    warnings: Sequence[str] = ()
    """Too many or too few rights, a line each with the way out."""
    ends_at: datetime | None = None
    """When the key ends, where the provider says it."""
    read_only: bool = False
    """The key may look and not write; a warning says so too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to be sent. `message_id` is made and kept before it is sent: with angle brackets, or only the part
    before the @, to which the connector puts its own domain.

    `body` is Markdown: text and HTML are made from it. `language`: the words around it, and what a reader's
    program is told. `unsubscribe`: the address that ends these mails, by HTTPS with one click; None: a personal mail.
    `automatic`: no person wrote it, so that no machine answers it (RFC 3834). `reply_token`: answers come back to the
    connector's own address with this word in it (a record of kind message says it as `answers_to`).
    """

    message_id: str
    to: str
    to_name: str | None
    subject: str
    body: str
    language: Literal["fr", "en"]
    at: datetime
    reply_to: str | None = None
    reply_token: str | None = None
    answers_to: str | None = None
    references: tuple[str, ...] = ()
    unsubscribe: str | None = None
    automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was made from a template: a project, board, card or page; complete, whatever the provider did in between."""

    ref: Ref
    url: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A delivery as it was kept: for providers that cannot be asked for its content again."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
