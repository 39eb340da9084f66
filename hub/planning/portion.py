"""What one subledger adds to the figures of its business. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.core.money import Money
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch
from hub.planning.calendar import Month
from hub.planning.figure import Figure, ProofLine
from hub.planning.figures import attempts, movements, owed, receivable, states
from hub.planning.figures.books import Books, books
from hub.planning.figures.cash import cash
from hub.planning.figures.launches import Sale
from hub.planning.figures.moment import Moment
from hub.planning.figures.movements import Bridge
from hub.planning.figures.names import FIGURES
from hub.planning.figures.orders import orders
from hub.planning.figures.plans import Unsure, plans, to_classify
from hub.planning.figures.states import Snapshot, State
from hub.planning.figures.tax import takings
from hub.planning.launched import sold_in
from hub.planning.plan import View
from hub.planning.revenue_calls import NAMES as CALLS
from hub.planning.revenue_calls import addresses_in, payments_by_address
from hub.planning.revenue_notes import others
from hub.planning.rules_of import by_the_rules, rules_of

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
STATES = frozenset(FIGURES) - _ORDERS - _CASH - _ATTEMPTS - _OWED - _PARTS - CALLS
"""The figures of what recurs, and the ratios made of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is counted of every subledger: the figures `wanted` of the months of `span`, whatever else they need."""

    job: RevenueJob
    business: Business
    span: tuple[Month, ...]
    wanted: frozenset[str]
    year: int
    launches: tuple[Launch, ...] = ()
    """Those whose sales are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The figures of one subledger, by key, and what else is to be said of it.

    `lacking`: figures that cannot be known, for what they need of one of its records is missing. `states`: its
    subscriptions now. `paid`: when each address paid. `counted_at`, `until`: the same from then on (inclusive) until
    then (exclusive; None: for good), while its records stay as they are.
    """

    figures: dict[str, Figure]
    lacking: frozenset[str]
    bridges: dict[tuple[str, str], Bridge]
    states: tuple[State, ...]
    unsure: tuple[Unsure, ...]
    others: Mapping[tuple[str, str], Sequence[Money]]
    takings: tuple[ProofLine, ...]
    paid: Mapping[str, Sequence[datetime]]
    sold: tuple[Sale, ...]
    counted_at: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it would be the same now."""
        return self.counted_at <= now and (self.until is None or now < self.until)


def portion(view: View, asked: Asked, memory: Sequence[Snapshot], now: datetime, *, first: bool) -> Portion:
    """One subledger, counted; the `first` has what belongs to no customer. ValueError when an identity between figures
    does not hold."""
    job, moment = asked.job, Moment.of(now)
    kept = by_the_rules(books(view, job.read, asked.business, moment), job)
    if not first:
        kept = replace(kept, by_hand=())
    found, bridges, standing = _counted(kept, asked, memory)
    figures = {each.key: each for each in found}
    lacking: set[str] = set()
    if "cash_in_net" in asked.wanted:
        keys = (f"cash_in_net/{each.period}/{each.currency}" for each in found if each.figure == "cash_in")
        lacking = {key for key in keys if key not in figures}
    return Portion(
        figures=figures,
        lacking=frozenset(lacking),
        bridges={(each.month.label, each.currency): each for each in bridges},
        states=states.states_now(kept) if standing is None else standing,
        unsure=to_classify(kept),
        others=others(kept),
        takings=() if job.rules.vat is None or job.rules.vat.franchise is None else takings(kept, asked.year),
        paid=payments_by_address(kept, addresses_in(view, job)) if asked.wanted & CALLS else {},
        sold=sold_in(asked.launches, kept, view, job),
        counted_at=now,
        until=moment.until,
    )


def _counted(
    kept: Books, asked: Asked, memory: Sequence[Snapshot]
) -> tuple[list[Figure], Sequence[Bridge], tuple[State, ...] | None]:
    """The families of figures of which any is wanted, the bridges of MRR, and what subscriptions are now."""
    wanted, span = asked.wanted, asked.span
    found = [*_flows(kept, asked)]
    if not wanted & STATES:
        return found, (), None
    standing = states.standings(kept, span, memory)
    bridges = movements.bridges(kept, standing)
    found += [*states.figures(standing, span, kept.currency), *movements.figures(bridges, span)]
    return found, bridges, standing[-1].states


def _flows(kept: Books, asked: Asked) -> Iterator[Figure]:
    wanted, span = asked.wanted, asked.span
    if wanted & _CASH:
        yield from cash(kept, rules_of(asked.job), span, wanted | {"cash_in"})
    sold = plans(kept) if wanted & (_ORDERS | _PARTS) else ()
    if wanted & _ORDERS:
        yield from orders(kept, sold, span, wanted)
    if wanted & _ATTEMPTS:
        yield from attempts.figures(kept, span)
    if wanted & _OWED:
        yield from owed.figures(kept, span)
    if wanted & _PARTS:
        yield from receivable.figures(kept, sold, span)
