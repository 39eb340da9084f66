"""What makes a record of the source and one of the target the same thing, before they are a pair. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.core.types import Record, Value
from hub.planning.merge import Seen, Side
from hub.planning.sync_ends import Sync, value_of

COPY = "(copy)"
"""Matches a record that was made from a row and bears its key, where the pair was not noted any more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What makes two records the same: the source's id that the target keeps, or a field of the mapping."""

    sync: Sync
    by: str
    sources: Mapping[str, Record]
    targets: Mapping[str, Record]

    def __call__(self, seen: Seen, side: Side) -> Value:
        if self.by == COPY:
            return seen.key if side == "target" else self.sources[seen.key].fields.get("hub_key")
        if self.by == "id":
            if side == "source":
                return seen.key
            record, column = self.targets[seen.key], self.sync.target.key_column
            held = value_of(record, column, self.sync.target.kind)[1] if column else None
            return held or record.fields.get("hub_key")
        line = next((line for line in self.sync.job.fields if self.by in (line.source, line.target)), None)
        if line is None:
            return None
        value = seen.values.get(line.source if side == "source" else line.target)
        return value.casefold() if isinstance(value, str) else value
