"""Texts from strangers made plain: HTML without its tags, characters that every database keeps."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "title", "tr", "ul"),
    )
)
_SILENT = frozenset(("head", "script", "style", "template", "title"))
MAX_HTML = 2_000_000


def clean(text: str) -> str:
    """The text with line ends as \\n and without control characters and lone surrogates."""
    return _UNKEPT.sub("�", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def from_html(html: str) -> str:
    """What a person would read on the page, a line for each block."""
    reader = _Reader()
    try:
        reader.feed(html[:MAX_HTML])
        reader.close()
    except (AssertionError, ValueError):  # the standard library's answer to some malformed declarations
        pass
    lines = [" ".join(line.split()) for line in clean("".join(reader.said)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self.said.append("\n• " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._silent:
            self._silent -= 1
        if tag in _BLOCKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))
