"""What the hub remembers of the figures: of each day what was known, and what subscriptions were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.core.types import Value
from hub.engine.counting import Counting
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.calendar import months
from hub.planning.counted import Around, Counted, Memory, Past
from hub.planning.figure import Figure, ProofLine, Unit, from_values, to_values
from hub.planning.figures import states
from hub.planning.figures.currencies import NO_RATES, Rates, read_rates
from hub.planning.figures.states import Snapshot
from hub.store import figure_memory, figure_pasts, figure_shares, jobs
from hub.store import figures as figure_store
from hub.store.figures import FigureRow


def around(conn: Connection, runtime: Runtime, job: RevenueJob) -> Around:
    """What is known beside the mirror: what was counted before, the rates, and what streams hold."""
    mine = runtime.counting.setdefault(job.name, Counting())
    today = _today(runtime)
    if mine.day != today:
        _remember(conn, runtime, job, mine, today)
    return Around(
        memory=Memory(closed=mine.closed, snapshots=_snapshots(conn, runtime, job, mine, today)),
        rates=_rates(runtime, job, mine),
        kinds={(name, stream): kind for name, spec in runtime.specs.items() for stream, kind in spec.kinds.items()},
    )


def keep(runtime: Runtime, job: RevenueJob, counted: Counted, conn: Connection) -> None:
    """Store what is not as it was last stored: figures with their proof, what was known today, what there is today."""
    mine = runtime.counting.setdefault(job.name, Counting())
    now, today = runtime.now(), _today(runtime)
    mark = jobs.counted(conn, runtime.key, job.name)
    if mine.mark is None or mine.mark != mark:
        # Another process stored figures since, or what this one stored last was undone: only the store knows.
        mine.kept, mine.shares, mine.today, mine.mark = {}, None, None, mark
        _remember(conn, runtime, job, mine, today)
    changed = [figure for key, figure in counted.known.items() if mine.kept.get(key) != figure]
    _keep_pasts(conn, runtime, job, mine, counted, today)
    shares = _keep_shares(conn, runtime, job, mine, changed)
    rows = {figure.key: _row(figure, now, shares.get(figure.key, "")) for figure in changed}
    figure_store.put(conn, runtime.key, job.name, list(rows.values()), now)
    # What another version of the rules counted stays as it counted it, and is not known anew.
    said = [figure for figure in changed if not _of_then(mine, figure, counted)]
    why = {(f.figure, f.period, f.currency): counted.restated[f.key] for f in said if f.key in counted.restated}
    fresh = [rows[figure.key] for figure in said if _is_news(mine, figure)]
    figure_memory.keep(conn, runtime.key, job.name, fresh, today, counted.rules, now, why)
    for figure in said:
        mine.last[figure.key] = figure.value, figure.estimated
    mine.kept = dict(counted.known)
    if _keep_states(conn, runtime, job, mine, counted.snapshot) or changed:
        mine.mark = uuid4().hex
        jobs.mark_counted(conn, runtime.key, job.name, mine.mark)


def _today(runtime: Runtime) -> date:
    return runtime.now().astimezone(runtime.business.zone).date()


def _keep_pasts(
    conn: Connection, runtime: Runtime, job: RevenueJob, mine: Counting, counted: Counted, today: date
) -> None:
    """Store what the months that this day changes were made of, before it."""
    late = [counted.known[key] for key in counted.restated if key in mine.closed]
    late = [figure for figure in late if figure.value != mine.closed[figure.key].value]
    rows = [
        row
        for name, period in {(figure.figure, figure.period): None for figure in late}
        for row in figure_store.of_job(conn, runtime.key, job.name, name, period)
        if row.counted_at.astimezone(runtime.business.zone).date() < today
    ]
    if rows:
        figure_pasts.keep(conn, runtime.key, job.name, today, rows)


def _keep_shares(
    conn: Connection, runtime: Runtime, job: RevenueJob, mine: Counting, changed: Iterable[Figure]
) -> Mapping[str, str]:
    """Store the shares of proofs that are others; key of a figure in shares -> the digest of them all."""
    if mine.shares is None:
        mine.shares = figure_shares.digests(conn, runtime.key, job.name)
    held, found, places = mine.shares, {}, {}
    for figure in changed:
        place = (figure.figure, figure.period, figure.currency)
        before = mine.kept[figure.key].shares if figure.key in mine.kept else {}
        parts = {n: to_values(lines) for n, lines in figure.shares.items() if before.get(n) is not lines}
        found[place] = parts | dict.fromkeys(held.get(place, {}).keys() - figure.shares.keys(), ())
        if figure.shares:
            places[figure.key] = place
    figure_shares.put(conn, runtime.key, job.name, found, held)
    return {key: figure_shares.digest_of(held[place]) for key, place in places.items()}


def _row(figure: Figure, now: datetime, shares: str) -> FigureRow:
    return FigureRow(
        figure=figure.figure,
        period=figure.period,
        currency=figure.currency,
        value=figure.value,
        unit=figure.unit,
        proof=() if shares else to_values(figure.lines),
        estimated=figure.estimated,
        counted_at=now,
        shares=shares,
    )


def _of_then(mine: Counting, figure: Figure, counted: Counted) -> bool:
    past = mine.closed.get(figure.key)
    return past is not None and figure.closed and not past.estimated and past.rules != counted.rules


def _is_news(mine: Counting, figure: Figure) -> bool:
    """Whether the day has to be told: another value, or the first time that its month is over."""
    if figure.closed and figure.key not in mine.closed:
        return True
    return mine.last.get(figure.key) != (figure.value, figure.estimated)


def _remember(conn: Connection, runtime: Runtime, job: RevenueJob, mine: Counting, today: date) -> None:
    """Ask the store what was known last; of months that are over, at the end of the day before.

    So what one day brings ends in the same words, whatever the order in which it comes (R2).
    """
    proofs: dict[str, FigureRow] | None = None
    before: dict[figure_shares.Place, figure_shares.Lines] = {}

    def lines(key: str) -> tuple[ProofLine, ...]:
        nonlocal proofs, before
        if proofs is None:
            with runtime.store.read() as again:
                rows = figure_store.listing(again, runtime.key)
                before = figure_pasts.of(again, runtime.key, job.name, today)
            proofs = {f"{row.figure}/{row.period}/{row.currency}": row for row in rows}
        name, period, currency = key.split("/")
        held = before.get((name, period, currency)) or (proofs[key].proof if key in proofs else ())
        return from_values(cast("tuple[Mapping[str, Any], ...]", held))

    for known in figure_memory.as_of(conn, runtime.key, today, job=job.name):
        mine.last[f"{known.figure}/{known.period}/{known.currency}"] = cast("Any", known.value), known.estimated
    found: dict[str, Past] = {}
    for known in figure_memory.as_of(conn, runtime.key, today - timedelta(days=1), job=job.name):
        key = f"{known.figure}/{known.period}/{known.currency}"
        if f"{known.day:%Y-%m}" <= known.period:
            continue  # the month was not over yet
        found[key] = Past(
            value=cast("Any", known.value),
            unit=cast("Unit", known.unit),
            estimated=known.estimated,
            rules=known.rules,
            because=known.because,
            lines=cache(partial(lines, key)),
        )
    mine.closed, mine.day = found, today


def _snapshots(
    conn: Connection, runtime: Runtime, job: RevenueJob, mine: Counting, today: date
) -> tuple[Snapshot, ...]:
    """What subscriptions were on the last day of each month that is over, as far as the hub was there."""
    since = figure_memory.remembered_since(conn, runtime.key, job.name)
    if since is None:
        return ()
    zone = runtime.business.zone
    ends = [month.last.astimezone(zone).date() for month in months(since, runtime.now(), zone)]
    wanted = [day for day in ends if since <= day < today]
    missing = [day for day in wanted if day not in mine.days]
    if missing:
        held = figure_memory.states_on(conn, runtime.key, job.name, missing)
        for day, things in held.items():
            values = cast("Iterable[Mapping[str, Any]]", things.values())
            mine.days[day] = states.from_values(day, values)
    return tuple(mine.days[day] for day in wanted if day in mine.days)


def _keep_states(conn: Connection, runtime: Runtime, job: RevenueJob, mine: Counting, now: Snapshot) -> bool:
    """Store what subscriptions are today, of those that are not as they were; whether there were any."""
    before, mine.today = mine.today, now
    if before is None:
        return figure_memory.keep_states(conn, runtime.key, job.name, now.day, _bodies(now)) > 0
    known = {each.subscription: each for each in before.states}
    gone = known.keys() - {each.subscription for each in now.states}
    changed = Snapshot(now.day, tuple(each for each in now.states if known.get(each.subscription) != each))
    figure_memory.change_states(conn, runtime.key, job.name, now.day, _bodies(changed), gone)
    return bool(changed.states or gone)


def _bodies(snapshot: Snapshot) -> dict[str, Mapping[str, Value]]:
    return {str(each["subscription"]): each for each in states.to_values(snapshot)}


def _rates(runtime: Runtime, job: RevenueJob, mine: Counting) -> Rates:
    """The rates of the file beside the others, read again when it is another. ConfigError for what is no such file."""
    if job.rates is None or runtime.folder is None:
        return NO_RATES
    path = runtime.folder / job.rates
    try:
        stat = path.stat()
        if mine.stamp != (stat.st_mtime_ns, stat.st_size):
            mine.rates = read_rates(path.read_text(encoding="utf-8"))
            mine.stamp = (stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{runtime.key}: the rates in {path.name} cannot be read: {error}") from error
    return mine.rates
