"""Journeys between the store's rows and what the planner works with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError
from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.mapping.base import Model
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.types import Changed, Journey, Mark
from hub.store import journeys
from hub.store.journeys import JourneyRow, MarkRow


def load(conn: Connection, business: str, job: str) -> dict[str, Journey]:
    """The journeys of a job by their ids, each with the mapping that it is pinned to.

    ConfigError when such a mapping cannot be read any more.
    """
    return {row.id: journey_of(row) for row in journeys.listing(conn, business, job=job)}


def marks_of(conn: Connection, business: str, job: str) -> dict[str, list[Mark]]:
    """Journey -> what people said of it, oldest first."""
    found = journeys.marks_of(conn, business, job)
    return {journey: [_mark(row) for row in rows] for journey, rows in found.items()}


def open_(conn: Connection, business: str, job: OnboardingJob, opened: Iterable[Journey], now: datetime) -> None:
    """Keep new journeys, in their state since `now`. One that is there stays as it is."""
    journeys.open_(conn, business, [_row(job.name, journey, now) for journey in opened])


def change(conn: Connection, business: str, job: OnboardingJob, changed: Iterable[Changed], now: datetime) -> None:
    """Keep what becomes of journeys. One that moves to another version moves to the mapping as it is now."""
    for each in changed:
        pinned = None if each.version is None else (each.version, text_of(job))
        journeys.change(
            conn, business, job.name, each.journey, now,
            state=each.state, reason=each.reason, opened_at=each.opened_at, pinned=pinned,
        )  # fmt: skip


def journey_of(row: JourneyRow) -> Journey:
    """A row as the planner knows it."""
    return Journey(
        id=row.id,
        person=row.person,
        offer=row.offer,
        opened_at=row.opened_at,
        version=row.version,
        job=_job(row.mapping, row.id),
        name=row.name,
        state=row.state,
        reason=row.reason,
        changed_at=row.changed_at,
    )


def _mark(row: MarkRow) -> Mark:
    return Mark(journey=row.journey, what=row.what, at=row.at, value=row.value, by=row.by)


def _row(job: str, journey: Journey, now: datetime) -> JourneyRow:
    return JourneyRow(
        job=job,
        id=journey.id,
        person=journey.person,
        offer=journey.offer,
        opened_at=journey.opened_at,
        version=journey.version,
        mapping=text_of(journey.job),
        name=journey.name,
        state=journey.state,
        reason=journey.reason,
        changed_at=journey.changed_at or now,
    )


def text_of(job: OnboardingJob) -> str:
    """A mapping as text that is read as the same mapping, its name included."""
    return json.dumps(_plain(job), ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    """What a file would say. What it leaves to the defaults is left out, so that a later hub may have others."""
    match value:
        case None | bool() | int() | str():
            return value
        case Model():
            fields = type(value).model_fields
            names = [name for name in fields if name in value.model_fields_set]
            return {fields[name].alias or name: _plain(getattr(value, name)) for name in names}
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case tuple() | list():
            return [_plain(each) for each in value]
    return str(value)  # spans of time and the like, as people write them


@lru_cache(maxsize=256)
def _read(text: str) -> OnboardingJob:
    return OnboardingJob.model_validate_json(text, strict=False)


def _job(text: str, journey: str) -> OnboardingJob:
    try:
        return _read(text)
    except ValidationError as error:
        raise ConfigError(
            f"The mapping that the journey {journey} began with cannot be read by this version of the hub: install "
            "the one from before, and report it."
        ) from error
