"""Pure: a collection and its rows <-> Notion's schemas, pages and filters."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.notion import rows
from connectors.notion.texts import instant, plain
from connectors.notion.values import TYPES, write
from hub.core.errors import ConfigError, RecordError
from hub.core.types import Collection, Property, Ref, Row, Value


def columns(collection: Collection) -> tuple[Property, ...]:
    """The properties of a table, with the one that holds the rows' keys."""
    if any(one.name == collection.key_property for one in collection.properties):
        return collection.properties
    return (*collection.properties, Property(name=collection.key_property, kind="text"))


def schema(collection: Collection, properties: tuple[Property, ...]) -> dict[str, Any]:
    """What Notion wants to hear to make these properties. ConfigError for a relation: it needs a person's choice."""
    for one in properties:
        if one.kind == "relation":
            raise ConfigError(
                f'The Notion database "{collection.name}" has no relation "{one.name}": make it in Notion, where you '
                "choose the database that it leads to."
            )
    return {one.name: {TYPES[one.kind]: _config(one)} for one in properties}


def _config(one: Property) -> dict[str, Any]:
    if one.options:
        return {"options": [{"name": option} for option in one.options]}
    return {"format": one.number_format} if one.number_format else {}


def differences(
    collection: Collection, found: Mapping[str, Any], only: Container[str] | None = None
) -> tuple[tuple[Property, ...], list[str]]:
    """Properties (`only` those names) that a schema or a row lacks, and lines about those of the wrong type."""
    missing, wrong = [], []
    for one in columns(collection):
        if only is not None and one.name not in only:
            continue
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


def problems(collection: Collection, found: Mapping[str, Any], only: Container[str] | None = None) -> tuple[str, ...]:
    """Why a schema or a row does not fit, a line each; () when it does."""
    missing, wrong = differences(collection, found, only)
    gone = (
        f'The Notion database "{collection.name}" has no property "{one.name}" ({TYPES[one.kind]}): it was renamed or '
        "deleted. Give it its name back, or let the hub add it anew."
        for one in missing
    )
    return (*gone, *wrong)


def unknown_statuses(collection: Collection, schema: Mapping[str, Any], values: Mapping[str, Value]) -> tuple[str, ...]:
    """A line for each value that is no option of its status: Notion lets only people add those."""
    return tuple(
        f'"{one.name}" of "{collection.name}": Notion has no status « {values[one.name]} » there. It has: '
        f"{', '.join(one.options or ())}. Add it in Notion, or write one of these."
        for one in rows.columns(schema)
        if one.kind == "status" and values.get(one.name) not in (None, "", *(one.options or ()))
    )


def properties(collection: Collection, values: Mapping[str, Value]) -> dict[str, Any]:
    """Notion's property values for some of a row's values. RecordError for what Notion cannot hold."""
    known = {one.name: one for one in columns(collection)}
    result = {}
    for name, value in values.items():
        if name not in known:
            raise RecordError(f'"{collection.name}" has no property "{name}"; it has: {", ".join(known)}.')
        with naming(collection, name):
            result[name] = write(known[name].kind, value)
    return result


@contextmanager
def naming(collection: Collection, name: str) -> Iterator[None]:
    """A RecordError inside says of which property it speaks."""
    try:
        yield
    except RecordError as error:
        raise RecordError(f'"{name}" of "{collection.name}": {error}') from error


def has_key(collection: Collection, key: str) -> dict[str, Any]:
    """The filter that finds a row by its key."""
    kind = next(one.kind for one in columns(collection) if one.name == collection.key_property)
    return {"property": collection.key_property, TYPES[kind]: {"equals": key}}


def key_of(collection: Collection, page: Mapping[str, Any]) -> str:
    """The key of a row; "" for a row that is not ours."""
    found = page["properties"].get(collection.key_property, {})
    content = found.get(found.get("type", ""))
    return plain(content) if isinstance(content, list) else ""


def editor(thing: Mapping[str, Any], bot: str) -> str:
    """Who edited a page or block last: "hub", or the name or id of somebody else."""
    user = thing.get("last_edited_by") or {}
    return "hub" if user.get("id") == bot else str(user.get("name") or user.get("id") or "somebody")


def fitting(collection: Collection, page: Mapping[str, Any]) -> dict[str, Any]:
    """The row's properties that are the collection's. ConfigError when one is gone or has another type."""
    found: Mapping[str, Any] = page["properties"]
    if lines := problems(collection, found):
        raise ConfigError(" ".join(lines))
    return {one.name: found[one.name] for one in columns(collection)}


def row(collection: Collection, page: Mapping[str, Any], bot: str, who: rows.Who) -> Row:
    """A row as it was seen, with the values that the source gives."""
    values = {name: rows.read(one, who) for name, one in fitting(collection, page).items()}
    del values[collection.key_property]
    return Row(
        key=key_of(collection, page),
        values=values,
        ref=Ref(page["id"]),
        edited_at=instant(page["last_edited_time"]),
        edited_by=editor(page, bot),
    )


def seen(row: Row, thing: Mapping[str, Any], editor: str) -> Row:
    """`row` as it is in Notion now, where `thing` is its page or block."""
    return Row(
        key=row.key,
        values=row.values,
        ref=Ref(thing["id"]),
        edited_at=instant(thing["last_edited_time"]),
        edited_by=editor,
    )
