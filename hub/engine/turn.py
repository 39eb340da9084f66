"""One turn of one business: read all that waits, plan what that touches, apply it. The worker and `hub sync` call it.

Only what must survive a power cut waits for the disk: the delivery before it is acknowledged, the ledger before a call.
All else (claims, the mirror, results) is committed in order behind it; lost, it is claimed, read and planned again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hub.core.errors import ConfigError, HubError, TransientError
from hub.engine import post
from hub.engine.apply import Applied, Applier
from hub.engine.calm import calm
from hub.engine.changed import carried_out
from hub.engine.discreet import Discreet
from hub.engine.made import Made
from hub.engine.observe import Observed, observe
from hub.engine.planners import freshened, look_and_plan, make_plan
from hub.engine.runtime import Runtime
from hub.engine.saved import supersede
from hub.engine.schedule import CLAIM_LIMIT, LEASE_SECONDS, RETRY_SECONDS, next_try
from hub.engine.telling import decision, leave_unsaid, tell_held
from hub.mapping.jobs import Job
from hub.planning.plan import Plan
from hub.store import changes, connections, jobs, ledger, plans, runs
from hub.store.changes import Change
from hub.store.jobs import JobTurn
from hub.store.runs import Outcome

log = logging.getLogger("hub.turn")

BEHIND_SECONDS = 300.0
"""When a plan whose source did not answer is made again."""


@dataclass(slots=True)
class JobResult:
    """What a job's turn came to. `plan_id`: the plan is held for a person; `dropped`: a person has dropped that one."""

    job: str
    plan: Plan | None = None
    applied: Applied | None = None
    plan_id: str | None = None
    dropped: str | None = None
    error: str | None = None
    discreet: Discreet | None = None


@dataclass(slots=True)
class Turn:
    """What one turn did, for the log, the run and the Prefect artifact."""

    business: str
    observed: Observed = field(default_factory=Observed)
    jobs: list[JobResult] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The turn in words a person understands."""
        parts = []
        if self.observed.read or self.observed.problems:
            parts.append(f"{self.observed.read} read, {self.observed.changed} changed")
        for result in self.jobs:
            if result.error:
                parts.append(f"{result.job}: {result.error}")
            elif result.plan_id:
                parts.append(f"{result.job}: plan {result.plan_id} is held ({result.plan.held if result.plan else ''})")
            elif result.dropped:
                parts.append(f"{result.job}: plan {result.dropped} was dropped, nothing of it is written")
            else:
                parts.append(f"{result.job}: {_done(result.applied)}")
        return "; ".join(parts) or "nothing to do"

    @property
    def problems(self) -> list[str]:
        found = list(self.observed.problems)
        for result in self.jobs:
            found.extend(result.applied.problems if result.applied else ())
            if result.error:
                found.append(result.error)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Work that this owner, and nobody else, may do until its lease ends."""

    business: str
    changes: Sequence[Change]
    jobs: Sequence[JobTurn]
    name: str
    """For people: what waits, and the jobs that it may concern."""
    run: int


def claim(runtime: Runtime, owner: str) -> Claim | None:
    """Take what is due, or None when nothing is."""
    now = runtime.now()
    with runtime.store.quick() as conn:
        paused = [state.connection for state in connections.listing(conn, runtime.key) if state.paused_at is not None]
        waiting = changes.claim(conn, runtime.key, owner, now, LEASE_SECONDS, CLAIM_LIMIT, paused)
        turns = jobs.claim(conn, runtime.key, owner, now, LEASE_SECONDS)
        turns = [turn for turn in turns if turn.job in runtime.jobs]
        if not waiting and not turns:
            return None
        concerned = {turn.job for turn in turns}
        for connection in {change.connection for change in waiting}:
            concerned.update(runtime.readers(connection))
        name = _name(runtime.key, len(waiting), sorted(concerned))
        run = runs.start(conn, runtime.key, "turn", ",".join(sorted(concerned)), name, now, owner)
    return Claim(business=runtime.key, changes=waiting, jobs=turns, name=name, run=run)


def _name(business: str, count: int, concerned: Sequence[str]) -> str:
    """Like `atelier-lila · 3 changes → revenue`, or `atelier-lila · revenue` when only time has passed."""
    what = "" if not count else f"{count} change{'s' if count > 1 else ''} → "
    return f"{business} · {what}{', '.join(concerned) or 'no job'}"


def take(runtime: Runtime, claimed: Claim, owner: str) -> Turn:
    """Do the claimed work. What goes wrong at a provider is sorted, stored and reported; nothing is raised for it."""
    turn = Turn(business=runtime.key)
    if claimed.changes:
        turn.observed = observe(runtime, claimed.changes)
    due = list(claimed.jobs)
    if turn.observed.changed:
        # Reading has just marked these jobs; claiming them here saves a round of the worker.
        with runtime.store.quick() as conn:
            more = jobs.claim(conn, runtime.key, owner, runtime.now(), LEASE_SECONDS)
        due.extend(turn for turn in more if turn.job in runtime.jobs)
    for job_turn in due:
        turn.jobs.append(_job(runtime, runtime.jobs[job_turn.job], job_turn, claimed.run))
    _finish(runtime, claimed.run, turn)
    return turn


def _job(runtime: Runtime, job: Job, turn: JobTurn, run: int) -> JobResult:
    result = JobResult(job=job.name)
    try:
        made = _plan(runtime, job, turn)
        made = _carry_out(runtime, job, made, run, result)
    except HubError as error:
        result.error = str(error)
        _put_off(runtime, turn, error)
        return result
    except Exception as error:
        # A defect of ours. It must not end the business's other work, nor be silent: the status shows it.
        log.exception("%s: the job %s failed for a reason that it should not have", runtime.key, job.name)
        result.error = f"{job.name} failed for an unexpected reason ({type(error).__name__}); the log has the details"
        _put_off(runtime, turn, TransientError(result.error))
        return result
    _settle(runtime, job, turn, made, result)
    return result


def _plan(runtime: Runtime, job: Job, turn: JobTurn) -> Made:
    """The plan from our links, or, where these may not be the whole truth, from a look at the target."""
    made = make_plan(runtime, job)
    with runtime.store.read() as conn:
        cut_short = [entry for entry in ledger.listing(conn, runtime.key, "started") if entry.job == job.name]
        paused = _paused(conn, runtime, job)
    if any(entry.kind in post.UNSEEN for entry in cut_short):
        # No look can tell whether a mail went out.
        post.settle_cut_short(runtime, job.name)
        cut_short = [entry for entry in cut_short if entry.kind not in post.UNSEEN]
        made = make_plan(runtime, job)
    # Nothing linked yet: the target may hold what an earlier installation wrote, which is adopted, not doubled.
    if turn.look or not made.known or cut_short or paused:
        made = _look_again(runtime, job, made)
    wanted = {action.key for action in made.plan.actions}
    if any(entry.key not in wanted for entry in cut_short):
        # The look has seen what came of them, and the links say it; some looks close their own.
        with runtime.store.quick() as conn:
            left = [entry for entry in ledger.listing(conn, runtime.key, "started") if entry.job == job.name]
            for entry in (entry for entry in left if entry.key not in wanted):
                ledger.done(conn, runtime.key, entry.key, entry.ref, runtime.now())
    return freshened(runtime, job, made)


def _paused(conn: Connection, runtime: Runtime, job: Job) -> list[str]:
    """The paused connections among those that the job writes to."""
    states = connections.listing(conn, runtime.key)
    return [state.connection for state in states if state.paused_at is not None and state.connection in job.writes]


def _look_again(runtime: Runtime, job: Job, made: Made) -> Made:
    """As `look_and_plan`; a target that only a person can put right pauses its connection."""
    try:
        return look_and_plan(runtime, job, made)
    except ConfigError as error:
        if len(job.writes) == 1:
            (connection,) = job.writes
            with runtime.store.write() as conn:
                first = connections.pause(conn, runtime.key, connection, str(error), runtime.now())
            if first:
                log.error("%s: %s is paused: %s", runtime.key, connection, error)
        raise


def _carry_out(runtime: Runtime, job: Job, made: Made, run: int, result: JobResult) -> Made:
    """Apply the plan, and a second one where the first found the target other than we remembered it."""
    for last in (False, True):
        result.plan, result.discreet = made.plan, result.discreet or made.discreet
        if made.plan.held:
            plan_id, said = decision(runtime, made.plan)
            if said == "drop":
                result.dropped = plan_id
                leave_unsaid(runtime, made)
                break
            if said is None:
                result.plan_id = plan_id
                log.warning("%s: plan %s is held: %s", runtime.key, plan_id, made.plan.held)
                tell_held(runtime, made.plan, plan_id, run)
                break
            with runtime.store.write() as conn:
                plans.set_state(conn, plan_id, "applied", "asked for in answer to a mail", runtime.now())
            made = freshened(runtime, job, replace(made, plan=replace(made.plan, held=None)))
            made = replace(made, plan=replace(made.plan, held=None))
            result.plan = made.plan
        if not made.plan.actions:
            break
        applied = Applier(runtime, made, run).apply()
        if result.applied is None:
            result.applied = applied
        else:
            result.applied.add(applied)
        if last or applied.stopped is not None or not (applied.unwritten or applied.behind):
            break
        made = make_plan(runtime, job)
        if applied.unwritten:
            made = _look_again(runtime, job, made)
    return made


def _settle(runtime: Runtime, job: Job, turn: JobTurn, made: Made, result: JobResult) -> None:
    applied = result.applied
    if applied is not None and applied.stopped is not None:
        _put_off(runtime, turn, applied.stopped)
        return
    with calm(), runtime.store.quick() as conn:
        made.settle(conn)
        if made.behind is not None:
            jobs.postpone(conn, turn, runtime.now() + timedelta(seconds=BEHIND_SECONDS), made.behind)
        else:
            problems = "; ".join(applied.problems) if applied and applied.problems else None
            jobs.settle(conn, turn, runtime.now(), problems)
        jobs.hold(conn, runtime.key, job.name, result.plan_id)
        if result.plan_id is None and result.dropped is None:
            carried_out(conn, runtime, job)
        supersede(conn, runtime, job.name, result.plan_id, "the world moved on")
        for connection in _paused(conn, runtime, job):
            # This turn has looked at the target and written what there was to write.
            connections.resume(conn, runtime.key, connection)
            log.info("%s: %s works again", runtime.key, connection)


def _put_off(runtime: Runtime, turn: JobTurn, error: HubError) -> None:
    """A job is never given up: after the schedule's last step it is tried once a day, and the status says so."""
    now = runtime.now()
    after = error.retry_after if isinstance(error, TransientError) else None
    due: datetime | None
    if isinstance(error, ConfigError):
        due = now + timedelta(seconds=300)
    else:
        due = next_try(turn.attempts, now, after) or now + timedelta(seconds=RETRY_SECONDS[-1])
    with runtime.store.quick() as conn:
        jobs.postpone(conn, turn, due, str(error))


def _finish(runtime: Runtime, run: int, turn: Turn) -> None:
    counts = {
        "read": turn.observed.read,
        "changed": turn.observed.changed,
        "written": sum(result.applied.done for result in turn.jobs if result.applied),
        "problems": len(turn.problems),
    }
    held = any(result.plan_id for result in turn.jobs)
    state: Outcome = "failed" if turn.problems else "held" if held else "done"
    with runtime.store.quick() as conn:
        runs.finish(conn, run, state, counts, "; ".join(turn.problems) or None, runtime.now())


def _done(applied: Applied | None) -> str:
    """ "3 written, 2 mails": what a plan came to."""
    if applied is None:
        return "0 written"
    written = applied.done - applied.sent
    mails = f"{applied.sent} mail{'' if applied.sent == 1 else 's'}" if applied.sent else ""
    return ", ".join(part for part in (f"{written} written" if written or not mails else "", mails) if part)


Wrap = Callable[[str, Callable[[], Turn]], Turn]
"""Runs one turn under its name; the flows wrap it in a Prefect task."""
