"""What people do on both sides, at random, and what must come of it."""

from __future__ import annotations

import random
from typing import Any

from hub.store import links
from tests.sync.world import Site

DAYS = (None, "2026-03-20", "2026-03-25", "2026-04-01")
SECTIONS = ("À faire", "Fait")
KINDS = (
    "task",
    "task",
    "task",
    "row",
    "row",
    "row",
    "people",
    "people",
    "move",
    "add",
    "write",
    "delete",
    "trash",
    "undo",
)


class People:
    """They edit tasks and rows, add, delete and restore them. Each title is given once.

    `tasks` and `rows`: id -> what people last set there, field by field. A field that they never set is not in it.
    """

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.dice = random.Random(seed)
        self.lea = site.boxes.asana.add_user(f"Léa {seed}", "lea@example.com")
        self.tasks: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.trashed: list[str] = []
        self.born: set[str] = set()
        self.added: set[str] = set()
        """Rows and tasks that people added."""
        self._titles = 0

    def act(self, kind: str | None = None) -> None:
        """One thing."""
        kind = kind or self.dice.choice(KINDS)
        tasks = [task["gid"] for task in self.site.boxes.asana.tasks(self.site.project)]
        rows = [row["id"] for row in self.site.boxes.notion.rows(self.site.table)]
        if kind == "add" or not tasks:
            self._add()
        elif kind == "task":
            self._edit_task(self.dice.choice(tasks))
        elif kind == "move":
            task, section = self.dice.choice(tasks), self.dice.choice(SECTIONS)
            self.site.boxes.asana.move_task(task, self.site.project, section)
            self._task(task)["section"] = section
        elif kind == "delete" and len(tasks) > 4:
            self.deleted.append(self.dice.choice(tasks))
            self.site.boxes.asana.delete_task(self.deleted[-1])
        elif kind == "write":
            self._write()
        elif kind == "row" and rows:
            self._edit_row(self.dice.choice(rows))
        elif kind == "people" and rows:
            self._set(self.dice.choice(rows), {"Commentaire": f"à moi, {self.dice.random():.3f}"})
        elif kind == "trash" and len(rows) > 4:
            self.trashed.append(self.dice.choice(rows))
            self.site.boxes.notion.trash_as_person(self.trashed[-1])
        elif kind == "undo":
            self._undo()

    def _title(self, what: str) -> str:
        self._titles += 1
        return f"{what} {self._titles}"

    def _task(self, gid: str) -> dict[str, Any]:
        return self.tasks.setdefault(gid, {})

    def _add(self) -> None:
        said = {"due_on": self.dice.choice(DAYS), "assignee": self.dice.choice((None, self.lea))}
        said |= {"name": self._title("Page"), "section": self.dice.choice(SECTIONS)}
        self.added.add(task := self.site.boxes.asana.add_task(self.site.project, **said))
        self._task(task).update(said)

    def _edit_task(self, gid: str) -> None:
        edits: dict[str, Any] = {"due_on": self.dice.choice(DAYS), "completed": self.dice.random() < 0.5}
        # The last line is how the hub knows a task that it has made; who takes it away has made another task of it.
        _, key, line = self.site.boxes.asana.task(gid)["notes"].rpartition("Hub:")
        notes = self.dice.choice(("", "note\n")) + (key + line if key else "")
        edits |= {"assignee": self.dice.choice((None, self.lea)), "notes": notes}
        edits["name"] = self._title("Tâche")
        edits = {name: edits[name] for name in self.dice.sample(sorted(edits), self.dice.randint(1, 3))}
        self.site.boxes.asana.edit_task(gid, **edits)
        self._task(gid).update(edits)

    def _write(self) -> None:
        values = {"Tâche": self._title("Ligne"), "Échéance": self.dice.choice(DAYS)}
        row = self.site.boxes.notion.add_row_as_person(self.site.table, values)
        self.born.add(row)
        self.rows[row] = values

    def _edit_row(self, row: str) -> None:
        values: dict[str, Any] = {
            "Échéance": self.dice.choice(DAYS),
            "Statut": self.dice.choice(("Not started", "Done")),
        }
        values |= {"Notes": self.dice.choice(("", "fait main")), "Tâche": self._title("À la main")}
        self._set(row, {name: values[name] for name in self.dice.sample(sorted(values), self.dice.randint(1, 2))})

    def _set(self, row: str, values: dict[str, Any]) -> None:
        self.site.boxes.notion.edit_as_person(row, values)
        self.rows.setdefault(row, {}).update(values)

    def _undo(self) -> None:
        if self.deleted and self.dice.random() < 0.5:
            self.site.boxes.asana.restore_task(self.deleted.pop())
        elif self.trashed:
            self.site.boxes.notion.restore_as_person(self.trashed.pop())

    def judge(self) -> None:
        """Both sides agree with the owners, nothing is there twice, and what is people's is as people left it."""
        tasks = {task["gid"]: task for task in self.site.boxes.asana.tasks(self.site.project)}
        rows = {row["id"]: row for row in self.site.boxes.notion.rows(self.site.table)}
        with self.site.store.read() as conn:
            pairs = [(link.row, str(link.ref)) for link in links.load(conn, "lila", "tasks") if link.values]
        assert len({task for task, _ in pairs}) == len({row for _, row in pairs}) == len(pairs)
        partner = dict(pairs)
        paired = {row: task for task, row in pairs}

        held = [row["Hub"] for row in rows.values() if row.get("Hub")]
        assert len(held) == len(set(held)), "a task has two rows"
        names = [task["name"] for task in tasks.values()]
        assert len(names) == len(set(names)), "a task is there twice"

        assert set(partner) >= set(tasks), "a task that the hub never gave a row"
        for gid, task in tasks.items():
            assert gid in self.added or partner[gid] in self.born, f"nobody added {task['name']}"
            row = rows.get(partner[gid])
            assert row is not None or partner[gid] in self.trashed, f"{task['name']} lost its row"
            if row is not None:
                self._agree(task, row)
        copied = self.site.runtime.jobs["tasks"].new_rows == "copied"  # type: ignore[union-attr]
        for key, row in rows.items():
            said = self.rows.get(key, {})
            assert (row["Commentaire"] or "") == said.get("Commentaire", ""), "people's column"
            if key not in paired:
                assert key in self.born, f"the hub made {row} and forgot it"
                assert not copied, f"{row['Tâche']} was not copied"
                assert {name: row[name] or None for name in said} == {name: said[name] or None for name in said}
            elif paired[key] not in tasks:
                assert paired[key] in self.deleted, f"the task of {row['Tâche']} is gone, and nobody deleted it"
                assert row["Disparu"] is True
            else:
                assert not row.get("Disparu")

    def _agree(self, task: dict[str, Any], row: dict[str, Any]) -> None:
        said, written = self.tasks.get(task["gid"], {}), self.rows.get(row["id"], {})
        notes = (task["notes"] or "").partition("Hub:")[0].strip()
        section = next(each["section"]["name"] for each in task["memberships"])
        assert row["Tâche"] == task["name"]
        assert row["Échéance"] == task["due_on"]
        assert (row["Statut"] == "Done") is task["completed"]
        assert (row["Notes"] or "") == notes
        assert (row["Qui"] or "") == ("Léa" if task["assignee"] else "")
        assert row["Étape"] == section
        # The source's own fields are as people left them there, the target's own one as they left it there.
        assert task["name"] == said.get("name", task["name"])
        assert section == said.get("section", section)
        if "assignee" in said:
            assert (task["assignee"] or {}).get("gid") == said["assignee"]
        if "Notes" in written:
            assert (row["Notes"] or "") == written["Notes"]
        # What both may change is what one of them set last.
        days = [sides[name] for sides, name in ((said, "due_on"), (written, "Échéance")) if name in sides]
        assert not days or task["due_on"] in days
        done = [said["completed"]] if "completed" in said else []
        done += [written["Statut"] == "Done"] if "Statut" in written else []
        assert not done or task["completed"] in done
