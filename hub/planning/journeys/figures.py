"""The figures of client journeys: how fast, how many, what is missing; each with the clients it was counted from. Pure.

Those of speed, of no-shows and of discovery calls are of the last days (`DAYS`); the others are of now. A median over
nothing and a share of nothing are None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any, Literal, TypeAlias

from hub.core.types import Value
from hub.planning.journeys.look import Look
from hub.planning.journeys.types import Found
from hub.planning.prices import to_decimal

DAYS = 90
FigureName: TypeAlias = Literal[
    "hours_to_welcome", "days_to_kickoff", "journeys_open", "journeys_paused", "journeys_stuck", "journeys_done",
    "journeys_asked", "no_show_rate", "calls_converted", "paid_not_booked", "booked_not_paid", "asked_not_ticked",
]  # fmt: skip
"""hours_to_welcome: from the first payment to the first mail that followed it. days_to_kickoff: from the first payment
to the appointment, once it was held. calls_converted: of those who came to a call, who paid afterwards.
asked_not_ticked: what people were asked to do and have not ticked (a contract)."""
Unit: TypeAlias = Literal["hours", "days", "count", "percent"]
UNITS: Mapping[FigureName, Unit] = {
    "hours_to_welcome": "hours",
    "days_to_kickoff": "days",
    "journeys_open": "count",
    "journeys_paused": "count",
    "journeys_stuck": "count",
    "journeys_done": "count",
    "journeys_asked": "count",
    "no_show_rate": "percent",
    "calls_converted": "percent",
    "paid_not_booked": "count",
    "booked_not_paid": "count",
    "asked_not_ticked": "count",
}
NOW = "now"
"""The period of these figures: of the last days, or of this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One client of a figure. `number`: of the median. `counted`: of a share, whether she is in it. `about`: a step."""

    journey: str
    person: str
    name: str
    at: datetime | None = None
    number: Decimal | None = None
    counted: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyFigure:
    """A value with its proof. `value` None: there was nothing to count it from."""

    figure: FigureName
    unit: Unit
    value: Decimal | None
    lines: tuple[Line, ...]


def journey_figures(seen: Mapping[str, Look], facts: Found, now: datetime) -> tuple[JourneyFigure, ...]:
    """Every figure of one offer. `seen`: of `hub.planning.journeys.plan.looks`."""
    every = [seen[key] for key in sorted(seen)]
    since = now - timedelta(days=DAYS)
    return (
        _median("hours_to_welcome", "hours", [each for one in every for each in _welcome(one, since)]),
        _median("days_to_kickoff", "days", [each for one in every for each in _kickoff(one, since, now)]),
        *_states(every),
        _share("no_show_rate", [each for one in every for each in _held(one, since, now)]),
        _share("calls_converted", list(_calls(facts, since))),
        _count("paid_not_booked", (_line(one, one.story.firsts["payment"]) for one in every if _lacks(one, "booking"))),
        _count("booked_not_paid", (_line(one, one.story.firsts["booking"]) for one in every if _lacks(one, "payment"))),
        _count("asked_not_ticked", (each for one in every for each in _asked(one))),
    )


def _line(one: Look, at: datetime | None = None, **more: object) -> Line:
    said = {"journey": one.journey.id, "person": one.client.address, "name": one.client.name or one.journey.name}
    return Line(**said, at=at, **more)  # type: ignore[arg-type]


def _welcome(one: Look, since: datetime) -> Iterator[Line]:
    paid = one.story.firsts.get("payment")
    sent = [item.at for item in one.items if item.what == "send" and item.at is not None]
    first = min((at for at in sent if paid is not None and at >= paid), default=None)
    if paid is not None and first is not None and first >= since:
        yield _line(one, first, number=_parts(first - paid, 3600))


def _kickoff(one: Look, since: datetime, now: datetime) -> Iterator[Line]:
    paid, held = one.story.firsts.get("payment"), one.story.appointment
    missed = {fact.day for fact in one.story.no_shows}
    if paid is not None and held is not None and max(paid, since) <= held <= now and held not in missed:
        yield _line(one, held, number=_parts(held - paid, 86_400))


def _states(every: Sequence[Look]) -> Iterator[JourneyFigure]:
    stuck = {one.journey.id: item.name for one in every for item in one.items if item.status == "stuck"}
    yield _count("journeys_open", (_line(one, one.journey.opened_at) for one in every if one.state == "open"))
    yield _count("journeys_paused", (_line(one, about=one.reason) for one in every if one.state == "paused"))
    running = (one for one in every if one.state in ("open", "paused") and one.journey.id in stuck)
    yield _count("journeys_stuck", (_line(one, about=stuck[one.journey.id]) for one in running))
    yield _count("journeys_done", (_line(one, one.journey.changed_at) for one in every if one.state == "done"))
    yield _count("journeys_asked", (_line(one, about=one.reason) for one in every if one.state == "asked"))


def _held(one: Look, since: datetime, now: datetime) -> Iterator[Line]:
    """Appointments whose time has come: those that were missed, and those that were held."""
    missed = {fact.day for fact in one.story.no_shows}
    for fact in one.story.no_shows:
        if fact.day is None or since <= fact.day <= now:
            yield _line(one, fact.day or fact.at, counted=True)
    for day in one.story.live.values():
        if day is not None and since <= day <= now and day not in missed:
            yield _line(one, day, counted=False)


def _calls(facts: Found, since: datetime) -> Iterator[Line]:
    for person, at in sorted(facts.calls.items()):
        if at < since:
            continue
        client = facts.clients.get(person)
        paid = [] if client is None else [each for each in client.facts if each.what == "payment"]
        if not paid or paid[-1].at >= at:  # who had paid before was no prospect
            name = "" if client is None else client.name
            yield Line(journey="", person=person, name=name, at=at, counted=bool(paid))


def _lacks(one: Look, event: str) -> bool:
    """Paid and not booked, or booked and not paid, while the journey runs and the file asks for both."""
    asked = {start.event for start in one.journey.job.starts_on}
    other = "payment" if event == "booking" else "booking"
    runs = one.state in ("open", "paused") and {event, other} <= asked
    return runs and one.story.has(other) and not one.story.has(event)


def _asked(one: Look) -> Iterator[Line]:
    if one.state in ("open", "paused"):
        for item in one.items:
            if item.status == "asked" and item.n == 1:
                yield _line(one, item.at, about=item.name)


def _parts(span: timedelta, seconds: int) -> Decimal:
    return to_decimal(Fraction(span // timedelta(seconds=1), seconds))


def _median(name: FigureName, unit: Literal["hours", "days"], lines: Sequence[Line]) -> JourneyFigure:
    return JourneyFigure(figure=name, unit=unit, value=value_of(unit, lines), lines=tuple(lines))


def _count(name: FigureName, lines: Iterable[Line]) -> JourneyFigure:
    found = tuple(lines)
    return JourneyFigure(figure=name, unit="count", value=value_of("count", found), lines=found)


def _share(name: FigureName, lines: Sequence[Line]) -> JourneyFigure:
    return JourneyFigure(figure=name, unit="percent", value=value_of("percent", lines), lines=tuple(lines))


def value_of(unit: Unit, lines: Sequence[Line]) -> Decimal | None:
    """The figure that these clients make; None when there is nothing to take the middle of or to divide by."""
    if unit == "count":
        return Decimal(len(lines))
    if unit == "percent":
        return to_decimal(Fraction(100 * sum(line.counted for line in lines), len(lines))) if lines else None
    numbers = [Fraction(line.number) for line in lines if line.number is not None]
    return to_decimal(Fraction(median(numbers))) if numbers else None


def to_values(lines: Iterable[Line]) -> tuple[Mapping[str, Value], ...]:
    """The lines as values that the store keeps."""
    return tuple({name: getattr(line, name) for name in Line.__slots__} for line in lines)


def from_values(proof: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The lines that `to_values` wrote."""
    return tuple(Line(**each) for each in proof)
