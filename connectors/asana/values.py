"""Pure: what the hub's properties are called and hold in Asana's custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.asana import records
from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import Property, PropertyKind, Value

if TYPE_CHECKING:
    from connectors.asana.names import Names

WRITABLE = ("title", "notes", "due", "start", "done", "assignees", "section", "labels")
"""The fields of a task that can be written; every other name is a custom field's."""

TYPES: Mapping[PropertyKind, tuple[str, ...]] = {
    "text": ("text",),
    "url": ("text",),
    "email": ("text", "people"),
    "phone": ("text",),
    "number": ("number",),
    "select": ("enum", "multi_enum"),
    "multi_select": ("multi_enum",),
    "status": ("enum",),
    "people": ("people",),
    "date": ("date",),
    "instant": ("date",),
}
"""Kind of a property -> the types of custom field that hold it. Asana has no check boxes and one title."""

KINDS: Mapping[str, PropertyKind] = {
    "text": "text",
    "number": "number",
    "enum": "select",
    "multi_enum": "multi_select",
    "date": "date",
    "people": "people",
}
"""Type of a custom field that can be written -> its kind."""

TEXT_LIMIT = 1024
"""Characters that a custom text field keeps."""


def column(found: Mapping[str, Any]) -> Property | None:
    """A custom field that can be written; None for one that is computed or of another type."""
    kind = KINDS.get(found["resource_subtype"])
    if kind is None or found.get("is_value_read_only"):
        return None
    options = tuple(each["name"] for each in _enabled(found)) if kind in ("select", "multi_select") else None
    return Property(name=found["name"], kind=kind, options=options)


def problem(project: str, wanted: Property, found: Mapping[str, Any] | None) -> str | None:
    """Why a custom field does not fit, or None."""
    types = TYPES.get(wanted.kind, ())
    if not types:
        return f'Asana has no custom field that holds a {wanted.kind}: leave "{wanted.name}" out of "{project}".'
    if found is None:
        return f'The Asana project "{project}" has no custom field "{wanted.name}" ({types[0]}): add it there.'
    if found["resource_subtype"] not in types:
        return (
            f'The custom field "{wanted.name}" of the Asana project "{project}" has the type '
            f"{found['resource_subtype']} and needs {' or '.join(types)}: rename it, and add one of that type."
        )
    if found.get("is_value_read_only"):
        return f'The custom field "{wanted.name}" of the Asana project "{project}" is computed and cannot be written.'
    return None


def custom(
    project: str, values: Mapping[str, Value], fields: Mapping[str, dict[str, Any]], names: Names
) -> dict[str, Any]:
    """What `custom_fields` of a task says: gid of the field -> value. RecordError for what a field cannot hold."""
    held = {}
    for name, value in values.items():
        if name not in fields:
            known = ", ".join((*WRITABLE, *fields))
            raise RecordError(f'The Asana project "{project}" has no field "{name}". It has: {known}.')
        try:
            held[fields[name]["gid"]] = _one(fields[name], value, names)
        except RecordError as error:
            raise RecordError(f'"{name}" of "{project}" in Asana: {error}') from error
    return held


def _one(field: Mapping[str, Any], value: Value, names: Names) -> Any:  # noqa: PLR0911  one answer for each type
    match field["resource_subtype"], value:
        case (("multi_enum" | "people"), None | "" | ()):
            return []
        case _, None | "" | ():
            return None
        case "text", str():
            if len(value) > TEXT_LIMIT:
                raise RecordError(f"a text of {len(value):,} characters is more than Asana keeps ({TEXT_LIMIT:,}).")
            return value
        case "number", Decimal() | int() | Money() if not isinstance(value, bool):
            amount = value.amount if isinstance(value, Money) else value
            return records.json_number(amount, field.get("precision"))
        case "enum", str():
            return _option(field, value)
        case "multi_enum", str() | tuple():
            return [_option(field, str(each)) for each in (value if isinstance(value, tuple) else (value,))]
        case "date", datetime() if value.tzinfo is not None:
            return {"date_time": records.timestamp(value)}
        case "date", date() if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        case "people", str() | tuple() | Mapping():
            return [names.person(each) for each in (value if isinstance(value, tuple) else (value,))]
        case kind, _:
            raise RecordError(f"a field of the type {kind} cannot hold {value!r}.")


def _option(field: Mapping[str, Any], wanted: str) -> str:
    options = _enabled(field)
    fits = [each for each in options if each["name"] == wanted] or [
        each for each in options if each["name"].casefold() == wanted.casefold()
    ]
    if not fits:
        raise RecordError(f"there is no option {wanted!r}. There are: {records.names(options)}. Add it in Asana.")
    return str(fits[0]["gid"])


def _enabled(field: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in field.get("enum_options") or () if each.get("enabled", True)]
