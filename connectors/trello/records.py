"""Pure: Trello's JSON <-> our values.

Trello has no dates: `due` and `start` are always instants, and a day that a person picked without an hour is one too.
It has no author on a card: `edited_by` is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from hub.core.errors import RecordError
from hub.core.types import Record, Value

Json: TypeAlias = Mapping[str, Any]

KEY_FIELD = "Hub"
"""A text field of this name holds our key where a board has one; else a last line of the description does."""
_KEY_LINE = re.compile(r"(?:\A|\n\n|\n)Hub: ([^\n]+)\s*\Z")

CARD_FIELDS = (
    "name,desc,closed,due,dueComplete,start,dateLastActivity,idBoard,idList,labels,url,shortUrl,isTemplate,cardRole"
)
"""What `card` reads, beside the nested members, checklists and customFieldItems."""
BOARD_FIELDS = "name,closed,url,idOrganization,prefs,desc"
MEMBER_FIELDS = "fullName,username"


def card(found: Json, *, board: Json, section: Json | None, columns: Sequence[Json]) -> Record | None:
    """A card as a task; None for what is no task (mirror, link and separator cards, templates).

    `board` and `section` (the card's list; None when it is not known any more) have `name` and `closed`; `columns` are
    the board's custom fields. RecordError when Trello's JSON has another shape than its documentation says.
    """
    with readable("card", found):
        if found.get("cardRole") or found.get("isTemplate"):
            return None
        notes, key = split(found["desc"])
        properties = values(columns, found.get("customFieldItems") or ())
        in_field = properties.get(KEY_FIELD)
        return Record(
            stream="card",
            key=found["id"],
            at=created(found["id"]),
            fields={
                "title": found["name"],
                "notes": notes or None,
                "due": instant(found["due"]),
                "start": instant(found.get("start")),
                "done": bool(found["dueComplete"]),
                "assignees": tuple(_who(each) for each in found.get("members") or ()),
                "section": section["name"] if section else None,
                "places": ({"key": found["idBoard"], "name": board["name"]},),
                "labels": tuple(label_name(each) for each in found["labels"]),
                "checklist": _steps(found.get("checklists") or ()),
                "archived": found["closed"] or bool(section and section["closed"]),
                "edited_at": instant(found["dateLastActivity"]),
                "created_at": created(found["id"]),
                "properties": properties,
                "hub_key": in_field if isinstance(in_field, str) and in_field else key,
                "url": found.get("shortUrl") or found["url"],
            },
        )


def member(found: Json) -> Record:
    """A member as a person. Trello tells no member's address to another."""
    with readable("member", found):
        fields: dict[str, Value] = {"name": found["fullName"] or None, "username": found["username"]}
        return Record(stream="member", key=found["id"], fields=fields)


def board(found: Json) -> Record:
    """A board, with its lists."""
    with readable("board", found):
        fields: dict[str, Value] = {
            "name": found["name"],
            "url": found["url"],
            "archived": found["closed"],
            "workspace": workspace(found),
            "lists": tuple(
                {"key": each["id"], "name": each["name"], "archived": each["closed"]} for each in found["lists"]
            ),
            "created_at": created(found["id"]),
        }
        return Record(stream="board", key=found["id"], fields=fields)


def workspace(board: Json) -> str | None:
    """The name of the workspace that a board stands in, where Trello tells it."""
    name = (board.get("organization") or {}).get("displayName")
    return name if isinstance(name, str) and name else None


def values(columns: Sequence[Json], items: Sequence[Json]) -> dict[str, Value]:
    """Custom fields by the names that people gave them; None where a card holds nothing (a box: not ticked)."""
    given = {item["idCustomField"]: item for item in items}
    return {column["name"]: _value(column, given.get(column["id"])) for column in columns}


def _value(column: Json, item: Json | None) -> Value:
    kind = column["type"]
    held = (item or {}).get("value") or {}
    if kind == "checkbox":
        return str(held.get("checked")).lower() == "true"
    if item is None:
        return None
    if kind == "list":
        options = {option["id"]: option["value"]["text"] for option in column.get("options") or ()}
        chosen: str | None = options.get(item.get("idValue"))
        return chosen
    if kind == "number":
        return Decimal(str(held["number"])) if held.get("number") not in (None, "") else None
    if kind == "date":
        return instant(held.get("date"))
    text = held.get("text")
    return str(text) if text else None


def label_name(label: Json) -> str:
    """What people call a label: its name, or its colour where it has none."""
    return str(label.get("name") or label.get("color") or label["id"])


def _who(member: Json) -> Mapping[str, Value]:
    named = {"key": member["id"], "name": member.get("fullName"), "username": member.get("username")}
    return {part: text for part, text in named.items() if text}


def _steps(checklists: Sequence[Json]) -> tuple[Mapping[str, Value], ...]:
    steps: list[Mapping[str, Value]] = []
    for checklist in sorted(checklists, key=_place):
        for item in sorted(checklist["checkItems"], key=_place):
            step: dict[str, Value] = {"title": item["name"], "done": item["state"] == "complete"}
            if item.get("due"):
                step["due"] = instant(item["due"])
            steps.append(step)
    return tuple(steps)


def _place(found: Json) -> Decimal:
    return Decimal(str(found["pos"]))


def split(desc: str) -> tuple[str, str | None]:
    """A description without our last line, and the key that stands in that line (None: there is no such line)."""
    found = _KEY_LINE.search(desc)
    return (desc[: found.start()], found.group(1).strip()) if found else (desc, None)


def joined(notes: str, key: str) -> str:
    """A description with our line at its end; without one where the key is ""."""
    if not key:
        return notes
    return f"{notes}\n\nHub: {key}" if notes else f"Hub: {key}"


def created(identifier: str) -> datetime:
    """When a thing was made: the first eight hex digits of its id are seconds (MongoDB's ObjectId)."""
    return datetime.fromtimestamp(int(identifier[:8], 16), UTC)


def instant(text: str | None) -> datetime | None:
    """An instant of Trello's, such as 2026-11-21T10:00:00.000Z; None for none."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return found.astimezone(UTC)


def told(moment: datetime) -> str:
    """An instant as Trello writes it, in milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told_again(text: str) -> str | None:
    """An instant of Trello's, written as we write it; None for what is no instant."""
    try:
        moment = instant(text)
    except ValueError:
        return None
    return told(moment) if moment else None


@contextmanager
def readable(stream: str, found: Any) -> Iterator[None]:
    """RecordError when Trello's JSON has not the shape that we know."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        name = found.get("id") if isinstance(found, Mapping) else None
        why = f"{type(error).__name__}: {error}"
        raise RecordError(f"Trello's {stream} {name} cannot be read ({why}).") from None
