"""One reader at an instant: which mails may go to her now, when the next may, and what she got. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from hub.planning.alerts.steps import NEVER, Steps, local_time
from hub.planning.alerts.types import Memory, Reader, Sent

Way: TypeAlias = Literal["digest", "mail"]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`now_open`: the ways whose hour of today has come. `slots`: those in which a mail may go out now.

    `last_digest`: when the last one went out. `had_digest`: today. `mails`: those of their own in this week of hers.
    """

    reader: Reader
    steps: Steps
    now: datetime
    today: date
    now_open: frozenset[Way]
    slots: frozenset[Way]
    last_digest: datetime | None
    had_digest: bool
    mails: int

    @classmethod
    def of(cls, reader: Reader, steps: Steps, memory: Memory, sent: Iterable[Sent], now: datetime) -> Desk:
        """`sent`: what went to her."""
        local = now.astimezone(reader.zone)
        today, week = local.date(), local.isocalendar()[:2]
        slots = {way: local_time(today, clock(reader, way), reader.zone) for way in _WAYS}
        begun = frozenset(way for way, slot in slots.items() if slot <= now)
        opened = {way for way in begun if memory.round is not None and slots[way] <= memory.round}
        there = reader.calendar.works(today) and reader.hours[0] <= local.time() <= reader.hours[1]
        mine = [(each.kind, each.at, each.at.astimezone(reader.zone)) for each in sent]
        digests = [(at, there_then.date()) for kind, at, there_then in mine if kind == "digest"]
        had_digest = any(day == today for _, day in digests)
        return cls(
            reader=reader,
            steps=steps,
            now=now,
            today=today,
            now_open=begun,
            slots=frozenset(opened - ({"digest"} if had_digest else set())) if there else frozenset(),
            last_digest=max((at for at, _ in digests), default=None),
            had_digest=had_digest,
            mails=sum(kind == "mail" and at.isocalendar()[:2] == week for kind, _, at in mine),
        )

    def is_open(self, day: date, way: Way) -> bool:
        """Whether what stands on that day of hers may be said by now."""
        return day < self.today or (day == self.today and way in self.now_open)

    def opening(self, day: date, way: Way) -> datetime | None:
        """When what stands on that day may be said; None: never."""
        return None if day >= NEVER else local_time(day, clock(self.reader, way), self.reader.zone)

    def next_slot(self, way: Way) -> datetime | None:
        """The slot in which what waits now goes: that of today while it lasts, else of her next working day."""
        day, calendar = self.today, self.reader.calendar
        over = self.now.astimezone(self.reader.zone).time() > self.reader.hours[1]
        if over or not calendar.works(day) or (way == "digest" and self.had_digest):
            try:
                day = calendar.next_open(day + _DAY)
            except ValueError:
                return None
        return self.opening(day, way)


_WAYS: tuple[Way, ...] = ("digest", "mail")


def clock(reader: Reader, way: Way) -> time:
    """From which local time on mails of that way go: no digest before the open hours."""
    return max(reader.digest_at, reader.hours[0]) if way == "digest" else reader.hours[0]
