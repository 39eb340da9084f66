"""Client journeys in flight: what one wake-up costs, from the store to the actions, and what it touches."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

from tests.bench.rig import Rig
from tests.onboarding.many import COUNT, crowd

T = TypeVar("T")


def journeys(rig: Rig) -> Iterator[tuple[str, Any]]:
    """5,000 journeys, all that was due done; then seven of them with something due."""
    with crowd(Path(rig.folder) / "journeys") as many:
        made, first = _seconds(many.make, times=1)
        yield f"{COUNT:,} journeys, the first plan of a process, s of processor", f"{first:.2f}"
        made, seconds = _seconds(many.make)
        yield "a wake-up with nothing due: facts, memory, plan, actions (target: under 1)", f"{seconds:.2f}"
        yield "  actions (target 0)", len(made.plan.actions)
        many.undo(7)
        made, seconds = _seconds(many.make)
        yield "a wake-up with 7 steps due (target: under 1)", f"{seconds:.2f}"
        yield (
            "  actions (target 7), journeys touched (target: at most 7)",
            f"{len(made.plan.actions)}, {many.touched(made)}",
        )
        _, seconds = _seconds(lambda: many.settle(made), times=1)
        yield "its end: states, figures with their proof", f"{seconds:.2f}"


def _seconds(work: Callable[[], T], times: int = 3) -> tuple[T, float]:
    """What it gives, and the processor time of the fastest."""
    spent = []
    for _ in range(times):
        gc.collect()
        start = process_time()
        found = work()
        spent.append(process_time() - start)
    return found, min(spent)
