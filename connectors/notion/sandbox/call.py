"""One call of the API as its handler sees it, and what handlers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.notion.sandbox.errors import Json, a_bool, invalid, misfit, only
from connectors.notion.sandbox.objects import NEWEST
from connectors.notion.sandbox.state import Block, Caller, Database, DataSource, Page, State, Thing


@dataclass(slots=True, kw_only=True)
class Call:
    """`params`: the ids in the path, decoded. `query`: lists, as a key may be repeated."""

    state: State
    caller: Caller
    version: str = NEWEST
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    raw: bytes = b""
    """The body as it came, for the one call that is sent as a form; `content_type` is its header."""
    content_type: str = ""

    @property
    def newest(self) -> bool:
        return self.version == NEWEST

    def only(self, *allowed: str) -> None:
        """Refuse other keys in the body; `in_trash` brings `archived` along before 2026-03-11."""
        old = ("archived",) if "in_trash" in allowed and not self.newest else ()
        only(self.body, (*allowed, *old))

    def trash_wish(self) -> bool | None:
        """What the call says about the trash; None: nothing."""
        for key in ("in_trash", "archived"):
            if key in self.body:
                return a_bool(self.body[key], key)
        return None

    def may_edit(self, thing: Thing) -> None:
        """An edit of what is in the trash is refused, unless the call takes it out or puts it there once more."""
        wish = self.trash_wish()
        if thing.trashed and (wish is False or (wish is True and len(self.body) == 1)):
            return
        self.state.editable(thing)

    def paging(self) -> tuple[int, Any]:
        """Page size (1 to 100, default 100) and cursor: of the body for POST, else of the query string."""
        given: Any = self.body.get("page_size", 100)
        cursor: Any = self.body.get("start_cursor")
        if "page_size" in self.query:
            text = self.query["page_size"][-1]
            given = int(text) if text.isdigit() else text
        if "start_cursor" in self.query:
            cursor = self.query["start_cursor"][-1]
        if isinstance(given, bool) or not isinstance(given, int):
            raise misfit("page_size", "be a number", given)
        if not 1 <= given <= 100:
            raise misfit("page_size", "be ≤ `100` and ≥ `1`", given)
        return given, cursor


_EVENT = {Page: "page", Database: "database", DataSource: "data_source"}


def set_trash(call: Call, thing: Thing, wish: bool | None) -> None:
    """Put a thing into the trash or take it out, with stamp and event; nothing when it is there already."""
    if wish is None or wish == thing.trashed:
        return
    thing.trashed = wish
    call.state.touch(thing, call.caller)
    name = _EVENT.get(type(thing))
    if name is not None:
        call.state.emit(f"{name}.{'deleted' if wish else 'undeleted'}", thing, {}, call.caller)
    elif isinstance(thing, Block):
        content_changed(call, thing, [thing])


def content_changed(call: Call, near: Thing, blocks: list[Block]) -> None:
    """Tell webhooks that blocks of the page near which they stand have changed."""
    page = near if isinstance(near, Page) else call.state.page_of(near)
    if page is not None and blocks:
        updated = [{"id": block.id, "type": "block"} for block in blocks]
        call.state.emit("page.content_updated", page, {"updated_blocks": updated}, call.caller)


def alive(call: Call, thing: Thing) -> None:
    """Refuse a query of a table that lies in the trash (a choice of this sandbox: the facts do not say)."""
    if thing.trashed or any(up.trashed for up in call.state.above(thing)):
        raise invalid(f"{thing.id} is in the trash: restore it before you work in it.")
