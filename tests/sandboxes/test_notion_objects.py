"""Notion's sandbox answers the official Python client as Notion's own types say, in both versions."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import notion_client
import pytest

from tests.sandboxes.notion_kit import (
    ALL_TYPES,
    NEWEST,
    NO_SCHEMAS,
    OLDER,
    SCHEMAS,
    Clock,
    World,
    refusal,
    rich,
    row,
    table,
    validator,
    world,
)

both = pytest.mark.parametrize("version", [NEWEST, OLDER])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[World]:
    with world(clock) as served:
        yield served


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=NO_SCHEMAS)
@both
def test_the_judge_refuses_a_known_bad_answer(notion: World, version: str) -> None:
    client, page = notion.client(version), notion.sandbox.share_page("Pilotage")
    good = client.pages.retrieve(page)
    good.pop("request_id")
    judge = validator("page", version)
    judge.validate(good)
    for bad in (
        {**good, "last_edited_time": None},
        {key: value for key, value in good.items() if key != "in_trash"},
        {**good, "surprise": 1},
    ):
        with pytest.raises(jsonschema_rs.ValidationError):
            judge.validate(bad)
    assert ("archived" in good) is (version == OLDER)
    assert notion.judged == ["page"]


@both
def test_a_row_of_every_type_reads_back_as_written_and_by_notions_types(notion: World, version: str) -> None:
    client, page = notion.client(version), notion.sandbox.share_page("Pilotage")
    _, source = table(client, page)
    lila = next(user for user in client.users.list()["results"] if user["type"] == "person")
    made = row(
        client,
        source,
        "Facture 12",
        Note={"rich_text": rich("à relancer ", bold=True) + rich("vite", color="red")},
        Montant={"number": 1234.5},
        Etat={"select": {"name": "payé"}},
        Tags={"multi_select": [{"name": "a"}, {"name": "b", "color": "pink"}]},
        Avancement={"status": {"name": "Done"}},
        Échéance={"date": {"start": "2026-11-30"}},
        Fait={"checkbox": True},
        Lien={"url": "https://example.com"},
        Mail={"email": "lila@example.com"},
        Tél={"phone_number": "+33 1 23 45 67 89"},
        Qui={"people": [{"id": lila["id"]}]},
        Pièces={"files": [{"name": "facture", "external": {"url": "https://example.com/f.pdf"}}]},
        Hub={"rich_text": rich("facture:12")},
    )
    read = client.pages.retrieve(made["id"].replace("-", ""))
    assert read["properties"] == made["properties"]
    values = read["properties"]
    assert set(values) == set(ALL_TYPES)
    assert values["Montant"]["number"] == 1234.5
    assert values["Etat"]["select"]["color"] == "green"
    assert [tag["name"] for tag in values["Tags"]["multi_select"]] == ["a", "b"]
    assert values["Échéance"]["date"] == {"start": "2026-11-30", "end": None, "time_zone": None}
    assert [item["annotations"]["bold"] for item in values["Note"]["rich_text"]] == [True, False]
    assert values["N°"]["unique_id"] == {"prefix": "F", "number": 1}
    assert read["parent"]["type"] == "data_source_id"
    assert read["url"] == f"https://app.notion.com/p/Facture-12-{made['id'].replace('-', '')}"
    schema = client.data_sources.retrieve(source)["properties"]
    assert values["Nom"]["id"] == "title"
    assert {name: value["id"] for name, value in values.items()} == {name: p["id"] for name, p in schema.items()}
    assert schema["Etat"]["select"]["options"][1]["name"] == "en retard"


def test_times_are_written_in_three_ways(notion: World, clock: Clock) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    database, source = table(client, page)
    clock.pass_by(61)
    assert client.databases.retrieve(database)["created_time"] == "2026-11-21T08:15:42.607+00:00"
    assert client.data_sources.retrieve(source)["created_time"] == "2026-11-21T08:15:00.000Z"
    made = row(client, source, "x")
    assert made["created_time"] == made["properties"]["Créé"]["created_time"] == "2026-11-21T08:16:00.000Z"
    clock.pass_by(60)
    client.pages.update(made["id"], properties={"Fait": {"checkbox": True}})
    after = client.pages.retrieve(made["id"])
    assert (after["created_time"], after["last_edited_time"]) == (
        "2026-11-21T08:16:00.000Z",
        "2026-11-21T08:17:00.000Z",
    )


@both
def test_the_trash_has_two_names_before_the_newest_version_and_one_in_it(notion: World, version: str) -> None:
    client, page = notion.client(version), notion.sandbox.share_page("Pilotage")
    database, source = table(client, page)
    made = row(client, source, "x")
    assert client.pages.update(made["id"], in_trash=True)["in_trash"] is True
    assert ("archived" in client.pages.retrieve(made["id"])) is (version == OLDER)
    assert client.data_sources.query(source)["results"] == []
    assert [one["id"] for one in client.data_sources.query(source, in_trash=True)["results"]] == [made["id"]]
    with pytest.raises(notion_client.APIResponseError) as error:
        client.pages.update(made["id"], properties={"Fait": {"checkbox": True}})
    assert refusal(error)[:2] == (400, "validation_error")
    assert "archived" in refusal(error)[2]
    if version == OLDER:
        assert client.pages.update(made["id"], archived=False)["archived"] is False
    else:
        with pytest.raises(notion_client.APIResponseError, match="archived should be not present"):
            client.pages.update(made["id"], archived=False)
        client.pages.update(made["id"], in_trash=False)
    client.databases.update(database, in_trash=True)
    with pytest.raises(notion_client.APIResponseError, match="ancestor"):
        client.pages.update(made["id"], properties={"Fait": {"checkbox": True}})
    assert client.databases.retrieve(database)["in_trash"] is True
    assert client.blocks.children.list(page)["results"] == []


def test_databases_keep_their_own_title_and_columns_come_change_and_go(notion: World) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    database, source = table(client, page, "Mesures", {"Nom": {"title": {}}, "Valeur": {"number": {}}})
    made = row(client, source, "x", Valeur={"number": 3})
    before = client.data_sources.retrieve(source)["properties"]
    after = client.data_sources.update(
        source,
        properties={
            before["Valeur"]["id"]: {"name": "Montant"},
            "Cible": {"number": {"format": "percent"}},
            "Etat": {"select": {"options": [{"name": "ok"}]}},
        },
    )["properties"]
    assert list(after) == ["Nom", "Montant", "Cible", "Etat"]
    assert after["Montant"]["id"] == before["Valeur"]["id"]
    assert client.pages.retrieve(made["id"])["properties"]["Montant"]["number"] == 3
    assert list(client.data_sources.update(source, properties={"Cible": None})["properties"]) == [
        "Nom",
        "Montant",
        "Etat",
    ]
    for refused in (
        {"Nom": None},
        {"Etat": {"name": "Montant"}},
        {"Rien": None},
        {"Etat": {"number": {"format": "eur"}}},
    ):
        with pytest.raises(notion_client.APIResponseError):
            client.data_sources.update(source, properties=refused)
    renamed = client.databases.update(database, title=rich("KPI"), icon={"type": "emoji", "emoji": "📈"})
    assert (renamed["title"][0]["plain_text"], renamed["icon"]["emoji"]) == ("KPI", "📈")
    assert renamed["data_sources"] == [{"id": source, "name": "Mesures"}]
    notion.sandbox.add_template(source, "Mois", is_default=True)
    templates = client.data_sources.list_templates(source)
    assert [one["name"] for one in templates["templates"]] == ["Mois"]
    assert "results" not in templates


def test_a_select_option_is_made_by_its_first_use_and_only_when_the_whole_call_is_valid(notion: World) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    _, source = table(client, page)

    def names() -> list[str]:
        options = client.data_sources.retrieve(source)["properties"]["Etat"]["select"]["options"]
        return [option["name"] for option in options]

    with pytest.raises(notion_client.APIResponseError, match="Nope is not a property that exists"):
        row(client, source, "x", Etat={"select": {"name": "neuf"}}, Nope={"number": 1})
    assert names() == ["payé", "en retard"]
    made = row(client, source, "x", Etat={"select": {"name": "neuf"}})
    assert names() == ["payé", "en retard", "neuf"]
    assert made["properties"]["Etat"]["select"]["id"]
    assert (
        client.pages.update(made["id"], properties={"Etat": {"select": None}})["properties"]["Etat"]["select"] is None
    )


@both
def test_blocks_of_every_type_nest_and_read_back_in_order(notion: World, version: str) -> None:
    client, page = notion.client(version), notion.sandbox.share_page("Pilotage")
    text = {"rich_text": rich("texte")}
    made = client.blocks.children.append(
        page,
        children=[
            {"type": "heading_1", "heading_1": text},
            {"heading_2": text},
            {"heading_3": {**text, "is_toggleable": True, "children": [{"paragraph": text}]}},
            {"heading_4": text},
            {"paragraph": {"rich_text": rich("gras", bold=True), "color": "blue"}},
            {"callout": {**text, "icon": {"emoji": "✅"}, "color": "green_background"}},
            {"divider": {}},
            {
                "bulleted_list_item": {
                    **text,
                    "children": [{"numbered_list_item": {**text, "children": [{"quote": text}]}}],
                }
            },
            {"to_do": {**text, "checked": True}},
            {"toggle": text},
            {"code": {**text, "language": "python"}},
            {"image": {"external": {"url": "https://example.com/i.png"}}},
            {"bookmark": {"url": "https://example.com"}},
            {"column_list": {"children": [{"column": {"children": [{"callout": text}]}} for _ in range(3)]}},
            {
                "table": {
                    "table_width": 2,
                    "has_column_header": True,
                    "children": [{"table_row": {"cells": [rich("a"), rich("b")]}}],
                }
            },
        ],
    )["results"]
    child = client.pages.create(parent={"page_id": page}, properties={"title": {"title": rich("Sous-page")}})
    database, _ = table(client, page)
    listed = client.blocks.children.list(page)["results"]
    assert [one["id"] for one in listed] == [*(one["id"] for one in made), child["id"], database]
    assert [one["type"] for one in listed[-2:]] == ["child_page", "child_database"]
    assert client.blocks.retrieve(child["id"])["child_page"]["title"] == "Sous-page"
    columns = client.blocks.children.list(listed[13]["id"])["results"]
    assert [one["type"] for one in columns] == ["column"] * 3
    assert client.blocks.children.list(columns[0]["id"])["results"][0]["type"] == "callout"
    deep = client.blocks.children.list(listed[7]["id"])["results"][0]
    assert client.blocks.children.list(deep["id"])["results"][0]["quote"]["rich_text"][0]["plain_text"] == "texte"
    assert [one["has_children"] for one in listed[:3]] == [False, False, True]


def test_a_block_is_placed_by_position_in_the_newest_version_and_by_after_in_the_older(notion: World) -> None:
    newest, older, page = notion.client(NEWEST), notion.client(OLDER), notion.sandbox.share_page("Pilotage")

    def put(client: Any, text: str, **where: Any) -> str:
        answer = client.blocks.children.append(page, children=[{"paragraph": {"rich_text": rich(text)}}], **where)
        return str(answer["results"][0]["id"])

    first = put(newest, "b")
    put(newest, "c", position={"type": "end"})
    put(newest, "a", position={"type": "start"})
    put(newest, "b2", position={"type": "after_block", "after_block": {"id": first}})
    put(older, "b1", after=first)
    shown = [one["paragraph"]["rich_text"][0]["plain_text"] for one in older.blocks.children.list(page)["results"]]
    assert shown == ["a", "b", "b1", "b2", "c"]
    with pytest.raises(notion_client.APIResponseError, match="after should be not present"):
        put(newest, "x", after=first)
    with pytest.raises(notion_client.APIResponseError, match="position should be not present"):
        put(older, "x", position={"type": "start"})


def test_a_block_changes_its_content_keeps_its_type_and_leaves_for_the_trash(notion: World, clock: Clock) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    callout = {"callout": {"rich_text": rich("avant"), "icon": {"emoji": "✅"}, "color": "green_background"}}
    block = client.blocks.children.append(page, children=[callout])["results"][0]["id"]
    clock.pass_by(120)
    after = client.blocks.update(block, callout={"rich_text": rich("après")})
    assert after["callout"]["rich_text"][0]["plain_text"] == "après"
    assert (after["callout"]["color"], after["callout"]["icon"]["emoji"]) == ("green_background", "✅")
    assert client.pages.retrieve(page)["last_edited_time"] == after["last_edited_time"] == "2026-11-21T08:17:00.000Z"
    with pytest.raises(notion_client.APIResponseError):
        client.blocks.update(block, paragraph={"rich_text": rich("x")})
    assert client.blocks.delete(block)["in_trash"] is True
    assert client.blocks.children.list(page)["results"] == []
    with pytest.raises(notion_client.APIResponseError, match="archived"):
        client.blocks.delete(block)


def test_lists_are_paged_and_a_long_property_value_too(notion: World) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    blocks = [{"paragraph": {"rich_text": rich(str(n))}} for n in range(100)]
    for _ in range(2):
        client.blocks.children.append(page, children=blocks)
    client.blocks.children.append(page, children=blocks[:5])
    pages = list(notion_client.helpers.iterate_paginated_api(client.blocks.children.list, block_id=page, page_size=50))
    assert len(pages) == 205
    assert len({one["id"] for one in pages}) == 205
    with pytest.raises(notion_client.APIResponseError, match="start_cursor"):
        client.blocks.children.list(page, start_cursor="nonsense")
    _, source = table(client, page)
    made = row(client, source, "x", Note={"rich_text": [rich(f"{n} ")[0] for n in range(60)]})
    assert len(made["properties"]["Note"]["rich_text"]) == 25
    key = made["properties"]["Note"]["id"]
    first = client.pages.properties.retrieve(made["id"], key, page_size=40)
    assert (first["type"], first["property_item"]["type"], first["has_more"]) == ("property_item", "rich_text", True)
    second = client.pages.properties.retrieve(made["id"], key, page_size=40, start_cursor=first["next_cursor"])
    assert len(first["results"] + second["results"]) == 60
    assert client.pages.properties.retrieve(made["id"], made["properties"]["Fait"]["id"])["checkbox"] is False


def test_property_ids_are_url_encoded_and_taken_in_both_forms(notion: World) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    schema = {"Nom": {"title": {}}, **{f"C{n}": {"number": {}} for n in range(60)}}
    _, source = table(client, page, schema=schema)
    made = row(client, source, "x", C7={"number": 7})
    encoded = [(name, one["id"]) for name, one in made["properties"].items() if "%" in one["id"]]
    assert encoded
    for name, key in encoded[:5]:
        assert client.pages.update(made["id"], properties={key: {"number": 8}})["properties"][name]["number"] == 8
        assert client.pages.properties.retrieve(made["id"], key)["number"] == 8
        only = client.data_sources.query(source, filter_properties=[key])["results"][0]["properties"]
        assert list(only) == [name]
    assert all(re.fullmatch(r"[A-Za-z0-9%._~-]+", one["id"]) for one in made["properties"].values())


def test_comments_and_search_and_users(notion: World, clock: Clock) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    _, source = table(client, page, "Factures")
    made = row(client, source, "Facture 12")
    first = client.comments.create(parent={"page_id": made["id"]}, rich_text=rich("Relance ?"))
    client.comments.create(discussion_id=first["discussion_id"], rich_text=rich("Oui."))
    listed = client.comments.list(block_id=made["id"])["results"]
    assert [one["rich_text"][0]["plain_text"] for one in listed] == ["Relance ?", "Oui."]
    found = client.search(query="facture")["results"]
    assert {one["object"] for one in found} == {"page", "data_source"}
    only = client.search(query="facture", filter={"property": "object", "value": "data_source"})["results"]
    assert [one["id"] for one in only] == [source]
    notion.sandbox.settings(search_lag=30)
    row(client, source, "Facture 13")
    assert client.search(query="Facture 13")["results"] == []
    clock.pass_by(31)
    assert len(client.search(query="Facture 13")["results"]) == 1
    me = client.users.me()
    assert me["bot"]["workspace_name"] == "Sandbox"
    assert client.users.retrieve(me["id"])["id"] == me["id"] == made["created_by"]["id"]


def test_workspaces_see_nothing_of_each_other_and_a_page_can_be_taken_away(notion: World) -> None:
    sandbox = notion.sandbox
    sandbox.add_token("ntn_marc", workspace="Marc")
    lila, marc = notion.client(), notion.client(token="ntn_marc")
    page = sandbox.share_page("Pilotage")
    _, source = table(lila, page)
    for read in (marc.pages.retrieve, marc.blocks.retrieve, marc.blocks.children.list):
        with pytest.raises(notion_client.APIResponseError) as error:
            read(page)
        assert refusal(error)[:2] == (404, "object_not_found")
    assert marc.search()["results"] == []
    assert [one["name"] for one in marc.users.list()["results"] if one["type"] == "person"] == []
    sandbox.unshare_page(page)
    with pytest.raises(notion_client.APIResponseError) as error:
        lila.data_sources.query(source)
    assert refusal(error)[:2] == (404, "object_not_found")
    sandbox.share_again(page)
    assert lila.data_sources.query(source)["results"] == []
    with pytest.raises(notion_client.APIResponseError) as error:
        notion.client(token="ntn_other").users.me()
    assert refusal(error)[:2] == (401, "unauthorized")
    assert "API token is invalid." in refusal(error)[2]
