"""Commands that only look: status, why, dead letters."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, cast

from hub.cli.opened import Say, chosen, only, opened
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.engine.status import WEB
from hub.engine.status import status as make_status
from hub.engine.status_models import ConnectionStatus
from hub.mapping.model import FIGURES, FigureName, RevenueJob
from hub.planning.alerts.figure_why import render as render_tasks
from hub.planning.alerts.task_figure import LOAD, UNITS, TaskFigure, is_task_figure, unit_of
from hub.planning.alerts.task_figure import from_values as task_lines
from hub.planning.figure import Figure, from_values
from hub.planning.why import render
from hub.settings import HubSettings, load_settings
from hub.store import dead as dead_letters
from hub.store import figures
from hub.store.figures import FigureRow


def status(business: str | None, as_json: bool, say: Say) -> int:
    """0 ok, 1 something needs a person, 2 something does not work."""
    settings = load_settings()
    with opened() as hub:
        keys = {runtime.key for runtime in chosen(hub, business)}
        configured = [each for each in hub.view.businesses if each.business in keys]
        now = next(iter(hub.runtimes.values())).now()
        report = make_status(hub.store, configured, now, hub.view.faults if business is None else ())
    if as_json:
        say(report.model_dump_json(indent=2))
    else:
        for fault in hub.view.faults if business is None else ():
            say(f"fault: {fault}")
        for each in report.businesses:
            say(f"{each.title} ({each.business}): {each.word}")
            for reason in each.reasons:
                say(f"  {reason.level}: {reason.text}")
            for connection in each.connections:
                seen = _when(connection.last_proof_of_life)
                counts = f"{connection.waiting} waiting, {connection.dead} dead"
                say(f"  {connection.name:<12} {connection.state:<8} last sign of life {seen}, {counts}")
                for line in _listening(connection):
                    say(f"  {'':<12} {line}")
            for job in each.jobs:
                say(f"  {job.name:<12} {job.state:<8} last good run {_when(job.last_ok)}")
        if any(worker.kind != WEB for worker in report.workers) and not _answers(settings):
            say("note: Prefect does not answer. The work goes on; runs are not shown until it does.")
    return {"ok": 0, "attention": 1, "fault": 2}[report.word]


def _listening(connection: ConnectionStatus) -> Iterator[str]:
    """Who calls us there, and when we last heard nothing."""
    if connection.subscriptions:
        count = "1 webhook" if connection.subscriptions == 1 else f"{connection.subscriptions} webhooks"
        yield f"{count} there, seen alive {_when(connection.subscriptions_seen_at)}"
    blind = connection.last_blind
    if blind is not None:
        healed = f"read since {_when(blind.reconciled_at)}" if blind.reconciled_at else "not read yet"
        yield f"not heard from {_when(blind.began_at)} to {_when(blind.ended_at)}: {blind.why}; {healed}"


def _answers(settings: HubSettings) -> bool:
    """Whether Prefect's server does."""
    api = settings.prefect_api_url or f"http://127.0.0.1:{settings.prefect_port}/api"
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=2) as response:  # noqa: S310  http, by the settings' check
            return bool(response.status == 200)
    except OSError:
        return False


def _when(at: object) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def why(figure: str, period: str, business: str | None, currency: str | None, say: Say) -> int:
    """Prints the proof of a figure from the store."""
    if figure not in FIGURES and not is_task_figure(figure):
        raise ConfigError(f"No figure is called {figure}. There are: {', '.join((*FIGURES, *UNITS))}, {LOAD}PERSON")
    with opened() as hub:
        runtime = only(hub, business)
        counting = (job for job in runtime.jobs.values() if isinstance(job, RevenueJob))
        titles: dict[str, str] = {each.figure: each.title for job in counting for each in job.figures}
        with hub.store.read() as conn:
            rows = figures.get(conn, runtime.key, figure, period)
            known = sorted({row.period for row in figures.listing(conn, runtime.key) if row.figure == figure})
    rows = [row for row in rows if currency is None or row.currency == currency]
    if not rows:
        there = f"There are: {known[0]} to {known[-1]}" if known else "None was counted yet; `hub sync` does it"
        raise ConfigError(f"{figure} of {period} is not known{f' in {currency}' if currency else ''}. {there}.")
    for row in rows:
        if is_task_figure(figure):
            say(render_tasks(_of_tasks(row), runtime.business))
        else:
            say(render(_of_money(row), runtime.business, titles.get(row.figure, row.figure)))
    return 0


def _of_money(row: FigureRow) -> Figure:
    return Figure(
        figure=cast(FigureName, row.figure),
        period=row.period,
        currency=row.currency,
        value=cast("Money | Decimal | None", row.value),
        unit=cast("Literal['money', 'percent']", row.unit),
        lines=from_values(row.proof),
        estimated=row.estimated,
        closed=False,
    )


def _of_tasks(row: FigureRow) -> TaskFigure:
    return TaskFigure(
        figure=row.figure,
        period=row.period,
        value=cast("Decimal | None", row.value),
        unit=unit_of(row.figure),
        lines=task_lines(row.proof),
        estimated=row.estimated,
    )


def dead(business: str | None, say: Say) -> None:
    """Prints the dead letters."""
    with opened() as hub:
        for runtime in chosen(hub, business):
            with hub.store.read() as conn:
                letters = dead_letters.listing(conn, runtime.key)
            if not letters:
                say(f"{runtime.key}: no dead letters.")
            for letter in letters:
                say(
                    f"{runtime.key} #{letter.id}  {letter.connection} {letter.stream} {letter.key}  "
                    f"{letter.dead_at:%Y-%m-%d %H:%M} UTC, {letter.attempts} attempts\n    {letter.reason}"
                )


def replay(letter: int | None, everything: bool, business: str | None, say: Say) -> None:
    """Puts dead letters back among the waiting changes."""
    if (letter is None) == (not everything):
        raise ConfigError("Say which dead letter (its number from `hub dead`), or --all")
    with opened() as hub:
        runtime = only(hub, business)
        with hub.store.write() as conn:
            count = dead_letters.replay(conn, runtime.key, runtime.now(), letter)
    if not count:
        raise ConfigError(f"There is no dead letter {letter if letter is not None else ''}; `hub dead` lists them")
    say(f"{count} put back; the worker reads {'it' if count == 1 else 'them'} again (or `hub sync` now).")
