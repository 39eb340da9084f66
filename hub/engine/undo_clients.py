"""What a run did for clients, as an undo sees it: nothing of it is taken back, and each thing that stays is said.

Who is to go on, and what is to stay of it, only a person can tell; the lines name what she may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.inverse import Done, Inverse, inverse
from hub.planning.inverse_words import say
from hub.store import journeys


def what_stays(runtime: Runtime, job: OnboardingJob, run: int, mine: Sequence[Done]) -> Inverse:
    """No action, and a line for each effect of the run."""
    language = runtime.business.language
    dated = [each for each in mine if each.kind == "copy" and _part(each, 2).endswith(".dates")]
    rest = [each for each in mine if each not in dated]
    back = inverse(job.name, run, rest, (), {}, runtime.business.safety, language)
    with runtime.store.read() as conn:
        theirs = {row.id: row.person for row in journeys.listing(conn, runtime.key, job=job.name)}
    people = (theirs.get(_part(each, 1)) for each in mine)
    commands = [f"`hub journey stop {person}`" for person in dict.fromkeys(people) if person is not None]
    notes = [*back.notes, *(say(language, "dates", what=each.name) for each in dated)]
    if commands:
        notes.append(say(language, "journey", commands=", ".join(commands)))
    return replace(back, notes=tuple(notes))


def _part(effect: Done, number: int) -> str:
    """Of its ledger key: the job, the journey, the step, which time."""
    return (*effect.key.split("/"), "", "", "")[number]
