"""A figure of tasks and the tasks that it was counted from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any, Literal, TypeAlias

from hub.core.pasts import Due
from hub.core.types import Value
from hub.planning.prices import to_decimal

Unit: TypeAlias = Literal["percent", "count", "days", "per week"]

LOAD = "load:"
"""load:lea: what a person has before her."""

UNITS: Mapping[str, Unit] = {
    "on_time_rate": "percent",
    "milestones_on_time": "percent",
    "postponed_count": "count",
    "throughput": "per week",
    "cycle_time": "days",
    "cycle_time_p85": "days",
    "overdue_count": "count",
    "overdue_age_median": "days",
    "overdue_age_max": "days",
    "due_today": "count",
    "due_7_days": "count",
    "unassigned": "count",
    "undated": "count",
    "stalled": "count",
}
"""Every figure but `load:PERSON`, and what it is counted in."""

WEEKS = 4
"""Of completions that a week's mean is taken of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One task that was counted, as it was then.

    `who`: names as people read them. `at`: when it was done, or last touched. `number`: its days, or how often it was
    postponed. `first_due`: where it was another one. `counted`: of a share, whether it is in the numerator.
    """

    id: str
    title: str
    who: tuple[str, ...] = ()
    place: str | None = None
    due: Due | None = None
    at: datetime | None = None
    number: Decimal | None = None
    first_due: Due | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFigure:
    """One figure of one local month (`period`, like 2026-10).

    `value` follows from the lines alone (`value_of`); None when there is nothing to divide by or to take the middle of.
    `estimated`: some tasks were done before the hub watched them, and their due date may have moved since.
    `closed`: the month is over.
    """

    figure: str
    period: str
    value: Decimal | None
    unit: Unit
    lines: tuple[TaskLine, ...]
    estimated: bool = False
    closed: bool = False


def is_task_figure(name: str) -> bool:
    """Whether a figure of that name is counted here."""
    return name in UNITS or (name.startswith(LOAD) and name != LOAD)


def unit_of(name: str) -> Unit:
    """What the figure is counted in."""
    return "count" if name.startswith(LOAD) else UNITS[name]


def value_of(name: str, lines: Sequence[TaskLine]) -> Decimal | None:
    """The figure that these lines make."""
    unit = unit_of(name)
    if unit == "count":
        return Decimal(len(lines))
    if unit == "per week":
        return Decimal(len(lines)) / WEEKS
    if not lines:
        return None
    if unit == "percent":
        return to_decimal(Fraction(100 * sum(line.counted for line in lines), len(lines)))
    days = sorted(line.number or Decimal(0) for line in lines)
    if name == "overdue_age_max":
        return days[-1]
    # The nearest rank: so many of a hundred took at most that long, and one of them took exactly that long.
    return days[-(-85 * len(days) // 100) - 1] if name == "cycle_time_p85" else median(days)


def to_values(lines: Iterable[TaskLine]) -> tuple[Mapping[str, Value], ...]:
    """The lines as values that the store keeps: of each, what it says."""
    said = ("title", "who", "place", "due", "at", "number", "first_due")
    return tuple(
        {
            "id": line.id,
            **{name: value for name in said if (value := getattr(line, name)) not in (None, ())},
            **({} if line.counted else {"counted": False}),
        }
        for line in lines
    )


def from_values(proof: Iterable[Mapping[str, Any]]) -> tuple[TaskLine, ...]:
    """The lines that `to_values` wrote."""
    return tuple(TaskLine(**each) for each in proof)
