"""What the tests of Notion's sandbox share: a served world, the official client, and a judge of every answer.

The judge holds each JSON answer against JSON Schemas derived from the types of Notion's own JavaScript SDK 5.26. Those
types carry the deprecated `archived`; answers of 2026-03-11 must not (APIS 1.1), so for them it is cut out.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jsonschema_rs
import notion_client

from connectors.notion.sandbox import create_app
from connectors.notion.sandbox.control import TOKEN, NotionSandbox
from tests.paths import SHARED
from tests.sandboxes import notion_types
from tests.sandboxes.serve import serve

SCHEMAS = SHARED / "contracts" / "notion" / "schema"
NEWEST, OLDER = "2026-03-11", "2025-09-03"
NO_SCHEMAS = "the JSON Schemas of Notion's types are not at hand (../shared/contracts/notion/schema)"

Json = dict[str, Any]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 8, 15, 42, 607_000, UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Receiver:
    """A small server that keeps every delivery and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[Json, bytes, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((json.loads(raw), raw, self.headers["x-notion-signature"]))
                self.send_response(outer.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing: the test reads what came."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/notion"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[Json]:
        return [body for body, _, _ in self.got if "type" in body]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class World:
    """A served sandbox. Every answer to `client()` and `http` is judged."""

    url: str
    sandbox: NotionSandbox
    judged: list[str] = field(default_factory=list)
    _open: list[httpx.Client] = field(default_factory=list)

    def client(self, version: str = NEWEST, token: str = TOKEN, timeout_ms: int = 20_000) -> Any:
        """The official Python client, without its own retries."""
        return notion_client.Client(
            client=self._http(version),
            auth=token,
            base_url=self.url,
            notion_version=version,
            retry=False,
            timeout_ms=timeout_ms,
        )

    def raw(self, version: str = NEWEST, token: str = TOKEN, **headers: str) -> httpx.Client:
        """A bare HTTP client for what the official one would not send."""
        http = self._http(version)
        http.base_url = httpx.URL(self.url)
        http.headers.update({"authorization": f"Bearer {token}", "notion-version": version, **headers})
        return http

    def _http(self, version: str) -> httpx.Client:
        http = httpx.Client(event_hooks={"response": [lambda answer: self._judge(answer, version)]})
        self._open.append(http)
        return http

    def _judge(self, answer: httpx.Response, version: str) -> None:
        answer.read()
        if "json" not in answer.headers.get("content-type", "") or not answer.request.url.path.startswith("/v1/"):
            return
        try:
            body = answer.json()
        except ValueError:
            return  # an answer that a fault has cut
        assert body["request_id"] == answer.headers["x-notion-request-id"]
        self.judged.append(judge(body, answer.status_code, version))
        notion_types.fits(answer, version, ours=False)

    def close(self) -> None:
        for http in self._open:
            http.close()


@contextmanager
def world(now: Callable[[], datetime] | None = None) -> Iterator[World]:
    app = create_app(now)
    with serve(app) as url:
        served = World(url, app.state.sandbox)
        try:
            yield served
        finally:
            served.close()


def judge(body: Json, status: int, version: str) -> str:
    """What the answer is; AssertionError or ValidationError when it is not what Notion would answer."""
    body = {key: value for key, value in body.items() if key != "request_id"}
    kind = str(body.get("object"))
    if kind == "error":
        assert set(body) <= {"object", "status", "code", "message", "additional_data"}
        assert body["status"] == status
        return kind
    assert status == 200
    if kind != "list":
        _fit(kind, body, version)
        return kind
    assert (body["next_cursor"] is not None) is body["has_more"]
    kind = body["type"]
    if kind in ("page_or_data_source", "user"):
        _fit(f"{kind} list", body, version)
    else:
        for one in body["results"]:
            _fit(kind, one, version)
    return f"{kind} list"


_TYPES = {
    "page": ("PageObjectResponse", "PageObjectResponse"),
    "database": ("DatabaseObjectResponse", "DatabaseObjectResponse"),
    "data_source": ("DataSourceObjectResponse", "DataSourceObjectResponse"),
    "block": ("BlockObjectResponse", "BlockObjectResponse"),
    "comment": ("CommentObjectResponse", "CommentObjectResponse"),
    "user": ("ListUsersResponse", "UserObjectResponse"),
    "user list": ("ListUsersResponse", "ListUsersResponse"),
    "page_or_data_source list": ("QueryDataSourceResponse", "QueryDataSourceResponse"),
}


def _fit(kind: str, body: Json, version: str) -> None:
    if kind in _TYPES and SCHEMAS.is_dir():
        validator(kind, version).validate(body)


@cache
def validator(kind: str, version: str) -> jsonschema_rs.Draft7Validator:
    """The validator of one kind of answer in one version."""
    file, definition = _TYPES[kind]
    schema = json.loads((SCHEMAS / f"notion_{file}.json").read_text())
    schema["$ref"] = f"#/definitions/{definition}"
    return jsonschema_rs.Draft7Validator(_without_archived(schema) if version == NEWEST else schema)


def _without_archived(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_archived(one) for one in schema if one != "archived"]
    if isinstance(schema, dict):
        return {key: _without_archived(value) for key, value in schema.items() if key != "archived"}
    return schema


def rich(text: str, **annotations: Any) -> list[Json]:
    return [{"text": {"content": text}, **({"annotations": annotations} if annotations else {})}]


ALL_TYPES: Json = {
    "Nom": {"title": {}},
    "Note": {"rich_text": {}},
    "Montant": {"number": {"format": "euro"}},
    "Etat": {"select": {"options": [{"name": "payé", "color": "green"}, {"name": "en retard"}]}},
    "Tags": {"multi_select": {"options": []}},
    "Avancement": {"status": {}},
    "Échéance": {"date": {}},
    "Fait": {"checkbox": {}},
    "Lien": {"url": {}},
    "Mail": {"email": {}},
    "Tél": {"phone_number": {}},
    "Qui": {"people": {}},
    "Pièces": {"files": {}},
    "Créé": {"created_time": {}},
    "Créé par": {"created_by": {}},
    "Modifié": {"last_edited_time": {}},
    "Modifié par": {"last_edited_by": {}},
    "N°": {"unique_id": {"prefix": "F"}},
    "Calcul": {"formula": {"expression": 'prop("Montant") * 2'}},
    "Hub": {"rich_text": {}},
}


def table(notion: Any, page: str, title: str = "Factures", schema: Json | None = None) -> tuple[str, str]:
    """A database on a page: (database id, data source id)."""
    made = notion.databases.create(
        parent={"type": "page_id", "page_id": page},
        title=rich(title),
        initial_data_source={"properties": ALL_TYPES if schema is None else schema},
    )
    return made["id"], made["data_sources"][0]["id"]


def row(notion: Any, source: str, name: str, **properties: Any) -> Json:
    """A row with a title and more properties as the API takes them."""
    made: Json = notion.pages.create(
        parent={"type": "data_source_id", "data_source_id": source},
        properties={"Nom": {"title": rich(name)}, **properties},
    )
    return made


def refusal(error: Any) -> tuple[int, str, str]:
    """(status, code, message) of an error of the official client."""
    return error.value.status, str(getattr(error.value.code, "value", error.value.code)), str(error.value)
