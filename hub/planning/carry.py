"""Values of one side as values of the other: types, people, options. Pure.

Each side's value is first made plain: one form for what people see as the same (text without stray spaces, options and
people in one order, instants to the minute). Plain values are compared and remembered; `written` turns one into what a
destination takes. What has no like on the other side raises CannotCarryError, never a shortened or invented value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.kinds import Shape
from hub.core.money import Money
from hub.core.types import Value
from hub.planning.merge import CannotCarryError
from hub.planning.plain import minute, order, tidy

Sort: TypeAlias = Literal[
    "title", "text", "number", "money", "checkbox", "date", "instant", "select", "status", "multi_select", "people",
    "relation", "url", "email", "phone",
]  # fmt: skip
"""A `date` is a day or an instant, a column of the sort `instant` knows no days (Trello's are all so)."""

SORT_OF: Mapping[Shape, Sort] = {
    "text": "text",
    "flag": "checkbox",
    "number": "number",
    "money": "money",
    "date": "date",
    "instant": "date",
    "date or instant": "date",
    "texts": "multi_select",
    "who": "people",
    "whos": "people",
}
"""The sort of a field of a kind, by its shape. Other shapes cannot be synced."""

LONGEST: Mapping[Sort, int] = {
    "select": 100, "status": 100, "multi_select": 100, "url": 2000, "email": 200, "phone": 200,
}  # fmt: skip
"""Characters of one value (developers.notion.com, request limits); text is split by the destination instead."""

_TEXTS: frozenset[Sort] = frozenset({"title", "text", "url", "email", "phone"})
NOON = time(12)
"""The hour, in the business's zone, of a day that is kept where only instants are."""
_YES, _NO = "complete", "to do"
"""Notion's words for the groups of a status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """One of the business's people. `known_as`: connection -> her name, username or address there."""

    key: str
    name: str
    email: str | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of one side.

    `options`: all that a select, multi_select or status takes; None where anything may be written.
    `groups`: option of a status -> its group ("to do", "in progress", "complete").
    """

    name: str
    sort: Sort
    connection: str
    options: tuple[str, ...] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Carries values for one business: its people, and the zone in which an instant is a day."""

    people: Sequence[Someone]
    zone: ZoneInfo

    def plain(self, value: Value, column: Column) -> Value:
        """The value in the one form that is compared. A value of another sort than the column's is left as it is."""
        if value is None:
            return None
        if column.sort in _TEXTS or column.sort in ("select", "status"):
            return tidy(value) if isinstance(value, str) else value
        if column.sort == "people":
            whos = value if isinstance(value, tuple) else (value,)
            return tuple(sorted({self._person(who, column.connection) for who in whos}))
        if column.sort in ("multi_select", "relation") and isinstance(value, tuple):
            return tuple(sorted({tidy(each) if isinstance(each, str) else str(each) for each in value}, key=order))
        if column.sort in ("date", "instant"):
            return minute(value)
        return value

    def carried(self, value: Value, source: Column, target: Column) -> Value:
        """A plain value of `source` as a plain value of `target`. Raises CannotCarryError."""
        if value is None or value in ("", ()):
            return _nothing(target.sort)
        if source.sort == target.sort and source.sort not in ("select", "status", "multi_select"):
            return _short_enough(value, target)
        carry = _CARRY.get((source.sort, target.sort)) or _CARRY.get(("any", target.sort))
        if carry is None:
            raise CannotCarryError(f"{source.sort} cannot become {target.sort}")
        return _short_enough(carry(self, value, source, target), target)

    def written(self, value: Value, column: Column) -> Value:
        """A plain value as a destination takes it."""
        if column.sort == "people" and isinstance(value, tuple):
            return tuple(self._who(str(each), column.connection) for each in value)
        return value

    def _person(self, who: Value, connection: str) -> str:
        """The person's key in business.yaml; for somebody who is not there, the address or name as it is."""
        said = dict(who) if isinstance(who, Mapping) else {"name": who}
        words = {tidy(each).casefold() for each in said.values() if isinstance(each, str)}
        for one in self.people:
            known = {one.email, one.known_as.get(connection), one.name}
            if words & {tidy(each).casefold() for each in known if each}:
                return one.key
        return next(str(said[name]) for name in ("email", "username", "name", "key") if said.get(name))

    def _who(self, key: str, connection: str) -> Value:
        for one in self.people:
            if one.key == key:
                known = one.known_as.get(connection)
                who = {"name": known or one.name, "email": one.email}
                return {name: said for name, said in who.items() if said}
        return {"email": key} if "@" in key else {"name": key}

    def name_of(self, key: str) -> str:
        """How people call a person of business.yaml; anybody else stays as she is."""
        return next((one.name for one in self.people if one.key == key), key)

    def key_of(self, name: str, connection: str) -> str:
        """The other way round."""
        return self._person({"name": name}, connection)


def _nothing(sort: Sort) -> Value:
    if sort == "checkbox":
        return False
    if sort in ("multi_select", "people", "relation"):
        return ()
    return None


def _short_enough(value: Value, target: Column) -> Value:
    longest = LONGEST.get(target.sort)
    for each in value if isinstance(value, tuple) else (value,):
        if longest is not None and isinstance(each, str) and len(each) > longest:
            raise CannotCarryError(f"{len(each)} characters; {target.sort} takes {longest}")
    return value


_Carry: TypeAlias = Callable[[Carrier, Value, Column, Column], Value]


def _as_text(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    match value:
        case bool():
            raise CannotCarryError("yes or no is no text")
        case tuple() if source.sort == "people":
            return ", ".join(carrier.name_of(str(each)) for each in value)
        case tuple():
            return ", ".join(str(each) for each in value)
        case Money():
            return f"{value.amount} {value.currency}"
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case Mapping():
            raise CannotCarryError("a span of days is no text")
    return str(value)


def _as_option(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:
    return _option(str(_as_text(carrier, value, source, target)), target)


def _option(text: str, target: Column) -> str:
    """The option of that name, whatever its capitals. Where anything may be written, a comma may not (Notion)."""
    if target.options is None:
        if "," in text and target.sort != "status":
            raise CannotCarryError("an option holds no comma")
        return text
    for option in (text, *target.options):
        if option in target.options and tidy(option).casefold() == text.casefold():
            return option
    what = "status" if target.sort == "status" else "option"
    raise CannotCarryError(f"there is no {what} « {text} »; there are {', '.join(target.options)}")


def _flag_as_status(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    wanted = _YES if value else _NO
    for option in target.options or ():
        if target.groups.get(option) == wanted:
            return option
    raise CannotCarryError(f"no status stands in the group « {wanted} »")


def _status_as_flag(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    group = source.groups.get(str(value))
    if group is None:
        raise CannotCarryError(f"the group of the status « {value} » is not known")
    return group == _YES


def _as_number(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    if isinstance(value, Money):
        return value.amount
    try:
        return Decimal(str(value).replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        raise CannotCarryError(f"« {value} » is no number") from None


def _as_date(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:
    text = str(value)
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise CannotCarryError(f"« {value} » is no date") from None
    if isinstance(found, datetime):
        found = (found if found.tzinfo else found.replace(tzinfo=carrier.zone)).astimezone(UTC)
    return found if target.sort == "date" else _day_as_instant(carrier, found, source, target)


def _as_people(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    names = value if isinstance(value, tuple) else str(value).split(",")
    keys = {carrier.key_of(tidy(str(name)), source.connection) for name in names if tidy(str(name))}
    known = {one.key for one in carrier.people}
    for key in sorted(keys - known):
        raise CannotCarryError(f"« {key} » is none of the people in business.yaml")
    return tuple(sorted(keys))


def _as_list(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:
    parts = value if isinstance(value, tuple) else (value,)
    texts = (
        carrier.name_of(str(each)) if source.sort == "people" else str(_as_text(carrier, each, source, target))
        for each in parts
    )
    return tuple(sorted({_option(text, target) for text in texts}, key=order))


def _day_as_instant(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    """Noon of that day in the business's zone."""
    if isinstance(value, Mapping):
        raise CannotCarryError("a span of days is no instant")
    if isinstance(value, datetime) or not isinstance(value, date):
        return value
    return datetime.combine(value, NOON, carrier.zone).astimezone(UTC)


def _instant_as_day(carrier: Carrier, value: Value, source: Column, target: Column) -> Value:  # noqa: ARG001
    """The day, where the hour is the one that stands for a day; else the instant, which a date holds too."""
    if isinstance(value, datetime):
        local = value.astimezone(carrier.zone)
        return local.date() if local.time() == NOON else value
    return value


_RULES: Sequence[tuple[_Carry, tuple[Sort | Literal["any"], ...], tuple[Sort, ...]]] = (
    (_as_text, ("any",), ("title", "text", "url", "email", "phone")),
    (_as_option, ("any",), ("select", "status")),
    (_flag_as_status, ("checkbox",), ("status",)),
    (_status_as_flag, ("status",), ("checkbox",)),
    (_as_number, ("money", "text", "title"), ("number",)),
    (_as_date, ("text", "title"), ("date", "instant")),
    (_day_as_instant, ("date",), ("instant",)),
    (_instant_as_day, ("instant",), ("date",)),
    (_as_people, ("text", "title", "select", "multi_select", "email"), ("people",)),
    (_as_list, ("multi_select", "people", "select", "status", "text"), ("multi_select",)),
)
_CARRY = {(source, target): carry for carry, sources, targets in _RULES for source in sources for target in targets}


def can_carry(source: Sort, target: Sort) -> bool:
    """Whether some value of that sort can become one of the other."""
    return source == target or (source, target) in _CARRY or ("any", target) in _CARRY
