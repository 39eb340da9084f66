"""Markdown -> what a letter says as plain text and as HTML. Nothing in it can load or run anything at the reader's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token


@cache
def _markdown() -> MarkdownIt:
    """CommonMark with tables. HTML is text; images are off, because what is fetched tells who reads and when."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


def as_html(markdown: str) -> str:
    """The HTML of the body, without anything around it."""
    return str(_markdown().render(markdown))


def as_text(markdown: str) -> str:
    """The same as plain text: no stars and brackets, addresses of links behind their words."""
    lines: list[str] = []
    lists: list[int | None] = []  # the next number of each open list, None for one of bullets
    mark = ""
    for token in _markdown().parse(markdown):
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if kind.startswith("ordered") else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            if not lists:
                lines.append("")
        elif kind == "list_item_open":
            number = lists[-1]
            mark = "- " if number is None else f"{number}. "
            if number is not None:
                lists[-1] = number + 1
        elif kind == "inline":
            said = inline_text(token.children or ())
            indent = "  " * max(0, len(lists) - 1)
            lines += [indent + (mark or "  " * bool(lists)) + said.replace("\n", f"\n{indent}{' ' * len(mark)}")]
            mark = ""
        elif kind in ("paragraph_close", "heading_close", "tr_close", "table_close") and not lists:
            lines.append("")
        elif kind in ("fence", "code_block"):
            lines += [token.content.rstrip("\n"), ""]
        elif kind == "hr":
            lines += ["-" * 20, ""]
    return "\n".join(_single_gaps(lines)).strip() + "\n"


def inline_text(tokens: Sequence[Token]) -> str:
    """The text of one line's tokens."""
    said: list[str] = []
    targets: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            targets.append((str(token.attrs.get("href", "")), len(said)))
        elif token.type == "link_close":
            address, begin = targets.pop()
            if "".join(said[begin:]) not in (address, address.removeprefix("mailto:")):
                said.append(f" ({address})")
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        else:
            said.append(token.content)
    return "".join(said)


def _single_gaps(lines: Iterable[str]) -> Iterable[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def page(language: str, title: str, body: str, footer: Sequence[str]) -> str:
    """A whole HTML mail around `body` and the footer's lines, which are HTML already. It loads nothing."""
    small = "".join(f'<p style="margin:0 0 .5em">{line}</p>' for line in footer)
    foot = f'<div style="margin-top:2em;color:#666;font-size:13px">{small}</div>' if footer else ""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(title)}</title></head>\n"
        '<body style="font-family:system-ui,Arial,sans-serif;font-size:16px;line-height:1.5;color:#222;'
        'max-width:40em;margin:1em auto;padding:0 1em">\n'
        f"{body}\n{foot}\n</body>\n</html>\n"
    )
