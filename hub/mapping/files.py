"""Reading what stands in a folder of mappings. Nothing here raises for what a person put there."""

from __future__ import annotations

import os
from pathlib import Path

from hub.mapping.problems import Fault, Problem

BUSINESS_FILE = "business.yaml"
LARGEST = 100_000
"""Bytes of one file. The largest example has 2,500."""


def whole(file: Path, message: str, hint: str, *, warning: bool = False) -> Problem:
    """A problem of a file or folder as a whole."""
    return Problem(file=file, line=0, column=0, message=message, hint=hint, severity="warning" if warning else "error")


def entries(folder: Path) -> list[Path] | Problem:
    """What stands in a folder, by name, without hidden files and editors' copies."""
    try:
        found = sorted(folder.iterdir())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        hint = "Name the folder that holds one folder per business. Example: HUB_MAPPINGS=mappings"
        return whole(folder, f"This folder cannot be read: {reason}.", hint)
    return [entry for entry in found if not entry.name.startswith((".", "#", "__")) and not entry.name.endswith("~")]


def business_folders(folder: Path, problems: list[Problem]) -> list[Path]:
    """The folder of each business in a folder of mappings, or that folder itself. What is amiss goes to `problems`."""
    inside = entries(folder)
    if isinstance(inside, Problem):
        problems.append(inside)
        return []
    if any(entry.name in (BUSINESS_FILE, "business.yml") for entry in inside):
        return [folder]
    found: list[Path] = []
    for entry in inside:
        if os.path.isdir(entry):  # unlike Path.is_dir, False where it may not be looked at
            found.append(entry)
        elif entry.suffix in (".yaml", ".yml"):
            hint = f"Move it into the folder of its business. Example: {folder / 'atelier-lila' / entry.name}"
            problems.append(whole(entry, "This file belongs to no business: it stands beside their folders.", hint))
    if not found and not problems:
        hint = f"Make a folder with a {BUSINESS_FILE}. Example: {folder / 'atelier-lila' / BUSINESS_FILE}"
        problems.append(whole(folder, "This folder has no business.", hint))
    return found


def text_of(file: Path) -> str | Problem:
    """What stands in a file: UTF-8, of an ordinary size."""
    if not os.path.isfile(file):  # a folder, or a pipe that would never end
        return whole(file, "This is no ordinary file.", f"Replace it by a text file. Example: {_name(file)}")
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        hint = f"Give the user that runs hub the right to read it. Example: chmod u+r {file.name}"
        return whole(file, f"This file cannot be read: {error.strerror}.", hint)
    if len(raw) > LARGEST:
        hint = f"A mapping has some 50 lines: is this another file? Example: {_name(file)}"
        return whole(file, f"This file has more than {LARGEST // 1000} KB.", hint)
    try:
        return raw.decode("utf-8-sig")  # the mark that Windows' editors put first means nothing
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        hint = "Save the file as UTF-8. Example: in Notepad, Save as, Encoding: UTF-8"
        return Fault(line, column, "This file is not UTF-8 text.", hint).within(file)


def _name(file: Path) -> str:
    return "revenue.yaml" if file.suffix == ".yaml" else "welcome.fr.md"
