"""`hub schema`: the JSON Schema of the mappings, for editors."""

from __future__ import annotations

import json
from pathlib import Path

from hub.cli.opened import Say
from hub.core.errors import ConfigError
from hub.mapping.schema import HEADER, KINDS, schema_of
from hub.nearest import nearest


def schema(kind: str | None, out: Path | None, say: Say) -> None:
    """Print one schema, or write one or all of them into a folder; without either, say which there are."""
    if kind is not None and kind not in KINDS:
        near = nearest(kind, KINDS)
        meant = f"Did you mean {near}? " if near else ""
        raise ConfigError(f"There is no schema of {kind}. {meant}There are: {', '.join(KINDS)}.")
    if out is not None:
        _write([kind] if kind is not None else list(KINDS), out, say)
    elif kind is not None:
        say(schema_text(kind).rstrip("\n"))
    else:
        say(f"There is a schema of each of these: {', '.join(KINDS)}.")
        say("`hub schema KIND` prints one, `hub schema --out FOLDER` writes them all.")


def schema_text(kind: str) -> str:
    """The schema as it stands in a file."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def _write(kinds: list[str], out: Path, say: Say) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            (out / f"{kind}.json").write_text(schema_text(kind), encoding="utf-8")
            say(f"Written: {out / kind}.json")
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}. Name another folder.") from error
    say(f"The first line of a mapping tells the editor where its schema is: {HEADER}WAY/TO/{kinds[0]}.json")
