"""A page as plain text for a terminal, with aligned tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from connectors.notion.sandbox.blocks import living
from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.objects import title_of
from connectors.notion.sandbox.richtext import plain
from connectors.notion.sandbox.show import columns, rows_of, shown
from connectors.notion.sandbox.state import Block, Database, DataSource, Page, State, Thing
from connectors.notion.sandbox.views import charts_of

_WIDEST_CELL = 44
_MARKS = {
    "heading_1": "# ",
    "heading_2": "## ",
    "heading_3": "### ",
    "heading_4": "#### ",
    "bulleted_list_item": "• ",
    "toggle": "▸ ",
    "quote": "> ",
}


def page_text(state: State, page: Page, zone: ZoneInfo) -> str:
    """The whole page: title, a row's properties, blocks, and the rows of the databases on it."""
    title = title_of(page) or "Untitled"
    icon = f"{page.icon['emoji']} " if page.icon and "emoji" in page.icon else ""
    lines = [f"{icon}{title}", "=" * width(f"{icon}{title}"), ""]
    source = state.things.get(page.source) if page.source else None
    if isinstance(source, DataSource):
        props = [prop for prop in columns(source) if prop.type != "title"]
        lines += [*table([[prop.name, shown(state, page, prop, zone)] for prop in props], right=set()), ""]
    lines += _blocks(state, page, zone, "")
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _blocks(state: State, parent: Page | Block, zone: ZoneInfo, indent: str) -> Iterator[str]:
    place, before = 0, ""
    for thing in living(state, parent):
        kind = thing.type if isinstance(thing, Block) else ""
        place = place + 1 if kind == "numbered_list_item" else 0
        if before and not (kind == before and kind.endswith(("list_item", "to_do", "toggle", "callout"))):
            yield ""
        before = kind or "page"
        yield from _block(state, thing, zone, indent, place)


def _block(state: State, thing: Thing, zone: ZoneInfo, indent: str, place: int) -> Iterator[str]:
    if isinstance(thing, Database):
        yield from _database(state, thing, zone, indent)
        return
    if not isinstance(thing, Block):
        yield f"{indent}▤ {title_of(thing) or 'Untitled'}"
        return
    kind, content = thing.type, thing.content
    match kind:
        case "divider":
            yield f"{indent}{'─' * 60}"
        case "column_list" | "column":
            yield from _blocks(state, thing, zone, indent)
        case "table":
            rows = [one.content["cells"] for one in living(state, thing) if isinstance(one, Block)]
            cells = [[plain(cell) for cell in row] for row in rows]
            yield from (f"{indent}{line}" for line in table(cells, right=set(), head=content["has_column_header"]))
        case "image":
            named = content["external"]["url"] if content["type"] == "external" else plain(content["caption"])
            yield f"{indent}[image {named}]"
        case "link_to_page":
            yield f"{indent}→ {title_of(state.things[content[content['type']]])}"
        case "bookmark":
            yield f"{indent}{content['url']}"
        case _:
            mark = _mark(kind, content, place)
            text = plain(content.get("rich_text", []))
            if mark or text:
                more = "│" + " " * (width(mark) - 1) if kind == "callout" else " " * width(mark)
                yield from (f"{indent}{more if n else mark}{line}" for n, line in enumerate(text.split("\n")))
            yield from _blocks(state, thing, zone, f"{indent}  ")


def _mark(kind: str, content: Json, place: int) -> str:
    if kind == "callout":
        icon = content["icon"] or {}
        return f"│ {icon['emoji']} " if "emoji" in icon else "│ "
    if kind == "to_do":
        return "[x] " if content["checked"] else "[ ] "
    if kind == "numbered_list_item":
        return f"{place}. "
    return "    " if kind == "code" else _MARKS.get(kind, "")


def _database(state: State, database: Database, zone: ZoneInfo, indent: str) -> Iterator[str]:
    for view, points in charts_of(state, database):
        marks = [line["label"] for line in (view.config or {}).get("reference_lines") or ()]
        yield f"{indent}▥ {' · '.join([view.name, *marks])}"
        yield from (
            f"{indent}{line}" for line in table([[name, f"{value:,.10g}"] for name, value in points], right={1})
        )
    for key in database.sources:
        source = state.things[key]
        if not isinstance(source, DataSource) or source.trashed:
            continue
        yield f"{indent}▦ {title_of(source) or 'Untitled'}"
        props = columns(source)
        right = {n for n, prop in enumerate(props) if prop.type == "number"}
        cells = [[prop.name for prop in props]]
        cells += [[shown(state, row, prop, zone) for prop in props] for row in rows_of(state, source)]
        yield from (f"{indent}{line}" for line in table(cells, right=right, head=True))
        if len(cells) == 1:
            yield f"{indent}(no rows)"


def table(rows: Sequence[Sequence[str]], *, right: set[int], head: bool = False) -> list[str]:
    """Rows with aligned columns; those in `right` to the right; `head`: a rule below the first row."""
    cells = [[_short(cell.replace("\n", " ")) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(width(row[n]) for row in cells) for n in range(len(cells[0]))]
    lines = ["  ".join(_pad(cell, widths[n], n in right) for n, cell in enumerate(row)) for row in cells]
    if head:
        lines.insert(1, "  ".join("─" * size for size in widths))
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


def _pad(text: str, size: int, right: bool) -> str:
    space = " " * (size - width(text))
    return space + text if right else text + space


def width(text: str) -> int:
    """How many cells of a terminal the text takes: emoji and East Asian letters two, combining marks none."""
    if text.isascii():
        return len(text)
    size = 0
    for letter in text:
        if unicodedata.combining(letter) or letter in "\u200d\ufe0e":
            continue
        if letter == "\ufe0f":
            size += 1  # turns the sign before it into an emoji
        else:
            size += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return size
