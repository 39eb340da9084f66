"""Every kind of job there is: its word in the mapping, and what its file says; and the hub's own jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import OBM, Brief, Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob

MAIL_CONNECTOR = "email"
"""The connector that sends mails."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJob:
    """The CEO's mail of each week and month that is over, once `connection` may send it: what its page says.

    `figures`: the names of the files of figures that make such pages. It reads what the hub knows, and no provider.
    """

    name: str
    connection: str
    at: str
    figures: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        return ()

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefJob:
    """The OBM's mail of each working morning, about all `businesses` (key, title) that she runs.

    It is a job of one of them, whose `connection` sends it. It reads what the hub knows, and no provider.
    """

    name: str
    connection: str
    address: str
    at: str
    businesses: tuple[tuple[str, str], ...]

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        return ()

    @property
    def follows(self) -> tuple[tuple[str, str], ...]:
        return ()


Job: TypeAlias = FileJob | ProcessJob | BriefJob | ReportJob


def is_answered(job: Job) -> bool:
    """Whether people answer its mails, so that the connection that they go through is read too."""
    return isinstance(job, DeadlineJob)


def process_job(business: Business, explained: Sequence[FileJob]) -> ProcessJob | None:
    """The job that keeps the process page, when business.yaml asks for one."""
    page = business.process
    if page is None:
        return None
    name = _free("process", "process-page", explained)
    return ProcessJob(name=name, connection=page.connection, title=page.title, explained=tuple(explained))


def report_job(business: Business, jobs: Sequence[FileJob]) -> ReportJob | None:
    """The job that sends the CEO's mails, where there are figures, and somebody to tell them to by mail."""
    mail, figures = business.told, tuple(job.name for job in jobs if isinstance(job, RevenueJob))
    if mail is None or not figures:
        return None
    name = _free("report", "ceo-report", jobs)
    return ReportJob(name=name, connection=_sends(business), at=mail.at, figures=figures)


def brief_job(business: Business, jobs: Sequence[FileJob], together: Sequence[Business]) -> BriefJob | None:
    """The job that sends the OBM's brief, in the one business that is its home; None in every other.

    `together`: every business that runs. An OBM is an address: hers are the businesses in which the person `obm` has
    it and that do not say `brief: false`. The home is the first of them, by key, that can send mails.
    """
    address = _brief_address(business)
    if address is None:
        return None
    hers = sorted((one for one in together if _brief_address(one) == address), key=lambda one: one.key)
    home = next(((one, brief) for one in hers if (brief := one.morning) is not None), None)
    if home is None or home[0].key != business.key:
        return None
    return _brief(business, jobs, home[1], address, hers)


def _brief(
    business: Business, jobs: Sequence[FileJob], brief: Brief, address: str, hers: Sequence[Business]
) -> BriefJob:
    return BriefJob(
        name=_free("brief", "morning-brief", jobs),
        connection=_sends(business),
        address=address,
        at=brief.at,
        businesses=tuple((one.key, one.business) for one in hers),
    )


def _sends(business: Business) -> str:
    """The connection through which mails go. StopIteration: there is none."""
    return next(name for name, config in business.connections.items() if (config.connector or name) == MAIL_CONNECTOR)


def _brief_address(business: Business) -> str | None:
    """Whose brief speaks of the business, in lower case."""
    obm = business.people.get(OBM)
    if not business.brief or obm is None or not obm.email:
        return None
    return obm.email.strip().casefold()


def _free(name: str, other: str, jobs: Sequence[FileJob]) -> str:
    """A file of the business may have taken the name."""
    return other if any(job.name == name for job in jobs) else name
