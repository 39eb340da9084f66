"""What the sandbox remembers: workspaces, people, bots, pages, blocks, databases, data sources, comments."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar

from connectors.notion.sandbox.errors import Json, NotionError, invalid
from connectors.notion.sandbox.later import Later
from connectors.notion.sandbox.plan import Plan

_HEX = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True, kw_only=True)
class Thing:
    """What every object has. `root` is the top page that it hangs under: sharing that page shares all of it."""

    label: ClassVar[str]
    id: str
    workspace: str
    root: str
    parent: Json
    created: datetime
    edited: datetime
    created_by: str
    edited_by: str
    trashed: bool = False


@dataclass(slots=True, kw_only=True)
class Page(Thing):
    """A page or a row. `values` by decoded property id; a plain page has only "title"."""

    label = "page"
    values: dict[str, Any]
    source: str | None = None
    number: int = 0
    children: list[str] = field(default_factory=list)
    icon: Json | None = None
    cover: Json | None = None
    locked: bool = False
    template: bool = False


@dataclass(slots=True, kw_only=True)
class Block(Thing):
    label = "block"
    type: str
    content: Json
    children: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Database(Thing):
    """A container. One that only links has views of another's data source, and no source of its own."""

    label = "database"
    title: list[Json]
    description: list[Json]
    inline: bool = False
    locked: bool = False
    icon: Json | None = None
    cover: Json | None = None
    sources: list[str] = field(default_factory=list)
    views: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Property:
    """A column. `config` is the object below the type's name in the schema."""

    id: str
    name: str
    type: str
    config: Json
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class DataSource(Thing):
    label = "data source"
    database: str
    title: list[Json]
    properties: dict[str, Property]
    icon: Json | None = None
    rows: list[str] = field(default_factory=list)
    templates: list[Json] = field(default_factory=list)
    counter: int = 0

    def property(self, key: str) -> Property | None:
        """A property by name or id (decoded)."""
        found = self.properties.get(key)
        return found or next((p for p in self.properties.values() if p.name == key), None)


@dataclass(slots=True, kw_only=True)
class Comment(Thing):
    label = "comment"
    discussion: str
    rich_text: list[Json]


@dataclass(slots=True, kw_only=True)
class Person:
    id: str
    name: str
    email: str


@dataclass(slots=True, kw_only=True)
class Workspace:
    id: str
    name: str
    people: dict[str, Person] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who acts: a connection's bot, or a person of the workspace. A bot sees what is below its `shared` pages.

    `users` and `comments` are the capabilities that a bot was given: what it sees of people, whether it sees comments.
    """

    id: str
    name: str
    kind: Literal["bot", "person"]
    workspace: Workspace
    shared: set[str] | None = None
    users: Literal["emails", "names", "none"] = "emails"
    comments: bool = True


Emit = Callable[[str, Thing, Json, Caller], None]
T = TypeVar("T", bound=Thing)


class State:
    """All objects of all workspaces. `lock` guards every read and write from outside the server's thread."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.workspaces: dict[str, Workspace] = {}
        self.bots: dict[str, Caller] = {}
        self.things: dict[str, Thing] = {}
        self.cursors: dict[str, tuple[str, int]] = {}
        self.emit: Emit = lambda _type, _thing, _data, _by: None
        self.max_query_results = 10_000
        self.search_lag = 0.0
        self.template_lag = 1.0
        self.later = Later(now)
        self.plan = Plan()

    def workspace(self, name: str) -> Workspace:
        """The workspace of that name, made when it is new."""
        found = next((w for w in self.workspaces.values() if w.name == name), None)
        if found is None:
            found = Workspace(id=new_id(), name=name)
            self.workspaces[found.id] = found
        return found

    def person(self, name: str, workspace: Workspace) -> Caller:
        """A person of a workspace by name, made when new, as one who acts and sees everything there."""
        person = next((p for p in workspace.people.values() if p.name == name), None)
        if person is None:
            email = f"{re.sub(r'[^a-z0-9]+', '.', name.lower()).strip('.') or 'person'}@example.com"
            person = Person(id=new_id(), name=name, email=email)
            workspace.people[person.id] = person
        return Caller(id=person.id, name=name, kind="person", workspace=workspace)

    def sees(self, caller: Caller, thing: Thing) -> bool:
        same = thing.workspace == caller.workspace.id
        return same and (caller.shared is None or thing.root in caller.shared)

    def find(self, caller: Caller, raw: object, *kinds: type[T]) -> T:
        """The object of that id and one of those kinds. Raises 400 for no id, 404 for what the caller cannot see."""
        label = kinds[0].label
        key = canonical(raw)
        if key is None:
            raise invalid(f"path failed validation: {label} id should be a valid uuid, instead was `{raw}`.")
        thing = self.things.get(key)
        if not isinstance(thing, kinds) or not self.sees(caller, thing):
            raise self.missing(caller, label, key)
        return thing

    def missing(self, caller: Caller, label: str, key: str) -> NotionError:
        """404 for what is not there, or not shared with the caller."""
        return NotionError(
            404,
            "object_not_found",
            f"Could not find {label} with ID: {key}. Make sure the relevant pages and databases are shared with "
            f'your integration "{caller.name}".',
            additional={"integration_id": caller.id},
        )

    def get(self, key: str, *kinds: type[T]) -> T:
        """An object that must be there. Raises KeyError with the id when it is not."""
        thing = self.things.get(canonical(key) or key)
        if not isinstance(thing, kinds):
            raise KeyError(f"The sandbox has no {kinds[0].label} {key}.")
        return thing

    def above(self, thing: Thing) -> Iterator[Thing]:
        """The objects that `thing` hangs under, nearest first."""
        up = self._parent(thing)
        while up is not None:
            yield up
            up = self._parent(up)

    def _parent(self, thing: Thing) -> Thing | None:
        return self.things.get(str(thing.parent.get(thing.parent["type"])))

    def editable(self, thing: Thing) -> None:
        """Refuse to edit what is in the trash, or hangs under something that is."""
        if thing.trashed:
            raise invalid("Can't edit block that is archived. You must unarchive the block before editing.")
        if any(up.trashed for up in self.above(thing)):
            raise invalid("Can't edit a block with an archived ancestor. You must unarchive the ancestor first.")

    def touch(self, thing: Thing, by: Caller) -> None:
        """Stamp the object; an edit inside a page is also an edit of the page."""
        stamped = [thing]
        if isinstance(thing, Block):
            stamped += [page for page in [self.page_of(thing)] if page is not None]
        for one in stamped:
            one.edited, one.edited_by = self.now(), by.id

    def page_of(self, thing: Thing) -> Page | None:
        """The page that the object stands on: the nearest one above it."""
        return next((up for up in self.above(thing) if isinstance(up, Page)), None)

    def stamp(self, parent: Thing | None, by: Caller, *, key: str | None = None) -> Json:
        """The keyword arguments that all new objects share."""
        key, now = key or new_id(), self.now()
        return {
            "id": key,
            "workspace": by.workspace.id,
            "root": parent.root if parent is not None else key,
            "parent": parent_of(parent),
            "created": now,
            "edited": now,
            "created_by": by.id,
            "edited_by": by.id,
        }

    def page_through(self, items: list[Any], size: int, cursor: object) -> tuple[list[Any], str | None]:
        """Up to `size` items from `cursor` on, and the next cursor. Items have an id, or are one."""
        start = 0
        if cursor is not None:
            if not isinstance(cursor, str) or cursor not in self.cursors:
                raise invalid(f"The start_cursor provided is invalid: {cursor}")
            wanted, start = self.cursors[cursor]
            ids = [_item_id(item) for item in items]
            start = ids.index(wanted) if wanted in ids else min(start, len(items))
        following = start + size
        next_cursor = None
        if following < len(items):
            next_cursor = new_id()
            self.cursors[next_cursor] = (_item_id(items[following]), following)
        return items[start:following], next_cursor


def _item_id(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("id"))
    return str(item if isinstance(item, str) else item.id)


def parent_of(parent: Thing | None) -> Json:
    """A parent as Notion writes it. None: the workspace itself."""
    match parent:
        case None:
            return {"type": "workspace", "workspace": True}
        case DataSource():
            return {"type": "data_source_id", "data_source_id": parent.id, "database_id": parent.database}
        case Database():
            return {"type": "database_id", "database_id": parent.id}
        case Block():
            return {"type": "block_id", "block_id": parent.id}
    return {"type": "page_id", "page_id": parent.id}


def new_id() -> str:
    return str(uuid.uuid4())


def canonical(raw: object) -> str | None:
    """A dashed lower-case UUID of a dashed or undashed one; None when it is neither."""
    bare = str(raw).replace("-", "").lower()
    if not _HEX.fullmatch(bare):
        return None
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"
