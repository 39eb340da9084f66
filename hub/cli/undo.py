"""`hub undo RUN`: the plan that takes back what one run wrote."""

from __future__ import annotations

from hub.cli.opened import Say, chosen, only, opened
from hub.cli.shown import short
from hub.engine.saved import save
from hub.engine.undo import jobs_of, undo
from hub.planning import diff
from hub.store import ledger, runs


def plan_undo(run: int, business: str | None, full: bool, say: Say) -> int:
    """0 when there is something to take back, 1 when nothing is left of it."""
    found = False
    with opened() as hub:
        runtime = only(hub, business)
        for job in jobs_of(runtime, run):
            plan = undo(runtime, job, run).plan
            say(diff.render(plan, "text").rstrip() if full else short(plan))
            if not plan.actions:
                continue
            found = True
            plan_id = save(runtime, plan)
            held = " It is held: look at each line before you apply it." if plan.held else ""
            say(f"\nSaved as {plan_id}.{held} Nothing was written. To do exactly this: hub apply {plan_id}")
    return 0 if found else 1


def written(business: str | None, say: Say) -> None:
    """Prints the last runs that wrote something."""
    with opened() as hub:
        for runtime in chosen(hub, business):
            with hub.store.read() as conn:
                found = [(runs.get(conn, runtime.key, run), count) for run, count in ledger.by_run(conn, runtime.key)]
            if not found:
                say(f"{runtime.key}: no run has written anything.")
            for run, count in found:
                if run is not None:
                    say(f"{run.id:>6}  {run.started_at:%Y-%m-%d %H:%M} UTC  {count} written  {run.name}")
