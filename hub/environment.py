"""Where settings come from: the environment, a .env file and a folder of secrets, in this order.

Only names that start with HUB_ are looked at. An empty value counts as absent, so that a template with blanks may be
copied. Values are kept out of every message and every repr (R11); each remembers the place that a person can go to.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "HUB_"
LARGEST = 65_536
"""Bytes of a .env file or of a secret file. A key has some 100."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the place where a person can change it."""

    value: str = field(repr=False)
    place: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Every HUB_ variable by its upper-case name, and what could not be read."""

    variables: Mapping[str, Found]
    problems: tuple[str, ...] = ()


def connection_prefix(business_key: str, connection: str) -> str:
    """HUB_ATELIER_LILA_STRIPE_ for the connection `stripe` of the business `atelier-lila`."""
    return PREFIX + re.sub(r"[^A-Za-z0-9]+", "_", f"{business_key} {connection}").upper() + "_"


def read_environment(env: Mapping[str, str], dotenv: Path) -> Environment:
    """Every HUB_ variable of `env`, of the file `dotenv` (which may be absent) and of HUB_SECRETS_DIR. Never raises."""
    problems: list[str] = []
    from_env = {
        name.upper(): Found(value, "environment")
        for name, value in env.items()
        if name.upper().startswith(PREFIX) and value.strip()
    }
    variables = {**_from_dotenv(dotenv, problems), **from_env}
    folder = variables.get("HUB_SECRETS_DIR")
    if folder is not None:
        variables = {**_from_secrets(Path(folder.value), folder.place, problems), **variables}
    return Environment(variables, tuple(problems))


def _from_dotenv(path: Path, problems: list[str]) -> dict[str, Found]:
    if not path.exists():
        return {}
    text = _text(path, problems)
    if text is None:
        return {}
    from dotenv.parser import parse_stream  # pydantic-settings reads .env with it too; here it also tells the lines

    found: dict[str, Found] = {}
    for binding in parse_stream(io.StringIO(text)):
        lead = binding.original.string
        line = binding.original.line + lead[: len(lead) - len(lead.lstrip())].count("\n")
        if binding.error:
            problems.append(f"{path}, line {line} cannot be read. Write it as NAME=value, one a line.")
        elif binding.key is not None and binding.key.upper().startswith(PREFIX):
            name, place = binding.key.upper(), f"{path}, line {line}"
            if binding.value is None:
                problems.append(f"{name} ({place}) has no = sign. Write it as {name}=value.")
            elif name in found:
                problems.append(f"{name} is given twice, in {found[name].place} and in {place}. Keep one of them.")
            elif binding.value.strip():
                found[name] = Found(binding.value, place)
    return found


def _from_secrets(folder: Path, place: str, problems: list[str]) -> dict[str, Found]:
    try:
        files = sorted(file for file in folder.iterdir() if file.name.upper().startswith(PREFIX) and file.is_file())
    except (OSError, ValueError):
        problems.append(
            f"HUB_SECRETS_DIR ({place}) names no folder that can be read. "
            "Make the folder, or take HUB_SECRETS_DIR out. Example: HUB_SECRETS_DIR=/run/secrets"
        )
        return {}
    texts = {file: _text(file, problems) for file in files}
    return {
        file.name.upper(): Found(text.strip(), f"file {file}")
        for file, text in texts.items()
        if text is not None and text.strip()
    }


def _text(path: Path, problems: list[str]) -> str | None:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        problems.append(f"{path} cannot be read ({error.strerror}). Give the user that runs hub the right to read it.")
        return None
    if len(raw) > LARGEST:
        problems.append(f"{path} has more than {LARGEST // 1024} KB; settings are short. Is it another file?")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(f"{path} is not UTF-8 text. Save it as UTF-8.")
        return None
