"""`hub explain`: the configuration read aloud, so that a person can see whether the hub understood her."""

from __future__ import annotations

from collections.abc import Sequence

from hub import bootstrap
from hub.cli.opened import Say
from hub.core.errors import ConfigError
from hub.mapping.loader import Configured, Loaded
from hub.mapping.problems import Problem
from hub.planning.explain import as_markdown, as_text, explain, fingerprint
from hub.planning.words import Language
from hub.settings import load_settings


def explain_files(business: str | None, language: Language | None, markdown: bool, say: Say) -> int:
    """Prints what the files of each business promise, then what is wrong in them. 0 when nothing is."""
    loaded = bootstrap.load_mappings(load_settings())
    for item in wanted(loaded, business):
        sections = explain(item.business, item.jobs, language or item.business.language)
        say((as_markdown if markdown else as_text)(sections))
        say(f"Version {fingerprint(sections)}.\n")
    return tell_problems(loaded.problems, say)


def wanted(loaded: Loaded, business: str | None) -> Sequence[Configured]:
    """The business of that key, or all. ConfigError when none is called so, with what is wrong in the files."""
    found = [item for item in loaded.businesses if business in (None, item.business.key)]
    if not found:
        known = ", ".join(item.business.key for item in loaded.businesses) or "none"
        lines = [f"No business is called {business}. There are: {known}."] if business is not None else []
        raise ConfigError("\n".join((*map(str, loaded.problems), *lines)) or "There is no business yet. `hub init`.")
    return found


def tell_problems(problems: Sequence[Problem], say: Say) -> int:
    """A line for each problem; 1 when one is an error."""
    for problem in problems:
        say(str(problem))
    return 1 if any(problem.severity == "error" for problem in problems) else 0
