"""Copies that were begun and not finished: each is finished as it was begun, and follows what has changed since.

An attempt whose answer was lost may have made the copy, with the dates of then. Were it finished as if it had been made
with other ones, its tasks would be shifted by the wrong span and nobody would see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import Connection, select

from hub.engine.runtime import Runtime
from hub.planning.inverse import begun
from hub.planning.journeys.types import Doing
from hub.store.schema import ledger


def begun_starts(conn: Connection, business: str, job: str) -> Mapping[str, date]:
    """Ledger key -> the day from which the dates were counted when it was begun, of what is not done."""
    mine = (ledger.c.business == business, ledger.c.job == job, ledger.c.kind == "copy")
    query = select(ledger.c.key, ledger.c.summary).where(*mine, ledger.c.state.in_(("started", "failed")))
    found = {row.key: begun(row.summary).get("start") for row in conn.execute(query)}
    return {key: day for key, day in found.items() if isinstance(day, date)}


def as_begun(runtime: Runtime, doing: Doing, starts: Mapping[str, date]) -> Doing:
    """The doing as its first attempt meant it. What is kept of it makes its dates follow the appointment of now."""
    start = starts.get(doing.key)
    if start is None or doing.start is None or start == doing.start or doing.step is None or doing.step.copies is None:
        return doing
    of_then = datetime.combine(start, time(12), runtime.business.zone) if doing.appointment is not None else None
    return replace(doing, start=start, appointment=of_then)
