"""Ten thousand pairs of an Asana project and a Notion database that are kept in step, in one process with sandboxes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rig import Rig
from tests.sync import world
from tests.sync.cost import Meter, fill, resync, told

PAIRS = 10_000


def in_step(rig: Rig) -> Iterator[tuple[str, str]]:
    """What a resync and one changed field cost, in calls. The seconds are the sandboxes' more than the hub's."""
    with world.boxes() as boxes, world.site(boxes, Path(rig.folder) / "in-step") as site:
        started = time.perf_counter()
        fill(site, PAIRS)
        yield f"{PAIRS} pairs made, adopted and read again", f"{time.perf_counter() - started:.0f} s"
        meter, started = Meter(boxes), time.perf_counter()
        resync(site)
        spent, seconds = meter.spent(), time.perf_counter() - started
        yield (
            "resync without a change: writes (target 0), pages read (least possible), other reads",
            f"{spent.writes}, {spent.pages} ({2 * PAIRS // 100}), {spent.others}  {seconds:.0f} s",
        )
        task = boxes.asana.tasks(site.project)[PAIRS // 2]["gid"]
        boxes.asana.edit_task(task, name="Une autre page")
        meter.spent()
        started = time.perf_counter()
        told(site, "asana", "task", task)
        spent, seconds = meter.spent(), time.perf_counter() - started
        yield (
            "one changed field: writes (target 1), reads (target 1)",
            f"{spent.writes}, {spent.pages + spent.others}  {seconds:.1f} s",
        )
