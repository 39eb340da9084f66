"""A problem of a mapping, for the person who wrote it: where, what, and the way out. Never a secret (R11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]

KEY_PREFIX = re.compile(r"(?i)(sk|rk|pk)_(live|test)_|whsec_|ntn_|secret_|\bBearer\s|\beyJ")
LONG_RANDOM = re.compile(r"(?=\S*[0-9])(?=\S*[A-Za-z])[A-Za-z0-9_+=.-]{24,}")
SHOWN = 40
"""Characters of a wrong word that a message repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a file from being read as meant.

    `line` and `column` count from 1; line 0 stands for the whole file or folder. An "error" leaves out what it
    concerns: a connection, a job or a business; a "warning" leaves nothing out.
    """

    file: Path
    line: int
    column: int
    message: str
    hint: str
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """file:line:column, which editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else str(self.file)

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} {self.hint}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem that does not know its file yet. Line and column count from 1."""

    line: int
    column: int
    message: str
    hint: str

    def within(self, file: Path) -> Problem:
        return Problem(file=file, line=self.line, column=self.column, message=self.message, hint=self.hint)


def looks_secret(text: str) -> bool:
    """Better to hide a word too many than to show a key."""
    return bool(KEY_PREFIX.search(text) or LONG_RANDOM.search(text))


def quote(text: str) -> str:
    """A word of the file as a message shows it: quoted, cut, with invisible characters made visible."""
    if looks_secret(text):
        return "a text that looks like a key (not shown)"
    cut = text[:SHOWN] + ("…" if len(text) > SHOWN else "")
    return '"' + "".join(_visible(character) for character in cut) + '"'


def listed(words: Iterable[str]) -> str:
    """Known words as a message lists them. What looks like a key is left out; "none" when there is nothing to show."""
    return ", ".join(word[:SHOWN] for word in words if not looks_secret(word)) or "none"


def _visible(character: str) -> str:
    if character == " " or not unicodedata.category(character).startswith(("C", "Z")):
        return character
    return {"\n": "\\n", "\t": "\\t"}.get(character, f"\\u{ord(character):04x}")
