"""Figures: the numbers that were counted last, each with the lines that prove it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Row, Select, select

from hub.core import codec
from hub.core.types import Value
from hub.store.schema import figures
from hub.store.sql import upsert


@dataclass(frozen=True)
class FigureRow:
    """One number: which figure of which period, in which currency ("" where there is none), and its proof.

    `proof` of a row that comes from the database is unpacked when it is first asked for.
    """

    figure: str
    period: str
    currency: str
    value: Value
    unit: str
    proof: tuple[Mapping[str, Value], ...]
    estimated: bool
    counted_at: datetime

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Only reached for what the instance does not have: the proof that `_stored` left packed.
            packed = self.__dict__.get("packed")
            if name != "proof" or packed is None:
                raise AttributeError(name)
            proof = codec.loads(zlib.decompress(packed).decode())
            self.__dict__["proof"] = proof
            return proof


_PLACE = ("figure", "period", "currency")
_CONTENT = ("value", "unit", "proof_digest", "estimated")


def put(conn: Connection, business: str, job: str, rows: Sequence[FigureRow], now: datetime) -> list[FigureRow]:
    """Keep these numbers as counted at `now`; returns those that are not what we had. The others keep their instant."""
    query = select(*(figures.c[name] for name in _PLACE + _CONTENT)).where(
        figures.c.business == business, figures.c.job == job
    )
    held = {tuple(row[:3]): tuple(row[3:]) for row in conn.execute(query)}
    changed: list[FigureRow] = []
    stored: list[dict[str, Any]] = []
    for row in rows:
        proof = codec.dumps(row.proof).encode()
        digest = hashlib.sha256(proof).hexdigest()[:32]
        value = codec.dumps(row.value)
        if held.get((row.figure, row.period, row.currency)) == (value, row.unit, digest, row.estimated):
            continue
        changed.append(row)
        place = {"business": business, "job": job, "figure": row.figure, "period": row.period, "currency": row.currency}
        content = {"value": value, "unit": row.unit, "proof": zlib.compress(proof), "proof_digest": digest}
        stored.append(place | content | {"estimated": row.estimated, "counted_at": now})
    if stored:
        conn.execute(upsert(conn.dialect.name, figures, *_CONTENT, "proof", "counted_at"), stored)
    return changed


def get(conn: Connection, business: str, figure: str, period: str) -> list[FigureRow]:
    """A figure of a period, in each currency."""
    return _rows(conn, _query(business).where(figures.c.figure == figure, figures.c.period == period))


def listing(conn: Connection, business: str) -> list[FigureRow]:
    """Every figure of a business, by name, period and currency."""
    return _rows(conn, _query(business))


def of_jobs(conn: Connection, business: str, period: str) -> dict[str, list[FigureRow]]:
    """Job -> its figures of a period, by name and currency."""
    found: dict[str, list[FigureRow]] = {}
    for row in conn.execute(_query(business).where(figures.c.period == period)):
        found.setdefault(row.job, []).append(_stored(row))
    return found


def _query(business: str) -> Select[Any]:
    order = (figures.c.figure, figures.c.period, figures.c.currency, figures.c.job)
    return select(figures).where(figures.c.business == business).order_by(*order)


def _rows(conn: Connection, query: Select[Any]) -> list[FigureRow]:
    return [_stored(row) for row in conn.execute(query)]


def _stored(row: Row[Any]) -> FigureRow:
    figure = FigureRow(
        figure=row.figure,
        period=row.period,
        currency=row.currency,
        value=codec.loads(row.value),
        unit=row.unit,
        proof=cast("tuple[Mapping[str, Value], ...]", ()),
        estimated=row.estimated,
        counted_at=row.counted_at,
    )
    del figure.__dict__["proof"]
    figure.__dict__["packed"] = bytes(row.proof)
    return figure
