"""Columns on Notion pages: made whole, read in order, found again after a lost answer, and each block in its place."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.notion.destination import NotionDestination
from hub.core.errors import RecordError, TransientError
from hub.core.types import Collection, Property, Ref, Row
from tests.connectors.notion.conftest import World
from tests.connectors.notion.test_notion_pages import APPEND, BOARD, CHANGE, FAULTS, LIST, made


def block(key: str, kind: str = "callout", text: str | None = None, **where: Any) -> Row:
    return Row(key=key, values={"block": kind, "text": text, "color": None, "icon": None}, **where)


def columns() -> list[Row]:
    """A title, two columns of two and one callouts, and a last line."""
    return [
        block("title", "heading_2", "Chiffres clés"),
        block("list", "column_list"),
        block("left", "column", inside="list"),
        block("cash", text="Encaissements", inside="left"),
        block("mrr", text="MRR", inside="left"),
        block("right", "column", inside="list"),
        block("late", text="Retards", inside="right"),
        block("end", "paragraph", "Fin"),
    ]


def tree(world: World, ref: str) -> list[Any]:
    """Texts of a page as they stand, columns as lists."""
    found: list[Any] = []
    for one in world.client.children(ref):
        if one["type"] in ("column_list", "column"):
            found.append(tree(world, one["id"]))
        else:
            found.append("".join(part["plain_text"] for part in one[one["type"]]["rich_text"]))
    return found


WHOLE = ["Chiffres clés", [["Encaissements", "MRR"], ["Retards"]], "Fin"]


def test_columns_are_made_in_one_call_and_their_ids_read_in_one_each(world: World) -> None:
    ref = made(world)

    created = world.hub.create(BOARD, ref, columns(), look_first=False)

    assert world.calls() == {APPEND: 1, LIST: 3}
    assert [row.key for row in created] == [row.key for row in columns()]
    found = list(world.hub.rows(BOARD, ref))
    assert [row.ref for row in found] == [row.ref for row in created]
    assert [row.values for row in found] == [row.values for row in columns()]
    assert tree(world, ref) == WHOLE


def test_a_block_in_a_column_is_changed_where_it_stands_with_one_call(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    world.forget()

    world.hub.update(BOARD, Row(key="mrr", values={"text": "MRR **2**"}, ref=created["mrr"].ref))

    assert world.calls() == {CHANGE: 1}
    assert tree(world, ref)[1] == [["Encaissements", "MRR 2"], ["Retards"]]


@pytest.mark.parametrize("fault", FAULTS)
def test_columns_whose_answer_was_lost_are_not_made_twice(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.fault(fault, path="/v1/blocks/*/children", method="PATCH", times=1, seconds=0.1)

    with pytest.raises(TransientError) as caught:
        world.hub.create(BOARD, ref, columns(), look_first=False)
    adopted = world.hub.create(BOARD, ref, columns(), look_first=True)

    assert caught.value.uncertain
    assert tree(world, ref) == WHOLE
    assert [row.ref for row in adopted] == [row.ref for row in world.hub.rows(BOARD, ref)]


def test_columns_that_were_made_but_could_not_be_read_back_are_adopted(world: World) -> None:
    ref = made(world)
    world.sandbox.fault("internal", path="/v1/blocks/*/children", method="GET", skip=1)

    with pytest.raises(TransientError) as caught:
        world.hub.create(BOARD, ref, columns(), look_first=False)
    world.sandbox.clear_faults()
    adopted = world.hub.create(BOARD, ref, columns(), look_first=True)

    assert caught.value.uncertain
    assert len(caught.value.committed) >= 3
    assert tree(world, ref) == WHOLE
    assert [row.ref for row in adopted] == [row.ref for row in world.hub.rows(BOARD, ref)]


def test_what_a_person_took_out_of_a_column_meanwhile_is_made_again_in_it(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    world.sandbox.trash_as_person(str(created["mrr"].ref))

    world.hub.create(BOARD, ref, columns(), look_first=True)

    assert tree(world, ref) == WHOLE


def test_a_block_stands_where_its_row_says(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    world.sandbox.add_block_as_person(ref, "Un mot de Lila")
    more = [
        block("first", "paragraph", "D'abord", after=""),
        block("second", "paragraph", "Puis"),
        block("top", text="En tête", inside=created["left"].ref, after=""),
        block("low", text="En bas", inside=created["right"].ref),
        block("behind", "paragraph", "Après la fin", after=created["end"].ref),
        block("last", "paragraph", "Et puis"),
    ]

    world.hub.create(BOARD, ref, more, look_first=False)

    inner = [["En tête", "Encaissements", "MRR"], ["Retards", "En bas"]]
    texts = ["D'abord", "Puis", "Chiffres clés", inner, "Fin", "Après la fin", "Et puis", "Un mot de Lila"]
    assert tree(world, ref) == texts


def test_blocks_in_the_middle_whose_answer_was_lost_are_not_made_twice(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    more = [block("a", "paragraph", "A", after=created["title"].ref), block("b", "paragraph", "B")]
    world.sandbox.fault("reset_after_commit", path="/v1/blocks/*/children", method="PATCH", times=1)

    with pytest.raises(TransientError):
        world.hub.create(BOARD, ref, more, look_first=False)
    adopted = world.hub.create(BOARD, ref, more, look_first=True)

    assert tree(world, ref) == ["Chiffres clés", "A", "B", *WHOLE[1:]]
    assert [row.ref for row in adopted] == [row.ref for row in list(world.hub.rows(BOARD, ref))[1:3]]


def test_columns_that_people_made_are_theirs(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    other = NotionDestination(world.client, world.page)
    other._bot = "somebody else"

    assert len(list(other.rows(BOARD, ref))) == 3
    assert len(list(world.hub.rows(BOARD, ref))) == len(created)


def test_a_column_without_anything_in_it_is_made_with_an_empty_line(world: World) -> None:
    ref = made(world)
    rows = [block("list", "column_list"), block("l", "column", inside="list"), block("r", "column", inside="list")]

    world.hub.create(BOARD, ref, rows, look_first=False)

    assert tree(world, ref) == [[[""], [""]]]


def test_a_link_leads_to_a_page_and_can_be_read_back(world: World) -> None:
    ref = made(world)

    (row,) = world.hub.create(BOARD, ref, [block("more", "link_to_page", world.page)], look_first=False)

    assert [one.values["text"] for one in world.hub.rows(BOARD, ref)] == [world.page]
    assert row.ref is not None
    with pytest.raises(RecordError, match="needs the id of a page"):
        world.hub.create(BOARD, Ref(ref), [block("none", "link_to_page")], look_first=False)


def test_a_link_to_a_table_is_known_by_its_ref_and_can_be_read_back_and_turned(world: World) -> None:
    ref = made(world)
    tables = [Collection(name=name, kind="table", properties=(Property(name="Nom", kind="title"),)) for name in "AB"]
    one, other = (world.hub.prepare(table, None, None) for table in tables)

    (row,) = world.hub.create(BOARD, ref, [block("more", "link_to_page", f"table:{one}")], look_first=False)

    assert row.values["text"] == f"table:{one}"
    (thing,) = world.client.children(ref)
    assert thing["link_to_page"]["type"] == "database_id"
    assert thing["link_to_page"]["database_id"] == world.client.data_source(one)["parent"]["database_id"]
    again = NotionDestination(world.client, None)  # another process, which has not made it
    assert [each.values["text"] for each in again.rows(BOARD, ref)] == [f"table:{one}"]
    world.hub.update(BOARD, replace(row, values={"block": "link_to_page", "text": f"table:{other}"}))
    assert [each.values["text"] for each in again.rows(BOARD, ref)] == [f"table:{other}"]
    gone = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(RecordError, match="no Notion database with the data source"):
        world.hub.create(BOARD, ref, [block("none", "link_to_page", f"table:{gone}")], look_first=False)


def test_a_block_follows_the_one_of_its_parent_although_others_were_made_between(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    more = [
        block("a", "paragraph", "A", after=created["title"].ref),
        block("low", text="En bas", inside=created["left"].ref),
        block("b", "paragraph", "B"),
    ]

    world.hub.create(BOARD, ref, more, look_first=False)

    assert tree(world, ref) == ["Chiffres clés", "A", "B", [["Encaissements", "MRR", "En bas"], ["Retards"]], "Fin"]


def test_what_a_person_wrote_into_a_column_meanwhile_is_not_taken_for_ours(world: World) -> None:
    ref = made(world)
    created = {row.key: row for row in world.hub.create(BOARD, ref, columns(), look_first=False)}
    world.sandbox.trash_as_person(str(created["mrr"].ref))
    world.sandbox.add_block_as_person(str(created["left"].ref), "à moi")

    world.hub.create(BOARD, ref, columns(), look_first=True)

    assert tree(world, ref)[1] == [["Encaissements", "à moi", "MRR"], ["Retards"]]
