"""Appointments: however often one is moved, its bookings are one, whichever of them we heard of first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from hub.core.types import Record
from hub.mapping.onboarding_job import StartsOn
from hub.planning.journeys.gathered import Gathered, Mirrored, instant, said, same, text, who_of
from hub.planning.journeys.types import Fact


def read_bookings(starts: tuple[StartsOn, ...], mirror: Mirrored, found: Gathered, now: datetime | None) -> None:
    """The bookings at the connection of these starts (all of one). `now`: the end of what counts as held."""
    where = starts[0].connection
    titles = {each.key: text(each.fields.get("title")) for each in mirror.view.records(where, "event_type")}
    records = {record.key: record for record in mirror.of(where, "booking")}
    for chain in chains(records):
        last = chain[-1]
        who = who_of(last.fields.get("who"))
        if any(_meant(start, mirror, last, titles) for start in starts):
            if not who[0]:
                found.unknown.append(last)
                continue
            for fact in _facts(where, chain):
                found.add(who, fact)
        elif who[0]:
            _call(last, who[0], found, now)


def _meant(start: StartsOn, mirror: Mirrored, record: Record, titles: Mapping[str, str]) -> bool:
    """Whether it is an appointment of the kind that the mapping names, by its name or by that of its event type."""
    if start.event_type is None or mirror.stands_in(record, start.connection, start.event_type):
        return True
    kind = titles.get(text(said(record.fields.get("event_type")).get("key")), "")
    return same(kind, start.event_type) or (not kind and same(record.fields.get("title"), start.event_type))


def chains(records: Mapping[str, Record]) -> Iterator[tuple[Record, ...]]:
    """Bookings joined by what they replace and by what replaces them: either end may be all that we know."""
    after: dict[str, str] = {}
    for key, record in records.items():
        before, later = text(record.fields.get("moved_from")), text(record.fields.get("moved_to"))
        if before in records and before != key:
            after[before] = key
        if later in records and later != key:
            after.setdefault(key, later)
    seen: set[str] = set()
    later_ones = set(after.values())
    for key in (*(key for key in records if key not in later_ones), *records):  # the second: a ring, which has no first
        chain = []
        at: str | None = key
        while at is not None and at not in seen:
            seen.add(at)
            chain.append(records[at])
            at = after.get(at)
        if chain:
            yield tuple(chain)


def _facts(where: str, chain: tuple[Record, ...]) -> Iterator[Fact]:
    first, last = chain[0], chain[-1]
    before = text(first.fields.get("moved_from"))
    of = before or first.key
    gone = last.fields.get("status") == "moved"
    for number, record in enumerate(chain):
        fields, proof = record.fields, (where, record.stream, record.key)
        made, day = instant(fields.get("created_at")) or instant(fields.get("edited_at")), instant(
            fields.get("starts_at")
        )  # fmt: skip
        if made is None or day is None:
            continue
        if number == 0:
            yield Fact(what="booking", at=made, of=of, day=day, record=proof)
        if number or before:
            yield Fact(what="moved", at=made, of=of, day=day, record=proof)
        edited = max(made, instant(fields.get("cancelled_at")) or instant(fields.get("edited_at")) or made)
        if fields.get("no_show"):
            yield Fact(what="no_show", at=max(day, edited), of=of, day=day, record=proof)
        if record is last and gone:  # what replaces it is not here yet
            yield Fact(what="moved", at=edited, of=of, record=proof)
        elif record is last and fields.get("status") == "cancelled":
            yield Fact(what="cancelled", at=edited, of=of, record=proof)


def _call(record: Record, address: str, found: Gathered, now: datetime | None) -> None:
    """An appointment of another kind that was held."""
    at = instant(record.fields.get("starts_at"))
    held = record.fields.get("status") == "active" and not record.fields.get("no_show")
    if at is not None and held and (now is None or at <= now):
        found.calls[address] = min(at, found.calls.get(address, at))
