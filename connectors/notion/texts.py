"""Pure: texts and times as Notion has them, and in our form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.errors import RecordError

ITEM_UNITS = 2000
"""Longest text of one rich text item. Notion counts as JavaScript does: a character beyond U+FFFF counts as two."""
ITEMS = 100
LISTED_ITEMS = 25
"""A page object lists so many items of a text; a text of exactly so many may go on."""

_BOLD = re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL)


def rich_text(text: str, *, bold: bool = False) -> list[dict[str, Any]]:
    """A text in items of at most 2,000 characters. RecordError for more than 100 items: nothing is cut."""
    items = [
        {"type": "text", "text": {"content": part}, **({"annotations": {"bold": True}} if bold else {})}
        for part in _parts(text)
    ]
    if len(items) > ITEMS:
        raise RecordError(f"a text of {len(text):,} characters is more than Notion takes ({ITEMS * ITEM_UNITS:,}).")
    return items


def _parts(text: str) -> Iterator[str]:
    start = units = 0
    for index, char in enumerate(text):
        width = 2 if ord(char) > 0xFFFF else 1
        if units + width > ITEM_UNITS:
            yield text[start:index]
            start, units = index, 0
        units += width
    if start < len(text):
        yield text[start:]


def starred(text: str) -> list[dict[str, Any]]:
    """A text with **bold** between double stars as rich text."""
    items: list[dict[str, Any]] = []
    for index, part in enumerate(_BOLD.split(text)):
        items += rich_text(part, bold=index % 2 == 1)
    if len(items) > ITEMS:
        raise RecordError(f"a text with {len(items)} pieces is more than Notion takes in one block ({ITEMS}).")
    return items


def plain(items: Sequence[Mapping[str, Any]]) -> str:
    """What a person reads; of items that we made, what she will read."""
    return "".join(item.get("plain_text", (item.get("text") or {}).get("content", "")) for item in items)


def unstarred(items: list[dict[str, Any]]) -> str:
    """Rich text as text, bold between double stars: the way back of `starred`."""
    text, was_bold = "", False
    for item in items:
        bold = bool((item.get("annotations") or {}).get("bold"))
        text += ("**" if bold != was_bold else "") + item.get("plain_text", "")
        was_bold = bold
    return text + ("**" if was_bold else "")


def title_of(page: Mapping[str, Any]) -> str:
    """The title of a page or row."""
    found = page.get("properties", {}).values()
    return next((plain(one["title"]) for one in found if one.get("type") == "title"), "")


def moment(text: str, zone: str | None) -> date | datetime:
    """One end of a date of Notion's: a day stays a day, a time becomes UTC. `zone` is for a time without an offset."""
    if len(text) == 10:
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    return at.astimezone(UTC)


def instant(text: str) -> datetime:
    """Notion's time of a page or block: to the minute."""
    return datetime.fromisoformat(text).astimezone(UTC)
