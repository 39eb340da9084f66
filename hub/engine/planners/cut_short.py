"""What came of the calls of a sync that were cut short: asked of the providers, and noted as if they had answered.

A write whose answer nobody noted would else look like a person's edit, and be carried back over what people did since.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from hub.core.types import Collection, Record, Ref, Value
from hub.engine.observe import read_again
from hub.engine.runtime import Runtime
from hub.mapping.sync_job import SyncJob
from hub.planning import inverse
from hub.planning.inverse import Done
from hub.planning.merge import Seen, Side
from hub.planning.sync_ends import End, Sync, value_of
from hub.planning.sync_match import COPY, Mark
from hub.planning.sync_memory import Memory, as_written
from hub.store import ledger, mirror

UNDO = "/undo/"
"""In the ledger keys of what an undo does."""

LOST = "It was cut short and left no trace; what is wanted now is planned anew."


@dataclass(frozen=True, slots=True)
class Away:
    """Where one side is. `lacking`: what must be made there first, a line each."""

    connection: str
    collection: Collection
    ref: Ref | None
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CutShort:
    """The cut-short calls of one job.

    `memories`: by the source's key. `wanted`: the keys of the plan's actions. `note` remembers of a pair (the source's
    key, the target's key) what a write came to.
    """

    runtime: Runtime
    job: SyncJob
    sync: Sync
    homes: Mapping[str, Away]
    memories: Mapping[str, Memory]
    wanted: Container[str]
    note: Callable[[Connection, str, str, Mapping[str, Value]], None]

    def settle(self) -> None:
        """Find out, note, and close what is in the ledger; what the plan repeats as it is stays open."""
        with self.runtime.store.read() as conn:
            entries = [e for e in ledger.listing(conn, self.runtime.key, "started") if e.job == self.job.name]
        for entry in entries:
            call = inverse.done(entry.key, entry.kind, entry.summary, None, None)
            end = next((end for end in (self.sync.source, self.sync.target) if end.name == call.collection), None)
            if end is None or call.changes is None:
                continue
            if call.kind == "create":
                if call.key not in self.wanted:
                    self._created(call, end)
            elif call.kind in ("update", "archive") and (memory := self.memories.get(call.row)) is not None:
                self._written(call, end, memory)

    def _written(self, call: Done, end: End, memory: Memory) -> None:
        key = memory.pair.source_key if end.side == "source" else memory.pair.target_key
        record = self._read(end, key)
        if call.kind == "archive":
            self._close(call, memory.pair.source_key, memory.pair.target_key, {} if record is None else None)
            return
        seen = None if record is None else self.sync.seen(record, end)
        changes = call.changes or ()
        held = {} if seen is None else {c.name: c.new for c in changes if seen.values.get(c.name, ...) == c.new}
        if UNDO in call.key:
            # What an undo writes was remembered as agreed before it was written (`hub.engine.undo`).
            came: Mapping[str, Value] | None = {} if len(held) == len(changes) else None
            self._close(call, memory.pair.source_key, memory.pair.target_key, came)
            return
        other = self._other(end, memory.pair.target_key if end.side == "source" else memory.pair.source_key)
        delta = as_written(self.sync.rules(), end.side, held, other)
        for change in changes:
            if record is not None and change.name == end.mark and self._marked(record, end) is bool(change.new):
                delta["gone"] = "source" if change.new else ""
        self._close(call, memory.pair.source_key, memory.pair.target_key, delta or None)

    def _created(self, call: Done, end: End) -> None:
        """A create that the plan does not repeat: the row is known by now, or what it was to be made of is gone."""
        key = self._made(call, end)
        record = None if key is None else self._read(end, key)
        if record is None or self._is_paired(end.side, record.key):
            self._close(call, "", "", None)
            return
        source_key, target_key = (record.key, call.row) if end.side == "source" else (call.row, record.key)
        begun = {change.name: change.new for change in call.changes or ()}
        delta = as_written(self.sync.rules(), end.side, begun, self._other(end, call.row))
        self._close(call, source_key, target_key, {**delta, "unmet": "", "gone": ""})

    def _close(self, call: Done, source_key: str, target_key: str, delta: Mapping[str, Value] | None) -> None:
        """`delta`: what to remember of the pair; None: nothing came of it."""
        now = self.runtime.now()
        with self.runtime.store.write() as conn:
            if delta is not None:
                self.note(conn, source_key, target_key, delta)
                ref = target_key if call.collection == self.sync.target.name else source_key
                ledger.done(conn, self.runtime.key, call.key, ref, now)
            else:
                ledger.failed(conn, self.runtime.key, call.key, LOST, now)

    def _made(self, call: Done, end: End) -> str | None:
        """The id of what bears the key of that create: in the mirror, or at the provider."""
        with self.runtime.store.read() as conn:
            there = {r.key: r for r in self.runtime.view(conn).records(end.connection, end.stream)}
        mark = self._mark(end.side, there)
        for key in sorted(there):
            if mark(Seen(key=key, values={}), end.side) == call.row:
                return key
        home = self.homes[end.name]
        if home.ref is None:
            return None
        rows = self.runtime.destination(end.connection).rows(home.collection, home.ref)
        return next((str(row.ref) for row in rows if row.key == call.row), None)

    def _mark(self, side: Side, records: Mapping[str, Record]) -> Mark:
        if side == "source":
            return Mark(self.sync, COPY, records, {})
        return Mark(self.sync, "id", {}, records)

    def _is_paired(self, side: Side, key: str) -> bool:
        return key in self._taken[side]

    @cached_property
    def _taken(self) -> Mapping[Side, Container[str]]:
        pairs = [memory.pair for memory in self.memories.values()]
        return {"source": {pair.source_key for pair in pairs}, "target": {pair.target_key for pair in pairs}}

    def _other(self, end: End, key: str) -> Seen | None:
        """The record on the other side as the mirror has it."""
        other = self.sync.source if end.side == "target" else self.sync.target
        with self.runtime.store.read() as conn:
            record = mirror.get(conn, self.runtime.key, other.connection, other.stream, key)
        return None if record is None or record.deleted else self.sync.seen(record, other)

    def _read(self, end: End, key: str) -> Record | None:
        """The record as it is at the provider now; None when it is gone."""
        read_again(self.runtime, end.connection, end.stream, key)
        with self.runtime.store.read() as conn:
            record = mirror.get(conn, self.runtime.key, end.connection, end.stream, key)
        return None if record is None or record.deleted else record

    def _marked(self, record: Record, end: End) -> bool:
        return bool(value_of(record, end.mark or "", end.kind)[1])
