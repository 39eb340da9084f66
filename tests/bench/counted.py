"""Every figure of the example business, counted whole with fourteen months behind it; and after one more sale."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hub.engine.calm import calm
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.planning.plan import View
from hub.planning.revenue import count
from tests.bench.large import NOW, large_view
from tests.planning import make

ASKED = ("cash_in", "mrr", "mrr_movements", "overdue", "signed", "receivable", "refund_rate", "churn_rate")


def figures(_: Any) -> Iterator[tuple[str, str]]:
    """100,000 balance transactions and 5,000 subscriptions: a full recount, and what it holds in memory."""
    view, job, business, now = large_view(100_000, 5_000)
    wanted = asking(job)

    def counted(of: View) -> tuple[float, float, int]:
        started, used = time.perf_counter(), time.process_time()
        with calm():
            made = count(of, wanted, business, now)
        lines = sum(len(figure.lines) for figure in made.figures)
        return time.perf_counter() - started, time.process_time() - used, lines

    seconds, used, lines = counted(view)
    what = "a full recount of 100,000 transactions and 5,000 subscriptions"
    yield what, f"{seconds:.1f} s ({used:.1f} s of the processor), {lines} proof lines"
    sale = make.transaction("txn_last", "49.90", NOW - timedelta(hours=1))
    held = {where: (*view.records(*where), *([sale] if where[1] == sale.stream else [])) for where in view.streams()}
    seconds, used, _ = counted(View(held))
    yield "the same after one more sale", f"{seconds:.1f} s ({used:.1f} s of the processor)"
    tracemalloc.start()
    counted(view)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield "memory of the counting above the records, at most", f"{peak / 1e6:.0f} MB"


def asking(job: RevenueJob) -> RevenueJob:
    """The job with the figures of the example business."""
    wanted = tuple(FigureConfig.model_validate({"figure": name, "title": name}) for name in ASKED)
    return job.model_copy(update={"figures": wanted})
