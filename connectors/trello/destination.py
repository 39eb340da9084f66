"""Trello as a destination: a board is a table, its cards are the rows.

A row's key stands in a custom text field called like the collection's key property where the board has one, else in the
last line of the description (`Hub: KEY`). A new card always bears that line first, because a custom field can only be
set by a second call, and a card must be found again however its making was broken off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from connectors.trello import cells, records
from connectors.trello.boards import Boards, OnBoard
from connectors.trello.client import Json, TrelloClient
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Collection, Property, Record, Ref, Row, Value

DoneT = TypeVar("DoneT")
Items: TypeAlias = list[tuple[Json, Mapping[str, Any]]]
"""Custom fields, each with the body that sets it."""


class TrelloDestination:
    """Writes cards on the boards of one Trello member."""

    def __init__(self, client: TrelloClient) -> None:
        self._client = client
        self._boards = Boards(client)
        self._refs: dict[str, Ref] = {}

    def check(self) -> Sequence[str]:
        """Whose key it is, and the boards it may write on."""
        me = self._client.me()
        names = ", ".join(sorted(board["name"] for board in self._client.boards())) or "none"
        return (f"Member: {me.get('fullName')} (@{me.get('username')})", f"Boards: {names}")

    def find(self, collection: Collection, inside: Ref | None) -> Ref | None:
        """The open board of exactly that name (in the workspace `inside`), or None. ConfigError when there are two."""
        _only_tables(collection)
        found = [
            board
            for board in self._client.boards()
            if board["name"] == collection.name and inside in (None, board.get("idOrganization"))
        ]
        if len(found) > 1:
            urls = ", ".join(board["url"] for board in found)
            raise ConfigError(
                f'There are {len(found)} open Trello boards called "{collection.name}" ({urls}): rename or close all '
                "but the one that the hub should use."
            )
        return self._noted(collection, Ref(found[0]["id"])) if found else None

    def problems(self, collection: Collection, ref: Ref) -> Sequence[str]:
        """Custom fields that are missing or of the wrong type, a line each."""
        _only_tables(collection)
        on = self._read(collection, ref)
        if on.board["closed"]:
            return (f'The Trello board "{collection.name}" is closed: reopen it.',)
        missing, wrong = cells.column_problems(collection, on.columns)
        lacking = (f'The Trello board "{collection.name}" has no custom field "{name}" ({of}).' for name, of in missing)
        return (*lacking, *wrong)

    def columns(self, collection: Collection, ref: Ref) -> Sequence[Property]:
        """The board's custom fields; and `due` and `start`, which are instants at Trello."""
        _only_tables(collection)
        return cells.columns(collection, self._read(collection, ref).columns)

    def prepare(self, collection: Collection, ref: Ref | None, inside: Ref | None) -> Ref:
        """The board, with the custom fields that it needs. A board itself is not invented: ConfigError."""
        ref = ref or self.find(collection, inside)
        if ref is None:
            raise ConfigError(
                f'There is no open Trello board called "{collection.name}" that the hub\'s member is on. Make it in '
                "Trello (its lists are yours to choose) and invite the member."
            )
        on = self._read(collection, ref)
        if on.board["closed"]:
            raise ConfigError(f'The Trello board "{collection.name}" is closed: reopen it.')
        missing, wrong = cells.column_problems(collection, on.columns)
        if wrong:
            raise ConfigError(" ".join(wrong))
        for name, kind in missing:
            self._add_column(collection, ref, name, kind)
        if missing:
            self._boards.read(ref)
        return ref

    def _add_column(self, collection: Collection, ref: Ref, name: str, kind: str) -> None:
        body = {"idModel": ref, "modelType": "board", "name": name, "type": kind, "pos": "bottom"}
        try:
            self._client.post("/customFields", {**body, "display_cardFront": True})
        except (ConfigError, RecordError) as error:
            raise ConfigError(
                f'The custom field "{name}" ({kind}) cannot be added to the Trello board "{collection.name}": {error} '
                "Custom fields need a paid workspace; add it there by hand, or leave it out."
            ) from error

    def rows(self, collection: Collection, ref: Ref) -> Iterator[Row]:
        """Every card that is not archived and does not stand in an archived list, newest first; complete or an error.

        Who edited a card is not said by Trello: `edited_by` is None.
        """
        on = self._read(collection, ref)
        for page in self._client.cards(ref):
            for card in page:
                record = _record(on, card)
                if record is not None and not record.fields["archived"]:
                    yield self._row(collection, record, _key(collection, on.columns, card))

    def _row(self, collection: Collection, record: Record, key: str) -> Row:
        edited = record.fields["edited_at"]
        return Row(
            key=key,
            values=cells.seen(collection, record),
            ref=Ref(record.key),
            edited_at=edited if isinstance(edited, datetime) else None,
        )

    def create(self, collection: Collection, ref: Ref, rows: Sequence[Row], *, look_first: bool) -> Sequence[Row]:
        """Make the cards, each in its `section` (the board's first open list when it names none).

        A card that an earlier call made is adopted as it is, but for custom fields that were not reached then. Labels
        that the board lacks are made. A row that cannot be written is refused before anything is made of it. When
        a call fails after a card was made, the error is uncertain and `committed` holds its id.
        """
        _only_tables(collection)
        there = self._there(collection, ref) if look_first else {}
        made: list[Row] = []
        for row in rows:
            try:
                made.append(self._make(collection, ref, row, there.get(row.key)))
            except TransientError as error:
                if made:
                    error.uncertain, error.committed = True, (*(str(each.ref) for each in made), *error.committed)
                raise
        return made

    def _there(self, collection: Collection, ref: Ref) -> Mapping[str, Json]:
        """Key -> the oldest open card that bears it."""
        columns = self._read(collection, ref).columns
        pages = self._client.cards(ref)
        found = [(_key(collection, columns, card), card) for page in pages for card in page if not card["closed"]]
        return {key: card for key, card in sorted(found, key=lambda each: each[1]["id"], reverse=True) if key}

    def _make(self, collection: Collection, ref: Ref, row: Row, there: Json | None) -> Row:
        if there is not None:
            return self._on(collection, ref, lambda on: self._adopted(collection, on, row, there))
        if "title" not in row.values:
            raise RecordError(f'The card "{row.key}" has no title.')
        body, items, in_field = self._on(collection, ref, lambda on: self._whole(collection, on, row))
        unmarked = cells.description(row.values.get("notes"), "") if in_field else {}
        made = self._client.post("/cards", {**body, **cells.description(row.values.get("notes"), row.key)})
        try:
            self._set(made["id"], {}, items)
            self._set(made["id"], unmarked, ())
        except TransientError as error:
            error.uncertain, error.committed = True, (made["id"],)
            raise
        edited = records.instant(made.get("dateLastActivity"))
        return Row(key=row.key, values=row.values, ref=Ref(made["id"]), edited_at=edited, edited_by="hub")

    def _adopted(self, collection: Collection, on: OnBoard, row: Row, card: Json) -> Row:
        """The card as it was found: people may have edited it since. What its making did not reach is set."""
        key_column = _key_column(collection, on.columns)
        items = cells.unreached(on.columns, key_column, card, row)
        notes, line = records.split(card.get("desc") or "")
        self._set(card["id"], {}, items)
        if key_column is not None and line:
            self._set(card["id"], cells.description(notes, ""), ())
        record = _record(on, card)
        return Row(key=row.key, values={}, ref=card["id"]) if record is None else self._row(collection, record, row.key)

    def _whole(self, collection: Collection, on: OnBoard, row: Row) -> tuple[dict[str, Any], Items, bool]:
        """What a new card says and holds, and whether its key is kept in a field."""
        section = {"idList": cells.list_id(row.values.get("section"), on.lists)}
        body, items = self._bodies(collection, on, row, row.key)
        key_column = _key_column(collection, on.columns)
        if key_column is not None:
            items.append((key_column, {"value": {"text": row.key}}))
        return {**body, **section}, items, key_column is not None

    def update(self, collection: Collection, row: Row) -> None:
        """Set some values of a card: one call, and one for each custom field. RecordError when it is gone.

        A section of None leaves the card where it stands. Notes that are set without the row's key cost a call more
        where the board has no field for keys: the line of another key stays.
        """
        if row.ref is None:
            raise RecordError(f'Row "{row.key}" has no id of Trello\'s and cannot be updated.')
        ref = row.ref
        try:
            if set(row.values) <= set(cells.ALONE):
                self._set(ref, cells.plain_values(row.values), ())
                return
            board = self._refs.get(collection.name) or self._client.get(f"/cards/{ref}", fields="idBoard")["idBoard"]
            self._on(collection, board, lambda on: self._change(collection, on, row, ref))
        except Gone as error:
            raise RecordError(
                f'The card "{row.key}" is not on Trello any more (it was deleted): nothing was written.'
            ) from error

    def _change(self, collection: Collection, on: OnBoard, row: Row, card: Ref) -> None:
        key = row.key
        if "notes" in row.values and not key and _key_column(collection, on.columns) is None:
            key = records.split(self._client.get(f"/cards/{card}", fields="desc").get("desc") or "")[1] or ""
        self._set(card, *self._bodies(collection, on, row, key))

    def _on(self, collection: Collection, ref: Ref, do: Callable[[OnBoard], DoneT]) -> DoneT:
        """Do it with the board as we know it; when that is refused (a name may be new), with the board as it is now."""
        kept = self._boards.kept(ref)
        if kept is not None:
            try:
                return do(kept)
            except RecordError:
                pass
        return do(self._read(collection, ref))

    def _set(self, card: str, body: Mapping[str, Any], items: Sequence[tuple[Json, Mapping[str, Any]]]) -> None:
        if body:
            self._client.put(f"/cards/{card}", body)
        for column, item in items:
            self._client.put(f"/cards/{card}/customField/{column['id']}/item", item)

    def _bodies(self, collection: Collection, on: OnBoard, row: Row, key: str) -> tuple[dict[str, Any], Items]:
        """What to set on the card itself, and in its custom fields."""
        body: dict[str, Any] = {}
        items: Items = []
        labels: list[str] | None = None
        for name, value in row.values.items():
            if name == "notes":
                body |= cells.description(value, "" if _key_column(collection, on.columns) is not None else key)
            elif name == "section":
                body |= {"idList": cells.list_id(value, on.lists)} if value is not None else {}
            elif name == "assignees":
                body["idMembers"] = cells.member_ids(value, on.members if value else ())
            elif name == "labels":
                labels = cells.label_names(value)
            elif name in cells.TASK_VALUES:
                body |= cells.plain(name, value)
            else:
                column = cells.column_of(name, on.columns)
                items.append((column, cells.item(column, value)))
        if labels is not None:  # last, because it may write: nothing is made for a row that is then refused
            body["idLabels"] = self._labels(on, labels)
        return body, items

    def _labels(self, on: OnBoard, names: Sequence[str]) -> list[str]:
        ids, missing = cells.label_ids(names, on.labels if names else ())
        for name in missing:
            made = self._client.post("/labels", {"name": name, "color": None, "idBoard": on.board["id"]})
            on.labels.append(made)
            ids.append(made["id"])
        return ids

    def archive(self, collection: Collection, ref: Ref) -> None:  # noqa: ARG002  a card is known by its id
        """Archive the card. One that is archived or gone already is no error."""
        try:
            self._client.put(f"/cards/{ref}", {"closed": True})
        except Gone:
            return

    def _read(self, collection: Collection, ref: Ref) -> OnBoard:
        """The board as it is now."""
        try:
            return self._boards.read(self._noted(collection, ref))
        except Gone as error:
            raise ConfigError(
                f'The Trello board "{collection.name}" was deleted. Make it anew, or name another.'
            ) from error

    def _noted(self, collection: Collection, ref: Ref) -> Ref:
        """A board that is renamed meanwhile stays the one that is meant."""
        self._refs[collection.name] = ref
        return ref


def _record(on: OnBoard, card: Json) -> Record | None:
    lists = {each["id"]: each for each in on.lists}
    return records.card(card, board=on.board, section=lists.get(card.get("idList")), columns=on.columns)


def _key_column(collection: Collection, columns: Sequence[Json]) -> Json | None:
    name = collection.key_property
    return next((each for each in columns if each["name"] == name and each["type"] == "text"), None)


def _key(collection: Collection, columns: Sequence[Json], card: Json) -> str:
    """Our key of a card, from the field or the line; "" for a card that is not ours."""
    column = _key_column(collection, columns)
    held: Value = None
    if column is not None:
        held = records.values([column], card.get("customFieldItems") or ())[column["name"]]
    return str(held or records.split(card.get("desc") or "")[1] or "")


def _only_tables(collection: Collection) -> None:
    if collection.kind != "table":
        raise ConfigError(f'"{collection.name}" cannot be a page in Trello: it has boards of cards only.')
