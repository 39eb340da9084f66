"""Links: which row of a destination shows which of ours, and what we last wrote or saw in it (R6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Executable, bindparam, insert, select, update

from hub.core import codec
from hub.core.types import Value
from hub.store.schema import edits as edits_table
from hub.store.schema import links
from hub.store.sql import execute, upsert


@dataclass(frozen=True, slots=True)
class Link:
    """`row` "" is the collection itself. `version`: how often we wrote it. `ref` None: it was there and is gone."""

    collection: str
    row: str
    ref: str | None
    values: dict[str, Value]
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody else changed a field that the hub owns: what we had written, what was seen, and by whom and when."""

    job: str
    collection: str
    row: str
    field: str
    written: Value
    seen: Value
    edited_by: str | None
    edited_at: datetime | None
    noted_at: datetime


def load(conn: Connection, business: str, job: str) -> list[Link]:
    """Every link of a job."""
    return _links(conn, links.c.business == business, links.c.job == job)


def of(conn: Connection, business: str, job: str, collection: str) -> list[Link]:
    """The links of one collection of a job."""
    return _links(conn, links.c.business == business, links.c.job == job, links.c.collection == collection)


def _links(conn: Connection, *conditions: Any) -> list[Link]:
    query = (
        select(links.c.collection, links.c.row, links.c.ref, links.c.content, links.c.version, links.c.updated_at)
        .where(*conditions)
        .order_by(links.c.collection, links.c.row)
    )
    return [
        Link(collection, row, ref, _values(content), version, at)
        for collection, row, ref, content, version, at in conn.execute(query)
    ]


def place(conn: Connection, business: str, job: str, collection: str) -> str | None:
    """Where a collection of a job is; None where that is not known."""
    same = (links.c.business == business, links.c.job == job, links.c.collection == collection, links.c.row == "")
    return conn.execute(select(links.c.ref).where(*same)).scalar_one_or_none()


def put(
    conn: Connection,
    business: str,
    job: str,
    collection: str,
    row: str,
    ref: str | None,
    values: Mapping[str, Value],
    now: datetime,
) -> None:
    """We wrote these values; others that the row has stay known. The version grows."""
    _merge(conn, (business, job, collection, row), ref, values, now, written=1)


def saw(
    conn: Connection,
    business: str,
    job: str,
    collection: str,
    row: str,
    ref: str | None,
    values: Mapping[str, Value],
    now: datetime,
) -> None:
    """The destination holds these values now, whoever wrote them. The version stays."""
    _merge(conn, (business, job, collection, row), ref, values, now, written=0)


def _merge(
    conn: Connection,
    name: tuple[str, str, str, str],
    ref: str | None,
    values: Mapping[str, Value],
    now: datetime,
    *,
    written: int,
) -> None:
    key = dict(zip(("business", "job", "collection", "row"), name, strict=True))
    stored = conn.execute(_content(), {f"the_{part}": value for part, value in key.items()}).scalar()
    content = codec.dumps(_values(stored or "{}") | dict(values))
    row: dict[str, Any] = {"ref": ref, "content": content, "version": written, "updated_at": now}
    execute(conn, _upsert(conn.dialect.name, written), key | row)


@cache
def _content() -> Executable:
    same = (column == bindparam(f"the_{column.name}") for column in links.primary_key.columns)
    return select(links.c.content).where(*same).with_for_update()


@cache
def _upsert(dialect: str, written: int) -> Executable:
    return upsert(dialect, links, "ref", "content", "updated_at", version=links.c.version + written)


def forget(conn: Connection, business: str, job: str, collection: str, row: str) -> None:
    """The row is gone from the destination. Its version stays known, so that writing it anew is another effect."""
    same = (links.c.business == business, links.c.job == job, links.c.collection == collection, links.c.row == row)
    conn.execute(update(links).where(*same).values(ref=None, content="{}"))


def record_edit(
    conn: Connection,
    business: str,
    job: str,
    collection: str,
    row: str,
    field: str,
    written: Value,
    seen: Value,
    edited_by: str | None,
    edited_at: datetime | None,
    now: datetime,
) -> None:
    """Note a foreign edit of a field that the hub owns."""
    where = {"business": business, "job": job, "collection": collection, "row": row, "field": field}
    what = {"written": codec.dumps(written), "seen": codec.dumps(seen)}
    who = {"edited_by": edited_by, "edited_at": edited_at, "noted_at": now}
    conn.execute(insert(edits_table), [where | what | who])


def edits(conn: Connection, business: str, limit: int = 50) -> list[Edit]:
    """The newest foreign edits of a business, newest first."""
    columns = (edits_table.c[name] for name in Edit.__slots__)
    query = select(*columns).where(edits_table.c.business == business).order_by(edits_table.c.id.desc()).limit(limit)
    return _edits(conn.execute(query))


def edits_of(conn: Connection, business: str, rows: Sequence[str], limit: int = 10) -> list[Edit]:
    """The newest foreign edits of these rows, newest first."""
    columns = (edits_table.c[name] for name in Edit.__slots__)
    mine = (edits_table.c.business == business, edits_table.c.row.in_(rows))
    return _edits(conn.execute(select(*columns).where(*mine).order_by(edits_table.c.id.desc()).limit(limit)))


def _edits(rows: Iterable[Any]) -> list[Edit]:
    return [
        Edit(job, collection, row, field, codec.loads(written), codec.loads(seen), by, at, noted_at)
        for job, collection, row, field, written, seen, by, at, noted_at in rows
    ]


def _values(content: str) -> dict[str, Value]:
    return dict(cast("Mapping[str, Value]", codec.loads(content)))
