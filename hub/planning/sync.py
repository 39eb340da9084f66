"""From two places to a plan that makes them agree: who pairs with whom, what each pair needs, what is new or gone.

Pure. What is remembered of each pair comes from the store and goes back there: with each action that was done, or,
where both sides agree already, without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from hub.core import codec
from hub.core.types import Record, Ref, Value
from hub.planning.merge import CannotCarryError, Merged, Pair, Seen, Side, Write, match, merge
from hub.planning.plan import Action, ActionKind, FieldChange
from hub.planning.sync_ends import Sync, takes_part, value_of
from hub.planning.sync_hold import held
from hub.planning.sync_match import COPY, Mark
from hub.planning.sync_memory import INSISTED, SOURCE, TARGET, Memory, agreed, settled
from hub.planning.sync_plan import Effect, Learned, SyncPlan
from hub.planning.sync_words import say


def plan_sync(
    sync: Sync,
    sources: Sequence[Record],
    targets: Sequence[Record],
    memories: Sequence[Memory],
    gone: Container[str] = (),
) -> SyncPlan:
    """What makes both places agree. Both must have been read to their end (R5).

    `gone`: keys of the target that were read and are there no more. One that was made just now and is in neither comes
    with the next read.
    """
    # In whatever order it was read: the same state is the same plan, byte for byte (R3).
    sources, targets = sorted(sources, key=_by_key), sorted(targets, key=_by_key)
    memories = sorted(memories, key=lambda memory: memory.pair.source_key)
    left = {r.key: sync.seen(r, sync.source) for r in sources if takes_part(r, sync.job.only_if, sync.source.kind)}
    right = {record.key: sync.seen(record, sync.target) for record in targets}
    mark = sync.target.mark
    marked = {r.key for r in targets if mark is not None and value_of(r, mark, sync.target.kind)[1]}
    planner = _Planner(sync, left, right, gone, marked)
    planner.pairs(memories)
    here, there = {record.key: record for record in sources}, {record.key: record for record in targets}
    planner.adopt(memories, here, there)
    planner.create(Mark(sync, "id", here, there))
    return planner.plan(memories)


def _by_key(record: Record) -> str:
    return record.key


class _Planner:
    """One planning: collects effects, what is learned, notes."""

    def __init__(
        self,
        sync: Sync,
        left: Mapping[str, Seen],
        right: Mapping[str, Seen],
        gone: Container[str],
        marked: Container[str],
    ) -> None:
        self._sync = sync
        self._left = left
        self._right = right
        self._gone = gone
        self._marked = marked
        self._rules = sync.rules()
        self._paired: set[str] = set()
        self._taken: set[str] = set()
        self._effects: list[Effect] = []
        self._learned: list[Learned] = []
        self._lost: list[tuple[str, Write]] = []
        self._notes: list[str] = []
        self._departed: list[Learned] = []
        self._vanished: Counter[Side] = Counter()

    def pairs(self, memories: Sequence[Memory]) -> None:
        """What each known pair needs."""
        for memory in memories:
            self._paired.add(memory.pair.source_key)
            source, target = self._left.get(memory.pair.source_key), self._right.get(memory.pair.target_key)
            self._taken.add(memory.pair.target_key)
            if target is None:
                self._target_away(memory, source)
            elif source is None:
                self._source_gone(memory)
            else:
                self._merge(source, target, memory)

    def adopt(self, memories: Sequence[Memory], sources: Mapping[str, Record], targets: Mapping[str, Record]) -> None:
        """Pair what is there on both sides already."""
        marks = [Mark(self._sync, by, sources, targets) for by in (COPY, *self._sync.job.match_by)]
        found = match(self._left, self._right, [memory.pair for memory in memories], marks)
        for word in found.unclear:
            self._notes.append(self._say("unclear", what=word))
            unclear = {key for key, seen in self._left.items() for mark in marks if str(mark(seen, "source")) == word}
            self._paired |= unclear
        for source_key, target_key in found.pairs:
            self._paired.add(source_key)
            self._taken.add(target_key)
            self._merge(self._left[source_key], self._right[target_key], None)

    def create(self, told: Mark) -> None:
        """Make in the target what only the source has; what only the target has is people's, or is copied back.

        `told`: which source a row says that it is of. One that we do not know is another job's, or gone again since.
        """
        for key in self._left:
            if key not in self._paired:
                self._create(self._left[key])
        if self._sync.job.new_rows == "copied":
            for key in self._right:
                of = told(self._right[key], "target")
                if key not in self._taken and (not of or of in self._paired or of in self._left):
                    self._copy(self._right[key])

    def plan(self, memories: Sequence[Memory]) -> SyncPlan:
        return SyncPlan(
            effects=tuple(self._effects),
            learned=tuple(self._learned),
            lost=tuple(self._lost),
            departed=tuple(self._departed),
            notes=tuple(self._notes),
            held=held(self._sync, memories, self._effects, self._vanished),
        )

    def _say(self, key: str, **values: object) -> str:
        return say(self._sync.language, key, **values)

    def _learn(self, pair: Pair, delta: Mapping[str, Value]) -> None:
        self._learned.append(Learned(source_key=pair.source_key, target_key=pair.target_key, delta=delta))

    def _depart(self, pair: Pair, side: Side) -> None:
        gone = Learned(source_key=pair.source_key, target_key=pair.target_key, delta={"gone": side})
        self._departed.append(gone)

    def _target_away(self, memory: Memory, source: Seen | None) -> None:
        if memory.gone == "target" or (memory.unmet == "target" and memory.pair.target_key not in self._gone):
            return  # said before; or made just now, and coming with the next read
        self._vanished["target"] += 1
        self._depart(memory.pair, "target")
        if source is not None:
            self._notes.append(self._say("removed", what=_title(source), place=self._sync.target.name))

    def _source_gone(self, memory: Memory) -> None:
        if memory.gone == "source" or (memory.unmet == "source" and memory.pair.source_key not in self._gone):
            return  # said before; or made just now, and coming with the next read
        self._vanished["source"] += 1
        what, mark = self._sync.job.when_gone, self._sync.target.mark
        why, delta = self._say("gone", place=self._sync.source.name), {"gone": "source"}
        if what == "archive":
            self._effect("archive", "target", memory.pair, memory.version, (), why, delta)
        elif what == "mark" and mark is not None:
            change = (FieldChange(mark, False, True, "hub"),)
            self._effect("update", "target", memory.pair, memory.version, change, why, delta)
        else:
            self._depart(memory.pair, "source")

    def _merge(self, source: Seen, target: Seen, memory: Memory | None) -> None:
        """`memory` None: they were matched just now."""
        before = None if memory is None else settled(memory, source, target, self._rules)
        merged = merge(self._rules, source, target, before)
        self._notes += [
            self._say("stuck", what=_title(source), field=name, reason=reason) for name, reason in merged.stuck
        ]
        self._lost += [(source.key, write) for write in merged.writes if write.edited]
        waiting = {(write.side, write.name) for write in merged.writes}
        still = [r for r in self._rules if not {("target", r.target), ("source", r.source)} & waiting]
        delta = agreed(still, merged.pair, None if memory is None else memory.pair)
        if memory is not None and memory.unmet:
            delta["unmet"] = ""
        mark = self._sync.target.mark if self._sync.job.when_gone == "mark" else None
        gone = "" if memory is None else memory.gone
        marked = mark is not None and (gone == "source" or (gone == "target" and target.key in self._marked))
        if memory is None or (memory.gone and not marked):
            delta["gone"] = ""
        if delta:
            self._learn(merged.pair, delta)
        version = 0 if memory is None else memory.version
        self._writes(merged, version)
        if mark is not None and marked:
            change = (FieldChange(mark, True, False, "hub"),)
            self._effect("update", "target", merged.pair, version, change, self._say("back"), {"gone": ""})

    def _writes(self, merged: Merged, version: int) -> None:
        sides: tuple[Side, ...] = ("target", "source")
        for side in sides:
            writes = [write for write in merged.writes if write.side == side]
            if not writes:
                continue
            names = {write.name for write in writes}
            done = [rule for rule in self._rules if (rule.target if side == "target" else rule.source) in names]
            delta = agreed(done, merged.pair, None)
            delta |= {f"{INSISTED}{side}/{w.name}": (w.new, w.old) for w in writes if w.why == "owner"}
            owners = {(rule.target if side == "target" else rule.source): rule.owner for rule in self._rules}
            changes = tuple(FieldChange(write.name, write.old, write.new, owners[write.name]) for write in writes)
            why = ", ".join(dict.fromkeys(self._say(write.why.replace(" ", "_")) for write in writes))
            self._effect("update", side, merged.pair, version, changes, why, delta)

    def _create(self, source: Seen) -> None:
        changes: list[FieldChange] = []
        delta: dict[str, Value] = {"unmet": "target", "gone": ""}
        for rule in self._rules:
            if rule.source not in source.values:
                continue
            value = source.values[rule.source]
            try:
                new = rule.to_target(value)
            except CannotCarryError as error:
                self._notes.append(self._say("stuck", what=_title(source), field=rule.target, reason=str(error)))
                continue
            changes.append(FieldChange(rule.target, None, new, rule.owner))
            delta |= {SOURCE + rule.source: value, TARGET + rule.target: new}
        pair = Pair(source_key=source.key, target_key="")
        self._effect("create", "target", pair, 0, changes, self._say("new", place=self._sync.source.name), delta)

    def _copy(self, target: Seen) -> None:
        """A row that people made in the target becomes a record of the source."""
        changes: list[FieldChange] = []
        delta: dict[str, Value] = {"unmet": "source", "gone": ""}
        for rule in self._rules:
            if rule.target not in target.values:
                continue
            value = target.values[rule.target]
            try:
                new = rule.to_source(value)
            except CannotCarryError as error:
                self._notes.append(self._say("stuck", what=_title(target), field=rule.source, reason=str(error)))
                continue
            changes.append(FieldChange(rule.source, None, new, rule.owner))
            delta |= {SOURCE + rule.source: new, TARGET + rule.target: value}
        pair = Pair(source_key="", target_key=target.key)
        self._effect("create", "source", pair, 0, changes, self._say("new", place=self._sync.target.name), delta)

    def _effect(
        self,
        kind: ActionKind,
        side: Side,
        pair: Pair,
        version: int,
        changes: Sequence[FieldChange],
        why: str,
        delta: Mapping[str, Value],
    ) -> None:
        end = self._sync.target if side == "target" else self._sync.source
        tail = codec.digest({change.name: change.new for change in changes}) if kind == "update" else kind
        key = pair.target_key if side == "target" else pair.source_key
        row = pair.source_key or pair.target_key
        action = Action(
            key=f"{self._sync.job.name}/{end.name}/{row}/{version + 1}/{tail}",
            kind=kind,
            collection=end.name,
            row=row,
            ref=None if kind == "create" else Ref(key),
            changes=tuple(changes),
            why=why,
            title=self._called(pair),
        )
        self._effects.append(
            Effect(
                action=action,
                side=side,
                source_key=pair.source_key,
                target_key=pair.target_key,
                written=self._sync.written(end, {change.name: change.new for change in changes}),
                delta=delta,
            )
        )

    def _called(self, pair: Pair) -> str | None:
        seen = self._left.get(pair.source_key) or self._right.get(pair.target_key)
        return None if seen is None or (title := _title(seen)) == pair.source_key else title


def _title(seen: Seen) -> str:
    return str(next((value for value in seen.values.values() if isinstance(value, str) and value), seen.key))
