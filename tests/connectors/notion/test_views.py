"""Charts on Notion's pages: drawn by Notion where it may, else a picture, else letters; in place, and never twice."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import notion_client
import pytest
from notion_client.errors import HTTPResponseError

from connectors.notion.charts import WAYS, NotionCharts
from connectors.notion.sandbox.state import Database
from connectors.notion.spec import SPEC
from hub.core.charts import Chart, Shown
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.types import Collection, Property, Ref, Row, Value
from tests.connectors.notion.conftest import TOKEN, World
from tests.sandboxes import notion_types
from tests.sandboxes.notion_kit import NEWEST, OLDER, SCHEMAS, Receiver

MODULES = os.environ.get("TEST_NODE_MODULES", "")
PICTURE, OTHER_PICTURE = b"\x89PNG one", b"\x89PNG two"
MEASURES = Collection(
    name="Mesures",
    kind="table",
    properties=(
        Property(name="Nom", kind="title"),
        Property(name="Chiffre", kind="select"),
        Property(name="Note", kind="text"),
        Property(name="Mois", kind="date"),
        Property(name="Valeur", kind="number"),
        Property(name="Fait", kind="checkbox"),
        Property(name="Qui", kind="people"),
    ),
)
MADE, CHANGED, LISTED = "POST /v1/views", "PATCH /v1/views/{view_id}", "GET /v1/views"
BLOCK, APPEND = "PATCH /v1/blocks/{block_id}", "PATCH /v1/blocks/{block_id}/children"


@dataclass
class Desk:
    """A page with a database of measures, and who shows charts on it."""

    world: World
    charts: NotionCharts
    page: Ref
    chart: Chart

    def show(self, chart: Chart | None = None, shown: Shown | None = None, **more: Any) -> Shown:
        return self.charts.show(self.page, chart or self.chart, shown, **more)

    def blocks(self) -> list[dict[str, Any]]:
        """What stands on the page below the database."""
        return [one for one in self.world.client.children(self.page) if one["type"] != "child_page"][1:]

    def view(self, shown: Shown) -> dict[str, Any]:
        listed = self.world.client._sdk.views.list(database_id=shown.ref)["results"]
        assert len(listed) == 1
        return dict(self.world.client._sdk.views.retrieve(listed[0]["id"]))

    def calls(self) -> dict[str, int]:
        return {name: count for name, count in self.world.calls().items() if not name.startswith("GET /v1/blocks")}


@pytest.fixture
def desk(world: World) -> Desk:
    table = world.hub.prepare(MEASURES, None, None)
    months: list[dict[str, Value]] = [
        {"Nom": f"{figure} {month}", "Chiffre": figure, "Mois": date(2026, month, 1), "Valeur": Decimal(amount)}
        for figure, month, amount in (("CA", 9, "8900"), ("MRR", 9, "2100"), ("CA", 10, "9430.50"), ("CA", 11, "120"))
    ]
    world.hub.create(MEASURES, table, [Row(key=str(n), values=one) for n, one in enumerate(months)], look_first=False)
    chart = Chart(
        title="Encaissements par mois",
        kind="column",
        table=table,
        x="Mois",
        y="Valeur",
        only={"Chiffre": "CA"},
        target=Decimal(12000),
        target_label="objectif 12 000 €",
        picture=PICTURE,
        says="octobre 9 430,50 €, objectif 12 000 €",
        text="▓▓▓▓▓▓▓▓░░ 79 %",
    )
    world.forget()
    return Desk(world, NotionCharts(world.client), Ref(world.page), chart)


def test_a_chart_becomes_a_view_with_its_target_line_in_two_calls(desk: Desk) -> None:
    shown = desk.show()

    assert desk.calls() == {"GET /v1/data_sources/{data_source_id}": 1, MADE: 1}
    assert (shown.way, shown.why) == ("view", "")
    assert [one["id"] for one in desk.blocks()] == [shown.ref]
    view = desk.view(shown)
    settings = view["configuration"]
    assert (view["name"], settings["chart_type"]) == ("Encaissements par mois", "column")
    (line,) = settings["reference_lines"]
    assert (line["value"], line["label"], line["dash_style"]) == (12000, "objectif 12 000 €", "dash")
    assert (settings["x_axis"]["property_name"], settings["x_axis"]["group_by"]) == ("Mois", "month")
    drawn = " ".join(desk.world.sandbox.text(desk.page).split("▥")[1].split())
    assert drawn == "Encaissements par mois · objectif 12 000 € 2026-09 8,900 2026-10 9,430.5 2026-11 120"


def test_what_looks_the_same_costs_no_call_whatever_the_rows_say(desk: Desk) -> None:
    shown = desk.show()
    desk.world.forget()

    assert desk.show(replace(desk.chart, picture=OTHER_PICTURE, text="▓", says="autre"), shown) == shown
    assert desk.calls() == {}


def test_a_view_is_changed_in_place_with_one_write(desk: Desk) -> None:
    shown = desk.show()
    desk.world.forget()

    new = desk.show(replace(desk.chart, target=Decimal("9000.5"), target_label="objectif 9 000,50 €"), shown)

    assert desk.calls() == {"GET /v1/data_sources/{data_source_id}": 1, LISTED: 1, CHANGED: 1}
    assert (new.way, new.ref) == (shown.way, shown.ref)
    assert new.look != shown.look
    (line,) = desk.view(new)["configuration"]["reference_lines"]
    assert line["value"] == 9000.5


def test_a_target_that_is_given_up_leaves_no_line_behind(desk: Desk) -> None:
    shown = desk.show()

    new = desk.show(replace(desk.chart, target=None, target_label="", only={}), shown)

    view = desk.view(new)
    assert not view["configuration"].get("reference_lines")
    assert view["filter"] is None


def test_a_column_chart_may_become_a_number_with_its_target_in_words(desk: Desk) -> None:
    shown = desk.show()

    new = desk.show(replace(desk.chart, kind="number"), shown)

    settings = desk.view(new)["configuration"]
    assert (settings["chart_type"], settings["value"]["aggregator"]) == ("number", "sum")
    assert settings["caption"] == "objectif 12 000 €"
    assert "x_axis" not in settings
    assert desk.world.sandbox.text(desk.page).split("▥")[1].split()[-1] == "18,450.5"


@pytest.mark.parametrize(
    ("x", "kind"), [("Nom", "title"), ("Note", "text"), ("Chiffre", "select"), ("Mois", "date"), ("Fait", "checkbox")]
)
def test_rows_stand_along_a_date_a_text_or_an_option(desk: Desk, x: str, kind: str) -> None:
    shown = desk.show(replace(desk.chart, x=x, by="week"))

    axis = desk.view(shown)["configuration"]["x_axis"]
    assert (axis["type"], axis.get("group_by")) == (kind, {"date": "week", "title": "exact", "text": "exact"}.get(kind))


def test_a_chart_stands_behind_the_block_that_is_named(desk: Desk) -> None:
    first, last = (
        block["id"]
        for block in desk.world.client.append(
            desk.page, [{"type": "paragraph", "paragraph": {"rich_text": []}}, {"type": "divider", "divider": {}}]
        )
    )

    made = [desk.show(after=Ref(first))]
    desk.world.sandbox.plan(views=False)
    made.append(desk.show(replace(desk.chart, title="Image"), after=Ref(first)))

    assert [one.way for one in made] == ["view", "picture"]
    assert [block["id"] for block in desk.blocks()] == [first, made[1].ref, made[0].ref, last]


@pytest.mark.parametrize(
    ("plan", "way"),
    [
        ({"charts": 0}, "picture"),
        ({"views": False}, "picture"),
        ({"charts": 0, "uploads": False}, "text"),
        ({"views": False, "uploads": False}, "text"),
    ],
)
def test_the_next_way_is_taken_where_notion_refuses_the_better_one(desk: Desk, plan: dict[str, Any], way: str) -> None:
    desk.world.sandbox.plan(**plan)

    shown = desk.show()

    (block,) = desk.blocks()
    assert (shown.way, shown.ref) == (way, block["id"])
    assert "HTTP 40" in shown.why
    if way == "picture":
        words = block["image"]["caption"][0]["plain_text"]
        assert words == "Encaissements par mois · octobre 9 430,50 €, objectif 12 000 €"
    else:
        words = "".join(item["plain_text"] for item in block["paragraph"]["rich_text"])
        assert words == "Encaissements par mois\n▓▓▓▓▓▓▓▓░░ 79 %"
    desk.world.forget()
    assert desk.show(shown=shown) == shown
    assert desk.calls() == {}


def test_the_free_plans_one_chart_is_a_view_and_the_others_are_pictures(desk: Desk) -> None:
    desk.world.sandbox.plan(charts=1)

    shown = [desk.show(replace(desk.chart, title=title)) for title in ("CA", "MRR", "Délais")]

    assert [one.way for one in shown] == ["view", "picture", "picture"]


def test_a_text_is_changed_in_place_and_in_one_call(desk: Desk) -> None:
    desk.world.sandbox.plan(views=False, uploads=False)
    shown = desk.show()
    desk.world.forget()

    new = desk.show(replace(desk.chart, text="▓▓▓▓▓▓▓▓▓▓ 100 %"), shown)

    assert (new.ref, desk.calls()) == (shown.ref, {BLOCK: 1})
    assert "▓▓▓▓▓▓▓▓▓▓ 100 %" in desk.world.sandbox.text(desk.page)


def test_a_view_that_is_refused_from_now_on_becomes_a_picture_in_the_same_place(desk: Desk) -> None:
    (end,) = desk.world.client.append(desk.page, [{"type": "divider", "divider": {}}])
    shown = desk.show(after=None)
    desk.world.client.append(desk.page, [{"type": "divider", "divider": {}}])
    desk.world.sandbox.plan(views=False)

    new = desk.show(replace(desk.chart, target=Decimal(1)), shown)

    assert (new.way, new.ref != shown.ref) == ("picture", True)
    blocks = desk.blocks()
    assert [block["type"] for block in blocks] == ["divider", "image", "divider"]
    assert blocks[0]["id"] == end["id"]


def test_a_better_way_is_not_tried_again_by_itself(desk: Desk) -> None:
    desk.world.sandbox.plan(views=False)
    shown = desk.show()
    desk.world.sandbox.plan()

    new = desk.show(replace(desk.chart, picture=OTHER_PICTURE), shown)

    assert (new.way, new.ref) == ("picture", shown.ref)
    assert desk.show().way == "view"


def test_a_chart_that_a_person_deleted_is_an_error_that_says_so(desk: Desk) -> None:
    ways: list[dict[str, Any]] = [{}, {"views": False}, {"views": False, "uploads": False}]
    for plan in ways:
        desk.world.sandbox.plan(**plan)
        shown = desk.show()
        desk.world.client.delete_block(shown.ref)
        changed = replace(desk.chart, target=Decimal(1), picture=OTHER_PICTURE, text="▓")

        with pytest.raises(RecordError, match="is gone from Notion: somebody deleted it"):
            desk.show(changed, shown)
        assert desk.blocks() == []


def test_removing_twice_is_no_error(desk: Desk) -> None:
    for plan in ({}, {"views": False}):
        desk.world.sandbox.plan(**plan)
        shown = desk.show()

        desk.charts.remove(shown)
        desk.charts.remove(shown)

        assert desk.blocks() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": "Montant"}, 'no column "Montant"'),
        ({"x": "Jour"}, 'no column "Jour"'),
        ({"only": {"Type": "CA"}}, 'no column "Type"'),
        ({"y": "Note"}, "of the type rich_text"),
        ({"x": "Qui"}, "needs a date, a text, a number or an option"),
        ({"only": {"Valeur": "CA"}}, "compares it with a text"),
    ],
)
def test_a_column_that_does_not_fit_is_named_and_nothing_is_made(
    desk: Desk, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        desk.show(replace(desk.chart, **change))

    assert desk.blocks() == []
    assert MADE not in desk.calls()


def test_a_target_that_notions_numbers_cannot_hold_is_refused_and_not_rounded(desk: Desk) -> None:
    with pytest.raises(RecordError, match=r"cannot hold 0\.1234567890123456789 exactly"):
        desk.show(replace(desk.chart, target=Decimal("0.1234567890123456789")))


def test_a_database_that_is_not_shown_any_more_is_no_reason_to_draw_a_picture(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="does not show the database of the chart"):
        desk.show(replace(desk.chart, table=Ref("00000000-0000-4000-8000-000000000000")))

    assert desk.blocks() == []


def test_a_page_that_is_not_shown_any_more_is_named_so(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="does not show the page of the chart"):
        desk.charts.show(Ref("00000000-0000-4000-8000-000000000000"), desk.chart, None)


def test_a_chart_without_any_way_is_refused(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="no table, no picture and no text"):
        desk.show(replace(desk.chart, table=Ref(""), picture=None, text=""))


def test_a_workspace_without_blocks_left_says_so_and_keeps_what_is_there(desk: Desk) -> None:
    shown = desk.show()
    used = desk.world.sandbox.plan()["Sandbox"]
    desk.world.sandbox.plan(blocks=used)

    with pytest.raises(ConfigError, match="takes 1,000 blocks in its life"):
        desk.show(replace(desk.chart, title="Un autre"))
    changed = desk.show(replace(desk.chart, target=Decimal(1)), shown)

    assert changed.ref == shown.ref
    assert [block["id"] for block in desk.blocks()] == [shown.ref]
    assert desk.world.sandbox.plan()["Sandbox"] == used


@pytest.mark.parametrize("fault", ["committed_503", "reset_after_commit", "truncated_json"])
@pytest.mark.parametrize("plan", [{}, {"views": False}, {"views": False, "uploads": False}])
def test_a_chart_whose_making_was_not_confirmed_is_found_and_not_made_twice(
    desk: Desk, fault: str, plan: dict[str, Any]
) -> None:
    desk.world.sandbox.plan(**plan)
    for path in ("/v1/views", "/v1/blocks/*/children"):
        desk.world.sandbox.fault(fault, method="PATCH" if "blocks" in path else "POST", path=path, times=1)
    with pytest.raises(TransientError) as lost:
        desk.show()
    assert lost.value.uncertain
    assert len(desk.blocks()) == 1

    desk.world.sandbox.clear_faults()
    other = desk.show(replace(desk.chart, title="Autre"))
    (found,) = desk.charts.find(desk.page, desk.chart.title)
    again = desk.show(shown=found)

    assert len(desk.blocks()) == 2
    assert found.ref == again.ref == desk.blocks()[0]["id"] != other.ref
    assert (found.look, again.look) == ("", desk.chart.look(again.way))
    desk.world.forget()
    assert desk.show(shown=again) == again


def test_nobody_elses_block_is_taken_for_a_chart_of_ours(desk: Desk) -> None:
    desk.world.sandbox.plan(views=False, uploads=False)
    desk.world.sandbox.add_block_as_person(desk.page, "Encaissements par mois\n▓")

    assert desk.charts.find(desk.page, desk.chart.title) == []


def test_a_chart_that_replaces_another_is_found_beside_it_until_that_one_is_removed(desk: Desk) -> None:
    shown = desk.show()
    desk.world.sandbox.plan(views=False)
    desk.world.sandbox.fault("timeout_before", method="DELETE", path="/v1/blocks/*", seconds=0.0)
    with pytest.raises(TransientError):
        desk.show(replace(desk.chart, target=None), shown)
    desk.world.sandbox.clear_faults()
    desk.world.sandbox.plan()

    assert [(one.way, one.ref == shown.ref) for one in desk.charts.find(desk.page, desk.chart.title)] == [
        ("view", True),
        ("picture", False),
    ]


@pytest.mark.parametrize("fault", ["rate_limited", "overload", "internal", "bad_gateway"])
def test_what_passes_is_never_a_reason_for_a_worse_way(desk: Desk, fault: str) -> None:
    desk.world.sandbox.fault(fault, path="/v1/views", retry_after=3600)

    with pytest.raises(TransientError):
        desk.show()

    assert desk.blocks() == []


@pytest.mark.parametrize(
    ("change", "seen_in"),
    [
        ({"title": "Autre"}, {"view", "picture", "text"}),
        ({"kind": "line"}, {"view"}),
        ({"table": Ref("other")}, {"view"}),
        ({"x": "Nom"}, {"view"}),
        ({"y": "Autre"}, {"view"}),
        ({"by": "week"}, {"view"}),
        ({"only": {}}, {"view"}),
        ({"target": Decimal(12001)}, {"view"}),
        ({"target": None}, {"view"}),
        ({"target": Decimal("12000.00")}, set()),
        ({"target_label": "but"}, {"view"}),
        ({"picture": OTHER_PICTURE}, {"picture"}),
        ({"says": "rien"}, {"picture"}),
        ({"text": "▓"}, {"text"}),
    ],
)
def test_a_look_changes_with_what_is_seen_that_way_and_with_nothing_else(
    desk: Desk, change: dict[str, Any], seen_in: set[str]
) -> None:
    other = replace(desk.chart, **change)

    assert {way for way in WAYS if other.look(way) != desk.chart.look(way)} == seen_in


@contextmanager
def official(world: World, version: str = NEWEST) -> Iterator[Any]:
    """The official Python client, its answers judged."""

    def judged(answer: httpx.Response) -> None:
        answer.read()
        notion_types.fits(answer, version, ours=False)

    with httpx.Client(event_hooks={"response": [judged]}) as http:
        yield notion_client.Client(client=http, auth=TOKEN, base_url=world.url, notion_version=version, retry=False)


@pytest.mark.parametrize("version", [NEWEST, OLDER])
def test_the_official_client_makes_lists_changes_and_deletes_views(desk: Desk, version: str) -> None:
    source = desk.chart.table
    with official(desk.world, version) as notion:
        database = notion.data_sources.retrieve(source)["parent"]["database_id"]
        (first,) = notion.views.list(database_id=database)["results"]
        assert notion.views.retrieve(first["id"])["type"] == "table"

        made = notion.views.create(
            data_source_id=source,
            database_id=database,
            name="Retards",
            type="table",
            filter={"property": "Chiffre", "select": {"equals": "CA"}},
            sorts=[{"property": "Mois", "direction": "ascending"}],
            position={"type": "start"},
        )
        listed = notion.views.list(data_source_id=source, page_size=1)
        assert listed["has_more"]
        assert [one["id"] for one in notion.views.list(database_id=database)["results"]] == [made["id"], first["id"]]
        notion.views.update(made["id"], name="En retard", filter=None)
        again = notion.views.retrieve(made["id"])
        assert (again["name"], again["filter"], again["sorts"]) == ("En retard", None, made["sorts"])
        notion.views.delete(made["id"])
        with pytest.raises(HTTPResponseError) as gone:
            notion.views.retrieve(made["id"])
        assert gone.value.status == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": ""}, 400),
        ({"type": "dashboard"}, 400),
        ({"database_id": None}, 400),
        ({"configuration": {"type": "table"}}, 400),
        ({"configuration": {"type": "chart", "chart_type": "pie"}}, 400),
        ({"configuration": {"type": "chart", "chart_type": "column"}}, 400),
        ({"configuration": {"type": "chart", "chart_type": "number", "surprise": 1}}, 400),
        ({"configuration": {"type": "chart", "chart_type": "number", "value": {"aggregator": "sum"}}}, 400),
        ({"filter": {"property": "Rien", "select": {"equals": "CA"}}}, 400),
        ({"data_source_id": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_the_sandbox_refuses_views_that_notion_would_not_take(desk: Desk, change: dict[str, Any], status: int) -> None:
    with official(desk.world) as notion:
        database = notion.data_sources.retrieve(desk.chart.table)["parent"]["database_id"]
        number = {"type": "chart", "chart_type": "number", "value": {"aggregator": "count"}}
        good = {
            "data_source_id": desk.chart.table,
            "database_id": database,
            "name": "x",
            "type": "chart",
            "configuration": number,
        }
        bad = {key: value for key, value in {**good, **change}.items() if value is not None}

        with pytest.raises(HTTPResponseError) as refused:
            notion.views.create(**bad)
        assert refused.value.status == status
        assert notion.views.create(**good)["name"] == "x"


def test_columns_callouts_and_links_can_be_nested_and_count_as_blocks(desk: Desk) -> None:
    before = desk.world.sandbox.plan()["Sandbox"]
    client = desk.world.client
    database = client.data_source(desk.chart.table)["parent"]["database_id"]
    callout = {"callout": {"rich_text": [{"text": {"content": "CA"}}], "icon": {"emoji": "🟢"}}}
    columns = {"column_list": {"children": [{"column": {"children": [callout]}} for _ in range(2)]}}
    link = {"link_to_page": {"type": "database_id", "database_id": database}}

    (made, linked) = client.append(desk.page, [columns, link])

    assert desk.world.sandbox.plan()["Sandbox"] == before + 6
    assert linked["link_to_page"] == {"type": "database_id", "database_id": database}
    column = next(client.children(made["id"]))
    (inner,) = client.children(column["id"])
    client.update_block(inner["id"], {"callout": {"rich_text": [{"text": {"content": "MRR"}}]}})
    assert "MRR" in desk.world.sandbox.text(desk.page)
    assert desk.world.sandbox.plan()["Sandbox"] == before + 6
    if not SCHEMAS.is_dir():
        pytest.skip("the JSON Schemas of Notion's types are not at hand: the answers were not judged")


def test_blocks_for_life_are_not_given_back_and_a_request_is_taken_whole_or_not(desk: Desk) -> None:
    client, sandbox = desk.world.client, desk.world.sandbox
    line = {"divider": {}}
    used = sandbox.plan()["Sandbox"]
    sandbox.plan(blocks=used + 2)
    (made,) = client.append(desk.page, [line])
    client.delete_block(made["id"])

    with pytest.raises(ConfigError, match="1,000 blocks"):
        client.append(desk.page, [line, line])
    assert desk.blocks() == []
    client.append(desk.page, [line])
    with pytest.raises(ConfigError, match="1,000 blocks"):
        client.create_page({"page_id": desk.page}, {"title": {"title": []}})


def test_a_database_is_found_although_charts_of_the_same_name_link_to_it(desk: Desk) -> None:
    shown = desk.show()
    assert desk.blocks()[0]["child_database"]["title"] == "Mesures"
    assert desk.world.hub.find(MEASURES, None) == desk.chart.table

    # Whether Notion names a linked database's data source is not documented.
    desk.world.sandbox.state.get(shown.ref, Database).sources.append(desk.chart.table)

    assert desk.world.hub.find(MEASURES, None) == desk.chart.table


def test_a_new_view_and_its_change_are_told_to_webhooks(desk: Desk) -> None:
    receiver = Receiver()
    made = desk.world.sandbox.subscribe(receiver.url, aggregated=False)
    desk.world.sandbox.confirm(made["id"], made["token"])

    shown = desk.show()
    desk.show(replace(desk.chart, target=None), shown)

    told = [event for event in desk.world.sandbox.waiting_webhooks() if event["type"].startswith("view.")]
    assert [event["type"] for event in told] == ["view.created", "view.updated"]
    assert {event["entity"]["type"] for event in told} == {"view"}
    assert told[0]["data"]["parent"] == {"id": shown.ref, "type": "database"}
    assert SPEC.webhook is not None
    assert [one.stream for one in SPEC.webhook.parse(json.dumps(told[0]).encode())[1]] == [None]
    receiver.close()


SCRIPT = r"""
const notionhq = require("@notionhq/client");
const assert = require("node:assert");
const [, , baseUrl, notionVersion, page, source] = process.argv;
const notion = new notionhq.Client({ auth: "ntn_sandbox", baseUrl, notionVersion, retry: false });

async function main() {
  const schema = (await notion.dataSources.retrieve({ data_source_id: source })).properties;
  const view = await notion.views.create({
    data_source_id: source, name: "CA", type: "chart", create_database: { parent: { type: "page_id", page_id: page } },
    configuration: {
      type: "chart", chart_type: "line",
      x_axis: { type: "date", property_id: schema.Mois.id, group_by: "month", sort: { type: "ascending" } },
      y_axis: { aggregator: "sum", property_id: schema.Valeur.id },
      reference_lines: [{ value: 12000, label: "objectif", color: "gray", dash_style: "dash" }],
    },
  });
  assert(notionhq.isFullView(view));
  const database_id = view.parent.database_id;
  const listed = await notionhq.collectPaginatedAPI(notion.views.list, { database_id, page_size: 1 });
  assert.deepEqual(listed, [{ object: "view", id: view.id }]);
  const changed = await notion.views.update({
    view_id: view.id, name: "MRR", configuration: { type: "chart", chart_type: "line", reference_lines: null },
  });
  assert.equal(changed.name, "MRR");
  assert.equal(changed.configuration.reference_lines, undefined);
  assert.equal(changed.configuration.x_axis.property_name, "Mois");
  const made = await notion.fileUploads.create({ mode: "single_part", filename: "a.png", content_type: "image/png" });
  assert.equal(made.status, "pending");
  const data = new Blob([new Uint8Array([0, 13, 10, 255])], { type: "image/png" });
  const sent = await notion.fileUploads.send({ file_upload_id: made.id, file: { filename: "a.png", data } });
  assert.equal(sent.status, "uploaded");
  assert.equal(sent.content_length, 4);
  const image = { type: "file_upload", file_upload: { id: made.id } };
  const added = await notion.blocks.children.append({ block_id: page, children: [{ type: "image", image }] });
  assert(notionhq.isFullBlock(added.results[0]));
  assert.equal(added.results[0].image.type, "file");
  assert.equal((await notion.fileUploads.retrieve({ file_upload_id: made.id })).expiry_time, null);
  await assert.rejects(
    notion.blocks.children.append({ block_id: page, children: [{ image: { file_upload: { id: page } } }] }),
    (error) => error.code === notionhq.APIErrorCode.ValidationError,
  );
  console.log("done");
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(
    not (Path(MODULES) / "@notionhq" / "client").is_dir(),
    reason="TEST_NODE_MODULES names no node_modules folder with @notionhq/client",
)
@pytest.mark.parametrize("version", [NEWEST, OLDER])
def test_the_javascript_client_makes_views_and_sends_files(desk: Desk, version: str, tmp_path: Path) -> None:
    script = tmp_path / "drive.js"
    script.write_text(SCRIPT)
    done = subprocess.run(
        ["node", str(script), desk.world.url, version, desk.page, desk.chart.table],
        env={**os.environ, "NODE_PATH": MODULES},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
