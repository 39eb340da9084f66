"""How a figure is described: its unit, what people call it, and one sentence that says what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hub.planning.figure import Unit
from hub.planning.words import Language

Kind: TypeAlias = Literal["flow", "state"]
"""A flow is what happened in a period; a state is what there is at its last instant."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is."""

    name: str
    unit: Unit
    kind: Kind
    titles: Mapping[Language, str]
    sentences: Mapping[Language, str]


def define(name: str, unit: Unit, kind: Kind, fr: tuple[str, str], en: tuple[str, str]) -> Definition:
    """A definition; `fr` and `en` are its title and its sentence."""
    return Definition(name, unit, kind, {"fr": fr[0], "en": en[0]}, {"fr": fr[1], "en": en[1]})
