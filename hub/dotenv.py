"""Writing to .env: one variable put in its place, everything else left as it is, and nobody else able to read it."""

from __future__ import annotations

import io
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hub.core.errors import ConfigError
from hub.environment import LARGEST

CLOSED = 0o600
KEPT_MODES = (0o600, 0o640)
"""Modes that stay: 0640 is how a key is shared with the group of the service."""
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,~^*!?-]+")


def write_variables(path: Path, values: Mapping[str, str]) -> list[str]:
    """Set these variables in the file; returns what there is to say about it, a line each.

    A variable that is there is replaced where it stands, a new one is added at the end; comments, order and all other
    lines stay. The file is replaced whole or not at all, and is closed to other users. ConfigError when it is a link to
    another folder, cannot be written, or could not be read back as it was meant.
    """
    real = _real(path)
    notes: list[str] = []
    text, mode, owner = "", CLOSED, None
    try:
        text, found = _read(real), real.stat()
        mode, owner = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Let the user that runs hub read it.") from error
    if mode not in KEPT_MODES:
        if mode & 0o077:
            notes.append(f"{path} could be read by other users of this machine. It is closed to them now.")
        mode = CLOSED
    for name, value in values.items():
        text = _set(text, name, value)
    _check(path, text, values)
    try:
        _replace(real, text, mode, owner)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. Let the user that runs hub write to that folder, or put the "
            f"variables where your service keeps its own: {', '.join(values)}."
        ) from error
    return notes


def _real(path: Path) -> Path:
    """The file itself. A link within the folder is followed, one that leads elsewhere is not ours to write to."""
    if not path.is_symlink():
        return path
    real = path.resolve()
    if real.parent != path.absolute().parent.resolve():
        raise ConfigError(
            f"{path} is a link to {real}. A key is not written to another place than the one you see: put the "
            "variables there yourself, or replace the link by a file."
        )
    return real


def _read(path: Path) -> str:
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise ConfigError(f"{path} has more than {LARGEST // 1024} KB; settings are short. Is it another file?")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None


def _set(text: str, name: str, value: str) -> str:
    from dotenv.parser import parse_stream

    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{name}={_quoted(name, value)}"
    pieces: list[str] = []
    done = False
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        if binding.key is None or binding.error or binding.key.upper() != name:
            pieces.append(original)
        elif not done:
            # What stands before the name in its piece: blank lines and indentation, or `export`.
            lead = original[: len(original) - len(original.lstrip())]
            export = "export " if original.lstrip().startswith("export ") else ""
            pieces.append(lead + export + line + newline)
            done = True
    if not done:
        if pieces and not pieces[-1].endswith("\n"):
            pieces.append(newline)
        pieces.append(line + newline)
    return "".join(pieces)


def _quoted(name: str, value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    if not value.isprintable():
        raise ConfigError(f"The value of {name} holds a line break or another character that .env cannot keep.")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _check(path: Path, text: str, values: Mapping[str, str]) -> None:
    """Read it back before it is written: better no key than a garbled one."""
    from dotenv.parser import parse_stream

    found: dict[str, list[str | None]] = {}
    broken = False
    for binding in parse_stream(io.StringIO(text.removeprefix("\ufeff"))):
        broken = broken or binding.error
        if binding.key is not None:
            found.setdefault(binding.key.upper(), []).append(binding.value)
    wrong = [name for name, value in values.items() if found.get(name) != [value]]
    if wrong or broken:
        raise ConfigError(
            f"{path} has lines that cannot be read, so {', '.join(values)} was not written. `hub check` says which."
        )


def _replace(path: Path, text: str, mode: int, owner: tuple[int, int] | None) -> None:
    handle, aside = tempfile.mkstemp(prefix=".env.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), mode)
            if owner is not None:
                with suppress(PermissionError):  # only root may give a file away
                    os.fchown(file.fileno(), *owner)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
