"""Markdown -> what a letter says as plain text and as HTML. Nothing in it can load or run anything at the reader's.

Beyond CommonMark, two shapes are shown in a way of their own:

- a line of nothing but links, with · between them, is a row of buttons, and as plain text a line for each. So is a
  paragraph that is one link;
- an item of a list whose first line is all bold is a card: the lines below it are smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

BETWEEN = "·"


@cache
def _markdown() -> MarkdownIt:
    """CommonMark with tables. HTML is text; images are off, because what is fetched tells who reads and when."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


def as_html(markdown: str) -> str:
    """The HTML of the body, without anything around it. Its classes are those of `connectors.email.page`."""
    tokens = _markdown().parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "inline":
            lines = split(token.children or ())
            in_item = at > 1 and tokens[at - 2].type == "list_item_open"
            card = in_item and len(lines) > 1 and _is_bold(lines[0])
            alone = tokens[at - 1].type == "paragraph_open" and not tokens[at - 1].hidden
            token.children = list(_styled(lines, card=card, alone=alone))
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))


def split(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens of each line of a text, without what breaks the lines and what is empty."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        elif token.type != "text" or token.content:
            lines[-1].append(token)
    return lines


def links(line: Sequence[Token]) -> int:
    """How many links a line of nothing but links with · between them has; 0 for any other line."""
    depth = count = 0
    for token in line:
        depth += token.nesting if token.type.startswith("link_") else 0
        if token.type == "link_open":
            count += 1
        elif depth == 0 and token.type != "link_close" and (token.type != "text" or token.content.strip(f" {BETWEEN}")):
            return 0
    return count


def _is_bold(line: Sequence[Token]) -> bool:
    return len(line) > 2 and line[0].type == "strong_open" and line[-1].type == "strong_close"


def _styled(lines: Sequence[Sequence[Token]], *, card: bool, alone: bool) -> Iterator[Token]:
    for number, line in enumerate(lines):
        if number:
            yield Token("hardbreak", "br", 0)
        row = links(line)
        if row > 1 or (row == 1 and alone and len(lines) == 1):
            yield _html('<span class="row">')
            yield from _buttons(line)
            yield _html("</span>")
        elif card and number:
            yield _html('<span class="small">')
            yield from _without_dead_links(line)
            yield _html("</span>")
        else:
            yield from _without_dead_links(line)


def _buttons(line: Sequence[Token]) -> Iterator[Token]:
    """What stands between the buttons is seen only where a mail program ignores styles."""
    depth = 0
    for token in line:
        depth += token.nesting if token.type.startswith("link_") else 0
        if token.type == "link_open":
            token.attrSet("class", "button")
        if token.type == "text" and depth == 0:
            yield _html('<span class="between">')
            yield token
            yield _html("</span>")
        else:
            yield token


def _without_dead_links(line: Sequence[Token]) -> Iterator[Token]:
    """Words whose link leads nowhere are words."""
    open_links: list[bool] = []
    for token in line:
        if token.type == "link_open":
            open_links.append(bool(token.attrs.get("href")))
        if not token.type.startswith("link_") or open_links[-1]:
            yield token
        if token.type == "link_close":
            open_links.pop()


def _html(text: str) -> Token:
    return Token("html_inline", "", 0, content=text)


def as_text(markdown: str) -> str:
    """The same as plain text: no stars and brackets, addresses of links behind their words."""
    return "\n".join(_blocks(SyntaxTreeNode(_markdown().parse(markdown)).children)).strip("\n") + "\n"


def _blocks(nodes: Sequence[SyntaxTreeNode], gap: bool = True) -> list[str]:
    """Their lines, with an empty one between two blocks."""
    said: list[str] = []
    for node in nodes:
        lines = _block(node)
        if said and lines and gap:
            said.append("")
        said += lines
    return said


def _block(node: SyntaxTreeNode) -> list[str]:
    if node.type in ("paragraph", "heading"):
        lines = [text for child in node.children for text in _inline(child)]
        return lines + ["=" * len(line) for line in lines[-1:] if node.type == "heading"]
    if node.type in ("bullet_list", "ordered_list"):
        return _list(node)
    if node.type == "blockquote":
        return [f"> {line}".rstrip() for line in _blocks(node.children)]
    if node.type in ("fence", "code_block", "hr"):
        return ["-" * 20] if node.type == "hr" else node.content.rstrip("\n").split("\n")
    if node.type == "tr":
        return [
            " | ".join(" ".join(line for part in cell.children for line in _inline(part)) for cell in node.children)
        ]
    return _blocks(node.children, gap=False)  # a table and its halves


def _list(node: SyntaxTreeNode) -> list[str]:
    """Items of more than one line stand apart."""
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    tight = not any(part.type == "paragraph" and not part.hidden for item in node.children for part in item.children)
    items: list[list[str]] = []
    for number, item in enumerate(node.children):
        mark = "- " if first is None else f"{first + number}. "
        lines = _blocks(item.children, gap=not tight) or [""]
        items.append([(" " * len(mark) if at else mark) + line if line else "" for at, line in enumerate(lines)])
    apart = any(len(_block(part)) > 1 for item in node.children for part in item.children[:1])
    return [line for at, item in enumerate(items) for line in ([""] if at and apart else []) + item]


def _inline(node: SyntaxTreeNode) -> list[str]:
    """The lines of one block's text."""
    said: list[str] = []
    for line in split([token for child in node.children for token in child.to_tokens()]):
        text = inline_text(line)
        said += text.split("\n")
    return said


def inline_text(line: Sequence[Token]) -> str:
    """The text of one line's tokens; a row of links takes a line for each."""
    row = links(line) > 1
    said: list[str] = []
    targets: list[tuple[str, int]] = []
    for token in line:
        if token.type == "link_open":
            targets.append((str(token.attrs.get("href", "")), len(said)))
        elif token.type == "link_close":
            address, begin = targets.pop()
            if address and "".join(said[begin:]) not in (address, address.removeprefix("mailto:")):
                said.append(f" ({address})")
        elif row and not targets:
            said.append("\n")
        else:
            said.append(token.content)
    return "".join(said).strip()
