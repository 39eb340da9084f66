"""The planner of the revenue job: the mirror and what is known of the target in, a plan out (R3: pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.mapping.model import Business, RevenueJob
from hub.planning.desired import desired
from hub.planning.diff import diff, expectations, hold
from hub.planning.figure import Figure
from hub.planning.plan import Desired, KnownCollection, Plan, View
from hub.planning.revenue import figures, notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, what it wants (the collections that its actions name), and the figures behind it."""

    plan: Plan
    desired: tuple[Desired, ...]
    figures: tuple[Figure, ...]


def plan_revenue(
    view: View,
    job: RevenueJob,
    business: Business,
    known: Mapping[str, KnownCollection],
    now: datetime,
    *,
    changed: bool = False,
) -> Planned:
    """What must be written so that the target shows the figures of these records; held when it is abnormal (R12).

    `changed`: nothing was written by this mapping yet, but something by another. Then no update is ordinary.
    """
    found = figures(view, job, business, now)
    wanted = desired(found, job, business, now)
    actions = diff(business.key, job.name, wanted, known, business.language)
    plan = Plan(
        business=business.key,
        job=job.name,
        at=now,
        actions=actions,
        held=hold(actions, known, business.safety, {} if changed else expectations(wanted), business.language),
        notes=notes(view, job, business),
    )
    return Planned(plan=plan, desired=wanted, figures=found)
