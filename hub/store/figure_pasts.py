"""Proofs of months that were over, as they were at the end of the day before one on which they changed.

What a day changes of them can so be named whatever the order in which it comes. Only the last such day is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, delete, select

from hub.store.figure_shares import Lines, Place, packed, unpacked
from hub.store.figures import FigureRow
from hub.store.schema import figure_pasts
from hub.store.sql import upsert


def keep(conn: Connection, business: str, job: str, day: date, rows: Iterable[FigureRow]) -> None:
    """These are changing on that local day, for the first time; one that was kept for the same day stays as it is."""
    mine = (figure_pasts.c.business == business, figure_pasts.c.job == job)
    conn.execute(delete(figure_pasts).where(*mine, figure_pasts.c.day != day.isoformat()))
    held = [
        {
            "business": business,
            "job": job,
            "figure": row.figure,
            "period": row.period,
            "currency": row.currency,
            "day": day.isoformat(),
            "proof": packed(row.proof)[0],
        }
        for row in rows
    ]
    if held:
        conn.execute(upsert(conn.dialect.name, figure_pasts), held)


def of(conn: Connection, business: str, job: str, day: date) -> dict[Place, Lines]:
    """The lines of each figure that changed on that day, as they were before it."""
    mine = (figure_pasts.c.business == business, figure_pasts.c.job == job, figure_pasts.c.day == day.isoformat())
    rows = conn.execute(select(figure_pasts).where(*mine))
    return {(row.figure, row.period, row.currency): unpacked([bytes(row.proof)]) for row in rows}
