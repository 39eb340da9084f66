"""The configuration of a chart view, as the API takes it, and the points that the chart shows."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, median
from typing import Any
from urllib.parse import unquote

from connectors.notion.sandbox.errors import Json, a_bool, a_list, a_text, an_object, invalid, misfit, only
from connectors.notion.sandbox.properties import shown_id
from connectors.notion.sandbox.show import simple
from connectors.notion.sandbox.state import DataSource, Page, Property, new_id

_OF_TYPE = {
    **{kind: kind for kind in ("date", "created_time", "last_edited_time", "title", "url", "email", "phone_number")},
    **{kind: kind for kind in ("select", "multi_select", "status", "number", "checkbox", "relation")},
    "text": "rich_text",
    "person": "people",
}
"""Type of a grouping -> type of the property that it groups by."""
_HOW = {
    **dict.fromkeys(("date", "created_time", "last_edited_time"), ("relative", "day", "week", "month", "year")),
    **dict.fromkeys(("text", "title", "url", "email", "phone_number"), ("exact", "alphabet_prefix")),
    "status": ("group", "option"),
}
"""Types of groupings that must say how, and what they may say."""
_NUMBERS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "average": fmean,
    "median": median,
    "min": min,
    "max": max,
}
_COUNTS = ("count", "count_values", "unique", "empty", "not_empty")
_ENUMS = {
    "sort": ("manual", "x_ascending", "x_descending", "y_ascending", "y_descending"),
    "color_theme": ("gray", "blue", "yellow", "green", "purple", "teal", "orange", "pink", "red", "auto", "colorful"),
    "height": ("small", "medium", "large", "extra_large"),
    "legend_position": ("off", "bottom", "side"),
    "axis_labels": ("none", "x_axis", "y_axis", "both"),
    "grid_lines": ("none", "horizontal", "vertical", "both"),
    "group_style": ("normal", "percent", "side_by_side"),
    "donut_labels": ("none", "value", "name", "name_and_value"),
}
_BOOLS = (
    *("hide_empty_groups", "show_data_labels", "cumulative", "smooth_line", "hide_line_fill_area", "hide_title"),
    "color_by_value",
)
_LINE_COLORS = ("gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red")
KINDS = ("column", "bar", "line", "donut", "number")


def read(source: DataSource, given: Json, before: Json | None = None) -> Json:
    """A chart's configuration of a request. `before`: what an update leaves in place; null clears.

    Raises 400: unknown keys or words, properties that are not there or of another type, no x axis where one is needed.
    Charts whose points are single rows (x_axis_property_id) are not played.
    """
    path = "configuration"
    if given.get("chart_type") not in KINDS:
        raise misfit(f"{path}.chart_type", f"be one of {', '.join(KINDS)}", given.get("chart_type"))
    made = dict(before or {})
    for key, value in given.items():
        if value is None and key not in ("type", "chart_type"):
            made.pop(key, None)
        else:
            made[key] = _one(source, key, value, f"{path}.{key}")
    if made["chart_type"] != "number" and "x_axis" not in made:
        raise misfit(f"{path}.x_axis", f"be defined: a {made['chart_type']} chart has an x axis", None)
    return made


def _one(source: DataSource, key: str, value: Any, path: str) -> Any:  # noqa: PLR0911 - one answer per sort of value
    if key in _ENUMS and value not in _ENUMS[key]:
        raise misfit(path, f"be one of {', '.join(_ENUMS[key])}", value)
    match key:
        case "type" | "chart_type":
            return value
        case "x_axis" | "stack_by":
            return _grouping(source, an_object(value, path), path)
        case "y_axis" | "value":
            return _aggregation(source, an_object(value, path), path)
        case "y_axis_min" | "y_axis_max":
            return _number(value, path)
        case "reference_lines":
            return [_line(one, f"{path}[{n}]") for n, one in enumerate(a_list(value, path))]
        case "caption":
            return a_text(value, path, most=2000)
        case _ if key in _BOOLS:
            return a_bool(value, path)
        case _ if key not in _ENUMS:
            raise misfit(path, "be not present", value)
    return value


def _grouping(source: DataSource, given: Json, path: str) -> Json:
    kind, hows = given.get("type"), _HOW.get(str(given.get("type")))
    if kind not in _OF_TYPE:
        raise misfit(f"{path}.type", f"be one of {', '.join(_OF_TYPE)}", kind)
    more = ("group_by",) if hows else ()
    week = ("start_day_of_week",) if "day" in (hows or ()) else ()
    only(given, ("type", "property_id", "sort", "hide_empty_groups", *more, *week), path)
    prop = _property(source, given.get("property_id"), path)
    if prop.type != _OF_TYPE[kind]:
        raise invalid(f"body.{path}: {prop.name} is a {prop.type} and cannot be grouped as {kind}.")
    if hows and given.get("group_by") not in hows:
        raise misfit(f"{path}.group_by", f"be one of {', '.join(hows)}", given.get("group_by"))
    if an_object(given.get("sort"), f"{path}.sort").get("type") not in ("manual", "ascending", "descending"):
        raise misfit(f"{path}.sort.type", "be `manual`, `ascending` or `descending`", given["sort"])
    return {**given, "property_id": shown_id(prop.id), "property_name": prop.name}


def _aggregation(source: DataSource, given: Json, path: str) -> Json:
    only(given, ("aggregator", "property_id"), path)
    how = given.get("aggregator")
    if how not in (*_NUMBERS, *_COUNTS):
        raise misfit(f"{path}.aggregator", f"be one of {', '.join((*_NUMBERS, *_COUNTS))}", how)
    if how == "count":
        return dict(given)
    prop = _property(source, given.get("property_id"), path)
    if how in _NUMBERS and prop.type != "number":
        raise invalid(f"body.{path}: {prop.name} is a {prop.type}; there is no {how} of it.")
    return {**given, "property_id": shown_id(prop.id)}


def _property(source: DataSource, key: object, path: str) -> Property:
    """By its id; a name is refused."""
    found = source.properties.get(unquote(key)) if isinstance(key, str) else None
    if found is None:
        raise invalid(f"body.{path}.property_id: {key} is not the id of a property that exists.")
    return found


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise misfit(path, "be a number", value)
    return value


def _line(value: object, path: str) -> Json:
    given = an_object(value, path)
    only(given, ("value", "label", "color", "dash_style", "id"), path)
    if given.get("color") not in _LINE_COLORS or given.get("dash_style") not in ("solid", "dash"):
        raise misfit(path, "have a colour and a dash style that there are", value)
    return {
        "id": str(given.get("id") or new_id()),
        "value": _number(given.get("value"), f"{path}.value"),
        "label": a_text(given.get("label"), f"{path}.label", most=2000),
        "color": given["color"],
        "dash_style": given["dash_style"],
    }


def points(config: Json, source: DataSource, rows: list[Page]) -> list[tuple[str, float]]:
    """What stands along the x axis, in its order, and how high it is. A number chart has one point without a name."""
    axis = config.get("x_axis") if config["chart_type"] != "number" else None
    how = config.get("value" if axis is None else "y_axis") or {"aggregator": "count"}
    groups: dict[str, list[Page]] = {} if axis else {"": rows}
    if axis:
        prop = _property(source, axis["property_id"], "x_axis")
        for row in rows:
            for name in _names(simple(row, prop), axis):
                groups.setdefault(name, []).append(row)
    falling = axis is not None and axis["sort"]["type"] == "descending"
    names = sorted(groups, reverse=falling)
    return [(name, _added(how, source, groups[name])) for name in names]


def _names(value: Any, axis: Json) -> list[str]:
    """The groups of a row: of a date its day, month or year; of a text all of it, or its first letter."""
    texts = [str(one) for one in (value if isinstance(value, (list, tuple)) else [value]) if one not in (None, "")]
    match axis.get("group_by"):
        case "month":
            return [text[:7] for text in texts[:1]]
        case "year":
            return [text[:4] for text in texts[:1]]
        case "alphabet_prefix":
            return [text[:1].upper() for text in texts]
    return texts


def _added(how: Json, source: DataSource, rows: list[Page]) -> float:
    if how["aggregator"] == "count":
        return len(rows)
    prop = _property(source, how["property_id"], "y_axis")
    held = [value for row in rows if (value := simple(row, prop)) not in (None, "", [])]
    match how["aggregator"]:
        case "unique":
            return len({str(one) for one in held})
        case "empty":
            return len(rows) - len(held)
        case "count_values" | "not_empty":
            return len(held)
    return _NUMBERS[how["aggregator"]](held) if held else 0
