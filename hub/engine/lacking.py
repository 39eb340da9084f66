"""What the targets of the jobs lack: databases and properties that `hub setup` can make, and what it cannot."""

from __future__ import annotations

from hub.core.protocol import Destination
from hub.core.types import Collection, Ref
from hub.engine.accounts import Accounts
from hub.engine.amiss import Amiss, Lacks, Step, absent, compare
from hub.engine.amiss import made as made_of
from hub.engine.lacking_pair import Pair
from hub.engine.lacking_rows import Rows
from hub.engine.planners import make_plan
from hub.engine.runtime import Runtime
from hub.engine.target import in_order
from hub.mapping.checks.around import Path
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.jobs import Job, ProcessJob
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.sync_job import SyncJob
from hub.planning.alerts.shown import desired_list

SHOWN: Path = ("show_in",)
PROCESS: Path = ("process_page",)


def lacks(runtime: Runtime, job: Job, accounts: Accounts) -> Lacks:
    """What the job's target lacks now, and a sync's source. Raises what a connection raises.

    It is asked of the places themselves and not of a plan, which would open what may be still to be made.
    """
    found = Lacks()
    if isinstance(job, SyncJob):
        Pair(job, runtime.business.language, accounts, found).look()
    elif isinstance(job, OnboardingJob):
        Rows(job, runtime.business.language, accounts, found).look()
    else:
        _wanted(runtime, job, accounts, found)
    return found


def _wanted(runtime: Runtime, job: Job, accounts: Accounts, found: Lacks) -> None:
    """The collections that the job fills."""
    file, path = ("business.yaml", PROCESS) if isinstance(job, ProcessJob) else (f"{job.name}.yaml", SHOWN)
    refs: dict[str, Ref] = {}
    for collection, connection in _filled(runtime, job):
        destination = accounts.destination(connection)
        inside = refs.get(collection.inside) if collection.inside else None
        ref = None if collection.inside and inside is None else destination.find(collection, inside)
        if ref is not None:
            refs[collection.name] = ref
            compare(destination, collection, ref, found, lambda says: Amiss(says, path, file))
            continue

        def make(destination: Destination = destination, collection: Collection = collection) -> None:
            parent = refs.get(collection.inside) if collection.inside else None
            refs[collection.name] = destination.prepare(collection, None, parent)

        found.steps.append(Step(made_of(collection), f"{absent(collection)}; the hub will make it", make))


def _filled(runtime: Runtime, job: Job) -> list[tuple[Collection, str]]:
    """Each collection that the job fills, with its connection, pages before what lies inside them."""
    if isinstance(job, DeadlineJob):
        # Its plan would open what it watches, which may be the very thing that is still to be made.
        show = job.show_in
        return [] if show is None else [(desired_list(show, runtime.business, (), {}).collection, show.connection)]
    made = make_plan(runtime, job)
    return [(want.collection, made.homes[want.collection.name].connection) for want in in_order(made.desired)]
