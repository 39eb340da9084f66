"""The words of deadline alerts: a task as they see it, who reads, what was said before, and a mail to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.pasts import Due, Past
from hub.planning.workdays import WorkingDays

Group: TypeAlias = Literal["late", "today", "soon", "watch"]
"""The part of a digest that a line stands in, in their order; "watch": what is not about one date."""

MailKind: TypeAlias = Literal["digest", "mail", "list", "forward", "held"]
"""digest: one a day for all. mail: one task at once. list: what was late before the hub came. forward: a reply that was
not understood. held: a plan that waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task, whatever tool it stands in.

    `id`: connection/stream/key, the same wherever it is shown. `assignees`: short names of business.yaml; `strangers`:
    the names of assignees who are nobody there. `started_at`: when somebody began it, where that is known.
    `touched_at`: the last activity. `place`: the name of its project, board or database (`place_id`: its id).
    `subtask`: it stands under another task.
    """

    id: str
    connection: str
    stream: str
    key: str
    title: str
    due: Due | None
    done: bool = False
    assignees: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    created_at: datetime | None = None
    done_at: datetime | None = None
    started_at: datetime | None = None
    touched_at: datetime | None = None
    place: str | None = None
    place_id: str | None = None
    section: str | None = None
    url: str | None = None
    milestone: bool = False
    subtask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who gets mails. `hours`: local times between which a mail may go out. `address` None: she has none."""

    key: str
    name: str
    address: str | None
    zone: ZoneInfo
    calendar: WorkingDays
    language: Literal["fr", "en"]
    formal: bool
    """Vous, not tu."""
    digest_at: time
    hours: tuple[time, time]
    left: bool = False
    """She is not in the business any more: nothing goes to her."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Nothing is said of a task to a reader before `until` (a day where she is), unless its due value changes.

    From that day on it is said again, once, if a step is open.
    """

    until: date
    due: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that went out, may have, or is under way."""

    reader: str
    kind: MailKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the store knows.

    `said`: keys of alerts that are in a mail that went out or may have (`hub.planning.alerts.steps.key_of`).
    `round`: up to this instant the schedule has opened the slots of mails; None: never. `begun`: False until a plan
    with `begins` was carried out. `snoozed`: (task id, reader) -> snooze. `not_mine`: (task id, reader, due value) that
    she said is not hers: she is told nothing of it, and where she was the only one, nobody_assigned is told instead.
    `refused`: addresses that a mail server refused for good, in lower case.
    """

    said: frozenset[str] = frozenset()
    sent: Sequence[Sent] = ()
    round: datetime | None = None
    begun: bool = True
    snoozed: Mapping[tuple[str, str], Snooze] = field(default_factory=dict)
    not_mine: frozenset[tuple[str, str, str]] = frozenset()
    past: Mapping[str, Past] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to say. `keys`: the alerts that this line says, so that none of them is said again.

    `task` None: the line is about something else (a project, a person's load), told in `about` and `detail`.
    `step`: the name of the alert or of the rule. `day`: the due day where the reader is, or None.
    """

    step: str
    group: Group
    keys: tuple[str, ...]
    task: Task | None = None
    day: date | None = None
    about: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to be sent. `day`: the local day of its slot. `done`: what the reader completed since her last digest.

    `more`: lines beyond the budget, which are said by their number only (their keys are in `folded`).
    `text`: the name of a text of the OBM, for a mail about one task. `key`: its ledger key.
    A reply that is forwarded: `sender`, at `reply_to`, wrote the words `quoted` to the mail whose subject is `about`.
    A plan that is held: `more` mails or changes wait because of `about`; `url` is where a person decides.
    """

    key: str
    kind: MailKind
    to: Reader
    day: date
    lines: tuple[Line, ...] = ()
    done: tuple[Task, ...] = ()
    more: int = 0
    folded: tuple[str, ...] = ()
    text: str | None = None
    about: str = ""
    quoted: str = ""
    sender: str = ""
    reply_to: str | None = None
    url: str | None = None

    @property
    def covers(self) -> tuple[str, ...]:
        """Every alert that this mail says."""
        return tuple(dict.fromkeys((*(key for line in self.lines for key in line.keys), *self.folded)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be sent now, what is said only here (quiet: alerts that count as said without a mail), and notes.

    `reread`: ids of the tasks in the mails, which must be as fresh as the mails; of a digest those beyond its budget
    too, of the long list of a first run only those that it shows. `waiting`: (reader, instant) of mails
    that wait for their slot. `next_at`: when time alone will next change the plan, None when nothing is ahead.
    `begins`: of a first run, that it is over once these mails went out: its list is among them, or nothing was late.
    """

    mails: tuple[Mail, ...] = ()
    quiet: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reread: tuple[str, ...] = ()
    waiting: tuple[tuple[str, datetime], ...] = ()
    next_at: datetime | None = None
    begins: bool = False
