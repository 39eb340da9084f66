"""Jobs whose mapping is another than the one by which they last wrote: planned again, and looked at twice (R12)."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.core import codec
from hub.core.types import Value
from hub.engine.runtime import Runtime
from hub.mapping.base import Model
from hub.mapping.checks.texts import uses
from hub.mapping.jobs import BriefJob, Job, ProcessJob, ReportJob
from hub.mapping.texts import in_language
from hub.store import jobs


def is_changed(conn: Connection, runtime: Runtime, job: Job) -> bool:
    """Whether a plan by another mapping was carried out, and none by this one yet."""
    last = jobs.written_by(conn, runtime.key, job.name)
    return last is not None and last != mapping_of(runtime, job)


def changed(conn: Connection, runtime: Runtime) -> list[str]:
    """The names of those jobs, and of those whose plan is held: what it waits for may have been put right in a file."""
    held = {state.job for state in jobs.listing(conn, runtime.key) if state.hold is not None}
    return [name for name, job in runtime.jobs.items() if name in held or is_changed(conn, runtime, job)]


def carried_out(conn: Connection, runtime: Runtime, job: Job) -> None:
    """What this mapping asks for is written; from now on its changes are ordinary ones."""
    jobs.writes_by(conn, runtime.key, job.name, mapping_of(runtime, job))


def mapping_of(runtime: Runtime, job: Job) -> str:
    """A digest of what the files say of a job and its business, with the texts that it names.

    What they leave to the defaults is not in it.
    """
    own: tuple[Value, ...] = ()
    models: tuple[Model, ...] = ()
    match job:
        case ProcessJob():
            own, models = (job.connection, job.title or ""), job.explained
        case BriefJob():
            own = (job.connection, job.address, job.at, job.businesses)
        case ReportJob():
            own = (job.connection, job.at, job.figures)
        case _:
            models = (job,)
            names = (use.name for use in uses(job))
            named = (in_language(runtime.texts, name, each) for name in names for each in ("fr", "en"))
            own = tuple((text.name, text.language, text.subject, text.body) for text in dict.fromkeys(named) if text)
    models = (runtime.business, *models)
    # Without warnings: what was put together in Python may hold 12 where a file gives the decimal 12.
    return codec.digest((*own, *(one.model_dump_json(exclude_unset=True, warnings=False) for one in models)))
