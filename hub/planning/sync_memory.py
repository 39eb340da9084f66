"""What is remembered of the pairs of a sync, and how it changes: in deltas, so that each noted write stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from hub.core.types import Value
from hub.planning.merge import CannotCarryError, FieldRule, Pair, Seen, Side

SOURCE, TARGET, INSISTED = "s:", "t:", "i:"
"""What the names of a pair's content begin with: a field as it was agreed on each side, and what was put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a pair.

    `unmet`: the side that was made and has not been met in the mirror since, "" for none. `gone`: "" while both live,
    else which side went.
    `insisted`: "side/column" -> (what we put back, what was there instead). Found there once more, it may be how
    the provider keeps what we write (cut, rounded), and is left in peace. `version` counts the writes.
    """

    pair: Pair
    version: int
    unmet: str = ""
    gone: str = ""
    insisted: Mapping[str, Value] = field(default_factory=dict)


def memory_of(source_key: str, target_key: str, content: Mapping[str, Value], version: int) -> Memory:
    """The memory that the deltas so far have come to."""

    def part(prefix: str) -> dict[str, Value]:
        return {name.removeprefix(prefix): value for name, value in content.items() if name.startswith(prefix)}

    return Memory(
        pair=Pair(source_key=source_key, target_key=target_key, source=part(SOURCE), target=part(TARGET)),
        version=version,
        unmet=str(content.get("unmet") or ""),
        gone=str(content.get("gone") or ""),
        insisted=part(INSISTED),
    )


def agreed(rules: Iterable[FieldRule], pair: Pair, before: Pair | None) -> dict[str, Value]:
    """The delta that says these fields are now as in `pair`; what `before` says already is left out."""
    delta: dict[str, Value] = {}
    for rule in rules:
        if rule.target not in pair.target:
            continue
        source, target = pair.source[rule.source], pair.target[rule.target]
        known = before is not None and rule.target in before.target and rule.source in before.source
        if not known or before is None or (before.source[rule.source], before.target[rule.target]) != (source, target):
            delta[SOURCE + rule.source] = source
            delta[TARGET + rule.target] = target
    return delta


def as_written(
    rules: Iterable[FieldRule], side: Side, written: Mapping[str, Value], other: Seen | None
) -> dict[str, Value]:
    """The delta that says the hub wrote these values on `side`, whatever the other side has become since.

    `other`: the other side's record now, None where it is gone. A field of it that no longer becomes what was written
    was edited after that; of which value it was then, what was written tells.
    """
    delta: dict[str, Value] = {}
    for rule in rules:
        ahead, back = (rule.to_target, rule.to_source) if side == "target" else (rule.to_source, rule.to_target)
        here, there = (rule.target, rule.source) if side == "target" else (rule.source, rule.target)
        if here not in written:
            continue
        now = other.values if other is not None else {}
        try:
            origin = back(written[here])
        except CannotCarryError:
            origin = None
        with suppress(CannotCarryError):
            if there in now and ahead(now[there]) == written[here]:
                origin = now[there]
        delta |= {(TARGET if side == "target" else SOURCE) + here: written[here]}
        delta |= {(SOURCE if side == "target" else TARGET) + there: origin}
    return delta


def kept_otherwise(written: Value, seen: Value) -> bool:
    """Whether a provider may have made `seen` of what was written: cut, without some signs, rounded.

    Anything else is what somebody wrote there, as often as she likes.
    """
    if isinstance(written, str) and isinstance(seen, str):
        one, other = ("".join(sign for sign in text.casefold() if sign.isalnum()) for text in (written, seen))
        return bool(other) and one.startswith(other) and len(other) * 2 >= len(one)
    if isinstance(written, datetime) and isinstance(seen, datetime):
        return abs(written - seen) < timedelta(minutes=1)
    if isinstance(written, int | Decimal) and isinstance(seen, int | Decimal):
        return abs(Decimal(written) - Decimal(seen)) < Decimal("0.01")
    return False


def settled(memory: Memory, source: Seen, target: Seen, rules: Iterable[FieldRule]) -> Pair:
    """The pair, where a provider keeps what we write in its own way: what came back twice alike is no edit."""
    kept_source, kept_target = dict(memory.pair.source), dict(memory.pair.target)
    for rule in rules:
        for side, name, seen, kept in (
            ("target", rule.target, target, kept_target),
            ("source", rule.source, source, kept_source),
        ):
            if name not in seen.values or memory.insisted.get(f"{side}/{name}") != (kept.get(name), seen.values[name]):
                continue
            if kept_otherwise(kept[name], seen.values[name]):
                kept[name] = seen.values[name]
    return Pair(
        source_key=memory.pair.source_key,
        target_key=memory.pair.target_key,
        source=kept_source,
        target=cast("Mapping[str, Value]", kept_target),
    )
