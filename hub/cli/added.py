"""A connection added to a business.yaml that a person wrote: one line more, and not a character else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hub.core.errors import ConfigError
from hub.mapping.tree import parse


def how_to_add(file: Path, connection: str) -> str:
    """How a person does it."""
    return f"Add it to {file}:\nconnections:\n  {connection}: {{}}"


def add_connection(file: Path, connection: str) -> None:
    """Put `connection: {}` among the connections. ConfigError where the file has no place for such a line."""
    text = file.read_text(encoding="utf-8")
    changed = _with_line(text, connection)
    if changed is None or _names(changed) != {*_names(text), connection}:
        raise ConfigError(f"{file} is laid out in a way that the hub does not change. {how_to_add(file, connection)}")
    replace_text(file, changed)


def replace_text(file: Path, text: str) -> None:
    """The file with this text, whole or not at all."""
    handle, aside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(aside, file.stat().st_mode & 0o777)
        os.replace(aside, file)
    finally:
        Path(aside).unlink(missing_ok=True)


def _with_line(text: str, connection: str) -> str | None:
    root, faults = parse(text)
    if root is None or faults or root.kind != "map":
        return None
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if "\r\n" in text else "\n"
    if "connections" not in root.keys:
        end = "" if text.endswith("\n") else newline
        return f"{text}{end}{newline}connections:{newline}  {connection}: {{}}{newline}"
    at = root.keys["connections"][0]
    inside = root.value["connections"]
    if inside.kind == "null":
        return "".join([*lines[:at], f"  {connection}: {{}}{newline}", *lines[at:]])
    if inside.kind != "map" or inside.line == at:
        return None  # { } on one line
    first, column = min(inside.keys.values())
    return "".join([*lines[: first - 1], f"{' ' * (column - 1)}{connection}: {{}}{newline}", *lines[first - 1 :]])


def _names(text: str) -> set[str]:
    root, faults = parse(text)
    inside = root.at(("connections",)) if root is not None and not faults else None
    return set(inside.keys) if inside is not None else set()
