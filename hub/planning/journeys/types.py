"""The words of client journeys: what happened, a journey as the store keeps it, what people said, what is to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from hub.core.money import Money
from hub.core.types import Record
from hub.mapping.onboarding_job import OnboardingJob, Step

What: TypeAlias = Literal[
    "payment", "booking", "signup", "moved", "cancelled", "no_show", "payment_failed", "refunded", "disputed",
]  # fmt: skip
"""What may happen to a client. refunded: all of a payment was given back."""
State: TypeAlias = Literal["asked", "open", "paused", "stopped", "done"]
"""asked: it waits for the OBM's word before its first step. stopped and done: nothing more is done."""
Order: TypeAlias = Literal["start", "pause", "resume", "skip", "stop", "tick", "allow", "move_version", "resume_here"]
"""What a person says of a journey. `value` of skip, tick and resume_here: the step; of start: the event that it stands
for ("" for the first of `starts_on`); of move_version: the version to move to; of resume: the reason for which it was
paused or stopped ("" for any), so that what nobody knew of yet is not waved through. allow: start it (it was asked
about)."""
Deed: TypeAlias = Literal["send", "write", "copy", "task", "ask", "link", "tell", "change"]
"""send: a mail to the client. tell: a mail to people of the business. change: what was made for an appointment follows
its new date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, at the instant at which it did (not at which we heard of it).

    `of`: the purchase or the appointment that it is about: all facts of one appointment, however often it is moved,
    share it. `day`: of a booking or a move, when the appointment begins; None where it was moved and we do not know yet
    to when. `record`: (connection, stream, key) of the record that says so; None for what a person said.
    """

    what: What
    at: datetime
    of: str = ""
    day: datetime | None = None
    amount: Money | None = None
    record: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What has happened to one person with one offer. `address`: normalised (`hub.planning.journeys.persons`).

    `facts`: by their instants. `addresses`: the others under which she is known, as the OBM confirmed.
    """

    address: str
    name: str = ""
    facts: tuple[Fact, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a person said of a journey, when."""

    journey: str
    what: Order
    at: datetime
    value: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One person with one offer, as the store keeps it. `id`: `hub.planning.journeys.persons.journey_id`.

    `opened_at`: when the hub opened it, or when the OBM allowed it: no wait counts from before. `changed_at`:
    since when it is in its state; None: since it was opened. `job`: the mapping that it is pinned to, of that
    `version`. `reason`: why it is asked about, paused or stopped, as a word of `REASONS`, with what it is about after a
    colon ("alike: marie@example.com").
    """

    id: str
    person: str
    offer: str
    opened_at: datetime
    version: str
    job: OnboardingJob
    name: str = ""
    state: State = "open"
    reason: str = ""
    changed_at: datetime | None = None


REASONS = ("before", "alike", "cancelled", "payment_failed", "refunded", "disputed", "by hand", "same person")
"""Why a journey is as it is. before: it began before the hub came. alike: somebody looks like this person.
same person: its address turned out to be another one of somebody who has a journey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the store knows of a job.

    `version`: of the mapping as it is now. `begun`: when the job first ran; None: never. `journeys`: by id.
    `done`: ledger keys of doings that were done, may have been (uncertain) or are under way -> when.
    `stuck`: ledger keys of doings that the schedule has given up on -> when. `marks`: journey id -> what people said of
    it. `aliases`: address -> the address of the same person. `silenced`: addresses that unsubscribed or that a mail
    server refused. `greeted`: person -> the names of the steps and of the texts that were sent to her in journeys of
    other offers. `dated`: ledger key of a copy or a row (n = 1) -> the beginning of the appointment that it was
    last made or changed for, kept from when that was begun on.
    """

    version: str = ""
    begun: datetime | None = None
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    done: Mapping[str, datetime] = field(default_factory=dict)
    stuck: Mapping[str, datetime] = field(default_factory=dict)
    marks: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    silenced: frozenset[str] = frozenset()
    greeted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dated: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Something to do once: a step (its n-th time), or what a change asks for.

    `key`: its ledger key: {job}/{journey id}/{name}/{n}. `name`: the step, or the change (booking_moved, no_show, …).
    `due`: the instant from which on it is to be done; of mails, within the open hours. `what`: the one thing done.
    `text`: the mail to the client. `who`: short names of the people told or asked. `step`: the step as its mapping
    has it; None for a change. `appointment`: when the appointment begins that it is made for, where there is one; what
    is kept of a copy or a row as `Memory.dated`. `start`: the day from which the dates of a copy are counted.
    `about`: of a `tell`, what it says (a word of `TELLS`). `lists`: what there is to close, for people.
    """

    key: str
    journey: str
    name: str
    n: int
    due: datetime
    what: Deed
    client: Client
    text: str | None = None
    who: tuple[str, ...] = ()
    step: Step | None = None
    appointment: datetime | None = None
    start: date | None = None
    about: str = ""
    lists: tuple[str, ...] = ()


TELLS = ("no answer", "late", "booking_moved", "booking_cancelled", "no_show", "payment_failed", "refunded")
"""What people are told. no answer: a step was repeated as often as it may be. late: what was asked is not ticked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What becomes of a journey that the store has. Fields that are None stay as they are."""

    journey: str
    state: State | None = None
    reason: str | None = None
    opened_at: datetime | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the OBM must say. before: did these start already? alike: are these two addresses one person?

    `journey`: the one that waits for the answer. `other`: the address that it looks like.
    """

    what: Literal["before", "alike"]
    journey: str
    person: str
    name: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be done now.

    `open`: new journeys, with their first state. `doings`: what is due, in the order of its instants. `changed`:
    journeys whose state changes. `questions`: for the OBM, those asked before and not answered too. `left_out`: (ledger
    key, why) of mails that are due and will not go out: silenced, greeted, over. `held`: why all of it waits for a
    person; None when it does not. `next_at`: when time alone will next change the plan. `begins`: the first run.
    """

    open: tuple[Journey, ...] = ()
    doings: tuple[Doing, ...] = ()
    changed: tuple[Changed, ...] = ()
    questions: tuple[Question, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    held: str | None = None
    next_at: datetime | None = None
    begins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the mirror says. `clients`: by address. `of`: (connection, stream, key) of a record -> whose it is.

    `nameless`: payments that do not say what was bought. `partial`: (address, payment of which a part was given back).
    `unknown`: records that are of this job and name no address. `calls`: address -> when the first appointment of a
    kind that the job does not name (a discovery call) was held.
    """

    clients: Mapping[str, Client] = field(default_factory=dict)
    of: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    nameless: int = 0
    partial: tuple[tuple[str, Record], ...] = ()
    unknown: tuple[Record, ...] = ()
    calls: Mapping[str, datetime] = field(default_factory=dict)
