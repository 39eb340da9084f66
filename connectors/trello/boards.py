"""What the names in a row mean on a board: its lists, custom fields, members and labels, kept for some minutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property

from connectors.trello.client import Json, TrelloClient

KEPT = 300.0
"""Seconds for which a board is believed to be as it was. A name that it does not have, it is asked for again."""


class OnBoard:
    """One board as it was when it was read; each part is read when it is first needed."""

    def __init__(self, client: TrelloClient, board: Json) -> None:
        self._client = client
        self.board = board

    @property
    def lists(self) -> list[Json]:
        """Its lists, archived ones too."""
        found: list[Json] = self.board["lists"]
        return found

    @cached_property
    def columns(self) -> list[Json]:
        """Its custom fields."""
        return self._client.columns(self.board["id"])

    @cached_property
    def members(self) -> list[Json]:
        """Who is on it."""
        return self._client.members(self.board["id"])

    @cached_property
    def labels(self) -> list[Json]:
        """Its labels. Add those that are made."""
        return self._client.labels(self.board["id"])


class Boards:
    """The boards that were written on lately. `clock` tells seconds."""

    def __init__(self, client: TrelloClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[OnBoard, float]] = {}

    def kept(self, board: str) -> OnBoard | None:
        """The board as it was read in the last minutes, or None."""
        found, until = self._kept.get(board, (None, 0.0))
        return found if self._clock() < until else None

    def read(self, board: str) -> OnBoard:
        """The board as it is now. Gone, or ConfigError, when it is not there for us."""
        found = OnBoard(self._client, self._client.board(board))
        self._kept[board] = (found, self._clock() + KEPT)
        return found
