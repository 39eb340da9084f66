"""What the models say about a place in a file: the keys that may stand there, what is expected, a working example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a pydantic error points, in terms of the file.

    `path`: keys and item numbers in the file. `field` and `field_key`: the innermost field on the way, and its key.
    `holder`: the model whose key the path ends with. `union`: the path at which pydantic tried alternatives, and
    whether the one that this error speaks of is a model. `types`: what may stand at the end of the path.
    """

    path: tuple[str | int, ...]
    field: FieldInfo | None
    field_key: str
    holder: type[BaseModel] | None
    types: tuple[Any, ...]
    union: tuple[tuple[str | int, ...], bool] | None
    is_key: bool


def known_keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that people may write, as the file spells them."""
    return {
        field.alias or name: field
        for name, field in model.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("set_by"))
    }


def further_key(model: type[BaseModel]) -> FieldInfo | None:
    """What stands after any other key, where a model allows others (a person's names in the connections)."""
    said = get_type_hints(model, include_extras=True).get("__pydantic_extra__")
    if model.model_config.get("extra") != "allow" or said is None:
        return None
    return FieldInfo.from_annotation(get_args(said)[1])


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types that an annotation allows, without None and without Annotated."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(inner for arg in get_args(annotation) if arg is not NoneType for inner in alternatives(arg))
    return (annotation,)


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def legal_words(types: Sequence[Any]) -> tuple[str, ...]:
    """The words of a Literal, or () where any text may stand."""
    return tuple(str(word) for kind in types if get_origin(kind) is Literal for word in get_args(kind))


def locate(model: type[BaseModel], location: Sequence[str | int]) -> Spot:
    """Follow a pydantic error's location through the models, and drop the parts that are pydantic's own words."""
    types: tuple[Any, ...] = (model,)
    path: tuple[str | int, ...] = ()
    field: FieldInfo | None = None
    holder: type[BaseModel] | None = None
    union: tuple[tuple[str | int, ...], bool] | None = None
    field_key, is_key = "", False
    for part in location:
        if part == "[key]":
            is_key = True
            continue
        if len(types) > 1:  # pydantic names the alternative that it tried
            types = tuple(kind for kind in types if is_model(kind) == _names_a_model(part, types))
            union = (path, _names_a_model(part, types))
            continue
        path = (*path, part)
        kind = types[0] if types else None
        holder = None
        if kind is not None and is_model(kind):
            holder = kind
            inner = known_keys(kind).get(str(part)) or further_key(kind)
            if inner is not None:
                field, field_key = inner, str(part)
            types = alternatives(inner.annotation) if inner is not None else ()
        else:
            inside = [arg for arg in get_args(kind) if arg is not Ellipsis]
            types = alternatives(inside[-1]) if inside else ()
    return Spot(path, field, field_key, holder, types, union, is_key)


def _names_a_model(part: str | int, types: Sequence[Any]) -> bool:
    return any(is_model(kind) and kind.__name__ == part for kind in types)


def expected(field: FieldInfo) -> str:
    """What a field wants, in words that follow "expected"."""
    if field.description:
        return field.description
    words = legal_words(alternatives(field.annotation))
    return " or ".join(words)


def example(field: FieldInfo, key: str) -> str:
    """One working line."""
    shown = field.examples[0] if field.examples else legal_words(alternatives(field.annotation))[0]
    return f"{key}: {shown}"
