"""Where the store names a person, and how she is taken out of it: every text of every table, whatever wrote it.

What must stay as it is is left alone: positions of reads, keys and limits name nobody, and the rows that a pair of
tools has in step are compared with those tools, which would be written to if they changed here.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Table, Text, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from hub.core import codec
from hub.store.forgotten import naming
from hub.store.schema import (
    aliases,
    deliveries,
    figure_pasts,
    figure_shares,
    figures,
    jobs,
    ledger,
    links,
    mails,
    metadata,
    plans,
)

_APART = frozenset(
    {
        "mirror", "mirror_seqs", "deliveries", "figures", "figure_shares", "figure_pasts", "changes", "cursors",
        "secrets", "limits", "subscriptions", "follows", "forgotten", "workers", "connections",
    }
)  # fmt: skip
TEXTS: tuple[Table, ...] = tuple(table for name, table in metadata.tables.items() if name not in _APART)
"""Tables whose texts are the hub's own words."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One row that names her. `row`: all of it."""

    table: Table
    row: Mapping[str, Any]


def find(conn: Connection, business: str, words: Collection[str], jobs: Collection[str]) -> Iterator[Trace]:
    """The rows that name one of `words` in any of their texts. `jobs`: those whose links may be changed here."""
    if not words:
        return
    spelled = spellings(words)
    for table in TEXTS:
        texts = [column for column in table.columns if isinstance(column.type, Text) and column.name != "business"]
        if not texts:
            continue
        mine = [table.c.business == business]
        if table is links:
            mine.append(table.c.job.in_(sorted(jobs)))
        named = or_(*(column.icontains(each, autoescape=True) for column in texts for each in spelled))
        pattern = naming(spelled)
        for row in conn.execute(select(table).where(*mine, named)).mappings():
            if pattern is not None and any(pattern.search(text) for text in _texts(row)):
                yield Trace(table, dict(row))


def spellings(words: Collection[str]) -> list[str]:
    """Each word as it stands in texts, in JSON and in addresses of pages."""
    return sorted(
        {form for each in words for form in (each, json.dumps(each)[1:-1], quote(each), quote(each, safe=""))}
    )


def _texts(row: Mapping[Any, Any]) -> Iterator[str]:
    return (value for name, value in row.items() if isinstance(value, str) and name != "business")


def rewrite(conn: Connection, traces: Collection[Trace], instead: Mapping[str, str]) -> None:
    """Put other words where hers stand in these rows. `instead`: her words -> those."""
    forms = {form.casefold(): new for each, new in instead.items() for form in spellings([each])}
    pattern = naming(forms)
    if pattern is None:
        return
    for trace in traces:
        if trace.table is aliases:
            conn.execute(delete(aliases).where(_same(trace)))
            continue
        changed = {
            name: new
            for name, value in trace.row.items()
            if isinstance(value, str)
            and name != "business"
            and (new := pattern.sub(lambda found: forms[found[0].casefold()], value)) != value
        }
        if not changed:
            continue
        try:
            with conn.begin_nested():
                conn.execute(update(trace.table).where(_same(trace)).values(**changed))
        except IntegrityError:  # two rows of hers have become the same one
            conn.execute(delete(trace.table).where(_same(trace)))


def _same(trace: Trace) -> Any:
    return and_(*(column == trace.row[column.name] for column in trace.table.primary_key.columns))


def in_proofs(conn: Connection, business: str, words: Collection[str]) -> list[tuple[Mapping[str, Any], str]]:
    """(row, its proof) of each figure, and of each share of one, whose proof names her."""
    pattern = naming(spellings(words))
    if pattern is None:
        return []
    found: list[tuple[Mapping[str, Any], str]] = []
    for table in (figures, figure_shares, figure_pasts):
        for row in conn.execute(select(table).where(table.c.business == business)).mappings():
            proof = zlib.decompress(row["proof"]).decode()
            if pattern.search(proof):
                found.append((dict(row), proof))
    return found


def rewrite_proofs(
    conn: Connection, found: Collection[tuple[Mapping[str, Any], str]], instead: Mapping[str, str]
) -> None:
    """As `rewrite`, inside the proofs of figures. The figures stay."""
    forms = {form.casefold(): new for each, new in instead.items() for form in spellings([each])}
    pattern = naming(forms)
    for row, proof in found if pattern is not None else ():
        new = pattern.sub(lambda one: forms[one[0].casefold()], proof).encode()  # type: ignore[union-attr]
        table = figure_shares if "share" in row else figures if "proof_digest" in row else figure_pasts
        same = and_(*(column == row[column.name] for column in table.primary_key.columns))
        digest = hashlib.sha256(new).hexdigest()[:32]
        digests = {name: digest for name in ("digest", "proof_digest") if name in row}
        conn.execute(update(table).where(same).values({"proof": zlib.compress(new), **digests}))


def in_deliveries(
    conn: Connection, business: str, words: Collection[str], records: Collection[tuple[str, str, str]]
) -> list[int]:
    """The ids of the kept deliveries that name her, or tell of one of her records (connection, stream, key)."""
    forms = [form.casefold().encode() for form in spellings(words)]
    query = select(deliveries).where(deliveries.c.business == business).execution_options(yield_per=200)
    return [
        row.id
        for row in conn.execute(query)
        if any((row.connection, stream, key) in records for _, _, stream, key in json.loads(row.events))
        or any(form in held for held in (bytes(row.body).lower(), row.headers.lower().encode()) for form in forms)
    ]


def drop_deliveries(conn: Connection, ids: Collection[int]) -> None:
    """Forget these deliveries. What they rang was read, or still waits to be."""
    for start in range(0, len(ids), 500):
        conn.execute(delete(deliveries).where(deliveries.c.id.in_(sorted(ids)[start : start + 500])))


def empty_effects(conn: Connection, business: str, leads: Collection[str], pseudonym: str) -> None:
    """Forget what was said in the effects and mails whose keys begin so. That they happened, and when, stays."""
    bare = codec.dumps(("", pseudonym, None, ()))
    for lead in leads:
        mine = (ledger.c.business == business, ledger.c.key.startswith(lead, autoescape=True))
        conn.execute(update(ledger).where(*mine).values(summary=bare))
        theirs = (mails.c.business == business, mails.c.key.startswith(lead, autoescape=True))
        conn.execute(update(mails).where(*theirs).values(subject="", lines=codec.dumps(())))


def drop_plan(conn: Connection, business: str, plan: str) -> None:
    """Forget a plan. A job that waited for a person's word on it makes another one."""
    conn.execute(update(jobs).where(jobs.c.business == business, jobs.c.hold == plan).values(hold=None))
    conn.execute(delete(plans).where(plans.c.business == business, plans.c.id == plan))


def overwrite(conn: Connection) -> None:
    """From now on, what is deleted or replaced in this transaction is overwritten in SQLite's file too."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete = ON")
