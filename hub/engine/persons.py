"""What the store holds about one person, everywhere: records, journeys, mails, answers, plans, deliveries, proofs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.core.types import Record, Value
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.persons import normalised, person_of
from hub.store import forgotten, journeys, mirror, traces
from hub.store.journeys import JourneyRow
from hub.store.mirror import Read
from hub.store.traces import Trace

Name = tuple[str, str, str]
"""(connection, stream, key) of a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is stored about somebody. `addresses`: hers, as the OBM confirmed. `names`: as her records say them.

    `keys`: ids that providers know her and her records by. `records`: hers, and what is about them; `naming`: others
    that name her in a text, which belong to the team. `rows`: what the hub wrote itself, by table. `deliveries`: their
    ids. `proofs`: of figures. `forgotten_at`: when she was forgotten, if she was.
    """

    addresses: frozenset[str]
    names: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    records: tuple[tuple[str, Read], ...] = ()
    naming: tuple[tuple[str, Record], ...] = ()
    journeys: tuple[JourneyRow, ...] = ()
    rows: tuple[Trace, ...] = ()
    deliveries: tuple[int, ...] = ()
    proofs: tuple[tuple[Mapping[str, object], str], ...] = ()
    forgotten_at: datetime | None = None

    @property
    def tables(self) -> Mapping[str, int]:
        """Table -> how many rows of it name her."""
        counts: dict[str, int] = {}
        for trace in self.rows:
            counts[trace.table.name] = counts.get(trace.table.name, 0) + 1
        more = {"deliveries": len(self.deliveries), "figures": len(self.proofs)}
        return counts | {name: count for name, count in more.items() if count}

    @property
    def streams(self) -> Mapping[tuple[str, str], int]:
        """(connection, stream) -> how many of her records it has."""
        counts: dict[tuple[str, str], int] = {}
        for connection, read in self.records:
            place = (connection, read.record.stream)
            counts[place] = counts.get(place, 0) + 1
        return counts

    @property
    def known(self) -> bool:
        return bool(self.records or self.naming or self.tables)


def address_of(words: str) -> str:
    """The normalised address. ConfigError when it is none."""
    address = normalised(words)
    if not address:
        raise ConfigError(f"{words} is no e-mail address. Say the whole of it, like marie@example.com.")
    return address


def find(conn: Connection, runtime: Runtime, address: str) -> Person:
    """All that is stored about who has this (normalised) address."""
    business = runtime.key
    known = journeys.aliases_of(conn, business)
    person = person_of(address, known)
    hers = {person, address} | {each for each in known if person_of(each, known) == person}
    seen = mirror.reads(conn, business)
    records, keys = _records(seen, hers)
    names = frozenset(_names(records, hers))
    spelled = {words for _, read in records for words in forgotten.says_who(read.record) if normalised(words) in hers}
    own = tuple(journeys.of_person(conn, business, hers))
    mine = {(where, read.record.stream, read.record.key) for where, read in records}
    alone = _alone(names, seen, mine)
    words = hers | spelled | {each.id for each in own} | alone
    return Person(
        addresses=frozenset(hers),
        names=names,
        keys=keys,
        records=tuple(records),
        naming=tuple(_naming(seen, mine, hers | spelled | alone)),
        journeys=own,
        rows=tuple(traces.find(conn, business, words, _onboarding(runtime))),
        deliveries=tuple(traces.in_deliveries(conn, business, hers | spelled, mine)),
        proofs=tuple(traces.in_proofs(conn, business, hers | spelled | alone)),
        forgotten_at=forgotten.since(conn, business, address),
    )


def _onboarding(runtime: Runtime) -> list[str]:
    return [name for name, job in runtime.jobs.items() if isinstance(job, OnboardingJob)]


def _records(
    seen: Collection[tuple[str, Read]], hers: Collection[str]
) -> tuple[list[tuple[str, Read]], frozenset[str]]:
    """Her records with those about them, and the ids under which providers know her and them."""
    keys = {
        words
        for _, read in seen
        for named in _people(read.record)
        if normalised(str(named.get("email", ""))) in hers
        for words in (named.get("key"),)
        if isinstance(words, str) and words
    }
    found = [
        (where, read)
        for where, read in seen
        if any(words in keys or normalised(words) in hers for words in forgotten.says_who(read.record))
    ]
    keys |= {read.record.key for _, read in found}
    mine = {(where, read.record.stream, read.record.key) for where, read in found}
    found += [
        (where, read)
        for where, read in seen
        if (where, read.record.stream, read.record.key) not in mine
        and not keys.isdisjoint(forgotten.refers_to(read.record))
    ]
    return found, frozenset(keys)


def _people(record: Record) -> Iterator[Mapping[str, Value]]:
    """The people that a record is of, with the ids by which its provider knows them."""
    fields = record.fields
    yield from (each for name in ("who", "from") if isinstance(each := fields.get(name), Mapping))
    if isinstance(fields.get("email"), str):
        yield {"key": record.key, "email": fields["email"], "name": fields.get("name")}


def _names(records: Collection[tuple[str, Read]], hers: Collection[str]) -> Iterator[str]:
    for _, read in records:
        for named in _people(read.record):
            name = named.get("name")
            if isinstance(name, str) and name.strip() and normalised(str(named.get("email", ""))) in hers:
                yield name.strip()


def _alone(names: Collection[str], seen: Collection[tuple[str, Read]], mine: Collection[Name]) -> set[str]:
    """Those of her names that tell her from everybody else: of two words or more, and nobody else's."""
    others = {
        str(named.get("name")).strip().casefold()
        for where, read in seen
        if (where, read.record.stream, read.record.key) not in mine
        for named in _people(read.record)
    }
    return {name for name in names if len(name.split()) > 1 and name.casefold() not in others}


def _naming(
    seen: Collection[tuple[str, Read]], mine: Collection[Name], words: Collection[str]
) -> Iterator[tuple[str, Record]]:
    pattern = forgotten.naming(words)
    for where, read in seen:
        record = read.record
        if (where, record.stream, record.key) in mine or pattern is None:
            continue
        if any(pattern.search(text) for text in _texts(record.fields)):
            yield where, record


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
