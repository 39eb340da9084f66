"""The mirror, read once: what has happened to whom with one offer. Pure.

In whatever order the records came, the same records give the same facts: each stands at the instant at which it
happened, never at the one at which we heard of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hub.core.types import Record, Value
from hub.mapping.onboarding_job import OnboardingJob, StartsOn
from hub.planning.journeys.bookings import read_bookings
from hub.planning.journeys.gathered import Gathered, Mirrored, instant, same, text, who_of
from hub.planning.journeys.persons import normalised, person_of
from hub.planning.journeys.purchases import read_purchases
from hub.planning.journeys.types import Client, Fact, Found


def facts_of(
    job: OnboardingJob, mirror: Mirrored, aliases: Mapping[str, str] | None = None, now: datetime | None = None
) -> Found:
    """What the mirror says of everybody whom `starts_on` concerns. `aliases`: address -> address of the same person.

    `now`: appointments of other kinds count as held when they began before; None: whenever they begin.
    """
    found = Gathered()
    calendars: dict[str, list[StartsOn]] = {}
    for start in job.starts_on:
        if start.event == "payment":
            read_purchases(start, mirror, found)
        elif start.event == "booking":
            calendars.setdefault(start.connection, []).append(start)
        else:
            read_signups(start, mirror, found)
    for starts in calendars.values():
        read_bookings(tuple(starts), mirror, found, now)
    return _joined(found, aliases or {})


def _joined(found: Gathered, aliases: Mapping[str, str]) -> Found:
    facts: dict[str, list[Fact]] = {}
    names: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    calls: dict[str, datetime] = {}
    for address, known in found.facts.items():
        person = person_of(address, aliases)
        facts.setdefault(person, []).extend(known)
        if address == person or not names.get(person):
            names[person] = found.names.get(address, "")
        if address != person:
            others.setdefault(person, []).append(address)
    for address, at in found.calls.items():
        person = person_of(address, aliases)
        calls[person] = min(at, calls.get(person, at))
    clients = {
        person: Client(
            address=person,
            name=names[person],
            facts=tuple(sorted(known, key=_order)),
            addresses=tuple(sorted(others.get(person, ()))),
        )
        for person, known in facts.items()
    }
    return Found(
        clients=clients,
        of={record: person_of(address, aliases) for record, address in found.of.items()},
        nameless=len(found.nameless),
        partial=tuple((person_of(address, aliases), record) for (address, _), record in found.partial.items()),
        unknown=tuple(found.unknown),
        calls=calls,
    )


_RANKS = {"payment": 0, "signup": 0, "booking": 0, "moved": 1, "no_show": 2, "cancelled": 3}


def _order(fact: Fact) -> tuple[object, ...]:
    """By instant; of one instant, what must have come first."""
    return (fact.at, _RANKS.get(fact.what, 4), fact.what, fact.of, fact.record or ("", "", ""))


def in_order(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Facts by their instants, whatever order they came in."""
    return tuple(sorted(facts, key=_order))


def read_signups(start: StartsOn, mirror: Mirrored, found: Gathered) -> None:
    """Who filled a form, stands in a row of a database, or wrote to an address."""
    where = start.connection
    for record in mirror.of(where, "signup"):
        if mirror.stands_in(record, where, start.form) and _of_product(record, start.product):
            _signup(where, record, who_of(record.fields.get("who")), record.fields.get("at"), found)
    if start.form is None:  # a whole mailbox or workspace starts nothing
        return
    for record in mirror.of(where, "page"):
        if mirror.stands_in(record, where, start.form) and not record.fields.get("archived"):
            who = _written(record)
            if who[0]:  # a row that is still being filled in names nobody yet
                _signup(where, record, who, record.fields.get("created_at"), found)
    wanted = normalised(start.form)
    for record in mirror.of(where, "message"):
        by_machine = record.fields.get("automatic") or record.fields.get("bounce")
        if wanted and wanted in _addressed(record) and not by_machine:
            _signup(where, record, who_of(record.fields.get("from")), record.fields.get("at"), found)


def _signup(where: str, record: Record, who: tuple[str, str], at: Value, found: Gathered) -> None:
    when = instant(at)
    if when is None:
        return
    if not who[0]:
        found.unknown.append(record)
        return
    found.add(who, Fact(what="signup", at=when, of=record.key, record=(where, record.stream, record.key)))


def _of_product(record: Record, product: str | None) -> bool:
    products = record.fields.get("products")
    return product is None or (isinstance(products, tuple) and any(same(each, product) for each in products))


def _written(record: Record) -> tuple[str, str]:
    """The first address in a row's properties, and its title."""
    properties = record.fields.get("properties")
    values = properties.values() if isinstance(properties, Mapping) else ()
    address = next((found for value in values if "@" in text(value) and (found := normalised(text(value)))), "")
    return address, text(record.fields.get("title")).strip()


def _addressed(record: Record) -> set[str]:
    people = [each for name in ("to", "cc") for each in _all(record.fields.get(name))]
    return {who_of(each)[0] for each in people}


def _all(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()
