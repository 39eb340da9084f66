"""Pure: a row of a data source as Notion gives it -> a record with the fields of a `page`, and its properties.

Property values: https://developers.notion.com/reference/page-property-values. A type that we do not know, and a button,
which holds nothing, leave the property out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import unquote
from zoneinfo import ZoneInfoNotFoundError

from connectors.notion import texts
from connectors.notion.values import TYPES
from hub.core.errors import RecordError
from hub.core.types import Property, PropertyKind, Record, Value

Json: TypeAlias = Mapping[str, Any]
Who: TypeAlias = Callable[[Json], Mapping[str, Value]]
"""A user as Notion shows it in a row (often its id only) -> who it is."""

LISTS = ("title", "rich_text", "people", "relation")
"""Types of which a page shows only the first items."""
GROUPS = ("to do", "in progress", "complete")
"""The three groups of a status, in Notion's order."""

KINDS: Mapping[str, PropertyKind] = {type_: kind for kind, type_ in TYPES.items() if kind != "instant"}
"""Type of a property that can be written -> its kind. A date holds a day, an instant or a span."""

_ABSENT: Any = object()
_Reader: TypeAlias = Callable[[Any, Who], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A data source: what its rows need to be read. `groups`: status property's id -> option's id -> its group."""

    id: str
    name: str
    database: str | None
    groups: Mapping[str, Mapping[str, str | None]]


def table(found: Json) -> Table:
    """A data source of Notion's. Groups are those of its schema; nobody can tell them by an option's name."""
    groups = {
        unquote(one["id"]): dict(_groups(one["status"].get("groups") or ()))
        for one in found["properties"].values()
        if one.get("type") == "status"
    }
    parent = found.get("parent") or {}
    name = texts.plain(found.get("title") or [])
    return Table(id=found["id"], name=name, database=parent.get("database_id"), groups=groups)


def _groups(found: Sequence[Json]) -> Iterator[tuple[str, str | None]]:
    """Option's id -> group. By the group's name, or in a workspace of another language by its place among three."""
    for place, group in enumerate(found):
        word = str(group.get("name")).casefold().replace("-", " ")
        by_place = GROUPS[place] if len(found) == len(GROUPS) else None
        for option in group.get("option_ids") or ():
            yield option, word if word in GROUPS else by_place


def columns(schema: Json) -> tuple[Property, ...]:
    """The properties of a data source that can be written.

    Options are told of a status only: Notion makes those that a select lacks.
    """
    return tuple(_column(name, one) for name, one in schema.items() if one.get("type") in KINDS)


def _column(name: str, found: Json) -> Property:
    type_ = found["type"]
    if type_ == "number":
        return Property(name=name, kind="number", number_format=found["number"].get("format"))
    if type_ != "status":
        return Property(name=name, kind=KINDS[type_])
    names = {option["id"]: option["name"] for option in found["status"].get("options") or ()}
    groups = dict(_groups(found["status"].get("groups") or ()))
    grouped = {names[key]: group for key, group in groups.items() if group and key in names}
    return Property(name=name, kind="status", options=tuple(names.values()), groups=grouped)


def knows(where: Table, page: Json) -> bool:
    """Whether every status of the row is in the schema as we have it."""
    return all(
        one["status"]["id"] in where.groups.get(unquote(one["id"]), {})
        for one in page["properties"].values()
        if one.get("type") == "status" and one["status"]
    )


def record(page: Json, where: Table, who: Who) -> Record:
    """The row. RecordError when a value is not as Notion describes it."""
    try:
        found = page["properties"]
        created = texts.instant(page["created_time"])
        properties = {name: value for name, one in found.items() if (value := read(one, who)) is not _ABSENT}
        fields: dict[str, Value] = {
            "title": texts.title_of(page),
            "url": page.get("url"),
            "place": {"key": where.id, "name": where.name},
            "archived": bool(page.get("is_archived")),
            "created_at": created,
            "edited_at": texts.instant(page["last_edited_time"]),
            "properties": properties,
            "property_ids": {name: one["id"] for name, one in found.items()},
            "groups": dict(_row_groups(found, where)),
        }
        if page.get("last_edited_by"):
            fields["edited_by"] = who(page["last_edited_by"])
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise RecordError(f"Row {page.get('id')} of Notion is not as Notion describes rows: {error!r}.") from error
    return Record(stream="row", key=page["id"], fields=fields, at=created)


def _row_groups(found: Json, where: Table) -> Iterator[tuple[str, Value]]:
    for name, one in found.items():
        if one.get("type") == "status":
            option = one["status"]
            group = where.groups.get(unquote(one["id"]), {}).get(option["id"]) if option else None
            if group or not option:
                yield name, group


def read(found: Json, who: Who) -> Value:
    """A property's value; `_ABSENT` for a type that holds none or that we do not know."""
    kind = str(found.get("type"))
    reader = _READERS.get(kind)
    return _ABSENT if reader is None else reader(found[kind], who)


def _date(content: Json) -> Value:
    """A day, an instant, or where it has an end a mapping of start and end."""
    zone = content.get("time_zone")
    try:
        start = texts.moment(content["start"], zone)
        return {"start": start, "end": texts.moment(content["end"], zone)} if content.get("end") else start
    except ZoneInfoNotFoundError:
        raise ValueError(f"{zone} is no time zone") from None


def _file(found: Json) -> Value:
    """Name, and address where it lies outside Notion: Notion's own addresses are new at every read and end in an hour.

    https://developers.notion.com/reference/file-object
    """
    outside = found.get("external")
    return {"name": found["name"], "url": outside["url"]} if outside else {"name": found["name"]}


def _rollup(content: Json, who: Who) -> Value:
    """A number or date, or the values of an array; nothing where Notion did not compute it."""
    if content["type"] != "array":
        return read(content, who)
    values = (read(one, who) for one in content["array"])
    return tuple(value for value in values if value is not _ABSENT)


def _unique_id(content: Json) -> Value:
    if content["number"] is None:
        return None
    return f"{content['prefix']}-{content['number']}" if content.get("prefix") else str(content["number"])


def _place(content: Json) -> Value:
    """Name and address of a place, with its latitude and longitude in degrees."""
    return {
        "name": content.get("name"),
        "address": content.get("address"),
        "latitude": Decimal(repr(content["lat"])),
        "longitude": Decimal(repr(content["lon"])),
    }


def _one(inner: Callable[[Any], Value]) -> _Reader:
    """Nothing stays nothing."""
    return lambda content, _who: inner(content) if content is not None else None


def _each(inner: Callable[[Any], Value]) -> _Reader:
    return lambda content, _who: tuple(inner(one) for one in content or ())


def _text(content: str) -> Value:
    return content or None


def _number(content: int | float) -> Value:
    return Decimal(repr(content))


_READERS: Mapping[str, _Reader] = {
    "title": _one(texts.plain),  # a title is always there, be it empty
    "rich_text": _one(lambda items: texts.plain(items) or None),
    **dict.fromkeys(("url", "email", "phone_number", "string"), _one(_text)),
    "number": _one(_number),
    **dict.fromkeys(("checkbox", "boolean"), _one(bool)),
    **dict.fromkeys(("select", "status"), _one(lambda option: option["name"])),
    "multi_select": _each(lambda option: option["name"]),
    "date": _one(_date),
    "people": lambda content, who: tuple(who(one) for one in content),
    "relation": _each(lambda page: page["id"]),
    "files": _each(_file),
    **dict.fromkeys(("created_time", "last_edited_time"), _one(texts.instant)),
    **dict.fromkeys(("created_by", "last_edited_by"), lambda content, who: who(content)),
    "formula": read,
    "rollup": _rollup,
    "unique_id": _one(_unique_id),
    "verification": _one(lambda content: content["state"]),
    "place": _one(_place),
}
"""Type of a property, or of what a formula or rollup gives -> how its content reads."""


def cut(page: Json) -> Iterator[dict[str, Any]]:
    """The properties of which the page shows only the beginning, or may."""
    for one in page["properties"].values():
        kind = one.get("type")
        if kind in LISTS and one.get("has_more", len(one.get(kind) or ()) >= texts.LISTED_ITEMS):
            yield one


def who_of(user: Json) -> dict[str, Value]:
    """A user or group as far as Notion shows it: key, name, e-mail address."""
    shown = {"key": user["id"], "name": user.get("name"), "email": (user.get("person") or {}).get("email")}
    return {part: value for part, value in shown.items() if value}


def person(user: Json) -> Record:
    """A user as a person: `bot` tells the connections from people. Fields that Notion hides from us are left out."""
    bot = user.get("type") == "bot"
    fields: dict[str, Value] = {"bot": bot}
    if "name" in user:
        fields["name"] = user["name"] or None
    if "email" in (user.get("person") or {}):
        fields["email"] = user["person"]["email"] or None
    return Record(stream="user", key=user["id"], fields=fields)


def comment(found: Json, page: str | None, who: Who) -> Record:
    """A comment as a message. `page`: the page that it stands on, None where it is not known."""
    at = texts.instant(found["created_time"])
    fields: dict[str, Value] = {
        "from": _author(found, who),
        "text": texts.plain(found.get("rich_text") or []) or None,
        "at": at,
        "created_at": at,
        "edited_at": texts.instant(found["last_edited_time"]),
        "discussion": found.get("discussion_id"),
    }
    if page is not None:
        fields["page"] = page
    return Record(stream="comment", key=found["id"], fields=fields, at=at)


def _author(found: Json, who: Who) -> Value:
    author = who(found["created_by"])
    name = (found.get("display_name") or {}).get("resolved_name")
    return author if "name" in author or not name else {**author, "name": name}


def since(made: str | None, edited: str | None) -> dict[str, Any]:
    """The part of a query's body that asks for rows made, and edited, in these minutes or later."""
    given = (("created_time", made), ("last_edited_time", edited))
    tests = [{"timestamp": name, name: {"on_or_after": minute}} for name, minute in given if minute]
    return {"filter": tests[0] if len(tests) == 1 else {"and": tests}} if tests else {}
