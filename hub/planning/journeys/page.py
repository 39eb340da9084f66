"""What a client's new page says: a text in Markdown as blocks of a page. Pure.

Headings, paragraphs, lists, checklists and lines across become blocks of their own; bold stays bold, a link is its
words with the address behind them. Whatever else Markdown knows is shown as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from hub.core.types import Row

_BOXES = ("[ ] ", "[x] ", "[X] ")


def blocks_of(markdown: str, key: str) -> tuple[Row, ...]:
    """The blocks in their order. `key`: what their keys begin with."""
    found = _blocks(MarkdownIt("commonmark", {"html": False}).parse(markdown))
    return tuple(
        Row(key=f"{key}/{number}", values={"block": kind, "text": text, "color": None, "icon": None})
        for number, (kind, text) in enumerate(found, 1)
    )


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[str, str | None]]:
    """(type, text) of each block."""
    inside: list[str] = []
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            inside.append("bulleted_list_item" if kind == "bullet_list_open" else "numbered_list_item")
        elif kind in ("bullet_list_close", "ordered_list_close"):
            inside.pop()
        elif kind == "heading_open":
            inside.append(f"heading_{min(int(token.tag[1:]), 3)}")
        elif kind == "heading_close":
            inside.pop()
        elif kind == "hr":
            yield "divider", None
        elif kind in ("fence", "code_block"):
            yield "paragraph", token.content.rstrip("\n")
        elif kind == "inline":
            yield _block(inside[-1] if inside else "paragraph", _words(token.children or ()))


def _block(kind: str, text: str) -> tuple[str, str]:
    if kind.endswith("list_item") and text.startswith(_BOXES):
        return "to_do", text[4:]
    return kind, text


def _words(tokens: Sequence[Token]) -> str:
    """The text of a line, its bold parts between double stars."""
    text, address = "", ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            text += "**"
        elif token.type in ("softbreak", "hardbreak"):
            text += "\n" if token.type == "hardbreak" else " "
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            text += "" if text.endswith(address) else f" ({address})"
        elif token.type == "image":
            text += token.content
        else:
            text += token.content.replace("**", "*")  # only what Markdown made bold is bold
    return text
