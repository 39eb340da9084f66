"""Commands that only look: status, why, dead letters."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from hub.cli.opened import Say, chosen, only, opened
from hub.cli.steer import Helm, counting, figure_of
from hub.core.errors import ConfigError
from hub.engine import welcomed
from hub.engine.status import WEB
from hub.engine.status import status as make_status
from hub.engine.status_models import ConnectionStatus, JobStatus
from hub.mapping.figure_names import FIGURES
from hub.planning.alerts.figure_why import render as render_tasks
from hub.planning.alerts.task_figure import LOAD, UNITS, TaskFigure, is_task_figure, unit_of
from hub.planning.alerts.task_figure import from_values as task_lines
from hub.planning.journeys.figure_why import render as render_clients
from hub.planning.journeys.figures import UNITS as CLIENT_FIGURES
from hub.planning.revenue import needed
from hub.planning.rules_of import version_of
from hub.planning.why import render
from hub.planning.why_against import nothing_of
from hub.planning.why_against import render as render_change
from hub.planning.why_words import word
from hub.planning.words import day as day_of
from hub.settings import HubSettings, load_settings
from hub.store import dead as dead_letters
from hub.store import figure_memory, figures
from hub.store.figures import FigureRow

STATES = ("journeys_asked", "journeys_open", "journeys_paused", "journeys_stuck", "journeys_done")
LACKING = ("paid_not_booked", "booked_not_paid", "asked_not_ticked")
RATES = ("hours_to_welcome", "days_to_kickoff", "no_show_rate", "calls_converted")
"""The figures of clients, by the line on which they stand."""


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
                for line in _clients(job):
                    say(f"  {'':<12} {line}")
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


def _clients(job: JobStatus) -> Iterator[str]:
    """How many clients are being welcomed, what is missing, how fast it goes."""
    if not job.clients:
        return
    # What is of another version of the hub is left out.
    found = {name: value for name, value in job.clients.items() if name in CLIENT_FIGURES}
    for group in (STATES, LACKING, RATES):
        shown = [f"{name} {_number(found[name])}" for name in group if name in found]
        if shown:
            yield ", ".join(shown)


def _number(value: Decimal | None) -> str:
    """At most one decimal; — when there is none."""
    if value is None:
        return "—"
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:.1f}"


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


def why(figure: str, period: str, against: str | None, business: str | None, currency: str | None, say: Say) -> int:
    """Prints the proof of a figure from the store, or its change since another period."""
    if figure in CLIENT_FIGURES:
        raise ConfigError(f"{figure} is a figure of now, without a month: say `hub why {figure}`.")
    if figure not in FIGURES and not is_task_figure(figure):
        every = (*FIGURES, *UNITS, *CLIENT_FIGURES)
        raise ConfigError(f"No figure is called {figure}. There are: {', '.join(every)}, {LOAD}PERSON")
    if against is not None and is_task_figure(figure):
        raise ConfigError(f"{figure} is counted from tasks: only figures of money are compared with another month.")
    with opened() as hub:
        at = Helm(hub, runtime := only(hub, business), counting(runtime))
        rows = _rows(at, figure, period, currency)
        if against is not None:
            then = {row.currency: row for row in _rows(at, figure, against, currency)}
            _compared(at, figure, rows, then, against, say)
            return 0
        links, reasons = at.links(), _reasons(at, figure, period)
        for row in rows:
            if is_task_figure(figure):
                say(render_tasks(_of_tasks(row), runtime.business))
            else:
                because = reasons.get(row.currency, "")
                say(render(figure_of(row), runtime.business, at.title(row.figure), links, because))
    return 0


def _reasons(at: Helm, figure: str, period: str) -> dict[str, str]:
    """Why a figure of a month that is over is not what it was, or not what today's rules would give, by currency."""
    business = at.runtime.business
    found: dict[str, str] = {}
    if period >= at.month:
        return found
    with at.runtime.store.read() as conn:
        known = [row for row in figure_memory.history(conn, at.runtime.key, figure, period) if row.job in at.jobs]
    for row in known:  # the last word is the one that counts
        if row.rules != version_of(at.jobs[row.job], business) and not row.estimated:
            found[row.currency] = word(business.language, "older_rules")
        elif row.because:
            day = day_of(row.day, business.language)
            found[row.currency] = word(business.language, "since_day", because=row.because, day=day)
        else:
            found.pop(row.currency, None)
    return found


def _rows(at: Helm, figure: str, period: str, currency: str | None) -> list[FigureRow]:
    """A figure of a period in each currency, or in one. ConfigError where it is not known."""
    with at.runtime.store.read() as conn:
        rows = figures.get(conn, at.runtime.key, figure, period)
        known = sorted({row.period for row in figures.listing(conn, at.runtime.key) if row.figure == figure})
    rows = [row for row in rows if currency is None or row.currency == currency]
    if not rows:
        asked = is_task_figure(figure) or any(figure in needed(job) for job in at.jobs.values())
        none = "None was counted yet; `hub sync` does it" if asked else f"No file asks for {figure} (figures:)"
        there = f"There are: {known[0]} to {known[-1]}" if known else none
        raise ConfigError(f"{figure} of {period} is not known{f' in {currency}' if currency else ''}. {there}.")
    return rows


def _compared(at: Helm, figure: str, rows: list[FigureRow], then: dict[str, FigureRow], against: str, say: Say) -> None:
    links, business = at.links(), at.runtime.business
    for row in rows:
        now = figure_of(row)
        # A currency that had not been seen then has nothing in that month.
        before = figure_of(then[row.currency]) if row.currency in then else nothing_of(now, against)
        say(render_change(before, now, business, at.title(figure), links))


def why_clients(figure: str, business: str | None, say: Say) -> None:
    """Prints the clients behind a figure, of each offer."""
    with opened() as hub:
        runtime = only(hub, business)
        with hub.store.read() as conn:
            found = welcomed.offers(conn, runtime)
        counted = [offer for offer in found if figure in offer.figures]
        if not counted:
            why_not = "None was counted yet; `hub sync` does it" if found else "No job welcomes clients"
            raise ConfigError(f"{runtime.key}: {figure} is not known. {why_not}.")
        for offer in counted:
            say(render_clients(offer.figures[figure], offer, runtime.business))


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
