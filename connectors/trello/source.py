"""Reading Trello: whole boards for a backfill, one card for one change, a board's actions for what was missed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.trello import records
from connectors.trello.client import TrelloClient
from connectors.trello.webhook import card_of, events_of
from hub.core.errors import ConfigError, RecordError
from hub.core.http import Gone
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event, Page, Record

STREAMS = ("card", "member", "board")

MARGIN = timedelta(seconds=30)
"""Actions are asked for again so far back: one of them may show itself a little later than a younger one."""

Json = dict[str, Any]


class TrelloSource:
    """The boards that are followed, read."""

    def __init__(self, client: TrelloClient, follow: tuple[str, ...] | None) -> None:
        self._client = client
        self._follow = follow

    def check(self) -> Sequence[str]:
        """Whose key it is, and the boards that are read."""
        me = self._client.me()
        boards = self._client.followed(self._follow)
        named = ", ".join(sorted(board["name"] for board in boards)) or "none"
        return (f"Member: {me.get('fullName')} (@{me.get('username')})", f"Boards: {named}")

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every record of a stream, board by board in the order of their ids, a board's cards newest first.

        The cursor names the board and the last card read. Cards made meanwhile are not in it: take the cursor of
        `changes` before a backfill. A card of unknown shape does not stop the read: the others are given, no later
        cursor is safe, and at the end a RecordError names what was left out. Archived cards are read, and say so.
        """
        boards = self._client.followed(self._follow)
        if stream == "card":
            yield from self._cards(boards, cursor)
        elif stream == "member":
            seen: set[str] = set()
            for board in boards:
                found = [each for each in self._client.members(board["id"]) if each["id"] not in seen]
                seen.update(each["id"] for each in found)
                yield Page(records=[records.member(each) for each in found], cursor=None)
        elif stream == "board":
            yield Page(records=[records.board(each) for each in boards], cursor=None)
        else:
            raise _unknown(stream)

    def _cards(self, boards: Sequence[Json], cursor: Cursor | None) -> Iterator[Page]:
        at, before = _place(cursor)
        unknown: list[str] = []
        for board in boards:
            if board["id"] < at or (board["id"] == at and before is None):
                continue
            columns = self._client.columns(board["id"])
            for found in self._client.cards(board["id"], before if board["id"] == at else None):
                read = _tasks(board, columns, found, unknown)
                place = Cursor(json.dumps({"board": board["id"], "before": found[-1]["id"]}))
                yield Page(records=read, cursor=None if unknown else place)
            done = Cursor(json.dumps({"board": board["id"], "before": None}))
            yield Page(records=(), cursor=None if unknown else done)
        if unknown:
            raise RecordError(f"{len(unknown)} of Trello's cards were left out. {' '.join(unknown[:5])}")

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """The record as it is now; a board comes with all its cards.

        `deleted` too: a card that was moved to a board that is not followed, or that is not shown to us any more; a
        card that was turned into a mirror, link, separator or template; a member who is on no followed board.
        """
        if stream == "card":
            found = self._card(key)
        elif stream == "member":
            found = self._member(key)
        elif stream == "board":
            found = self._board(key)
        else:
            raise _unknown(stream)
        return found or (Record(stream=stream, key=key, deleted=True),)

    def _card(self, key: str) -> Sequence[Record]:
        try:
            found = self._client.card(key)
        except Gone:
            return ()
        except ConfigError:
            self._client.still_in()
            return ()
        with records.readable("card", found):
            board = {**found["board"], "id": found["idBoard"]}
            if not self._follows(board):
                return ()
            section = found.get("list")
        columns = self._client.columns(board["id"])
        record = records.card(found, board=board, section=section, columns=columns)
        return (record,) if record else ()

    def _member(self, key: str) -> Sequence[Record]:
        """Looked for on the boards: asking for a member by id is allowed only 100 times in 15 minutes."""
        for board in self._client.followed(self._follow):
            for found in self._client.members(board["id"]):
                if found["id"] == key:
                    return (records.member(found),)
        return ()

    def _board(self, key: str) -> Sequence[Record]:
        if self._follow is not None and key not in self._follow:
            return ()
        try:
            board = self._client.board(key)
        except Gone:
            return ()
        except ConfigError:
            self._client.still_in()
            return ()
        if not self._follows(board):
            return ()
        unknown: list[str] = []
        columns = self._client.columns(board["id"])
        cards = [each for page in self._client.cards(key) for each in _tasks(board, columns, page, unknown)]
        return (records.board(board), *cards)

    def _follows(self, board: Mapping[str, Any]) -> bool:
        if self._follow is not None:
            return board["id"] in self._follow
        return not board["closed"] and not board["prefs"].get("isTemplate")

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """What the actions of each board say, oldest first, board by board; every action that names a card rings it.

        A board that the cursor does not know (just followed, made, shared or reopened) has all its cards rung. Trello
        tells no limit to how far back actions are kept; CursorExpired only for a cursor that is not ours.
        """
        marks = None if cursor is None else _marks(cursor)
        boards = [board["id"] for board in self._client.followed(self._follow)]
        now = {} if marks is None else {board: mark for board, mark in marks.items() if board in boards}
        for board in boards:
            events: Sequence[Event] = ()
            if board in now:
                events, now[board] = self._missed(board, now[board])
            else:
                mark = _newest(board, self._client.newest_actions(board))
                events = self._everything(board) if marks is not None else ()
                now[board] = mark
            if marks is not None:
                yield events, _cursor(now)
        if marks is None or not boards:
            yield (), _cursor(now)

    def _missed(self, board: str, mark: Mapping[str, Any]) -> tuple[Sequence[Event], Json]:
        since = records.instant(mark["since"])
        if since is None:
            raise CursorExpired(f"The cursor of Trello's board {board} holds no instant.")
        found = self._client.actions(board, records.told(since - MARGIN))
        known = set(mark["seen"])
        events = [event for action in found if action["id"] not in known for event in _rung(action)]
        return events, _newest(board, found) if found else dict(mark)

    def _everything(self, board: str) -> Sequence[Event]:
        cards = (card["id"] for page in self._client.cards(board, only="name") for card in page)
        return (
            Event(id=f"followed-{board}", type="followed", stream="board", key=board),
            *(Event(id=f"followed-{card}", type="followed", stream="card", key=card) for card in cards),
        )


def _tasks(board: Json, columns: Sequence[Json], cards: Sequence[Json], unknown: list[str]) -> list[Record]:
    """The tasks among some cards of a board. What cannot be read is named in `unknown`."""
    lists = {each["id"]: each for each in board["lists"]}
    read = []
    for card in cards:
        try:
            record = records.card(card, board=board, section=lists.get(card.get("idList")), columns=columns)
        except RecordError as error:
            unknown.append(str(error))
        else:
            read += [record] if record else []
    return read


def _rung(action: Json) -> Sequence[Event]:
    events = events_of(action)
    card = card_of(action)
    if events[0].stream is None and card is not None:
        return (Event(id=action["id"], type=action["type"], stream="card", key=card),)
    return [event for event in events if event.stream is not None]


def _newest(board: str, actions: Sequence[Json]) -> Json:
    """Where to go on: the newest instant seen, and the ids of the actions so near to it that they come again."""
    with records.readable("action", {"id": board}):
        dates = {each["id"]: records.instant(each["date"]) for each in actions}
        newest = max((date for date in dates.values() if date), default=None)
        if newest is None:
            return {"since": records.told(records.created(board)), "seen": []}
        recent = [identifier for identifier, date in dates.items() if date and date >= newest - MARGIN]
        return {"since": records.told(newest), "seen": sorted(recent)}


def _cursor(marks: Mapping[str, Any]) -> Cursor:
    return Cursor(json.dumps(marks, sort_keys=True, separators=(",", ":")))


def _marks(cursor: Cursor) -> dict[str, Json]:
    try:
        marks = json.loads(cursor)
        return {board: {"since": mark["since"], "seen": list(mark["seen"])} for board, mark in marks.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CursorExpired("The cursor of Trello's changes is not one that this connector wrote.") from None


def _place(cursor: Cursor | None) -> tuple[str, str | None]:
    if cursor is None:
        return "", None
    try:
        place = json.loads(cursor)
        return str(place["board"]), place["before"]
    except (ValueError, TypeError, KeyError):
        raise RecordError("The cursor of Trello's cards is not one that this connector wrote.") from None


def _unknown(stream: str) -> RecordError:
    return RecordError(f"Trello has no stream {stream!r}. There are: {', '.join(STREAMS)}.")
