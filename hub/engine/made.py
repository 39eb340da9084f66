"""What planning a job comes to, for whoever applies it: the plan, where its collections are, what to note of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.core.types import Collection, Ref, Row
from hub.planning.plan import Action, Desired, KnownCollection, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A collection that actions name: at which connection it is, and what it must look like."""

    connection: str
    collection: Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan, what we knew of the target when it was made, and what to note.

    `homes`: collection -> where it is, in the order in which they must be made. `row(action)`: the row as the
    destination takes it. `remember(conn, action, ref)` notes that an action was done, in the transaction that notes
    it in the ledger. `settle(conn)` stores what else the plan is about (figures, what was learned) at the end.
    """

    plan: Plan
    known: Mapping[str, KnownCollection]
    homes: Mapping[str, Home]
    row: Callable[[Action], Row]
    remember: Callable[[Connection, Action, Ref], None]
    settle: Callable[[Connection], None]
    desired: Sequence[Desired] = ()
    expect: Callable[[Connection], None] | None = None
    """Notes, before the first call, what the actions will have changed: killed between the two, nothing is misread."""
