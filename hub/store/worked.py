"""What was done of itself in some time: how often the hub worked, and which effects that had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from hub.store.schema import ledger, runs


@dataclass(frozen=True, slots=True)
class Worked:
    """`effects`: kind of action -> how many were done. `unsure`: begun in that time, and nobody knows of them yet."""

    runs: int
    effects: Mapping[str, int]
    unsure: int


def worked(conn: Connection, business: str, since: datetime, until: datetime) -> Worked:
    """From `since` on, and before `until`."""
    ended = (
        runs.c.business == business,
        runs.c.state == "done",
        runs.c.finished_at >= since,
        runs.c.finished_at < until,
    )
    count = conn.execute(select(func.count()).select_from(runs).where(*ended)).scalar_one()
    mine = ledger.c.business == business
    done = (ledger.c.state == "done", ledger.c.finished_at >= since, ledger.c.finished_at < until)
    query = select(ledger.c.kind, func.count()).where(mine, *done).group_by(ledger.c.kind)
    begun = (ledger.c.state == "uncertain", ledger.c.started_at >= since, ledger.c.started_at < until)
    unsure = conn.execute(select(func.count()).select_from(ledger).where(mine, *begun)).scalar_one()
    return Worked(int(count), dict(conn.execute(query).tuples().all()), int(unsure))
