"""Calls below /v1/views: the ways in which a data source is shown, in its database or linked on another page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from connectors.notion.sandbox import chart
from connectors.notion.sandbox.call import Call
from connectors.notion.sandbox.errors import Json, a_text, an_object, invalid, misfit, only
from connectors.notion.sandbox.objects import a_list_of, address, title_of
from connectors.notion.sandbox.query import compile_filter, sort_rows
from connectors.notion.sandbox.show import rows_of
from connectors.notion.sandbox.state import Block, Caller, Database, DataSource, Page, State, Thing
from connectors.notion.sandbox.times import minute

TYPES = ("table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map", "dashboard")


@dataclass(slots=True, kw_only=True)
class View(Thing):
    """A way to show a data source. `config`: the object that the API calls configuration."""

    label: ClassVar[str] = "view"
    source: str
    name: str
    type: str
    filter: Json | None = None
    sorts: list[Json] | None = None
    quick_filters: Json | None = None
    config: Json | None = None


def first_view(state: State, database: Database, source: DataSource, by: Caller) -> None:
    """The table view that every new database has."""
    _add(state, database, View(source=source.id, name="Table", type="table", **state.stamp(database, by)))


def _add(state: State, database: Database, view: View, place: int | None = None) -> None:
    state.things[view.id] = view
    database.views.insert(len(database.views) if place is None else place, view.id)


def create_view(call: Call) -> Json:
    """POST /views: one more tab of a database, or a linked database on a page with this view. No dashboards."""
    call.state.plan.has_views()
    call.only(
        *("data_source_id", "name", "type", "database_id", "view_id", "filter", "sorts", "quick_filters"),
        *("create_database", "configuration", "position", "placement"),
    )
    state, body = call.state, call.body
    source = state.find(call.caller, body.get("data_source_id"), DataSource)
    name, kind = a_text(body.get("name"), "name", most=2000), body.get("type")
    if kind not in TYPES or kind == "dashboard":
        raise misfit("type", f"be one of {', '.join(TYPES[:-1])}: the sandbox plays no dashboards", kind)
    where = [key for key in ("database_id", "view_id", "create_database") if key in body]
    if len(where) != 1 or where == ["view_id"]:
        raise invalid("One of database_id and create_database should be given; the sandbox plays no dashboards.")
    shown = _shown(call, source, kind, None)
    if kind == "chart":
        state.plan.one_more_chart(_charts(state, call.caller))
    at = None
    if where == ["create_database"]:
        database = _linked(call, source)
    else:
        database = state.find(call.caller, body["database_id"], Database)
        state.editable(database)
        at = _tab(database, body.get("position", {"type": "end"}))
    view = View(source=source.id, name=name, type=kind, **shown, **state.stamp(database, call.caller))
    _add(state, database, view, at)
    state.emit("view.created", view, {}, call.caller)
    return view_json(call, view)


def _charts(state: State, by: Caller) -> int:
    return sum(
        isinstance(one, View) and one.type == "chart" and one.workspace == by.workspace.id and not _gone(state, one)
        for one in state.things.values()
    )


def _gone(state: State, view: View) -> bool:
    return view.trashed or any(up.trashed for up in state.above(view))


def _linked(call: Call, source: DataSource) -> Database:
    """A block on a page that shows another database's rows."""
    given, state = an_object(call.body["create_database"], "create_database"), call.state
    only(given, ("parent", "position"), "create_database")
    parent = an_object(given.get("parent"), "create_database.parent")
    if parent.get("type", "page_id") != "page_id" or "page_id" not in parent:
        raise misfit("create_database.parent", "be a page", parent)
    page = state.find(call.caller, parent["page_id"], Page)
    state.editable(page)
    at = len(page.children)
    if "position" in given:
        position = an_object(given["position"], "create_database.position")
        block = state.find(call.caller, position.get("block_id"), Block, Page, Database)
        if position.get("type") != "after_block" or block.id not in page.children or block.trashed:
            raise invalid(f"Block {position.get('block_id')} to insert after is not a child of {page.id}.")
        at = page.children.index(block.id) + 1
    state.plan.take(call.caller.workspace.id, 1)
    database = Database(title=source.title, description=[], inline=True, **state.stamp(page, call.caller))
    state.things[database.id] = database
    page.children.insert(at, database.id)
    state.touch(page, call.caller)
    return database


def _tab(database: Database, position: object) -> int:
    given = an_object(position, "position")
    match given.get("type"):
        case "start":
            return 0
        case "end":
            return len(database.views)
        case "after_view" if given.get("view_id") in database.views:
            return database.views.index(given["view_id"]) + 1
    raise misfit("position", "be at the start, at the end or after a view of the database", position)


def _shown(call: Call, source: DataSource, kind: str, before: View | None) -> Json:
    """Filter, sorts, quick filters and configuration of the request; `before`: the view that an update changes."""
    body = call.body
    found: Json = {}
    if body.get("filter") is not None:
        compile_filter(body["filter"], source, call.caller, call.state.now())
    if body.get("sorts") is not None:
        sort_rows([], body["sorts"], source)
    for key in ("filter", "sorts"):
        if key in body:
            found[key] = body[key]
    if "quick_filters" in body:
        given = body["quick_filters"]
        kept = {**((before.quick_filters or {}) if before else {}), **given} if given is not None else {}
        found["quick_filters"] = {key: one for key, one in kept.items() if one is not None} or None
    if "configuration" in body:
        given = an_object(body["configuration"], "configuration")
        if given.get("type") != kind:
            raise misfit("configuration.type", f"be `{kind}`, as the view", given.get("type"))
        earlier = before.config if before else None
        found["config"] = chart.read(source, given, earlier) if kind == "chart" else {**(earlier or {}), **given}
    return found


def list_views(call: Call) -> Json:
    """GET /views: the ids of the views of a database, or of all that show a data source."""
    call.state.plan.has_views()
    state, wanted = (
        call.state,
        {key: call.query[key][-1] for key in ("database_id", "data_source_id") if key in call.query},
    )
    if not wanted:
        raise invalid("One of database_id and data_source_id should be given.")
    keys = [one.id for one in state.things.values() if isinstance(one, View)]
    if "database_id" in wanted:
        keys = list(state.find(call.caller, wanted["database_id"], Database).views)
    source = state.find(call.caller, wanted["data_source_id"], DataSource).id if "data_source_id" in wanted else None
    found = [state.get(key, View) for key in keys]
    size, cursor = call.paging()
    living = [one for one in found if source in (None, one.source) and not _gone(state, one)]
    shown, following = state.page_through(living, size, cursor)
    return a_list_of("view", [{"object": "view", "id": one.id} for one in shown], following)


def get_view(call: Call) -> Json:
    """GET /views/{view_id}."""
    return view_json(call, _mine(call))


def update_view(call: Call) -> Json:
    """PATCH /views/{view_id}: name, filter, sorts, quick filters, and part of the configuration."""
    call.only("name", "filter", "sorts", "quick_filters", "configuration")
    view, body = _mine(call), call.body
    call.state.editable(view)
    name = a_text(body.get("name", view.name), "name", most=2000)
    shown = _shown(call, call.state.get(view.source, DataSource), view.type, view)
    view.name = name
    for key, value in shown.items():
        setattr(view, key, value)
    call.state.touch(view, call.caller)
    call.state.emit("view.updated", view, {"updated_fields": list(body)}, call.caller)
    return view_json(call, view)


def delete_view(call: Call) -> Json:
    """DELETE /views/{view_id}; the last one of a database stays (a choice of this sandbox)."""
    view = _mine(call)
    database = call.state.get(view.parent["database_id"], Database)
    if len(database.views) == 1:
        raise invalid("The last view of a database cannot be deleted.")
    database.views.remove(view.id)
    view.trashed = True
    call.state.emit("view.deleted", view, {}, call.caller)
    return {"object": "view", "id": view.id, "parent": view.parent, "type": view.type}


def _mine(call: Call) -> View:
    call.state.plan.has_views()
    view = call.state.find(call.caller, call.params["view_id"], View)
    if view.trashed:
        raise call.state.missing(call.caller, View.label, view.id)
    return view


def view_json(call: Call, view: View) -> Json:
    """A view as the API answers it."""
    database = call.state.get(view.parent["database_id"], Database)
    return {
        "object": "view",
        "id": view.id,
        "parent": view.parent,
        "name": view.name,
        "type": view.type,
        "created_time": minute(view.created),
        "last_edited_time": minute(view.edited),
        "url": f"{address(title_of(database), database.id)}?v={view.id.replace('-', '')}",
        "data_source_id": view.source,
        "created_by": {"object": "user", "id": view.created_by},
        "last_edited_by": {"object": "user", "id": view.edited_by},
        "filter": view.filter,
        "sorts": view.sorts,
        "quick_filters": view.quick_filters,
        "configuration": view.config,
    }


def charts_of(state: State, database: Database) -> list[tuple[View, list[tuple[str, float]]]]:
    """The charts among the views of a database, each with its points as they are now."""
    found: list[tuple[View, list[tuple[str, float]]]] = []
    for view in (state.get(key, View) for key in database.views):
        source: Any = state.things.get(view.source)
        if view.type == "chart" and view.config and isinstance(source, DataSource) and not source.trashed:
            rows = rows_of(state, source)
            if view.filter:
                fits = compile_filter(view.filter, source, _anybody(state, view), state.now())
                rows = [row for row in rows if fits(row)]
            found.append((view, chart.points(view.config, source, rows)))
    return found


def _anybody(state: State, view: View) -> Caller:
    """Who looks: filters on "me" are of whoever made the view."""
    return next((bot for bot in state.bots.values() if bot.id == view.created_by), next(iter(state.bots.values())))
