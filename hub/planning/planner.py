"""The planner of the revenue job: the mirror and what is known of the target in, a plan out (R3: pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.counted import ALONE, Around, Counted
from hub.planning.desired import desired
from hub.planning.diff import diff, expectations, hold
from hub.planning.figure import Figure
from hub.planning.ledger import Ledger
from hub.planning.page_facts import NOTHING, Beside
from hub.planning.plan import Desired, KnownCollection, Plan, View
from hub.planning.revenue import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, what it wants (the collections that its actions name), and what was counted for it."""

    plan: Plan
    desired: tuple[Desired, ...]
    counted: Counted

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self.counted.figures


def plan_revenue(
    view: View,
    job: RevenueJob,
    business: Business,
    known: Mapping[str, KnownCollection],
    now: datetime,
    *,
    changed: bool = False,
    beside: Beside = NOTHING,
    around: Around = ALONE,
    ledger: Ledger | None = None,
) -> Planned:
    """What must be written so that the target shows the figures of these records; held when it is abnormal (R12).

    `changed`: nothing was written by this mapping yet, but something by another. Then no update is ordinary.
    `beside`: what the page shows too. `ledger`: what was counted before, so that only what changed is counted again.
    """
    counted = count(view, job, business, now, around, ledger)
    wanted = desired(counted.figures, job, business, now, beside, counted)
    actions = diff(business.key, job.name, wanted, known, business.language)
    plan = Plan(
        business=business.key,
        job=job.name,
        at=now,
        actions=actions,
        held=hold(
            actions,
            known,
            business.safety,
            {} if changed else expectations(wanted),
            business.language,
            pages={each.collection.name for each in wanted if each.collection.kind == "page"},
        ),
        notes=counted.notes,
    )
    return Planned(plan=plan, desired=wanted, counted=counted)
