"""Jobs whose mapping is another than the one by which they last wrote: planned again, and looked at twice (R12)."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.core import codec
from hub.engine.runtime import Runtime
from hub.mapping.jobs import Job, ProcessJob
from hub.store import jobs


def is_changed(conn: Connection, runtime: Runtime, job: Job) -> bool:
    """Whether a plan by another mapping was carried out, and none by this one yet."""
    last = jobs.written_by(conn, runtime.key, job.name)
    return last is not None and last != mapping_of(runtime, job)


def changed(conn: Connection, runtime: Runtime) -> list[str]:
    """The names of those jobs."""
    return [name for name, job in runtime.jobs.items() if is_changed(conn, runtime, job)]


def carried_out(conn: Connection, runtime: Runtime, job: Job) -> None:
    """What this mapping asks for is written; from now on its changes are ordinary ones."""
    jobs.writes_by(conn, runtime.key, job.name, mapping_of(runtime, job))


def mapping_of(runtime: Runtime, job: Job) -> str:
    """A digest of what the files say of a job and its business; what they leave to the defaults is not in it."""
    own = (job.connection, job.title or "") if isinstance(job, ProcessJob) else ()
    models = (runtime.business, *(job.explained if isinstance(job, ProcessJob) else (job,)))
    # Without warnings: what was put together in Python may hold 12 where a file gives the decimal 12.
    return codec.digest((*own, *(one.model_dump_json(exclude_unset=True, warnings=False) for one in models)))
