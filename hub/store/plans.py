"""Plans that were saved: for a person to apply, or held because they are not ordinary (R12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from hub.store.schema import plans

State: TypeAlias = Literal["saved", "held", "applied", "stale", "dropped"]
"""saved and held wait; stale: the world moved, or another plan was applied; dropped: a person decided against it."""
_WAITING = ("saved", "held")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """`body` is the plan's text, `digest` stands for what it would do. `decided_at` None: it waits."""

    id: str
    business: str
    job: str
    digest: str
    body: str
    state: State
    reason: str | None
    made_at: datetime
    decided_at: datetime | None


_COLUMNS = tuple(plans.c[name] for name in SavedPlan.__slots__)


def save(
    conn: Connection, business: str, job: str, digest: str, body: str, state: State, reason: str | None, now: datetime
) -> str:
    """Keep a plan; returns its short id.

    While an equal plan of the job waits, that one's id is returned; it becomes held when this one is.
    """
    waiting = select(plans.c.id, plans.c.state).where(
        plans.c.business == business,
        plans.c.job == job,
        plans.c.digest == digest,
        plans.c.state.in_(_WAITING),
    )
    equal = conn.execute(waiting.limit(1)).one_or_none() if state in _WAITING else None
    if equal is not None:
        if state == "held" and equal.state == "saved":
            conn.execute(update(plans).where(plans.c.id == equal.id).values(state="held", reason=reason))
        return str(equal.id)
    id_ = uuid4().hex[:8]
    decided_at = None if state in _WAITING else now
    row = {"id": id_, "business": business, "job": job, "digest": digest, "body": body, "state": state}
    conn.execute(insert(plans), [row | {"reason": reason, "made_at": now, "decided_at": decided_at}])
    return id_


def get(conn: Connection, business: str | None, id: str) -> SavedPlan | None:  # noqa: A002
    """The plan of that id; `business` None: whosever it is (the command line knows only the id)."""
    query = select(*_COLUMNS).where(plans.c.id == id)
    if business is not None:
        query = query.where(plans.c.business == business)
    row = conn.execute(query).one_or_none()
    return None if row is None else SavedPlan(*row)


def newest(conn: Connection, business: str, job: str, digest: str) -> SavedPlan | None:
    """The last plan of a job that would do the very same, whatever became of it."""
    mine = (plans.c.business == business, plans.c.job == job, plans.c.digest == digest)
    row = conn.execute(select(*_COLUMNS).where(*mine).order_by(plans.c.made_at.desc(), plans.c.id).limit(1)).first()
    return None if row is None else SavedPlan(*row)


def set_state(conn: Connection, id: str, state: State, reason: str | None, now: datetime) -> None:  # noqa: A002
    """What became of it."""
    decided_at = None if state in _WAITING else now
    conn.execute(update(plans).where(plans.c.id == id).values(state=state, reason=reason, decided_at=decided_at))


def listing(conn: Connection, business: str, state: State) -> list[SavedPlan]:
    """The plans in that state, newest first."""
    query = select(*_COLUMNS).where(plans.c.business == business, plans.c.state == state)
    return [SavedPlan(*row) for row in conn.execute(query.order_by(plans.c.made_at.desc(), plans.c.id))]
