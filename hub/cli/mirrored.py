"""A job by its name, and the mirror as any kind of job sees it. Needs no key: nothing is opened."""

from __future__ import annotations

from hub.bootstrap import Hub
from hub.core.errors import ConfigError
from hub.engine.runtime import Runtime
from hub.mapping import lock
from hub.mapping.jobs import Job
from hub.mapping.loader import Configured
from hub.planning.history import Mirror


def configured(hub: Hub, runtime: Runtime) -> Configured:
    """The business as its files say it, with the jobs that this version only explains."""
    return next(item for item in hub.loaded.businesses if item.business.key == runtime.key)


def job_of(item: Configured, name: str) -> Job:
    """ConfigError when there is none of that name."""
    for job in item.jobs:
        if job.name == name:
            return job
    known = ", ".join(job.name for job in item.jobs) or "none"
    raise ConfigError(f"{item.business.key}: no job is called {name}. There are: {known}")


def mirror_of(runtime: Runtime, item: Configured) -> Mirror:
    """What the store holds of the providers."""
    with runtime.store.read() as conn:
        view = runtime.view(conn)
    locked = lock.read(item.folder)
    return Mirror(
        view=view,
        kinds={(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()},
        ids={
            (connection, name): found
            for connection, kinds in locked.items()
            for names in kinds.values()
            for name, found in names.items()
        },
    )
