"""Pure: a row's values -> what Trello wants to hear, and back. Names are looked up in what the board has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from connectors.trello import records
from connectors.trello.client import Json
from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Collection, Property, PropertyKind, Record, Row, Value

TASK_VALUES = ("title", "notes", "due", "start", "done", "assignees", "section", "labels", "archived")
"""The values of a row that are a card's own; every other is a custom field."""

ALONE = ("title", "due", "start", "done", "archived")
"""Those of them that can be written without knowing the board."""

COLUMN_TYPES: Mapping[PropertyKind, str] = {
    "title": "text",
    "text": "text",
    "url": "text",
    "email": "text",
    "phone": "text",
    "number": "number",
    "select": "list",
    "status": "list",
    "checkbox": "checkbox",
    "date": "date",
    "instant": "date",
}

KINDS: Mapping[str, PropertyKind] = {
    "text": "text",
    "number": "number",
    "list": "select",
    "checkbox": "checkbox",
    "date": "instant",
}
"""Type of a custom field -> its kind. Trello has no days: every date of it is an instant."""

TEXT_LIMIT = 16_384
NOON = time(12, tzinfo=UTC)


def noon(day: date) -> datetime:
    """A day as an instant: noon UTC is that very day from UTC-12 to UTC+11, which is nearly everywhere."""
    return datetime.combine(day, NOON)


def plain(name: str, value: Value) -> dict[str, Any]:
    """The part of a card's body for a value that needs no looking up. RecordError for what Trello cannot hold."""
    match name, value:
        case "title", str() if value.strip():
            return {"name": _fitting(name, value)}
        case (("due" | "start"), None):
            return {name: None}
        case (("due" | "start"), datetime()) if value.tzinfo is not None:
            return {name: records.told(value)}
        case (("due" | "start"), date()) if not isinstance(value, datetime):
            return {name: records.told(noon(value))}
        case "done", bool():
            return {"dueComplete": value}
        case "archived", bool():
            return {"closed": value}
    raise RecordError(f'"{name}" of a Trello card cannot be {value!r}.')


def plain_values(values: Mapping[str, Value]) -> dict[str, Any]:
    """The body for values that stand alone."""
    return {part: told for name, value in values.items() for part, told in plain(name, value).items()}


def description(notes: Value, key: str) -> dict[str, Any]:
    """The description, with our line where `key` is not ""."""
    if notes is not None and not isinstance(notes, str):
        raise RecordError(f'"notes" of a Trello card cannot be {notes!r}.')
    return {"desc": _fitting("notes", records.joined(notes or "", key))}


def list_id(section: Value, lists: Sequence[Json]) -> str:
    """The open list of that name (None: the first). RecordError when there is none, or more than one."""
    there = sorted((each for each in lists if not each["closed"]), key=lambda each: Decimal(str(each["pos"])))
    found = there[:1] if section is None else [each for each in there if each["name"] == section]
    if len(found) == 1:
        return str(found[0]["id"])
    names = ", ".join(each["name"] for each in there) or "none"
    if not found:
        raise RecordError(f'The Trello board has no open list "{section or ""}". It has: {names}.')
    raise RecordError(f'The Trello board has {len(found)} open lists "{section}": rename all but one.')


def member_ids(assignees: Value, members: Sequence[Json]) -> list[str]:
    """The members that are meant, by id, username, address (as far as Trello shows it) or name."""
    return list(dict.fromkeys(_member(who, members) for who in _each(assignees, "assignees")))


def _member(who: Value, members: Sequence[Json]) -> str:
    """Whose id, username, address or name is one of these words; RecordError when that is nobody or several."""
    said = dict.fromkeys(str(each).strip() for each in (who.values() if isinstance(who, Mapping) else (who,)) if each)
    words = {each.removeprefix("@").casefold() for each in said}
    fits: list[Json] = []
    for place in ("id", "username", "email", "fullName"):
        fits = [each for each in members if str(each.get(place) or "").casefold() in words]
        if len(fits) == 1:
            return str(fits[0]["id"])
        if fits:
            break
    wanted = " / ".join(said) or "Somebody without a name"
    named = ", ".join(f"{each['fullName']} (@{each['username']})" for each in fits or members) or "nobody"
    if fits:
        raise RecordError(f"{len(fits)} members of the Trello board are called {wanted}: {named}. Give the username.")
    raise RecordError(f"{wanted} is not a member of the Trello board. On it: {named}. Invite her there.")


def label_names(labels: Value) -> list[str]:
    """The names of the labels that a row wants."""
    names = list(_each(labels, "labels"))
    wrong = [name for name in names if not isinstance(name, str) or not name.strip()]
    if wrong:
        raise RecordError(f'"labels" of a Trello card are names, not {wrong[0]!r}.')
    return [str(name) for name in names]


def label_ids(names: Sequence[str], labels: Sequence[Json]) -> tuple[list[str], list[str]]:
    """The ids of the labels of these names (or colours), and the names that the board has no label for."""
    known: dict[str, str] = {}
    for each in labels:
        known.setdefault(records.label_name(each), each["id"])
    return [known[name] for name in names if name in known], [name for name in names if name not in known]


def column_of(name: str, columns: Sequence[Json]) -> Json:
    """The custom field of that name; RecordError when the board has none."""
    found = next((column for column in columns if column["name"] == name), None)
    if found is None:
        has = ", ".join(column["name"] for column in columns) or "none"
        raise RecordError(f'The Trello board has no custom field "{name}". It has: {has}.')
    return found


def unreached(
    columns: Sequence[Json], key_column: Json | None, card: Json, row: Row
) -> list[tuple[Json, Mapping[str, Any]]]:
    """The custom fields of a card of ours that are empty because its making was cut short, each with its body.

    The key is set last: where it stands in its field, all were set. A value that cannot be written is left out.
    """
    held = records.values(columns, card.get("customFieldItems") or ())
    if key_column is not None and held[key_column["name"]]:
        return []
    found: list[tuple[Json, Mapping[str, Any]]] = []
    for column in columns:
        value = row.values.get(column["name"])
        if value not in (None, False, "", ()) and held[column["name"]] in (None, False):
            with suppress(RecordError):
                found.append((column, item(column, value)))
    if key_column is not None:
        found.append((key_column, item(key_column, row.key)))
    return found


def item(column: Json, value: Value) -> dict[str, Any]:
    """The body that sets a custom field; numbers and boxes are texts there. None clears it, as False does a box."""
    held: dict[str, Any] | None = None
    match column["type"], value:
        case "list", None | "" | ():
            return {"idValue": ""}
        case _, None | "" | ():
            return {"value": ""}
        case "checkbox", bool():
            return {"value": {"checked": "true"} if value else ""}
        case "text", str():
            held = {"text": _fitting(column["name"], value)}
        case "number", (int() | Decimal() | Money()) if not isinstance(value, bool):
            held = {"number": _number(value.amount if isinstance(value, Money) else Decimal(value))}
        case "date", datetime() if value.tzinfo is not None:
            held = {"date": records.told(value)}
        case "date", date() if not isinstance(value, datetime):
            held = {"date": records.told(noon(value))}
        case "list", str():
            options = {option["value"]["text"]: option["id"] for option in column.get("options") or ()}
            if value not in options:
                known = ", ".join(options) or "none"
                raise RecordError(f'The custom field "{column["name"]}" has no option "{value}". It has: {known}.')
            return {"idValue": options[value]}
    if held is None:
        raise RecordError(f'The custom field "{column["name"]}" ({column["type"]}) cannot hold {value!r}.')
    return {"value": held}


def seen(collection: Collection, record: Record) -> dict[str, Value]:
    """A card's values as the collection speaks of them: noon UTC is a day where the collection says it is a date."""
    properties = record.fields["properties"]
    held: dict[str, Value] = dict(properties) if isinstance(properties, Mapping) else {}
    held |= {name: record.fields[name] for name in TASK_VALUES}
    held["notes"] = held["notes"] or None
    for each in collection.properties:
        value = held.get(each.name)
        if each.kind == "date" and isinstance(value, datetime) and value.timetz() == NOON:
            held[each.name] = value.date()
    held.pop(collection.key_property, None)
    return held


def columns(collection: Collection, found: Sequence[Json]) -> tuple[Property, ...]:
    """What can be written on a board: a card's instants, which know no days, and the board's custom fields."""
    own = (*TASK_VALUES, collection.key_property)
    return (
        Property(name="due", kind="instant"),
        Property(name="start", kind="instant"),
        *(_property(each) for each in found if each["type"] in KINDS and each["name"] not in own),
    )


def _property(found: Json) -> Property:
    texts = tuple(str(option["value"]["text"]) for option in found.get("options") or ())
    return Property(name=found["name"], kind=KINDS[found["type"]], options=texts if found["type"] == "list" else None)


def column_problems(collection: Collection, columns: Sequence[Json]) -> tuple[list[tuple[str, str]], list[str]]:
    """Custom fields that the board lacks (name and type), and lines about those of the wrong type."""
    has = {column["name"]: column["type"] for column in columns}
    missing, wrong = [], []
    for each in collection.properties:
        if each.name in TASK_VALUES or each.name == collection.key_property:
            continue
        needed = COLUMN_TYPES.get(each.kind)
        if needed is None:
            wrong.append(
                f'Trello has no custom field that holds a {each.kind}: leave "{each.name}" out of "{collection.name}".'
            )
        elif each.name not in has:
            missing.append((each.name, needed))
        elif has[each.name] != needed:
            wrong.append(
                f'On the Trello board "{collection.name}" the custom field "{each.name}" has the type '
                f"{has[each.name]} and needs {needed}. Trello cannot change it: rename it, or name another."
            )
    return missing, wrong


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise RecordError(f"A custom field cannot hold the number {value}.")
    return format(value, "f")


def _each(value: Value, name: str) -> Sequence[Value]:
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return value
    if isinstance(value, str | Mapping):
        return (value,)
    raise RecordError(f'"{name}" of a Trello card cannot be {value!r}.')


def _fitting(name: str, text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise RecordError(f'"{name}" has {len(text):,} characters; Trello takes {TEXT_LIMIT:,}.')
    return text
