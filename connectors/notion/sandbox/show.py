"""Property values for people and for tests: as plain Python, and as the text that a table shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.properties import value_of
from connectors.notion.sandbox.richtext import plain
from connectors.notion.sandbox.state import Caller, DataSource, Page, Property, State, Workspace

HUB = "Hub"
"""The column that holds a row's key for the program that writes it: shown last and dim."""

_SIGNS = {"euro": "€", "dollar": "$", "pound": "£", "franc": "CHF ", "yen": "¥", "canadian_dollar": "CA$"}


def simple(page: Page, prop: Property) -> Any:  # noqa: PLR0911 - one answer per type
    """A value as plain Python: text, number, bool, list of names or ids; a date is its start, or (start, end)."""
    value = value_of(page, prop)
    match prop.type:
        case "title" | "rich_text":
            return plain(value)
        case "select" | "status":
            return value and value["name"]
        case "multi_select" | "files":
            return [one["name"] for one in value]
        case "people" | "relation":
            return [one["id"] for one in value]
        case "date":
            return value and ((value["start"], value["end"]) if value["end"] else value["start"])
        case "created_by" | "last_edited_by":
            return value["id"]
        case "unique_id":
            return "-".join(str(part) for part in (value["prefix"], value["number"]) if part is not None)
    return None if isinstance(value, dict) else value


def request_value(  # noqa: PLR0911 - one answer per type
    state: State, workspace: Workspace, prop: Property, value: Any
) -> Json:
    """The reverse of `simple`: a property value as a request carries it. None empties it."""
    kind = prop.type
    if kind in ("title", "rich_text"):
        return {kind: [{"text": {"content": str(value)}}] if value else []}
    if kind in ("select", "status"):
        return {kind: None if value is None else {"name": value}}
    if kind == "multi_select":
        return {kind: [{"name": name} for name in value or ()]}
    if kind == "people":
        return {kind: [{"id": state.person(name, workspace).id} for name in value or ()]}
    if kind == "relation":
        return {kind: [{"id": key} for key in value or ()]}
    if kind == "date" and isinstance(value, str):
        return {kind: {"start": value}}
    return {kind: value}


def shown(  # noqa: PLR0911 - one answer per type
    state: State, page: Page, prop: Property, zone: ZoneInfo
) -> str:
    """The text in a table's cell; "" for nothing. Dates day/month/year, instants in `zone`."""
    value = simple(page, prop)
    if value is None or value == "":
        return ""
    match prop.type:
        case "number":
            return number(value, prop.config["format"])
        case "checkbox":
            return "☑" if value else "☐"
        case "date":
            parts = value if isinstance(value, tuple) else (value,)
            return " → ".join(moment(part, zone) for part in parts)
        case "created_time" | "last_edited_time":
            return moment(value, zone)
        case "people" | "created_by" | "last_edited_by":
            names = [_name(state, key) for key in (value if isinstance(value, list) else [value])]
            return ", ".join(names)
        case "relation":
            titles = [state.things.get(key) for key in value]
            return ", ".join(plain(one.values.get("title", [])) for one in titles if isinstance(one, Page))
    return ", ".join(value) if isinstance(value, list) else str(value)


def number(value: float, form: str) -> str:
    """A number in Notion's way: €1,234.50, 68%, 12,000, 12.5."""
    if form == "percent":
        return f"{round(value * 100, 2):,g}%" if abs(value) < 1e4 else f"{value * 100:,.0f}%"
    if form in _SIGNS:
        return f"{'-' if value < 0 else ''}{_SIGNS[form]}{abs(value):,.2f}"
    if form in ("number", "number_with_commas"):
        grouped = "," if form == "number_with_commas" else ""
        return f"{value:{grouped}}"
    return f"{value:,.2f} {form.replace('_', ' ')}"


def moment(value: str, zone: ZoneInfo) -> str:
    """21/11/2026, or 21/11/2026 10:30."""
    if len(value) == 10:
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return f"{datetime.fromisoformat(value).astimezone(zone):%d/%m/%Y %H:%M}"


def _name(state: State, key: str) -> str:
    for workspace in state.workspaces.values():
        if key in workspace.people:
            return workspace.people[key].name
    bots: list[Caller] = [bot for bot in state.bots.values() if bot.id == key]
    return bots[0].name if bots else key


def columns(source: DataSource) -> list[Property]:
    """The columns in schema order; `HUB` last."""
    return sorted(source.properties.values(), key=lambda prop: prop.name == HUB)


def rows_of(state: State, source: DataSource) -> list[Page]:
    """The rows that are not in the trash, oldest first."""
    rows = (state.things[key] for key in source.rows)
    return [row for row in rows if isinstance(row, Page) and not row.trashed]
