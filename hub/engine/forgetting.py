"""Taking a person out of the store so that every total stays.

Her records keep their amounts, instants, states and ids under a pseudonym; what else names her is rewritten; kept
deliveries are dropped; her journeys stop. Whom we were asked to forget is known by a salted hash, so that a renewed
read brings nothing of it back (`hub.store.forgotten`). What is outside is for people: the receipt says where to go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.core.types import Record
from hub.engine.heart import owner_name
from hub.engine.persons import Person, find
from hub.engine.runtime import Runtime
from hub.planning.journeys.persons import journey_id, normalised
from hub.store import forgotten, jobs, journeys, mirror, runs, traces
from hub.store.journeys import JourneyRow, MarkRow
from hub.store.traces import Trace

LEASE_SECONDS = 600.0
"""How long the jobs are kept, should the command be killed before it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was taken out, when. `mark`: what stands where she was. `outside`: what people must do, a line each."""

    mark: str
    at: datetime
    records: Mapping[tuple[str, str], int]
    tables: Mapping[str, int]
    stopped: int
    outside: tuple[str, ...]


def forget(runtime: Runtime, address: str, why: str = forgotten.ASKED) -> Receipt:
    """Take who has this (normalised) address out of the store, in one transaction. `why`: ASKED or PAST.

    ConfigError while a job of the business is at work, and where nothing is stored about her.
    """
    with _at_rest(runtime), runtime.store.write() as conn:
        mirror.keep_still(conn, runtime.key)
        person = find(conn, runtime, address)
        if not person.known:
            raise ConfigError(f"{runtime.key}: nothing is stored about {address}. `hub person` looks for others.")
        return _forget(conn, runtime, person, why)


@contextmanager
def _at_rest(runtime: Runtime) -> Iterator[None]:
    """Inside the block no job of the business plans or writes. ConfigError while one does."""
    owner = owner_name()
    with runtime.store.write() as conn:
        names = [state.job for state in jobs.listing(conn, runtime.key)]
        busy = [job for job in names if not jobs.take(conn, runtime.key, job, owner, runtime.now(), LEASE_SECONDS)]
        if busy:
            jobs.release(conn, owner, runtime.key)
    if busy:
        raise ConfigError(
            f"{runtime.key}: the worker is at {', '.join(busy)} just now; nothing was changed. Try again in a moment."
        )
    try:
        yield
    finally:
        with runtime.store.write() as conn:
            jobs.release(conn, owner, runtime.key)


def _forget(conn: Connection, runtime: Runtime, person: Person, why: str) -> Receipt:
    business, now = runtime.key, runtime.now()
    traces.overwrite(conn)
    pseudonym = forgotten.add(conn, business, person.addresses | person.keys, now, why)
    mark = pseudonym.partition("@")[0]
    for journey in person.journeys:
        _stop(conn, business, journey, now)
    own = [each.id for each in person.journeys]
    hers = tuple(traces.find(conn, business, own, ()))
    shared = {name: mark for name in person.names if len(name.split()) > 1}
    instead = {**shared, **dict.fromkeys(_spelled(person), pseudonym), **_ids(person.journeys, pseudonym)}
    rows = _once([*person.rows, *hers])
    alone = {_row(each) for each in hers}
    traces.rewrite(conn, [each for each in rows if _row(each) not in alone], instead)
    traces.rewrite(conn, [each for each in rows if _row(each) in alone], dict.fromkeys(person.names, mark) | instead)
    _empty(conn, business, rows, person.journeys, pseudonym)
    traces.rewrite_proofs(conn, person.proofs, instead)
    traces.drop_deliveries(conn, person.deliveries)
    by_connection: dict[str, list[tuple[Record, datetime]]] = {}
    for connection, read in person.records:
        by_connection.setdefault(connection, []).append((read.record, read.read_at))
    for connection, reads in sorted(by_connection.items()):
        mirror.put_reads(conn, business, connection, reads)
    jobs.dirty(conn, business, runtime.jobs, now)
    receipt = Receipt(
        mark=mark,
        at=now,
        records=person.streams,
        tables=person.tables,
        stopped=sum(each.state not in ("stopped", "done") for each in person.journeys),
        outside=tuple(outside(runtime, person)),
    )
    run = runs.start(conn, business, "forget", mark, f"{business} · {mark} is forgotten", now, "")
    counts = {**{f"{where}/{stream}": n for (where, stream), n in receipt.records.items()}, **receipt.tables}
    runs.finish(conn, run, "done", counts, None, now)
    return receipt


def _empty(
    conn: Connection, business: str, rows: Collection[Trace], own: Collection[JourneyRow], pseudonym: str
) -> None:
    """What was written to her is gone altogether: a text may name her in more ways than we know of."""
    new = _ids(own, pseudonym)
    traces.empty_effects(conn, business, [f"{each.job}/{new[each.id]}/" for each in own], pseudonym)
    for trace in rows:
        if trace.table.name == "plans":
            traces.drop_plan(conn, business, str(trace.row["id"]))


def _spelled(person: Person) -> frozenset[str]:
    words = {each for _, read in person.records for each in forgotten.says_who(read.record)}
    return person.addresses | {each for each in words if normalised(each) in person.addresses}


def _stop(conn: Connection, business: str, journey: JourneyRow, now: datetime) -> None:
    if journey.state != "done":
        journeys.change(conn, business, journey.job, journey.id, now, state="stopped", reason="by hand")
    journeys.mark(conn, business, MarkRow(job=journey.job, journey=journey.id, what="stop", at=now, by="hub forget"))


def _ids(own: Collection[JourneyRow], pseudonym: str) -> dict[str, str]:
    """Journey -> the id that it has now: the old one can be made from her address."""
    found: dict[str, str] = {}
    taken: set[tuple[str, str]] = set()
    for journey in own:
        new, more = journey_id(pseudonym, journey.offer), 1
        while (journey.job, new) in taken:
            more += 1
            new = journey_id(f"{pseudonym}/{more}", journey.offer)
        taken.add((journey.job, new))
        found[journey.id] = new
    return found


def _once(rows: Collection[Trace]) -> list[Trace]:
    """Each row once, as it is now: the last one read counts."""
    return list({_row(each): each for each in rows}.values())


def _row(trace: Trace) -> tuple[object, ...]:
    return (trace.table.name, *(trace.row[column.name] for column in trace.table.primary_key.columns))


def outside(runtime: Runtime, person: Person) -> Iterator[str]:
    """What stands in the tools and elsewhere, for people to go through."""
    for (connection, stream), count in sorted(person.streams.items()):
        keys = [
            read.record.key for where, read in person.records if (where, read.record.stream) == (connection, stream)
        ]
        yield f"{_title(runtime, connection)}: {count} {stream} ({_some(keys)}); invoices are kept by law"
    for connection, record in person.naming:
        where = record.fields.get("url")
        yield f"{_title(runtime, connection)}: {record.stream} {record.key} names her{f', {where}' if where else ''}"
    made = [str(each.row["ref"]) for each in person.rows if each.table.name == "ledger" and each.row["ref"]]
    if made:
        yield f"Made by the hub for her, and left where it stands: {_some(sorted(set(made)))}"
    if runtime.mail is not None:
        yield f"{_title(runtime, runtime.mail)}: the mails to her and from her in its mailbox"
    yield "Backups of the hub's data folder, and the names of past runs in Prefect, until they are pruned"


def _title(runtime: Runtime, connection: str) -> str:
    return runtime.title(connection) if connection in runtime.specs else connection


def _some(words: Collection[str]) -> str:
    shown = sorted(words)[:5]
    return ", ".join(shown) + (f" and {len(words) - len(shown)} more" if len(words) > len(shown) else "")
