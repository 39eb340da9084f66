"""What we send, judged by Notion's own description of its API, where it has one."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from connectors.notion.directory import NotionDirectory
from connectors.notion.source import NotionSource
from connectors.notion.tables import Tables
from connectors.notion.templates import NotionTemplates
from hub.core.types import Collection, Cursor, Property, Row, Value
from tests.connectors.notion.conftest import World
from tests.connectors.notion.helpers import NOW
from tests.paths import SHARED

DESCRIPTION = SHARED / "contracts" / "notion" / "notion-openapi.subset.json"
TABLE = Collection(
    name="Chiffres",
    kind="table",
    properties=(
        Property(name="Nom", kind="title"),
        Property(name="Valeur", kind="number", number_format="euro"),
        Property(name="Mois", kind="date"),
    ),
)
PAGE = Collection(name="Tableau de bord", kind="page")
PLAIN_BLOCKS = ("paragraph", "bulleted_list_item")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    if not DESCRIPTION.exists():
        pytest.skip("the folder `shared` with Notion's API description is not beside the repository")
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    return loaded


def work(world: World) -> None:
    """Everything that the connector does, once."""
    write(world)
    read(world)


def read(world: World) -> None:
    """Everything that the source, the directory and the templates do, once."""
    data_source = next(one["id"] for one in world.sandbox.tables())
    key = world.sandbox.add_row_as_person(data_source, {"Nom": "x"})
    template = world.sandbox.add_template(data_source, "Modèle")
    comment = world.sandbox.comment_as_person(key, "?")
    tables = Tables(world.client, None, lambda: NOW)
    source = NotionSource(world.client, None, now=lambda: NOW, tables=tables)
    source.check()
    for stream, one in (("row", key), ("user", world.client.me()["id"]), ("comment", comment)):
        pages = list(source.read(stream, None))
        for page in pages:
            if page.cursor:
                list(source.read(stream, page.cursor))
        source.fetch(stream, one)
    list(source.changes(Cursor("2026-11-21T08:00:00+00:00")))
    minute = "2026-11-21T08:00:00.000Z"
    list(world.client.row_pages(data_source, since=minute, edited_since=minute))
    NotionDirectory(world.client).look()
    templates = NotionTemplates(world.client, tables)
    templates.templates()
    templates.copy(template, "Nora", inside=None, dates={}, marker="m", look_first=True)


def write(world: World) -> None:
    """Everything that the destination does, once."""
    hub = world.hub
    hub.check()
    ref = hub.prepare(TABLE, None, None)
    world.sandbox.change_schema_as_person(ref, {"Mois": None})
    hub.prepare(TABLE, ref, None)
    values: dict[str, Value] = {"Nom": "Encaissements", "Valeur": Decimal("12.50"), "Mois": date(2026, 11, 1)}
    (row,) = hub.create(TABLE, ref, [Row(key="k", values=values)], look_first=True)
    hub.update(TABLE, Row(key="k", values={"Valeur": None}, ref=row.ref))
    list(hub.rows(TABLE, ref))
    assert row.ref is not None
    hub.archive(TABLE, row.ref)
    page = hub.prepare(PAGE, None, None)
    lines = [Row(key=kind, values={"block": kind, "text": "x" * 3000}) for kind in PLAIN_BLOCKS]
    made = hub.create(PAGE, page, lines, look_first=True)
    hub.update(PAGE, Row(key="paragraph", values={"text": "y"}, ref=made[0].ref))
    assert made[1].ref is not None
    hub.archive(PAGE, made[1].ref)


def described(route: str, body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that the description knows.

    It is of the API version before ours, and knows neither a data source as the parent of a page nor sorts by the times
    of a page. A page's `template` it neither knows nor refuses.
    """
    known = dict(body)
    if route == "/v1/pages" and known["parent"]["type"] == "data_source_id":
        known["parent"] = {"page_id": known["parent"]["data_source_id"]}
    if "sorts" in known:
        known["sorts"] = [one for one in known["sorts"] if "property" in one]
    return known


def bodies(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for seen in world.sandbox.requests:
        if isinstance(seen.body, dict) and seen.body:
            yield seen.method, seen.route, seen.body


def test_every_body_that_we_send_fits_notions_description(world: World, description: dict[str, Any]) -> None:
    work(world)

    judged = set()
    for method, route, body in bodies(world):
        operation = description["paths"].get(route, {}).get(method.lower())
        if operation is None:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        judge = jsonschema_rs.validator_for(schema | {"components": description["components"]})
        assert [str(error) for error in judge.iter_errors(described(route, body))] == [], (method, route, body)
        judged.add((method, route))
    assert judged == {
        ("POST", "/v1/search"),
        ("POST", "/v1/data_sources/{data_source_id}/query"),
        ("PATCH", "/v1/data_sources/{data_source_id}"),
        ("POST", "/v1/pages"),
        ("PATCH", "/v1/pages/{page_id}"),
        ("PATCH", "/v1/blocks/{block_id}"),
        ("PATCH", "/v1/blocks/{block_id}/children"),
    }


def test_the_newest_version_of_the_api_is_asked_for_and_its_words_are_used(world: World) -> None:
    from connectors.notion.client import API_VERSION

    work(world)

    sent = json.dumps([body for _, _, body in bodies(world)])
    assert API_VERSION == "2026-03-11"
    assert '"archived"' not in sent
    assert '"after"' not in sent
    assert world.client._sdk.options.notion_version == API_VERSION


def test_every_call_passes_the_limiter_once(world: World) -> None:
    work(world)

    assert world.limits.acquired == world.sandbox.stats()["total"]
