"""Two-way sync, field by field: this side, that side, and what both were when they last agreed. Pure.

A pair is one record of the source and one of the target that are the same thing. Each remembers what every field was on
both sides when the hub last saw them agree or made them agree. A side whose value is no longer that was edited:

| source edited | target edited | owner source | owner target | owner latest |
|---|---|---|---|---|
| no | no | nothing | nothing | nothing |
| yes | no | write target | write source back | write target |
| no | yes | write target back | write source | write source |
| both, to the same | | remember it | remember it | remember it |
| both, differently | | write target | write source | the later edit is written to the other side |

What is overwritten although somebody had edited it is recorded, with both values, so that it can be put back. Edits are
told by content and never by time, so that our own writes, when they come back to us, are no edits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from hub.core.types import Value

Owner: TypeAlias = Literal["source", "target", "latest"]
Side: TypeAlias = Literal["source", "target"]


class CannotCarryError(Exception):
    """This value has no like on the other side. The message completes "… stays as it is: "."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One line of `fields`. `to_target` and `to_source` turn a value of one side into the other side's like.

    They raise CannotCarryError, and give equal values for values that are the same to people.
    """

    source: str
    target: str
    owner: Owner
    to_target: Callable[[Value], Value]
    to_source: Callable[[Value], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One record of one side as the mirror has it. A field that is not in `values` cannot be said by the provider.

    `edited_at`: when it was last edited; the edit lies between that and `edited_at + rounding` (Notion: one minute).
    """

    key: str
    values: Mapping[str, Value]
    edited_at: datetime | None = None
    rounding: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What is remembered of two records that are the same. `source` and `target` hold each field as it was agreed."""

    source_key: str
    target_key: str
    source: Mapping[str, Value] = field(default_factory=dict)
    target: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One field of one side that must be changed. `edited`: the side had been edited, so `old` is recorded as lost."""

    side: Side
    name: str
    old: Value
    new: Value
    edited: bool
    why: Literal["changed", "owner", "later", "first", "same minute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What one pair needs. `pair` is what to remember once every write is done; `stuck`: fields left as they are."""

    writes: tuple[Write, ...]
    pair: Pair
    stuck: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Both:
    """One field on both sides. `was` is None before the first agreement."""

    rule: FieldRule
    source: Value
    target: Value
    was: tuple[Value, Value] | None


def merge(rules: Sequence[FieldRule], source: Seen, target: Seen, pair: Pair | None) -> Merged:
    """What makes the two records agree with the owners of their fields, in the fewest writes.

    `pair` None: they were matched just now; nothing has been agreed yet.
    """
    writes: list[Write] = []
    stuck: list[tuple[str, str]] = []
    agreed: dict[str, tuple[Value, Value]] = {}
    for rule in rules:
        if rule.source not in source.values or rule.target not in target.values:
            continue
        both = _Both(rule, source.values[rule.source], target.values[rule.target], _was(rule, pair))
        try:
            write = _one(both, source, target)
        except CannotCarryError as error:
            stuck.append((rule.target, str(error)))
            if both.was is not None:
                agreed[rule.target] = both.was
            continue
        if write is not None:
            writes.append(write)
        agreed[rule.target] = _after(both, write)
    kept = {rule.target: rule for rule in rules}
    return Merged(
        writes=tuple(writes),
        pair=Pair(
            source_key=source.key,
            target_key=target.key,
            source={kept[name].source: values[0] for name, values in agreed.items()},
            target={name: values[1] for name, values in agreed.items()},
        ),
        stuck=tuple(stuck),
    )


def _was(rule: FieldRule, pair: Pair | None) -> tuple[Value, Value] | None:
    if pair is None or rule.source not in pair.source or rule.target not in pair.target:
        return None
    return pair.source[rule.source], pair.target[rule.target]


def _one(both: _Both, source: Seen, target: Seen) -> Write | None:
    """The write that this field needs, or None when both sides are as they should be."""
    edited_source = both.was is None or both.source != both.was[0]
    edited_target = both.was is None or both.target != both.was[1]
    if not (edited_source or edited_target) or _same(both):
        return None
    if both.was is None:
        edited_source, edited_target = not _empty(both.source), not _empty(both.target)
    owner = both.rule.owner
    if owner != "latest":
        lost = edited_target if owner == "source" else edited_source
        return _write(both, owner, edited=lost, why="first" if both.was is None else "owner" if lost else "changed")
    if edited_source and edited_target:
        winner, why = _later(source, target)
        return _write(both, winner, edited=True, why=why)
    return _write(both, "source" if edited_source else "target", edited=False, why="changed" if both.was else "first")


def _same(both: _Both) -> bool:
    """Equal to people: each side's value is what the other's becomes there."""
    for carry, given, held in (
        (both.rule.to_target, both.source, both.target),
        (both.rule.to_source, both.target, both.source),
    ):
        try:
            if carry(given) == held:
                return True
        except CannotCarryError:
            continue
    return _empty(both.source) and _empty(both.target)


def _later(source: Seen, target: Seen) -> tuple[Side, Literal["later", "same minute"]]:
    """Whose edit is the later one. Where the times cannot tell (rounded, or not said), the source wins."""
    if source.edited_at is None or target.edited_at is None:
        return "source", "same minute"
    if source.edited_at >= target.edited_at + target.rounding:
        return "source", "later"
    if target.edited_at >= source.edited_at + source.rounding:
        return "target", "later"
    return "source", "same minute"


def _write(
    both: _Both,
    winner: Side,
    *,
    edited: bool,
    why: Literal["changed", "owner", "later", "first", "same minute"],
) -> Write | None:
    rule = both.rule
    if winner == "source":
        new = rule.to_target(both.source)
        return (
            None
            if new == both.target
            else Write(side="target", name=rule.target, old=both.target, new=new, edited=edited, why=why)
        )
    new = rule.to_source(both.target)
    return (
        None
        if new == both.source
        else Write(side="source", name=rule.source, old=both.source, new=new, edited=edited, why=why)
    )


def _after(both: _Both, write: Write | None) -> tuple[Value, Value]:
    """Both sides once the write is done."""
    if write is None:
        return both.source, both.target
    return (both.source, write.new) if write.side == "target" else (write.new, both.target)


def _empty(value: Value) -> bool:
    return value is None or value in ("", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Which records of the two sides are the same thing. `unclear`: told to a person, touched by nobody."""

    pairs: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...] = ()


def match(
    source: Mapping[str, Seen],
    target: Mapping[str, Seen],
    taken: Sequence[Pair],
    by: Sequence[Callable[[Seen, Side], Value]],
) -> Matches:
    """Adopt what exists on both sides instead of doubling it.

    `by`: what makes two records the same, in the order to try: each gives a record's mark on its side, None for none.
    A mark that two records of one side share is unclear: none of them is matched by it, nor by a later one.
    """
    taken_source, taken_target = {pair.source_key for pair in taken}, {pair.target_key for pair in taken}
    free_source = {key: seen for key, seen in source.items() if key not in taken_source}
    free_target = {key: seen for key, seen in target.items() if key not in taken_target}
    pairs: list[tuple[str, str]] = []
    unclear: list[str] = []
    for mark in by:
        left, right = _marked(free_source, "source", mark), _marked(free_target, "target", mark)
        for value in sorted(left.keys() & right.keys(), key=str):
            ours, theirs = left[value], right[value]
            if len(ours) == 1 and len(theirs) == 1:
                pairs.append((ours[0], theirs[0]))
            else:
                unclear.append(str(value))
            for key in ours:
                free_source.pop(key, None)
            for key in theirs:
                free_target.pop(key, None)
    return Matches(pairs=tuple(pairs), unclear=tuple(unclear))


def _marked(records: Mapping[str, Seen], side: Side, mark: Callable[[Seen, Side], Value]) -> dict[Value, list[str]]:
    found: dict[Value, list[str]] = {}
    for key in sorted(records):
        value = mark(records[key], side)
        if not _empty(value):
            found.setdefault(value, []).append(key)
    return found
