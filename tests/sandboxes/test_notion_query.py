"""Notion's sandbox filters, sorts, pages and cuts queries as Notion does."""

from collections.abc import Iterator
from typing import Any

import notion_client
import pytest

from tests.sandboxes.notion_kit import Clock, Json, World, refusal, rich, row, table, world


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def notion(clock: Clock) -> Iterator[World]:
    with world(clock) as served:
        yield served


@pytest.fixture(scope="module")
def source(notion: World, clock: Clock) -> str:
    """Four rows, a minute apart: a, b, c, d; d is empty."""
    client, page = notion.client(), notion.sandbox.share_page("Pilotage")
    _, key = table(client, page)
    common: list[Json] = [
        {
            "Note": {"rich_text": rich("Premier appel")},
            "Montant": {"number": 10},
            "Etat": {"select": {"name": "payé"}},
            "Tags": {"multi_select": [{"name": "vip"}, {"name": "fr"}]},
            "Échéance": {"date": {"start": "2026-11-20"}},
            "Fait": {"checkbox": True},
            "Avancement": {"status": {"name": "Done"}},
        },
        {
            "Note": {"rich_text": rich("second appel")},
            "Montant": {"number": 20.5},
            "Etat": {"select": {"name": "en retard"}},
            "Tags": {"multi_select": [{"name": "fr"}]},
            "Échéance": {"date": {"start": "2026-11-21T10:30:00Z"}},
            "Mail": {"email": "b@example.com"},
        },
        {
            "Note": {"rich_text": rich("Devis")},
            "Montant": {"number": -3},
            "Etat": {"select": {"name": "litige"}},
            "Échéance": {"date": {"start": "2026-12-01", "end": "2026-12-04"}},
            "Lien": {"url": "https://example.com/devis"},
        },
        {},
    ]
    for name, values in zip("abcd", common, strict=True):
        row(client, key, name, **values)
        clock.pass_by(60)
    return key


def found(notion: World, source: str, **body: Any) -> str:
    """The titles of a query's rows, in order, as one word."""
    rows = notion.client().data_sources.query(source, **body)["results"]
    return "".join(one["properties"]["Nom"]["title"][0]["plain_text"] for one in rows)


NAMED = {"sorts": [{"property": "Nom", "direction": "ascending"}]}


@pytest.mark.parametrize(
    ("name", "condition", "rows"),
    [
        ("Nom", {"title": {"equals": "a"}}, "a"),
        ("Nom", {"title": {"does_not_equal": "a"}}, "bcd"),
        ("Note", {"rich_text": {"contains": "APPEL"}}, "ab"),
        ("Note", {"rich_text": {"does_not_contain": "appel"}}, "cd"),
        ("Note", {"rich_text": {"starts_with": "dev"}}, "c"),
        ("Note", {"rich_text": {"ends_with": "appel"}}, "ab"),
        ("Note", {"rich_text": {"equals": "devis"}}, ""),
        ("Note", {"rich_text": {"is_empty": True}}, "d"),
        ("Mail", {"email": {"is_not_empty": True}}, "b"),
        ("Lien", {"url": {"contains": "devis"}}, "c"),
        ("Montant", {"number": {"equals": 20.5}}, "b"),
        ("Montant", {"number": {"does_not_equal": 20.5}}, "acd"),
        ("Montant", {"number": {"greater_than": 10}}, "b"),
        ("Montant", {"number": {"greater_than_or_equal_to": 10}}, "ab"),
        ("Montant", {"number": {"less_than": 10}}, "c"),
        ("Montant", {"number": {"less_than_or_equal_to": 10}}, "ac"),
        ("Montant", {"number": {"is_empty": True}}, "d"),
        ("Fait", {"checkbox": {"equals": True}}, "a"),
        ("Fait", {"checkbox": {"does_not_equal": True}}, "bcd"),
        ("Etat", {"select": {"equals": "payé"}}, "a"),
        ("Etat", {"select": {"equals": ["payé", "litige"]}}, "ac"),
        ("Etat", {"select": {"does_not_equal": ["payé", "litige"]}}, "bd"),
        ("Etat", {"select": {"is_empty": True}}, "d"),
        ("Avancement", {"status": {"equals": "Done"}}, "a"),
        ("Tags", {"multi_select": {"contains": "fr"}}, "ab"),
        ("Tags", {"multi_select": {"does_not_contain": "vip"}}, "bcd"),
        ("Tags", {"multi_select": {"is_not_empty": True}}, "ab"),
        ("Échéance", {"date": {"equals": "2026-11-21"}}, "b"),
        ("Échéance", {"date": {"before": "2026-11-21"}}, "a"),
        ("Échéance", {"date": {"after": "2026-11-21"}}, "c"),
        ("Échéance", {"date": {"on_or_before": "2026-11-21"}}, "ab"),
        ("Échéance", {"date": {"on_or_after": "2026-11-21T10:30:00+00:00"}}, "bc"),
        ("Échéance", {"date": {"after": "2026-11-21T11:30:00+01:00"}}, "c"),
        ("Échéance", {"date": {"on_or_before": "today"}}, "ab"),
        ("Échéance", {"date": {"equals": "yesterday"}}, "a"),
        ("Échéance", {"date": {"past_week": {}}}, "ab"),
        ("Échéance", {"date": {"next_month": {}}}, "bc"),
        ("Échéance", {"date": {"this_week": {}}}, "ab"),
        ("Échéance", {"date": {"is_not_empty": True}}, "abc"),
        ("Créé par", {"created_by": {"contains": "me"}}, "abcd"),
        ("Qui", {"people": {"is_empty": True}}, "abcd"),
        ("N°", {"unique_id": {"greater_than": 2}}, "cd"),
        ("Créé", {"created_time": {"on_or_after": "2026-11-21T08:17:00Z"}}, "cd"),
    ],
)
def test_every_condition_selects_its_rows(notion: World, source: str, name: str, condition: Json, rows: str) -> None:
    assert found(notion, source, filter={"property": name, **condition}, **NAMED) == rows


def test_conditions_combine_two_levels_deep_and_no_deeper(notion: World, source: str) -> None:
    paid: Json = {"property": "Etat", "select": {"equals": "payé"}}
    minus: Json = {"property": "Montant", "number": {"less_than": 0}}
    done: Json = {"property": "Fait", "checkbox": {"equals": True}}
    assert found(notion, source, filter={"or": [paid, minus]}, **NAMED) == "ac"
    assert found(notion, source, filter={"and": [{"or": [paid, minus]}, done]}, **NAMED) == "a"
    with pytest.raises(notion_client.APIResponseError, match="two levels"):
        found(notion, source, filter={"and": [{"or": [{"and": [paid]}]}]})


def test_timestamps_are_compared_by_the_minute_that_is_shown(notion: World, source: str) -> None:
    for at, rows in (("2026-11-21T08:16:00Z", "bcd"), ("2026-11-21T08:16:30Z", "cd"), ("2026-11-21T08:19:00Z", "")):
        body = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": at}}
        assert found(notion, source, filter=body, **NAMED) == rows


def test_the_first_sort_wins_and_empty_values_come_last(notion: World, source: str) -> None:
    def ordered(*sorts: tuple[str, str]) -> str:
        return found(notion, source, sorts=[{"property": name, "direction": way} for name, way in sorts])

    assert ordered(("Montant", "ascending")) == "cabd"
    assert ordered(("Montant", "descending")) == "bacd"
    assert ordered(("Fait", "descending"), ("Montant", "ascending")) == "acbd"
    assert ordered(("Échéance", "ascending")) == "abcd"
    assert ordered(("Etat", "ascending")) == "abcd"
    assert found(notion, source) == "dcba"
    assert found(notion, source, sorts=[{"timestamp": "created_time", "direction": "ascending"}]) == "abcd"


@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"property": "Rien", "number": {"equals": 1}}},
        {"filter": {"property": "Montant", "rich_text": {"equals": "1"}}},
        {"filter": {"property": "Montant", "number": {"equals": "1"}}},
        {"filter": {"property": "Montant", "number": {"contains": 1}}},
        {"filter": {"property": "Échéance", "date": {"before": "bientôt"}}},
        {"filter": {"property": "Nom", "title": {"is_empty": False}}},
        {"sorts": [{"property": "Rien", "direction": "ascending"}]},
        {"sorts": [{"property": "Nom", "direction": "up"}]},
        {"page_size": 101},
        {"page_size": 0},
        {"start_cursor": "00000000-0000-4000-8000-000000000000"},
        {"filter_properties": ["zzzz"]},
    ],
)
def test_a_query_that_notion_would_refuse_is_refused(notion: World, source: str, body: Json) -> None:
    with pytest.raises(notion_client.APIResponseError) as error:
        notion.client().data_sources.query(source, **body)
    assert refusal(error)[:2] == (400, "validation_error")


def test_a_query_ends_early_at_the_cap_and_says_so(notion: World, source: str) -> None:
    client = notion.client()
    assert "request_status" not in client.data_sources.query(source)
    notion.sandbox.settings(max_query_results=3)
    try:
        first = client.data_sources.query(source, page_size=2)
        assert (first["has_more"], "request_status" in first) == (True, False)
        last = client.data_sources.query(source, page_size=2, start_cursor=first["next_cursor"])
        assert (len(last["results"]), last["has_more"], last["next_cursor"]) == (1, False, None)
        assert last["request_status"] == {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    finally:
        notion.sandbox.settings(max_query_results=10_000)


def test_rows_that_come_and_go_between_two_pages_neither_repeat_nor_hide_the_others(notion: World) -> None:
    client, page = notion.client(), notion.sandbox.share_page("Autre")
    _, key = table(client, page, schema={"Nom": {"title": {}}})
    made = {name: row(client, key, name)["id"] for name in "abcdef"}
    by_name = {"sorts": [{"property": "Nom", "direction": "ascending"}], "page_size": 2}
    first = client.data_sources.query(key, **by_name)
    client.pages.update(made["a"], in_trash=True)
    row(client, key, "aa")
    names = []
    cursor = first["next_cursor"]
    while cursor:
        answer = client.data_sources.query(key, start_cursor=cursor, **by_name)
        names += [one["properties"]["Nom"]["title"][0]["plain_text"] for one in answer["results"]]
        cursor = answer["next_cursor"]
    assert names == ["c", "d", "e", "f"]
