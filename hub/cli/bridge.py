"""`hub bridge`: why another tool says another number."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from hub.cli.opened import Say
from hub.cli.steer import Helm, figure_of, helm
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.engine.figures import around
from hub.mapping.revenue_job import RevenueJob
from hub.planning.figures.books import books
from hub.planning.figures.bridge import SUPPORTED, bridge
from hub.planning.rules_of import by_the_rules, rules_of
from hub.planning.why_bridge import render
from hub.store import figures
from hub.store.figures import FigureRow


def explain(figure: str, period: str, theirs: str, currency: str | None, business: str | None, say: Say) -> None:
    """Prints the way from ours to theirs. ConfigError for a figure that is not known, or has no other way."""
    if figure not in SUPPORTED:
        raise ConfigError(f"Only amounts that other tools count too are bridged: {', '.join(SUPPORTED)}.")
    amount = amount_of(theirs)
    with helm(business) as at:
        code = (currency or at.runtime.business.currency).upper()
        job, row = _row(at, figure, period, code)
        with at.runtime.store.read() as conn:
            view = at.runtime.view(conn)
            rates = around(conn, at.runtime, job).rates
        kept = by_the_rules(books(view, job.read, at.runtime.business, at.runtime.now()), job)
        found = bridge(figure_of(row), Money(amount, code), kept, rules_of(job), rates)
        say(render(found, at.runtime.business, at.title(figure), at.links()))


def amount_of(text: str) -> Decimal:
    """12345.67, 12345,67 and 12 345,67 are one amount. ConfigError for what is none, or could be read in two ways."""
    plain = "".join(text.split()).strip("€$£")
    if "," in plain and "." in plain:
        raise ConfigError(f"{text} can be read in two ways. Write the amount without a mark between thousands.")
    try:
        found = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ConfigError(f"{text} is no amount. Write it in digits, like 12345.67.")
    return found


def _row(at: Helm, figure: str, period: str, currency: str) -> tuple[RevenueJob, FigureRow]:
    with at.runtime.store.read() as conn:
        by_job = figures.of_jobs(conn, at.runtime.key, period)
    for name, job in at.jobs.items():
        for row in by_job.get(name, ()):
            if (row.figure, row.currency) == (figure, currency):
                return job, row
    raise ConfigError(
        f"{figure} of {period} in {currency} is not known. `hub figures` shows what is; a file asks for it with "
        f"figures: [{{figure: {figure}, title: …}}]."
    )
