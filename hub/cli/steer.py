"""What the commands about figures share: the jobs that count them, and what was counted last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from hub.bootstrap import Hub, connector_settings
from hub.cli.mirrored import configured
from hub.cli.opened import only, opened
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.core.types import Value
from hub.engine.runtime import Runtime
from hub.mapping.revenue_job import RevenueJob
from hub.planning.figure import Figure, Unit, from_values
from hub.planning.figures.names import FIGURES
from hub.planning.why_links import Links
from hub.store import figures
from hub.store.figures import FigureRow


@dataclass(frozen=True, slots=True)
class Helm:
    """One business, with its jobs that count figures by name."""

    hub: Hub
    runtime: Runtime
    jobs: Mapping[str, RevenueJob]

    @property
    def today(self) -> date:
        """Where the business is."""
        return self.runtime.now().astimezone(self.runtime.business.zone).date()

    @property
    def month(self) -> str:
        return f"{self.today:%Y-%m}"

    def links(self) -> Links:
        """Where Stripe shows the records of this business."""
        connections = self.runtime.business.connections.items()
        mine = tuple(name for name, each in connections if (each.connector or name) == "stripe")
        with self.runtime.store.read() as conn:
            view = self.runtime.view(conn)
        return Links(view, mine, frozenset(name for name in mine if self._in_test_mode(name)))

    def _in_test_mode(self, connection: str) -> bool:
        """Whether its key is one of test mode. Without a key nobody knows: then it is not."""
        item = configured(self.hub, self.runtime)
        try:
            return not getattr(connector_settings(item, connection), "livemode", True)
        except ConfigError:
            return False

    def title(self, figure: str) -> str:
        """What this business calls a figure; what everybody does where its files say nothing."""
        said: dict[str, str] = {each.figure: each.title for job in self.jobs.values() for each in job.figures}
        return said.get(figure) or FIGURES[figure].titles[self.runtime.business.language]


@contextmanager
def helm(business: str | None) -> Iterator[Helm]:
    """ConfigError where the business counts no figures."""
    with opened() as hub:
        runtime = only(hub, business)
        found = counting(runtime)
        if not found:
            raise ConfigError(f"{runtime.key} has no file with `job: revenue_kpis`; docs/mappings.md shows one.")
        yield Helm(hub, runtime, found)


def counting(runtime: Runtime) -> dict[str, RevenueJob]:
    """The jobs of a business that count figures."""
    return {name: job for name, job in runtime.jobs.items() if isinstance(job, RevenueJob)}


def counted(at: Helm) -> list[FigureRow]:
    """Every figure of money that was counted last. ConfigError where none was yet."""
    with at.runtime.store.read() as conn:
        found = [row for row in figures.listing(conn, at.runtime.key) if row.figure in FIGURES]
    if not found:
        raise ConfigError(f"{at.runtime.key}: nothing was counted yet; `hub sync` does it.")
    return found


def numbers(rows: Iterable[FigureRow], home: str) -> dict[tuple[str, str], Decimal | None]:
    """(figure, month) -> its value without the currency, in the business's own."""
    return {(row.figure, row.period): number(row.value) for row in rows if row.currency in ("", home)}


def number(value: Value) -> Decimal | None:
    """The value of a figure without its currency."""
    return value.amount if isinstance(value, Money) else value if isinstance(value, Decimal) else None


def figure_of(row: FigureRow) -> Figure:
    """The figure with its lines, as it was kept."""
    return Figure(
        figure=row.figure,
        period=row.period,
        currency=row.currency,
        value=cast("Money | Decimal | None", row.value),
        unit=cast("Unit", row.unit),
        lines=from_values(row.proof),
        estimated=row.estimated,
        closed=False,
    )
