"""The days of what was copied from a template: they follow their start, counted in working days. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.core.types import Row, Value
from hub.mapping.spans import Span
from hub.planning.workdays import WorkingDays

_FIELDS = ("start", "due")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Redating:
    """`old`: the day from which the days were counted; None: the earliest of them. `new`: from which they shall be."""

    days: WorkingDays
    zone: ZoneInfo
    old: date | None
    new: date

    def moved(self, rows: Iterable[Row]) -> dict[str, Mapping[str, Value]]:
        """Id of a task -> its days as they shall be, for those that are not done and whose days change."""
        tasks = [row for row in rows if row.ref is not None and not row.values.get("done")]
        held = [self._local(value) for row in tasks for name in _FIELDS if (value := row.values.get(name)) is not None]
        start = self.old or min((day for day in held if day is not None), default=None)
        found: dict[str, Mapping[str, Value]] = {}
        for row in tasks:
            values = {
                name: self._value(row.values[name], start) for name in _FIELDS if row.values.get(name) is not None
            }
            if row.ref is not None and any(row.values[name] != value for name, value in values.items()):
                found[row.ref] = values
        return found

    def _local(self, value: Value) -> date | None:
        if isinstance(value, datetime):
            return value.astimezone(self.zone).date()
        return value if isinstance(value, date) else None

    def _value(self, value: Value, start: date | None) -> Value:
        """The same on its new day; an hour stays that hour where the business is."""
        day = self._local(value)
        if day is None or start is None:
            return value
        new = self.days.next_open(day) if start == self.new else self.day(day, start)
        if not isinstance(value, datetime):
            return new
        return datetime.combine(new, value.astimezone(self.zone).timetz()).astimezone(value.tzinfo)

    def day(self, day: date, start: date) -> date:
        """As many working days from the new start as it was from the old one, before it or after."""
        count = self._between(min(day, start), max(day, start))
        if count == 0:
            return self.days.next_open(self.new)
        return self.days.shifted(self.new, Span(count, "working days"), back=day < start)

    def _between(self, first: date, last: date) -> int:
        """Working days after the first day, up to the last."""
        return sum(self.days.works(first + _DAY * number) for number in range(1, (last - first).days + 1))
