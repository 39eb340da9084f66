"""Links at which a client books one appointment, once: made for her, kept under their step, offered to her texts.

Nobody can ask Calendly afterwards which links there are: one whose answer was lost is uncertain, and never made again
unseen (R4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.core.errors import ConfigError, RecordError
from hub.core.types import Copied, Record, Ref
from hub.engine.runtime import Runtime
from hub.mapping.onboarding_job import SingleUseLink
from hub.planning.journeys.types import Client
from hub.store.links import Link

LINK = "link"
"""Of links of the store, what keeps the address."""


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that were made, by journey and by person; of several, the last one."""

    journeys: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: str, made: Mapping[str, Link]) -> Links:
        """`made`: what steps have set up, by their ledger keys."""
        found = cls()
        for row, link in sorted(made.items(), key=lambda each: each[1].updated_at):
            address = link.values.get(LINK)
            if isinstance(address, str):
                found.journeys[row.removeprefix(f"{job}/").partition("/")[0]] = address
                found.people[str(link.values.get("person"))] = address
        return found

    def hers(self, journey: str, client: Client) -> str | None:
        """The one of that journey, or of one that was joined with it."""
        own = self.journeys.get(journey)
        people = (client.address, *client.addresses)
        return own or next((self.people[each] for each in people if each in self.people), None)


def make(runtime: Runtime, said: SingleUseLink) -> Copied:
    """A new link. RecordError where there is no such kind of appointment, or the key may not make links."""
    bookings = runtime.connector(said.connection).bookings
    if bookings is None:
        raise RecordError(f"{runtime.title(said.connection)} makes no links for one appointment")
    try:
        address = bookings.single_use_link(_event_type(runtime, said))
    except ConfigError as error:  # what the key may not write, it may well go on reading
        raise RecordError(str(error)) from error
    return Copied(ref=Ref(address), url=address, name=said.event_type)


def _event_type(runtime: Runtime, said: SingleUseLink) -> str:
    """The id of the one kind of appointment of that name."""
    with runtime.store.read() as conn:
        known = list(runtime.view(conn).records(said.connection, "event_type"))
    found = _named(known, said.event_type)
    if not found:  # made since, or nobody reads that calendar
        pages = runtime.source(said.connection).read("event_type", None)
        known = [record for page in pages for record in page.records]
        found = _named(known, said.event_type)
    if len(found) == 1:
        return found[0]
    title = runtime.title(said.connection)
    if found:
        raise RecordError(f"{title} has {len(found)} kinds of appointment called « {said.event_type} »: rename all "
                          "but one.")  # fmt: skip
    there = ", ".join(sorted(str(record.fields.get("title")) for record in known)) or "none"
    raise RecordError(f"{title} shows no kind of appointment « {said.event_type} ». It shows: {there}.")


def _named(records: list[Record], name: str) -> list[str]:
    """The keys of those that can be booked and are called so."""
    wanted = name.strip().casefold()
    return [
        record.key
        for record in records
        if not record.deleted
        and record.fields.get("active") is not False
        and str(record.fields.get("title") or "").strip().casefold() == wanted
    ]
