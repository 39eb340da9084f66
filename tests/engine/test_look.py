"""What people do in Notion, and what a look makes of it (R6)."""

from __future__ import annotations

from typing import Any

import pytest

from hub.engine.turn import Turn
from hub.store import links
from tests.engine import world
from tests.engine.world import DAY, Site, Story

CASH = "cash_in/2026-11/EUR"
MINE = ("Commentaire",)
"""What people own in the example business."""


@pytest.fixture
def shown(site: Site) -> Site:
    """A business whose figures stand in Notion."""
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    site.at_rest()
    return site


def look(site: Site) -> list[Turn]:
    site.look()
    return site.work()


def notes(turns: list[Turn]) -> list[str]:
    return [note for turn in turns for job in turn.jobs if job.plan is not None for note in job.plan.notes]


def row(site: Site, key: str = CASH) -> str:
    return str(next(one["id"] for one in site.raw_rows() if one["Hub"] == key))


def edits(site: Site) -> list[links.Edit]:
    with site.store.read() as conn:
        return links.edits(conn, site.key)


def test_a_foreign_edit_of_a_field_that_the_hub_owns_is_kept_with_its_author_and_put_back(shown: Site) -> None:
    shown.notion.edit_as_person(row(shown), {"Montant": 999.0}, person="Lila")

    turns = look(shown)

    (edit,) = edits(shown)
    assert (edit.row, edit.field, edit.written, edit.seen) == (CASH, "Montant", 100, 999)
    assert edit.edited_by is not None
    assert edit.edited_at is not None
    people = {one.id for one in shown.notion.state.workspaces.values() for one in one.people.values()}
    assert edit.edited_by in people | {"Lila"}
    assert any("999" in note and CASH in note for note in notes(turns))
    shown.at_rest()
    look(shown)
    assert len(edits(shown)) == 1, "our own putting back is nobody's edit"


def test_a_foreign_edit_of_a_block_of_the_page_is_kept_and_put_back(shown: Site) -> None:
    before = shown.blocks()
    shown.notion.edit_as_person(shown.block_ids()[2], "What a month!", person="Lila")

    look(shown)

    assert shown.blocks() == before
    (edit,) = edits(shown)
    assert (edit.field, edit.seen) == ("text", "What a month!")


def test_what_people_write_in_their_own_columns_rows_and_blocks_is_left_alone(shown: Site) -> None:
    shown.notion.change_schema_as_person(shown.source_id(), {"Commentaire": {"rich_text": {}}})
    shown.notion.edit_as_person(row(shown), {"Commentaire": "Bravo"})
    theirs = shown.notion.add_row_as_person(shown.source_id(), {"Commentaire": "À voir"})
    block = shown.notion.add_block_as_person(shown.pages()[0], "Merci Claire")
    shown.notion.reset_counters()

    look(shown)
    shown.shop.sell(amount=5_000, at=shown.clock() - DAY)
    shown.catch_up()
    shown.work()

    assert shown.notion.page(theirs)["properties"]["Commentaire"]["rich_text"][0]["plain_text"] == "À voir"
    assert shown.rows()[CASH]["Commentaire"] == "Bravo"
    assert ("paragraph", "Merci Claire") in shown.blocks()
    written = shown.writes()
    assert written
    assert not [one for one in written if theirs in one.path or block in one.path]
    assert not [one for one in written if set(MINE) & world.written(one.body)]
    assert edits(shown) == []


def test_no_write_of_a_whole_history_names_a_column_that_people_own(site: Site) -> None:
    story = Story(site.shop, site.clock())
    site.backfill()
    site.work()
    for step in story.steps:
        step()
        site.catch_up()
        look(site)

    assert len(site.writes()) > 40
    assert not [one for one in site.writes() if set(MINE) & world.written(one.body)]
    site.at_rest()


def test_a_row_that_a_person_deleted_is_made_again_once(shown: Site) -> None:
    shown.notion.trash_as_person(row(shown))

    turns = look(shown)

    assert any("was removed" in note and CASH in note for note in notes(turns))
    shown.at_rest()
    made = row(shown)
    look(shown)
    assert row(shown) == made


def test_a_row_that_a_person_deleted_is_made_again_once_when_its_figure_changes(shown: Site) -> None:
    shown.notion.trash_as_person(row(shown))
    shown.shop.sell(amount=5_000, at=shown.clock() - DAY)
    shown.catch_up()

    turns = shown.work()

    shown.at_rest()
    assert shown.shown()[CASH] == 150.0
    assert not [problem for turn in turns for problem in turn.problems], "what was put right is no problem"


def test_a_block_that_a_person_deleted_is_made_again_once(shown: Site) -> None:
    gone = shown.block_ids()[2]
    before = shown.blocks()
    shown.notion.trash_as_person(gone)

    look(shown)

    assert sorted(shown.blocks()) == sorted(before)
    look(shown)
    assert sorted(shown.blocks()) == sorted(before)


def test_a_row_that_a_person_doubled_is_told_and_not_guessed(shown: Site) -> None:
    ours, copied = row(shown), shown.rows()[CASH]
    double = shown.notion.add_row_as_person(
        shown.source_id(), {name: copied[name] for name in ("Hub", "Montant", "Période")} | {"Montant": 1.0}
    )
    before = len(shown.writes())

    turns = look(shown)

    (told,) = [note for note in notes(turns) if "twice" in note]
    assert ours in told
    assert double in told
    assert len(shown.writes()) == before, "nothing is written"
    values = {one["id"]: one["Montant"] for one in shown.raw_rows()}
    assert (values[ours], values[double]) == (100.0, 1.0)
    shown.shop.sell(amount=5_000, at=shown.clock() - DAY)
    shown.catch_up()
    shown.work()
    values = {one["id"]: one["Montant"] for one in shown.raw_rows()}
    assert (values[ours], values[double]) == (150.0, 1.0), "the hub goes on with its own row"


@pytest.mark.parametrize("schema", [{"Montant": {"name": "Montant TTC"}}, {"Montant": {"rich_text": {}}}])
def test_a_property_that_was_renamed_or_retyped_is_told_by_its_name_and_pauses_the_connection(
    schema: dict[str, Any], shown: Site
) -> None:
    shown.notion.change_schema_as_person(shown.source_id(), schema)
    before = len(shown.writes())

    shown.look()
    (turn,) = shown.turn()

    assert any('"Montant"' in problem for problem in turn.problems), turn.problems
    assert '"Montant"' in (shown.state("notion").paused_reason or "")
    assert len(shown.writes()) == before


@pytest.mark.parametrize("schema", [{"Montant": {"name": "Montant TTC"}}, {"Montant": {"rich_text": {}}}])
def test_a_figure_that_changes_meets_a_renamed_or_retyped_property_as_the_same_error(
    schema: dict[str, Any], shown: Site
) -> None:
    shown.notion.change_schema_as_person(shown.source_id(), schema)
    shown.shop.sell(amount=5_000, at=shown.clock() - DAY)
    shown.catch_up()

    (turn,) = shown.turn()

    assert any('"Montant"' in problem for problem in turn.problems), turn.problems
    assert '"Montant"' in (shown.state("notion").paused_reason or "")
    back = {"Montant TTC": {"name": "Montant"}} if "name" in schema["Montant"] else {"Montant": {"number": {}}}
    shown.notion.change_schema_as_person(shown.source_id(), back)
    shown.work()
    shown.at_rest()
    assert shown.state("notion").paused_at is None


def test_a_page_that_a_person_deleted_is_made_again_with_its_table(shown: Site) -> None:
    (page,) = shown.pages()
    shown.notion.trash_as_person(page)

    look(shown)

    assert shown.pages() != [page]
    shown.at_rest()
    assert len(shown.raw_rows()) == 4


def test_a_table_that_a_person_deleted_is_made_again(shown: Site) -> None:
    (table,) = shown.notion.tables(shown.workspace)
    shown.notion.trash_as_person(table["database_id"])

    look(shown)

    assert shown.source_id() != table["id"]
    shown.at_rest()


def test_what_an_earlier_installation_wrote_is_adopted_and_not_doubled(shown: Site) -> None:
    blocks = shown.blocks()
    with shown.store.write() as conn:
        for table in ("links", "ledger"):
            conn.exec_driver_sql(f"DELETE FROM {table} WHERE business = ?", (shown.key,))
    shown.restart()
    shown.dirty()

    shown.work()

    assert len(shown.raw_rows()) == 4
    assert shown.shown() == shown.independent()
    assert len(shown.pages()) == 1
    assert shown.blocks() == blocks


def test_a_look_that_broke_off_changes_nothing(shown: Site) -> None:
    before = shown.shown()
    with shown.store.read() as conn:
        remembered = links.load(conn, shown.key, shown.job.name)
    shown.notion.trash_as_person(row(shown))
    shown.notion.fault("internal", method="POST", path="/v1/data_sources/{data_source_id}/query", times=4)

    shown.look()
    shown.turn()

    with shown.store.read() as conn:
        after = links.load(conn, shown.key, shown.job.name)
    assert [(one.row, one.ref) for one in after] == [(one.row, one.ref) for one in remembered]
    shown.work()
    assert shown.shown() == before
    shown.at_rest()
