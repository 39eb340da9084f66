"""When mails may go out: the schedule opens the slots of a business, and its jobs plan at once.

A mail is planned only for a slot that was opened. So the schedule in the Prefect UI, and nothing else, decides whether
mails go out: what is paused there sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from hub.engine import brief, letters
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import BriefJob, ReportJob
from hub.planning.alerts.desk import Way, clock
from hub.planning.alerts.readers import readers_of
from hub.store import jobs, mails


def slots(runtime: Runtime) -> Mapping[tuple[time, str], tuple[str, ...]]:
    """(local time, time zone) at which mails are due -> the jobs that send then."""
    found: dict[tuple[time, str], list[str]] = {}
    for job in runtime.jobs.values():
        if isinstance(job, DeadlineJob):
            ways: set[Way] = {"digest", *(alert.by for alert in job.alerts)}
            for reader in readers_of(runtime.business, job, runtime.now()).values():
                for way in () if reader.left else ways:
                    found.setdefault((clock(reader, way), reader.zone.key), []).append(job.name)
        elif isinstance(job, BriefJob):
            zone = brief.reader_of(runtime, runtime.now()).zone
            found.setdefault((time.fromisoformat(job.at), zone.key), []).append(job.name)
        elif isinstance(job, ReportJob):
            ceo = letters.reader_of(runtime, runtime.now())
            if not ceo.left:
                found.setdefault((time.fromisoformat(job.at), ceo.zone.key), []).append(job.name)
    return {slot: tuple(dict.fromkeys(names)) for slot, names in sorted(found.items())}


def open_round(runtime: Runtime) -> str:
    """Open every slot up to now, and plan what sends mails."""
    now = runtime.now()
    names = sorted({name for names in slots(runtime).values() for name in names})
    with runtime.store.write() as conn:
        mails.open_round(conn, runtime.key, now)
        jobs.dirty(conn, runtime.key, names, now)
    return f"mails that are due by now may go out: {', '.join(names)}"
