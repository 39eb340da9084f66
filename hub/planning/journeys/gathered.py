"""What readers of the mirror put together: facts by the address that a record names. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hub.core.kinds import Kind
from hub.core.types import Record, Value
from hub.planning.journeys.persons import normalised
from hub.planning.journeys.types import Fact
from hub.planning.plan import View


class Mirrored(Protocol):
    """The mirror as `hub.planning.history.Mirror` shows it."""

    @property
    def view(self) -> View: ...

    def of(self, connection: str, kind: Kind) -> Iterator[Record]: ...

    def stands_in(self, record: Record, connection: str, name: str | None) -> bool: ...


@dataclass(slots=True)
class Gathered:
    """Facts by address, each once, and what could not be told."""

    facts: dict[str, dict[Fact, None]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    of: dict[tuple[str, str, str], str] = field(default_factory=dict)
    nameless: dict[tuple[str, str], None] = field(default_factory=dict)
    partial: dict[tuple[str, str], Record] = field(default_factory=dict)
    unknown: list[Record] = field(default_factory=list)
    calls: dict[str, datetime] = field(default_factory=dict)

    def add(self, who: tuple[str, str], fact: Fact) -> None:
        """`who`: a normalised address and a name, either of them "" where it is not known."""
        address, name = who
        self.facts.setdefault(address, {})[fact] = None
        if name and not self.names.get(address):
            self.names[address] = name
        if fact.record is not None:
            self.of[fact.record] = address


def said(value: Value) -> Mapping[str, Value]:
    """A part of a record that has parts of its own; empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def text(value: Value) -> str:
    """A text, or "" for anything else."""
    return value if isinstance(value, str) else ""


def instant(value: Value) -> datetime | None:
    """An instant, or None for anything else."""
    return value if isinstance(value, datetime) else None


def same(one: Value, other: str) -> bool:
    """Whether two names are one, as people write them."""
    return isinstance(one, str) and one.strip().casefold() == other.strip().casefold()


def who_of(value: Value) -> tuple[str, str]:
    """(normalised address, name) of a person inside a record."""
    person = said(value)
    return normalised(text(person.get("email"))), text(person.get("name")).strip()
