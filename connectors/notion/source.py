"""Reading Notion: the rows of data sources, the people of the workspace, comments.

A row is re-read by one call, plus one for each person whom it names and who is not known yet. Notion has no list of all
comments: they come one by one, when a webhook rings for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from connectors.notion import failures, rows, texts
from connectors.notion.client import NotionClient
from connectors.notion.failures import Forbidden, Missing, Refused
from connectors.notion.tables import People, Tables
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Cursor, Event, Page, Record

STREAMS = ("row", "user", "comment")
OVERLAP = timedelta(minutes=2)
"""Notion rounds times down to the minute; the second minute is for clocks that differ."""
DEEPEST = 50
"""A comment's block is followed upwards at most so many steps to its page."""


class NotionSource:
    """What one Notion connection sees of the followed data sources."""

    def __init__(
        self, client: NotionClient, follow: tuple[str, ...] | None, *, now: Callable[[], datetime], tables: Tables
    ) -> None:
        self._client = client
        self._follow = follow
        self._now = now
        self._tables = tables
        self._people = People(client, now)

    def check(self) -> Sequence[str]:
        """The databases that are read. ConfigError that names one that is gone."""
        names = [table.name or "no name" for table in self._tables.all()]
        return (f"Databases: {', '.join(names) or 'none'}",)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every row, oldest first and data source by data source, 100 a call; or every user.

        The cursor is a data source and the minute in which the page's last row was made; a read from there meets the
        rows of that minute again. Users come without a cursor. Comments: nothing, Notion does not list them.
        A row of unknown shape does not stop the read: the others are given, no later cursor is safe any more, and at
        the end a RecordError names what was left out.
        """
        match stream:
            case "row":
                yield from self._read_rows(cursor)
            case "user":
                with _needing(failures.SEE_PEOPLE, "the people of the workspace"):
                    yield Page(records=[rows.person(user) for user in self._client.users()], cursor=None)
            case "comment":
                return
            case _:
                raise _no_stream(stream)

    def _read_rows(self, cursor: Cursor | None) -> Iterator[Page]:
        reached, _, minute = (cursor or "").partition(" ")
        unknown: list[str] = []
        for table in self._tables.all():
            if table.id < reached:
                continue
            with _nothing_concluded(f'the rows of "{table.name}"'):
                for found in self._client.row_pages(table.id, since=minute if table.id == reached else None):
                    read: list[Record] = []
                    for page in found:
                        try:
                            read.append(self._row(page, table))
                        except _Unknown as error:
                            unknown.append(str(error))
                    safe = None if unknown else Cursor(f"{table.id} {found[-1]['created_time']}")
                    yield Page(records=read, cursor=safe)
        if unknown:
            raise RecordError(f"{len(unknown)} of Notion's rows were left out. {' '.join(unknown[:5])}")

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """The record as it is now. In the trash, gone, or of no followed data source: deleted."""
        match stream:
            case "row":
                return (self._fetch_row(key),)
            case "user":
                return (self._fetch_user(key),)
            case "comment":
                return (self._fetch_comment(key),)
        raise _no_stream(stream)

    def _fetch_row(self, key: str) -> Record:
        try:
            page = self._client.page(key)
        except Missing:
            return Record(stream="row", key=key, deleted=True)
        table = None if page.get("in_trash") else self._tables.of(page)
        if table is None:
            return Record(stream="row", key=key, deleted=True)
        with _nothing_concluded(f"row {key}"):
            return self._row(page, table)

    def _row(self, page: dict[str, Any], table: rows.Table) -> Record:
        """The row with its long properties read to their end."""
        for one in rows.cut(page):
            kind = one["type"]
            one[kind] = [item[kind] for item in self._client.property_items(page["id"], one["id"])]
        try:
            return rows.record(page, table, self._people.who)
        except RecordError as error:
            raise _Unknown(str(error)) from error

    def _fetch_user(self, key: str) -> Record:
        try:
            with _needing(failures.SEE_PEOPLE, "the people of the workspace"):
                return rows.person(self._client.user(key))
        except Missing:
            return Record(stream="user", key=key, deleted=True)

    def _fetch_comment(self, key: str) -> Record:
        try:
            with _needing(failures.SEE_COMMENTS, "comments"):
                found = self._client.comment(key)
            page = self._page_of(found)
            if self._follow is not None and (page is None or self._tables.of(self._client.page(page)) is None):
                return Record(stream="comment", key=key, deleted=True)
        except Missing:
            return Record(stream="comment", key=key, deleted=True)
        return rows.comment(found, page, self._people.who)

    def _page_of(self, thing: Mapping[str, Any]) -> str | None:
        """The page that a comment stands on: its parent, or above the block that it was made on."""
        for _ in range(DEEPEST):
            parent = thing["parent"]
            if parent["type"] != "block_id":
                return str(parent["page_id"]) if parent["type"] == "page_id" else None
            thing = self._client.block(parent["block_id"])
            if thing["type"] == "child_page":
                return str(thing["id"])
        return None

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """The rows edited since the cursor, oldest edit first, in one batch: Notion never forgets.

        Rows in the trash do not appear in a query: a webhook tells of them, or the next full read. Neither do changes
        of users. An event of the last two minutes has an id of its own, because its minute may still see another edit.
        """
        now = self._now()
        if cursor is None:
            yield (), _mark(now)
            return
        since = (datetime.fromisoformat(cursor) - OVERLAP).strftime("%Y-%m-%dT%H:%M:00.000Z")
        edited: list[tuple[datetime, Event]] = []
        for table in self._tables.all():
            with _nothing_concluded(f'what changed in "{table.name}"'):
                for found in self._client.row_pages(table.id, edited_since=since):
                    edited += (_edit(page, since, now) for page in found)
        yield [event for _, event in sorted(edited, key=lambda one: one[0])], _mark(now)


class _Unknown(RecordError):
    """A row that is not as Notion describes rows."""


def _edit(page: Mapping[str, Any], since: str, now: datetime) -> tuple[datetime, Event]:
    at = texts.instant(page["last_edited_time"])
    told = f"{page['id']}@{page['last_edited_time']}"
    fresh = texts.instant(page["created_time"]) >= datetime.fromisoformat(since)
    return at, Event(
        id=told if at <= now - OVERLAP else f"{told}@{now.isoformat()}",
        type="page.created" if fresh else "page.properties_updated",
        stream="row",
        key=page["id"],
    )


def _mark(now: datetime) -> Cursor:
    return Cursor(now.isoformat())


def _no_stream(stream: str) -> RecordError:
    return RecordError(f"Notion has no stream {stream!r}. It has: {', '.join(STREAMS)}.")


@contextmanager
def _needing(capability: str, what: str) -> Iterator[None]:
    try:
        yield
    except Forbidden as error:
        raise ConfigError(failures.lacks(capability, what)) from error


@contextmanager
def _nothing_concluded(what: str) -> Iterator[None]:
    """What vanishes in the middle of a read is no reason to call the rest of it gone (or the row unreadable)."""
    try:
        yield
    except (Missing, Refused) as error:
        raise TransientError(f"While {what} was read, Notion stopped showing a part of it: {error}") from error
