"""What the models cannot see: names that must exist elsewhere, owners that must not meet, circles of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hub.mapping.checks import deadlines, onboarding, revenue, sync
from hub.mapping.checks.around import Around
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import JOB_KINDS, FileJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.problems import Fault, quote
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob
from hub.mapping.tree import Node
from hub.nearest import nearest

_CHECKS: Mapping[type[FileJob], Callable[[Any, Node, Around], Iterator[Fault]]] = {
    RevenueJob: revenue.faults,
    SyncJob: sync.faults,
    DeadlineJob: deadlines.faults,
    OnboardingJob: onboarding.faults,
}


def faults_of_job(job: FileJob, root: Node, around: Around) -> Iterator[Fault]:
    """Everything that one job's file says and that cannot be so."""
    return _CHECKS[type(job)](job, root, around)


def unknown_job(root: Node, kind: Node | None) -> Fault:
    """The fault of a file whose `job` is none that there is; `kind`: what stands there."""
    known = ", ".join(JOB_KINDS)
    if kind is None:
        return Fault(
            root.line, root.column, 'This file has no "job".', f"Say which: {known}. Example: job: revenue_kpis"
        )
    shown = quote(kind.text) if kind.kind == "text" else (kind.text[:40] or "nothing")
    message = f"job: {shown} is not known to this version of hub; known: {known}."
    near = nearest(kind.text, JOB_KINDS)
    return Fault(
        kind.line, kind.column, message, (f'Did you mean "{near}"? ' if near else "") + "Example: job: revenue_kpis"
    )
