"""The words of IMAP commands: atoms, quoted strings, literals, lists; and folder names in modified UTF-7 (RFC 3501)."""

import base64
import re
from typing import Any

Words = list[Any]


class Atom(str):
    """A bare word, as against a string."""

    __slots__ = ()


_PIECE = re.compile(rb'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|\{(\d+)\+?\}\r?\n|((?:[^\s()"{\[]|\[[^\]]*\])+))')


def read_words(line: bytes) -> Words:
    """The words of a command; a list in brackets becomes a list. ValueError when it is malformed."""
    stack: list[Words] = [[]]
    place = 0
    while line[place:].strip():
        found = _PIECE.match(line, place)
        if found is None:
            raise ValueError("a word that cannot be read")
        place = found.end()
        opened, closed, text, literal, atom = found.groups()
        if opened:
            stack.append([])
        elif closed:
            inner = stack.pop()
            if not stack:
                raise ValueError("a bracket too many")
            stack[-1].append(inner)
        elif literal is not None:
            stack[-1].append(line[place : place + int(literal)].decode("utf-8", "replace"))
            place += int(literal)
        elif atom is not None:
            stack[-1].append(Atom(atom.decode("ascii")))
        else:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", text).decode("utf-8", "replace"))
    if len(stack) != 1:
        raise ValueError("a bracket too few")
    return stack[0]


def astring(word: Any) -> str:
    """A folder's or user's name."""
    if not isinstance(word, str):
        raise ValueError("a list where a name should be")  # noqa: TRY004  answered BAD like the others
    return _decoded(word)


def quoted(name: str) -> str:
    """A folder's name as it goes over the wire."""
    return '"' + _encoded(name).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(name: str) -> str:
    def shift(found: re.Match[str]) -> str:
        return "&" + base64.b64encode(found.group().encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub("[^\x20-\x7e]+", shift, name.replace("&", "&-"))


def _decoded(name: str) -> str:
    def unshift(found: re.Match[str]) -> str:
        inner = found.group(1).replace(",", "/")
        return base64.b64decode(inner + "=" * (-len(inner) % 4)).decode("utf-16-be") if inner else "&"

    return re.sub("&([^-]*)-", unshift, name)
