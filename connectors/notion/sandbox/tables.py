"""Calls below /v1/databases and /v1/data_sources, /v1/users and /v1/search."""

from __future__ import annotations

from datetime import timedelta

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox.call import Call, alive, set_trash
from connectors.notion.sandbox.errors import Json, NotionError, a_bool, an_object, forbidden, misfit, only
from connectors.notion.sandbox.objects import (
    a_list_of,
    bot_json,
    database_json,
    page_json,
    person_json,
    source_json,
    title_of,
)
from connectors.notion.sandbox.pages import wanted_ids
from connectors.notion.sandbox.query import compile_filter, sort_rows
from connectors.notion.sandbox.schema import change_schema, first_schema
from connectors.notion.sandbox.state import Database, DataSource, Page, State, Thing, canonical
from connectors.notion.sandbox.views import first_view


def create_database(call: Call) -> Json:
    """POST /databases: a container with its first data source (API 2025-09-03 and later)."""
    call.only("parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover")
    state, body = call.state, call.body
    given = an_object(body.get("parent"), "parent")
    if given.get("type", "page_id") != "page_id" or "page_id" not in given:
        raise misfit("parent", "be a page", given)
    page = state.find(call.caller, given["page_id"], Page)
    state.editable(page)
    first = an_object(body.get("initial_data_source", {}), "initial_data_source")
    only(first, ("properties",), "initial_data_source")
    properties = first_schema(state, call.caller, first.get("properties"))
    title = rich.parse(body.get("title", []), "title", state, call.caller)
    description = rich.parse(body.get("description", []), "description", state, call.caller)
    icon = rich.icon(body.get("icon"), "icon")
    cover = None if body.get("cover") is None else rich.external(body["cover"], "cover")
    inline = a_bool(body.get("is_inline", False), "is_inline")
    state.plan.take(call.caller.workspace.id, 1)
    database = Database(
        title=title,
        description=description,
        inline=inline,
        icon=icon,
        cover=cover,
        **state.stamp(page, call.caller),
    )
    stamp = state.stamp(database, call.caller)
    source = DataSource(database=database.id, title=title, properties=properties, **stamp)
    database.sources.append(source.id)
    state.things[database.id] = database
    state.things[source.id] = source
    first_view(state, database, source, call.caller)
    page.children.append(database.id)
    state.touch(page, call.caller)
    state.emit("database.created", database, {}, call.caller)
    return database_json(state, database, call.version)


def get_database(call: Call) -> Json:
    database = call.state.find(call.caller, call.params["database_id"], Database)
    return database_json(call.state, database, call.version)


def update_database(call: Call) -> Json:
    """PATCH /databases/{database_id}: title, description, icon, cover, inline, lock, trash."""
    call.only("title", "description", "is_inline", "icon", "cover", "in_trash", "is_locked")
    state, body = call.state, call.body
    database = state.find(call.caller, call.params["database_id"], Database)
    call.may_edit(database)
    title = rich.parse(body.get("title", []), "title", state, call.caller)
    description = rich.parse(body.get("description", []), "description", state, call.caller)
    icon = rich.icon(body.get("icon"), "icon")
    cover = None if body.get("cover") is None else rich.external(body["cover"], "cover")
    inline = a_bool(body.get("is_inline", database.inline), "is_inline")
    database.locked = a_bool(body.get("is_locked", database.locked), "is_locked")
    database.inline = inline
    database.title = title if "title" in body else database.title
    database.description = description if "description" in body else database.description
    database.icon = icon if "icon" in body else database.icon
    database.cover = cover if "cover" in body else database.cover
    set_trash(call, database, call.trash_wish())
    state.touch(database, call.caller)
    return database_json(state, database, call.version)


def get_source(call: Call) -> Json:
    source = call.state.find(call.caller, call.params["data_source_id"], DataSource)
    return source_json(call.state, source, call.version)


def create_source(call: Call) -> Json:
    """POST /data_sources: one more table in a database."""
    call.only("parent", "properties", "title", "icon")
    state, body = call.state, call.body
    parent = an_object(body.get("parent"), "parent")
    database = state.find(call.caller, parent.get("database_id"), Database)
    state.editable(database)
    properties = first_schema(state, call.caller, body.get("properties"))
    title = rich.parse(body.get("title", []), "title", state, call.caller)
    source = DataSource(
        database=database.id,
        title=title,
        properties=properties,
        icon=rich.icon(body.get("icon"), "icon"),
        **state.stamp(database, call.caller),
    )
    state.things[source.id] = source
    database.sources.append(source.id)
    state.emit("data_source.created", source, {}, call.caller)
    return source_json(state, source, call.version)


def update_source(call: Call) -> Json:
    """PATCH /data_sources/{data_source_id}: columns (null removes, a name renames), title, icon, trash."""
    call.only("title", "icon", "properties", "in_trash")
    state, body = call.state, call.body
    source = state.find(call.caller, call.params["data_source_id"], DataSource)
    call.may_edit(source)
    title = rich.parse(body.get("title", []), "title", state, call.caller)
    icon = rich.icon(body.get("icon"), "icon")
    changes = change_schema(state, call.caller, source, body.get("properties", {}))
    source.title = title if "title" in body else source.title
    source.icon = icon if "icon" in body else source.icon
    set_trash(call, source, call.trash_wish())
    state.touch(source, call.caller)
    if changes:
        state.emit("data_source.schema_updated", source, {"updated_properties": changes}, call.caller)
    return source_json(state, source, call.version)


def query_source(call: Call) -> Json:
    """POST /data_sources/{data_source_id}/query. Without sorts the newest row comes first; no order is promised.

    Ends after `max_query_results` rows with has_more false and request_status incomplete.
    """
    call.only("filter", "sorts", "page_size", "start_cursor", "in_trash", "result_type")
    state, body = call.state, call.body
    source = state.find(call.caller, call.params["data_source_id"], DataSource)
    alive(call, source)
    if body.get("result_type", "page") not in ("page", "data_source"):
        raise misfit("result_type", "be `page` or `data_source`", body["result_type"])
    wanted = wanted_ids(call, source)
    size, cursor = call.paging()
    rows = _rows(state, source, trashed=call.trash_wish() or False)
    if body.get("result_type") == "data_source":
        rows = []
    if body.get("filter") is not None:
        test = compile_filter(body["filter"], source, call.caller, state.now())
        rows = [row for row in rows if test(row)]
    rows = sort_rows(rows, body.get("sorts", []), source)
    shown, following = state.page_through(rows[: state.max_query_results], size, cursor)
    answer = a_list_of("page_or_data_source", [page_json(state, row, call.version, wanted) for row in shown], following)
    if following is None and len(rows) > state.max_query_results:
        answer["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    return answer


def _rows(state: State, source: DataSource, *, trashed: bool) -> list[Page]:
    rows = (state.things[key] for key in reversed(source.rows))
    return [row for row in rows if isinstance(row, Page) and row.trashed is trashed]


def search(call: Call) -> Json:
    """POST /search by title: what lies in the trash, or is younger than the search's lag, is not found."""
    call.only("query", "filter", "sort", "page_size", "start_cursor")
    state, body = call.state, call.body
    wanted = an_object(body.get("filter", {}), "filter").get("value")
    if wanted not in (None, "page", "data_source"):
        raise misfit("filter.value", "be `page` or `data_source`", wanted)
    kinds = {"page": (Page,), "data_source": (DataSource,)}.get(str(wanted), (Page, DataSource))
    text, known = str(body.get("query", "")).lower(), state.now() - timedelta(seconds=state.search_lag)
    found: list[Thing] = [
        thing
        for thing in state.things.values()
        if isinstance(thing, kinds)
        and not (isinstance(thing, Page) and thing.template)
        and state.sees(call.caller, thing)
        and thing.created <= known
        and text in title_of(thing).lower()
        and not (thing.trashed or any(up.trashed for up in state.above(thing)))
    ]
    rising = an_object(body.get("sort", {}), "sort").get("direction") == "ascending"
    found.sort(key=lambda thing: thing.edited, reverse=not rising)
    size, cursor = call.paging()
    shown, following = state.page_through(found, size, cursor)
    return a_list_of("page_or_data_source", [_found_json(call, thing) for thing in shown], following)


def _found_json(call: Call, thing: Thing) -> Json:
    if isinstance(thing, DataSource):
        return source_json(call.state, thing, call.version)
    assert isinstance(thing, Page)  # noqa: S101 - search looks at nothing else
    return page_json(call.state, thing, call.version)


def get_self(call: Call) -> Json:
    """GET /users/me: the bot of the token, with workspace and limits."""
    return bot_json(call.caller)


def list_users(call: Call) -> Json:
    """GET /users: the people and bots of the workspace."""
    size, cursor = call.paging()
    shown, following = call.state.page_through(_users(call), size, cursor)
    return a_list_of("user", shown, following)


def get_user(call: Call) -> Json:
    wanted = canonical(call.params["user_id"])
    user = next((user for user in _users(call) if user["id"] == wanted), None)
    if user is None:
        raise NotionError(404, "object_not_found", f"Could not find user with ID: {wanted}.")
    return user


def _users(call: Call) -> list[Json]:
    """Raises 403 for a connection that may see no people."""
    if call.caller.users == "none":
        raise forbidden()
    workspace, emails = call.caller.workspace, call.caller.users == "emails"
    bots = [bot_json(bot) for bot in call.state.bots.values() if bot.workspace is workspace]
    return [person_json(person, email=emails) for person in workspace.people.values()] + bots
