"""Notion's own types as the judge: those of the JavaScript SDK that is installed, of what is asked and of what answers.

They are made into JSON Schemas by ts-json-schema-generator, once for each version of the two, and hold for every
operation that the sandbox plays. Where no node is, or TEST_NODE_MODULES names no folder with both packages, nothing is
judged, and `needed` skips what is about nothing else. Three things are stricter than the types: an id is a UUID, a time
is one, and what the SDK calls deprecated is taken for unknown by the newest version of the API.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from connectors.notion.sandbox.http import ROUTES

Json = dict[str, Any]

MODULES = Path(os.environ.get("TEST_NODE_MODULES") or "no-modules")
GENERATOR = MODULES / "ts-json-schema-generator" / "bin" / "ts-json-schema-generator.js"
ENDPOINTS = MODULES / "@notionhq" / "client" / "build" / "src" / "api-endpoints"
needed = pytest.mark.skipif(
    shutil.which("node") is None or not GENERATOR.is_file() or not ENDPOINTS.is_dir(),
    reason="node is not installed, or TEST_NODE_MODULES names no node_modules folder with @notionhq/client and "
    "ts-json-schema-generator",
)
THERE = not needed.args[0]
NEWEST = "2026-03-11"

_OPERATIONS = r"""
const found = [];
for (const [name, one] of Object.entries(require(process.argv[1]))) {
  if (!one || !one.method) continue;
  const path = one.path(Object.fromEntries(one.pathParams.map((key) => [key, `{${key}}`])));
  found.push({ name: name[0].toUpperCase() + name.slice(1), method: one.method.toUpperCase(), route: `/v1/${path}`,
    form: one.formDataParams || [] });
}
console.log(JSON.stringify(found));
"""
# The SDK takes any object without keys for a view's filter and sorts; in words it says that they are a query's.
_VIEWS = """
type Asked = { [K in "filter" | "sorts"]?: api.QueryDataSourceParameters[K] | null };
type Placed<T> = Omit<T, "filter" | "sorts" | "quick_filters"> & Asked;
"""
_HEX = "[0-9a-fA-F]"
_IDS = {
    "IdResponse": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "IdRequest": f"^{_HEX}{{8}}(-?{_HEX}{{4}}){{3}}-?{_HEX}{{12}}$",
}
_FIELD = re.compile(rb'form-data; name="(\w+)"')


@dataclass(frozen=True)
class Operation:
    """A call of the API by the SDK's name for it; `route` as the sandbox writes it."""

    name: str
    method: str
    route: str

    def params(self, path: str) -> dict[str, str] | None:
        """The ids in a path, or None when it is another call's."""
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.route), path)
        return None if found is None else found.groupdict()


class Types:
    """The judge."""

    def __init__(self, operations: list[Json], definitions: Json) -> None:
        self.operations = [Operation(one["name"], one["method"], one["route"]) for one in operations]
        self._forms = {one["name"]: frozenset(one["form"]) for one in operations}
        self._definitions = {True: _strict(definitions, newest=True), False: _strict(definitions, newest=False)}
        self._judges: dict[tuple[str, bool], jsonschema_rs.Validator] = {}

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Which call it is, and the ids in its path."""
        for one in self.operations:
            params = one.params(path)
            # users/me is a path of its own, and no user's id
            if one.method == method and params is not None and "me" not in params.values():
                return one, params
        raise LookupError(f"Notion's SDK has no {method} {path}.")

    def wrong(self, name: str, value: object, *, newest: bool = True) -> list[str]:
        """What does not fit the type of that name, in words."""
        key = (name, newest)
        if key not in self._judges:
            definitions = self._definitions[newest]
            schema = {**definitions["Types"]["properties"][name], "definitions": definitions}
            self._judges[key] = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
        return [f"{name}{error.instance_path}: {error.message}" for error in self._judges[key].iter_errors(value)]

    def answered(self, answer: httpx.Response, version: str = NEWEST) -> list[str]:
        """What is wrong with an answer that is no refusal."""
        if answer.status_code != 200:
            return []
        operation, _ = self.operation(answer.request.method, answer.request.url.path)
        body = {key: value for key, value in answer.json().items() if key != "request_id"}
        return self.wrong(f"{operation.name}Response", body, newest=version == NEWEST)

    def requested(self, answer: httpx.Response) -> list[str]:
        """What is wrong with the request behind an answer: with what the SDK would be told to send the same.

        One that was refused as invalid is not judged: that is the case where a person has named what is not there.
        """
        if answer.status_code == 400:
            return []
        request = answer.request
        operation, given = self.operation(request.method, request.url.path)
        told: Json = {key: int(value) if value.isdigit() else value for key, value in request.url.params.items()}
        raw = request.read()
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            fields = {found.decode() for found in _FIELD.findall(raw)}
            return [f"{operation.name}: {key} is no field" for key in fields - self._forms[operation.name]]
        told |= json.loads(raw) if raw else {}
        return self.wrong(f"{operation.name}Parameters", {**told, **given})


def _strict(node: Any, *, newest: bool) -> Any:
    """The schema, with ids and times as they are and, for the newest version, without what is deprecated."""
    if isinstance(node, list):
        return [_strict(one, newest=newest) for one in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: _strict(value, newest=newest) for key, value in node.items()}
    for name, pattern in _IDS.items():
        if name in made:
            made[name] = {"type": "string", "pattern": pattern}
    properties = node.get("properties")
    if node.get("type") == "object" and isinstance(properties, Mapping):
        old = {name for name, one in properties.items() if isinstance(one, Mapping) and "deprecated" in one and newest}
        made["properties"] = {
            name: {**one, "format": "date-time"} if name.endswith("_time") and _is_text(one) else one
            for name, one in made["properties"].items()
            if name not in old
        }
        made["required"] = [name for name in made.get("required", ()) if name not in old]
    return made


def _is_text(one: Mapping[str, Any]) -> bool:
    return one.get("type") in ("string", ["string", "null"]) and "enum" not in one


def _run(*command: object) -> str:
    done = subprocess.run(
        ["node", *map(str, command)],
        env={**os.environ, "NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _generated(folder: Path) -> Json:
    """The operations that the sandbox plays, and the schemas of what each takes and answers."""
    everything: list[Json] = json.loads(_run("-e", _OPERATIONS, ENDPOINTS))
    played = [one for one in everything if (one["method"], one["route"]) in ROUTES]
    lines = [f"import type * as api from {json.dumps(str(ENDPOINTS))};", _VIEWS, "export type Types = {"]
    for name in (f"{one['name']}{side}" for one in played for side in ("Parameters", "Response")):
        view = name in ("CreateViewParameters", "UpdateViewParameters")
        lines += [f"  {name}: {f'Placed<api.{name}>' if view else f'api.{name}'};"]
    source, made = folder / "types.ts", folder / "types.json"
    source.write_text("\n".join([*lines, "};"]))
    _run(GENERATOR, "--path", source, "--type", "Types", "--no-type-check", "--minify", "--out", made)
    return {"operations": played, "definitions": json.loads(made.read_text("utf-8"))["definitions"]}


@cache
def types() -> Types:
    """The judge. Making the schemas takes seconds, so they are kept between runs."""
    packages = [ENDPOINTS.parents[1], GENERATOR.parents[1]]
    named = [json.loads((one / "package.json").read_text("utf-8"))["version"] for one in packages]
    mark = hashlib.sha256(repr([named, sorted(ROUTES), _OPERATIONS, _VIEWS]).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"hub-tests-notion-types-{mark}.json"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            text = json.dumps(_generated(Path(folder)))
        half = kept.with_suffix(f".{os.getpid()}")  # renamed into place, because tests run in several processes
        half.write_text(text, "utf-8")
        half.replace(kept)
    return Types(**json.loads(kept.read_text("utf-8")))


def fits(answer: httpx.Response, version: str = NEWEST, *, ours: bool) -> None:
    """AssertionError when an answer is not Notion's, or (`ours`) what we asked with. A hook of a client's answers."""
    if not THERE:
        return
    wrong = types().answered(answer, version) + (types().requested(answer) if ours else [])
    assert not wrong, f"{wrong} in {answer.request.url}: {answer.text}"
