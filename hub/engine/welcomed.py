"""The clients who are being welcomed, as the store keeps their figures: for the CEO's page, brief and status."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from hub.core.types import Value
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.planning.journeys.figures import NOW, UNITS, FigureName, JourneyFigure, from_values, to_values
from hub.planning.journeys.offers import Offer
from hub.store import figures, jobs
from hub.store.figures import FigureRow


def offers(conn: Connection, runtime: Runtime) -> tuple[Offer, ...]:
    """What each job about clients counted last, in the order of the jobs' names."""
    welcoming = [job for _, job in sorted(runtime.jobs.items()) if isinstance(job, OnboardingJob)]
    if not welcoming:
        return ()
    kept = figures.of_jobs(conn, runtime.key, NOW)
    return tuple(
        Offer(job=job, figures={row.figure: figure(row) for row in kept.get(job.name, ()) if row.figure in UNITS})
        for job in welcoming
    )


def figure(row: FigureRow) -> JourneyFigure:
    """A figure as it was counted."""
    name = cast("FigureName", row.figure)
    value: Value = row.value
    return JourneyFigure(
        figure=name, unit=UNITS[name], value=cast("Decimal | None", value), lines=from_values(row.proof)
    )


def keep(conn: Connection, runtime: Runtime, job: OnboardingJob, counted: Iterable[JourneyFigure]) -> None:
    """Store the figures of a job. Where one is another now, the jobs that show it on their page are planned again."""
    now = runtime.now()
    rows = [
        FigureRow(
            figure=each.figure,
            period=NOW,
            currency="",
            value=each.value,
            unit=each.unit,
            proof=to_values(each.lines),
            estimated=False,
            counted_at=now,
        )
        for each in counted
    ]
    if figures.put(conn, runtime.key, job.name, rows, now):
        showing = [name for name, other in runtime.jobs.items() if isinstance(other, RevenueJob)]
        jobs.dirty(conn, runtime.key, showing, now)
