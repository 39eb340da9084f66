"""The mirror as jobs of any kind see it. Pure.

It keeps the last state of each record. The tasks in it are read by `hub.planning.alerts.tasks`, and what has happened
to which client by `hub.planning.journeys.facts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.kinds import Kind
from hub.core.types import Record, Value
from hub.planning.plan import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """`kinds`: (connection, stream) -> the kind of its records. `ids`: (connection, name in the mapping) -> its id."""

    view: View
    kinds: Mapping[tuple[str, str], Kind] = field(default_factory=dict)
    ids: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, connection: str, kind: Kind) -> Iterator[Record]:
        """The records of that kind at a connection."""
        for (where, stream), known in sorted(self.kinds.items()):
            if where == connection and known == kind:
                yield from sorted(self.view.records(where, stream), key=lambda record: record.key)

    def stands_in(self, record: Record, connection: str, name: str | None) -> bool:
        """Whether the record is in the project, board, database or form of that name."""
        return name is None or self.place_in(record, connection, name) is not None

    def place_in(self, record: Record, connection: str, name: str | None) -> Mapping[str, Value] | None:
        """The one of its places that is called so (the first, where none is asked for), or None."""
        ids = (name, self.ids.get((connection, name or "")))
        for place in _places(record):
            key = place.get("key")
            if name is None or (key is not None and key in ids) or _same(place.get("name"), name):
                return place
        return None


def _places(record: Record) -> list[Mapping[str, Value]]:
    found: list[Mapping[str, Value]] = []
    for name in ("place", "places", "form", "event_type"):
        value = record.fields.get(name)
        found += [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Mapping)]
    return found


def _same(one: Value, other: str) -> bool:
    return isinstance(one, str) and one.strip().casefold() == other.strip().casefold()


def instants(records: Sequence[Record], name: str) -> Iterator[datetime]:
    """An instant of each record that says it."""
    for record in records:
        value = record.fields.get(name)
        if isinstance(value, datetime):
            yield value
