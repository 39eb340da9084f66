"""What a journey does when something changes: who is told, once for each time that it happened. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from hub.mapping.model import OBM
from hub.mapping.onboarding_job import Change, OnboardingJob
from hub.planning.journeys.steps import Case, Item, Status
from hub.planning.journeys.types import Fact


def change_of(job: OnboardingJob, name: str) -> Change:
    """What a file says of a change."""
    change: Change = getattr(job.changes, name)
    if name in ("refunded", "payment_failed") and not change.tell:
        return change.model_copy(update={"tell": (OBM,)})  # what there is to close must reach somebody
    return change


def told(case: Case, reason: str | None) -> Iterator[Item]:
    """What clients and the OBM are told of changes. `reason`: why the journey is paused; None: it is not."""
    story = case.story
    happened: Mapping[str, Sequence[Fact]] = {
        "booking_moved": story.moves,
        "booking_cancelled": story.cancels,
        "no_show": story.no_shows,
        "payment_failed": story.failures,
    }
    for name, facts in happened.items():
        for number, fact in enumerate(facts, 1):
            yield from _said(case, name, fact, number, reason)


def ended(case: Case) -> Iterator[Item]:
    """What is said when a journey stops because money was given back, with what there is to close."""
    for number, fact in enumerate(case.story.ends, 1):
        yield from _said(case, "refunded", fact, number, None)


def _said(case: Case, name: str, fact: Fact, number: int, reason: str | None) -> Iterator[Item]:
    change = change_of(case.sheet.job, name)
    which = _which(fact, number)
    if change.send is not None:
        key, at = case.key(name, which), case.done_at(name, which)
        status = "done" if at else _mail(case, name, fact, key, reason)
        yield Item(status, key, name, number, "send", fact.at, at, text=change.send)
    if change.tell:
        tell = name if change.send is None else f"{name}.tell"
        about = "disputed" if fact.what == "disputed" else name
        lists = to_close(case) if name == "refunded" else ()
        key, at = case.key(tell, which), case.done_at(tell, which)
        status = "done" if at else "stuck" if case.stuck(key, name) else "due"
        yield Item(status, key, tell, number, "tell", fact.at, at, who=change.tell, about=about, lists=lists)


def _mail(case: Case, name: str, fact: Fact, key: str, reason: str | None) -> Status:
    """Of a mail that a change asks for: it does not go out when it would be wrong by now."""
    if name == "booking_moved":
        if fact.of not in case.story.live:
            return "over"
        day = case.story.live[fact.of]
        if day is None or day <= case.now:  # nobody knows yet to when, or it has begun
            return "waits" if day is None else "over"
    if name in ("booking_cancelled", "no_show") and case.story.rebooked(fact):
        return "over"
    if case.client.address in case.memory.silenced:
        return "silenced"
    if case.stuck(key, name):
        return "stuck"
    own = {"booking_cancelled": "cancelled", "payment_failed": "payment_failed"}
    return "due" if reason is None or reason in (own.get(name), "cancelled") else "waits"


def _which(fact: Fact, number: int) -> object:
    """What tells one event from another: its record, or its number where nothing is recorded."""
    if fact.record is None:
        return number
    return sha256("/".join(fact.record).encode()).hexdigest()[:8]


def to_close(case: Case) -> tuple[str, ...]:
    """What was made for the client and stays, since nothing is ever deleted: "asana: Programme 90 jours"."""
    found = []
    for step in case.sheet.job.steps:
        if case.done_at(step.name, 1) is None:
            continue
        if step.copies is not None:
            found.append(f"{step.copies.connection}: {step.copies.template}")
        elif step.write is not None:
            found.append(f"{step.write.connection}: {step.write.database}")
        elif step.task is not None:
            found.append(f"{step.task.connection}: {step.task.title} ({step.task.place})")
    return tuple(dict.fromkeys(found))
