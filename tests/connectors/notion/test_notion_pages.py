"""Text on Notion pages: written in few calls, in one piece, changed in place, and never twice."""

from typing import Any

import pytest

from connectors.notion.destination import NotionDestination
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Collection, Ref, Row, Value
from tests.connectors.notion.conftest import World

BOARD = Collection(name="Tableau de bord", kind="page")
LIST, APPEND = "GET /v1/blocks/{block_id}/children", "PATCH /v1/blocks/{block_id}/children"
CHANGE, READ, DELETE = "PATCH /v1/blocks/{block_id}", "GET /v1/blocks/{block_id}", "DELETE /v1/blocks/{block_id}"


def block(key: str, kind: str, text: str | None = None, color: str | None = None, icon: str | None = None) -> Row:
    return Row(key=key, values={"block": kind, "text": text, "color": color, "icon": icon})


ROWS = [
    block("title", "heading_1", "Chiffres de novembre"),
    block("line", "divider"),
    block("mrr", "callout", "MRR : **8 000 €** ce mois", "green_background", "💶"),
    block("cash", "bulleted_list_item", "Encaissements : **12 345,67 €**", "red"),
    block("end", "paragraph"),
]


def many(count: int) -> list[Row]:
    return [block(f"k{number}", "paragraph", f"ligne {number}") for number in range(count)]


def made(world: World) -> Ref:
    ref = world.hub.prepare(BOARD, None, None)
    world.hub.check()
    list(world.hub.rows(BOARD, ref))
    world.forget()
    return ref


def seen(hub: NotionDestination, ref: Ref) -> list[Any]:
    return [row.values["text"] for row in hub.rows(BOARD, ref)]


def test_a_page_is_made_once_and_found_again_also_inside_another(world: World) -> None:
    ref = world.hub.prepare(BOARD, None, None)
    inner = Collection(name="Détails", kind="page", inside="Tableau de bord")
    inner_ref = world.hub.prepare(inner, None, ref)

    assert world.hub.find(BOARD, None) == ref == world.hub.prepare(BOARD, ref, None)
    assert world.hub.find(inner, ref) == inner_ref
    assert world.hub.find(inner, None) is None
    assert world.hub.problems(BOARD, ref) == ()


def test_blocks_read_back_as_they_were_written_and_in_order(world: World) -> None:
    ref = made(world)

    created = world.hub.create(BOARD, ref, ROWS, look_first=False)
    found = list(world.hub.rows(BOARD, ref))

    assert [row.values for row in found] == [row.values for row in ROWS]
    assert [row.ref for row in found] == [row.ref for row in created]
    assert [row.key for row in created] == ["title", "line", "mrr", "cash", "end"]
    assert {row.edited_by for row in found} == {"hub"}


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_hundred_blocks_cost_one_call(world: World, count: int, calls: int) -> None:
    ref = made(world)

    world.hub.create(BOARD, ref, many(count), look_first=False)

    assert world.calls() == {APPEND: calls}
    assert seen(world.hub, ref) == [f"ligne {number}" for number in range(count)]


def test_a_change_and_an_archive_cost_one_call_each(world: World) -> None:
    ref = made(world)
    (row,) = world.hub.create(BOARD, ref, [ROWS[2]], look_first=False)
    assert row.ref is not None
    world.forget()

    world.hub.update(BOARD, Row(key="mrr", values={"text": "MRR : **9 000 €**", "color": None}, ref=row.ref))
    assert world.calls() == {CHANGE: 1}
    (found,) = world.hub.rows(BOARD, ref)
    assert found.values == {"block": "callout", "text": "MRR : **9 000 €**", "color": None, "icon": "💶"}

    world.forget()
    world.hub.archive(BOARD, row.ref)
    assert world.calls() == {DELETE: 1}
    world.hub.archive(BOARD, row.ref)
    assert seen(world.hub, ref) == []


@pytest.mark.parametrize(("values", "reads"), [({"text": "b"}, 1), ({"block": "paragraph", "text": "b"}, 0)])
def test_a_new_process_looks_up_a_blocks_type_only_when_nobody_told_it(
    world: World, values: dict[str, Value], reads: int
) -> None:
    ref = made(world)
    (row,) = world.hub.create(BOARD, ref, [block("k", "paragraph", "a")], look_first=False)
    world.forget()

    NotionDestination(world.client, world.page).update(BOARD, Row(key="k", values=values, ref=row.ref))

    assert world.calls() == {CHANGE: 1} | ({READ: reads} if reads else {})
    assert seen(world.hub, ref) == ["b"]


def test_a_block_never_changes_its_type(world: World) -> None:
    ref = made(world)
    (row,) = world.hub.create(BOARD, ref, [block("k", "paragraph", "a")], look_first=False)
    wish = Row(key="k", values={"block": "callout", "text": "b"}, ref=row.ref)

    for hub in (world.hub, NotionDestination(world.client, world.page)):
        with pytest.raises(RecordError):
            hub.update(BOARD, wish)
    assert seen(world.hub, ref) == ["a"]


FAULTS = ["timeout_after_commit", "reset_after_commit", "truncated_json", "committed_503"]


@pytest.mark.parametrize("fault", FAULTS)
def test_blocks_whose_answer_was_lost_are_never_written_twice(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.add_block_as_person(ref, "Bonjour, dit Lila")
    world.sandbox.fault(fault, path="/v1/blocks/*/children", method="PATCH", times=1, seconds=0.1)

    with pytest.raises(TransientError) as caught:
        world.hub.create(BOARD, ref, ROWS, look_first=False)
    world.sandbox.add_block_as_person(ref, "Et au revoir")
    adopted = world.hub.create(BOARD, ref, ROWS, look_first=True)

    assert caught.value.uncertain
    assert world.calls()[APPEND] == 1
    found = list(world.hub.rows(BOARD, ref))
    assert [row.values for row in found[1:-1]] == [row.values for row in ROWS]
    assert [row.ref for row in found[1:-1]] == [row.ref for row in adopted]


@pytest.mark.parametrize("fault", [*FAULTS, "reset", "unavailable"])
def test_a_region_of_250_blocks_that_broke_off_is_completed_in_one_piece(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.fault(fault, path="/v1/blocks/*/children", method="PATCH", skip=1, times=1, seconds=0.1)

    with pytest.raises(TransientError) as caught:
        world.hub.create(BOARD, ref, many(250), look_first=False)
    world.sandbox.add_block_as_person(ref, "Lila écrit dessous")
    world.hub.create(BOARD, ref, many(250), look_first=True)

    assert caught.value.uncertain
    assert len(caught.value.committed) in (100, 200)
    assert seen(world.hub, ref) == [*(f"ligne {number}" for number in range(250)), "Lila écrit dessous"]


def test_blocks_that_never_arrived_are_written_although_equal_ones_stand_higher_up(world: World) -> None:
    ref = made(world)
    world.hub.create(BOARD, ref, [block("d1", "divider"), block("a", "paragraph", "a")], look_first=False)

    world.hub.create(BOARD, ref, [block("d2", "divider")], look_first=True)

    assert [row.values["block"] for row in world.hub.rows(BOARD, ref)] == ["divider", "paragraph", "divider"]


def test_a_database_below_the_text_does_not_hide_what_was_written(world: World) -> None:
    ref = made(world)
    world.hub.create(BOARD, ref, ROWS, look_first=False)
    world.hub.prepare(Collection(name="Mesures", kind="page", inside="Tableau de bord"), None, ref)
    world.forget()

    world.hub.create(BOARD, ref, ROWS, look_first=True)

    assert APPEND not in world.calls()


def test_a_persons_block_and_a_persons_edit_are_seen_as_such(world: World) -> None:
    ref = made(world)
    (row,) = world.hub.create(BOARD, ref, [block("k", "paragraph", "a")], look_first=False)
    assert row.ref is not None
    world.sandbox.edit_as_person(row.ref, "retouché")
    world.sandbox.add_block_as_person(ref, "à moi", kind="quote")

    ours, theirs = world.hub.rows(BOARD, ref)

    assert ours.values["text"] == "retouché"
    assert "hub" not in (ours.edited_by, theirs.edited_by)
    assert theirs.values["block"] == "quote"


def test_a_block_that_a_person_deleted_is_that_rows_problem(world: World) -> None:
    ref = made(world)
    (row,) = world.hub.create(BOARD, ref, [block("k", "paragraph", "a")], look_first=False)
    assert row.ref is not None
    world.sandbox.trash_as_person(row.ref)

    with pytest.raises(RecordError, match='Row "k" of "Tableau de bord" is gone'):
        world.hub.update(BOARD, Row(key="k", values={"text": "b"}, ref=row.ref))


def test_more_than_a_hundred_blocks_are_read_to_the_end_or_not_at_all(world: World) -> None:
    ref = made(world)
    world.hub.create(BOARD, ref, many(230), look_first=False)
    world.forget()

    assert len(seen(world.hub, ref)) == 230
    assert world.calls() == {LIST: 3}

    world.sandbox.fault("internal", path="/v1/blocks/*/children", skip=2)
    with pytest.raises(TransientError):
        seen(world.hub, ref)


@pytest.mark.parametrize("how", ["trash", "unshare"])
def test_a_page_that_went_away_is_named(world: World, how: str) -> None:
    ref = made(world)
    world.sandbox.trash_as_person(ref) if how == "trash" else world.sandbox.unshare_page(world.page)

    for attempt in (
        lambda: world.hub.create(BOARD, ref, ROWS, look_first=False),
        lambda: world.hub.prepare(BOARD, ref, None),
    ):
        with pytest.raises(ConfigError, match='page "Tableau de bord"'):
            attempt()


def test_two_pages_of_one_name_are_both_named(world: World) -> None:
    ref = made(world)
    title = {"title": {"title": [{"text": {"content": "Tableau de bord"}}]}}
    other = world.client.create_page({"type": "page_id", "page_id": world.page}, title)

    with pytest.raises(ConfigError, match=f"{ref}, {other['id']}"):
        world.hub.find(BOARD, None)


def test_a_page_whose_answer_was_lost_is_not_made_twice(world: World) -> None:
    world.sandbox.fault("timeout_after_commit", method="POST", path="/v1/pages", times=1, seconds=0.1)

    with pytest.raises(TransientError) as caught:
        world.hub.prepare(BOARD, None, None)
    ref = world.hub.prepare(BOARD, None, None)

    assert caught.value.uncertain
    assert world.hub.find(BOARD, None) == ref
