"""names.lock: the id behind each name of a business' files, so that a rename at the provider loses nothing.

It stands beside the YAML and is written by the hub. A person may read it, keep it in Git, and take a line out to have
that name looked up anew. Shape: connection -> kind of thing -> name in the YAML -> id.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from hub.core.errors import ConfigError
from hub.mapping.problems import quote
from hub.mapping.tree import Node, parse

LOCK_FILE = "names.lock"
LARGEST = 1_000_000
"""Bytes. A line has some 60."""

HEADER = """\
# Written by hub: the id that each name in these files stood for when it was first looked up. A project that is renamed
# at its provider is so still the same one. To have a name looked up anew, take its line out. No key stands here.
"""

Names: TypeAlias = Mapping[str, Mapping[str, Mapping[str, str]]]


def read(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    """What is locked in that folder; {} where there is no lock file. ConfigError when it cannot be read."""
    path = folder / LOCK_FILE
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Let the user that runs hub read it.") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _broken(path, "it is not UTF-8 text") from None
    if len(raw) > LARGEST:
        raise _broken(path, f"it has more than {LARGEST // 1_000_000} MB")
    root, faults = parse(text)
    if faults:
        raise _broken(path, f"line {faults[0].line}: {faults[0].message.rstrip('.')}")
    return {} if root is None else _levels(root, path)


def _levels(root: Node, path: Path) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for connection, kinds in _inside(root, path).items():
        found[connection] = {}
        for kind, names in _inside(kinds, path).items():
            found[connection][kind] = {}
            for name, node in _inside(names, path).items():
                if node.kind not in ("text", "number") or not node.text:
                    raise _broken(path, f"line {node.line}: no id stands after {quote(name)}")
                found[connection][kind][name] = node.text
    return found


def _inside(node: Node, path: Path) -> dict[str, Node]:
    if node.kind == "map":
        inside: dict[str, Node] = node.value
        return inside
    raise _broken(path, f"line {node.line}: expected connection, then kind, then name: id")


def _broken(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} was changed by hand and cannot be read ({why}). Put it back as it was, or delete it: the names are "
        "then looked up anew."
    )


def write(folder: Path, names: Names) -> bool:
    """Replace the lock file by these names, whole or not at all. False where the folder cannot be written."""
    path = folder / LOCK_FILE
    text = _text(names)
    with suppress(OSError):
        if path.read_text(encoding="utf-8") == text:
            return True
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{LOCK_FILE}.", dir=folder)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)  # no secret: whoever reads the YAML may read it
        os.replace(aside, path)
    except OSError:
        return False
    finally:
        Path(aside).unlink(missing_ok=True)
    return True


def _text(names: Names) -> str:
    lines = [HEADER]
    for connection, kinds in sorted(names.items()):
        shown = {kind: inside for kind, inside in sorted(kinds.items()) if inside}
        if not shown:
            continue
        lines.append(f"{connection}:\n")
        for kind, inside in shown.items():
            lines.append(f"  {_word(kind)}:\n")
            lines += [f"    {_word(name)}: {_word(id_)}\n" for name, id_ in sorted(inside.items())]
    return "".join(lines)


def _word(text: str) -> str:
    """A text that YAML reads back as it is. JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)
