"""A name leads to one thing or to an error that shows what there is; a thing that is renamed stays the same one."""

from __future__ import annotations

from hub.core.types import Thing
from hub.engine.names import plain_ids, resolve

SPRING = Thing(
    kind="project", id="1200000000000001", name="Lancement printemps", url="https://app.asana.com/0/1200000000000001"
)
SUMMER = Thing(kind="project", id="1200000000000002", name="Lancement été", inside="Atelier Lila")
TEMPLATE = Thing(kind="template", id="1200000000000003", name="Accueil")
BOARD = Thing(kind="board", id="5" * 24, name="Élan", url="https://trello.com/b/AbCd1234/elan")
ROWS = Thing(kind="database", id="24ab24ab-24ab-24ab-24ab-24ab24ab24ab", name="Clients")
THINGS = (SPRING, SUMMER, TEMPLATE)


def test_a_name_is_found_as_written_and_locked() -> None:
    found = resolve(["Lancement été", "Lancement printemps"], "project", THINGS, {})
    assert found.ids == (SUMMER.id, SPRING.id)
    assert found.locked == {"Lancement été": SUMMER.id, "Lancement printemps": SPRING.id}
    assert found.notices == found.errors == ()


def test_case_and_the_composition_of_accents_do_not_matter_when_nothing_is_called_exactly_so() -> None:
    assert resolve(["LANCEMENT e\u0301te\u0301"], "project", THINGS, {}).ids == (SUMMER.id,)
    lower = Thing(kind="project", id="1200000000000009", name="lancement été")
    assert resolve(["lancement été"], "project", (*THINGS, lower), {}).ids == (lower.id,)


def test_a_thing_of_another_kind_is_not_meant() -> None:
    assert "No project that the key sees is called « Accueil »" in resolve(["Accueil"], "project", THINGS, {}).errors[0]


def test_a_renamed_thing_goes_on_by_its_id_with_a_notice() -> None:
    found = resolve(["Lancement hiver"], "project", THINGS, {"Lancement hiver": SPRING.id})
    assert found.ids == (SPRING.id,)
    assert found.errors == ()
    assert found.notices == (
        "The project « Lancement hiver » is called « Lancement printemps » now. It is followed as before. "
        "Write the new name in business.yaml when you like.",
    )
    assert found.locked == {"Lancement hiver": SPRING.id}


def test_a_new_thing_that_takes_the_old_name_is_named_and_not_followed() -> None:
    found = resolve(["Lancement été"], "project", THINGS, {"Lancement été": SPRING.id})
    assert found.ids == (SPRING.id,)
    assert SUMMER.id in found.notices[0]


def test_a_vanished_thing_is_an_error_with_the_nearest_and_stays_locked() -> None:
    found = resolve(["Lancement printems"], "project", THINGS, {"Lancement printems": "999999999999"})
    assert found.ids == ()
    assert found.locked == {"Lancement printems": "999999999999"}
    assert "is gone" in found.errors[0]
    assert "Did you mean « Lancement printemps » (https://app.asana.com/0/1200000000000001)" in found.errors[0]


def test_a_vanished_thing_whose_name_another_has_taken_is_not_swapped_for_it() -> None:
    found = resolve(["Lancement été"], "project", THINGS, {"Lancement été": "999999999999"})
    assert found.ids == ()
    assert "take the line of « Lancement été » out of names.lock" in found.errors[0]


def test_a_doubled_name_is_an_error_that_tells_the_two_apart() -> None:
    twin = Thing(kind="project", id="1200000000000008", name="Lancement été", inside="Studio Marc")
    found = resolve(["Lancement été"], "project", (*THINGS, twin), {})
    assert found.ids == ()
    assert "There are 2 projects called « Lancement été »" in found.errors[0]
    assert "in Atelier Lila" in found.errors[0]
    assert "in Studio Marc" in found.errors[0]
    kept = resolve(["Lancement été"], "project", (*THINGS, twin), {"Lancement été": twin.id})
    assert kept.ids == (twin.id,)
    assert twin.id in kept.notices[0]


def test_one_wrong_name_follows_nothing_and_forgets_nothing() -> None:
    found = resolve(["Lancement été", "Rien"], "project", THINGS, {"Lancement été": SUMMER.id})
    assert found.ids == ()
    assert found.locked == {"Lancement été": SUMMER.id}


def test_ids_are_taken_as_they_are_and_need_no_look() -> None:
    assert plain_ids([SPRING.id, "5" * 24, ROWS.id, ROWS.id.replace("-", "")])
    assert not plain_ids([SPRING.id, "Lancement été"])
    unseen = resolve(["1200000000000077"], "project", THINGS, {})
    assert unseen.ids == ("1200000000000077",)
    assert unseen.locked == {}
    assert "does not see any project with the id 1200000000000077" in unseen.notices[0]
    assert resolve([ROWS.id.replace("-", "")], "database", (ROWS,), {}).ids == (ROWS.id,)


def test_an_address_leads_to_the_thing_whose_id_or_address_it_holds() -> None:
    for address in (f"https://app.asana.com/0/{SPRING.id}", f"https://app.asana.com/1/9/project/{SPRING.id}/list?x=1"):
        assert resolve([address], "project", THINGS, {}).ids == (SPRING.id,)
    assert resolve(["https://trello.com/b/AbCd1234"], "board", (BOARD,), {}).ids == (BOARD.id,)
    notion = f"https://www.notion.so/lila/Clients-{ROWS.id.replace('-', '')}?v=1"
    assert resolve([notion], "database", (ROWS,), {}).ids == (ROWS.id,)
    assert (
        "sees no project at https://app.asana.com/0/1"
        in resolve(["https://app.asana.com/0/1"], "project", THINGS, {}).errors[0]
    )


def test_a_key_that_sees_nothing_is_told_as_such() -> None:
    assert "It sees no project at all" in resolve(["Lancement"], "project", (), {}).errors[0]
