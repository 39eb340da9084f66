"""Every request that we make, and every answer of the sandbox, held against Trello's own description of its API.

The description is weak. It cannot say that a property is missing (hardly any is required), it has no schema for the
answers of a board's cards, labels, members or a board's making, it knows no 4xx, no webhook deliveries and no paging of
cards; and it is wrong about instants ("date") and about some types. What is known to be wrong is listed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema_rs
import pytest

from connectors.trello.client import TrelloClient
from connectors.trello.destination import TrelloDestination
from connectors.trello.directory import TrelloDirectory
from connectors.trello.source import TrelloSource
from connectors.trello.subscriptions import TrelloSubscriptions
from connectors.trello.templates import TrelloTemplates
from hub.core.types import Ref, Row
from tests.connectors.trello.conftest import World, answering
from tests.connectors.trello.test_trello_destination import EVERYTHING, TYPED
from tests.connectors.trello.test_trello_records import whole
from tests.paths import SHARED

DESCRIPTION = SHARED / "contracts" / "trello" / "trello-swagger.v3.json"

UNDESCRIBED = {
    ("GET", "/boards/{id}/cards/{filter}"): {
        "fields", "limit", "before", "members", "member_fields", "checklists", "customFieldItems",
    },
    ("GET", "/boards/{id}/members"): {"fields"},
    ("GET", "/cards/{id}"): set(),
    ("PUT", "/cards/{id}"): {"isTemplate"},
    ("POST", "/customFields"): {"display_cardFront"},
    ("GET", "/lists/{id}"): set(),
}  # fmt: skip
"""Parameters that work (nested resources and paging are told of in Trello's guides) and that the description lacks."""

WRONG = re.compile(
    r"/(idOrganization|idEnterprise|idMember|idAttachmentCover|dueReminder|softLimit|descData|nameData|checkItemStates)\b"
    r"|/prefs\b|/powerUps\b|/memberships\b|/display\b|/permissions/\d+/(idModel|modelType)\b|/options\b|/cover/|/labels/\d+\Z|/labels/\d+/color|/mirrorSourceId"
)
"""Places at which recorded answers of Trello's contradict the description: null, "*", or another type."""


@dataclass
class Book:
    """The description, made into schemas that a validator understands."""

    document: dict[str, Any]
    paths: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schemas = _plain(self.document["components"])
        fixed_first = sorted(self.document["paths"], key=lambda path: path.count("{"))
        for path in fixed_first:
            self.paths.append((re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/")) + r"/?\Z"), path))

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for pattern, template in self.paths:
            found = self.document["paths"][template].get(method.lower())
            if found is not None and pattern.match(path):
                return template, found
        raise AssertionError(f"{method} {path} is not in the description")

    def errors(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        judge = jsonschema_rs.Draft7Validator({**_plain(dict(schema)), "components": self.schemas})
        found = []
        for error in judge.iter_errors(value):
            place = "".join(f"/{step}" for step in error.instance_path)
            if not WRONG.search(place):
                found.append(f"{place}: {error.message}")
        return found


def _plain(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` as JSON Schema says it."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {name: _plain(each) for name, each in node.items() if name not in ("example", "nullable", "default")}
    if "oneOf" in found:  # said where several fit: an empty object is every object
        found["anyOf"] = found.pop("oneOf")
    if found.get("format") == "date":  # every one of them is an instant in Trello's answers
        del found["format"]
    if node.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if isinstance(found.get("enum"), list):
            found["enum"] = [*found["enum"], None]
    return found


@dataclass
class Exchange:
    method: str
    path: str
    given: dict[str, Any]
    status: int
    answer: Any


def everything(world: World, board: str) -> list[Exchange]:
    """All that the connector does, once, with what went over the wire."""
    seen: list[Exchange] = []

    def note(response: httpx.Response) -> None:
        response.read()
        request = response.request
        given: dict[str, Any] = dict(parse_qsl(request.url.query.decode()))
        given.update(json.loads(request.content) if request.content else {})
        kind = response.headers["content-type"]
        answer = response.json() if "json" in kind else response.text
        seen.append(Exchange(request.method, request.url.path.removeprefix("/1"), given, response.status_code, answer))

    client = world.client()
    client._api._http.event_hooks["response"].append(note)
    card = whole(world, board)
    template = world.sandbox.add_board("Modèle", template=True)
    world.sandbox.add_card(template, "Étape")
    _read(client, board, card)
    _write(client, board, card, template)
    with answering() as url:
        subscriptions = TrelloSubscriptions(client, (board,))
        (made,) = subscriptions.ensure(url)
        world.sandbox.disable_webhook(made.ref)
        subscriptions.ensure(url)
        subscriptions.list()
        subscriptions.remove(made.ref)
    return seen


def _read(client: TrelloClient, board: str, card: str) -> None:
    TrelloDirectory(client, (board,)).look()
    for follow in (None, (board,)):
        source = TrelloSource(client, follow)
        source.check()
        for stream in ("card", "member", "board"):
            list(source.read(stream, None))
        source.fetch("card", card)
        ((_, cursor),) = source.changes(None)
        list(source.changes(cursor))


def _write(client: TrelloClient, board: str, card: str, template: str) -> None:
    destination = TrelloDestination(client)
    destination.check()
    ref = Ref(board)
    destination.prepare(TYPED, None, None)
    values = {**EVERYTHING, "Étape": None, "labels": ("Neuf",)}
    (row,) = destination.create(TYPED, ref, [Row(key="k", values=values)], look_first=True)
    destination.update(TYPED, Row(key="k", values={**values, "due": None, "archived": False}, ref=row.ref))
    list(destination.rows(TYPED, ref))
    destination.archive(TYPED, row.ref or Ref(""))
    copier = TrelloTemplates(client)
    copier.copy(template, "Copie", inside=None, dates={}, marker="m1", look_first=True)
    section = client.board(board)["lists"][0]["id"]
    dates = {"due": date(2026, 12, 1)}
    copier.copy(card, "Copie", inside=section, dates=dates, marker="m2", look_first=True)


@pytest.fixture(scope="module")
def book() -> Book:
    if not DESCRIPTION.exists():
        pytest.skip("the folder `shared` with Trello's API description is not beside the repository")
    return Book(json.loads(DESCRIPTION.read_text("utf-8")))


def test_every_request_is_one_that_trello_describes(world: World, board: str, book: Book) -> None:
    made = set()
    for each in everything(world, board):
        template, operation = book.operation(each.method, each.path)
        made.add((each.method, template))
        shared = book.document["paths"][template].get("parameters", [])
        known = {one["name"]: one for one in (*shared, *operation.get("parameters", ()))}
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        inside = set(body.get("properties", {})) if body else set()
        if body and "oneOf" in body:
            cleared = each.given in ({"value": ""}, {"idValue": ""})  # which only the guide tells of
            assert cleared or book.errors(body, each.given) == [], each
            continue
        more = UNDESCRIBED.get((each.method, template), set())
        assert set(each.given) <= set(known) | inside | more, (each.method, template)
        if each.method != "GET":
            _typed(book, each, known)
    assert made >= {
        ("GET", "/members/{id}"), ("GET", "/members/{id}/boards"), ("GET", "/tokens/{token}"), ("GET", "/boards/{id}"),
        ("GET", "/boards/{id}/cards/{filter}"), ("GET", "/boards/{id}/customFields"), ("GET", "/boards/{id}/members"),
        ("GET", "/boards/{id}/labels"), ("GET", "/boards/{boardId}/actions"), ("GET", "/cards/{id}"),
        ("GET", "/tokens/{token}/webhooks"), ("POST", "/webhooks/"), ("PUT", "/webhooks/{id}"),
        ("DELETE", "/webhooks/{id}"), ("POST", "/cards"), ("PUT", "/cards/{id}"), ("POST", "/boards/"),
        ("POST", "/labels"), ("POST", "/customFields"), ("PUT", "/cards/{idCard}/customField/{idCustomField}/item"),
        ("GET", "/lists/{id}"),
    }  # fmt: skip


def _typed(book: Book, each: Exchange, known: Mapping[str, Any]) -> None:
    """Values in a body keep the types that the description gives to parameters; instants are no dates, and null is."""
    for name, value in each.given.items():
        schema = known.get(name, {}).get("schema", {})
        if value is None or name in ("idMembers", "idLabels"):  # of many, though PUT describes one
            continue
        assert book.errors(schema, value) == [], (each.method, each.path, name, value)


def test_every_answer_of_the_sandbox_fits_the_description(world: World, board: str, book: Book) -> None:
    judged = set()
    for each in everything(world, board):
        template, operation = book.operation(each.method, each.path)
        content = operation["responses"].get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if each.status == 200 and schema:
            assert book.errors(schema, each.answer) == [], (each.method, template)
            judged.add((each.method, template))
        if each.status == 200 and template == "/boards/{id}/cards/{filter}":
            listed = {"type": "array", "items": {"$ref": "#/components/schemas/Card"}}
            assert book.errors(listed, each.answer) == [], (each.method, template)
    assert len(judged) >= 12


def test_the_description_would_notice_a_wrong_type(book: Book) -> None:
    card = {"$ref": "#/components/schemas/Card"}
    good = {"id": "6" * 24, "name": "x", "closed": False, "due": None, "dueComplete": True}

    assert book.errors(card, good) == []
    assert book.errors(card, {**good, "closed": "no"})
    assert book.errors(card, {**good, "id": "short"})
    assert book.errors(card, {**good, "name": 7})
    assert book.errors(card, {}) == []  # nothing is required: that something is missing, it cannot notice
