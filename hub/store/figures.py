"""Figures: the numbers that were counted last, each with the lines that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Row, select

from hub.core import codec
from hub.core.types import Value
from hub.store import figure_shares
from hub.store.schema import figures
from hub.store.sql import upsert


@dataclass(frozen=True)
class FigureRow:
    """One number: which figure of which period, in which currency ("" where there is none), and its proof.

    `proof` of a row that comes from the database is unpacked when it is first asked for. `shares`: the digest of a
    proof that is kept in shares (`figure_shares`), "" where it is kept in one piece.
    """

    figure: str
    period: str
    currency: str
    value: Value
    unit: str
    proof: tuple[Mapping[str, Value], ...]
    estimated: bool
    counted_at: datetime
    shares: str = field(default="", compare=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Only reached for what the instance does not have: the proof that `_stored` left packed.
            packed = self.__dict__.get("packed")
            if name != "proof" or packed is None:
                raise AttributeError(name)
            proof = figure_shares.unpacked(packed)
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
        proof, digest = figure_shares.packed(() if row.shares else row.proof)
        digest = row.shares or digest
        value = codec.dumps(row.value)
        if held.get((row.figure, row.period, row.currency)) == (value, row.unit, digest, row.estimated):
            continue
        changed.append(row)
        place = {"business": business, "job": job, "figure": row.figure, "period": row.period, "currency": row.currency}
        content = {"value": value, "unit": row.unit, "proof": proof, "proof_digest": digest}
        stored.append(place | content | {"estimated": row.estimated, "counted_at": now})
    if stored:
        conn.execute(upsert(conn.dialect.name, figures, *_CONTENT, "proof", "counted_at"), stored)
    return changed


def get(conn: Connection, business: str, figure: str, period: str) -> list[FigureRow]:
    """A figure of a period, in each currency."""
    return [row for _, row in _rows(conn, business, {"figure": figure, "period": period})]


def of_job(conn: Connection, business: str, job: str, figure: str, period: str) -> list[FigureRow]:
    """A figure of a period as one job counted it, in each currency."""
    return [row for _, row in _rows(conn, business, {"job": job, "figure": figure, "period": period})]


def listing(conn: Connection, business: str) -> list[FigureRow]:
    """Every figure of a business, by name, period and currency."""
    return [row for _, row in _rows(conn, business, {})]


def of_jobs(conn: Connection, business: str, period: str) -> dict[str, list[FigureRow]]:
    """Job -> its figures of a period, by name and currency."""
    found: dict[str, list[FigureRow]] = {}
    for job, row in _rows(conn, business, {"period": period}):
        found.setdefault(job, []).append(row)
    return found


def _rows(conn: Connection, business: str, only: Mapping[str, str]) -> list[tuple[str, FigureRow]]:
    """Job and row."""
    order = (figures.c.figure, figures.c.period, figures.c.currency, figures.c.job)
    mine = (figures.c.business == business, *(figures.c[name] == value for name, value in only.items()))
    rows = conn.execute(select(figures).where(*mine).order_by(*order)).all()
    whole = any(row.proof_digest.startswith(figure_shares.MARK) for row in rows)
    shares = figure_shares.of(conn, business, only) if whole else {}
    return [
        (row.job, _stored(row, shares.get((row.job, row.figure, row.period, row.currency), (bytes(row.proof),))))
        for row in rows
    ]


def _stored(row: Row[Any], packed: Sequence[bytes]) -> FigureRow:
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
    figure.__dict__["packed"] = packed
    return figure
