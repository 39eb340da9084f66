"""People work in Notion's sandbox beside the hub: foreign edits, controls over HTTP, and the pages that they see."""

import re
from collections.abc import Iterator

import httpx
import notion_client
import pytest

from connectors.notion.sandbox import CONTROLS
from tests.sandboxes.notion_kit import Clock, World, refusal, rich, row, table, world


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[World]:
    with world(clock) as served:
        yield served


def test_a_foreign_edit_shows_the_person_and_the_minute(notion: World, clock: Clock) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    made = row(client, source, "x", Montant={"number": 1})
    clock.pass_by(600)
    sandbox.edit_as_person(
        made["id"],
        {"Nom": "renommé", "Montant": 2, "Etat": "litige", "Tags": ["a"], "Échéance": "2026-12-01", "Qui": ["Lila"]},
    )
    after = client.pages.retrieve(made["id"])
    lila = client.users.retrieve(after["last_edited_by"]["id"])
    assert (lila["name"], lila["type"]) == ("Lila", "person")
    assert after["last_edited_time"] == "2026-11-21T08:25:00.000Z"
    assert after["created_by"]["id"] == client.users.me()["id"]
    (plain,) = sandbox.rows("Factures")
    assert plain["Nom"] == "renommé"
    assert (plain["Montant"], plain["Etat"], plain["Tags"], plain["Échéance"]) == (2, "litige", ["a"], "2026-12-01")
    sandbox.edit_as_person(made["id"], {"Montant": None, "Échéance": None, "Nom": ""}, person="Marc")
    (plain,) = sandbox.rows(source)
    assert (plain["Montant"], plain["Échéance"], plain["Nom"]) == (None, None, "")
    assert sandbox.stats()["calls"].get("PATCH /v1/pages/{page_id}") is None
    with pytest.raises(KeyError, match="no property Prix"):
        sandbox.edit_as_person(made["id"], {"Prix": 1})


def test_a_person_writes_moves_and_removes_blocks_rows_and_columns(notion: World) -> None:
    client, sandbox, page = notion.client(), notion.sandbox, notion.sandbox.share_page("Pilotage")
    first = client.blocks.children.append(page, children=[{"paragraph": {"rich_text": rich("de la machine")}}])
    block = first["results"][0]["id"]
    sandbox.edit_as_person(block, "de Lila")
    mine = sandbox.add_block_as_person(page, "note", kind="bulleted_list_item")
    sandbox.add_block_as_person(page, "entre", after=block)
    listed = client.blocks.children.list(page)["results"]
    assert [one[one["type"]]["rich_text"][0]["plain_text"] for one in listed] == ["de Lila", "entre", "note"]
    assert listed[0]["last_edited_by"]["id"] != listed[0]["created_by"]["id"]
    sandbox.trash_as_person(mine)
    assert len(client.blocks.children.list(page)["results"]) == 2
    database, source = table(client, page)
    key = sandbox.add_row_as_person(source, {"Nom": "à la main", "Montant": 5})
    assert [one["id"] for one in client.data_sources.query(source)["results"]] == [key]
    sandbox.change_schema_as_person(source, {"Montant": {"name": "Somme"}, "Note": None})
    assert "Note" not in client.data_sources.retrieve(source)["properties"]
    assert client.pages.retrieve(key)["properties"]["Somme"]["number"] == 5
    sandbox.trash_as_person(database)
    with pytest.raises(notion_client.APIResponseError) as error:
        client.data_sources.query(source)
    assert refusal(error)[0] == 400
    sandbox.restore_as_person(database)
    assert len(client.data_sources.query(source)["results"]) == 1


def test_every_control_is_there_over_http(notion: World) -> None:
    http = httpx.Client(base_url=notion.url)

    def control(name: str, **given: object) -> object:
        answer = http.post(f"/_sandbox/{name}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    with http:
        page = control("share_page", title="Pilotage")
        _, source = table(notion.client(), str(page))
        key = control("add_row_as_person", data_source_id=source, values={"Nom": "x"})
        control("edit_as_person", page_id=key, edits={"Montant": 4}, person="Marc")
        assert control("rows", data_source="Factures")[0]["Montant"] == 4  # type: ignore[index]
        control("fault", kind="internal", path="/v1/users/me", times=1)
        assert notion.raw().get("/v1/users/me").status_code == 500
        settings = control("settings", rate_limit=180, latency=0)
        assert settings["rate_limit"] == 180  # type: ignore[index]
        assert control("stats")["faults"] == [{"kind": "internal", "seen": 1, "hits": 1}]  # type: ignore[index]
        assert http.get("/_sandbox/stats").json()["total"] == 2
        assert control("log", method="GET")[0]["status"] == 500  # type: ignore[index]
        for name, given, status in (
            ("nothing", {}, 404),
            ("page", {"page_id": "12"}, 404),
            ("share_page", {"titel": "x"}, 400),
            ("fault", {"kind": "earthquake"}, 400),
            ("edit_as_person", {"page_id": key, "edits": {"Montant": "x"}}, 400),
        ):
            answer = http.post(f"/_sandbox/{name}", json=given)
            assert (answer.status_code, "error" in answer.json()) == (status, True), name
        control("wipe")
        assert control("tables") == []
    assert all(callable(getattr(notion.sandbox, name)) for name in CONTROLS)


def dashboard(notion: World) -> tuple[str, str]:
    """A page such as a CEO gets: (page id, row id)."""
    client, page = notion.client(), notion.sandbox.share_page("Pilotage <Lila>")
    client.blocks.children.append(
        page,
        children=[
            {
                "callout": {
                    "rich_text": rich("2 points à décider", bold=True) + rich(" · Données au 21/11 08:15\nà relire"),
                    "icon": {"emoji": "⚠️"},
                    "color": "orange_background",
                }
            },
            {"heading_2": {"rich_text": rich("Chiffres clés")}},
            {
                "column_list": {
                    "children": [
                        {"column": {"children": [{"callout": {"rich_text": rich(word), "color": "green_background"}}]}}
                        for word in ("CA encaissé", "MRR")
                    ]
                }
            },
            {"numbered_list_item": {"rich_text": rich("un")}},
            {"numbered_list_item": {"rich_text": rich("deux")}},
            {"image": {"external": {"url": "https://example.com/chart.png"}}},
        ],
    )
    schema = {
        "Hub": {"rich_text": {}},
        "Nom": {"title": {}},
        "Montant": {"number": {"format": "euro"}},
        "Taux": {"number": {"format": "percent"}},
        "Etat": {"select": {"options": [{"name": "en retard", "color": "red"}]}},
        "Vu": {"date": {}},
    }
    _, source = table(client, page, "Factures", schema)
    made = row(
        client,
        source,
        "<script>alert(1)</script>",
        Montant={"number": 1234.5},
        Taux={"number": 0.685},
        Etat={"select": {"name": "en retard"}},
        Vu={"date": {"start": "2026-11-21T07:15:00Z"}},
        Hub={"rich_text": rich("facture:12")},
    )
    row(client, source, "petite", Montant={"number": -3})
    return page, made["id"]


def test_a_page_is_shown_whole_calm_and_without_anything_from_elsewhere(notion: World) -> None:
    notion.sandbox.settings(time_zone="Europe/Paris")
    page, key = dashboard(notion)
    with httpx.Client(base_url=notion.url) as http:
        html = http.get(f"/_sandbox/pages/{page}").text
        assert "<title>Pilotage &lt;Lila&gt;</title>" in html
        assert "<strong>2 points à décider</strong>" in html
        assert not re.search(r"<(img|iframe|script)|@import|url\(|<link(?! rel=\"icon\" href=\"data:,\")", html)
        assert 'name="viewport"' in html
        assert re.findall(r"<th[^>]*>([^<]+)</th>", html) == ["Nom", "Montant", "Taux", "Etat", "Vu", "Hub"]
        assert '<td class="number">€1,234.50</td>' in html
        assert '<td class="number">-€3.00</td>' in html
        assert '<td class="dim">facture:12</td>' in html
        assert "21/11/2026 08:15" in html
        assert html.index("<ol><li>un</li><li>deux</li></ol>") > html.index('<div class="columns">')
        below = http.get(f"/_sandbox/pages/{key}").text
        assert "&lt;script&gt;" in below
        names = re.findall(r"<th>([^<]+)</th>", below)
        assert names == ["Montant", "Taux", "Etat", "Vu", "Hub"]
        assert "68.5%" in below
        index = http.get("/_sandbox/").text
        assert f"/_sandbox/pages/{page}" in index
        assert http.get("/").status_code == 307
        assert http.get("/_sandbox/pages/12").status_code == http.get("/_sandbox/pages/12.txt").status_code == 404
        notion.sandbox.trash_as_person(page)
        assert "in the trash" in http.get(f"/_sandbox/pages/{page}").text


def test_a_page_as_text_has_aligned_columns(notion: World) -> None:
    page, _ = dashboard(notion)
    with httpx.Client(base_url=notion.url) as http:
        text = http.get(f"/_sandbox/pages/{page}.txt").text
    assert text == notion.sandbox.text(page)
    lines = text.splitlines()
    assert lines[0] == "Pilotage <Lila>"
    assert lines[3:5] == ["│ ⚠️ 2 points à décider · Données au 21/11 08:15", "│    à relire"]
    assert lines[lines.index("1. un") + 1] == "2. deux"
    at = lines.index("▦ Factures")
    assert lines[at + 1 : at + 5] == [
        "Nom                          Montant   Taux  Etat       Vu                Hub",
        "─────────────────────────  ─────────  ─────  ─────────  ────────────────  ──────────",
        "<script>alert(1)</script>  €1,234.50  68.5%  en retard  21/11/2026 07:15  facture:12",
        "petite                        -€3.00",
    ]
