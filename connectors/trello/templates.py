"""Boards and cards made by copying a template: a board or a card that people marked as one in Trello."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.trello import records
from connectors.trello.cells import noon
from connectors.trello.client import Json, TrelloClient
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.http import Gone
from hub.core.types import Copied, Ref, Thing

LOOKS = 40
PAUSE = 1.5
"""Trello answers a board's copy before its cards are there. They are waited for so often, so many seconds apart."""

DATES = ("start", "due")


class TrelloTemplates:
    """What can be copied, and copying it."""

    def __init__(self, client: TrelloClient) -> None:
        self._client = client

    def templates(self) -> Sequence[Thing]:
        """Every template board, and every template card on the open boards (one call a board)."""
        return template_things(self._client, self._client.boards())

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
        """A copy of a template board or card, with all that is in it.

        `inside`: the id of the workspace for a board, of the list for a card; None: where the template stands.
        `dates`: "start" and "due" of a card, kept as noon UTC of that day since Trello has no dates; a board takes
        none. The marker stands in the last line of the copy's description.
        """
        try:
            board = self._client.board(template)
        except Gone:
            return self._card(self._source(template), name, inside, dates, marker, look_first)
        if dates:
            raise RecordError(
                f'The Trello board "{board["name"]}" takes no dates ({", ".join(dates)}): its cards keep the dates of '
                "the template. Give dates to a template card, or none."
            )
        return self._board(board, name, inside, marker, look_first)

    def _source(self, template: str) -> Json:
        try:
            return self._client.card(template)
        except Gone:
            raise RecordError(f"There is no Trello board or card {template} to copy: it was deleted.") from None

    def _board(self, source: Json, name: str, inside: str | None, marker: str, look_first: bool) -> Copied:
        made = _marked(self._client.boards(), marker) if look_first else None
        if made is None:
            desc = records.joined(records.split(source["desc"])[0], marker)
            body = {
                "name": name,
                "desc": desc,
                "idBoardSource": source["id"],
                "keepFromSource": "cards",
                "idOrganization": inside or source["idOrganization"],
                "defaultLists": False,
            }
            made = self._client.post("/boards/", {part: value for part, value in body.items() if value is not None})
        try:
            if records.split(made.get("desc") or "")[1] != marker:
                desc = records.joined(records.split(source["desc"])[0], marker)
                made = {**made, **self._client.put(f"/boards/{made['id']}", {"desc": desc})}
            self._wait_until_full(source, made)
        except TransientError as error:
            raise _half_made(error, made) from error
        return Copied(ref=Ref(made["id"]), url=made.get("url"), name=made["name"])

    def _wait_until_full(self, source: Json, made: Json) -> None:
        wanted = self._count(source["id"])
        there = 0
        for look in range(LOOKS):
            there = self._count(made["id"])
            if there >= wanted:
                return
            if look < LOOKS - 1:
                self._client.sleep(PAUSE)
        raise TransientError(
            f'Trello has copied {there} of {wanted} cards of the board "{source["name"]}" and not the others yet.'
        )

    def _count(self, board: str) -> int:
        """The cards that are copied with a board: those that are not archived."""
        pages = self._client.cards(board, only="closed")
        return sum(1 for page in pages for card in page if not card["closed"])

    def _card(
        self, source: Json, name: str, inside: str | None, dates: Mapping[str, date], marker: str, look_first: bool
    ) -> Copied:
        unknown = set(dates) - set(DATES)
        if unknown:
            raise RecordError(f"A Trello card has no date {', '.join(sorted(unknown))!r}; it has: {', '.join(DATES)}.")
        place = self._client.get(f"/lists/{inside}", fields="idBoard") if inside else source
        pages = self._client.cards(place["idBoard"], only="name,desc,shortUrl,isTemplate,due,start")
        made = _marked((card for page in pages for card in page), marker) if look_first else None
        wanted: dict[str, Any] = {
            "desc": records.joined(records.split(source["desc"])[0], marker),
            **{each: records.told(noon(day)) for each, day in dates.items()},
        }
        if made is None:
            body = {"idList": inside or source["idList"], "idCardSource": source["id"], "keepFromSource": "all"}
            made = self._client.post("/cards", {**body, "name": name, **wanted})
        # What a copy takes over from its source beside what it is told is not documented: it is looked at, and set.
        lacking = {each: value for each, value in wanted.items() if not _same(made.get(each), value)}
        if made.get("isTemplate"):
            lacking["isTemplate"] = False
        if lacking:
            try:
                made = {**made, **self._client.put(f"/cards/{made['id']}", lacking)}
            except TransientError as error:
                raise _half_made(error, made) from error
        return Copied(ref=Ref(made["id"]), url=made.get("shortUrl"), name=made["name"])


def template_things(client: TrelloClient, boards: Sequence[Json]) -> tuple[Thing, ...]:
    """The templates among these boards and their cards."""
    found = []
    for board in boards:
        if board["prefs"].get("isTemplate"):
            found.append(_thing(board, board.get("url"), records.workspace(board)))
            continue
        try:
            cards = [
                card for page in client.cards(board["id"], only="name,closed,isTemplate,shortUrl") for card in page
            ]
        except (Gone, ConfigError):  # taken from us since the boards were listed
            continue
        marked = (card for card in cards if card.get("isTemplate") and not card["closed"])
        found += [_thing(card, card.get("shortUrl"), board["name"]) for card in marked]
    return tuple(found)


def _thing(found: Json, url: str | None, inside: str | None) -> Thing:
    return Thing(kind="template", id=found["id"], name=found["name"], url=url, inside=inside)


def _marked(found: Iterable[Json], marker: str) -> Json | None:
    """The oldest of those that bear the marker: always the same one, should there be two."""
    ours = [each for each in found if records.split(each.get("desc") or "")[1] == marker]
    return min(ours, key=lambda each: str(each["id"]), default=None)


def _same(has: Any, wanted: str) -> bool:
    return has is not None and (has == wanted or (wanted[:4].isdigit() and records.told_again(has) == wanted))


def _half_made(error: TransientError, made: Json) -> TransientError:
    return TransientError(str(error), retry_after=error.retry_after, uncertain=True, committed=(made["id"],))
