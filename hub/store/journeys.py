"""Journeys: one person with one offer, what people said of it, and who is who. What was done is in the ledger.

Rows only: `hub.engine` turns them into what the planner works with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, func, insert, select, update

from hub.store.schema import aliases, journeys, marks
from hub.store.sql import number, upsert

State: TypeAlias = Literal["asked", "open", "paused", "stopped", "done"]
Order: TypeAlias = Literal["start", "pause", "resume", "skip", "stop", "tick", "allow", "move_version", "resume_here"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyRow:
    """`person`: a normalised address. `mapping`: the text of the file that it is pinned to, of that `version`.

    `changed_at`: since when it is in its state.
    """

    job: str
    id: str
    person: str
    offer: str
    opened_at: datetime
    version: str
    mapping: str
    name: str = ""
    state: State = "open"
    reason: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """What a person said of a journey. `by`: who, as far as we know."""

    job: str
    journey: str
    what: Order
    at: datetime
    value: str = ""
    by: str = ""


_JOURNEY = tuple(journeys.c[name] for name in JourneyRow.__slots__)
_MARK = tuple(marks.c[name] for name in MarkRow.__slots__)


def open_(conn: Connection, business: str, rows: Iterable[JourneyRow]) -> list[str]:
    """Keep new journeys; returns the ids of those that are new. One that is there stays as it is."""
    new = [
        {"business": business} | {name: getattr(row, name) for name in JourneyRow.__slots__}
        for row in sorted(rows, key=lambda row: (row.job, row.id))
    ]
    statement = upsert(conn.dialect.name, journeys).returning(journeys.c.id)
    return [str(row["id"]) for row in new if conn.execute(statement, row).first() is not None]


def change(
    conn: Connection,
    business: str,
    job: str,
    id: str,  # noqa: A002
    now: datetime,
    *,
    state: State | None = None,
    reason: str | None = None,
    opened_at: datetime | None = None,
    pinned: tuple[str, str] | None = None,
) -> bool:
    """What becomes of a journey; None: stays. `pinned`: the version and the text of the mapping that it moves to.

    `changed_at` moves with the state or its reason alone. False when there is no such journey.
    """
    values: dict[str, object] = {}
    if state is not None:
        values["state"] = state
    if reason is not None:
        values["reason"] = reason
    if values:
        values["changed_at"] = now
    if opened_at is not None:
        values["opened_at"] = opened_at
    if pinned is not None:
        values["version"], values["mapping"] = pinned
    if not values:
        return get(conn, business, job, id) is not None
    mine = (journeys.c.business == business, journeys.c.job == job, journeys.c.id == id)
    return number(conn, update(journeys).where(*mine).values(**values)) == 1


def get(conn: Connection, business: str, job: str, id: str) -> JourneyRow | None:  # noqa: A002
    """The journey of that id, or None."""
    query = select(*_JOURNEY).where(journeys.c.business == business, journeys.c.job == job, journeys.c.id == id)
    row = conn.execute(query).one_or_none()
    return None if row is None else JourneyRow(**row._asdict())


def listing(
    conn: Connection, business: str, *, job: str | None = None, states: Iterable[State] | None = None
) -> list[JourneyRow]:
    """The journeys of a business, or of one job, or in these states, by job and the order in which they were opened."""
    query = select(*_JOURNEY).where(journeys.c.business == business)
    if job is not None:
        query = query.where(journeys.c.job == job)
    if states is not None:
        query = query.where(journeys.c.state.in_(sorted(states)))
    found = conn.execute(query.order_by(journeys.c.job, journeys.c.opened_at, journeys.c.id))
    return [JourneyRow(**row._asdict()) for row in found]


def of_person(conn: Connection, business: str, people: Iterable[str]) -> list[JourneyRow]:
    """The journeys of these addresses, oldest first."""
    query = select(*_JOURNEY).where(journeys.c.business == business, journeys.c.person.in_(sorted(people)))
    return [JourneyRow(**row._asdict()) for row in conn.execute(query.order_by(journeys.c.opened_at, journeys.c.id))]


def counts(conn: Connection, business: str) -> dict[tuple[str, State], int]:
    """How many journeys there are, by job and state."""
    query = (
        select(journeys.c.job, journeys.c.state, func.count())
        .where(journeys.c.business == business)
        .group_by(journeys.c.job, journeys.c.state)
    )
    return {(job, state): count for job, state, count in conn.execute(query)}


def mark(conn: Connection, business: str, row: MarkRow) -> None:
    """Keep what a person said. The job must be planned again: that is the caller's to say."""
    conn.execute(insert(marks), [{"business": business} | {name: getattr(row, name) for name in MarkRow.__slots__}])


def marks_of(conn: Connection, business: str, job: str, journey: str | None = None) -> dict[str, list[MarkRow]]:
    """Journey -> what people said of it, oldest first; of one journey alone, where it is given."""
    mine = [marks.c.business == business, marks.c.job == job]
    if journey is not None:
        mine.append(marks.c.journey == journey)
    found: dict[str, list[MarkRow]] = {}
    for row in conn.execute(select(*_MARK).where(*mine).order_by(marks.c.at, marks.c.id)):
        found.setdefault(row.journey, []).append(MarkRow(**row._asdict()))
    return found


def confirm(conn: Connection, business: str, address: str, person: str, now: datetime) -> None:
    """The OBM says that `address` is `person`'s too (both normalised). Her last word counts."""
    row = {"business": business, "address": address, "person": person, "confirmed_at": now}
    conn.execute(upsert(conn.dialect.name, aliases, "person", "confirmed_at"), [row])


def aliases_of(conn: Connection, business: str) -> dict[str, str]:
    """Address -> the address of the same person."""
    query = select(aliases.c.address, aliases.c.person).where(aliases.c.business == business)
    return {row.address: row.person for row in conn.execute(query)}
