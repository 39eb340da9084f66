"""The revenue job between two reads of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from hub.core.types import Ref
from hub.engine import figures, letters, target
from hub.engine.beside import beside
from hub.engine.changed import is_changed
from hub.engine.made import Home, Made
from hub.engine.planners import page
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.chart_plan import within_room
from hub.planning.page_charts import trends
from hub.planning.plan import Action
from hub.planning.planner import plan_revenue


def make(runtime: Runtime, job: RevenueJob, notes: Sequence[str]) -> Made:
    """What would make the target show the figures of the mirror."""
    with runtime.store.read() as conn:
        view = runtime.view(conn)
        before = target.known(conn, runtime.key, job.name)
        other = is_changed(conn, runtime, job)
        shown = beside(conn, runtime, job, view, before)
        known = figures.around(conn, runtime, job)
        hung = page.hung(conn, runtime, job, before)
    unbalanced = runtime.balances.notes(job, view, runtime.business.language)
    planned = plan_revenue(
        view,
        job,
        runtime.business,
        before,
        runtime.now(),
        changed=other,
        beside=shown,
        around=known,
        ledger=runtime.counting[job.name].ledger,
    )
    showing = page.Showing(runtime, job, trends(planned.figures, job, runtime.business))
    drawn, waiting = within_room(showing.actions(before, hung), planned.plan.actions, runtime.business.language)
    actions = (*planned.plan.actions, *drawn)
    return Made(
        plan=replace(planned.plan, actions=actions, notes=(*planned.plan.notes, *unbalanced, *notes)),
        known=before,
        homes={
            want.collection.name: Home(connection=job.show_in.connection, collection=want.collection)
            for want in planned.desired
        },
        row=partial(target.row, before, desired=planned.desired),
        remember=partial(_remember, runtime, job, showing),
        settle=partial(figures.keep, runtime, job, planned.counted),
        expect=letters.expected(runtime, job, planned.counted, shown, runtime.now()),
        desired=planned.desired,
        do=showing.do,
        behind=waiting,
    )


def look(runtime: Runtime, job: RevenueJob, made: Made) -> Sequence[str]:
    """Read the target and bring our links up to date with it."""
    destination = runtime.destination(job.show_in.connection)
    looked = target.look(runtime, job.name, destination, made.desired)
    return (*looked.notes, *page.look(runtime, job, looked.standing))


def _remember(
    runtime: Runtime, job: RevenueJob, showing: page.Showing, conn: Connection, action: Action, ref: Ref
) -> None:
    if action.kind == "chart":
        showing.remember(conn, action)
    else:
        target.remember(runtime, job.name, conn, action, ref)
