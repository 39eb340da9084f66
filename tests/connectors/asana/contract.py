"""Asana's own description of its API, as a judge of what is sent and what is answered.

Where the description contradicts itself or what Asana was seen to do, `SLIPS` says so, and what is passed over.
"""

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from ruamel.yaml import YAML

from hub.sandbox import Answer, Call
from tests.paths import SHARED

DESCRIPTION = SHARED / "contracts" / "asana" / "asana_oas.yaml"
PREFIX = "/api/1.0"
_NOISE = {"example", "examples", "externalDocs", "xml"}

SLIPS = {
    # The list of fields of a resource leaves out the fields of records inside it, which Asana gives all the same.
    "opt_fields": {
        "assignee.email",
        "custom_fields.people_value.email",
        "owner.name",
        "filters.resource_type",
    },
    # "nullable" is missing where the description's own examples and Asana's answers hold null.
    "null": {
        "parent", "team", "last_failure_at", "failure_deletion_timestamp", "resource_subtype", "fields", "date_time",
    },
}  # fmt: skip


@dataclass
class Judge:
    """Finds what is wrong with a call and its answer, a line each."""

    spec: dict[str, Any]
    judged: set[str] = field(default_factory=set)
    _kept: dict[int, Any] = field(default_factory=dict)

    def problems(self, call: Call, answer: Answer) -> list[str]:
        path = call.path.removeprefix(PREFIX)
        found = self.operation(call.method, path)
        if found is None:
            return [f"{call.method} {path} is not described"]
        template, operation = found
        where = f"{call.method} {template}"
        self.judged.add(f"{where} {answer.status}")
        wrong = [*self._asked(template, operation, call), *self._answered(operation, answer)]
        return [f"{where} {answer.status}: {line}" for line in wrong]

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        fits = []
        for template, item in self.spec["paths"].items():
            pattern = re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(template))
            if method.lower() in item and re.fullmatch(pattern, path):
                fits.append((template.count("{"), template, item[method.lower()]))
        return min(fits)[1:] if fits else None

    def _asked(self, template: str, operation: dict[str, Any], call: Call) -> list[str]:
        both = [*self.spec["paths"][template].get("parameters", ()), *operation.get("parameters", ())]
        known = {one["name"]: one for one in map(self._resolved, both) if one["in"] == "query"}
        given = dict(parse_qsl(call.query, keep_blank_values=True))
        wrong = [f"no parameter {name!r} is described" for name in given if name not in known]
        wrong += [f"{name} is missing" for name, one in known.items() if one.get("required") and name not in given]
        for name, value in given.items():
            schema = known.get(name, {}).get("schema", {})
            if name == "opt_fields":
                fields = set(value.split(","))
                left = fields - set(schema["items"]["enum"]) - SLIPS["opt_fields"]
                wrong += [f"opt_fields has no {one!r}" for one in sorted(left)]
            elif schema.get("type") == "integer":
                wrong += self._errors(schema, int(value), name)
            elif schema.get("type") == "boolean" and value not in ("true", "false"):
                wrong.append(f"{name} is {value!r}, no boolean")
        if "requestBody" in operation and call.method in ("POST", "PUT"):
            body = self._resolved(operation["requestBody"])
            schema = next(iter(body["content"].values()))["schema"]
            wrong += self._errors(schema, _sayable(json.loads(call.body)), "body")
            wrong += self._unnamed(schema, json.loads(call.body), "body")
        return wrong

    def _answered(self, operation: dict[str, Any], answer: Answer) -> list[str]:
        responses = {str(status): one for status, one in operation["responses"].items()}
        response = responses.get(str(answer.status))
        if response is None:
            return [f"the status {answer.status} is not described"]
        schema = next(iter(self._resolved(response)["content"].values()))["schema"]
        body = json.loads(answer.body)
        return [*self._errors(schema, _without_nulls(body), "answer"), *self._unnamed(schema, body, "answer")]

    def _errors(self, schema: dict[str, Any], value: Any, what: str) -> list[str]:
        if id(schema) not in self._kept:
            whole = {"allOf": [_draft(schema)], "components": self._components()}
            self._kept[id(schema)] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        errors = self._kept[id(schema)].iter_errors(value)
        return [f"{what}/{'/'.join(map(str, error.instance_path))}: {error.message[:160]}" for error in errors]

    def _components(self) -> dict[str, Any]:
        if 0 not in self._kept:
            self._kept[0] = {"schemas": _draft(self.spec["components"]["schemas"])}
        found: dict[str, Any] = self._kept[0]
        return found

    def _unnamed(self, schema: dict[str, Any], body: dict[str, Any], what: str) -> list[str]:
        """Fields that the description does not know: it forbids none, so that a schema alone lets any name through."""
        named = self._properties(schema)
        wrong = [f"{what}: {name!r} is not described" for name in body if named and name not in named]
        inner = self._resolved(named.get("data", {}))
        if inner.get("type") == "array":
            inner = inner["items"]
        known = set(self._properties(inner)) | set(self._properties(self._larger(inner)))
        rows = body.get("data")
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, dict) and known:
                wrong += [f"{what}: data.{name} is not described" for name in row if name not in known]
        return wrong

    def _larger(self, inner: dict[str, Any]) -> dict[str, Any]:
        """A list's rows are described as compact ones; what `opt_fields` adds is that of the whole record."""
        name = inner.get("$ref", "").rpartition("/")[2].replace("Compact", "Response")
        found: dict[str, Any] = self.spec["components"]["schemas"].get(name, {})
        return found

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        schema = self._resolved(schema)
        found = dict(schema.get("properties", {}))
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
            found |= self._properties(part)
        return found

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node


def load() -> Judge:
    """The judge. Parsing three megabytes of YAML takes a second or more, so it is kept as JSON between runs."""
    mark = hashlib.sha256(DESCRIPTION.read_bytes()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"hub-tests-asana-{mark}.json"
    if not kept.exists():
        # default=str: the examples hold dates. Renamed into place, because tests run in several processes.
        text = json.dumps(YAML(typ="safe").load(DESCRIPTION), default=str)
        half = kept.with_suffix(f".{os.getpid()}")
        half.write_text(text, "utf-8")
        half.replace(kept)
    return Judge(json.loads(kept.read_text("utf-8")))


def _draft(node: Any) -> Any:
    """OpenAPI 3.0 -> JSON Schema: `nullable`, also where it stands in a part of an allOf, which means the whole."""
    if isinstance(node, list):
        return [_draft(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _draft(value) for name, value in node.items() if name not in _NOISE}
    nullable = bool(made.pop("nullable", False))
    parts = node.get("allOf")
    if isinstance(parts, list):
        nullable = nullable or any(isinstance(part, dict) and part.get("nullable") for part in parts)
    if not nullable:
        return made
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return {"anyOf": [made, {"type": "null"}]}


def _without_nulls(body: Any) -> Any:
    if isinstance(body, dict):
        return {
            name: _without_nulls(value) for name, value in body.items() if not (value is None and name in SLIPS["null"])
        }
    return [_without_nulls(each) for each in body] if isinstance(body, list) else body


def _sayable(body: dict[str, Any]) -> dict[str, Any]:
    """A body without two slips: values of custom fields are described as texts only, and days as instants."""
    data = dict(body.get("data", {}))
    if "custom_fields" in data:
        data["custom_fields"] = dict.fromkeys(data["custom_fields"], "text")
    if "requested_dates" in data:
        data["requested_dates"] = [{"gid": one["gid"]} for one in data["requested_dates"]]
    return {**body, "data": data}
