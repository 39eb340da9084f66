"""The versions of the language: what `hub: 1` stands for, and the steps that lift older files to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from hub.mapping.problems import Fault, quote
from hub.mapping.tree import Node, parse
from hub.mapping.words import key_place

VERSION = 1
"""The version of the language that this hub reads."""

Step = Callable[[Any], None]
"""Changes the keys of one file, a mapping that keeps its comments and its order, from one version to the next."""

STEPS: Mapping[int, Step] = {}
"""Version -> the step to the next one. There is no older version than 1 so far."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """The text of a file in this version, and the version that it was written in."""

    text: str
    was: int


def fault_of_version(root: Node, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> Fault | None:
    """Why this hub cannot read the file's version; None when it can, or when no version stands there."""
    said = root.at(("hub",))
    if said is None or said.kind != "number" or not isinstance(said.value, int) or said.value == version:
        return None
    if said.value > version:
        message = f"hub: {said.text} is the language of a newer hub; this one reads version {version}."
        hint = f"Update the hub, or write the file in version {version}. Example: hub: {version}"
    elif said.value in steps:
        message = f"hub: {said.text} is an older version of the language; this hub reads version {version}."
        hint = f"Lift the file with `hub migrate`. Example: hub: {version}"
    else:
        message = f"hub: there is no version {quote(said.text)} of the language; this hub reads version {version}."
        hint = f"Write the version. Example: hub: {version}"
    return Fault(said.line, said.column, message, hint)


def lift(text: str, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> Lifted | tuple[Fault, ...]:
    """The file in this version, with its comments; or what keeps it from being lifted."""
    root, faults = parse(text)
    if faults or root is None:
        return faults or (Fault(1, 1, "This file is empty.", f"Write its keys. Example: hub: {version}"),)
    said = root.at(("hub",))
    if said is None or said.kind != "number" or not isinstance(said.value, int):
        line, column = key_place(root, ("hub",))
        message = "This file does not say which version of the language it is written in."
        return (Fault(line, column, message, f"Write it. Example: hub: {version}"),)
    was = said.value
    fault = fault_of_version(root, steps, version)
    if was == version:
        return Lifted(text, was)
    if fault is not None and any(step not in steps for step in range(was, max(version, was + 1))):
        return (fault,)
    return _lifted(text, was, steps, version)


def _lifted(text: str, was: int, steps: Mapping[int, Step], version: int) -> Lifted | tuple[Fault, ...]:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(text)
    except MarkedYAMLError as error:  # what our parser takes and ruamel's does not
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        hint = "Lift it by hand: docs/mappings.md says what changed. Example: hub: 1"
        return (Fault(line, column, f"This file cannot be rewritten: {error.problem}.", hint),)
    for step in range(was, version):
        steps[step](data)
        data["hub"] = step + 1
    out = StringIO()
    yaml.dump(data, out)
    return Lifted(out.getvalue(), was)
