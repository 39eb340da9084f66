"""Every kind of job there is: its word in the mapping, and what its file says; and the hub's own job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business, RevenueJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.sync_job import SyncJob

FileJob: TypeAlias = RevenueJob | SyncJob | DeadlineJob | OnboardingJob
"""What a person wrote."""

JOB_KINDS: Mapping[str, type[FileJob]] = {
    "revenue_kpis": RevenueJob,
    "sync": SyncJob,
    "deadline_alerts": DeadlineJob,
    "client_onboarding": OnboardingJob,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessJob:
    """Keeps the page that explains a business's files (`process_page` in business.yaml). It reads nothing else."""

    name: str
    connection: str
    title: str | None
    explained: tuple[FileJob, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        return (self.connection,)

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        return ()


Job: TypeAlias = FileJob | ProcessJob


def process_job(business: Business, explained: Sequence[FileJob]) -> ProcessJob | None:
    """The job that keeps the process page, when business.yaml asks for one."""
    page = business.process
    if page is None:
        return None
    taken = any(job.name == "process" for job in explained)
    name = "process-page" if taken else "process"
    return ProcessJob(name=name, connection=page.connection, title=page.title, explained=tuple(explained))
