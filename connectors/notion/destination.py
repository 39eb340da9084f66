"""Notion as a destination: databases of rows ("table") and pages of blocks ("page").

A table's ref is the id of its data source, a page's the id of the page. Errors name what a person sees in
Notion. Calls are as few as Notion allows: one for a row made or changed, one for 100 blocks made, and one for each
that holds others; and for people in a row one now and then, to see who there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from connectors.notion import blocks, failures, nested, records, rows, shared_page, texts
from connectors.notion.client import NotionClient
from connectors.notion.failures import Missing, Refused
from connectors.notion.table_links import TableLinks
from connectors.notion.tables import People, data_source_of
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Collection, Property, Ref, Row, Value


class NotionDestination:
    """Writes what the hub owns into the pages that were shared with one Notion connection."""

    def __init__(self, client: NotionClient, page: str | None) -> None:
        self._client = client
        self._wanted = page
        self._people = People(client, client.now)
        self._links = TableLinks(client)
        self._block_types: dict[str, str] = {}

    @cached_property
    def _root(self) -> shared_page.SharedPage:
        return shared_page.resolve(self._client, self._wanted)

    @cached_property
    def _bot(self) -> str:
        return str(self._client.me()["id"])

    def check(self) -> Sequence[str]:
        """Who the key is, whose workspace it is in, and the page it may write in."""
        me = self._client.me()
        workspace = (me.get("bot") or {}).get("workspace_name") or "no name"
        return (
            f"Connection: {me.get('name') or 'no name'}",
            f"Workspace: {workspace}",
            f"Page: {self._root.title}",
        )

    def find(self, collection: Collection, inside: Ref | None) -> Ref | None:
        """The child page or database of exactly that name. ConfigError when there are two."""
        kind = "child_database" if collection.kind == "table" else "child_page"
        found: dict[str, Ref] = {}
        with self._of_page(collection):
            for block in self._client.children(inside or self._root.id):
                if block["type"] == kind and block[kind]["title"] == collection.name and not block.get("in_trash"):
                    table = collection.kind == "table"
                    ref = data_source_of(self._client, block["id"], collection.name) if table else block["id"]
                    if ref is not None:
                        found[block["id"]] = Ref(ref)
        if len({*found.values()}) > 1:  # a linked database leads to the same rows as the one that it links
            raise ConfigError(
                f'There are {len(found)} {collection.kind}s called "{collection.name}" in the same Notion page '
                f"({', '.join(found)}): rename or delete all but the one that the hub should use."
            )
        return next(iter(found.values()), None)

    def problems(self, collection: Collection, ref: Ref) -> Sequence[str]:
        """What keeps the hub from writing there as it is, a line each."""
        found = self._existing(collection, ref)
        if found.get("in_trash"):
            return (failures.trashed(collection),)
        return records.problems(collection, found["properties"]) if collection.kind == "table" else ()

    def columns(self, collection: Collection, ref: Ref) -> Sequence[Property]:
        """The properties of a database that can be written. Of a select, Notion takes any option."""
        if collection.kind == "page":
            return ()
        found = self._existing(collection, ref)
        if found.get("in_trash"):
            raise ConfigError(failures.trashed(collection))
        return tuple(one for one in rows.columns(found["properties"]) if one.name != collection.key_property)

    def prepare(self, collection: Collection, ref: Ref | None, inside: Ref | None) -> Ref:
        """The collection, made if need be, with every property that it needs."""
        ref = ref or self.find(collection, inside)
        if ref is None:
            return self._make(collection, inside)
        found = self._existing(collection, ref)
        if found.get("in_trash"):
            raise ConfigError(failures.trashed(collection))
        if collection.kind == "table":
            missing, wrong = records.differences(collection, found["properties"])
            if wrong:
                raise ConfigError(" ".join(wrong))
            if missing:
                with self._of_page(collection):
                    self._client.add_properties(ref, records.schema(collection, missing))
        return ref

    def _make(self, collection: Collection, inside: Ref | None) -> Ref:
        parent = {"type": "page_id", "page_id": inside or self._root.id}
        title = texts.rich_text(collection.name)
        with self._of_page(collection):
            if collection.kind == "page":
                return Ref(self._client.create_page(parent, {"title": {"title": title}})["id"])
            wanted = records.schema(collection, records.columns(collection))
            return Ref(self._client.create_database(parent, title, wanted)["data_sources"][0]["id"])

    def _existing(self, collection: Collection, ref: Ref) -> dict[str, Any]:
        try:
            return self._client.page(ref) if collection.kind == "page" else self._client.data_source(ref)
        except Missing as error:
            raise ConfigError(failures.lost(collection)) from error

    def rows(self, collection: Collection, ref: Ref) -> Iterator[Row]:
        """Every row, oldest first, or every block in order; complete or an error."""
        bot = self._bot
        with self._of_collection(collection, ref):
            if collection.kind == "page":
                for block in nested.read(self._client, ref, bot, self._block_types):
                    row = blocks.row(block, bot)
                    yield self._links.inward(row) if blocks.is_ours(block, bot) else row
            else:
                for page in self._client.all_rows(ref):
                    yield self._row(collection, page)

    def _row(self, collection: Collection, page: dict[str, Any]) -> Row:
        return records.row(collection, self._whole(collection, page), self._bot, self._people.who)

    def _whole(self, collection: Collection, page: dict[str, Any]) -> dict[str, Any]:
        """The row with its long properties read to their end, as far as they are the collection's."""
        for found in rows.cut({"properties": records.fitting(collection, page)}):
            kind = found["type"]
            found[kind] = [item[kind] for item in self._client.property_items(page["id"], found["id"])]
        return page

    def create(self, collection: Collection, ref: Ref, rows: Sequence[Row], *, look_first: bool) -> Sequence[Row]:
        """Make the rows, or adopt those that an earlier call made and whose answer was lost.

        What is adopted is not written to: people may have edited it since. It comes back as it is.

        A row that cannot be written is refused before the first call. When a later call fails, the error is uncertain
        and `committed` holds what was made before it. A table's rows are made one by one: hand over one at a time.
        """
        made: list[Row] = []
        try:
            with self._of_collection(collection, ref):
                if collection.kind == "page":
                    made += self._text(ref, rows, look_first=look_first)
                else:
                    self._add(collection, ref, rows, made, look_first=look_first)
        except TransientError as error:
            if not made:
                raise
            known = (*(row.ref for row in made if row.ref), *error.committed)
            raise TransientError(str(error), retry_after=error.retry_after, uncertain=True, committed=known) from error
        return made

    def _add(self, collection: Collection, ref: Ref, rows: Sequence[Row], made: list[Row], *, look_first: bool) -> None:
        """Make the rows of a table and put them into `made`. One that is there stays as it is: it was made whole."""
        found = {row.key: self._oldest(collection, ref, row.key) for row in rows} if look_first else {}
        bodies = {
            row.key: self._properties(collection, {**row.values, collection.key_property: row.key})
            for row in rows
            if found.get(row.key) is None
        }
        for row in rows:
            there = found.get(row.key)
            if there is not None:
                made.append(self._row(collection, there))
                continue
            try:
                page = self._client.create_page({"type": "data_source_id", "data_source_id": ref}, bodies[row.key])
            except Refused:
                self._explain_statuses(collection, ref, row)
                raise
            made.append(records.seen(row, page, "hub"))

    def _oldest(self, collection: Collection, ref: Ref, key: str) -> dict[str, Any] | None:
        """The oldest row of that key, of two of one minute always the same.

        Whether Notion's filter minds upper and lower case is not relied upon.
        """
        rows = self._client.oldest_rows(ref, records.has_key(collection, key))
        ours = (row for row in rows if records.key_of(collection, row) == key)
        return min(ours, key=lambda row: (row["created_time"], row["id"]), default=None)

    def _text(self, ref: Ref, rows: Sequence[Row], *, look_first: bool) -> list[Row]:
        said = [self._links.outward(row) for row in rows]
        writer = nested.Writer(self._client, ref, said, self._block_types, self._bot if look_first else None)
        try:
            writer.write()
        except TransientError as error:
            known = [row.ref for row in writer.made.values() if row.ref]
            if not known:
                raise
            whole = tuple(dict.fromkeys((*known, *error.committed)))
            raise TransientError(str(error), retry_after=error.retry_after, uncertain=True, committed=whole) from error
        return [replace(writer.made[row.key], values=row.values) for row in rows]

    def update(self, collection: Collection, row: Row) -> None:
        """Set some values of a row. One call.

        Notion wants a block's type with every change. `row.values["block"]` says it, or a read or a call that made the
        block has; otherwise it is looked up, which costs a second call.
        """
        ref = _ref(row)
        try:
            if collection.kind == "page":
                self._client.update_block(ref, blocks.change(self._block_type(row), self._links.outward(row).values))
            else:
                self._client.update_page(ref, properties=self._properties(collection, row.values))
        except Missing as error:
            raise RecordError(failures.row_gone(collection, row)) from error
        except Refused:
            self._explain(collection, row)
            raise

    def _block_type(self, row: Row) -> str:
        ref = _ref(row)
        known = self._block_types.get(ref) or row.values.get("block")
        if not known:
            known = self._block_types[ref] = self._client.block(ref)["type"]
        return str(known)

    def _explain(self, collection: Collection, row: Row) -> None:
        """Notion refused a change: say so better than it does when the row is in the trash or a property is gone."""
        found = self._row_thing(collection, _ref(row))
        if found.get("in_trash"):
            raise RecordError(failures.row_gone(collection, row))
        if collection.kind == "page":
            self._block_types[found["id"]] = found["type"]  # a person may have turned it into another type
        elif lines := records.problems(collection, found["properties"], row.values):
            raise ConfigError(" ".join(lines))
        else:
            self._explain_statuses(collection, Ref(found["parent"].get("data_source_id") or ""), row)

    def _explain_statuses(self, collection: Collection, ref: Ref, row: Row) -> None:
        """The one refusal of a value that says too little: it names no status that there is."""
        if any(one.kind == "status" and one.name in row.values for one in collection.properties):
            found = self._existing(collection, ref)
            if lines := records.unknown_statuses(collection, found["properties"], row.values):
                raise RecordError(" ".join(lines))

    def _row_thing(self, collection: Collection, ref: Ref) -> dict[str, Any]:
        return self._client.block(ref) if collection.kind == "page" else self._client.page(ref)

    def archive(self, collection: Collection, ref: Ref) -> None:
        """Put a row or block in the trash. One that is there already, or gone, is no error."""
        with suppress(Missing):
            try:
                if collection.kind == "page":
                    self._client.delete_block(ref)
                else:
                    self._client.update_page(ref, in_trash=True)
            except Refused:
                if not self._row_thing(collection, ref).get("in_trash"):
                    raise

    def _properties(self, collection: Collection, values: Mapping[str, Value]) -> dict[str, Any]:
        return records.properties(collection, self._people.in_ids(collection, values))

    @contextmanager
    def _of_page(self, collection: Collection) -> Iterator[None]:
        """A refusal of work around a collection is for a person to see to: there is no record to blame."""
        try:
            yield
        except Missing as error:
            name = collection.inside or self._root.title
            raise ConfigError(f'Notion does not show the page "{name}" any more. {failures.SHARE}') from error
        except Refused as error:
            raise ConfigError(f'"{collection.name}": {error}') from error

    @contextmanager
    def _of_collection(self, collection: Collection, ref: Ref) -> Iterator[None]:
        """A refusal says what is wrong with the collection, if that is why Notion refused."""
        try:
            yield
        except Missing as error:
            raise ConfigError(failures.lost(collection)) from error
        except Refused as error:
            if problems := self.problems(collection, ref):
                raise ConfigError(" ".join(problems)) from error
            raise


def _ref(row: Row) -> Ref:
    if row.ref is None:
        raise RecordError(f'Row "{row.key}" has no id of Notion\'s and cannot be updated.')
    return row.ref
