"""Reading Lantern: a list for a backfill, one call for one sign-up, a log of changes for what was missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hub.core.errors import RecordError, TransientError
from hub.core.http import Api, Gone
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Event, Page, Record

from hub_lantern import records
from hub_lantern.client import PAGE
from hub_lantern.webhook import EVENT_TYPES


class LanternSource:
    """One account, read."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def check(self) -> Sequence[str]:
        """Whose key it is."""
        return (f"Account: {self._api.get('/me')['name']}",)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every sign-up, oldest first. The cursor is Lantern's token of the next page, which stays good."""
        _known(stream)
        token: str | None = cursor
        while True:
            answer = self._api.get("/signups", page=token, limit=PAGE)
            found, behind = _list(answer, "signups"), answer.get("next")
            if behind is not None and (not found or behind == token):
                raise TransientError("Lantern's list of sign-ups repeats itself; it was not read to its end.")
            last = Cursor(str(behind)) if behind is not None else None
            yield Page(records=[records.signup(each) for each in found], cursor=last)
            if behind is None:
                return
            token = str(behind)

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """The sign-up as it is now."""
        _known(stream)
        try:
            return (records.signup(self._api.get(f"/signups/{quote(key, safe='')}")),)
        except Gone:
            return (Record(stream=stream, key=key, deleted=True),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """What the log of changes says, oldest first. The cursor is the number of the last change."""
        if cursor is None:
            yield (), Cursor(str(self._api.get("/changes/last")["number"]))
            return
        while True:
            try:
                answer = self._api.get("/changes", after=cursor, limit=PAGE)
            except Gone as error:
                raise CursorExpired(f"Lantern does not remember its change {cursor} any more.") from error
            found, more = _list(answer, "changes"), answer.get("more")
            if found:
                cursor = Cursor(str(found[-1]["number"]))
            yield [_event(each) for each in found], cursor
            if not more:
                return


def _list(answer: Any, name: str) -> list[dict[str, Any]]:
    """The list in an answer. TransientError when there is none: never an empty one."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise TransientError(f"Lantern answered without the list of {name}.")
    return found


def _event(found: Mapping[str, Any]) -> Event:
    stream = EVENT_TYPES.get(found["type"])
    return Event(id=f"change-{found['number']}", type=found["type"], stream=stream, key=found["signup"])


def _known(stream: str) -> None:
    if stream != "signup":
        raise RecordError(f"Lantern has no stream {stream!r}. It has: signup.")
