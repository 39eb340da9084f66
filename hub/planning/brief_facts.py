"""What the morning brief knows of each business: plain facts, gathered by the engine, told by `hub.planning.brief`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from hub.planning.brief_clients import lists
from hub.planning.journeys.offers import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A plan that waits for a decision. `link`: the page where it is taken, None where there is none."""

    job: str
    plan: str
    why: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """An effect of which nobody knows whether it happened. `what`: in the hub's words; `since`: when it was begun."""

    job: str
    what: str
    since: datetime


StopState: TypeAlias = Literal["paused", "silent", "never", "behind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A connection that does not do its work. `title`: the provider's name. `since` None: it never worked.

    behind: `changes` wait to be read, the oldest since then.
    """

    connection: str
    title: str
    state: StopState
    why: str | None = None
    since: datetime | None = None
    changes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A job that is paused, failed, or waits for its turn since `since`."""

    job: str
    state: Literal["paused", "failing", "waiting"]
    why: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Dead letters of a connection, with the reason of the newest."""

    connection: str
    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in business.yaml that only a person can put right.

    left: she is not in the business any more and still has `tasks`. no_address: mails for her go to somebody else.
    refused: a mail server refused her address for good (`why`). stranger: an assignee whom business.yaml does not know.
    """

    kind: Literal["left", "no_address", "refused", "stranger"]
    who: str
    tasks: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """The late tasks of one person (`who` None: nobody's), with the one that is late for the longest time."""

    who: str | None
    tasks: int
    title: str
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """A time in which a provider was not heard. `healed`: when what was missed had been asked for, None: not yet."""

    title: str
    began: datetime
    ended: datetime
    why: str
    healed: datetime | None = None
    reread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessFacts:
    """One business as it is. `unread`: why nothing is known of it; all else is then empty.

    `unsure_count`: all of them, where `unsure` holds the newest. `mails`: sent since the last brief. `tasks`: open
    ones that are watched, None where none are watched. `offers`: whose clients are being welcomed.
    """

    key: str
    title: str
    unread: str | None = None
    faults: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    unsure: tuple[Unsure, ...] = ()
    unsure_count: int = 0
    stops: tuple[Stop, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    dead: tuple[Dead, ...] = ()
    notes: tuple[Note, ...] = ()
    late: tuple[Late, ...] = ()
    blind: tuple[Blind, ...] = ()
    mails: int = 0
    connections: int = 0
    jobs: int = 0
    tasks: int | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def decisions(self) -> int:
        """How many things wait for her word."""
        return len(self.held) + self.unsure_count

    @property
    def repairs(self) -> int:
        """How many things do not work."""
        unhealed = sum(blind.healed is None for blind in self.blind)
        parts = (self.faults, self.stops, self.troubles, self.dead, self.notes)
        return sum(map(len, parts)) + unhealed + (self.unread is not None)

    @property
    def clients(self) -> int:
        """How many clients somebody must see to; one of two offers counts for each."""
        return sum(len({line.journey for _, lines in lists(offer) for line in lines}) for offer in self.offers)

    @property
    def late_tasks(self) -> int:
        """How many tasks are late; one of two people counts for each."""
        return sum(late.tasks for late in self.late)
