"""Views, file uploads and blocks, asked for and answered as the types of Notion's own SDK say.

Every other test of the connector and of the sandbox is judged by the same types where they are at hand; here is shown
that none of the calls and none of the blocks is left out, and that the judge refuses what is wrong.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import notion_client
import pytest

from connectors.notion import blocks, uploads
from connectors.notion.charts import WAYS, NotionCharts
from connectors.notion.sandbox.http import ROUTES
from hub.core.charts import Chart
from hub.core.types import Collection, Property, Ref, Row, Value
from tests.connectors.notion.conftest import TOKEN, World
from tests.sandboxes.notion_kit import NEWEST, OLDER
from tests.sandboxes.notion_types import needed, types

pytestmark = needed

PAGE = Collection(name="Tableau de bord", kind="page")
MEASURES = Collection(
    name="Mesures",
    kind="table",
    properties=(
        Property(name="Nom", kind="title"),
        Property(name="Mois", kind="date"),
        Property(name="Valeur", kind="number"),
    ),
)
MADE_ALONE = ("divider", "column_list", "link_to_page")
OURS = {
    *("CreateView", "UpdateView", "GetView", "ListDatabaseViews"),
    *("CreateFileUpload", "SendFileUpload", "GetFileUpload"),
    *("AppendBlockChildren", "UpdateBlock", "GetBlock", "DeleteBlock", "ListBlockChildren"),
}


class Watched:
    """What was judged: the calls by the SDK's names, and the types of the blocks that answers showed."""

    def __init__(self) -> None:
        self.calls: set[str] = set()
        self.blocks: set[str] = set()
        self.problems: list[str] = []

    def __call__(self, answer: httpx.Response) -> None:
        answer.read()
        if answer.status_code != 200:
            return
        self.calls.add(types().operation(answer.request.method, answer.request.url.path)[0].name)
        self.problems += types().answered(answer) + types().requested(answer)
        body = answer.json()
        self.blocks |= {one["type"] for one in body.get("results", (body,)) if one.get("object") == "block"}


@pytest.fixture
def watched(world: World) -> Watched:
    made = Watched()
    world.client._http.event_hooks = {"response": [made]}
    return made


def charted(world: World) -> Chart:
    """A chart of a table with one row."""
    table = world.hub.prepare(MEASURES, None, None)
    values: dict[str, Value] = {"Mois": date(2026, 10, 1), "Valeur": Decimal("9430.50")}
    world.hub.create(MEASURES, table, [Row(key="k", values=values)], look_first=False)
    return Chart(
        title="Encaissements",
        kind="column",
        table=table,
        x="Mois",
        y="Valeur",
        target=Decimal(12000),
        target_label="objectif 12 000 €",
        picture=b"\x89PNG",
        says="octobre 9 430,50 €",
        text="▓▓▓▓▓▓▓▓░░ 79 %",
    )


def test_the_sdk_knows_every_call_that_the_sandbox_plays() -> None:
    assert {(one.method, one.route) for one in types().operations} == set(ROUTES)


def test_all_that_charts_ask_and_are_answered_fits_notions_types(world: World, watched: Watched) -> None:
    chart, charts = charted(world), NotionCharts(world.client)
    for kind in ("line", "number", "column"):
        titled = replace(chart, title=kind, kind=kind)
        shown = charts.show(Ref(world.page), titled, None)
        shown = charts.show(Ref(world.page), replace(titled, target=None, target_label=""), shown)
        assert [one.ref for one in charts.find(Ref(world.page), kind)] == [shown.ref]
    world.sandbox.plan(views=False)
    picture = charts.show(Ref(world.page), chart, None, after=shown.ref)
    charts.show(Ref(world.page), replace(chart, picture=b"\x89PNG two", says=""), picture)
    world.client.block(picture.ref)
    world.sandbox.fault("committed_503", path="/v1/file_uploads/*/send", times=1)
    uploads.send(world.client, "chart.png", "image/png", b"x")
    world.sandbox.plan(views=False, uploads=False)
    text = charts.show(Ref(world.page), replace(chart, title="Texte"), None)
    assert (shown.way, picture.way, text.way) == WAYS
    for one in (text, picture, shown):
        charts.remove(one)

    assert watched.problems == []
    assert watched.calls >= OURS
    assert watched.blocks >= {"child_database", "image", "paragraph"}


def test_every_block_that_a_page_may_have_fits_notions_types(world: World, watched: Watched) -> None:
    page = world.hub.prepare(PAGE, None, None)
    rows = [
        Row(key=kind, values={"block": kind, **({} if kind in blocks.EMPTY else {"text": "CA **9 430 €**"})})
        for kind in blocks.KINDS
        if kind not in (*MADE_ALONE, "column")
    ]
    rows += [
        Row(key="divider", values={"block": "divider"}),
        Row(key="link", values={"block": "link_to_page", "text": page}),
        Row(key="columns", values={"block": "column_list"}),
        Row(key="left", values={"block": "column"}, inside="columns"),
        Row(key="tile", values={"block": "callout", "text": "MRR", "icon": "🟢", "color": "green"}, inside="left"),
        Row(key="right", values={"block": "column"}, inside="columns"),
        Row(key="line", values={"block": "paragraph", "text": "", "color": "gray"}, inside="right"),
    ]
    made = {row.key: row for row in world.hub.create(PAGE, page, rows, look_first=False)}
    for key in [row.key for row in rows if row.values["block"] not in (*blocks.EMPTY, "link_to_page")]:
        world.hub.update(PAGE, Row(key=key, values={"text": "x", "color": "red"}, ref=made[key].ref))
    assert len(list(world.hub.rows(PAGE, page))) == len(rows)
    world.hub.archive(PAGE, Ref(str(made["tile"].ref)))

    assert watched.problems == []
    assert watched.blocks >= set(blocks.KINDS)


@pytest.fixture(params=[NEWEST, OLDER])
def official(world: World, request: pytest.FixtureRequest) -> Iterator[tuple[Any, list[str]]]:
    """The official client, and what is wrong with its answers."""
    problems: list[str] = []

    def judged(answer: httpx.Response) -> None:
        answer.read()
        problems.extend(types().answered(answer, request.param))

    with httpx.Client(event_hooks={"response": [judged]}) as http:
        yield (
            notion_client.Client(
                client=http, auth=TOKEN, base_url=world.url, notion_version=request.param, retry=False
            ),
            problems,
        )


def test_what_only_others_ask_of_views_and_files_is_answered_by_notions_types(
    world: World, official: tuple[Any, list[str]]
) -> None:
    notion, problems = official
    chart = charted(world)
    database = notion.data_sources.retrieve(chart.table)["parent"]["database_id"]
    made = notion.views.create(
        data_source_id=chart.table,
        database_id=database,
        name="Octobre",
        type="table",
        filter={"property": "Valeur", "number": {"greater_than": 1}},
        sorts=[{"property": "Mois", "direction": "ascending"}],
    )
    notion.views.list(data_source_id=chart.table, page_size=1)
    notion.views.delete(made["id"])
    parts = notion.file_uploads.create(mode="multi_part", filename="long.png", number_of_parts=2)
    for number in ("1", "2"):
        notion.file_uploads.send(parts["id"], file=("long.png", b"part", "image/png"), part_number=number)
    notion.file_uploads.complete(parts["id"])
    notion.file_uploads.list()

    assert problems == []


def test_the_judge_refuses_wrong_answers(world: World) -> None:
    shown = NotionCharts(world.client).show(Ref(world.page), charted(world), None)
    sdk: Any = world.client._sdk
    (listed,) = sdk.views.list(database_id=shown.ref)["results"]
    good = {key: value for key, value in sdk.views.retrieve(listed["id"]).items() if key != "request_id"}
    assert types().wrong("GetViewResponse", good) == []
    settings = good["configuration"]
    for bad in (
        {**good, "surprise": 1},
        {**good, "created_time": None},
        {**good, "created_time": "yesterday"},
        {**good, "id": "12"},
        {key: value for key, value in good.items() if key != "url"},
        {**good, "configuration": {**settings, "reference_lines": [{"value": 1}]}},
        {**good, "configuration": {**settings, "x_axis": {"type": "date"}}},
        {**good, "filter": {"select": {"equals": "x"}}},
    ):
        assert types().wrong("GetViewResponse", bad) != []
    block = world.client.block(shown.ref)
    assert types().wrong("GetBlockResponse", block) != []  # request_id is for the judge of answers to take away
    del block["request_id"]
    assert types().wrong("GetBlockResponse", block) == []
    assert types().wrong("GetBlockResponse", {**block, "archived": False}) != []
    assert types().wrong("GetBlockResponse", {**block, "archived": False}, newest=False) == []


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("CreateView", {"data_source_id": "x", "name": "CA", "type": "table"}),
        ("CreateView", {"filter": {"property": "P", "select": {"equal": "CA"}}}),
        ("CreateView", {"configuration": {"type": "chart", "chart_type": "pie"}}),
        ("CreateView", {"create_database": {"parent": {"type": "block_id", "block_id": "x"}}}),
        ("UpdateView", {"sorts": [{"property": "P"}]}),
        ("UpdateView", {"type": "chart"}),
        ("CreateFileUpload", {"mode": "single"}),
        ("UpdateBlock", {"paragraph": {"text": []}}),
        ("UpdateBlock", {"archived": True}),
        ("AppendBlockChildren", {"children": [{"type": "callout", "callout": {"icon": "🟢"}}]}),
        ("AppendBlockChildren", {"children": [], "after": "00000000-0000-4000-8000-000000000000"}),
    ],
)
def test_the_judge_refuses_wrong_requests(call: str, body: dict[str, Any]) -> None:
    some = "00000000-0000-4000-8000-000000000000"
    all_needs: dict[str, dict[str, Any]] = {
        "CreateView": {"data_source_id": some, "name": "CA", "type": "table"},
        "UpdateView": {"view_id": some},
        "CreateFileUpload": {},
        "UpdateBlock": {"block_id": some},
        "AppendBlockChildren": {"block_id": some, "children": []},
    }
    needs = all_needs[call]

    assert types().wrong(f"{call}Parameters", needs) == []
    assert types().wrong(f"{call}Parameters", {**needs, **body}) != []
