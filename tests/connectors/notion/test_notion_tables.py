"""Rows of Notion databases: made once, changed with one call, read whole or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.notion.destination import NotionDestination
from connectors.notion.sandbox import create_app
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Collection, Property, Ref, Row, Value
from tests.connectors.notion.conftest import World
from tests.connectors.notion.helpers import client_of
from tests.sandboxes.serve import serve

FIGURES = Collection(
    name="Chiffres",
    kind="table",
    properties=(
        Property(name="Nom", kind="title"),
        Property(name="Preuve", kind="text"),
        Property(name="Valeur", kind="number", number_format="euro"),
        Property(name="État", kind="select"),
        Property(name="Vérifié", kind="checkbox"),
        Property(name="Mois", kind="date"),
        Property(name="Compté le", kind="instant"),
        Property(name="Lien", kind="url"),
        Property(name="Contact", kind="email"),
    ),
)
VALUES: dict[str, Value] = {
    "Nom": "Encaissements",
    "Preuve": "pi_1, pi_2",
    "Valeur": Decimal("1234.56"),
    "État": "Ouvert",
    "Vérifié": True,
    "Mois": date(2026, 11, 1),
    "Compté le": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    "Lien": "https://example.com/a",
    "Contact": "lila@example.com",
}
CREATE, QUERY = "POST /v1/pages", "POST /v1/data_sources/{data_source_id}/query"
UPDATE, SCHEMA = "PATCH /v1/pages/{page_id}", "GET /v1/data_sources/{data_source_id}"


def made(world: World) -> Ref:
    ref = world.hub.prepare(FIGURES, None, None)
    world.forget()
    return ref


def new(world: World, ref: Ref, key: str, values: dict[str, Value] | None = None) -> Row:
    (row,) = world.hub.create(FIGURES, ref, [Row(key=key, values=values or {"Nom": key})], look_first=False)
    return row


def keys(world: World, ref: Ref) -> list[str]:
    return [row.key for row in world.hub.rows(FIGURES, ref)]


def test_a_database_is_made_once_and_found_again(world: World) -> None:
    assert world.hub.find(FIGURES, None) is None

    ref = world.hub.prepare(FIGURES, None, None)

    assert world.hub.find(FIGURES, None) == ref == world.hub.prepare(FIGURES, None, None)
    assert world.hub.problems(FIGURES, ref) == ()
    assert [table["title"] for table in world.sandbox.tables()] == ["Chiffres"]


def test_a_row_reads_back_as_it_was_written(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "cash_in/2026-11/EUR", VALUES)

    (found,) = world.hub.rows(FIGURES, ref)

    assert found.values == VALUES
    assert (found.key, found.ref, found.edited_by) == ("cash_in/2026-11/EUR", row.ref, "hub")
    assert found.edited_at is not None
    assert found.edited_at.tzinfo is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80),
    number=st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    day=st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 1, 1)),
)
def test_any_value_survives_the_road_there_and_back(world: World, text: str, number: Decimal, day: date) -> None:
    ref = world.hub.find(FIGURES, None) or world.hub.prepare(FIGURES, None, None)
    values: dict[str, Value] = {"Nom": text, "Preuve": text, "Valeur": number, "Mois": day}
    row = new(world, ref, "any", values)
    assert row.ref is not None

    (found,) = world.hub.rows(FIGURES, ref)
    world.hub.archive(FIGURES, row.ref)

    assert {name: found.values[name] for name in values} == values


def test_a_long_text_comes_back_whole_although_notion_lists_only_its_beginning(world: World) -> None:
    ref = made(world)
    text = "".join(f"{line:09d}\n" for line in range(8000))  # 80,000 characters, 40 pieces; a page lists 25
    new(world, ref, "long", {"Nom": "long", "Preuve": text})

    (found,) = world.hub.rows(FIGURES, ref)

    assert found.values["Preuve"] == text


def test_none_clears_and_an_untouched_property_stays(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k", VALUES)

    world.hub.update(FIGURES, Row(key="k", values=dict.fromkeys(("Preuve", "Valeur", "État", "Mois")), ref=row.ref))

    (found,) = world.hub.rows(FIGURES, ref)
    assert [found.values[name] for name in ("Preuve", "Valeur", "État", "Mois")] == [None] * 4
    assert found.values["Lien"] == VALUES["Lien"]


def test_a_row_costs_one_call_to_make_to_change_and_to_archive(world: World) -> None:
    ref = made(world)

    row = new(world, ref, "k", VALUES)
    assert world.calls() == {CREATE: 1}

    world.forget()
    world.hub.update(FIGURES, Row(key="k", values=VALUES, ref=row.ref))
    assert world.calls() == {UPDATE: 1}

    world.forget()
    assert row.ref is not None
    world.hub.archive(FIGURES, row.ref)
    assert world.calls() == {UPDATE: 1}
    assert world.limits.asked == [("notion", 180, 60.5)]


def test_archiving_twice_or_what_is_gone_is_no_error(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k")
    assert row.ref is not None

    for _ in range(2):
        world.hub.archive(FIGURES, row.ref)
    world.hub.archive(FIGURES, Ref("0f0f0f0f-0000-4000-8000-000000000000"))

    assert keys(world, ref) == []


@pytest.mark.parametrize("fault", ["timeout_after_commit", "reset_after_commit", "truncated_json", "committed_503"])
def test_a_row_whose_answer_was_lost_is_never_made_twice(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.fault(fault, method="POST", path="/v1/pages", times=1, seconds=0.1)
    row = Row(key="k", values=VALUES)

    with pytest.raises(TransientError) as caught:
        world.hub.create(FIGURES, ref, [row], look_first=False)
    (adopted,) = world.hub.create(FIGURES, ref, [row], look_first=True)

    assert caught.value.uncertain
    assert world.calls()[CREATE] == 1
    assert [one["id"] for one in world.sandbox.rows(ref)] == [adopted.ref]
    if fault == "committed_503":
        assert caught.value.committed == (adopted.ref,)


@pytest.mark.parametrize("fault", ["timeout_before", "reset", "unavailable", "bad_gateway"])
def test_a_row_that_was_lost_on_the_way_is_made_at_the_second_attempt(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.fault(fault, method="POST", path="/v1/pages", times=1, seconds=0.1)
    row = Row(key="k", values=VALUES)

    with pytest.raises(TransientError, match="Notion") as caught:
        world.hub.create(FIGURES, ref, [row], look_first=False)
    world.hub.create(FIGURES, ref, [row], look_first=True)

    assert caught.value.uncertain
    assert keys(world, ref) == ["k"]


def test_a_row_that_is_adopted_stays_as_people_have_edited_it_since(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k", VALUES)
    world.sandbox.edit_as_person(str(row.ref), {"Valeur": 7})
    writes = world.sandbox.stats()["writes"]

    (adopted,) = world.hub.create(FIGURES, ref, [Row(key="k", values=VALUES)], look_first=True)

    (found,) = world.hub.rows(FIGURES, ref)
    assert (adopted.ref, adopted.values) == (row.ref, found.values)
    assert found.values == VALUES | {"Valeur": Decimal(7)}
    assert world.sandbox.stats()["writes"] == writes


def test_what_was_made_before_a_failure_is_reported_and_adopted(world: World) -> None:
    ref = made(world)
    rows = [Row(key=str(number), values={"Nom": str(number)}) for number in range(3)]
    world.sandbox.fault("reset", method="POST", path="/v1/pages", skip=2, times=1)

    with pytest.raises(TransientError) as caught:
        world.hub.create(FIGURES, ref, rows, look_first=False)
    again = world.hub.create(FIGURES, ref, rows, look_first=True)

    assert [row.ref for row in again[:2]] == list(caught.value.committed)
    assert sorted(keys(world, ref)) == ["0", "1", "2"]


def test_a_key_is_found_to_the_letter(world: World) -> None:
    ref = made(world)
    new(world, ref, "mrr/eur")

    world.hub.create(FIGURES, ref, [Row(key="mrr/EUR", values={"Nom": "x"})], look_first=True)

    assert sorted(keys(world, ref)) == ["mrr/EUR", "mrr/eur"]


def test_two_rows_of_one_key_both_come_back_and_the_oldest_is_adopted() -> None:
    clock = iter(range(10**6))
    app = create_app(now=lambda: datetime.fromtimestamp(1_790_000_000 + 60 * next(clock), UTC))
    app.state.sandbox.share_page("Pilotage")
    with serve(app) as url, client_of(url, key="ntn_sandbox") as client:
        hub = NotionDestination(client, None)
        ref = hub.prepare(FIGURES, None, None)
        row = Row(key="k", values={"Nom": "k"})
        first, _ = hub.create(FIGURES, ref, [row, row], look_first=False)

        (adopted,) = hub.create(FIGURES, ref, [row], look_first=True)

        assert adopted.ref == first.ref
        assert [found.key for found in hub.rows(FIGURES, ref)] == ["k", "k"]


@pytest.mark.parametrize("fault", ["timeout_after_commit", "reset", "conflict", "internal", "gateway_timeout"])
def test_a_change_whose_answer_was_lost_is_simply_done_again(world: World, fault: str) -> None:
    ref = made(world)
    row = new(world, ref, "k")
    world.sandbox.fault(fault, method="PATCH", times=1, seconds=0.1)

    world.hub.update(FIGURES, Row(key="k", values=VALUES, ref=row.ref))

    (found,) = world.hub.rows(FIGURES, ref)
    assert found.values == VALUES


@pytest.mark.parametrize("fault", ["rate_limited", "overload"])
def test_a_short_pause_is_obeyed_and_a_long_one_is_handed_on(world: World, fault: str) -> None:
    ref = made(world)
    world.sandbox.fault(fault, method="POST", path="/v1/pages", times=1, retry_after=2)
    new(world, ref, "short")
    world.sandbox.fault(fault, method="POST", path="/v1/pages", times=1, retry_after=400)

    with pytest.raises(TransientError) as caught:
        new(world, ref, "long")

    assert keys(world, ref) == ["short"]
    assert world.limits.held == [2.0, 400.0]
    assert (caught.value.retry_after, caught.value.uncertain) == (400.0, False)


def test_people_are_told_apart_from_the_hub(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k", VALUES)
    assert row.ref is not None
    world.sandbox.edit_as_person(row.ref, {"Valeur": 99})
    world.sandbox.add_row_as_person(ref, {"Nom": "une note de Lila"})

    ours, theirs = sorted(world.hub.rows(FIGURES, ref), key=lambda found: found.ref != row.ref)

    assert (ours.key, ours.values["Valeur"]) == ("k", Decimal(99))
    assert ours.edited_by not in (None, "", "hub")
    assert (theirs.key, theirs.values["Nom"]) == ("", "une note de Lila")


def test_2500_rows_are_read_in_25_calls_each_once(world: World) -> None:
    ref = made(world)
    for number in range(2500):
        world.sandbox.add_row_as_person(ref, {"Hub": f"k{number}"})
    world.hub.check()
    world.forget()

    found = keys(world, ref)

    assert sorted(found) == sorted(f"k{number}" for number in range(2500))
    assert world.calls() == {QUERY: 25, "GET /v1/users/me": 1}


def test_a_query_that_notion_cuts_off_is_continued_and_no_row_comes_twice() -> None:
    clock = iter(range(10**6))
    app = create_app(now=lambda: datetime.fromtimestamp(1_790_000_000 + 7 * next(clock), UTC))
    sandbox = app.state.sandbox
    sandbox.share_page("Pilotage")
    sandbox.settings(max_query_results=100)
    with serve(app) as url, client_of(url, key="ntn_sandbox") as client:
        hub = NotionDestination(client, None)
        ref = hub.prepare(FIGURES, None, None)
        for number in range(450):
            sandbox.add_row_as_person(ref, {"Hub": f"k{number}"})

        found = [row.key for row in hub.rows(FIGURES, ref)]

    assert sorted(found) == sorted(f"k{number}" for number in range(450))


def test_a_query_that_cannot_be_continued_is_an_error_and_not_a_shorter_list(world: World) -> None:
    ref = made(world)
    for number in range(30):
        world.sandbox.add_row_as_person(ref, {"Hub": f"k{number}"})
    world.sandbox.settings(max_query_results=10)  # and all 30 were made within a minute or two

    with pytest.raises(TransientError, match="only a part"):
        keys(world, ref)


def test_a_read_that_breaks_off_is_an_error(world: World) -> None:
    ref = made(world)
    for number in range(150):
        world.sandbox.add_row_as_person(ref, {"Hub": f"k{number}"})
    world.sandbox.fault("internal", path="/v1/data_sources/*", skip=1)

    with pytest.raises(TransientError):
        keys(world, ref)


def test_a_renamed_property_is_named_when_a_row_is_made_changed_or_read(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k", VALUES)
    world.sandbox.change_schema_as_person(ref, {"Valeur": {"name": "Montant"}})

    for attempt in (
        lambda: new(world, ref, "k2", VALUES),
        lambda: world.hub.update(FIGURES, Row(key="k", values=VALUES, ref=row.ref)),
        lambda: keys(world, ref),
    ):
        with pytest.raises(ConfigError, match='"Chiffres" has no property "Valeur"'):
            attempt()
    assert len(world.hub.problems(FIGURES, ref)) == 1


def test_a_renamed_key_property_is_named_by_the_look_for_an_earlier_row(world: World) -> None:
    ref = made(world)
    world.sandbox.change_schema_as_person(ref, {"Hub": {"name": "Clé"}})

    with pytest.raises(ConfigError, match='no property "Hub"'):
        world.hub.create(FIGURES, ref, [Row(key="k", values={})], look_first=True)


def test_what_is_missing_is_added_and_nothing_else_is_touched(world: World) -> None:
    ref = made(world)
    world.sandbox.change_schema_as_person(ref, {"Valeur": None, "Note CEO": {"rich_text": {}}})

    world.hub.prepare(FIGURES, ref, None)

    assert world.hub.problems(FIGURES, ref) == ()
    sent = [one.body for one in world.sandbox.requests if one.method == "PATCH"]
    assert sent == [{"properties": {"Valeur": {"number": {"format": "euro"}}}}]


def test_a_property_of_another_type_is_left_alone_and_named_with_both_types(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k")
    world.sandbox.change_schema_as_person(ref, {"Valeur": None})
    world.sandbox.change_schema_as_person(ref, {"Valeur": {"rich_text": {}}})

    for attempt in (
        lambda: world.hub.prepare(FIGURES, ref, None),
        lambda: world.hub.update(FIGURES, Row(key="k", values=VALUES, ref=row.ref)),
        lambda: keys(world, ref),
    ):
        with pytest.raises(ConfigError, match='"Valeur" has the type rich_text and needs number'):
            attempt()
    assert "PATCH /v1/data_sources/{data_source_id}" not in world.calls()


def test_a_database_whose_title_has_another_name_is_a_question_for_a_person(world: World) -> None:
    ref = made(world)
    world.sandbox.change_schema_as_person(ref, {"Nom": {"name": "Titre"}})

    with pytest.raises(ConfigError, match='called "Titre" and needs to be called "Nom"'):
        world.hub.prepare(FIGURES, ref, None)


def test_a_row_that_a_person_deleted_is_that_rows_problem(world: World) -> None:
    ref = made(world)
    row = new(world, ref, "k")
    assert row.ref is not None
    world.sandbox.trash_as_person(row.ref)

    for gone in (row.ref, Ref("0f0f0f0f-0000-4000-8000-000000000000")):
        with pytest.raises(RecordError, match='Row "k" of "Chiffres" is gone'):
            world.hub.update(FIGURES, Row(key="k", values={"Nom": "x"}, ref=gone))


@pytest.mark.parametrize("how", ["trash", "unshare"])
def test_a_database_that_went_away_is_named(world: World, how: str) -> None:
    ref = made(world)
    if how == "trash":
        world.sandbox.trash_as_person(world.sandbox.tables()[0]["database_id"])
    else:
        world.sandbox.unshare_page(world.page)

    for attempt in (
        lambda: new(world, ref, "k"),
        lambda: keys(world, ref),
        lambda: world.hub.prepare(FIGURES, ref, None),
    ):
        with pytest.raises(ConfigError, match='database "Chiffres"'):
            attempt()


def test_two_databases_of_one_name_are_both_named(world: World) -> None:
    made(world)
    parent: Any = {"type": "page_id", "page_id": world.page}
    title = [{"type": "text", "text": {"content": "Chiffres"}}]
    other = world.client.create_database(parent, title, {"Nom": {"title": {}}})

    with pytest.raises(ConfigError, match=other["id"]):
        world.hub.find(FIGURES, None)


def test_of_several_data_sources_the_one_with_the_databases_name_is_meant(world: World) -> None:
    ref = made(world)
    database = world.sandbox.tables()[0]["database_id"]
    with client_of(world.url, key="ntn_sandbox") as client:
        body = {"parent": {"type": "database_id", "database_id": database}, "properties": {"Nom": {"title": {}}}}
        client._sdk.data_sources.create(**body, title=[{"text": {"content": "Autre"}}])
        assert world.hub.find(FIGURES, None) == ref

        client._sdk.data_sources.update(ref, title=[{"text": {"content": "Ancien"}}])
        with pytest.raises(ConfigError, match=r"2 data sources \(Ancien, Autre\)"):
            world.hub.find(FIGURES, None)


@pytest.mark.parametrize("fault", ["timeout_after_commit", "committed_503"])
def test_a_database_whose_answer_was_lost_is_not_made_twice(world: World, fault: str) -> None:
    world.sandbox.fault(fault, method="POST", path="/v1/databases", times=1, seconds=0.1)

    with pytest.raises(TransientError) as caught:
        world.hub.prepare(FIGURES, None, None)
    world.hub.prepare(FIGURES, None, None)

    assert caught.value.uncertain
    assert len(world.sandbox.tables()) == 1


def test_a_workspace_out_of_blocks_is_explained(world: World) -> None:
    ref = made(world)
    world.sandbox.fault("block_limit", method="POST", path="/v1/pages")

    with pytest.raises(ConfigError, match="1,000 blocks"):
        new(world, ref, "k")


def test_a_row_that_cannot_be_written_is_refused_before_any_row_is(world: World) -> None:
    ref = made(world)
    rows = [Row(key="good", values={"Nom": "a"}), Row(key="bad", values={"Valeur": "douze"})]

    with pytest.raises(RecordError, match='"Valeur" of "Chiffres"'):
        world.hub.create(FIGURES, ref, rows, look_first=False)
    assert world.calls() == {}


def test_what_notion_itself_refuses_is_that_rows_problem(world: World) -> None:
    ref = made(world)

    with pytest.raises(RecordError, match="validation_error"):
        new(world, ref, "k", {"Mois": {"start": date(2026, 11, 2), "end": date(2026, 11, 1)}})


def test_a_value_for_a_property_that_the_collection_does_not_have_is_refused(world: World) -> None:
    ref = made(world)

    with pytest.raises(RecordError, match='no property "Valeurs"'):
        new(world, ref, "k", {"Valeurs": Decimal(1)})
    assert world.calls() == {}


def test_refs_of_what_was_asked_for_survive_a_schema_read(world: World) -> None:
    ref = made(world)

    world.hub.prepare(FIGURES, ref, None)

    assert world.calls() == {SCHEMA: 1}
