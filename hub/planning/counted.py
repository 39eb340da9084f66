"""What counting gives, and what it is told of what was counted before. Pure values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from hub.core.kinds import Kind
from hub.core.money import Money
from hub.planning.figure import Figure, ProofLine, Unit
from hub.planning.figures.calls import Call
from hub.planning.figures.currencies import NO_RATES, Rates, Total
from hub.planning.figures.plans import Unsure
from hub.planning.figures.states import Snapshot
from hub.planning.figures.tax import Watched
from hub.planning.launched import Launched

Worth: TypeAlias = Money | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A figure of a period that was over, as it was known last.

    `rules`: the version of the rules that counted it. `because`: why it had changed since the period was over, ""
    where it had not. `lines()`: what it was added from, unpacked when it is asked for.
    """

    value: Worth
    unit: Unit
    estimated: bool
    rules: str
    because: str
    lines: Callable[[], tuple[ProofLine, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the hub remembers. `closed`: key of a figure -> what was known of it after its month was over."""

    closed: Mapping[str, Past] = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()


NOTHING = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside the mirror. `kinds`: (connection, stream) -> the kind of its records."""

    memory: Memory = NOTHING
    rates: Rates = NO_RATES
    kinds: Mapping[tuple[str, str], Kind] = field(default_factory=dict)


ALONE = Around()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Every figure, and what there is to say of them.

    `figures`: those that the job asks for, in its order; each by month, oldest first, the business's currency first.
    `known`: those that anything in the file needs, by key. `rules`: the version of the rules that counted them.
    `restated`: key of a figure of a closed month -> why it is not what it was, in a sentence for people.
    `snapshot`: what subscriptions are now, to be remembered of today.
    """

    figures: tuple[Figure, ...]
    known: Mapping[str, Figure]
    notes: tuple[str, ...]
    rules: str
    restated: Mapping[str, str]
    totals: tuple[Total, ...]
    to_classify: tuple[Unsure, ...]
    watched: Watched | None
    calls: tuple[Call, ...]
    snapshot: Snapshot
    launched: tuple[Launched, ...] = ()
    """The launches that are open, with what was sold in them."""

    def of(self, name: str, period: str, currency: str) -> Figure | None:
        """A figure of a month; None where nobody asked for it."""
        return self.known.get(f"{name}/{period}/{currency}")
