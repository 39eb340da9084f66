"""Objects as Notion answers them, for the two versions of the API that the sandbox plays."""

from __future__ import annotations

from typing import Any

from connectors.notion.sandbox.blocks import living
from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.files import media_json
from connectors.notion.sandbox.properties import shown_values
from connectors.notion.sandbox.richtext import plain
from connectors.notion.sandbox.schema import shown_schema
from connectors.notion.sandbox.state import Block, Caller, Comment, Database, DataSource, Page, Person, State, Thing
from connectors.notion.sandbox.times import minute, offset

NEWEST = "2026-03-11"
VERSIONS = ("2025-09-03", NEWEST)
"""Before 2026-03-11 an object says `archived` as well as `in_trash`."""

UPLOAD_LIMIT = 5_242_880
"""Bytes of one file, on the free plan."""


def trash_flags(trashed: bool, version: str) -> Json:
    return {"in_trash": trashed} if version == NEWEST else {"in_trash": trashed, "archived": trashed}


def _stamps(thing: Thing) -> Json:
    return {
        "created_time": minute(thing.created),
        "last_edited_time": minute(thing.edited),
        "created_by": {"object": "user", "id": thing.created_by},
        "last_edited_by": {"object": "user", "id": thing.edited_by},
    }


def address(title: str, key: str) -> str:
    """The address of a page or database in Notion's app, on the host of 2026."""
    slug = "-".join("".join(c if c.isalnum() else " " for c in title).split())
    bare = key.replace("-", "")
    return f"https://app.notion.com/p/{slug}-{bare}" if slug else f"https://app.notion.com/p/{bare}"


def title_of(thing: Thing) -> str:
    """The plain title of a page, row, database or data source; "" for anything else."""
    if isinstance(thing, (Database, DataSource)):
        return plain(thing.title)
    return plain(thing.values.get("title", [])) if isinstance(thing, Page) else ""


def page_json(state: State, page: Page, version: str, wanted: set[str] | None = None) -> Json:
    source = state.things.get(page.source) if page.source else None
    return {
        "object": "page",
        "id": page.id,
        **_stamps(page),
        "cover": page.cover,
        "icon": page.icon,
        "parent": page.parent,
        **trash_flags(page.trashed, version),
        "is_archived": False,
        "is_locked": page.locked,
        "properties": shown_values(page, source if isinstance(source, DataSource) else None, wanted),
        "url": address(plain(page.values.get("title", [])), page.id),
        "public_url": None,
    }


def block_json(state: State, thing: Thing, version: str) -> Json:
    """A block; a page or database below a page is shown as its child_page or child_database."""
    if isinstance(thing, Block):
        kind, content, children = thing.type, thing.content, bool(thing.children and living(state, thing))
        content = media_json(state, content) if kind == "image" else content
    elif isinstance(thing, Database):
        kind, content, children = "child_database", {"title": plain(thing.title)}, False
    else:
        assert isinstance(thing, Page)  # noqa: S101 - the only other thing that stands on a page
        kind, content = "child_page", {"title": title_of(thing)}
        children = bool(thing.children and living(state, thing))
    return {
        "object": "block",
        "id": thing.id,
        "parent": thing.parent,
        **_stamps(thing),
        "has_children": children,
        **trash_flags(thing.trashed, version),
        "type": kind,
        kind: content,
    }


def database_json(state: State, database: Database, version: str) -> Json:
    sources = [source for source in (state.things[key] for key in database.sources) if not source.trashed]
    return {
        "object": "database",
        "id": database.id,
        "title": database.title,
        "description": database.description,
        "parent": database.parent,
        "is_inline": database.inline,
        **trash_flags(database.trashed, version),
        "is_locked": database.locked,
        "created_time": offset(database.created),
        "last_edited_time": offset(database.edited),
        "data_sources": [{"id": source.id, "name": title_of(source)} for source in sources],
        "icon": database.icon,
        "cover": database.cover,
        "url": address(plain(database.title), database.id),
        "public_url": None,
    }


def source_json(state: State, source: DataSource, version: str) -> Json:
    database = state.get(source.database, Database)
    return {
        "object": "data_source",
        "id": source.id,
        "title": source.title,
        "description": database.description,
        "parent": source.parent,
        "database_parent": database.parent,
        "is_inline": database.inline,
        **trash_flags(source.trashed or database.trashed, version),
        **_stamps(source),
        "properties": shown_schema(source),
        "icon": source.icon,
        "cover": database.cover,
        "url": address(plain(source.title), database.id),
        "public_url": None,
    }


def comment_json(comment: Comment, names: dict[str, str]) -> Json:
    kind = "integration" if comment.created_by not in names else "user"
    return {
        "object": "comment",
        "id": comment.id,
        "parent": comment.parent,
        "discussion_id": comment.discussion,
        "created_time": minute(comment.created),
        "last_edited_time": minute(comment.edited),
        "created_by": {"object": "user", "id": comment.created_by},
        "rich_text": comment.rich_text,
        "display_name": {"type": kind, "resolved_name": names.get(comment.created_by)},
    }


def person_json(person: Person, *, email: bool = True) -> Json:
    return {
        "object": "user",
        "id": person.id,
        "type": "person",
        "name": person.name,
        "avatar_url": None,
        "person": {"email": person.email} if email else {},
    }


def bot_json(bot: Caller) -> Json:
    return {
        "object": "user",
        "id": bot.id,
        "type": "bot",
        "name": bot.name,
        "avatar_url": None,
        "bot": {
            "owner": {"type": "workspace", "workspace": True},
            "workspace_id": bot.workspace.id,
            "workspace_limits": {"max_file_upload_size_in_bytes": UPLOAD_LIMIT},
            "workspace_name": bot.workspace.name,
        },
    }


def a_list_of(kind: str, results: list[Json], next_cursor: str | None, extra: Any = None) -> Json:
    """A page of a list with its discriminator: {"type": kind, kind: {}}."""
    return {
        "object": "list",
        "results": results,
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
        "type": kind,
        kind: {} if extra is None else extra,
    }
