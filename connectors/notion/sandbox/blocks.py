"""Blocks: read from a request, planted below a page or block, changed, moved to the trash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox.errors import Json, a_bool, a_list, a_text, an_object, invalid, misfit, only
from connectors.notion.sandbox.files import media
from connectors.notion.sandbox.state import Block, Caller, Database, Page, State, Thing

_HEADINGS = ("heading_1", "heading_2", "heading_3", "heading_4")
_PARENTS = (
    *("paragraph", "callout", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote"),
    *("column_list", "column", "table"),
)
"""Types that may have children; a heading may when it is toggleable."""

MOST_BLOCKS = 1000


@dataclass
class Sprout:
    """A block of a request that passed all checks but is not planted yet."""

    type: str
    content: Json
    children: list[Sprout]


@dataclass
class Reader:
    """Reads the blocks of one request. Raises 400: over 1,000 in all, over 100 in an array, too deep, unknown types."""

    state: State
    by: Caller
    count: int = 0

    def many(self, value: object, path: str, *, above: str, depth: int = 0) -> list[Sprout]:
        return [self._one(one, f"{path}[{n}]", above, depth) for n, one in enumerate(a_list(value, path))]

    def _one(self, value: object, path: str, above: str, depth: int) -> Sprout:
        self.count += 1
        if self.count > MOST_BLOCKS:
            raise invalid(f"A request holds at most {MOST_BLOCKS} blocks.")
        given = an_object(value, path)
        kind = _kind_of(given, path)
        only(given, ("object", "type", kind), path)
        _fits(kind, above, path)
        inner = dict(an_object(given[kind], f"{path}.{kind}"))
        below = inner.pop("children", None)
        content = self.content(kind, inner, f"{path}.{kind}")
        children: list[Sprout] = []
        if below is not None:
            # Two levels of nesting per request; a column list counts as a frame around them.
            deeper = depth if kind == "column_list" else depth + 1
            if deeper > 2:
                raise misfit(f"{path}.{kind}.children", "be not present: two levels of nesting per request", below)
            if below:
                parental(kind, content)
            children = self.many(below, f"{path}.{kind}.children", above=kind, depth=deeper)
        _whole(kind, content, children, path)
        return Sprout(kind, content, children)

    def content(self, kind: str, inner: Json, path: str, before: Json | None = None) -> Json:
        """The object below a block's type, with defaults; `before`: what a PATCH leaves in place."""
        if kind == "image":
            return media(self.state, self.by, inner, path, before)
        fields = _FIELDS[kind]
        only(inner, fields, path)
        content: Json = {}
        for name, (read, default) in fields.items():
            if name in inner:
                content[name] = read(self, inner[name], f"{path}.{name}")
            elif before is not None:
                content[name] = before[name]
            elif default is _NEEDED:
                raise misfit(f"{path}.{name}", "be defined", None)
            else:
                content[name] = list(default) if isinstance(default, list) else default
        content = {name: value for name, value in content.items() if value is not _LEFT_OUT}
        if kind == "link_to_page":
            _one_end(content, path)
        return content


def _kind_of(given: Json, path: str) -> str:
    kinds = [key for key in given if key in _FIELDS]
    kind = given.get("type", kinds[0] if kinds else None)
    if kind not in _FIELDS or kinds != [kind]:
        raise misfit(path, "hold one block type that can be created", given)
    return str(kind)


def _fits(kind: str, above: str, path: str) -> None:
    inside = {"column": "column_list", "table_row": "table"}
    if inside.get(kind, above) != above or (above in inside.values() and inside.get(kind) != above):
        raise invalid(f"body.{path}: a {kind} cannot stand in a {above}.")


def parental(kind: str, content: Json) -> None:
    """Refuse children below a type that has none."""
    if kind not in _PARENTS and not (kind in _HEADINGS and content.get("is_toggleable")):
        raise invalid(f"Block does not support children: a {kind} has none.")


def _one_end(content: Json, path: str) -> None:
    """Refuse a link that does not lead to one thing."""
    named = [key for key in ("page_id", "database_id") if key in content]
    if len(named) != 1 or content.setdefault("type", *named) != named[0]:
        raise misfit(path, "name one page_id or database_id, and that as its type", content)


def _whole(kind: str, content: Json, children: list[Sprout], path: str) -> None:
    if kind == "column_list" and len(children) < 2:
        raise misfit(f"{path}.column_list.children.length", "be ≥ `2`", len(children))
    if kind == "column" and not children:
        raise misfit(f"{path}.column.children.length", "be ≥ `1`", 0)
    if kind == "table":
        if not children:
            raise misfit(f"{path}.table.children.length", "be ≥ `1`", 0)
        same_width(content, children)


def same_width(table: Json, rows: list[Sprout]) -> None:
    for row in rows:
        if len(row.content["cells"]) != table["table_width"]:
            raise invalid(
                f"Content creation failed: a row has {len(row.content['cells'])} cells, the table is "
                f"{table['table_width']} wide."
            )


def plant(state: State, sprouts: list[Sprout], parent: Page | Block, by: Caller, at: int | None = None) -> list[Block]:
    """Make the blocks below `parent`, from place `at` on (None: at the end)."""
    made = []
    for sprout in sprouts:
        block = Block(type=sprout.type, content=sprout.content, **state.stamp(parent, by))
        state.things[block.id] = block
        plant(state, sprout.children, block, by)
        made.append(block)
    place = len(parent.children) if at is None else at
    parent.children[place:place] = [block.id for block in made]
    return made


def place_of(state: State, parent: Page | Block, body: Json, *, newest: bool) -> int | None:
    """Where an append goes: `position` since 2026-03-11, `after` before. None: at the end."""
    if newest:
        position = an_object(body.get("position", {"type": "end"}), "position")
        match position.get("type"):
            case "end":
                return None
            case "start":
                return 0
            case "after_block":
                wanted = an_object(position.get("after_block"), "position.after_block").get("id")
            case other:
                raise misfit("position.type", "be `start`, `end` or `after_block`", other)
    elif "after" in body:
        wanted = body["after"]
    else:
        return None
    sibling = state.things.get(_key(wanted))
    if sibling is None or sibling.id not in parent.children or sibling.trashed:
        raise invalid(f"Block {wanted} to insert after is not a child of {parent.id}.")
    return parent.children.index(sibling.id) + 1


def _key(raw: object) -> str:
    bare = str(raw).replace("-", "").lower()
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def living(state: State, parent: Page | Block) -> list[Thing]:
    """The children that are not in the trash, in order."""
    return [thing for thing in (state.things[key] for key in parent.children) if not thing.trashed]


def _rich(reader: Reader, value: object, path: str) -> list[Json]:
    return rich.parse(value, path, reader.state, reader.by)


def _cells(reader: Reader, value: object, path: str) -> list[list[Json]]:
    return [_rich(reader, cell, f"{path}[{n}]") for n, cell in enumerate(a_list(value, path))]


def _color(_reader: Reader, value: object, path: str) -> str:
    return rich.color(value, path)


def _icon(_reader: Reader, value: object, path: str) -> Json | None:
    return rich.icon(value, path)


def _bool(_reader: Reader, value: object, path: str) -> bool:
    return a_bool(value, path)


def _string(_reader: Reader, value: object, path: str) -> str:
    return a_text(value, path, most=2000)


def _width(_reader: Reader, value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise misfit(path, "be a whole number from 1 to 100", value)
    return value


def _ratio(_reader: Reader, value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise misfit(path, "be over 0 and at most 1", value)
    return value


def _linked(reader: Reader, value: object, _path: str) -> str:
    return reader.state.find(reader.by, value, Page, Database).id


_NEEDED, _LEFT_OUT = object(), object()
_Field = tuple[Callable[[Reader, object, str], Any], Any]
_TEXT: dict[str, _Field] = {"rich_text": (_rich, _NEEDED), "color": (_color, "default")}
_FIELDS: dict[str, dict[str, _Field]] = {
    "paragraph": {**_TEXT, "icon": (_icon, None)},
    **{kind: {**_TEXT, "is_toggleable": (_bool, False)} for kind in _HEADINGS},
    "callout": {**_TEXT, "rich_text": (_rich, []), "icon": (_icon, None)},
    "bulleted_list_item": _TEXT,
    "numbered_list_item": _TEXT,
    "toggle": _TEXT,
    "quote": _TEXT,
    "to_do": {**_TEXT, "checked": (_bool, False)},
    "code": {"rich_text": (_rich, _NEEDED), "language": (_string, _NEEDED), "caption": (_rich, [])},
    "bookmark": {"url": (_string, _NEEDED), "caption": (_rich, [])},
    "image": {},  # `files.media` reads it
    "link_to_page": {
        "type": (_string, _LEFT_OUT),
        "page_id": (_linked, _LEFT_OUT),
        "database_id": (_linked, _LEFT_OUT),
    },
    "table": {"table_width": (_width, _NEEDED), "has_column_header": (_bool, False), "has_row_header": (_bool, False)},
    "table_row": {"cells": (_cells, _NEEDED)},
    "column": {"width_ratio": (_ratio, _LEFT_OUT)},
    "divider": {},
    "column_list": {},
}
