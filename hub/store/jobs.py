"""Jobs: which of a business's jobs must be planned again, and who is at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Executable, Update, and_, bindparam, case, delete, or_, select, update

from hub.store.columns import Instant
from hub.store.schema import jobs
from hub.store.sql import number, upsert


@dataclass(frozen=True, slots=True)
class JobTurn:
    """A job taken for planning. `seq`: the last reason to plan that this turn covers.

    `look`: the target itself is to be looked at, not only our links of it.
    """

    business: str
    job: str
    seq: int
    attempts: int
    look: bool


@dataclass(frozen=True, slots=True)
class JobState:
    """One row. It waits to be planned while `dirty_seq` is above `planned_seq`.

    `hold`: the id of the plan that waits for a person; `look`: 1 when the target itself is to be looked at; `mapping`:
    a digest of what the files said when it last wrote, None when it never did; `wake_at`: when time alone will next
    change its plan, None when only something that happens does; `counted`: the mark of whoever stored figures last.
    """

    business: str
    job: str
    dirty_seq: int
    planned_seq: int
    dirty_at: datetime
    due_at: datetime
    attempts: int
    lease_owner: str | None
    lease_until: datetime | None
    last_ok_at: datetime | None
    last_error: str | None
    paused_at: datetime | None
    paused_reason: str | None
    hold: str | None
    look: int
    mapping: str | None = None
    wake_at: datetime | None = None
    counted: str | None = None


def ensure(conn: Connection, business: str, names: Iterable[str], now: datetime) -> None:
    """Have a row for each of these jobs and none for others. A new job is to be planned at once."""
    wanted = sorted(set(names))
    conn.execute(delete(jobs).where(jobs.c.business == business, jobs.c.job.not_in(wanted)))
    rows = [{"business": business, "job": job, "dirty_seq": 1, "dirty_at": now, "due_at": now} for job in wanted]
    if rows:
        conn.execute(upsert(conn.dialect.name, jobs), rows)


def look_again(conn: Connection, business: str, names: Iterable[str], now: datetime) -> None:
    """Plan these again, and look at the target itself: it may not be as our links remember it."""
    wanted = sorted(set(names))
    conn.execute(update(jobs).where(jobs.c.business == business, jobs.c.job.in_(wanted)).values(look=1))
    dirty(conn, business, wanted, now)


def dirty(conn: Connection, business: str, names: Iterable[str], now: datetime) -> None:
    """There is a reason to plan these again. A job that waits after a failure keeps its delay."""
    for job in sorted(set(names)):
        conn.execute(_dirty(), {"the_business": business, "the_job": job, "now": now})


@cache
def _dirty() -> Executable:
    now = bindparam("now", type_=Instant())
    clean = jobs.c.dirty_seq == jobs.c.planned_seq
    return (
        update(jobs)
        .where(jobs.c.business == bindparam("the_business"), jobs.c.job == bindparam("the_job"))
        .values(
            dirty_seq=jobs.c.dirty_seq + 1,
            dirty_at=case((clean, now), else_=jobs.c.dirty_at),
            due_at=case((jobs.c.attempts == 0, now), else_=jobs.c.due_at),
        )
    )


def sleep(conn: Connection, business: str, job: str, until: datetime | None) -> None:
    """It has nothing to do before that instant unless something happens; None: only something that happens wakes it."""
    conn.execute(_row(business, job).values(wake_at=until))


def wake(conn: Connection, business: str, names: Iterable[str], now: datetime) -> list[str]:
    """Plan again those of these whose time has come; returns them. One that waits to be planned is left alone."""
    asleep = (jobs.c.dirty_seq == jobs.c.planned_seq, jobs.c.wake_at <= now)
    query = select(jobs.c.job).where(jobs.c.business == business, jobs.c.job.in_(sorted(set(names))), *asleep)
    found = sorted(conn.execute(query).scalars())
    dirty(conn, business, found, now)
    return found


def claim(conn: Connection, business: str, owner: str, now: datetime, lease_seconds: float) -> list[JobTurn]:
    """Take every job that is due to be planned, for `owner` alone until the lease ends or is settled."""
    until = now + timedelta(seconds=lease_seconds)
    found = conn.execute(_claim(), {"the_business": business, "now": now, "the_owner": owner, "the_until": until})
    return sorted(
        (JobTurn(business, job, seq, attempts, bool(look)) for business, job, seq, attempts, look in found),
        key=lambda turn: turn.job,
    )


def take(conn: Connection, business: str, job: str, owner: str, now: datetime, lease_seconds: float) -> bool:
    """Take one job for `owner` alone, whether it is due or not. False while somebody else is at it."""
    free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now)
    values = {"lease_owner": owner, "lease_until": now + timedelta(seconds=lease_seconds)}
    return number(conn, _row(business, job).where(free).values(**values)) == 1


@cache
def _claim() -> Executable:
    now = bindparam("now", type_=Instant())
    picked = (
        select(jobs.c.business, jobs.c.job)
        .where(
            jobs.c.business == bindparam("the_business"),
            jobs.c.dirty_seq > jobs.c.planned_seq,
            jobs.c.due_at <= now,
            jobs.c.paused_at.is_(None),
            or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now),
        )
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    return (
        update(jobs)
        .where(and_(jobs.c.business == picked.c.business, jobs.c.job == picked.c.job))
        .values(lease_owner=bindparam("the_owner"), lease_until=bindparam("the_until"))
        .returning(jobs.c.business, jobs.c.job, jobs.c.dirty_seq, jobs.c.attempts, jobs.c.look)
    )


def settle(conn: Connection, turn: JobTurn, now: datetime, problem: str | None = None) -> None:
    """It was planned, and what the plan said is done. A reason that came meanwhile keeps it waiting, for anybody.

    `problem`: what could not be done and would fail again, for people to see.
    """
    look = case((jobs.c.dirty_seq == turn.seq, 0), else_=jobs.c.look)
    values = {"planned_seq": turn.seq, "attempts": 0, "last_ok_at": now, "last_error": problem, "look": look}
    conn.execute(_row(turn.business, turn.job).values(lease_owner=None, lease_until=None, **values))


def counted(conn: Connection, business: str, job: str) -> str | None:
    """The mark of whoever stored figures of the job last; None when nobody did."""
    return conn.execute(select(jobs.c.counted).where(jobs.c.business == business, jobs.c.job == job)).scalar()


def mark_counted(conn: Connection, business: str, job: str, mark: str) -> None:
    """Figures of the job are being stored, under a mark that nobody else has."""
    conn.execute(_row(business, job).values(counted=mark))


def postpone(conn: Connection, turn: JobTurn, due_at: datetime, error: str) -> None:
    """It failed for now: try again at `due_at`. Frees the lease."""
    values = {"attempts": jobs.c.attempts + 1, "due_at": due_at, "last_error": error}
    conn.execute(_row(turn.business, turn.job).values(lease_owner=None, lease_until=None, **values))


def extend(conn: Connection, owner: str, until: datetime) -> None:
    """`owner` lives and keeps what it holds."""
    conn.execute(update(jobs).where(jobs.c.lease_owner == owner).values(lease_until=until))


def release(conn: Connection, owner: str, business: str | None = None) -> None:
    """Free every job that `owner` holds, of one business or of all: it stops, or it is gone."""
    held = update(jobs).where(jobs.c.lease_owner == owner)
    if business is not None:
        held = held.where(jobs.c.business == business)
    conn.execute(held.values(lease_owner=None, lease_until=None))


def pause(conn: Connection, business: str, job: str, reason: str, now: datetime) -> bool:
    """Leave it alone until a person has put it right. True the first time: only then is there someone to tell."""
    statement = _row(business, job).where(jobs.c.paused_at.is_(None)).values(paused_at=now, paused_reason=reason)
    return number(conn, statement) == 1


def resume(conn: Connection, business: str, job: str) -> None:
    """Plan it again when it is due."""
    conn.execute(_row(business, job).values(paused_at=None, paused_reason=None))


def hold(conn: Connection, business: str, job: str, plan: str | None) -> None:
    """The plan of this job that waits for a person (its id), or None when none does."""
    conn.execute(_row(business, job).values(hold=plan))


def written_by(conn: Connection, business: str, job: str) -> str | None:
    """A digest of the mapping by which this job last wrote; None when it never did."""
    query = select(jobs.c.mapping).where(jobs.c.business == business, jobs.c.job == job)
    return conn.execute(query).scalar_one_or_none()


def writes_by(conn: Connection, business: str, job: str, mapping: str) -> None:
    """A plan made by this mapping was carried out, or had nothing to do."""
    conn.execute(_row(business, job).where(jobs.c.mapping.is_distinct_from(mapping)).values(mapping=mapping))


def listing(conn: Connection, business: str) -> list[JobState]:
    """Every job of the business, by name."""
    query = select(jobs).where(jobs.c.business == business).order_by(jobs.c.job)
    return [JobState(*row) for row in conn.execute(query)]


def _row(business: str, job: str) -> Update:
    return update(jobs).where(jobs.c.business == business, jobs.c.job == job)
