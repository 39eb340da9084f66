"""Our values as canonical JSON text: the same value gives the same bytes, and comes back as it was.

Types that JSON lacks are tagged: {"$m": ["12.50", "EUR"]} money, {"$n": "0.5"} decimal, {"$d": "2026-11-21"} date,
{"$t": "2026-11-21T10:00:00+00:00"} instant (always UTC). A float or a naive datetime is a TypeError.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from hub.core.money import Money
from hub.core.types import Value


def _number(value: Decimal) -> str:
    """1.5, 1.50 and 15E-1 are one number and one text; so are 0 and -0.00."""
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tuples(node: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuples(inner) if isinstance(inner, list) else inner for inner in node)


def _plain(value: Value) -> Any:  # noqa: PLR0911  one line for each kind of value
    match value:
        case None | bool() | str():
            return value
        case float():
            raise TypeError(f"A float has no place in the hub's data: {value!r}")
        case int():
            return value
        case Money():
            return {"$m": [_number(value.amount), value.currency]}
        case Decimal():
            return {"$n": _number(value)}
        case datetime():
            if value.tzinfo is None:
                raise TypeError(f"An instant needs a time zone: {value!r}")
            return {"$t": value.astimezone(UTC).isoformat()}
        case date():
            return {"$d": value.isoformat()}
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no place in the hub's data: {value!r}")


def _rich(node: dict[str, Any]) -> Any:
    if len(node) == 1:
        ((tag, inner),) = node.items()
        if tag == "$m":
            return Money(Decimal(inner[0]), inner[1])
        if tag == "$t":
            return datetime.fromisoformat(inner)
        if tag == "$d":
            return date.fromisoformat(inner)
        if tag == "$n":
            return Decimal(inner)
    return {key: _tuples(inner) if isinstance(inner, list) else inner for key, inner in node.items()}


_DECODER = json.JSONDecoder(object_hook=_rich, parse_float=Decimal)
"""One for all: making it takes longer than reading a short text."""


def dumps(value: Value) -> str:
    """Canonical JSON: keys sorted, no spaces, UTF-8 text."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> Value:
    """The value that `dumps` wrote; lists come back as tuples."""
    value = _DECODER.decode(text)
    return cast(Value, _tuples(value) if isinstance(value, list) else value)


def digest(value: Value) -> str:
    """32 hex characters that stand for this value."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()[:32]
