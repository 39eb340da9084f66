"""The mirror as jobs of any kind see it: which tasks they watch, what has happened to which person. Pure.

The mirror keeps the last state of each record. What it cannot say of the past is said in `unknown`, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.core.errors import RecordError
from hub.core.kinds import Kind, seen_as
from hub.core.types import Record, Value
from hub.mapping.deadline_job import DeadlineJob, Watch
from hub.mapping.model import Business
from hub.mapping.onboarding_job import Happening, OnboardingJob, StartsOn
from hub.planning.carry import Carrier, Column
from hub.planning.deadlines import OpenTask
from hub.planning.examples import people_of
from hub.planning.journey import Fact
from hub.planning.plan import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """`kinds`: (connection, stream) -> the kind of its records. `ids`: (connection, name in the mapping) -> its id."""

    view: View
    kinds: Mapping[tuple[str, str], Kind] = field(default_factory=dict)
    ids: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, connection: str, kind: Kind) -> Iterator[Record]:
        """The records of that kind at a connection."""
        for (where, stream), known in sorted(self.kinds.items()):
            if where == connection and known == kind:
                yield from sorted(self.view.records(where, stream), key=lambda record: record.key)

    def stands_in(self, record: Record, connection: str, name: str | None) -> bool:
        """Whether the record is in the project, board, database or form of that name."""
        return name is None or any(
            place.get("key") in (name, self.ids.get((connection, name))) or _same(place.get("name"), name)
            for place in _places(record)
        )


def _places(record: Record) -> list[Mapping[str, Value]]:
    found: list[Mapping[str, Value]] = []
    for name in ("place", "places", "form", "event_type"):
        value = record.fields.get(name)
        found += [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Mapping)]
    return found


def _same(one: Value, other: str) -> bool:
    return isinstance(one, str) and one.strip().casefold() == other.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A task that a deadline job watches. `done_at` None: it is open, or nobody can tell since when it is done."""

    record: Record
    task: OpenTask
    created_at: datetime | None
    done_at: datetime | None

    def open_at(self, instant: datetime) -> bool:
        """Whether it was there and not done at that instant, as far as can be told."""
        if self.created_at is not None and self.created_at > instant:
            return False
        return not self.task.done or (self.done_at is not None and self.done_at > instant)


@dataclass(slots=True)
class Tasks:
    """The tasks that a job watches, and what could not be read of the others."""

    found: list[Watched] = field(default_factory=list)
    without_date: int = 0
    unreadable: list[str] = field(default_factory=list)


def tasks(job: DeadlineJob, business: Business, mirror: Mirror) -> Tasks:
    """Every task with a date that the job watches."""
    tasks = Tasks()
    for watch in job.watch:
        for record in mirror.of(watch.connection, "task" if watch.database is None else "page"):
            if not mirror.stands_in(record, watch.connection, watch.thing):
                continue
            try:
                watched = read_task(watch, business, record)
            except RecordError as error:
                tasks.unreadable.append(str(error))
                continue
            if watched is None:
                tasks.without_date += 1
            elif record.fields.get("section") not in watch.skip_lists:
                tasks.found.append(watched)
    return tasks


def read_task(watch: Watch, business: Business, record: Record) -> Watched | None:
    """The record as a task; None when it has no date. RecordError when it cannot be read as one."""
    fields = seen_as(record, "task", watch.names).fields
    due = fields.get("due")
    if not isinstance(due, date):
        return None
    people = Carrier(people=people_of(business), zone=business.zone)
    column = Column(name="assignees", sort="people", connection=watch.connection)
    who = people.plain(fields.get("assignees") or (), column)
    created, done_at = fields.get("created_at"), fields.get("done_at")
    return Watched(
        record=record,
        task=OpenTask(
            title=str(fields.get("title") or record.key),
            due=due.astimezone(business.zone).date() if isinstance(due, datetime) else due,
            assignees=tuple(str(each) for each in who) if isinstance(who, tuple) else (),
            done=bool(fields.get("done")),
        ),
        created_at=created if isinstance(created, datetime) else None,
        done_at=done_at if isinstance(done_at, datetime) else None,
    )


@dataclass(slots=True)
class Journeys:
    """What has happened to each person, and how much of it the mirror cannot place in time or tie to the offer."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)
    of: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(connection, stream, key) of a record -> the person whose journey it is in."""
    without_product: int = 0
    refunds: int = 0

    def add(self, connection: str, record: Record, what: Happening, at: datetime, day: datetime | None = None) -> None:
        person = person_of(record)
        self.facts.setdefault(person, []).append(Fact(what=what, at=at, day=day))
        self.of[connection, record.stream, record.key] = person


def person_of(record: Record) -> str:
    """The address of who paid, booked or signed up; else the name or id."""
    who = record.fields.get("who")
    said = who if isinstance(who, Mapping) else {}
    return next((str(said[name]).strip().casefold() for name in ("email", "name", "key") if said.get(name)), record.key)


def journeys(job: OnboardingJob, mirror: Mirror) -> Journeys:
    """The facts of every person that something started a journey for."""
    found = Journeys()
    for start in job.starts_on:
        if start.event == "payment":
            _payments(start, mirror, found)
        elif start.event == "booking":
            _bookings(start, mirror, found)
        else:
            for record in mirror.of(start.connection, "signup"):
                at = record.fields.get("at")
                if isinstance(at, datetime) and mirror.stands_in(record, start.connection, start.form):
                    found.add(start.connection, record, "signup", at)
    return found


def _payments(start: StartsOn, mirror: Mirror, found: Journeys) -> None:
    for kind in ("payment", "signup"):
        for record in mirror.of(start.connection, "payment" if kind == "payment" else "signup"):
            at, paid = record.fields.get("at"), record.fields.get("status", "paid") in ("paid", "complete")
            if not isinstance(at, datetime) or not paid or (kind == "signup" and record.fields.get("payment") is None):
                continue
            named = names_product(record, start.product)
            if named is None:
                found.without_product += kind == "payment"
            elif named:
                found.add(start.connection, record, "payment", at)
                refunded = getattr(record.fields.get("refunded"), "amount", 0)
                found.refunds += bool(refunded)


def names_product(record: Record, product: str | None) -> bool | None:
    """Whether it was paid for that product; None when the record does not say what was bought."""
    if product is None:
        return True
    products, description = record.fields.get("products"), record.fields.get("description")
    if isinstance(products, tuple) and products:
        return any(_same(each, product) for each in products)
    if isinstance(description, str) and product.casefold() in description.casefold():
        return True
    return None


def _bookings(start: StartsOn, mirror: Mirror, found: Journeys) -> None:
    for record in mirror.of(start.connection, "booking"):
        if not mirror.stands_in(record, start.connection, start.event_type):
            continue
        fields = record.fields
        made, day = fields.get("created_at"), fields.get("starts_at")
        if not isinstance(made, datetime) or not isinstance(day, datetime):
            continue
        found.add(start.connection, record, "moved" if fields.get("moved_from") else "booking", made, day)
        edited = fields.get("cancelled_at") or fields.get("edited_at")
        at = edited if isinstance(edited, datetime) else made
        if fields.get("status") == "cancelled":
            found.add(start.connection, record, "cancelled", at)
        if fields.get("no_show"):
            found.add(start.connection, record, "no_show", max(day, at))


def instants(records: Sequence[Record], name: str) -> Iterator[datetime]:
    """An instant of each record that says it."""
    for record in records:
        value = record.fields.get(name)
        if isinstance(value, datetime):
            yield value
