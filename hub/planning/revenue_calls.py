"""Calls as figures by month, from the bookings of the mirror. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from hub.core.kinds import Kind
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Calls
from hub.planning.calendar import Month
from hub.planning.figure import Figure
from hub.planning.figures import calls
from hub.planning.figures.books import Books
from hub.planning.figures.calls import Call
from hub.planning.figures.lines import figure
from hub.planning.figures.names_calls import CALLS
from hub.planning.journeys.persons import normalised
from hub.planning.plan import View

NAMES = frozenset(each.name for each in CALLS)


def calls_in(view: View, job: RevenueJob, kinds: Mapping[tuple[str, str], Kind], now: datetime) -> tuple[Call, ...]:
    """Every call that the file speaks of, by when it begins."""
    said = job.calls
    if said is None:
        return ()
    streams = [
        stream for (where, stream), kind in sorted(kinds.items()) if (where, kind) == (said.connection, "booking")
    ]
    records = [record for stream in streams for record in view.records(said.connection, stream)]
    titles = {each.key: str(each.fields.get("title") or "") for each in view.records(said.connection, "event_type")}
    return calls.calls_of(sorted(records, key=lambda record: record.key), titles, said, now)


def call_figures(
    paid: Mapping[str, Sequence[datetime]], held: Sequence[Call], said: Calls, span: Sequence[Month], now: datetime
) -> Iterator[Figure]:
    """The figures of calls, by month. They have no currency. `paid`: when each address paid."""
    for month in span:
        for name, lines in calls.lines(held, paid, said, month.start, month.end).items():
            yield figure(name, month, "", lines, estimated=False, closed=month.end <= now)


def addresses_in(view: View, job: RevenueJob) -> dict[str, str]:
    """The address of each customer who has one."""
    customers = (each for read in job.read for each in view.records(read.connection, "customer"))
    return {each.key: normalised(str(each.fields["email"])) for each in customers if each.fields.get("email")}


def payments_by_address(books: Books, addresses: Mapping[str, str]) -> dict[str, list[datetime]]:
    """When each address paid, oldest first."""
    found: dict[str, list[datetime]] = {}
    for each in books.transactions:
        charge = books.charge_of(each) if each.category == "charge" else None
        address = addresses.get(charge.customer or "") if charge is not None else None
        if address:
            found.setdefault(address, []).append(each.at)
    return found
