"""What was known of each figure on which day, and what subscriptions were on which day.

A provider shows how things are now. What it showed before is here: one row for each local day on which something
became known that was not known the day before, so that a quiet day costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, func, select

from hub.core import codec
from hub.core.types import Value
from hub.store.figures import FigureRow
from hub.store.schema import figure_history, states
from hub.store.sql import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFigure:
    """A figure of a period as it was known at the end of the local day `day`.

    `rules`: the version of the rules that it was counted by. `because`: why it differs from what was known before of a
    period that was over; "" where nothing changed.
    """

    job: str
    figure: str
    period: str
    currency: str
    day: date
    value: Value
    unit: str
    estimated: bool
    rules: str
    because: str = ""


def keep(
    conn: Connection,
    business: str,
    job: str,
    rows: Iterable[FigureRow],
    day: date,
    rules: str,
    now: datetime,
    because: Mapping[tuple[str, str, str], str] | None = None,
) -> None:
    """Keep these figures as known on `day`. `because`: (figure, period, currency) -> why a past one has changed."""
    why = because or {}
    held = [
        {
            "business": business,
            "job": job,
            "figure": row.figure,
            "period": row.period,
            "currency": row.currency,
            "day": day.isoformat(),
            "value": codec.dumps(row.value),
            "unit": row.unit,
            "estimated": row.estimated,
            "rules": rules,
            "because": why.get((row.figure, row.period, row.currency), ""),
            "at": now,
        }
        for row in rows
    ]
    if held:
        taken = ("value", "unit", "estimated", "rules", "because", "at")
        conn.execute(upsert(conn.dialect.name, figure_history, *taken), held)


def as_of(conn: Connection, business: str, day: date, *, job: str | None = None) -> list[KnownFigure]:
    """Every figure as it was known at the end of that local day, by name, period and currency."""
    table = figure_history
    place = (table.c.job, table.c.figure, table.c.period, table.c.currency)
    mine = [table.c.business == business, table.c.day <= day.isoformat()]
    if job is not None:
        mine.append(table.c.job == job)
    last = select(*place, func.max(table.c.day).label("day")).where(*mine).group_by(*place).subquery()
    same = and_(*(table.c[column.name] == last.c[column.name] for column in place), table.c.day == last.c.day)
    order = (table.c.figure, table.c.period, table.c.currency, table.c.job)
    query = select(table).join(last, same).where(table.c.business == business).order_by(*order)
    return [_known(row) for row in conn.execute(query)]


def history(conn: Connection, business: str, figure: str, period: str) -> list[KnownFigure]:
    """What was known of one figure of one period, oldest first."""
    table = figure_history
    mine = (table.c.business == business, table.c.figure == figure, table.c.period == period)
    return [_known(row) for row in conn.execute(select(table).where(*mine).order_by(table.c.currency, table.c.day))]


def _known(row: Any) -> KnownFigure:
    return KnownFigure(
        job=row.job,
        figure=row.figure,
        period=row.period,
        currency=row.currency,
        day=date.fromisoformat(row.day),
        value=codec.loads(row.value),
        unit=row.unit,
        estimated=row.estimated,
        rules=row.rules,
        because=row.because,
    )


def keep_states(conn: Connection, business: str, job: str, day: date, now: Mapping[str, Value]) -> int:
    """Keep what things are on `day`: thing -> its state. One that was there before and is not in `now` is gone.

    Returns how many differ from what was known. A second call of the same day corrects the first.
    """
    before = {thing: body for thing, _, body in _last(conn, business, job, day)}
    wanted: dict[str, str | None] = {thing: codec.dumps(state) for thing, state in now.items()}
    wanted |= {thing: None for thing, body in before.items() if body is not None and thing not in wanted}
    rows = [
        {"business": business, "job": job, "thing": thing, "day": day.isoformat(), "body": body}
        for thing, body in wanted.items()
        if thing not in before or before[thing] != body
    ]
    if rows:
        conn.execute(upsert(conn.dialect.name, states, "body"), rows)
    return len(rows)


def change_states(
    conn: Connection, business: str, job: str, day: date, now: Mapping[str, Value], gone: Iterable[str]
) -> None:
    """As `keep_states`, by who knows what has changed since: these things are so on `day`, and those are gone."""
    bodies: dict[str, str | None] = {thing: codec.dumps(state) for thing, state in now.items()}
    bodies |= dict.fromkeys(gone)
    rows = [
        {"business": business, "job": job, "thing": thing, "day": day.isoformat(), "body": body}
        for thing, body in bodies.items()
    ]
    if rows:
        conn.execute(upsert(conn.dialect.name, states, "body"), rows)


def states_on(conn: Connection, business: str, job: str, days: Sequence[date]) -> dict[date, dict[str, Value]]:
    """What things were at the end of each of these days: day -> thing -> state. Days before the first are left out."""
    first = remembered_since(conn, business, job)
    known = sorted(day for day in days if first is not None and day >= first)
    if not known:
        return {}
    table = states
    mine = (table.c.business == business, table.c.job == job, table.c.day <= known[-1].isoformat())
    query = select(table.c.day, table.c.thing, table.c.body).where(*mine).order_by(table.c.day, table.c.thing)
    found: dict[date, dict[str, Value]] = {}
    current: dict[str, Value] = {}
    ahead = list(known)
    for day, rows in groupby(conn.execute(query), key=lambda row: date.fromisoformat(row.day)):
        while ahead and ahead[0] < day:
            found[ahead.pop(0)] = dict(current)
        for row in rows:
            if row.body is None:
                current.pop(row.thing, None)
            else:
                current[row.thing] = codec.loads(row.body)
    found.update({day: dict(current) for day in ahead})
    return found


def remembered_since(conn: Connection, business: str, job: str) -> date | None:
    """The first day of which states are known."""
    first = conn.execute(
        select(func.min(states.c.day)).where(states.c.business == business, states.c.job == job)
    ).scalar()
    return None if first is None else date.fromisoformat(first)


def known_since(conn: Connection, business: str, job: str) -> date | None:
    """The first day of which figures are known."""
    mine = (figure_history.c.business == business, figure_history.c.job == job)
    first = conn.execute(select(func.min(figure_history.c.day)).where(*mine)).scalar()
    return None if first is None else date.fromisoformat(first)


def _last(conn: Connection, business: str, job: str, day: date) -> list[tuple[str, str, str | None]]:
    table = states
    mine = (table.c.business == business, table.c.job == job, table.c.day <= day.isoformat())
    last = select(table.c.thing, func.max(table.c.day).label("day")).where(*mine).group_by(table.c.thing).subquery()
    query = (
        select(table.c.thing, table.c.day, table.c.body)
        .join(last, and_(table.c.thing == last.c.thing, table.c.day == last.c.day))
        .where(table.c.business == business, table.c.job == job)
    )
    return [(row.thing, row.day, row.body) for row in conn.execute(query)]
