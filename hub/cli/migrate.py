"""`hub migrate`: older mappings in today's language."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from hub.cli.opened import Say
from hub.core.errors import ConfigError
from hub.mapping.files import BUSINESS_FILE, entries, text_of
from hub.mapping.problems import Problem
from hub.mapping.versions import STEPS, VERSION, Step, lift
from hub.settings import load_settings


def migrate(business: str | None, say: Say, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> int:
    """Lift every file that is older, and say which. 0, or 1 when a file cannot be lifted: that one is left as it is."""
    lifted = wrong = 0
    for file in _files(load_settings().mappings, business):
        text = text_of(file)
        if isinstance(text, Problem):
            say(str(text))
            wrong += 1
            continue
        found = lift(text, steps, version)
        if isinstance(found, tuple):
            for fault in found:
                say(str(fault.within(file)))
            wrong += 1
        elif found.was != version:
            _replace(file, found.text)
            say(f"{file}: lifted from version {found.was} to {version}")
            lifted += 1
    if not lifted and not wrong:
        say(f"Nothing to lift: every file is written in version {version}.")
    elif lifted:
        say("Run `hub check`, and look at what changed before you keep it (git diff).")
    return 1 if wrong else 0


def _files(folder: Path, business: str | None) -> Iterator[Path]:
    """The mappings of one business or of all."""
    inside = entries(folder)
    if isinstance(inside, Problem):
        raise ConfigError(f"{inside.message} {inside.hint}")
    here = [folder] if any(entry.name == BUSINESS_FILE for entry in inside) else [e for e in inside if e.is_dir()]
    names = [each.absolute().name for each in here]
    if business is not None and business not in names:
        raise ConfigError(f"No business is called {business}. There are: {', '.join(names) or 'none'}")
    for each, name in zip(here, names, strict=True):
        there = entries(each) if business in (None, name) else []
        if isinstance(there, Problem):
            raise ConfigError(f"{there.message} {there.hint}")
        yield from (file for file in there if file.suffix == ".yaml")


def _replace(file: Path, text: str) -> None:
    """The file with another text, whole or not at all, with its rights as they were."""
    try:
        mode = file.stat().st_mode & 0o777
        handle, aside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.chmod(aside, mode)
            os.replace(aside, file)
        finally:
            Path(aside).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from error
