"""Notion's sandbox refuses what Notion refuses: 400 with the place and the rule, and nothing half done."""

from collections.abc import Iterator
from typing import Any

import notion_client
import pytest

from tests.sandboxes.notion_kit import Json, World, refusal, rich, row, table, world


@pytest.fixture(scope="module")
def notion() -> Iterator[World]:
    with world() as served:
        yield served


@pytest.fixture(scope="module")
def page(notion: World) -> str:
    return notion.sandbox.share_page("Pilotage")


@pytest.fixture(scope="module")
def source(notion: World, page: str) -> str:
    return table(notion.client(), page)[1]


def test_the_version_is_required_and_must_be_one_that_is_played(notion: World) -> None:
    http = notion.raw()
    del http.headers["notion-version"]
    answer = http.get("/v1/users/me")
    assert (answer.status_code, answer.json()["code"]) == (400, "missing_version")
    answer = http.get("/v1/users/me", headers={"notion-version": "2022-06-28"})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_an_unknown_address_bad_json_and_a_bad_id_are_told_apart(notion: World) -> None:
    http = notion.raw()
    for method, path, body, status, code in (
        ("GET", "/v1/nothing", b"", 400, "invalid_request_url"),
        ("DELETE", "/v1/users/me", b"", 400, "invalid_request_url"),
        ("POST", "/v1/search", b"{", 400, "invalid_json"),
        ("POST", "/v1/search", b'{"page_size": NaN}', 400, "invalid_json"),
        ("POST", "/v1/search", b"[]", 400, "validation_error"),
        ("GET", "/v1/pages/12", b"", 400, "validation_error"),
        ("GET", "/v1/pages/00000000-0000-4000-8000-000000000000", b"", 404, "object_not_found"),
    ):
        answer = http.request(method, path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path


def test_a_body_over_500_kb_is_refused(notion: World, page: str) -> None:
    children = [{"paragraph": {"rich_text": rich("é" * 2000) * 3}} for _ in range(100)]
    with pytest.raises(notion_client.APIResponseError, match="500 KB"):
        notion.client().blocks.children.append(page, children=children)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"Nope": {"number": 1}}, "Nope is not a property that exists"),
        ({"Montant": {"rich_text": rich("1")}}, "Montant is expected to be number"),
        ({"Montant": {"number": "12"}}, "be a number"),
        ({"Montant": {"number": True}}, "be a number"),
        ({"Note": {"rich_text": rich("x" * 2001)}}, "be ≤ `2000`, instead was `2001`"),
        ({"Note": {"rich_text": rich("👍" * 1001)}}, "be ≤ `2000`, instead was `2002`"),
        ({"Note": {"rich_text": rich("x") * 101}}, "be ≤ `100`, instead was `101`"),
        ({"Note": {"rich_text": "x"}}, "be an array"),
        ({"Note": {"rich_text": [{"text": {"content": "x", "link": {"url": ""}}}]}}, "link.url"),
        ({"Note": {"rich_text": rich("x", color="vert")}}, "colours"),
        ({"Etat": {"select": {"name": ""}}}, "be ≥ `1`"),
        ({"Etat": {"select": {"name": "a,b"}}}, "commas"),
        ({"Etat": {"select": {"name": "x" * 101}}}, "be ≤ `100`"),
        ({"Etat": {"select": "payé"}}, "be an object"),
        ({"Avancement": {"status": {"name": "neuf"}}}, "does not exist"),
        ({"Tags": {"multi_select": [{"name": str(n)} for n in range(101)]}}, "be ≤ `100`"),
        ({"Échéance": {"date": {"start": ""}}}, "be ≥ `1`"),
        ({"Échéance": {"date": {"start": "30/11/2026"}}}, "ISO 8601"),
        ({"Échéance": {"date": {"start": "2026-02-30"}}}, "ISO 8601"),
        ({"Échéance": {"date": {"start": "2026-11-21", "end": "2026-11-20"}}}, "before the start"),
        ({"Échéance": {"date": {"start": "2026-11-21T10:00:00Z", "time_zone": "Europe/Paris"}}}, "time_zone"),
        ({"Échéance": {"date": {"start": "2026-11-21", "time_zone": "Paris"}}}, "IANA"),
        ({"Fait": {"checkbox": "oui"}}, "be a boolean"),
        ({"Lien": {"url": ""}}, "be ≥ `1`"),
        ({"Mail": {"email": f"{'x' * 200}@example.com"}}, "be ≤ `200`"),
        ({"Tél": {"phone_number": "0" * 201}}, "be ≤ `200`"),
        ({"Qui": {"people": [{"id": "00000000-0000-4000-8000-000000000000"}]}}, "be the id of a user"),
        ({"Créé": {"created_time": "2026-11-21"}}, "cannot be written"),
        ({"Montant": {"number": 1, "texte": 2}}, "texte should be not present"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_changes_nothing(
    notion: World, source: str, values: Json, words: str
) -> None:
    client = notion.client()
    made = row(client, source, "avant")
    with pytest.raises(notion_client.APIResponseError) as error:
        client.pages.update(made["id"], properties={"Nom": {"title": rich("après")}, **values})
    status, code, message = refusal(error)
    assert (status, code) == (400, "validation_error")
    assert words in message
    assert client.pages.retrieve(made["id"])["properties"] == made["properties"]


TEXT: Json = {"rich_text": rich("x")}


def nested(levels: int) -> Json:
    inner: Json = {"paragraph": TEXT}
    for _ in range(levels):
        inner = {"paragraph": {**TEXT, "children": [inner]}}
    return inner


@pytest.mark.parametrize(
    ("children", "words"),
    [
        ([{"paragraph": TEXT}] * 101, "be ≤ `100`"),
        ([{"toggle": {**TEXT, "children": [{"paragraph": TEXT}] * 100}}] * 10, "1000 blocks"),
        ([nested(3)], "two levels"),
        ([{"heading_1": {**TEXT, "children": [{"paragraph": TEXT}]}}], "does not support children"),
        ([{"code": {**TEXT, "language": "python", "children": [{"paragraph": TEXT}]}}], "does not support children"),
        ([{"column_list": {"children": [{"column": {"children": [{"paragraph": TEXT}]}}]}}], "be ≥ `2`"),
        ([{"column": {"children": [{"paragraph": TEXT}]}}], "cannot stand in a page"),
        ([{"table": {"table_width": 2, "children": [{"table_row": {"cells": [rich("a")]}}]}}], "1 cells"),
        ([{"child_page": {"title": "x"}}], "can be created"),
        ([{"paragraph": {}}], "be defined"),
        ([{"paragraph": {**TEXT, "colour": "red"}}], "be not present"),
        ([{"callout": {**TEXT, "icon": {"emoji": "x"}}}], "be an emoji"),
        ([{"image": {"type": "file", "external": {"url": "https://example.com"}}}], "external"),
        ([{"type": "paragraph", "quote": TEXT}], "one block type"),
        (None, "be an array"),
    ],
)
def test_blocks_that_do_not_fit_are_refused_and_nothing_is_planted(
    notion: World, page: str, children: Any, words: str
) -> None:
    client = notion.client()
    before = client.blocks.children.list(page)["results"]
    with pytest.raises(notion_client.APIResponseError) as error:
        client.blocks.children.append(page, children=children)
    assert refusal(error)[:2] == (400, "validation_error")
    assert words in refusal(error)[2]
    assert client.blocks.children.list(page)["results"] == before


def test_two_levels_of_nesting_are_taken_also_inside_columns(notion: World, page: str) -> None:
    columns = {"column_list": {"children": [{"column": {"children": [nested(1)]}} for _ in range(2)]}}
    assert len(notion.client().blocks.children.append(page, children=[nested(2), columns])["results"]) == 2


def test_a_database_needs_one_title_and_known_column_types(notion: World, page: str) -> None:
    client = notion.client()
    for schema in (
        {"Montant": {"number": {}}},
        {"A": {"title": {}}, "B": {"title": {}}},
        {"A": {"title": {}}, "B": {"bouton": {}}},
        {"A": {"title": {}}, "B": {"number": {"format": "eur"}}},
    ):
        with pytest.raises(notion_client.APIResponseError) as error:
            table(client, page, schema=schema)
        assert refusal(error)[:2] == (400, "validation_error")


def test_numbers_are_javascripts_and_dates_lose_their_seconds(notion: World, source: str) -> None:
    client = notion.client()
    values = row(
        client,
        source,
        "x",
        Montant={"number": 9007199254740993},
        Échéance={"date": {"start": "2026-11-21T10:30:59", "time_zone": "Europe/Paris"}},
    )["properties"]
    assert values["Montant"]["number"] == 9007199254740992
    assert values["Échéance"]["date"]["start"] == "2026-11-21T10:30:00.000+01:00"
    assert row(client, source, "y", Montant={"number": 12.0})["properties"]["Montant"]["number"] == 12
