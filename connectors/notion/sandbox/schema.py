"""The schema of a data source: columns made, changed, renamed and removed."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import unquote

from connectors.notion.sandbox.errors import Json, a_list, a_text, an_object, invalid, misfit, only
from connectors.notion.sandbox.properties import new_option, shown_id
from connectors.notion.sandbox.state import Caller, DataSource, Property, State, canonical, new_id

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ;:@<>^_|~?=[]{}`\\"
_PLAIN = (
    *("title", "rich_text", "url", "people", "files", "email", "phone_number", "date", "checkbox"),
    *("created_by", "created_time", "last_edited_by", "last_edited_time"),
)
_FORMATS = frozenset(
    """
    number number_with_commas percent dollar australian_dollar canadian_dollar singapore_dollar euro pound yen
    ruble rupee won yuan real lira rupiah franc hong_kong_dollar new_zealand_dollar krona norwegian_krone
    mexican_peso rand new_taiwan_dollar danish_krone zloty baht forint koruna shekel chilean_peso
    philippine_peso dirham colombian_peso riyal ringgit leu argentine_peso uruguayan_peso peruvian_sol
    """.split()  # noqa: SIM905 - easier to read as a text
)
_GROUPS = (("To-do", "gray", "Not started"), ("In progress", "blue", "In progress"), ("Complete", "green", "Done"))


def first_schema(state: State, by: Caller, given: object) -> dict[str, Property]:
    """The columns of a new data source; without any, the one title "Name"."""
    wanted = an_object(given, "initial_data_source.properties") if given else {"Name": {"title": {}}}
    made: dict[str, Property] = {}
    for name, config in wanted.items():
        prop = _property(state, by, name, config, f"properties.{name}")
        made[prop.id] = prop
    titles = [name for name, config in wanted.items() if "title" in config]
    if len(titles) != 1:
        raise invalid(f"A data source has exactly one title property, this schema has {len(titles)}.")
    return made


def change_schema(state: State, by: Caller, source: DataSource, given: object) -> list[Json]:
    """Apply `properties` of PATCH /data_sources/{id}: null removes, {"name"} renames, a type adds or changes.

    Nothing changes when one of them is refused. Returns what changed, as webhooks tell it.
    """
    draft = dict(source.properties)
    changes: list[Json] = []
    for key, config in an_object(given, "properties").items():
        path = f"properties.{key}"
        prop = source.property(key) or source.property(unquote(key))
        if prop is None and config is None:
            raise invalid(f"{key} is not a property that exists.")
        if config is None:
            assert prop is not None  # noqa: S101 - the line above refused None
            if prop.type == "title":
                raise invalid("The title property cannot be removed.")
            del draft[prop.id]
            changes.append({"id": shown_id(prop.id), "name": prop.name, "action": "deleted"})
            continue
        after = _property(state, by, key, config, path) if prop is None else _changed(state, by, prop, config, path)
        draft[after.id] = after
        changes.append({"id": shown_id(after.id), "name": after.name, "action": "updated" if prop else "created"})
    names = [prop.name for prop in draft.values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise invalid(f"A property named {twice} exists already.")
    _forget(state, source, draft)
    source.properties = draft
    return changes


def _forget(state: State, source: DataSource, draft: dict[str, Property]) -> None:
    """A column that left, or changed its type, leaves no values behind (Notion converts a few types; we do not)."""
    gone = [key for key, prop in source.properties.items() if key not in draft or draft[key].type != prop.type]
    if gone:
        for row in source.rows:
            for key in gone:
                getattr(state.things[row], "values").pop(key, None)  # noqa: B009 - rows are pages


def _property(state: State, by: Caller, name: str, config: object, path: str) -> Property:
    kind, inner, given = _typed(config, path)
    if kind is None:
        raise invalid(f"{name} is not a property that exists.")
    key = "title" if kind == "title" else "".join(random.choices(_ID_LETTERS, k=4))
    made = _config(state, by, kind, inner, f"{path}.{kind}")
    return Property(id=key, name=name, type=kind, config=made, description=given.get("description"))


def _changed(state: State, by: Caller, prop: Property, config: object, path: str) -> Property:
    kind, inner, given = _typed(config, path)
    name = a_text(given["name"], f"{path}.name", most=2000) if "name" in given else prop.name
    after = Property(id=prop.id, name=name, type=prop.type, config=prop.config, description=prop.description)
    after.description = given.get("description", prop.description)
    if kind is not None:
        if (kind == "title") != (prop.type == "title"):
            raise invalid(f"{prop.name}: a title stays a title, and nothing else becomes one.")
        before = prop.config if kind == prop.type else None
        after.type, after.config = kind, _config(state, by, kind, inner, f"{path}.{kind}", before=before)
    return after


def _typed(config: object, path: str) -> tuple[str | None, Json, Json]:
    given = an_object(config, path)
    kinds = [key for key in given if key not in ("name", "description", "type", "id")]
    if len(kinds) > 1 or (kinds and given.get("type", kinds[0]) != kinds[0]):
        raise misfit(path, "hold one property type", config)
    if not kinds:
        return None, {}, given
    return kinds[0], an_object(given[kinds[0]], f"{path}.{kinds[0]}"), given


def _config(  # noqa: PLR0911 - one answer per type
    state: State, by: Caller, kind: str, inner: Json, path: str, *, before: Json | None = None
) -> Json:
    if kind in _PLAIN:
        only(inner, (), path)
        return {}
    match kind:
        case "number":
            only(inner, ("format",), path)
            chosen = inner.get("format", (before or {}).get("format", "number"))
            if chosen not in _FORMATS:
                raise misfit(f"{path}.format", "be one of Notion's number formats", chosen)
            return {"format": chosen}
        case "select" | "multi_select":
            only(inner, ("options",), path)
            return {"options": _options(inner.get("options"), f"{path}.options", (before or {}).get("options", []))}
        case "status":
            return _status(inner, path, (before or {}).get("options", []))
        case "relation":
            return _relation(state, by, inner, path)
        case "formula":
            return {"expression": a_text(inner.get("expression"), f"{path}.expression", most=2000)}
        case "unique_id":
            return {"prefix": inner.get("prefix")}
    raise misfit(path, "be a property type that the sandbox plays", kind)


def _options(given: object, path: str, before: list[Json]) -> list[Json]:
    """The options as listed; a known name or id keeps its id and colour."""
    if given is None:
        return list(before)
    options: list[Json] = []
    for n, one in enumerate(a_list(given, path)):
        item = an_object(one, f"{path}[{n}]")
        known = next((o for o in before if o["id"] == item.get("id") or o["name"] == item.get("name")), None)
        name = a_text(item.get("name", known and known["name"]), f"{path}[{n}].name", most=100)
        if any(option["name"] == name for option in options):
            raise misfit(f"{path}[{n}].name", "not repeat another option", name)
        made: dict[str, Any] = new_option(name, item.get("color"), n, f"{path}[{n}]")
        options.append(made if known is None else {**known, "name": name})
    return options


def _status(inner: Json, path: str, before: list[Json]) -> Json:
    """Status options; those that are new join the first group, as when a person adds them."""
    only(inner, ("options",), path)
    if inner.get("options") is None and not before:
        options = [{"id": new_id(), "name": name, "color": hue, "description": None} for _, hue, name in _GROUPS]
        members = [[option["id"]] for option in options]
    else:
        options = _options(inner.get("options"), f"{path}.options", before)
        members = [[option["id"] for option in options], [], []]
    groups = [
        {"id": new_id(), "name": name, "color": hue, "option_ids": ids}
        for (name, hue, _), ids in zip(_GROUPS, members, strict=True)
    ]
    return {"options": options, "groups": groups}


def _relation(state: State, by: Caller, inner: Json, path: str) -> Json:
    key = canonical(inner.get("data_source_id"))
    target = state.things.get(str(key))
    if not isinstance(target, DataSource) or not state.sees(by, target):
        raise misfit(f"{path}.data_source_id", "be a data source that is shared with the integration", key)
    if "single_property" not in inner:
        raise misfit(path, "hold single_property (the sandbox plays no two-way relations)", inner)
    return {
        "database_id": target.database,
        "data_source_id": target.id,
        "type": "single_property",
        "single_property": {},
    }


def shown_schema(source: DataSource) -> Json:
    """The `properties` of a data source in an answer."""
    return {
        prop.name: {
            "id": shown_id(prop.id),
            "name": prop.name,
            "description": prop.description,
            "type": prop.type,
            prop.type: prop.config,
        }
        for prop in source.properties.values()
    }
