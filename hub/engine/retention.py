"""What is kept for how long. Deliveries, runs and decided plans say who did what: none is needed for ever.

Nor is a past client: once her journeys are over and nothing was heard of her for as long as business.yaml says
(`keep: {past_clients: 3 years}`), she is forgotten as if she had asked for it, and every total stays. If she ever comes
back she is a new client.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select

from hub.core.errors import ConfigError
from hub.core.forgotten import is_pseudonym
from hub.core.kinds import Kind
from hub.core.types import Record, Value
from hub.engine.forgetting import forget
from hub.engine.runtime import Runtime
from hub.planning.journeys.persons import normalised, person_of
from hub.store import forgotten, journeys
from hub.store.schema import deliveries, plans, runs
from hub.store.sql import number

log = logging.getLogger("hub.retention")

MOST = 20
"""People forgotten in one night at most: each is looked for in all that is stored. The others follow."""
_CONTACT = ("at", "created_at", "started_at", "starts_at", "paid_at")
"""Fields that say when somebody did something. What the team or the hub changed since is no contact."""
_ENDED = ("canceled", "incomplete_expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """For how long things are kept.

    deliveries: longer than any provider repeats one. runs, plans: once they are over, six months of history.
    """

    deliveries: timedelta = timedelta(days=30)
    runs: timedelta = timedelta(days=183)
    plans: timedelta = timedelta(days=183)


def purge(runtime: Runtime, keeping: Keeping, *, dry_run: bool) -> dict[str, int]:
    """Table -> how many of its rows are older than that; they are gone unless it is a `dry_run`.

    Work that is under way and plans that wait for a person stay, however old.
    """
    business, now = runtime.key, runtime.now()
    old: list[tuple[Table, ColumnElement[bool]]] = [
        (deliveries, deliveries.c.received_at < now - keeping.deliveries),
        (runs, runs.c.finished_at < now - keeping.runs),
        (plans, plans.c.decided_at < now - keeping.plans),
    ]
    counts: dict[str, int] = {}
    with runtime.store.write() as conn:
        for table, over in old:
            mine = (table.c.business == business, over)
            if dry_run:
                counts[table.name] = conn.execute(select(func.count()).select_from(table).where(*mine)).scalar_one()
            else:
                counts[table.name] = number(conn, delete(table).where(*mine))
    return counts


def forget_old(runtime: Runtime) -> str:
    """Drop what is older than it is kept, and forget past clients; what came of it, in words."""
    counts = {table: count for table, count in purge(runtime, Keeping(), dry_run=False).items() if count}
    said = [f"{count} {table} dropped" for table, count in counts.items()]
    old = past_clients(runtime)
    gone = 0
    for person in old[:MOST]:
        try:
            receipt = forget(runtime, person, forgotten.PAST)
        except ConfigError as error:  # a job is at work: the night is long, and there is another one
            log.info("%s: %s", runtime.key, error)
            break
        gone += 1
        for line in receipt.outside:
            log.info("%s: %s is forgotten. To look at by hand: %s", runtime.key, receipt.mark, line)
    if gone:
        said.append(f"{gone} past clients forgotten after {runtime.business.keep.past_clients}")
    if len(old) > gone:
        said.append(f"{len(old) - gone} more follow the next night")
    return ", ".join(said) or "nothing is older than it is kept"


def past_clients(runtime: Runtime) -> list[str]:
    """Whose journeys are all over and of whom nothing was heard since the day until which the business looks back."""
    business, zone = runtime.key, runtime.business.zone
    first = runtime.business.keep.past_clients.before(runtime.now().astimezone(zone).date())
    limit = datetime.combine(first, time(), zone)
    with runtime.store.read() as conn:
        known = journeys.aliases_of(conn, business)
        last: dict[str, datetime] = {}
        busy: set[str] = set()
        for row in journeys.listing(conn, business):
            person = person_of(row.person, known)
            if is_pseudonym(person):
                continue
            seen = max(row.opened_at, row.changed_at or row.opened_at)
            last[person] = max(seen, last.get(person, seen))
            if row.state not in ("done", "stopped"):
                busy.add(person)
        candidates = {person for person, at in last.items() if at < limit and person not in busy}
        if not candidates:
            return []
        view = runtime.view(conn)
        kinds = {(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()}
        records = [(kinds.get(where), record) for where in view.streams() for record in view.records(*where)]
    heard = _heard(records, known, candidates, runtime.now())
    return sorted(person for person in candidates if max(heard.get(person, last[person]), last[person]) < limit)


def _heard(
    records: Sequence[tuple[Kind | None, Record]], known: Mapping[str, str], people: Collection[str], now: datetime
) -> dict[str, datetime]:
    """Person -> when something was last heard of her."""
    whose: dict[str, str] = {}
    for _, record in records:
        for address, key in _named(record):
            person = person_of(normalised(address), known)
            if person in people:
                whose[key] = whose[normalised(address)] = person
    found: dict[str, datetime] = {}
    for kind, record in records:
        said = set(forgotten.says_who(record))
        hers = {who for words in said if (who := whose.get(words) or whose.get(normalised(words))) is not None}
        at = _contact(kind, record, now) if hers else None
        if at is not None:
            found |= {who: max(at, found.get(who, at)) for who in hers}
    return found


def _named(record: Record) -> Iterator[tuple[str, str]]:
    """The addresses that a record names, each with the id by which its provider knows who has it, or with itself."""
    fields = record.fields
    for who in (fields.get("who"), fields.get("from")):
        if isinstance(who, Mapping) and isinstance(who.get("email"), str):
            yield str(who["email"]), str(who.get("key") or who["email"])
    if isinstance(fields.get("email"), str):
        yield str(fields["email"]), record.key


def _contact(kind: Kind | None, record: Record, now: datetime) -> datetime | None:
    """When it happened; of a subscription that runs, now."""
    fields: Mapping[str, Value] = record.fields
    if kind == "subscription" and fields.get("ended_at") is None and fields.get("status") not in _ENDED:
        return now
    instants = [record.at, *(fields.get(name) for name in _CONTACT)]
    return max((at for at in instants if isinstance(at, datetime)), default=None)
