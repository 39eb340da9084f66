"""Which planner plans which kind of job. A kind that has none is read and explained, and not run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.engine.calm import calm
from hub.engine.made import Made
from hub.engine.planners import brief, deadlines, onboarding, process, report, revenue, sync
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import BriefJob, FileJob, Job, ProcessJob, ReportJob, brief_job, process_job, report_job
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob


@dataclass(frozen=True, slots=True)
class Planner:
    """`make(runtime, job, notes)`: what the job would change now; reads the store only.

    `look(runtime, job, made)`: bring what we know of the target up to date with the target itself; lines for the plan.

    `fresh(runtime, job, made)`: the plan again, after what its mails speak of was read once more.
    """

    make: Callable[[Runtime, Any, Sequence[str]], Made]
    look: Callable[[Runtime, Any, Made], Sequence[str]]
    fresh: Callable[[Runtime, Any, Made], Made] | None = None


PLANNERS: Mapping[type[Job], Planner] = {
    RevenueJob: Planner(revenue.make, revenue.look),
    SyncJob: Planner(sync.make, sync.look),
    ProcessJob: Planner(process.make, process.look),
    BriefJob: Planner(brief.make, brief.look),
    ReportJob: Planner(report.make, report.look),
    OnboardingJob: Planner(onboarding.make, onboarding.look),
    DeadlineJob: Planner(deadlines.make, deadlines.look, deadlines.fresh),
}


def runs(job: Job) -> bool:
    """Whether this version can run the job, and not only explain it."""
    return type(job) in PLANNERS


def running(business: Business, jobs: Sequence[FileJob], together: Sequence[Business] = ()) -> tuple[Job, ...]:
    """Of a business's jobs those that run, and the hub's own. `together`: every business that runs, for the brief."""
    own = (process_job(business, jobs), brief_job(business, jobs, together), report_job(business, jobs))
    return (*(job for job in jobs if runs(job)), *(job for job in own if job is not None))


def make_plan(runtime: Runtime, job: Job, *, notes: Sequence[str] = ()) -> Made:
    """What the job would change now. Reads one snapshot of the store; writes nothing."""
    with calm():
        return PLANNERS[type(job)].make(runtime, job, notes)


def look_and_plan(runtime: Runtime, job: Job, made: Made) -> Made:
    """Look at the target itself, then plan again with what was found there."""
    return make_plan(runtime, job, notes=PLANNERS[type(job)].look(runtime, job, made))


def freshened(runtime: Runtime, job: Job, made: Made) -> Made:
    """The plan as it is once the mails in it are as fresh as can be; the same where none is to go out."""
    fresh = PLANNERS[type(job)].fresh
    if fresh is None or made.plan.held or not any(action.kind == "send" for action in made.plan.actions):
        return made
    return fresh(runtime, job, made)
