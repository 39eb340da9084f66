"""The figures of a revenue job: what its file asks for, by local month and currency, each with its proof. Pure.

`hub.planning.figures` counts; here stands which of it a file needs, over which months, and what became of months that
were over. Every identity between figures is asserted on the way (ValueError). Two currencies are never added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from hub.mapping.figure_names import FIGURES, FigureName
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.calendar import Month, months
from hub.planning.counted import ALONE, Around, Counted
from hub.planning.figure import Figure, ProofLine, from_values, to_values
from hub.planning.figures import attempts, movements, owed, ratios, receivable, states
from hub.planning.figures.books import Books, books
from hub.planning.figures.cash import cash
from hub.planning.figures.currencies import Rates, Total, total
from hub.planning.figures.names import FIGURES as DEFINED
from hub.planning.figures.orders import orders
from hub.planning.figures.plans import plans, to_classify
from hub.planning.figures.records import instant
from hub.planning.figures.states import Snapshot
from hub.planning.figures.tax import threshold
from hub.planning.plan import View
from hub.planning.restated import restate
from hub.planning.revenue_calls import NAMES as CALLS
from hub.planning.revenue_calls import addresses_in, call_figures, calls_in
from hub.planning.revenue_notes import notes_of
from hub.planning.rules_of import by_the_rules, rules_of, threshold_of, version_of

__all__ = ["Counted", "Figure", "ProofLine", "count", "figures", "from_values", "to_values"]

_ORDERS = frozenset(
    {"refund_rate", "refund_rate_cohort", "dispute_activity", "dispute_rate", "average_order", "signed"}
)
_CASH = frozenset({
    "gross_volume", "refunds", "disputes", "late_failures", "fees", "other_movements", "net_volume", "payouts",
    "treasury", "cash_in", "cash_in_net", "paid_outside", "cash_recurring", "cash_one_off", "cash_instalments",
    "cash_to_classify", "recurring_share",
})  # fmt: skip
_ATTEMPTS = frozenset({"failed_payments", "recovered_payments"})
_OWED = frozenset({"overdue"})
_PARTS = frozenset({
    "instalments_signed", "instalments_received", "receivable", "instalments_due", "instalments_overdue",
    "instalments_abandoned", "instalments_rate",
})  # fmt: skip
_STATES = frozenset(FIGURES) - _ORDERS - _CASH - _ATTEMPTS - _OWED - _PARTS - CALLS


def count(view: View, job: RevenueJob, business: Business, now: datetime, around: Around = ALONE) -> Counted:
    """Everything that the file needs, counted. ValueError when an identity between figures does not hold."""
    kept = by_the_rules(books(view, job.read, business, now), job)
    span = months(_first_day(view, job, business, now), now, business.zone)
    held = calls_in(view, job, around.kinds, now)
    wanted = frozenset(needed(job))
    found = [*_counted(kept, job, span, wanted, around.memory.snapshots)]
    if wanted & CALLS and job.calls is not None:
        found += call_figures(kept, addresses_in(view, job), held, job.calls, span)
    made = _ordered(found, wanted, business.currency)
    version = version_of(job, business)
    shown, restated = restate(made, around.memory, version, business.language)
    known = {figure.key: figure for figure in shown}
    limit = threshold_of(job)
    watched = None if limit is None else threshold(kept, limit, now.astimezone(business.zone).year)
    unsure = to_classify(kept)
    totals = _totals(job, known, business, span, now, around.rates)
    return Counted(
        figures=_asked(job, shown),
        known=known,
        notes=notes_of(kept, span, business.language, unsure, totals, watched, around.rates),
        rules=version,
        restated=restated,
        totals=totals,
        to_classify=unsure,
        watched=watched,
        calls=held,
        snapshot=states.remember(kept),
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


def _counted(
    kept: Books,
    job: RevenueJob,
    span: Sequence[Month],
    wanted: frozenset[str],
    memory: Sequence[Snapshot],
) -> Iterator[Figure]:
    """The families of figures of which any is wanted."""
    if wanted & _CASH:
        yield from cash(kept, rules_of(job), span, wanted)
    sold = plans(kept) if wanted & (_ORDERS | _PARTS) else ()
    if wanted & _ORDERS:
        yield from orders(kept, sold, span, wanted)
    if wanted & _STATES:
        standing = states.standings(kept, span, memory)
        bridges = movements.bridges(kept, standing)
        found = (*states.figures(standing, span, kept.currency), *movements.figures(bridges, span))
        yield from found
        yield from ratios.figures(bridges, found, span)
    if wanted & _ATTEMPTS:
        yield from attempts.figures(kept, span)
    if wanted & _OWED:
        yield from owed.figures(kept, span)
    if wanted & _PARTS:
        yield from receivable.figures(kept, sold, span)


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


def _totals(
    job: RevenueJob,
    known: Mapping[str, Figure],
    business: Business,
    span: Sequence[Month],
    now: datetime,
    rates: Rates,
) -> tuple[Total, ...]:
    """One total of each figure of money that is asked for, in each month with several currencies."""
    several: dict[tuple[FigureName | str, str], list[Figure]] = {}
    for figure in known.values():
        if figure.unit == "money" and figure.figure in job.asked:
            several.setdefault((figure.figure, figure.period), []).append(figure)
    days = {month.label: min(month.last, now).astimezone(business.zone).date() for month in span}
    return tuple(
        total(each, business.currency, rates, days[period])
        for (_, period), each in several.items()
        if len(each) > 1 and period in days
    )


def _first_day(view: View, job: RevenueJob, business: Business, now: datetime) -> date:
    days = [read.since for read in job.read if read.since is not None]
    for read in job.read:
        if read.since is None:
            for stream in ("balance_transaction", "subscription", "invoice"):
                instants = (instant(record) for record in view.records(read.connection, stream))
                days.append(min(instants, default=now).astimezone(business.zone).date())
    return min(days, default=now.astimezone(business.zone).date())
