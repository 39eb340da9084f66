"""What planning a job comes to, for whoever applies it: the plan, where its collections are, what to note of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from hub.core.types import Collection, Letter, Ref, Row
from hub.engine.discreet import Discreet
from hub.planning.plan import Action, Desired, KnownCollection, Plan

Expect: TypeAlias = Callable[[Connection], None]
"""Notes something before the first call of a plan, in a transaction of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A collection that actions name: at which connection it is, and what it must look like."""

    connection: str
    collection: Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How the mails of a plan go out.

    `connection`: through which. `letter(action)`: the letter of an action of kind "send". `begun(conn, action)` notes
    what it says, in the transaction that begins it in the ledger. `unsaid(conn)` notes that a person decided against
    all of them: what they would have said is not to be asked about again tomorrow.
    """

    connection: str
    letter: Callable[[Action], Letter]
    begun: Callable[[Connection, Action], None]
    unsaid: Callable[[Connection], None] | None = None


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
    expect: Expect | None = None
    """Notes, before the first call, what the actions will have changed: killed between the two, nothing is misread."""
    post: Post | None = None
    """How the plan's mails go out; None where it has none."""
    looked: Sequence[str] = ()
    """What a look at the target had to say, which stands among the notes of the plan."""
    reread: Sequence[str] = ()
    """What the mails speak of and must be as fresh as they are, by id (connection/stream/key)."""
    ahead: Callable[[], Plan] | None = None
    """What would go out later, at the hours of its readers, if nothing changed until then; None: nothing waits."""
    do: Callable[[Action, bool], Ref] | None = None
    """Does an action of kind "copy", "link" or "chart"; with True, an earlier attempt may have done some of it."""
    behind: str | None = None
    """Why the job is to be planned again soon although the plan was carried out: some of it had to wait."""
    discreet: Discreet | None = None
    """How it is spoken of in Prefect, where it is about clients."""
    aside: Callable[[], Sequence[str]] | None = None
    """What is worth a line to whoever looks at the plan and takes too long to find out for each turn."""
