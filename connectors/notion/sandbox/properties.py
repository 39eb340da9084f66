"""Values of page properties: read from a request, and written as Notion answers them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox.errors import Json, a_bool, a_list, a_text, an_object, invalid, misfit, only
from connectors.notion.sandbox.state import Caller, DataSource, Page, Property, State, canonical, new_id
from connectors.notion.sandbox.times import minute

LISTED = 25
"""How many elements of a list a page shows; the property's own call pages through the rest."""

LISTS = ("title", "rich_text", "people", "relation")
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("number", "select", "status", "date", "url", "email", "phone_number")),
    "checkbox": False,
    "title": [],
    "rich_text": [],
    "multi_select": [],
    "people": [],
    "relation": [],
    "files": [],
}
"""The types that can be written, with what they hold before anybody wrote."""


@dataclass
class Draft:
    """Values that passed all checks, and the options that they bring. Nothing is changed before `commit`."""

    state: State
    by: Caller
    values: dict[str, Any] = field(default_factory=dict)
    options: list[tuple[Property, Json]] = field(default_factory=list)

    def commit(self, page: Page) -> list[str]:
        """Write the values; the ids of the properties that changed."""
        for prop, option in self.options:
            prop.config["options"].append(option)
        changed = [key for key, value in self.values.items() if page.values.get(key) != value]
        page.values.update(self.values)
        return changed

    def option(self, prop: Property, value: object, path: str, *, create: bool) -> str:
        """The id of a select option by id or name; a new name makes a new option (not for status)."""
        given = an_object(value, path)
        only(given, ("id", "name", "color", "description"), path)
        known = prop.config["options"] + [option for owner, option in self.options if owner is prop]
        if "id" in given and "name" not in given:
            found = next((o for o in known if o["id"] == given["id"]), None)
            if found is None:
                raise misfit(f"{path}.id", f"be the id of an option of {prop.name}", given["id"])
            return str(found["id"])
        name = a_text(given.get("name"), f"{path}.name", most=100)
        found = next((o for o in known if o["name"] == name), None)
        if found is not None:
            return str(found["id"])
        if not create:
            raise invalid(f'Status option "{name}" does not exist in {prop.name}.')
        made = new_option(name, given.get("color"), len(known), path)
        self.options.append((prop, made))
        return str(made["id"])


def new_option(name: str, color: object, place: int, path: str) -> Json:
    """An option of a select. Without a colour Notion picks one; commas are refused."""
    if "," in name:
        raise invalid(f"Invalid select option, commas not allowed: {name}")
    if color is not None and color not in rich.OPTION_COLORS:
        raise misfit(f"{path}.color", "be one of Notion's option colours", color)
    chosen = color or rich.OPTION_COLORS[1 + place % 9]
    return {"id": new_id(), "name": name, "color": chosen, "description": None}


def parse_values(state: State, by: Caller, source: DataSource, given: object) -> Draft:
    """The properties of a request. Raises 400 that names a property that does not exist or has another type."""
    draft = Draft(state, by)
    for key, value in an_object(given, "properties").items():
        prop = source.property(key) or source.property(unquote(key))
        if prop is None:
            raise invalid(f"{key} is not a property that exists.")
        parser = _PARSERS.get(prop.type)
        if parser is None:
            raise invalid(f"{prop.name} is a {prop.type}: it is computed and cannot be written.")
        item = an_object(value, f"properties.{key}")
        if prop.type not in item or item.get("type", prop.type) != prop.type:
            raise invalid(f"{prop.name} is expected to be {prop.type}.")
        only(item, ("id", "type", "name", prop.type), f"properties.{key}")
        draft.values[prop.id] = parser(draft, prop, item[prop.type], f"properties.{key}.{prop.type}")
    return draft


def parse_title(state: State, by: Caller, given: object) -> Draft:
    """The properties of a page that is no row: only its title, as an array or as {"title": array}."""
    draft = Draft(state, by)
    for key, value in an_object(given, "properties").items():
        if key != "title":
            raise invalid(f"{key} is not a property that exists.")
        array = value.get("title") if isinstance(value, dict) else value
        draft.values["title"] = rich.parse(array, "properties.title", state, by)
    return draft


def _rich(draft: Draft, _prop: Property, value: object, path: str) -> list[Json]:
    return rich.parse(value, path, draft.state, draft.by)


def _number(_draft: Draft, _prop: Property, value: object, path: str) -> float | int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise misfit(path, "be a number", value)
    double = float(value)  # Notion's numbers are JavaScript's: large integers lose their last digits
    return int(double) if double.is_integer() and abs(double) < 1e21 else double


def _checkbox(_draft: Draft, _prop: Property, value: object, path: str) -> bool:
    return a_bool(value, path)


def _text(most: int) -> Callable[[Draft, Property, object, str], str | None]:
    def parse(_draft: Draft, _prop: Property, value: object, path: str) -> str | None:
        return None if value is None else a_text(value, path, most=most)

    return parse


def _select(draft: Draft, prop: Property, value: object, path: str) -> str | None:
    return None if value is None else draft.option(prop, value, path, create=prop.type == "select")


def _multi_select(draft: Draft, prop: Property, value: object, path: str) -> list[str]:
    items = a_list(value, path)
    return list(dict.fromkeys(draft.option(prop, one, f"{path}[{n}]", create=True) for n, one in enumerate(items)))


def _date(_draft: Draft, _prop: Property, value: object, path: str) -> Json | None:
    return None if value is None else rich.parse_date(value, path)


def _people(draft: Draft, _prop: Property, value: object, path: str) -> list[str]:
    return [_known(draft.by.workspace.people, one, f"{path}[{n}]", "user") for n, one in enumerate(a_list(value, path))]


def _relation(draft: Draft, prop: Property, value: object, path: str) -> list[str]:
    target = draft.state.things.get(str(prop.config["data_source_id"]))
    rows = set(target.rows) if isinstance(target, DataSource) else set()
    return [_known(rows, one, f"{path}[{n}]", "page of the related table") for n, one in enumerate(a_list(value, path))]


def _known(known: Any, value: object, path: str, what: str) -> str:
    key = canonical(an_object(value, path).get("id"))
    if key is None or key not in known:
        raise misfit(f"{path}.id", f"be the id of a {what}", value)
    return key


def _files(_draft: Draft, _prop: Property, value: object, path: str) -> list[Json]:
    items = a_list(value, path)
    return [
        {"name": a_text(an_object(one, path).get("name"), f"{path}[{n}].name", most=100)}
        | rich.external(one, f"{path}[{n}]")
        for n, one in enumerate(items)
    ]


_PARSERS: dict[str, Callable[[Draft, Property, object, str], Any]] = {
    "title": _rich,
    "rich_text": _rich,
    "number": _number,
    "checkbox": _checkbox,
    "url": _text(2000),
    "email": _text(200),
    "phone_number": _text(200),
    "select": _select,
    "status": _select,
    "multi_select": _multi_select,
    "date": _date,
    "people": _people,
    "relation": _relation,
    "files": _files,
}


def shown_id(key: str) -> str:
    """A property id as answers carry it: URL-encoded."""
    return quote(key, safe="")


def value_of(page: Page, prop: Property) -> Any:  # noqa: PLR0911 - one answer per type
    """What the page holds for a property, with nothing cut off."""
    match prop.type:
        case "title" | "rich_text" | "number" | "checkbox" | "date" | "url" | "email" | "phone_number" | "files":
            return page.values.get(prop.id, EMPTY[prop.type])
        case "select" | "status":
            return _shown_option(prop, page.values.get(prop.id))
        case "multi_select":
            shown = (_shown_option(prop, key) for key in page.values.get(prop.id, ()))
            return [option for option in shown if option is not None]
        case "people":
            return [{"object": "user", "id": key} for key in page.values.get(prop.id, ())]
        case "relation":
            return [{"id": key} for key in page.values.get(prop.id, ())]
        case "created_time" | "last_edited_time":
            return minute(page.created if prop.type == "created_time" else page.edited)
        case "created_by" | "last_edited_by":
            return {"object": "user", "id": page.created_by if prop.type == "created_by" else page.edited_by}
        case "unique_id":
            return {"number": page.number, "prefix": prop.config["prefix"]}
    return {"type": "unsupported", "unsupported": {}}  # a formula: the sandbox computes none


def _shown_option(prop: Property, key: object) -> Json | None:
    found = next((o for o in prop.config["options"] if o["id"] == key), None)
    return found and {"id": found["id"], "name": found["name"], "color": found["color"]}


def shown_values(page: Page, source: DataSource | None, wanted: set[str] | None = None) -> Json:
    """The `properties` of a page in an answer; `wanted`: only these ids."""
    if source is None:
        return {"title": {"id": "title", "type": "title", "title": page.values.get("title", [])[:LISTED]}}
    shown = {}
    for prop in source.properties.values():
        if wanted is None or prop.id in wanted:
            value = value_of(page, prop)
            if prop.type in LISTS:
                value = value[:LISTED]
            shown[prop.name] = {"id": shown_id(prop.id), "type": prop.type, prop.type: value}
    return shown
