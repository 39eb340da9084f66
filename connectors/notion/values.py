"""Pure: our values -> Notion's property values.

What a row holds when read back equals what was written, with these exceptions that Notion's own data model makes:
"" and None are one (nothing there) and read as None, or as () where several are held; a checkbox has no None and reads
as False; Money is written as its amount and read as Decimal; an instant keeps whole minutes, which is all that Notion
shows; of options that are named twice one is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.notion.texts import rich_text
from hub.core.errors import RecordError
from hub.core.money import Money
from hub.core.types import PropertyKind, Value

TYPES: Mapping[PropertyKind, str] = {
    "title": "title",
    "text": "rich_text",
    "number": "number",
    "checkbox": "checkbox",
    "date": "date",
    "instant": "date",
    "select": "select",
    "multi_select": "multi_select",
    "status": "status",
    "people": "people",
    "relation": "relation",
    "url": "url",
    "email": "email",
    "phone": "phone_number",
}
"""Kind of a property -> Notion's type of property that holds it."""

MANY = 100
"""Elements of one list in a request (developers.notion.com/reference/request-limits, like the lengths below)."""
OPTION = 100
LONGEST: Mapping[PropertyKind, int] = {"url": 2000, "email": 200, "phone": 200}
_LISTS = ("title", "text", "multi_select", "people", "relation")


def write(kind: PropertyKind, value: Value) -> dict[str, Any]:
    """One property value. None, "" and () clear it (a checkbox: None unticks).

    People are written by their ids: who is meant must have been looked up before.
    """
    return {TYPES[kind]: _content(kind, value)}


def _content(kind: PropertyKind, value: Value) -> Any:
    content: Any = None
    match kind, value:
        case "checkbox", bool() | None:
            content = bool(value)
        case _, None | "" | ():
            content = [] if kind in _LISTS else None
        case (("title" | "text"), str()):
            content = rich_text(value)
        case "number", Decimal() | int() | Money() if not isinstance(value, bool):
            content = number(value.amount if isinstance(value, Money) else value)
        case (("select" | "status"), str()):
            content = {"name": _option(kind, value)}
        case "multi_select", tuple():
            content = [{"name": _option(kind, one)} for one in dict.fromkeys(_listed(value))]
        case (("people" | "relation"), tuple()):
            content = [{"id": _id(one)} for one in _listed(value)]
        case (("url" | "email" | "phone"), str()):
            content = _fitting(value, LONGEST[kind])
        case "date", Mapping() if {"start"} <= set(value) <= {"start", "end"}:
            end = value.get("end")
            content = {"start": _moment(value["start"]), **({"end": _moment(end)} if end is not None else {})}
        case ("date", date()) | ("instant", datetime()):
            content = {"start": _moment(value)}
        case _:
            raise RecordError(f"a property of the kind {kind} cannot hold {value!r}.")
    return content


def _moment(value: Value) -> str:
    """A day, or the minute of an instant, as Notion wants to hear it."""
    match value:
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
        case date() if not isinstance(value, datetime):
            return value.isoformat()
    raise RecordError(f"a property of the kind date or instant cannot hold {value!r}: a datetime needs its zone.")


def _option(kind: PropertyKind, value: Value) -> str:
    if not isinstance(value, str) or not value:
        raise RecordError(f"a property of the kind {kind} cannot hold the option {value!r}.")
    if "," in value and kind != "status":
        raise RecordError(f"Notion takes no comma in an option, and « {value} » holds one: rename it.")
    return _fitting(value, OPTION)


def _listed(values: Sequence[Value]) -> Sequence[Value]:
    if len(values) > MANY:
        raise RecordError(f"Notion takes {MANY} of them at once, and there are {len(values)}.")
    return values


def _id(value: Value) -> str:
    if not isinstance(value, str) or not value:
        raise RecordError(f"{value!r} is no id of Notion's.")
    return value


def _fitting(text: str, most: int) -> str:
    if len(text) > most:
        raise RecordError(f"Notion takes {most:,} characters there, and there are {len(text):,}: nothing is cut.")
    return text


def number(value: Decimal | int) -> int | float:
    """A JSON number that stands for exactly this value: RecordError where Notion's 15 significant digits do not."""
    exact = Decimal(value)
    if exact.is_finite():
        nearest = float(exact)
        if Decimal(repr(nearest)) == exact:
            return int(exact) if exact == exact.to_integral_value() else nearest
    raise RecordError(f"Notion's numbers cannot hold {value} exactly.")
