"""Working days: the days on which somebody works, without the holidays of her country. Pure.

Holidays: the `holidays` library (python-holidays), by country or country and region: FR, FR-57, BE, CH-VD, CA-QC.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from hub.mapping.spans import Moment, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST = 3660
"""Days that are looked at for one working day: ten years without one mean that there is none."""


@lru_cache(maxsize=64)
def holidays_of(region: str | None) -> Container[date]:
    """The public holidays of a country ("FR") or of one of its regions ("FR-57"). ValueError when it is not known."""
    if region is None:
        return frozenset()
    import holidays

    country, _, subdivision = region.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise ValueError(f"{region} is no country or region that the calendar of holidays knows") from error


@dataclass(frozen=True)
class WorkingDays:
    """The calendar of one person or business. `days`: of DAYS; `off`: days off of her own."""

    days: frozenset[str]
    holidays: Container[date]
    off: frozenset[date] = frozenset()
    _seen: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, days: Sequence[str], region: str | None) -> WorkingDays:
        """From `working_days` and `holidays` of business.yaml."""
        return cls(frozenset(days), holidays_of(region))

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        if day not in self._seen:
            self._seen[day] = DAYS[day.weekday()] in self.days and day not in self.holidays and day not in self.off
        return self._seen[day]

    def shifted(self, day: date, span: Span, back: bool) -> date:
        """`day` moved by days. Working days are counted from the next one on: two before a Friday is Wednesday.

        ValueError for hours, and where there is no working day.
        """
        if span.unit == "hours":
            raise ValueError("hours are no days")
        step = timedelta(days=-1 if back else 1)
        if span.unit != "working days":
            return day + step * span.count * (7 if span.unit == "weeks" else 1)
        left, moved = span.count, day
        for _ in range(_MOST):
            moved += step
            left -= self.works(moved)
            if left == 0:
                return moved
        raise ValueError("this calendar has no working day")

    def day_of(self, moment: Moment, due: date) -> date:
        """The day on which something is to be said about what is due on `due`."""
        return due if moment.span is None else self.shifted(due, moment.span, back=moment.side == "before")

    def next_open(self, day: date) -> date:
        """That day when it is a working day, else the next one."""
        return day if self.works(day) else self.shifted(day, Span(1, "working days"), back=False)
