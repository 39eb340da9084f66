"""One journey at an instant: its state, every step of it, and when time alone will change that. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.changes import change_of, ended, told
from hub.planning.journeys.clock import Clock
from hub.planning.journeys.facts import in_order
from hub.planning.journeys.sheet import Sheet
from hub.planning.journeys.steps import LEFT_OUT, SETTLED, Case, Item, items, redated
from hub.planning.journeys.story import STARTS, Story
from hub.planning.journeys.types import Client, Doing, Fact, Journey, Mark, Memory, State

_MAILS = frozenset({"send", "tell", "ask"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`items`: what is done, due and ahead. `due`: what is to be done now. `left_out`: what is due and will not be.

    `next_at`: when time alone changes something; None: only an event does. `joined`: ids of other journeys of hers.
    """

    journey: Journey
    client: Client
    story: Story
    state: State
    reason: str
    items: tuple[Item, ...]
    due: tuple[Doing, ...]
    left_out: tuple[tuple[str, str], ...]
    next_at: datetime | None
    joined: tuple[str, ...] = ()


def look(
    journey: Journey,
    client: Client,
    memory: Memory,
    clock: Clock,
    now: datetime,
    *,
    name: str,
    sheet: Sheet | None = None,
    marks: Sequence[Mark] = (),
    joined: Sequence[str] = (),
    whole: bool = True,
) -> Look:
    """`name`: of the job, as keys begin with it. `sheet`: of the version that the journey keeps, where it is at hand.

    `joined`: ids of other journeys that were this person's too. `whole`: with its items.
    """
    client = _by_hand(journey, client, marks)
    story = Story.of(client.facts, now)
    state, reason = _state(journey, story, marks)
    case = Case(
        sheet=sheet or Sheet.of(journey.job),
        name=name,
        ids=(journey.id, *joined),
        client=client,
        story=story,
        opened_at=journey.opened_at,
        memory=memory,
        clock=clock,
        now=now,
    )
    if marks:
        case.ticked = frozenset(mark.value for mark in marks if mark.what == "tick")
        case.skipped = frozenset(mark.value for mark in marks if mark.what == "skip")
        case.resumed = {mark.value: mark.at for mark in marks if mark.what == "resume_here"}
    steps = tuple(items(case))
    if state == "open" and _finished(steps, story, now):
        state = "done"
    found = (*steps, *_changes(case, state, reason))
    moving = _moving(steps, found, state)
    due, waiting = _now(case, moving)
    ahead = [*waiting, *(item.due for item in moving if item.status == "ahead" and item.due is not None)]
    if state in ("open", "done") and story.appointment is not None:
        ahead.append(story.appointment)
    return Look(
        journey=journey,
        client=client,
        story=story,
        state=state,
        reason=reason,
        items=found if whole else (),
        due=tuple(due),
        left_out=tuple(
            (item.key, item.status) for item in moving if item.status in LEFT_OUT and (item.due or now) <= now
        ),
        next_at=min((at for at in ahead if at > now), default=None),
        joined=tuple(joined),
    )


def _by_hand(journey: Journey, client: Client, marks: Sequence[Mark]) -> Client:
    """With what a person said has happened: `hub start` stands for the event that she names, or for the first one."""
    facts: list[Fact] = []
    for mark in marks:
        known = any(fact.what in STARTS for fact in client.facts)
        if mark.what == "start" and (mark.value or not known):
            event = mark.value if mark.value in STARTS else journey.job.starts_on[0].event
            facts.append(Fact(what=event, at=mark.at, of="by hand"))  # type: ignore[arg-type]
    return replace(client, facts=in_order((*client.facts, *facts))) if facts else client


def _state(journey: Journey, story: Story, marks: Sequence[Mark]) -> tuple[State, str]:
    """What the facts and the people come to."""
    mine = [mark for mark in marks if mark.what in _WORDS or (mark.what == "resume" and mark.value in ("", BY_HAND))]
    last = max(mine, key=lambda mark: mark.at, default=None)
    if journey.state == "asked" and (last is None or last.what not in ("allow", "start", "stop")):
        return "asked", journey.reason
    if last is not None and last.what in ("stop", "pause"):
        return ("stopped" if last.what == "stop" else "paused"), BY_HAND
    if story.ends and change_of(journey.job, "refunded").stop:
        reason = "disputed" if story.ends[-1].what == "disputed" else "refunded"
        if not _resumed(marks, reason, story.ends[-1].at):
            return "stopped", reason
    kept = journey.state == "stopped" and journey.reason != BY_HAND
    if kept and not _resumed(marks, journey.reason, journey.changed_at or journey.opened_at):
        return "stopped", journey.reason  # a dispute that was won starts nothing again by itself
    return _paused(journey.job, story, marks) or ("open", "")


BY_HAND = "by hand"
_WORDS = frozenset({"stop", "pause", "allow", "start"})


def _paused(job: OnboardingJob, story: Story, marks: Sequence[Mark]) -> tuple[State, str] | None:
    failed = story.failures and change_of(job, "payment_failed").pause
    if failed and not _resumed(marks, "payment_failed", story.failures[-1].at):
        return "paused", "payment_failed"
    cancelled = story.unbooked and change_of(job, "booking_cancelled").pause
    if cancelled and not (story.cancels and _resumed(marks, "cancelled", story.cancels[-1].at)):
        return "paused", "cancelled"
    return None


def _resumed(marks: Sequence[Mark], reason: str, at: datetime) -> bool:
    """Whether a person said since that it goes on in spite of that."""
    return any(mark.what == "resume" and mark.value in ("", reason) and mark.at >= at for mark in marks)


def _finished(steps: Sequence[Item], story: Story, now: datetime) -> bool:
    """Nothing more will come: every step is settled, and no appointment lies ahead that may still be moved."""
    return all(item.status in SETTLED for item in steps) and all(day and day <= now for day in story.live.values())


def _changes(case: Case, state: State, reason: str) -> Iterator[Item]:
    if state == "asked":
        return
    if state == "stopped":
        if reason in ("refunded", "disputed"):
            yield from ended(case)
        return
    yield from told(case, reason if state == "paused" else None)
    if state != "paused" or reason == "cancelled":
        yield from redated(case)
    if not change_of(case.sheet.job, "refunded").stop:
        yield from ended(case)


def _moving(steps: Sequence[Item], found: Sequence[Item], state: State) -> Sequence[Item]:
    """What time may bring about: in a journey that is paused or stopped only what its changes ask for."""
    return found if state in ("open", "done") else found[len(steps) :]


def _now(case: Case, moving: Sequence[Item]) -> tuple[list[Doing], list[datetime]]:
    """What is to be done now, and when the mails may go that wait for the open hours."""
    due: list[Doing] = []
    waiting: list[datetime] = []
    for item in moving:
        if item.status != "due":
            continue
        due_at = item.due or case.now
        if item.what not in _MAILS:
            due.append(case.doing(item, due_at))
            continue
        may = case.clock.opening(case.now)
        if may <= case.now:
            due.append(case.doing(item, case.clock.opening(due_at)))
        else:
            waiting.append(may)
    return due, waiting
