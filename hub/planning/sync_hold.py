"""When a sync's plan is abnormal and waits for a person (R12). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.planning.merge import Side
from hub.planning.sync_ends import Sync
from hub.planning.sync_memory import Memory
from hub.planning.sync_plan import Effect
from hub.planning.sync_words import say

FEW = 3
"""So few records may vanish at once without anybody being asked."""
FEW_CHANGES = 10
"""So few rows may change at once."""


def held(sync: Sync, memories: Sequence[Memory], effects: Sequence[Effect], vanished: Mapping[Side, int]) -> str | None:
    """Why, in plain words; None for a plan that is as plans are. `vanished`: the pairs that lost a side just now."""
    living = sum(memory.gone == "" for memory in memories)
    limits, language = sync.safety.hold_if, sync.language
    share = living * int(limits.changes_above.rstrip(" %")) // 100
    archives = sum(effect.action.kind == "archive" for effect in effects)
    changed = len({e.action.row for e in effects if e.action.kind == "update" and "gone" not in e.delta})
    reasons = []
    for end in (sync.source, sync.target):
        count = vanished.get(end.side, 0)
        if count > max(FEW, share):
            reasons.append(say(language, f"{end.side}_gone", n=count, known=living, place=end.name))
    if archives > limits.archives_above:
        reasons.append(say(language, "archives", n=archives, limit=limits.archives_above))
    if changed > max(FEW_CHANGES, share):
        reasons.append(say(language, "many", n=changed, known=living))
    return " ; ".join(reasons) or None
