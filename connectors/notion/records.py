"""Pure: our values <-> Notion's property values and schemas.

What a row holds when read back equals what was written, with these exceptions that Notion's own data model makes:
"" and None are one (nothing there) and read as None; a checkbox has no None and reads as False; Money is written as its
amount and read as Decimal; an instant keeps whole minutes, which is all that Notion shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.errors import ConfigError, RecordError
from hub.core.money import Money
from hub.core.types import Collection, Property, PropertyKind, Ref, Row, Value

ITEM_UNITS = 2000
"""Longest text of one rich text item. Notion counts as JavaScript does: a character beyond U+FFFF counts as two."""
ITEMS = 100
LISTED_ITEMS = 25
"""A page object lists so many items of a text; a text of exactly so many may go on."""

TYPES: Mapping[PropertyKind, str] = {
    "title": "title",
    "text": "rich_text",
    "number": "number",
    "select": "select",
    "checkbox": "checkbox",
    "date": "date",
    "instant": "date",
    "url": "url",
    "email": "email",
}

_BOLD = re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL)


def columns(collection: Collection) -> tuple[Property, ...]:
    """The properties of a table, with the one that holds the rows' keys."""
    if any(one.name == collection.key_property for one in collection.properties):
        return collection.properties
    return (*collection.properties, Property(name=collection.key_property, kind="text"))


def schema(properties: tuple[Property, ...]) -> dict[str, Any]:
    """What Notion wants to hear to make these properties."""
    return {
        one.name: {TYPES[one.kind]: {"format": one.number_format} if one.number_format else {}} for one in properties
    }


def differences(collection: Collection, found: Mapping[str, Any]) -> tuple[tuple[Property, ...], list[str]]:
    """Properties that a schema (or a row) lacks, and lines about those of the wrong type."""
    missing, wrong = [], []
    for one in columns(collection):
        needed = TYPES[one.kind]
        if one.name in found:
            has = found[one.name].get("type")
            if has != needed:
                wrong.append(
                    f'In the Notion database "{collection.name}" the property "{one.name}" has the type {has} and '
                    f"needs {needed}. Change its type in Notion, or rename it so that the hub can add its own."
                )
        elif needed == "title" and (title := next((n for n, p in found.items() if p.get("type") == "title"), None)):
            wrong.append(
                f'In the Notion database "{collection.name}" the title is called "{title}" and needs to be called '
                f'"{one.name}". Rename it in Notion, or in the mapping.'
            )
        else:
            missing.append(one)
    return tuple(missing), wrong


def problems(collection: Collection, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a schema (or a row) does not fit, a line each; () when it does."""
    missing, wrong = differences(collection, found)
    gone = (
        f'The Notion database "{collection.name}" has no property "{one.name}" ({TYPES[one.kind]}): it was renamed or '
        "deleted. Give it its name back, or let the hub add it anew."
        for one in missing
    )
    return (*gone, *wrong)


def properties(collection: Collection, values: Mapping[str, Value]) -> dict[str, Any]:
    """Notion's property values for some of a row's values. RecordError for what Notion cannot hold."""
    known = {one.name: one for one in columns(collection)}
    result = {}
    for name, value in values.items():
        if name not in known:
            raise RecordError(f'"{collection.name}" has no property "{name}"; it has: {", ".join(known)}.')
        try:
            result[name] = write(known[name].kind, value)
        except RecordError as error:
            raise RecordError(f'"{name}" of "{collection.name}": {error}') from error
    return result


def write(kind: PropertyKind, value: Value) -> dict[str, Any]:
    """One property value. None clears it (a checkbox: unticks)."""
    return {TYPES[kind]: _content(kind, value)}


def _content(kind: PropertyKind, value: Value) -> Any:
    content: Any = None
    match kind, value:
        case (("title" | "text"), str() | None):
            content = rich_text(value or "")
        case "checkbox", bool() | None:
            content = bool(value)
        case _, None | "":
            pass
        case "number", Decimal() | int() | Money() if not isinstance(value, bool):
            content = number(value.amount if isinstance(value, Money) else value)
        case "select", str():
            content = {"name": value}
        case (("url" | "email"), str()):
            content = value
        case "date", date() if not isinstance(value, datetime):
            content = {"start": value.isoformat()}
        case "instant", datetime() if value.tzinfo is not None:
            content = {"start": _minute(value).isoformat()}
        case _:
            raise RecordError(f"a property of the kind {kind} cannot hold {value!r}.")
    return content


def number(value: Decimal | int) -> int | float:
    """A JSON number that stands for exactly this value: RecordError where Notion's 15 significant digits do not."""
    exact = Decimal(value)
    if exact.is_finite():
        nearest = float(exact)
        if Decimal(repr(nearest)) == exact:
            return int(exact) if exact == exact.to_integral_value() else nearest
    raise RecordError(f"Notion's numbers cannot hold {value} exactly.")


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
    """What a person reads."""
    return "".join(item.get("plain_text", "") for item in items)


def unstarred(items: list[dict[str, Any]]) -> str:
    """Rich text as text, bold between double stars: the way back of `starred`."""
    text, was_bold = "", False
    for item in items:
        bold = bool((item.get("annotations") or {}).get("bold"))
        text += ("**" if bold != was_bold else "") + item.get("plain_text", "")
        was_bold = bold
    return text + ("**" if was_bold else "")


def read(kind: PropertyKind, found: Mapping[str, Any]) -> Value:
    """Our value of one property as Notion gives it. A date with an end, which only people make, is a pair."""
    content = found.get(TYPES[kind])
    match kind:
        case "title" | "text":
            return plain(content or []) or None
        case "checkbox":
            return bool(content)
        case "number":
            return None if content is None else Decimal(repr(content))
        case "select":
            return content["name"] if content else None
        case "date" | "instant":
            return _date(content) if content else None
        case "url" | "email":
            return content or None


def _date(content: Mapping[str, Any]) -> Value:
    zone = content.get("time_zone")
    start = moment(content["start"], zone)
    return (start, moment(content["end"], zone)) if content.get("end") else start


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


def has_key(collection: Collection, key: str) -> dict[str, Any]:
    """The filter that finds a row by its key."""
    kind = next(one.kind for one in columns(collection) if one.name == collection.key_property)
    return {"property": collection.key_property, TYPES[kind]: {"equals": key}}


def key_of(collection: Collection, page: Mapping[str, Any]) -> str:
    """The key of a row; "" for a row that is not ours."""
    found = page["properties"].get(collection.key_property, {})
    content = found.get(found.get("type", ""))
    return plain(content) if isinstance(content, list) else ""


def comparable(collection: Collection, values: Mapping[str, Value]) -> dict[str, Value]:
    """Values as they will read once Notion holds them (see the top of this file)."""
    kinds = {one.name: one.kind for one in columns(collection)}
    return {name: _as_read(kinds[name], value) for name, value in values.items() if name != collection.key_property}


def _as_read(kind: PropertyKind, value: Value) -> Value:
    if kind == "checkbox":
        return bool(value)
    if value in (None, ""):
        return None
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, datetime):
        return _minute(value)
    return value


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def title_of(page: Mapping[str, Any]) -> str:
    """The title of a page or row."""
    found = page.get("properties", {}).values()
    return next((plain(one["title"]) for one in found if one.get("type") == "title"), "")


def editor(thing: Mapping[str, Any], bot: str) -> str:
    """Who edited a page or block last: "hub", or the name or id of somebody else."""
    user = thing.get("last_edited_by") or {}
    return "hub" if user.get("id") == bot else str(user.get("name") or user.get("id") or "somebody")


def row(collection: Collection, page: Mapping[str, Any], bot: str) -> Row:
    """A row as it was seen. ConfigError when a property is gone or has another type."""
    found = page["properties"]
    if lines := problems(collection, found):
        raise ConfigError(" ".join(lines))
    values = {one.name: read(one.kind, found[one.name]) for one in columns(collection)}
    del values[collection.key_property]
    return Row(
        key=key_of(collection, page),
        values=values,
        ref=Ref(page["id"]),
        edited_at=instant(page["last_edited_time"]),
        edited_by=editor(page, bot),
    )
