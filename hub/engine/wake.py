"""Client journeys wake up when the time of a step has come: the schedule asks for it, as webhooks do at any moment.

Each plan says when time alone will next change it, and the store keeps that: a wake-up at which nothing is due reads
one row and calls nobody. Whoever pauses the schedule in Prefect pauses the journeys: nothing of them is done, whatever
happens meanwhile, and nothing is lost.
"""

from __future__ import annotations

from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.store import jobs

PAUSED = "paused in Prefect; nothing of it is done until its deployment « journeys » runs again"


def sleepers(runtime: Runtime) -> tuple[str, ...]:
    """The jobs that are woken by the schedule."""
    return tuple(name for name, job in runtime.jobs.items() if isinstance(job, OnboardingJob))


def wake(runtime: Runtime) -> str:
    """Plan again the jobs in which something is due by now; what came of that, in a sentence."""
    names = sleepers(runtime)
    with runtime.store.read() as conn:
        paused = [each.job for each in jobs.listing(conn, runtime.key) if each.job in names and each.paused_at]
    if paused:
        return f"{', '.join(paused)}: {PAUSED}"
    with runtime.store.write() as conn:
        woken = jobs.wake(conn, runtime.key, names, runtime.now())
    return f"something is due: {', '.join(woken)} plans again" if woken else "nothing is due by time"


def obey(runtime: Runtime, *, off: bool) -> bool:
    """Do as the schedule in Prefect says: `off` when a person has paused it there. True when that is new."""
    names = sleepers(runtime)
    with runtime.store.read() as conn:
        there = {each.job: each for each in jobs.listing(conn, runtime.key) if each.job in names}
    mine = {name for name, each in there.items() if each.paused_reason == PAUSED}
    change = [name for name in there if there[name].paused_at is None] if off else sorted(mine)
    if not change:
        return False
    now = runtime.now()
    with runtime.store.write() as conn:
        for name in change:
            if off:
                jobs.pause(conn, runtime.key, name, PAUSED, now)
            else:
                jobs.resume(conn, runtime.key, name)
        if not off:
            jobs.dirty(conn, runtime.key, change, now)
    return True
