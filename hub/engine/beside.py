"""What the CEO's page shows beside the figures of money, as the store knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from hub.engine import welcomed
from hub.engine.closing import closings
from hub.engine.databases import databases
from hub.engine.runtime import Runtime
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import OBM
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.spans import Span
from hub.planning.alerts.task_figure import TaskFigure, TaskLine, from_values, unit_of, value_of
from hub.planning.brief_facts import Stop
from hub.planning.calendar import month_of
from hub.planning.desired import page_name
from hub.planning.figures.calls import calls_of
from hub.planning.figures.okr import Entry
from hub.planning.page_facts import Appointment, Beside
from hub.planning.plan import KnownCollection, View
from hub.store import connections, entries, figures, plans
from hub.store.connections import ConnectionState
from hub.store.figures import FigureRow

_TASKS = ("on_time_rate", "overdue_count", "due_7_days")
_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "weeks": timedelta(weeks=1)}


def beside(
    conn: Connection, runtime: Runtime, job: RevenueJob, view: View, known: Mapping[str, KnownCollection]
) -> Beside:
    """All of it, in one snapshot. `view`: the mirror in the same; `known`: what stands at the target.

    While a source is silent no week is closed: its figures are not whole.
    """
    now = runtime.now()
    states = {state.connection: state for state in connections.listing(conn, runtime.key)}
    mine = {name: states[name] for name in job.reads if name in states}
    boss = runtime.business.people.get(OBM)
    stops = tuple(_stops(runtime, job, mine, now))
    said = entries.entered(conn, runtime.key, job.name)
    read_on = _read_on(runtime, job, mine)
    held = [plan for plan in plans.listing(conn, runtime.key, "held") if plan.job != job.name]
    return Beside(
        offers=welcomed.offers(conn, runtime),
        tasks=_tasks(conn, runtime, now),
        entries={name: tuple(Entry(row.day, row.value, row.by) for row in rows) for name, rows in said.items()},
        calls=_calls(job, view, now),
        stops=stops,
        closings=() if stops else tuple(closings(conn, runtime, job, known, read_on)),
        held=len(held),
        read_on=read_on,
        databases=databases(conn, runtime, job, view, known.get(page_name(job, runtime.business))),
        boss="" if boss is None else boss.name,
    )


def _tasks(conn: Connection, runtime: Runtime, now: datetime) -> Mapping[str, TaskFigure] | None:
    """The figures of every deadlines file together; a task that two of them watch counts once."""
    watching = [name for name, job in sorted(runtime.jobs.items()) if isinstance(job, DeadlineJob)]
    if not watching:
        return None
    period = month_of(now, runtime.business.zone).label
    kept = figures.of_jobs(conn, runtime.key, period)
    found: dict[str, TaskFigure] = {}
    for name in _TASKS:
        rows = [row for job in watching for row in kept.get(job, ()) if row.figure == name]
        if rows:
            found[name] = _together(name, period, rows)
    return found


def _together(name: str, period: str, rows: list[FigureRow]) -> TaskFigure:
    lines: dict[str, TaskLine] = {line.id: line for row in rows for line in from_values(row.proof)}
    whole = tuple(lines.values())
    estimated = any(row.estimated for row in rows)
    return TaskFigure(
        figure=name, period=period, value=value_of(name, whole), unit=unit_of(name), lines=whole, estimated=estimated
    )


def _calls(job: RevenueJob, view: View, now: datetime) -> tuple[Appointment, ...] | None:
    """The calls that are to come, soonest first."""
    if job.calls is None:
        return None
    where = job.calls.connection
    records = view.records(where, "booking")
    titles = {each.key: str(each.fields.get("title") or "") for each in view.records(where, "event_type")}
    names = {}
    for record in records:
        who = record.fields.get("who")
        names[record.key] = str(who.get("name") or "") if isinstance(who, Mapping) else ""
    return tuple(
        Appointment(starts_at=call.starts_at, kind=call.kind, who=names.get(call.key, ""))
        for call in calls_of(records, titles, job.calls, now)
        if call.outcome == "ahead" and call.starts_at > now
    )


def _stops(runtime: Runtime, job: RevenueJob, states: Mapping[str, ConnectionState], now: datetime) -> Iterator[Stop]:
    """The connections that the figures come from and that do not answer, those paused first."""
    patience = _long(job.show_in.stale_after)
    for name, state in sorted(states.items(), key=lambda each: (each[1].paused_at is None, each[0])):
        last = state.last_ok_at
        if state.paused_at is not None:
            yield Stop(
                connection=name, title=runtime.title(name), state="paused", since=_minute(last or state.paused_at)
            )
        elif last is not None and now - last > patience:
            yield Stop(connection=name, title=runtime.title(name), state="silent", since=_minute(last))


def _read_on(runtime: Runtime, job: RevenueJob, states: Mapping[str, ConnectionState]) -> date | None:
    """The local day on which every connection that the figures come from had answered last."""
    read = [states[name].last_ok_at for name in job.reads if name in states]
    days = [at.astimezone(runtime.business.zone).date() for at in read if at is not None]
    return min(days) if len(days) == len(job.reads) else None


def _long(span: Span) -> timedelta:
    return span.count * _UNITS.get(span.unit, _UNITS["days"])


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
