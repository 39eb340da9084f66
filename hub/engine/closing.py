"""Which week or month is over and not told yet on a page of its own, and what the store knows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from hub.core.types import Value
from hub.engine.runtime import Runtime
from hub.mapping.figure_names import STATES
from hub.mapping.revenue_job import RevenueJob
from hub.planning.plan import KnownCollection
from hub.planning.weekly import Automated, Closing, last_closed, title_of
from hub.store import figure_memory
from hub.store.worked import worked

_DAY = timedelta(days=1)


def closings(
    conn: Connection, runtime: Runtime, job: RevenueJob, known: Mapping[str, KnownCollection], read_on: date | None
) -> Iterator[Closing]:
    """The last whole week and the last month, if the hub was there and their pages are not written.

    A page that stands is not written again: what was said of a week stays said. `read_on`: the local day on which
    every source had answered last; nothing is closed that was not over by then.
    """
    today = runtime.now().astimezone(runtime.business.zone).date()
    wanted = last_closed(today)
    told = [_is_told(known, title_of(kind, start, runtime.business.language)) for kind, start, _ in wanted]
    if all(told):
        return
    since = figure_memory.known_since(conn, runtime.key, job.name)
    if since is None or read_on is None:
        return
    for (kind, start, end), done in zip(wanted, told, strict=True):
        if not done and since < end <= read_on and (kind == "month" or since <= start):
            yield Closing(
                kind=kind,
                first=start,
                before=_states(conn, runtime, job, start - _DAY) if kind == "week" else {},
                done=_automated(conn, runtime, start, end),
            )


def _is_told(known: Mapping[str, KnownCollection], title: str) -> bool:
    there = known.get(title)
    return there is not None and any(row.ref for row in there.rows.values())


def _states(conn: Connection, runtime: Runtime, job: RevenueJob, day: date) -> Mapping[str, Value]:
    """figure/currency -> what it was known to be at the end of a local day."""
    label = f"{day:%Y-%m}"
    found = figure_memory.as_of(conn, runtime.key, day, job=job.name)
    return {f"{one.figure}/{one.currency}": one.value for one in found if one.figure in STATES and one.period == label}


def _automated(conn: Connection, runtime: Runtime, first: date, after: date) -> Automated:
    zone = runtime.business.zone
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
    found = worked(conn, runtime.key, since, until)
    kept = sum(found.effects.get(kind, 0) for kind in ("create", "update", "archive"))
    return Automated(
        runs=found.runs,
        written=kept,
        mails=found.effects.get("send", 0),
        copied=found.effects.get("copy", 0),
        unsure=found.unsure,
    )
