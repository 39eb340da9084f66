"""Why a record starts a journey or does not, and what comes of that journey: `hub why RECORD`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.core.kinds import Kind
from hub.core.types import Record
from hub.mapping.onboarding_job import Event, OnboardingJob, StartsOn
from hub.planning.journeys.facts import facts_of
from hub.planning.journeys.gathered import who_of
from hub.planning.journeys.play import journey_at, played
from hub.planning.journeys.types import Client
from hub.planning.traced import AHEAD, Line, Traced, shown

_READ: Mapping[Event, tuple[Kind, ...]] = {
    "payment": ("payment", "signup", "invoice"),
    "booking": ("booking",),
    "signup": ("signup", "page", "message"),
}
"""Event -> the kinds of record that may say it."""
_PAID = ("paid", "complete", "no_payment_required")


def onboarding(job: OnboardingJob, asked: Traced) -> Iterator[Line]:
    """Each start that reads such records, whose journey it is in, what happened in it, and its steps."""
    starts = [each for each in job.starts_on if each.connection == asked.connection and asked.kind in _READ[each.event]]
    if not starts:
        return
    found = facts_of(job, asked.mirror, asked.aliases, asked.now)
    person = found.of.get(asked.place)
    for start in starts:
        yield from _start(start, asked, person is not None)
    client = found.clients.get(person or "")
    if client is None:
        yield Line(f"{_who(asked.record)} has a journey because of it", False)
        return
    yield from _journey(job, client, asked)


def _start(start: StartsOn, asked: Traced, taken: bool) -> Iterator[Line]:
    """`taken`: it is in a journey, be it for what a record that it belongs to says."""
    fields = asked.record.fields
    yield Line(f"starts_on {start.event} from {start.connection}")
    if start.event == "payment":
        status = fields.get("payment_status") or fields.get("status")
        yield Line(f"paid; seen: {shown(status)}", status is None or status in _PAID)
        if start.product is not None:
            seen = fields.get("products") or fields.get("description")
            yield Line(f"product {start.product}; seen: {shown(seen)}", taken or _names(seen, start.product))
    for name, wanted in (("event_type", start.event_type), ("form", start.form)):
        if wanted is not None:
            seen = next((fields[each] for each in (name, "place", "to") if fields.get(each)), None)
            inside = taken or asked.mirror.stands_in(asked.record, start.connection, wanted)
            yield Line(f"{name} {wanted}; seen: {shown(seen)}", inside)


def _names(seen: object, product: str) -> bool:
    """Whether a list of products has it, or a description names it."""
    if isinstance(seen, tuple):
        return any(isinstance(each, str) and each.strip().casefold() == product.strip().casefold() for each in seen)
    return isinstance(seen, str) and product.casefold() in seen.casefold()


def _who(record: Record) -> str:
    address, name = who_of(record.fields.get("who") or record.fields.get("from"))
    return address or name or record.key


def _journey(job: OnboardingJob, client: Client, asked: Traced) -> Iterator[Line]:
    for fact in client.facts:
        day = f", for {shown(fact.day)}" if fact.day else ""
        yield Line(f"{client.address}: {fact.what} at {shown(fact.at)}{day}")
    hours = job.sending.open_hours
    journey = journey_at(job, asked.business, client.facts, asked.now, hours=hours)
    if journey is None:
        yield Line("something has happened that opens a journey", False)
        return
    reason = f" ({journey.reason})" if journey.reason else ""
    yield Line(f"the journey goes on; it is {journey.state}{reason}", journey.state in ("open", "done"))
    ahead = played(job, asked.business, client.facts, asked.now + AHEAD, hours=hours)
    for doing in ahead:
        yield Line(f"{doing.name}, time {doing.n}: due at {shown(doing.due)}", doing.due <= asked.now)
    for name in (step.name for step in job.steps if step.name not in {doing.name for doing in ahead}):
        yield Line(f"{name}: not due within {AHEAD.days} days, as things are", False)
