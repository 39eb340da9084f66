"""Spans of time as people write them: "3 working days before", "on the day", "2 working days", "4 days".

English words, because they are keys of the language; what people read is in their own.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from pydantic_core import PydanticCustomError

Unit: TypeAlias = Literal["hours", "days", "working days", "weeks"]
LongUnit: TypeAlias = Literal["months", "years"]
Side: TypeAlias = Literal["before", "on", "after"]

_SPAN = r"(?P<count>[0-9]{1,3}) (?P<unit>working days?|days?|weeks?|hours?)"
SPAN_PATTERN = "^[1-9][0-9]{0,2} (working days?|days?|weeks?|hours?)$"
DAYS_PATTERN = "^[1-9][0-9]{0,2} (working days?|days?|weeks?)$"
TERM_PATTERN = "^[1-9][0-9]{0,2} (months?|years?)$"
MOMENT_PATTERN = "^(on the day|[1-9][0-9]{0,2} (working days?|days?|weeks?|hours?) (before|after))$"
_LONG_UNITS: dict[str, LongUnit] = {"month": "months", "year": "years"}
_UNITS: dict[str, Unit] = {"hour": "hours", "day": "days", "working day": "working days", "week": "weeks"}


@dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit, at least one."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"


@dataclass(frozen=True, slots=True)
class Term:
    """So many months or years, at least one: how long something is kept."""

    count: int
    unit: LongUnit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"

    def before(self, day: date) -> date:
        """The day that long before `day`: of a longer month's last days, the last of the shorter month."""
        months = day.year * 12 + day.month - 1 - self.count * (12 if self.unit == "years" else 1)
        if months < 12:  # there is no year 0
            return date.min
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Moment:
    """A span before or after a day, or the day itself (`span` None)."""

    side: Side
    span: Span | None = None

    def __str__(self) -> str:
        return "on the day" if self.span is None else f"{self.span} {self.side}"


def span(value: object) -> Span:
    """ "3 working days" as a Span. PydanticCustomError for anything else."""
    if isinstance(value, Span):
        return value
    found = re.fullmatch(_SPAN, _tidy(value))
    if found is None or int(found["count"]) == 0:
        raise PydanticCustomError("span", "not a span of time")
    return Span(int(found["count"]), _UNITS[found["unit"].removesuffix("s")])


def days(value: object) -> Span:
    """As `span`, of whole days. PydanticCustomError for hours too."""
    try:
        found = span(value)
    except PydanticCustomError:
        found = None
    if found is None or found.unit == "hours":
        raise PydanticCustomError("days", "not a span of days")
    return found


def term(value: object) -> Term:
    """ "3 years" or "18 months" as a Term. PydanticCustomError for anything else."""
    if isinstance(value, Term):
        return value
    found = re.fullmatch(r"([0-9]{1,3}) (month|year)s?", _tidy(value))
    if found is None or int(found[1]) == 0:
        raise PydanticCustomError("term", "not months or years")
    return Term(int(found[1]), _LONG_UNITS[found[2]])


def moment(value: object) -> Moment:
    """ "3 working days before" or "on the day" as a Moment. PydanticCustomError for anything else."""
    if isinstance(value, Moment):
        return value
    text = _tidy(value)
    if text == "on the day":
        return Moment("on")
    for side in ("before", "after"):
        if text.endswith(f" {side}"):
            return Moment(side, span(text.removesuffix(f" {side}")))
    raise PydanticCustomError("moment", "not a moment")


def _tidy(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
