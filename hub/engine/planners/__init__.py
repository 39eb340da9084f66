"""Which planner plans which kind of job. A kind that has none is read and explained, and not run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.engine.made import Made
from hub.engine.planners import process, revenue, sync
from hub.engine.runtime import Runtime
from hub.mapping.jobs import FileJob, Job, ProcessJob, process_job
from hub.mapping.model import Business, RevenueJob
from hub.mapping.sync_job import SyncJob


@dataclass(frozen=True, slots=True)
class Planner:
    """`make(runtime, job, notes)`: what the job would change now; reads the store only.

    `look(runtime, job, made)`: bring what we know of the target up to date with the target itself; lines for the plan.
    """

    make: Callable[[Runtime, Any, Sequence[str]], Made]
    look: Callable[[Runtime, Any, Made], Sequence[str]]


PLANNERS: Mapping[type[Job], Planner] = {
    RevenueJob: Planner(revenue.make, revenue.look),
    SyncJob: Planner(sync.make, sync.look),
    ProcessJob: Planner(process.make, process.look),
}


def runs(job: Job) -> bool:
    """Whether this version can run the job, and not only explain it."""
    return type(job) in PLANNERS


def running(business: Business, jobs: Sequence[FileJob]) -> tuple[Job, ...]:
    """Of a business's jobs those that run, and the hub's own."""
    own = process_job(business, jobs)
    return (*(job for job in jobs if runs(job)), *(() if own is None else (own,)))


def make_plan(runtime: Runtime, job: Job, *, notes: Sequence[str] = ()) -> Made:
    """What the job would change now. Reads one snapshot of the store; writes nothing."""
    return PLANNERS[type(job)].make(runtime, job, notes)


def look_and_plan(runtime: Runtime, job: Job, made: Made) -> Made:
    """Look at the target itself, then plan again with what was found there."""
    return make_plan(runtime, job, notes=PLANNERS[type(job)].look(runtime, job, made))
