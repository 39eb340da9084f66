"""A plan: what would change, field by field, old -> new, and why. Pure data that one can print, save, hold and refuse.

`diff` compares what a planner desires with what we know of the target, and is the only maker of actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from hub.core import codec
from hub.core.types import Collection, Record, Ref, Value

ActionKind: TypeAlias = Literal["prepare", "create", "update", "archive", "send", "copy", "link", "chart"]

MAIL = "mail"
"""The collection of every action that sends: its row is the address, its changes are the parts of the letter."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, old -> new. `owner`: who owns it (source, target, latest, hub), for people; no part of the effect."""

    name: str
    old: Value
    new: Value
    owner: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One effect outside. `key` is its ledger key: the same effect always has the same key (R4).

    A "copy" makes something whole in several calls, or dates it anew: it is safe to repeat when it looks first.
    A "chart" is shown on a page in one way or another, or taken away: safe to repeat in the same way.
    A "link" makes an address that nobody can ask about afterwards: like a mail, it is never made twice unseen.
    `title`: how people call the record, where `row` is a provider's id; no part of the effect.
    """

    key: str
    kind: ActionKind
    collection: str
    row: str
    ref: Ref | None
    changes: tuple[FieldChange, ...]
    why: str
    title: str | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The record, for people."""
        return self.row if self.title is None else f"{self.title} ({self.row})"

    @property
    def values(self) -> dict[str, Value]:
        return {change.name: change.new for change in self.changes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we know of one row of a target: its ref, the values we last wrote or saw, and how often we wrote it.

    `ref` "": the row was there and is gone; `version` still counts, so that making it again has a new ledger key.
    """

    ref: Ref
    values: Mapping[str, Value]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCollection:
    """A collection as we know it: `ref` None when it was not found or made yet, or is gone.

    `version`: how often we made it, so that making it again has a new ledger key.
    """

    ref: Ref | None
    rows: Mapping[str, Known]
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredRow:
    """A row as a planner wants it. `expected`: its change is ordinary (an open period), not counted as abnormal.

    `title`: how people call it, where `key` is a provider's id. `inside`: the key of the row of the same page that it
    stands in; rows of one page stand in their order.
    """

    key: str
    values: Mapping[str, Value]
    why: str
    expected: bool = True
    title: str | None = None
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a job wants one collection to hold. The hub owns the named values of these rows and nothing else (R6)."""

    collection: Collection
    rows: Sequence[DesiredRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`undoes`: the run that it takes back; None for what a job wants."""

    business: str
    job: str
    at: datetime
    actions: tuple[Action, ...]
    held: str | None = None
    notes: tuple[str, ...] = field(default=())
    undoes: int | None = None


class View:
    """The mirror as a planner sees it: records by connection and stream. Read only.

    `mark`: how far it goes, which only `since` of a later view of the same mirror understands.
    """

    def __init__(
        self,
        records: Mapping[tuple[str, str], Sequence[Record]],
        mark: int = 0,
        news: Callable[[int], Sequence[tuple[str, Record]] | None] | None = None,
    ) -> None:
        self._records = records
        self._news = news
        self.mark = mark

    def records(self, connection: str, stream: str) -> Sequence[Record]:
        """The living records of a stream, by key."""
        return self._records.get((connection, stream), ())

    def streams(self) -> Iterable[tuple[str, str]]:
        return self._records.keys()

    def since(self, mark: int) -> Sequence[tuple[str, Record]] | None:
        """By connection, what is not as it was at that mark; None where nobody knows."""
        return None if self._news is None else self._news(mark)


def digest(plan: Plan) -> str:
    """Equal for equal plans, whatever the instant they were made at."""
    return codec.digest(tuple(_action_value(action) for action in plan.actions))


def dumps(plan: Plan) -> str:
    """The plan as canonical text, to save and load again."""
    return codec.dumps(
        {
            "business": plan.business,
            "job": plan.job,
            "at": plan.at,
            "actions": tuple(_action_text(action) for action in plan.actions),
            "held": plan.held,
            "notes": plan.notes,
            "undoes": plan.undoes,
        }
    )


def loads(text: str) -> Plan:
    """The plan that `dumps` wrote. ValueError when it is something else."""
    try:
        saved: Any = codec.loads(text)
        return Plan(
            business=saved["business"],
            job=saved["job"],
            at=saved["at"],
            actions=tuple(_action(each) for each in saved["actions"]),
            held=saved["held"],
            notes=saved["notes"],
            undoes=saved.get("undoes"),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"This is no saved plan: {error}") from error


def _action(saved: Mapping[str, Any]) -> Action:
    changes = tuple(FieldChange(*each) for each in saved["changes"])
    return Action(**{**saved, "changes": changes})


def _action_text(action: Action) -> Mapping[str, Value]:
    """As `_action_value`, with what is only for people."""
    changes = tuple((c.name, c.old, c.new, c.owner) for c in action.changes)
    return {**_action_value(action), "changes": changes, "title": action.title}


def _action_value(action: Action) -> Mapping[str, Value]:
    return {
        "key": action.key,
        "kind": action.kind,
        "collection": action.collection,
        "row": action.row,
        "ref": action.ref,
        "why": action.why,
        "changes": tuple((c.name, c.old, c.new) for c in action.changes),
    }
