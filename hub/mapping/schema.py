"""The JSON Schema of each kind of file, made from the models that load it, so that editors complete and check.

It is laxer than the loader: what only the loader knows (names that must exist, owners that must not meet) is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from hub.mapping.jobs import JOB_KINDS
from hub.mapping.model import Business
from hub.mapping.tree import parse

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: Mapping[str, type[BaseModel]] = {"business": Business, **JOB_KINDS}
"""The name of a schema -> the model of the file."""

HEADER = "# yaml-language-server: $schema="
"""The first line of a file, followed by the way to its schema (the YAML language server of most editors)."""


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of business.yaml ("business") or of the files of a kind of job, as plain JSON values."""
    found = KINDS[kind].model_json_schema(by_alias=True, schema_generator=_Generator)
    made: dict[str, Any] = _clean(found)
    return {"$schema": DIALECT, **made}


class _Generator(GenerateJsonSchema):
    """Without titles: they repeat the key."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's signature
        return False

    def default_schema(self, schema: Any) -> Any:
        """Only defaults that say something: no null, and no keys whose own defaults say the same."""
        found = super().default_schema(schema)
        if found.get("default") is None or isinstance(found.get("default"), dict):
            found.pop("default", None)
        return found


def _clean(node: Any) -> Any:
    """Without the keys that the loader sets, with examples as the values that they stand for."""
    if isinstance(node, list):
        return [_clean(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {name: _clean(each) for name, each in node.items() if name not in ("examples", "title", "properties")}
    if "anyOf" in found and found.pop("minLength", None):  # one text or a list: the list has at least one
        found["anyOf"] = [{**each, "minItems": 1} if each.get("type") == "array" else each for each in found["anyOf"]]
    if "properties" in node:
        mine = {key: each for key, each in node["properties"].items() if "set_by" not in each}
        found["properties"] = {key: _clean(each) for key, each in mine.items()}
    if isinstance(node.get("examples"), list):
        found["examples"] = [_value(each) for each in node["examples"]]
    return found


def _value(example: Any) -> Any:
    """An example as YAML reads it."""
    root, _ = parse(f"example: {example}")
    return _plain(root.plain()["example"]) if root is not None else example


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value
