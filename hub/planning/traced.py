"""What `hub why RECORD` asks of each job, and the lines that come of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hub.core.kinds import Kind
from hub.core.pasts import Past
from hub.core.types import Record, Value
from hub.mapping.model import Business
from hub.planning.history import Mirror
from hub.planning.sync_memory import Memory

AHEAD = timedelta(days=60)
"""Steps of a journey, and alerts that are said again, are shown when that is within so long."""


@dataclass(frozen=True, slots=True)
class Line:
    """One rule, or, where `true` is None, one fact."""

    text: str
    true: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """The record that is asked about. `figures`: job -> those that count it. `pasts`: job -> task -> what was seen.

    `aliases`: address -> the address of the same person, as the OBM confirmed.
    """

    connection: str
    record: Record
    business: Business
    mirror: Mirror
    now: datetime
    memories: Mapping[str, Sequence[Memory]]
    figures: Mapping[str, Sequence[str]]
    pasts: Mapping[str, Mapping[str, Past]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind | None:
        return self.mirror.kinds.get((self.connection, self.record.stream))

    @property
    def place(self) -> tuple[str, str, str]:
        """(connection, stream, key) of the record."""
        return self.connection, self.record.stream, self.record.key


def shown(value: Value) -> str:  # noqa: PLR0911  one line for each kind of value
    """A value as a line says it."""
    match value:
        case None | "" | ():
            return "nothing"
        case tuple():
            return ", ".join(shown(each) for each in value)
        case Mapping():
            return str(next((value[name] for name in ("name", "email", "username", "key") if value.get(name)), value))
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case date():
            return value.isoformat()
    return str(value)
