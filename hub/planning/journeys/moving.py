"""What would become of a running journey if it followed the mapping as it is now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeAlias

from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.look import Look, look
from hub.planning.journeys.steps import Item
from hub.planning.journeys.types import Mark, Memory
from hub.planning.words import Language

Difference: TypeAlias = Literal["new", "gone", "other time", "other"]

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "new": "{step} serait à faire en plus",
        "gone": "{step} ne serait plus à faire",
        "other time": "{step} serait fait à un autre moment",
        "other": "{step} serait fait autrement",
        "line": "{who} garde sa version du fichier ; avec celle d'aujourd'hui (`hub journey move {address}`) : {what}",
        "same": "d'autres parcours gardent leur version du fichier sans que celle d'aujourd'hui y change rien : {n}",
    },
    "en": {
        "new": "{step} would be done as well",
        "gone": "{step} would not be done any more",
        "other time": "{step} would be done at another time",
        "other": "{step} would be done otherwise",
        "line": "{who} keeps the version it began with; by that of today (`hub journey move {address}`): {what}",
        "same": "other journeys that keep their version of the file, for which today's would change nothing: {n}",
    },
}  # fmt: skip


def if_moved(
    seen: Look, job: OnboardingJob, memory: Memory, clock: Clock, now: datetime, marks: Sequence[Mark] = ()
) -> Mapping[str, Difference]:
    """Step -> how what is still to come of it would change; empty when nothing would. `seen`: the journey as it is."""
    journey = replace(seen.journey, job=job)
    other = look(journey, seen.client, memory, clock, now, name=job.name, marks=marks, joined=seen.joined)
    ahead, moved = _ahead(seen.items), _ahead(other.items)
    found: dict[str, Difference] = {}
    for name in dict.fromkeys((*ahead, *moved)):
        before, after = ahead.get(name), moved.get(name)
        if before is None or after is None:
            found[name] = "new" if before is None else "gone"
        elif _deed(before) != _deed(after):
            found[name] = "other"
        elif (before.status, before.due) != (after.status, after.due):
            found[name] = "other time"
    return found


def differences(
    shown: Mapping[str, Look], job: OnboardingJob, business: Business, memory: Memory, now: datetime
) -> Iterator[str]:
    """A line for each running journey of an older version that would go on otherwise, and how many would not."""
    words, clock, same = _WORDS[business.language], Clock.of(business, job), 0
    for key in sorted(shown):
        seen = shown[key]
        if seen.journey.version == memory.version or seen.state not in ("open", "paused"):
            continue
        marks = [mark for each in (key, *seen.joined) for mark in memory.marks.get(each, ())]
        found = if_moved(seen, job, memory, clock, now, marks)
        if not found:
            same += 1
            continue
        what = ", ".join(words[how].format(step=step) for step, how in found.items())
        client = seen.client
        yield words["line"].format(who=client.name or client.address, address=client.address, what=what)
    if same:
        yield words["same"].format(n=same)


def _ahead(items: Sequence[Item]) -> dict[str, Item]:
    return {item.name: item for item in items if item.status in ("due", "ahead", "waits", "stuck")}


def _deed(item: Item) -> object:
    """What is done, whatever the instant."""
    step = item.step
    done = None if step is None else (step.write, step.copies, step.task, step.ask, step.link)
    return (item.what, item.text, item.who, item.n, done)
