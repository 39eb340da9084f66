"""The figures of a revenue job: what its file asks for, by local month and currency, each with its proof. Pure.

`hub.planning.figures` counts; here stands which of it a file needs, over which months, and what became of months that
were over. Every identity between figures is asserted on the way (ValueError). Two currencies are never added.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.counted import ALONE, Around, Counted
from hub.planning.figure import Figure, ProofLine, from_values, to_values
from hub.planning.figures.names import FIGURES as DEFINED
from hub.planning.figures.states import Snapshot
from hub.planning.figures.tax import watched
from hub.planning.launched import launched
from hub.planning.ledger import Ledger
from hub.planning.plan import View
from hub.planning.restated import restate
from hub.planning.revenue_calls import NAMES as CALLS
from hub.planning.revenue_calls import call_figures, calls_in
from hub.planning.revenue_notes import notes_of
from hub.planning.rules_of import threshold_of, version_of
from hub.planning.totals import totals_of

__all__ = ["Counted", "Figure", "ProofLine", "count", "figures", "from_values", "to_values"]


def count(
    view: View,
    job: RevenueJob,
    business: Business,
    now: datetime,
    around: Around = ALONE,
    ledger: Ledger | None = None,
) -> Counted:
    """Everything that the file needs, counted. ValueError when an identity between figures does not hold.

    `ledger`: what the last count kept, so that only what changed is counted again.
    """
    held = calls_in(view, job, around.kinds, now)
    wanted = frozenset(needed(job))
    summed = (ledger or Ledger()).count(view, job, business, now, wanted, around.memory.snapshots)
    found, span = list(summed.figures), summed.span
    if wanted & CALLS and job.calls is not None:
        found += call_figures(summed.paid, held, job.calls, span, now)
    made = _ordered(found, wanted, business.currency)
    version = version_of(job, business)
    shown, restated = restate(made, around.memory, version, business.language, business.zone)
    known = {figure.key: figure for figure in shown}
    limit = threshold_of(job)
    year = now.astimezone(business.zone).year
    near = None if limit is None else watched(summed.takings, business.currency, limit, year)
    totals = totals_of(job, known, business, span, now, around.rates)
    return Counted(
        figures=_asked(job, shown),
        known=known,
        notes=notes_of(summed.others, span, business.language, summed.unsure, totals, near, around.rates),
        rules=version,
        restated=restated,
        totals=totals,
        to_classify=summed.unsure,
        watched=near,
        calls=held,
        snapshot=Snapshot(now.astimezone(business.zone).date(), summed.states),
        launched=launched(job, summed.sold, business.zone, now),
    )


def figures(view: View, job: RevenueJob, business: Business, now: datetime) -> tuple[Figure, ...]:
    """Every figure that the job asks for, in its order; each by month, oldest first, the business's currency first.

    Months run from the earliest `since` (or first record) to `now`. Another currency's figures begin with the month in
    which it first appears and then never stop, so that no row disappears again.
    """
    return count(view, job, business, now).figures


def needed(job: RevenueJob) -> tuple[str, ...]:
    """The figures that the file asks for, and those that its objectives and commissions are made of."""
    results = (result.figure for objective in job.okr for result in objective.key_results)
    bases = (commission.base for commission in job.commissions.values())
    return tuple(dict.fromkeys((*job.asked, *(name for name in results if name), *bases)))


def _ordered(made: Iterable[Figure], wanted: frozenset[str], home: str) -> tuple[Figure, ...]:
    order = {name: place for place, name in enumerate(DEFINED)}
    mine = [figure for figure in made if figure.figure in wanted]
    return tuple(sorted(mine, key=lambda each: (order[each.figure], each.period, each.currency != home, each.currency)))


def _asked(job: RevenueJob, made: Iterable[Figure]) -> tuple[Figure, ...]:
    by_name: dict[str, list[Figure]] = {}
    for figure in made:
        by_name.setdefault(figure.figure, []).append(figure)
    found: list[Figure] = []
    for config in job.figures:
        for name in config.names:
            found += [each for each in by_name.get(name, ()) if config.per == "month" or not each.closed]
    return tuple(found)
