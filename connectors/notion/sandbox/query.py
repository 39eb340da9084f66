"""Filters and sorts of a data source query, compiled once per call into plain functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from connectors.notion.sandbox.errors import Json, a_list, an_object, invalid, misfit
from connectors.notion.sandbox.properties import value_of
from connectors.notion.sandbox.richtext import as_instant, plain
from connectors.notion.sandbox.state import Caller, DataSource, Page, Property, canonical
from connectors.notion.sandbox.times import minute

Test = Callable[[Any], bool]
Predicate = Callable[[Page], bool]

_TEXTS = ("title", "rich_text", "url", "email", "phone_number")
_DAYS = {
    "today": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "one_week_ago": -7,
    "one_week_from_now": 7,
    "one_month_ago": -30,
    "one_month_from_now": 30,
}
_SPANS = {
    "past_week": (-7, 0),
    "past_month": (-30, 0),
    "past_year": (-365, 0),
    "next_week": (0, 7),
    "next_month": (0, 30),
    "next_year": (0, 365),
}


def compile_filter(given: object, source: DataSource, by: Caller, now: datetime, depth: int = 0) -> Predicate:
    """A predicate over rows. Raises 400: unknown property, a type that does not match, operators that do not exist."""
    body = an_object(given, "filter")
    for word, combine in (("and", all), ("or", any)):
        if word in body:
            if depth >= 2 or len(body) != 1:
                raise misfit(f"filter.{word}", "be nested at most two levels deep and stand alone", sorted(body))
            parts = a_list(body[word], f"filter.{word}")
            tests = [compile_filter(part, source, by, now, depth + 1) for part in parts]
            return lambda page: combine(test(page) for test in tests)
    if "timestamp" in body:
        return _timestamp(body, now)
    prop = _property(source, body.get("property"), "filter.property")
    kinds = [key for key in body if key not in ("property", "type")]
    if kinds != [prop.type]:
        raise invalid(f"database property {prop.type} does not match filter {', '.join(kinds) or 'without a type'}")
    test = _test(prop, an_object(body[prop.type], f"filter.{prop.type}"), by, now)
    return lambda page: test(value_of(page, prop))


def _property(source: DataSource, key: object, path: str) -> Property:
    prop = (source.property(key) or source.property(unquote(key))) if isinstance(key, str) else None
    if prop is None:
        raise invalid(f"Could not find sort or filter property with name or id: {key} (body.{path})")
    return prop


def _timestamp(body: Json, now: datetime) -> Predicate:
    name = body["timestamp"]
    if name not in ("created_time", "last_edited_time") or name not in body:
        raise misfit("filter.timestamp", "be `created_time` or `last_edited_time` with a condition of that name", body)
    test = _date_test(an_object(body[name], f"filter.{name}"), now)
    if name == "created_time":
        return lambda page: test(minute(page.created))
    return lambda page: test(minute(page.edited))


def _test(prop: Property, condition: Json, by: Caller, now: datetime) -> Test:
    kind = prop.type
    if kind in ("date", "created_time", "last_edited_time"):
        return _date_test(condition, now)
    if len(condition) != 1:
        raise misfit(f"filter.{kind}", "hold one condition", condition)
    ((op, wanted),) = condition.items()
    test: Test | None = None
    if op in ("is_empty", "is_not_empty") and kind != "checkbox":
        if wanted is not True:
            raise misfit(f"filter.{kind}.{op}", "be `true`", wanted)
        empty = op == "is_empty"
        test = lambda value: (value in (None, "", [])) is empty  # noqa: E731
    elif kind in _TEXTS:
        test = _text_test(op, wanted)
    elif kind in ("number", "unique_id"):
        test = _number_test(op, wanted)
    elif kind == "checkbox" and isinstance(wanted, bool) and op in ("equals", "does_not_equal"):
        test = lambda value: (value is wanted) is (op == "equals")  # noqa: E731
    elif kind in ("select", "status"):
        test = _option_test(op, wanted)
    elif kind in ("multi_select", "people", "relation", "created_by", "last_edited_by"):
        test = _member_test(op, wanted, by)
    if test is None:
        raise misfit(f"filter.{kind}.{op}", f"be a condition of {kind} with a fitting value", wanted)
    return test


def _text_test(op: str, wanted: object) -> Test | None:
    if not isinstance(wanted, str):
        return None
    low = wanted.lower()
    tests: dict[str, Callable[[str], bool]] = {
        "equals": lambda text: text == wanted,
        "does_not_equal": lambda text: text != wanted,
        "contains": lambda text: low in text.lower(),
        "does_not_contain": lambda text: low not in text.lower(),
        "starts_with": lambda text: text.lower().startswith(low),
        "ends_with": lambda text: text.lower().endswith(low),
    }
    test = tests.get(op)
    return test and (lambda value: test(plain(value) if isinstance(value, list) else value or ""))


def _number_test(op: str, wanted: object) -> Test | None:
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
        return None
    tests: dict[str, Callable[[float | None], bool]] = {
        "equals": lambda number: number == wanted,
        "does_not_equal": lambda number: number != wanted,
        "greater_than": lambda number: number is not None and number > wanted,
        "less_than": lambda number: number is not None and number < wanted,
        "greater_than_or_equal_to": lambda number: number is not None and number >= wanted,
        "less_than_or_equal_to": lambda number: number is not None and number <= wanted,
    }
    test = tests.get(op)
    return test and (lambda value: test(value["number"] if isinstance(value, dict) else value))


def _option_test(op: str, wanted: object) -> Test | None:
    names = wanted if isinstance(wanted, list) else [wanted]
    if op not in ("equals", "does_not_equal") or not all(isinstance(name, str) for name in names):
        return None
    return lambda value: ((value or {}).get("name") in names) is (op == "equals")


def _member_test(op: str, wanted: object, by: Caller) -> Test | None:
    if op not in ("contains", "does_not_contain") or not isinstance(wanted, str):
        return None
    marks = {by.id if wanted == "me" else wanted, canonical(wanted)}

    def test(value: Any) -> bool:
        members = value if isinstance(value, list) else [value]
        found = any(member.get("id") in marks or member.get("name") in marks for member in members)
        return found is (op == "contains")

    return test


def _date_test(condition: Json, now: datetime) -> Test:
    if len(condition) != 1:
        raise misfit("filter.date", "hold one condition", condition)
    ((op, wanted),) = condition.items()
    if op in ("is_empty", "is_not_empty") and wanted is True:
        return lambda value: (value is None) is (op == "is_empty")
    if op in _SPANS or op == "this_week":
        low, high = _span(op, now)
        return lambda value: value is not None and low <= _first(value) < high
    low, high = _wanted_day(wanted, op, now)
    tests: dict[str, Callable[[datetime], bool]] = {
        "equals": lambda at: low <= at < high,
        "before": lambda at: at < low,
        "after": lambda at: at >= high,
        "on_or_before": lambda at: at < high,
        "on_or_after": lambda at: at >= low,
    }
    if op not in tests:
        raise misfit(f"filter.date.{op}", "be a condition of a date", wanted)
    test = tests[op]
    return lambda value: value is not None and test(_first(value))


def _first(value: Any) -> datetime:
    return as_instant(value["start"] if isinstance(value, dict) else value)


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _span(op: str, now: datetime) -> tuple[datetime, datetime]:
    """From and until (not included) of a relative span, in UTC; a week begins on Sunday."""
    today = _midnight(now)
    if op == "this_week":
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return sunday, sunday + timedelta(days=7)
    first, last = _SPANS[op]
    return today + timedelta(days=first), today + timedelta(days=last + 1)


def _wanted_day(wanted: object, op: str, now: datetime) -> tuple[datetime, datetime]:
    """What a condition's value covers: a whole day (UTC) for a date or a word, one instant for an instant."""
    if isinstance(wanted, str) and wanted in _DAYS:
        low = _midnight(now) + timedelta(days=_DAYS[wanted])
        return low, low + timedelta(days=1)
    try:
        low = as_instant(str(wanted))
    except ValueError as error:
        raise misfit(f"filter.date.{op}", "be a valid ISO 8601 date string", wanted) from error
    return low, low + (timedelta(days=1) if len(str(wanted)) == 10 else timedelta(microseconds=1))


def sort_rows(rows: list[Page], given: object, source: DataSource) -> list[Page]:
    """Rows in the order of `sorts` (the first wins); empty values come last, as in Notion's tables."""
    for sort in reversed(a_list(given, "sorts")):
        direction = an_object(sort, "sorts").get("direction")
        if direction not in ("ascending", "descending"):
            raise misfit("sorts.direction", "be `ascending` or `descending`", direction)
        key = _sort_key(sort, source)
        filled = [row for row in rows if key(row) is not None]
        filled.sort(key=key, reverse=direction == "descending")
        rows = filled + [row for row in rows if key(row) is None]
    return rows


def _sort_key(sort: Json, source: DataSource) -> Callable[[Page], Any]:
    name = sort.get("timestamp")
    if name == "created_time":
        return lambda page: minute(page.created)
    if name == "last_edited_time":
        return lambda page: minute(page.edited)
    prop = _property(source, sort.get("property"), "sorts.property")
    places = {option["name"]: n for n, option in enumerate(prop.config.get("options", []))}

    def key(page: Page) -> Any:
        value = value_of(page, prop)
        if prop.type == "unique_id":
            return value["number"]
        if prop.type == "date":
            return value and as_instant(value["start"])
        if prop.type in ("select", "status"):
            return value and places[value["name"]]
        if prop.type in ("title", "rich_text"):
            return plain(value).casefold() or None
        if isinstance(value, (dict, list)):
            return str(value) if value else None
        return value

    return key
