"""Every figure of the example business, counted whole with fourteen months behind it; and after one more sale."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from hub.core.types import Record
from hub.engine.calm import calm
from hub.mapping.revenue_job import FigureConfig, RevenueJob
from hub.planning.ledger import Ledger
from hub.planning.plan import View
from hub.planning.revenue import count
from tests.bench.large import NOW, large_view
from tests.planning import make

ASKED = ("cash_in", "mrr", "mrr_movements", "overdue", "signed", "receivable", "refund_rate", "churn_rate")


def figures(_: Any) -> Iterator[tuple[str, str]]:
    """100,000 balance transactions and 5,000 subscriptions: a full recount, one more sale, and memory."""
    view, job, business, now = large_view(100_000, 5_000)
    wanted, ledger = asking(job), Ledger()

    def counted(of: View, kept: Ledger) -> tuple[float, float, int]:
        started, used = time.perf_counter(), time.process_time()
        with calm():
            made = count(of, wanted, business, now, ledger=kept)
        lines = sum(len(figure.lines) for figure in made.figures)
        return time.perf_counter() - started, time.process_time() - used, lines

    seconds, full, lines = counted(view, ledger)
    what = "a full recount of 100,000 transactions and 5,000 subscriptions"
    yield what, f"{seconds:.1f} s ({full:.1f} s of the processor), {lines} proof lines"
    for number in (1, 2):  # the first one may find something of the process's own to be made
        sale = make.transaction(f"txn_more_{number}", "49.90", NOW - timedelta(hours=1))
        held = {
            where: (*view.records(*where), *([sale] if where[1] == sale.stream else [])) for where in view.streams()
        }
        view = View(held, number, partial(_news, sale))
        seconds, used, _ = counted(view, ledger)
    parts = f"{ledger.recounted} of {ledger.subledgers} subledgers counted again"
    took = f"{1000 * seconds:.0f} ms ({1000 * used:.0f} ms of the processor), {full / used:.0f} times less"
    yield "after one more sale", f"{took}; {parts}"
    tracemalloc.start()
    kept = Ledger()
    counted(view, kept)
    stays, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield "memory of the counting above the records", f"at most {peak / 1e6:.0f} MB, {stays / 1e6:.0f} MB of it kept"


def _news(sale: Record, _: int) -> Sequence[tuple[str, Record]]:
    return [("stripe", sale)]


def asking(job: RevenueJob) -> RevenueJob:
    """The job with the figures of the example business."""
    wanted = tuple(FigureConfig.model_validate({"figure": name, "title": name}) for name in ASKED)
    return job.model_copy(update={"figures": wanted})
