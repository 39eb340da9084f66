"""Whatever people do on both sides: the plan says how many calls it takes, both sides agree, and then rest."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hub.store import changes
from tests.sync.world import Site, writes

TITLES = ("Page", "Pub", "Mail", "Café ☕", "Devis")
DAYS = (None, "2026-03-20", "2026-03-25", "2026-04-01")


class Life:
    """What people do, at random, on one site. A title stands for one task."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.dice = random.Random(seed)
        self.removed: set[str] = set()
        self.names: list[str] = []
        self.lea = site.boxes.asana.add_user(f"Léa {seed}", "lea@example.com")

    def happen(self) -> None:
        """One thing."""
        asana, notion, dice = self.site.boxes.asana, self.site.boxes.notion, self.dice
        tasks = [task["gid"] for task in asana.tasks(self.site.project)]
        rows = [row["id"] for row in notion.rows(self.site.table) if not row.get("Disparu")]
        what = dice.choice(("add", "task", "task", "row", "row", "row", "people", "delete", "remove"))
        if what == "add" or not tasks:
            name = f"{dice.choice(TITLES)} {len(self.names)}"
            self.names.append(name)
            who = dice.choice((None, self.lea))
            asana.add_task(self.site.project, name, section="À faire", due_on=dice.choice(DAYS), assignee=who)
        elif what == "task":
            task = dice.choice(tasks)
            edits: dict[str, Any] = {"due_on": dice.choice(DAYS), "completed": dice.random() < 0.5}
            edits |= {"assignee": dice.choice((None, self.lea)), "notes": dice.choice(("", "note"))}
            picked = dice.sample(sorted(edits), dice.randint(1, 3))
            asana.edit_task(task, **{name: edits[name] for name in picked})
        elif what == "delete" and len(tasks) > 3:
            asana.delete_task(dice.choice(tasks))
        elif what == "row" and rows:
            columns: dict[str, Any] = {"Échéance": dice.choice(DAYS), "Notes": dice.choice(("", "fait main"))}
            columns |= {"Tâche": "renommée à la main", "Qui": "Zoé"}
            picked = dice.sample(sorted(columns), dice.randint(1, 2))
            notion.edit_as_person(dice.choice(rows), {name: columns[name] for name in picked})
        elif what == "people" and rows:
            notion.edit_as_person(dice.choice(rows), {"Commentaire": "à moi"})
        elif what == "remove" and len(rows) > 3:
            row = dice.choice(rows)
            notion.trash_as_person(row)
            with self.site.store.write() as conn:  # what Notion's webhook says; no query shows what is in the trash
                changes.ring(conn, "lila", "notion", [("row", row)], self.site.clock())


def looked(site: Site) -> tuple[int, int]:
    """One look: how many calls its plans foretold, and how many came."""
    before = writes(site.boxes)
    foretold = sum(len(result.plan.actions) for turn in site.look() for result in turn.jobs if result.plan)
    return foretold, writes(site.boxes) - before


@pytest.mark.parametrize("seed", range(5))
def test_the_calls_are_as_foretold_and_both_sides_agree_and_rest(site: Site, seed: int) -> None:
    """40 states for each seed."""
    life = Life(site, seed)
    for _ in range(5):
        life.happen()
    for _ in range(40):
        for _ in range(life.dice.randint(1, 4)):
            life.happen()
        foretold, counted = looked(site)
        assert counted == foretold
    site.settle()

    assert looked(site) == (0, 0)
    rows = {row["Hub"]: row for row in site.boxes.notion.rows(site.table)}
    keys = [row["Hub"] for row in site.boxes.notion.rows(site.table)]
    assert len(keys) == len(set(keys))
    for task in site.boxes.asana.tasks(site.project):
        row = rows.get(task["gid"])
        if row is None:
            continue  # a person removed it, and the hub does not put it back
        assert row["Tâche"] == task["name"]
        assert row["Échéance"] == task["due_on"]
        assert (row["Notes"] or "") == (task["notes"] or "").partition("\nHub:")[0].strip()
        assert row["Qui"] == ("Léa" if task["assignee"] else "")
