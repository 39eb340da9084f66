"""The fewest calls possible, counted by the sandboxes; `make bench` does the same with ten thousand pairs."""

from __future__ import annotations

from tests.sync.cost import Meter, fill, resync, told
from tests.sync.world import Site

PAIRS = 1_000
OTHERS = 7
"""Asana's project, its fields and people; Notion's people, and its table for rows, columns and what it lacks."""


def test_a_resync_of_unchanged_pairs_reads_only_their_pages_and_a_changed_field_is_one_call(site: Site) -> None:
    fill(site, PAIRS)
    meter = Meter(site.boxes)

    assert resync(site) == 0

    spent = meter.spent()
    assert spent.writes == 0
    assert spent.pages == 2 * PAIRS // 100
    assert spent.others == OTHERS

    tasks, rows = site.boxes.asana.tasks(site.project), site.boxes.notion.rows(site.table)
    site.boxes.asana.edit_task(tasks[17]["gid"], name="Une autre page")
    assert told(site, "asana", "task", tasks[17]["gid"]) == 1
    spent = meter.spent()
    assert (spent.writes, spent.pages, spent.others) == (1, 0, 1), spent.calls
    assert spent.calls["PATCH /v1/pages/{page_id}"] == 1

    site.boxes.notion.edit_as_person(rows[401]["id"], {"Échéance": "2026-03-25"})
    assert told(site, "notion", "row", rows[401]["id"]) == 1
    spent = meter.spent()
    assert (spent.writes, spent.pages, spent.others) == (1, 0, 1), spent.calls
    (task,) = [task for task in site.boxes.asana.tasks(site.project) if task["due_on"] == "2026-03-25"]
    assert task["name"] == rows[401]["Tâche"]

    assert resync(site) == 0, "our own writes come back as no edits"
    assert meter.spent().writes == 0
