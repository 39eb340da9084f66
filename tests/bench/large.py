"""A large business in memory: fourteen months, to measure planning alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from hub.core.types import Record
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.planning.plan import View
from hub.planning.planner import plan_revenue
from tests.planning import make

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONTHS = 14


def large_view(transactions: int, subscriptions: int) -> tuple[View, RevenueJob, Business, datetime]:
    """So many balance transactions (a twentieth are refunds) and subscriptions, with a paid invoice for each month."""
    start = NOW - timedelta(days=MONTHS * 30)
    step = (NOW - start) / transactions
    records: list[Record] = []
    for number in range(transactions):
        refund = number % 20 == 0
        amount = "-49.90" if refund else "49.90"
        category = "refund" if refund else "charge"
        records.append(make.transaction(f"txn_{number}", amount, start + step * number, category))
    for number in range(subscriptions):
        begun = start + (NOW - start) * number / subscriptions
        name = f"sub_{number}"
        records.append(make.subscription(name, created=begun))
        for month in range((NOW - begun).days // 30 + 1):
            at = begun + timedelta(days=30 * month)
            records.append(make.paid_invoice(f"in_{number}_{month}", name, at))
            records.append(make.payment(f"inpay_{number}_{month}", f"in_{number}_{month}", "100", at))
    return make.view(*records), make.job(since=None), make.business(), NOW


def plan_once(view: View, job: RevenueJob, business: Business, now: datetime) -> tuple[float, int]:
    """Seconds that a whole plan takes, and how many proof lines it carries."""
    started = time.perf_counter()
    planned = plan_revenue(view, job, business, {}, now)
    return time.perf_counter() - started, sum(len(figure.lines) for figure in planned.figures)
