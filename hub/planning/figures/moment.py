"""Now, as an instant that notes until when what is made of it stays true. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any

_TICK = timedelta(microseconds=1)


class Moment(datetime):
    """An instant that is only compared with others: before the next of those that are still to come, nothing changes.

    `until`: that next one; None when it was compared with none that is to come. Whoever asks it anything else gets the
    answer of a plain instant, and then the next moment may already be another story: `until` is the moment itself.
    """

    until: datetime | None

    @classmethod
    def of(cls, now: datetime) -> Moment:
        made = cls(
            now.year, now.month, now.day, now.hour, now.minute, now.second, now.microsecond, now.tzinfo, fold=now.fold
        )
        made.until = None
        return made

    @property
    def plain(self) -> datetime:
        """The instant as any other; asking does not count."""
        return datetime.combine(datetime.date(self), datetime.timetz(self))

    def _note(self, other: object) -> None:
        if not isinstance(other, datetime) or datetime.__lt__(other, self):
            return
        # At the very instant both answers are near: a moment later it has passed.
        after = self.plain + _TICK if datetime.__eq__(other, self) else other
        if self.until is None or after < self.until:
            self.until = after

    def _used(self) -> datetime:
        self.until = self.plain
        return self.until

    def __lt__(self, other: datetime) -> bool:  # type: ignore[override]
        self._note(other)
        return datetime.__lt__(self, other)

    def __le__(self, other: datetime) -> bool:  # type: ignore[override]
        self._note(other)
        return datetime.__le__(self, other)

    def __gt__(self, other: datetime) -> bool:  # type: ignore[override]
        self._note(other)
        return datetime.__gt__(self, other)

    def __ge__(self, other: datetime) -> bool:  # type: ignore[override]
        self._note(other)
        return datetime.__ge__(self, other)

    def __eq__(self, other: object) -> bool:
        self._note(other)
        return datetime.__eq__(self, other)

    def __hash__(self) -> int:
        return datetime.__hash__(self)

    def __add__(self, other: timedelta) -> datetime:  # type: ignore[override]
        return self._used() + other

    def __sub__(self, other: Any) -> Any:
        return self._used() - other

    def __rsub__(self, other: datetime) -> timedelta:
        return other - self._used()

    def astimezone(self, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return self._used().astimezone(tz)

    def date(self) -> date:
        return self._used().date()
