"""The days and hours of a business: spans counted from an instant, and when a mail may go out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.spans import Span
from hub.planning.workdays import WorkingDays

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """`hours`: the local times between which mails go out, on working days; None: at any time."""

    days: WorkingDays
    zone: ZoneInfo
    hours: tuple[time, time] | None
    _openings: dict[datetime, datetime] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, business: Business, job: OnboardingJob) -> Clock:
        """The clock of a business, with the open hours of a file."""
        days = WorkingDays.of(business.working_days, business.holidays)
        return cls(days, business.zone, job.sending.open_hours)

    def later(self, instant: datetime, span: Span, *, back: bool = False) -> datetime:
        """`instant` moved by a span, at the same local hour."""
        if span.unit == "hours":
            return instant + timedelta(hours=span.count * (-1 if back else 1))
        local = instant.astimezone(self.zone)
        day = self.days.shifted(local.date(), span, back)
        return datetime.combine(day, local.timetz()).astimezone(UTC)

    def opening(self, instant: datetime) -> datetime:
        """The first instant from `instant` on at which a mail may go out."""
        if self.hours is None:
            return instant
        known = self._openings.get(instant)
        if known is None:
            known = self._openings[instant] = self._opening(instant, *self.hours)
        return known

    def _opening(self, instant: datetime, start: time, end: time) -> datetime:
        local = instant.astimezone(self.zone)
        day, at = local.date(), local.time()
        if self.days.works(day) and at <= end:
            return instant if at >= start else datetime.combine(day, start, self.zone).astimezone(UTC)
        day = self.days.next_open(day + _DAY if self.days.works(day) else day)
        return datetime.combine(day, start, self.zone).astimezone(UTC)
