"""The revenue job between two reads of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hub.engine import figures, target
from hub.engine.beside import beside
from hub.engine.changed import is_changed
from hub.engine.made import Home, Made
from hub.engine.planners import page
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.page_charts import trends
from hub.planning.planner import plan_revenue


def make(runtime: Runtime, job: RevenueJob, notes: Sequence[str]) -> Made:
    """What would make the target show the figures of the mirror."""
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        before = target.known(conn, runtime.key, job.name)
        other = is_changed(conn, runtime, job)
        shown = beside(conn, runtime, job, view, before)
        known = figures.around(conn, runtime, job)
    planned = plan_revenue(
        view, job, runtime.business, before, runtime.now(), changed=other, beside=shown, around=known
    )
    return Made(
        plan=replace(planned.plan, notes=(*planned.plan.notes, *notes)),
        known=before,
        homes={
            want.collection.name: Home(connection=job.show_in.connection, collection=want.collection)
            for want in planned.desired
        },
        row=partial(target.row, before, desired=planned.desired),
        remember=partial(target.remember, runtime, job.name),
        settle=partial(figures.keep, runtime, job, planned.counted),
        desired=planned.desired,
        afterwards=partial(
            page.show, runtime, job, planned.desired[0].collection.name, trends(planned.figures, job, runtime.business)
        ),
    )


def look(runtime: Runtime, job: RevenueJob, made: Made) -> Sequence[str]:
    """Read the target and bring our links up to date with it."""
    destination = runtime.destination(job.show_in.connection)
    return target.look(runtime, job.name, destination, made.desired).notes
