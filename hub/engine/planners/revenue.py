"""The revenue job between two reads of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from hub.engine import target
from hub.engine.changed import is_changed
from hub.engine.made import Home, Made
from hub.engine.runtime import Runtime
from hub.mapping.model import RevenueJob
from hub.planning.figure import Figure, to_values
from hub.planning.planner import plan_revenue
from hub.store import figures as figure_store
from hub.store.figures import FigureRow


def make(runtime: Runtime, job: RevenueJob, notes: Sequence[str]) -> Made:
    """What would make the target show the figures of the mirror."""
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        before = target.known(conn, runtime.key, job.name)
        other = is_changed(conn, runtime, job)
    planned = plan_revenue(view, job, runtime.business, before, runtime.now(), changed=other)
    return Made(
        plan=replace(planned.plan, notes=(*planned.plan.notes, *notes)),
        known=before,
        homes={
            want.collection.name: Home(connection=job.show_in.connection, collection=want.collection)
            for want in planned.desired
        },
        row=partial(target.row, before),
        remember=partial(target.remember, runtime, job.name),
        settle=partial(_keep_figures, runtime, job, planned.figures),
        desired=planned.desired,
    )


def look(runtime: Runtime, job: RevenueJob, made: Made) -> Sequence[str]:
    """Read the target and bring our links up to date with it."""
    destination = runtime.destination(job.show_in.connection)
    return target.look(runtime, job.name, destination, made.desired).notes


def _keep_figures(runtime: Runtime, job: RevenueJob, figures: Sequence[Figure], conn: Connection) -> None:
    """Store each figure that is not as it was last stored, with the objects it was added from."""
    now = runtime.now()
    before = runtime.kept_figures.get(job.name, frozenset())
    rows = [
        FigureRow(
            figure=figure.figure,
            period=figure.period,
            currency=figure.currency,
            value=figure.value,
            unit=figure.unit,
            proof=to_values(figure.lines),
            estimated=figure.estimated,
            counted_at=now,
        )
        for figure in figures
        if figure not in before
    ]
    figure_store.put(conn, runtime.key, job.name, rows, now)
    runtime.kept_figures[job.name] = frozenset(figures)
