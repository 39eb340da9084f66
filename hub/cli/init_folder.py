"""The folder that `hub init` makes from the answers: all of it or none, and checked."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub import bootstrap
from hub.cli.connect import DOTENV
from hub.cli.offers import OFFERS
from hub.cli.opened import Say
from hub.cli.yaml_text import flow, scalar
from hub.core.errors import ConfigError
from hub.dotenv import write_variables
from hub.environment import connection_prefix, read_environment
from hub.mapping.loader import load
from hub.settings import HubSettings


@dataclass
class Answers:
    """What business.yaml will say, the folder's name, and the first job."""

    business: str
    folder: Path
    language: str
    timezone: str
    currency: str
    people: dict[str, dict[str, str]]
    connections: dict[str, dict[str, Any]]
    job: str | None = None
    later: list[str] = field(default_factory=list)
    """Connections that are left for later."""

    @property
    def by_connector(self) -> dict[str, str]:
        return {config.get("connector", name): name for name, config in self.connections.items()}


def business_yaml(made: Answers) -> str:
    """The text of business.yaml."""
    lines = [
        "# Who this business is. Every other file of the folder is one promise to it; docs/mappings.md has every key.",
        "hub: 1",
        f"business: {scalar(made.business)}",
        f"language: {made.language}                      # what people read; keys stay English",
        f"timezone: {made.timezone}",
        f"currency: {made.currency}",
    ]
    if made.people:
        lines += ["", "people:", *(f"  {scalar(key)}: {flow(person)}" for key, person in made.people.items())]
    if made.connections:
        variable = connection_prefix(made.folder.name, next(iter(made.connections)))
        lines += ["", f"connections:                      # keys stand in .env, as {variable}…"]
        lines += [f"  {name}: {flow(config)}" for name, config in made.connections.items()]
    return "\n".join(lines) + "\n"


def write(settings: HubSettings, made: Answers, say: Say) -> None:
    """All of the folder or none of it, and only when it reads back without a problem."""
    files = {"business.yaml": business_yaml(made)}
    for offer in OFFERS:
        if offer.kind == made.job:
            files[offer.file] = offer.write("fr" if made.language == "fr" else "en", made.by_connector)
    settings.mappings.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".init.", dir=settings.mappings))
    try:
        inside = aside / made.folder.name
        inside.mkdir()
        for name, text in files.items():
            (inside / name).write_text(text, encoding="utf-8")
        follows = load(inside, bootstrap.connectors(), lambda name: bootstrap.connector(name).follows)
        if follows.errors:
            told = "\n".join(str(problem).replace(f"{inside}{os.sep}", "") for problem in follows.errors)
            raise ConfigError(f"With these answers, nothing was written:\n{told}")
        try:
            os.rename(inside, made.folder)
        except OSError as error:
            raise ConfigError(f"{made.folder} cannot be made: {error.strerror}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    say("")
    for name in sorted(files):
        say(f"Written: {made.folder / name}")


def own_keys(say: Say) -> None:
    """The key of the status page, without which `hub up` does not start."""
    if "HUB_STATUS_KEY" not in read_environment(os.environ, DOTENV).variables:
        for note in write_variables(DOTENV, {"HUB_STATUS_KEY": secrets.token_urlsafe(24)}):
            say(f"note  {note}")
        say(f"Written to {DOTENV}: HUB_STATUS_KEY, a new key for the status page")


def checked(made: Answers, say: Say) -> int:
    from hub.cli.check import check

    say("\nhub check" + (" --offline" if made.later else ""))
    code = check(bool(made.later), say)
    for name in made.later:
        say(f"Left for later: hub connect {name}" + (f" --business {made.folder.name}"))
    if not made.later and not code:
        say("Next: `hub backfill` reads the history, `hub plan` shows what would change, `hub up` runs it all.")
    return code
