"""What keeping many pairs in step costs, counted by the sandboxes. Used by the tests and by `make bench`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hub.engine.turn import Turn
from hub.store import changes, links
from tests.sync.world import Boxes, Site

PAGES = ("GET /api/1.0/tasks", "POST /v1/data_sources/{data_source_id}/query")
"""A hundred tasks, a hundred rows."""


@dataclass(frozen=True)
class Spent:
    """Calls by method and route."""

    calls: Counter[str]

    @property
    def writes(self) -> int:
        return sum(n for call, n in self.calls.items() if not call.startswith("GET ") and call not in PAGES)

    @property
    def pages(self) -> int:
        """Reads of a hundred tasks or rows."""
        return sum(self.calls[call] for call in PAGES)

    @property
    def others(self) -> int:
        """Reads of anything else: the project, its columns, people, one record."""
        return self.calls.total() - self.writes - self.pages


class Meter:
    """Counts what comes from its making, or the last `spent`, on."""

    def __init__(self, boxes: Boxes) -> None:
        self._boxes = boxes
        self._before = self._so_far()

    def spent(self) -> Spent:
        now = self._so_far()
        before, self._before = self._before, now
        return Spent(now - before)

    def _so_far(self) -> Counter[str]:
        asana = {f"{method} {path}": count for (method, path), count in self._boxes.asana.calls.counts.items()}
        return Counter(asana) + Counter(self._boxes.notion.stats()["calls"])


def fill(site: Site, count: int) -> None:
    """So many tasks, and a row for each that a person made; all adopted, read once more since, and at rest."""
    for number in range(count):
        site.boxes.asana.add_task(site.project, f"Page {number}", section="À faire", due_on="2026-03-20")
        row = {"Tâche": f"Page {number}", "Échéance": "2026-03-20", "Étape": "À faire"}
        site.boxes.notion.add_row_as_person(site.table, row)
    # What was edited in the last minutes is read anew, one by one, because its minute may see another edit.
    site.boxes.skip(300)
    site.look()
    resync(site)
    with site.store.read() as conn:
        pairs = [link for link in links.load(conn, site.runtime.key, "tasks") if link.ref and link.values]
    assert len(pairs) == count


def resync(site: Site) -> int:
    """What the nightly reconcile does: both sides read whole, then a turn that looks. How many effects it had."""
    return effects(site.reconcile())


def told(site: Site, connection: str, stream: str, key: str) -> int:
    """What a webhook does: that record is read again, then a turn. How many effects it had."""
    with site.store.write() as conn:
        changes.ring(conn, site.runtime.key, connection, [(stream, key)], site.clock())
    return effects(site.worker.turns(site.runtime))


def effects(turns: Sequence[Turn]) -> int:
    """How many effects these turns had. None of them failed or was held."""
    results = [result for turn in turns for result in turn.jobs]
    assert not [result for result in results if result.error or result.plan_id]
    return sum(result.applied.done for result in results if result.applied)
