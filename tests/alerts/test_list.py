"""The list of tasks that people read in Notion, and the figures of the tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.cli import look
from hub.store import figures, links
from tests.alerts.house import House, house, people
from tests.alerts.world import MONDAY, Town, in_days
from tests.alerts.world import town as served

MORNING = MONDAY.replace(hour=7, minute=30)
DAY = timedelta(days=1)
OWNS = {"Tâche": "title", "Échéance": "due", "Terminée": "done", "Responsable": "assignee", "Lien": "url"}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with served() as made:
        people(made)
        made.boxes.notion.share_page("Atelier Lila")
        yield made


@pytest.fixture
def lila(town: Town, tmp_path: Path) -> Iterator[House]:
    """Six tasks at the three places, which are shown in a database that the hub has made."""
    show = {
        "connection": "notion",
        "database": f"Échéances {tmp_path.name}",
        "source_owns": OWNS,
        "people_own": ["Priorité", "Commentaire"],
        "when_gone": "mark",
    }
    connections = {"asana": {}, "trello": {}, "notion": {"page": "Atelier Lila"}, "email": {}}
    with house(
        town, tmp_path, watch=lambda made: made.watch, show_in=show, business={"connections": connections}
    ) as made:
        made.places.task("Page", in_days(2))
        made.places.task("Nobody's", in_days(5), None)
        made.places.task("Undated", None, None)
        made.places.card("Billet", in_days(1))
        made.places.card("Une idée", in_days(1), section="Idées")
        made.places.row("Facture", in_days(0))
        made.begin(MORNING - 4 * DAY)
        yield made


def table(lila: House) -> str:
    title = lila.runtime.jobs["deadlines"].show_in.database  # type: ignore[union-attr]
    return next(str(each["id"]) for each in lila.town.boxes.notion.tables() if each["title"] == title)


def rows(lila: House) -> dict[str, dict[str, Any]]:
    return {str(row["Tâche"]): row for row in lila.town.boxes.notion.rows(table(lila))}


def test_each_task_with_a_date_is_a_row(lila: House) -> None:
    found = rows(lila)
    assert set(found) == {"Page", "Nobody's", "Billet", "Facture"}
    page = found["Page"]
    assert (page["Échéance"], page["Terminée"], page["Responsable"]) == (in_days(2).isoformat(), False, "Léa Martin")
    assert str(page["Lien"]).startswith("https://app.asana.com/")
    assert found["Billet"]["Échéance"].startswith(f"{in_days(1)}T15:00") or "16:00" in found["Billet"]["Échéance"]
    assert found["Nobody's"]["Responsable"] == ""
    assert page["Hub"].startswith("asana/task/")


def test_people_s_columns_are_theirs_and_ours_are_put_back(lila: House) -> None:
    notion, where = lila.town.boxes.notion, table(lila)
    notion.change_schema_as_person(
        where, {"Priorité": {"select": {"options": [{"name": "Haute"}]}}, "Commentaire": {"rich_text": {}}}
    )
    row = rows(lila)["Page"]["id"]
    notion.edit_as_person(row, {"Priorité": "Haute", "Commentaire": "à voir"})
    notion.edit_as_person(row, {"Échéance": "2030-01-01", "Responsable": "Moi"})
    lila.turn(look=True)
    page = rows(lila)["Page"]
    assert (page["Priorité"], page["Commentaire"]) == ("Haute", "à voir")
    assert (page["Échéance"], page["Responsable"]) == (in_days(2).isoformat(), "Léa Martin")
    with lila.store.read() as conn:
        edits = links.edits_of(conn, "lila", [page["Hub"]])
    assert {(edit.field, str(edit.seen)) for edit in edits} == {("Échéance", "2030-01-01"), ("Responsable", "Moi")}
    (task,) = [task for task in lila.town.boxes.asana.tasks(lila.places.project) if task["name"] == "Page"]
    assert task["due_on"] == in_days(2).isoformat(), "a copy is no place to move a date"


def test_what_is_done_is_ticked_what_is_gone_is_marked_and_what_lost_its_date_stays(lila: House) -> None:
    asana, trello = lila.town.boxes.asana, lila.town.boxes.trello
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    cards = {card["name"]: key for key, card in trello.cards.items() if card["name"] == "Billet"}
    asana.edit_task(tasks["Page"], completed=True)
    asana.edit_task(tasks["Nobody's"], due_on=None)
    trello.archive_card(cards["Billet"])
    lila.town.boxes.notion.edit_as_person(lila.places.rows()["Facture"]["id"], {"Statut": "Terminé"})
    lila.read()
    lila.turn()
    found = rows(lila)
    assert {name: row["Terminée"] for name, row in found.items()}["Page"] is True
    assert found["Facture"]["Terminée"] is True
    assert found["Nobody's"]["Échéance"] is None
    assert {name for name, row in found.items() if row["Disparu"]} == {"Billet"}


def test_at_rest_nothing_is_written_and_nothing_is_asked(lila: House) -> None:
    notion = lila.town.boxes.notion
    before = notion.stats()
    lila.turn()
    lila.round()
    assert notion.stats()["total"] == before["total"]
    lila.turn(look=True)
    after = notion.stats()
    assert after["writes"] == before["writes"]
    asked = {call: n - before["calls"].get(call, 0) for call, n in after["calls"].items()}
    assert {call for call, n in asked.items() if n} == {
        "GET /v1/blocks/{block_id}/children",  # the page: where the database is
        "GET /v1/databases/{database_id}",
        "GET /v1/data_sources/{data_source_id}",
        "POST /v1/data_sources/{data_source_id}/query",  # a hundred rows
        "GET /v1/users/me",  # once: who "hub" is among those who edit
    }
    assert sum(asked.values()) == 5


def test_one_moved_date_is_one_write(lila: House) -> None:
    asana, notion = lila.town.boxes.asana, lila.town.boxes.notion
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    asana.edit_task(tasks["Page"], due_on=in_days(40).isoformat())
    before = notion.stats()
    lila.catch_up("asana")
    after = notion.stats()
    assert after["total"] - before["total"] == after["writes"] - before["writes"] == 1
    assert rows(lila)["Page"]["Échéance"] == in_days(40).isoformat()


def test_the_figures_are_stored_and_each_tells_what_it_is_made_of(lila: House) -> None:
    asana = lila.town.boxes.asana
    tasks = {task["name"]: task["gid"] for task in asana.tasks(lila.places.project)}
    with lila.store.read() as conn:
        (load,) = figures.get(conn, "lila", "load:lea", "2027-03")
    assert {line["title"] for line in load.proof} == {"Page", "Billet", "Facture"}
    lila.clock.at = MORNING + 3 * DAY
    lila.read()
    lila.turn()
    with lila.store.read() as conn:
        stored = {(row.figure, row.period): row for row in figures.listing(conn, "lila")}
    month = "2027-03"
    assert {name: stored[name, month].value for name in ("overdue_count", "unassigned", "undated")} == {
        "overdue_count": 3,
        "unassigned": 2,
        "undated": 1,
    }
    assert {line["title"] for line in stored["overdue_count", month].proof} == {"Page", "Billet", "Facture"}
    said = lila.command(lambda say: look.why("overdue_count", month, None, None, None, say))
    assert all(title in said for title in ("Page", "Billet", "Facture"))
    assert "Nobody's" not in said
    asana.edit_task(tasks["Page"], completed=True)
    lila.read()
    lila.turn()
    with lila.store.read() as conn:
        (row,) = figures.get(conn, "lila", "overdue_count", month)
    assert row.value == 2
    assert "Page" not in lila.command(lambda say: look.why("overdue_count", month, None, None, None, say))
