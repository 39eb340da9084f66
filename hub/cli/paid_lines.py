"""One payment more or less in a file that a person wrote: the line of it, and not a character else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.cli.yaml_text import flow
from hub.mapping.tree import Node, parse

KEY = "paid_outside"


def with_payment(text: str, said: Mapping[str, str]) -> str | None:
    """The text with one more line at the end of the list. None where the file is laid out so that none fits."""
    root, lines, newline = _read(text)
    if root is None:
        return None
    line = f"- {flow(said)}{newline}"
    if KEY not in root.keys:
        end = "" if text.endswith("\n") else newline
        changed = f"{text}{end}{newline}{KEY}:{newline}  {line}"
    else:
        at, inside = root.keys[KEY][0], root.value[KEY]
        items = inside.value if inside.kind == "list" else []
        if inside.kind == "null":
            place, indent = at, "  "
        elif items and (found := re.match(r"( *)-", lines[items[-1].line - 1])) is not None and items[-1].line > at:
            place, indent = _end(lines, items[-1].line), found[1]
        else:
            return None
        before = lines[:place]
        if before and not before[-1].endswith("\n"):
            before[-1] += newline
        changed = "".join([*before, f"{indent}{line}", *lines[place:]])
    return changed if _list(changed) == [*_list(text), dict(said)] and _rest(changed) == _rest(text) else None


def without_payment(text: str, index: int) -> str | None:
    """The text without that item of the list, and without the list when it was the last one. None as above."""
    root, lines, _ = _read(text)
    node = None if root is None else root.at((KEY, index))
    if root is None or node is None or node.line == root.keys[KEY][0]:
        return None
    items = root.value[KEY].value
    first = root.keys[KEY][0] if len(items) == 1 else node.line
    end = items[index + 1].line - 1 if index + 1 < len(items) else _end(lines, node.line)
    changed = "".join([*lines[: first - 1], *lines[end:]])
    left = [each for number, each in enumerate(_list(text)) if number != index]
    return changed if _list(changed) == left and _rest(changed) == _rest(text) else None


def lines_of(text: str) -> tuple[int, ...]:
    """On which line each payment begins."""
    root, _, _ = _read(text)
    inside = None if root is None else root.at((KEY,))
    return tuple(node.line for node in inside.value) if inside is not None and inside.kind == "list" else ()


def _read(text: str) -> tuple[Node | None, list[str], str]:
    root, faults = parse(text)
    found = root if root is not None and not faults and root.kind == "map" else None
    return found, text.splitlines(keepends=True), "\r\n" if "\r\n" in text else "\n"


def _end(lines: list[str], start: int) -> int:
    """After the last line of the item that begins on that one: those that follow and are set in."""
    at = start
    while (
        at < len(lines) and lines[at].startswith(" ") and lines[at].strip() and not lines[at].lstrip().startswith("#")
    ):
        at += 1
    return at


def _plain(text: str) -> dict[str, object]:
    root, _, _ = _read(text)
    return {} if root is None else root.plain()


def _list(text: str) -> list[object]:
    found = _plain(text).get(KEY)
    return found if isinstance(found, list) else []


def _rest(text: str) -> dict[str, object]:
    return {name: value for name, value in _plain(text).items() if name != KEY}
