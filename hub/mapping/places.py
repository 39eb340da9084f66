"""Where in a file something stands that was found wrong after the file was read: file, line and column."""

from __future__ import annotations

from pathlib import Path

from hub.mapping.checks.around import Path as YamlPath
from hub.mapping.checks.around import place
from hub.mapping.files import text_of
from hub.mapping.tree import Node, parse


class Places:
    """The files of one business, read again when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots: dict[str, Node | None] = {}

    def root(self, file: str) -> Node | None:
        """The tree of a file; None when it cannot be read any more."""
        if file not in self._roots:
            text = text_of(self._folder / file)
            self._roots[file] = parse(text)[0] if isinstance(text, str) else None
        return self._roots[file]

    def of(self, file: str, path: YamlPath, at: tuple[int, int] | None = None) -> str:
        """Like `mappings/atelier-lila/tasks.yaml:8:30`; only the file where nothing more is known. `at` is known."""
        root = self.root(file)
        if at is None and root is not None and path:
            at = place(root, path)
        if at is None:
            return str(self._folder / file)
        line, column = at
        return f"{self._folder / file}:{line}:{column}"
