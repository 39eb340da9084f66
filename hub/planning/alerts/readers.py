"""Who may get a mail: each person of business.yaml, with her zone, working days, hours and language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.mapping.deadline_job import DeadlineJob, Sending
from hub.mapping.model import Business
from hub.mapping.person import Person
from hub.planning.alerts.types import Reader
from hub.planning.workdays import WorkingDays, holidays_of


def readers_of(business: Business, job: DeadlineJob, now: datetime | None = None) -> Mapping[str, Reader]:
    """Everybody by her short name. What a person does not say of herself is as the business has it.

    `now`: the instant for which `left` is meant; without it whoever has a day of leaving has left.
    """
    return {key: reader_of(key, person, business, job.sending, now) for key, person in business.people.items()}


def reader_of(key: str, person: Person, business: Business, sending: Sending, now: datetime | None = None) -> Reader:
    """One of them."""
    zone = ZoneInfo(person.timezone or business.timezone)
    left = person.left is not None and (now is None or person.left <= now.astimezone(zone).date())
    return Reader(
        key=key,
        name=person.name,
        address=person.email or None,
        zone=zone,
        calendar=calendar_of(person, business),
        language=person.language or business.language,
        formal=(person.address_as or business.address_as) == "vous",
        digest_at=sending.digest_time,
        hours=sending.open_hours,
        left=left,
    )


def calendar_of(person: Person, business: Business) -> WorkingDays:
    """The days on which she works: those of her week, without the holidays of her country and her absences."""
    off = frozenset(day for absence in person.away for day in absence.days)
    return _calendar(frozenset(person.working_days or business.working_days), person.holidays or business.holidays, off)


@lru_cache(maxsize=1024)
def _calendar(days: frozenset[str], region: str | None, off: frozenset[date]) -> WorkingDays:
    """One for all who work on the same days: a calendar keeps what it worked out."""
    return WorkingDays(days=days, holidays=holidays_of(region), off=off)
