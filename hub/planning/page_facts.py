"""What the CEO's page shows beside the figures of money: gathered by the engine, told by the other modules of the page.

`hub.planning.page` puts the page together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.planning.alerts.task_figure import TaskFigure, TaskLine
from hub.planning.brief_facts import Stop
from hub.planning.figures.okr import Entry
from hub.planning.journeys.offers import Offer
from hub.planning.weekly import Closing

SOON = 7
"""Days that count as what comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One call that is to come. `kind`: the name of its event type; `who`: the name of the person, "" when unknown."""

    starts_at: datetime
    kind: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """One that the hub writes, where the page stands. `ref`: as the destination knows it."""

    title: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """`offers`: whose clients are being welcomed. `tasks`: name -> a figure of the tasks, None where none are watched.

    `calls`: what is to come, soonest first; None where no calendar is read. `stops`: connections that the business's
    figures come from and that are paused or silent. `held`: plans that wait for a decision. `read_on`: the local day on
    which every source was last read; None where that is not known.
    """

    offers: tuple[Offer, ...] = ()
    tasks: Mapping[str, TaskFigure] | None = None
    entries: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    """Name of a key result -> what was entered by hand."""
    calls: tuple[Appointment, ...] | None = None
    stops: tuple[Stop, ...] = ()
    held: int = 0
    read_on: date | None = None
    closings: tuple[Closing, ...] = ()
    """Weeks and months that are over and have no page yet."""
    databases: tuple[Database, ...] = ()
    """Those of the other jobs that the page leads to."""
    boss: str = ""
    """The name of the OBM, who sees to what is wrong."""

    def task(self, name: str) -> tuple[TaskLine, ...]:
        """The tasks of a figure."""
        found = (self.tasks or {}).get(name)
        return () if found is None else found.lines


NOTHING = Beside()
