"""What the planner of a sync comes to: effects, what is learned without one, edits that are undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.core.types import Value
from hub.planning.merge import Side, Write
from hub.planning.plan import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an action does, for the engine.

    `action` holds plain values, for people; `written` the values as the destination takes them. `delta`: what to
    remember of the pair once it is done (`hub.planning.sync_memory`).
    """

    action: Action
    side: Side
    source_key: str
    target_key: str
    written: Mapping[str, Value]
    delta: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is remembered of a pair from now on, although nothing is written."""

    source_key: str
    target_key: str
    delta: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """`effects` in the order to do them; `learned`: what needs no action; `lost`: edits that are undone, by pair.

    `departed`: pairs of which one side is gone and the other stays as it is. While the plan is held, they are learned
    only once a person has it applied: till then, what comes back finds its pair.
    """

    effects: tuple[Effect, ...]
    learned: tuple[Learned, ...]
    departed: tuple[Learned, ...]
    lost: tuple[tuple[str, Write], ...]
    notes: tuple[str, ...]
    held: str | None

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(effect.action for effect in self.effects)
