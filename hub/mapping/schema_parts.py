"""What some values of the language are for an editor, where pydantic cannot tell by itself. Used by the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, GetPydanticSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """Of a list: a text alone says as much as a list of that one text."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_listed, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


@dataclass(frozen=True, slots=True)
class OrNothing:
    """Of keys with values: a key with nothing after it says as much as {}."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        found = dict(handler(schema))
        for part in ("additionalProperties", "patternProperties"):
            inner = found.get(part)
            if part == "patternProperties" and isinstance(inner, dict):
                found[part] = {name: {"anyOf": [each, {"type": "null"}]} for name, each in inner.items()}
                found["additionalProperties"] = False
        return found


def read_by(read: Callable[[object], Any], pattern: str) -> GetPydanticSchema:
    """A text that `read` turns into the value, or refuses with PydanticCustomError; editors check the pattern."""
    return GetPydanticSchema(
        lambda _type, _handler: core_schema.no_info_plain_validator_function(read),
        lambda _schema, _handler: {"type": "string", "pattern": pattern},
    )
