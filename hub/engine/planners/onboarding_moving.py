"""What a change of the mapping would mean for the journeys that keep the version they began with."""

from __future__ import annotations

from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.moving import differences
from hub.planning.journeys.plan import looks
from hub.planning.journeys.types import Found, Memory


def moving(runtime: Runtime, job: OnboardingJob, facts: Found, memory: Memory) -> tuple[str, ...]:
    """A line for each that would go on otherwise. Nothing is looked at where all follow the mapping as it is."""
    if all(each.version == memory.version for each in memory.journeys.values()):
        return ()
    shown = looks(job, runtime.business, facts, memory, runtime.now())
    return tuple(differences(shown, job, runtime.business, memory, runtime.now()))
