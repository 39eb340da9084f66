"""Commands that observe, plan and apply. None of them needs Prefect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hub.cli.opened import Say, chosen, opened
from hub.cli.shown import short
from hub.core.errors import ConfigError, HubError, StaleError
from hub.engine import backfill as backfills
from hub.engine.apply import Applier
from hub.engine.changed import carried_out
from hub.engine.heart import owner_name
from hub.engine.made import Made
from hub.engine.planners import freshened, look_and_plan, make_plan
from hub.engine.runtime import Runtime
from hub.engine.saved import moved, save, supersede
from hub.engine.undo import undo
from hub.engine.worker import Worker
from hub.planning import diff
from hub.planning.plan import loads
from hub.store import jobs, plans, runs
from hub.store.plans import SavedPlan
from hub.store.runs import Outcome

Form = Literal["text", "markdown", "json"]

APPLY_SECONDS = 600.0
"""How long a job is kept for `hub apply`, should the command be killed before it ends."""


def plan(business: str | None, form: Form, full: bool, say: Say) -> None:
    """`hub plan`: look at the target, plan, save and show. JSON: one list; the id is null when nothing is to do."""
    documents = []
    with opened() as hub:
        for runtime in chosen(hub, business):
            for job in runtime.jobs.values():
                _need_history(runtime)
                whole = look_and_plan(runtime, job, make_plan(runtime, job))
                aside = () if whole.aside is None else whole.aside()
                made, later = whole.plan, None if whole.ahead is None else whole.ahead()
                made = replace(made, notes=(*made.notes, *aside))
                plan_id = save(runtime, made) if made.actions else None
                if form == "json":
                    ahead = {} if later is None else {"later": json.loads(diff.render(later, "json"))["actions"]}
                    documents.append({"id": plan_id, **json.loads(diff.render(made, "json")), **ahead})
                    continue
                say(short(made) if form == "text" and not full else diff.render(made, form).rstrip())
                if later is not None:
                    say("\nLater, at the hours of their readers:")
                    say(short(later) if form == "text" and not full else diff.render(later, form).rstrip())
                if plan_id is not None:
                    held = " It is held for a person to decide." if made.held else ""
                    say(f"\nSaved as {plan_id}.{held} Nothing was written. To do exactly this: hub apply {plan_id}")
    if form == "json":
        say(json.dumps(documents, ensure_ascii=False, indent=2))


def apply(plan_id: str, say: Say) -> int:
    """`hub apply ID`: 0 when everything was written."""
    with opened() as hub:
        with hub.store.read() as conn:
            saved = plans.get(conn, None, plan_id)
        if saved is None or saved.business not in hub.runtimes:
            raise ConfigError(f"There is no plan {plan_id}. `hub plan` makes one and says its id.")
        if saved.state not in ("saved", "held"):
            raise ConfigError(f"The plan {plan_id} is {saved.state} already; `hub plan` makes a new one.")
        runtime = hub.runtimes[saved.business]
        if saved.job not in runtime.jobs:
            raise ConfigError(f"The plan {plan_id} is of the job {saved.job}, which is not in the mappings any more.")
        with _alone(runtime, saved.job):
            return _apply(runtime, saved, say)


@contextmanager
def _alone(runtime: Runtime, job: str) -> Iterator[None]:
    """Inside the block no worker plans or writes for the job. ConfigError while one does."""
    owner = owner_name()
    with runtime.store.write() as conn:
        taken = jobs.take(conn, runtime.key, job, owner, runtime.now(), APPLY_SECONDS)
    if not taken:
        raise ConfigError(
            f"{runtime.key}: the worker is at {job} just now; nothing was written. Try again in a moment."
        )
    try:
        yield
    finally:
        with runtime.store.write() as conn:
            jobs.release(conn, owner, runtime.key)


def _apply(runtime: Runtime, saved: SavedPlan, say: Say) -> int:
    """Do what a saved plan says, if it is still what would be planned."""
    plan_id, job, old = saved.id, runtime.jobs[saved.job], loads(saved.body)
    if old.undoes is None:
        made = freshened(runtime, job, look_and_plan(runtime, job, make_plan(runtime, job)))
        again = "hub plan"
    else:
        made, again = undo(runtime, job.name, old.undoes), f"hub undo {old.undoes}"
    gone = moved(old, made.plan)
    if gone:
        with runtime.store.write() as conn:
            plans.set_state(conn, plan_id, "stale", "; ".join(gone), runtime.now())
        raise StaleError(
            f"The plan {plan_id} is stale, {len(gone)} thing{'s' if len(gone) > 1 else ''} moved since; "
            "nothing was written.\n  " + "\n  ".join(gone) + f"\n`{again}` makes a new one.",
            gone,
        )
    return _carry_out(runtime, made, plan_id, say)


def _carry_out(runtime: Runtime, made: Made, plan_id: str, say: Say) -> int:
    job = runtime.jobs[made.plan.job]
    now = runtime.now()
    with runtime.store.write() as conn:
        run = runs.start(conn, runtime.key, "apply", job.name, f"{runtime.key} · {job.name} · plan {plan_id}", now, "")
    applied = Applier(runtime, made, run).apply()
    state: Outcome = "failed" if applied.problems else "done"
    with runtime.store.write() as conn:
        made.settle(conn)
        runs.finish(conn, run, state, {"written": applied.done}, "; ".join(applied.problems) or None, runtime.now())
        if not applied.problems:
            plans.set_state(conn, plan_id, "applied", None, runtime.now())
        if not applied.problems and made.plan.undoes is None:
            supersede(conn, runtime, job.name, plan_id, f"the plan {plan_id} was applied")
            jobs.hold(conn, runtime.key, job.name, None)
            carried_out(conn, runtime, job)
        if applied.behind or applied.unwritten or made.behind is not None:
            # The target was other than the plan knew, or some of it waits: the worker's next turn puts the rest right.
            jobs.look_again(conn, runtime.key, [job.name], runtime.now())
    for problem in applied.problems:
        say(f"  failed: {problem}")
    say(f"{applied.done} of {len(made.plan.actions)} written.")
    return 1 if applied.problems else 0


def sync(business: str | None, say: Say) -> int:
    """`hub sync`: catch up, look at the target, plan and apply, now. 0 when nothing went wrong."""
    failed = 0
    with opened() as hub:
        worker = Worker(hub.store, hub.runtimes, now=lambda: next(iter(hub.runtimes.values())).now())
        for runtime in chosen(hub, business):
            try:
                for connection in runtime.sources():
                    if not backfills.is_complete(runtime, connection):
                        backfills.backfill(runtime, connection, progress=lambda s, n: say(f"  read {n} {s}"))
                    backfills.catch_up(runtime, connection)
                with runtime.store.write() as conn:
                    jobs.look_again(conn, runtime.key, runtime.jobs, runtime.now())
            except HubError as error:
                say(f"{runtime.key}: {error}")
                failed += 1
                continue
            turns = worker.turns(runtime)
            if not turns:
                say(f"{runtime.key}: nothing was waiting; a running worker may have been faster (`hub status`)")
            for turn in turns:
                say(f"{runtime.key}: {turn.sentence}")
                for problem in turn.problems:
                    say(f"  {problem}")
                failed += len(turn.problems)
    return 1 if failed else 0


def backfill(business: str | None, again: bool, say: Say) -> None:
    """`hub backfill`."""
    with opened() as hub:
        for runtime in chosen(hub, business):
            for connection in runtime.sources():
                say(f"{runtime.key}: reading {connection}")
                started = runtime.now()
                changed = backfills.backfill(
                    runtime, connection, again=again, progress=lambda s, n: say(f"  {n:>7} {s}")
                )
                took = (runtime.now() - started) / timedelta(seconds=1)
                say(f"{runtime.key}: {connection} is read; {changed} records new or changed, {took:.1f} s")


def _need_history(runtime: Runtime) -> None:
    for connection in runtime.needed():
        if not backfills.is_complete(runtime, connection):
            raise ConfigError(
                f"{runtime.key}: the history of {connection} was not read yet, a plan made now would be wrong. "
                f"Run `hub backfill {runtime.key}` first (or `hub up`, which does it)."
            )
