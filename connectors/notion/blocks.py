"""Pure: the rows of a page collection <-> Notion's blocks. `BLOCK_VALUES` of hub.core.types says what a row holds.

`hub.core.types.Row` says where a row stands on the page, `connectors.notion.nested` makes blocks that hold others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notion import records, texts
from hub.core.errors import RecordError
from hub.core.types import BLOCK_VALUES, Ref, Row, Value

KINDS = (
    "heading_1", "heading_2", "heading_3", "paragraph", "callout", "divider", "bulleted_list_item",
    "numbered_list_item", "to_do", "column_list", "column", "link_to_page",
)  # fmt: skip
HOLDING = ("column_list", "column")
"""Blocks that hold others and nothing else."""
EMPTY = ("divider", *HOLDING)
"""Blocks that have no text, color or icon."""
DATABASE = "database:"
"""Before the id of a database, in the text of a link_to_page that leads to one (`connectors.notion.table_links`)."""
COLLECTIONS = ("child_page", "child_database")


def new(values: Mapping[str, Value]) -> dict[str, Any]:
    """The block to append for a row's values, without what stands in it. RecordError for what Notion cannot hold."""
    kind = values.get("block")
    if kind not in KINDS:
        raise RecordError(f"A block is one of {', '.join(KINDS)}, not {kind!r}.")
    rest = {name: value for name, value in values.items() if name != "block" and value not in (None, "")}
    content = change(str(kind), rest)[str(kind)]
    if kind == "link_to_page" and not content:
        raise RecordError("A link_to_page needs the id of a page as its text.")
    if kind not in (*EMPTY, "link_to_page"):
        content.setdefault("rich_text", [])
    return {"type": kind, str(kind): content}


def change(kind: str, values: Mapping[str, Value]) -> dict[str, Any]:
    """The body that sets some of the values of a block that has this type.

    The type itself can never be changed. Notion cannot take an icon away: None leaves it as it is.
    """
    content: dict[str, Any] = {}
    for name, value in values.items():
        match name, value:
            case "block", _:
                if value != kind:
                    raise RecordError(
                        f"Notion cannot turn a {kind} into a {value}: archive the block and make another."
                    )
            case (("text" | "color" | "icon"), None | "") if kind in (*EMPTY, "link_to_page"):
                pass
            case "text", str() if kind == "link_to_page":
                to = "database_id" if value.startswith(DATABASE) else "page_id"
                content |= {"type": to, to: value.removeprefix(DATABASE)}
            case "text", str() | None if kind not in EMPTY:
                content["rich_text"] = texts.starred(value or "")
            case "color", str() | None if kind not in (*EMPTY, "link_to_page"):
                content["color"] = value or "default"
            case "icon", str() if kind == "callout" and value:
                content["icon"] = {"type": "emoji", "emoji": value}
            case "icon", None | "":
                pass
            case _:
                known = ", ".join(BLOCK_VALUES)
                raise RecordError(f"A block of the type {kind} cannot hold {name} {value!r} (values: {known}).")
    return {kind: content}


def row(block: Mapping[str, Any], bot: str) -> Row:
    """A block as it was seen. It carries no key: the hub knows it by its ref."""
    return Row(
        key="",
        values=values(block),
        ref=Ref(block["id"]),
        edited_at=texts.instant(block["last_edited_time"]),
        edited_by=records.editor(block, bot),
    )


def values(block: Mapping[str, Any]) -> dict[str, Value]:
    """What a block holds. Types that the hub never makes come with their Notion name and, if they have one, a text."""
    kind = block["type"]
    content = block.get(kind) or {}
    color = content.get("color")
    icon = content.get("icon") or {}
    database = content.get("database_id")
    return {
        "block": kind,
        "text": content.get("title")
        or content.get("page_id")
        or (database and DATABASE + database)
        or texts.unstarred(content.get("rich_text") or [])
        or None,
        "color": None if color == "default" else color,
        "icon": icon.get("emoji"),
    }


def is_ours(block: Mapping[str, Any], bot: str) -> bool:
    """Whether we made it: pages and databases are no text of ours, wherever they stand."""
    return (block.get("created_by") or {}).get("id") == bot and block["type"] not in COLLECTIONS


def already_there(
    children: Sequence[Mapping[str, Any]], wanted: Sequence[Row], bot: str, chunk: int, after: str | None = None
) -> list[Mapping[str, Any]]:
    """The blocks of the first rows of `wanted` that an earlier call, whose answer was lost, has appended.

    Blocks are appended `chunk` at a time and each chunk wholly or not at all: at the end, or behind the block `after`
    ("": at the beginning). So what was appended is the tail of our own blocks there, or the first of them behind
    `after`; it has the types and texts of the first rows, and ends where a chunk ends. What people wrote, and pages and
    databases, may stand between.
    """
    behind = children
    if after:
        refs = [block["id"] for block in children]
        behind = children[refs.index(after) + 1 :] if after in refs else ()
    ours = [block for block in behind if is_ours(block, bot)]
    looks = [look(values(block)) for block in ours]
    needed = [look(one.values) for one in wanted]
    lengths = [len(wanted), *range((len(wanted) - 1) // chunk * chunk, 0, -chunk)]
    for length in lengths:
        part = slice(-length, None) if after is None else slice(length)
        if length and looks[part] == needed[:length]:
            return ours[part]
    return []


def look(block: Mapping[str, Value]) -> tuple[Value, Value]:
    """What tells blocks apart when nothing else is known of them."""
    return block.get("block"), block.get("text") or None
