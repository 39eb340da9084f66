"""The databases that the jobs of a business write, where the CEO's page stands: it ends in links to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import Job
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob
from hub.planning.page import LINKS, TABLE
from hub.planning.page_facts import Database
from hub.planning.plan import KnownCollection, View
from hub.store import links


def databases(
    conn: Connection, runtime: Runtime, mine: RevenueJob, view: View, page: KnownCollection | None
) -> tuple[Database, ...]:
    """Those that exist, by the names of the jobs; the one of this job stands on the page itself.

    `page`: as it is known. A database that the hub makes is among the links of its job. One that people made and the
    hub only writes in is known by what was read in it. A link that stands stays. The page is made without them: should
    one of them lead nowhere, there is a page all the same.
    """
    if page is None or page.ref is None:
        return ()
    shown = {key: str(row.values.get("text") or "") for key, row in page.rows.items() if row.ref}
    found: dict[str, Database] = {}
    for name, job in sorted(runtime.jobs.items()):
        for made, title in _written(job, mine.show_in.connection):
            if name == mine.name or title in found:
                continue
            before = shown.get(LINKS + title, "").removeprefix(TABLE)
            ref = links.place(conn, runtime.key, name, title) if made else before
            ref = ref or before or _read(runtime, mine.show_in.connection, title, view)
            if ref:
                found[title] = Database(title, ref)
    return tuple(found.values())


def _written(job: Job, connection: str) -> Iterator[tuple[bool, str]]:
    """The databases of a job at that connection: whether the hub makes it, and its title."""
    if isinstance(job, (RevenueJob, DeadlineJob)):
        if job.show_in is not None and job.show_in.connection == connection:
            yield True, job.show_in.database
    elif isinstance(job, SyncJob):
        for side in (job.target, job.source):
            if side.connection == connection and side.database is not None:
                yield False, side.database
    elif isinstance(job, OnboardingJob):
        for step in job.steps:
            if step.write is not None and step.write.connection == connection:
                yield False, step.write.database


def _read(runtime: Runtime, connection: str, title: str, view: View) -> str | None:
    """The id of the database of that title, if anything was read in it."""
    spec = runtime.specs.get(connection)
    for stream, kind in sorted(spec.kinds.items()) if spec is not None else ():
        for record in view.records(connection, stream) if kind == "page" else ():
            place = record.fields.get("place")
            if isinstance(place, Mapping) and _folded(str(place.get("name") or "")) == _folded(title):
                return str(place.get("key") or "") or None
    return None


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
