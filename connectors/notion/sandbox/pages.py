"""Calls below /v1/pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox import templates
from connectors.notion.sandbox.blocks import Reader, Sprout, plant
from connectors.notion.sandbox.call import Call, set_trash
from connectors.notion.sandbox.errors import Json, a_bool, an_object, invalid, misfit
from connectors.notion.sandbox.objects import a_list_of, page_json
from connectors.notion.sandbox.properties import LISTS, Draft, parse_title, parse_values, shown_id, value_of
from connectors.notion.sandbox.state import Database, DataSource, Page, Property


def create_page(call: Call) -> Json:
    """POST /pages: a row of a data source, or a page below a page."""
    call.only("parent", "properties", "children", "icon", "cover", "template", "position")
    state, body = call.state, call.body
    if "position" in body:
        raise invalid("The sandbox takes no page position.")
    parent = _new_parent(call)
    template = templates.wanted(call, parent)
    state.editable(parent)
    given = body.get("properties", {})
    source = parent if isinstance(parent, DataSource) else None
    draft = parse_values(state, call.caller, source, given) if source else parse_title(state, call.caller, given)
    reader = Reader(state, call.caller)
    sprouts = reader.many(body.get("children", []), "children", above="page")
    icon, cover = rich.icon(body.get("icon"), "icon"), _cover(body.get("cover"))
    state.plan.take(call.caller.workspace.id, 1 + reader.count)
    page = Page(
        values={},
        source=source.id if source else None,
        icon=icon,
        cover=cover,
        **state.stamp(parent, call.caller),
    )
    _settle(call, page, parent, draft, sprouts)
    state.emit("page.created", page, {}, call.caller)
    if template is not None:
        templates.apply_later(call, page, template)
    return page_json(state, page, call.version)


def _settle(call: Call, page: Page, parent: Page | DataSource, draft: Draft, sprouts: list[Sprout]) -> None:
    draft.commit(page)
    call.state.things[page.id] = page
    plant(call.state, sprouts, page, call.caller)
    if isinstance(parent, DataSource):
        parent.counter += 1
        page.number = parent.counter
        parent.rows.append(page.id)
    else:
        parent.children.append(page.id)
        call.state.touch(parent, call.caller)


def _new_parent(call: Call) -> Page | DataSource:
    parent = an_object(call.body.get("parent"), "parent")
    kind = next((key for key in ("data_source_id", "page_id", "database_id") if key in parent), None)
    if kind is None or parent.get("type", kind) != kind:
        raise misfit("parent", "hold `data_source_id` or `page_id`", parent)
    if kind == "database_id" and "data_source_id" not in parent:
        database = call.state.find(call.caller, parent[kind], Database)
        if len(database.sources) != 1:
            raise invalid("The database has several data sources: name one of them as data_source_id.")
        return call.state.get(database.sources[0], DataSource)
    if kind == "page_id":
        return call.state.find(call.caller, parent[kind], Page)
    return call.state.find(call.caller, parent["data_source_id"], DataSource)


def _cover(value: object) -> Json | None:
    return None if value is None else rich.external(value, "cover")


def get_page(call: Call) -> Json:
    """GET /pages/{page_id}, with filter_properties repeated in the query string."""
    page = call.state.find(call.caller, call.params["page_id"], Page)
    return page_json(call.state, page, call.version, wanted_ids(call, _source(call, page)))


def wanted_ids(call: Call, source: DataSource | None) -> set[str] | None:
    """The property ids of filter_properties; None when the call names none. Raises 400 for one that is not there."""
    keys = [*call.query.get("filter_properties", ()), *call.query.get("filter_properties[]", ())]
    if not keys or source is None:
        return None
    found = [source.property(key) or source.property(unquote(key)) for key in keys]
    for key, prop in zip(keys, found, strict=True):
        if prop is None:
            raise invalid(f"filter_properties: {key} is not a property that exists.")
    return {prop.id for prop in found if prop is not None}


def _source(call: Call, page: Page) -> DataSource | None:
    return call.state.get(page.source, DataSource) if page.source else None


def update_page(call: Call) -> Json:
    """PATCH /pages/{page_id}: properties, icon, cover, lock, trash. All of it is checked before anything changes."""
    call.only("properties", "icon", "cover", "is_locked", "in_trash")
    state, body = call.state, call.body
    page = state.find(call.caller, call.params["page_id"], Page)
    call.may_edit(page)
    source, given = _source(call, page), body.get("properties", {})
    draft = parse_values(state, call.caller, source, given) if source else parse_title(state, call.caller, given)
    icon = rich.icon(body.get("icon"), "icon")
    cover = _cover(body.get("cover"))
    locked = a_bool(body.get("is_locked", page.locked), "is_locked")
    set_trash(call, page, call.trash_wish())
    changed = draft.commit(page)
    if "icon" in body:
        page.icon = icon
    if "cover" in body:
        page.cover = cover
    if page.locked != locked:
        page.locked = locked
        state.emit("page.locked" if locked else "page.unlocked", page, {}, call.caller)
    if body:
        state.touch(page, call.caller)
    if changed:
        ids = [shown_id(key) for key in changed]
        state.emit("page.properties_updated", page, {"updated_properties": ids}, call.caller)
    return page_json(state, page, call.version)


def get_property(call: Call) -> Json:
    """GET /pages/{page_id}/properties/{property_id}: one item, or a paged list of items."""
    page = call.state.find(call.caller, call.params["page_id"], Page)
    source, key = _source(call, page), call.params["property_id"]
    prop = source.property(key) or source.property(unquote(key)) if source else _TITLE if key == "title" else None
    if prop is None:
        raise invalid(f"Could not find property with name or id: {key}")
    shown, value = shown_id(prop.id), value_of(page, prop)
    head: Json = {"object": "property_item", "type": prop.type, "id": shown}
    if prop.type not in LISTS:
        return {**head, prop.type: value}
    size, cursor = call.paging()
    places: list[Any] = [{"id": f"{page.id}:{prop.id}:{n}", "item": item} for n, item in enumerate(value)]
    items, following = call.state.page_through(places, size, cursor)
    url = f"https://api.notion.com/v1/pages/{page.id}/properties/{shown}?start_cursor={following}"
    extra: Json = {"id": shown, "next_url": url if following else None, "type": prop.type, prop.type: {}}
    return a_list_of("property_item", [{**head, prop.type: place["item"]} for place in items], following, extra)


_TITLE = Property(id="title", name="title", type="title", config={})
