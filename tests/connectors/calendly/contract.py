"""Calendly's published description (OpenAPI, April 2024) as a judge of requests and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from ruamel.yaml import YAML

from tests.paths import SHARED

SPEC = SHARED / "contracts" / "calendly" / "calendly-openapi.2024-04.yaml"
BASE = "https://calendly.invalid/openapi"
_NOISE = ("example", "examples", "description", "xml", "externalDocs")


def _draft(node: Any, inside: str = "") -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable`, and no prose."""
    if isinstance(node, Mapping):
        free = inside == "properties"
        found = {
            str(name): _draft(value, str(name)) for name, value in node.items() if free or (str(name) not in _NOISE)
        }
        if not free and isinstance(found.get("enum"), str):
            found["enum"] = [found["enum"]]  # the description's own slip, in the message of a 401
        if not free and found.pop("nullable", False) is True:
            kind = {name: value for name, value in found.items() if name != "type"}
            kind |= {"type": found["type"]} if "type" in found else {}
            return {"anyOf": [kind, {"type": "null"}]}
        return found
    return [_draft(each) for each in node] if isinstance(node, list) else node


class Contract:
    """Says what is wrong; empty lists when nothing is."""

    def __init__(self) -> None:
        raw = YAML(typ="safe", pure=True).load(SPEC.read_text())
        self.raw: Mapping[str, Any] = raw
        self._paths = raw["paths"]
        self._components = _draft(raw["components"])
        self._known: dict[str, Any] = {}

    def operations(self) -> Iterator[tuple[str, str]]:
        """(method, path template) of every operation."""
        for path, verbs in self._paths.items():
            for verb in verbs:
                if verb != "parameters":
                    yield verb, path

    def template(self, path: str) -> str | None:
        """The description's path of an address."""
        fitting = [
            each for each in self._paths if re.fullmatch(re.sub(r"\{[^}]+\}", r"[^/]+", each).replace(".", r"\."), path)
        ]
        return min(fitting, key=lambda each: each.count("{")) if fitting else None

    def request(self, method: str, path: str, query: str, body: Any) -> list[str]:
        """What is wrong with a request: unknown calls and parameters, values of another type, a wrong body."""
        where, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such call"]
        shapes = {each["name"]: each for each in self._parameters(where, operation) if each["in"] == "query"}
        given = dict(parse_qsl(query, keep_blank_values=True))
        wrong = [f"{where}?{name}: unknown parameter" for name in given if name not in shapes]
        wrong += [
            f"{where}?{name}: missing" for name, each in shapes.items() if each.get("required") and name not in given
        ]
        for name, text in given.items():
            if name in shapes:
                schema = _draft(shapes[name]["schema"])
                value = float(text) if schema.get("type") == "number" else text
                value = {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else value
                wrong += self._errors(f"{where}?{name}", schema, value)
        content = (operation.get("requestBody") or {}).get("content")
        if content and body is not None:
            schema = {**_draft(content["application/json"]["schema"]), "additionalProperties": False}
            wrong += self._errors(f"{method} {where}", schema, body)
        elif body is not None:
            wrong.append(f"{method} {where}: no body is described")
        return wrong

    def answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer."""
        where, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such call"]
        found = {str(code): each for code, each in operation["responses"].items()}.get(str(status))
        if found is None:
            return [f"{method} {where}: no status {status} is described"]
        found = self._resolved(found)
        if "content" not in found:
            return [] if body is None else [f"{method} {where} {status}: a body where none is described"]
        schema = _draft(found["content"]["application/json"]["schema"])
        return self._errors(f"{method} {where} {status}", schema, body)

    def body_example(self, method: str, path: str) -> Any:
        """The body of a request as the description shows it: its example, else the examples of its fields."""
        content = self._paths[path][method]["requestBody"]["content"]["application/json"]
        for each in (content.get("examples") or {}).values():
            return each["value"]
        fields = content["schema"]["properties"]
        return {name: each.get("example", (each.get("enum") or [None])[0]) for name, each in fields.items()}

    def _operation(self, method: str, path: str) -> tuple[str, Any]:
        where = self.template(path)
        return (where or path, None if where is None else self._paths[where].get(method.casefold()))

    def _parameters(self, where: str, operation: Mapping[str, Any]) -> list[Any]:
        listed = [*self._paths[where].get("parameters", ()), *operation.get("parameters", ())]
        return [self._resolved(each) for each in listed]

    def _resolved(self, node: Any) -> Any:
        while "$ref" in node:
            found: Any = self.raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def _errors(self, where: str, schema: Any, value: Any) -> list[str]:
        if where not in self._known:
            whole = {"allOf": [schema], "components": self._components}
            self._known[where] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{where}: {'/'.join(map(str, error.instance_path))}: {error.message[:160]}"
            for error in self._known[where].iter_errors(value)
        ]
