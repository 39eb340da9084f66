"""The steps of a file as planning needs them, worked out once for all its journeys. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hub.mapping.onboarding_job import OnboardingJob, Step
from hub.planning.journeys.types import Deed


@dataclass(frozen=True, slots=True)
class Part:
    """One step. `who`: whom it asks. `last`: how often it may be done. `greets`: a mail that goes out as soon as
    somebody comes, whatever else she does. `for_booking`: it needs the day of an appointment. `follows`: what it made
    holds the date of the appointment. `words`: what a second welcome would be known by.
    """

    step: Step
    name: str
    what: Deed
    who: tuple[str, ...]
    last: int
    greets: bool
    for_booking: bool
    follows: bool
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file. `follows`: the parts that hold the date of an appointment."""

    job: OnboardingJob
    parts: tuple[Part, ...]
    follows: tuple[Part, ...]

    @classmethod
    def of(cls, job: OnboardingJob) -> Sheet:
        """Of one version of a file."""
        parts = tuple(_part(step) for step in job.steps)
        return cls(job, parts, tuple(part for part in parts if part.follows))


def _part(step: Step) -> Part:
    for_booking = step.copies is not None and step.copies.start_on == "booking.day"
    rows = () if step.write is None else tuple(step.write.hub_owns.values())
    return Part(
        step=step,
        name=step.name,
        what=_what(step),
        who=() if step.ask is None else (step.ask.who,),
        last=1 if step.repeat is None else step.repeat.times + 1,
        greets=step.send is not None and bool(step.after) and step.wait is None and step.if_no is None,
        for_booking=for_booking,
        follows=for_booking or any(word in ("booking.day", "booking.time") for word in rows),
        words=frozenset({step.name, step.send or step.name}),
    )


def _what(step: Step) -> Deed:
    """The one thing that a step does."""
    if step.send is not None:
        return "send"
    if step.write is not None:
        return "write"
    if step.copies is not None:
        return "copy"
    if step.task is not None:
        return "task"
    return "ask" if step.ask is not None else "link"
