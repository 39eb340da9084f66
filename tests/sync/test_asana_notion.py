"""Asana tasks and Notion rows are the same things: real calls, both ways, and then rest."""

from __future__ import annotations

from tests.sync.world import Site


def test_tasks_become_rows_once_and_then_nothing_is_written(site: Site) -> None:
    lea = site.boxes.asana.add_user("Léa", "lea@example.com")
    site.boxes.asana.add_task(site.project, "Page de vente", section="À faire", due_on="2026-03-20", assignee=lea)
    site.boxes.asana.add_task(site.project, "Publicité", section="À faire")

    site.settle()

    rows = site.rows()
    assert set(rows) == {"Page de vente", "Publicité"}
    assert rows["Page de vente"]["Échéance"] == "2026-03-20"
    assert rows["Page de vente"]["Qui"] == "Léa"
    assert rows["Page de vente"]["Étape"] == "À faire"
    assert site.settle() == 0


def test_each_side_may_move_a_date_and_the_later_edit_wins(site: Site) -> None:
    task = site.boxes.asana.add_task(site.project, "Page", due_on="2026-03-20")
    site.settle()
    (row,) = site.boxes.notion.rows(site.table)

    site.boxes.notion.edit_as_person(row["id"], {"Échéance": "2026-03-25"})
    site.settle()
    assert site.tasks()["Page"]["due_on"] == "2026-03-25"
    site.boxes.asana.edit_task(task, due_on="2026-03-27")
    site.settle()

    assert site.rows()["Page"]["Échéance"] == "2026-03-27"
    assert site.settle() == 0


def test_a_field_has_one_owner_and_peoples_columns_stay(site: Site) -> None:
    site.boxes.asana.add_task(site.project, "Page", notes="ancien")
    site.settle()
    (row,) = site.boxes.notion.rows(site.table)
    site.boxes.notion.edit_as_person(row["id"], {"Tâche": "Autre", "Notes": "neuf", "Commentaire": "à moi"})

    site.settle()

    assert site.rows()["Page"]["Commentaire"] == "à moi"
    assert site.tasks()["Page"]["notes"] == "neuf"
    assert site.settle() == 0


def test_a_task_that_is_gone_is_marked(site: Site) -> None:
    gone = site.boxes.asana.add_task(site.project, "Une")
    site.boxes.asana.add_task(site.project, "Deux")
    site.settle()

    site.boxes.asana.delete_task(gone)
    site.settle()

    assert site.rows()["Une"]["Disparu"] is True
    assert not site.rows()["Deux"]["Disparu"]


def test_what_is_there_already_is_adopted_by_title(site: Site) -> None:
    site.boxes.asana.add_task(site.project, "Page", due_on="2026-03-20")
    site.boxes.notion.add_row_as_person(site.table, {"Tâche": "page", "Commentaire": "déjà là"})

    site.settle()

    (row,) = site.boxes.notion.rows(site.table)
    assert (row["Tâche"], row["Échéance"], row["Commentaire"]) == ("Page", "2026-03-20", "déjà là")


def test_one_changed_field_costs_one_write(site: Site) -> None:
    task = site.boxes.asana.add_task(site.project, "Page")
    site.settle()
    site.look()
    before = sum(count for (method, _), count in site.boxes.asana.calls.counts.items() if method != "GET")

    site.boxes.asana.edit_task(task, name="Page neuve")
    (turn,) = [turn for turn in site.look() if any(result.applied for result in turn.jobs)]

    assert [result.applied.done for result in turn.jobs if result.applied] == [1]
    assert sum(count for (method, _), count in site.boxes.asana.calls.counts.items() if method != "GET") == before
    assert set(site.rows()) == {"Page neuve"}
