"""The mirror as jobs of any kind see it, and what has happened to which person. Pure.

The mirror keeps the last state of each record. The tasks in it are read by `hub.planning.alerts.tasks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.kinds import Kind
from hub.core.types import Record, Value
from hub.mapping.onboarding_job import Happening, OnboardingJob, StartsOn
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
        return name is None or self.place_in(record, connection, name) is not None

    def place_in(self, record: Record, connection: str, name: str | None) -> Mapping[str, Value] | None:
        """The one of its places that is called so (the first, where none is asked for), or None."""
        ids = (name, self.ids.get((connection, name or "")))
        for place in _places(record):
            if name is None or place.get("key") in ids or _same(place.get("name"), name):
                return place
        return None


def _places(record: Record) -> list[Mapping[str, Value]]:
    found: list[Mapping[str, Value]] = []
    for name in ("place", "places", "form", "event_type"):
        value = record.fields.get(name)
        found += [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Mapping)]
    return found


def _same(one: Value, other: str) -> bool:
    return isinstance(one, str) and one.strip().casefold() == other.strip().casefold()


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
