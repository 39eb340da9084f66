"""Every key of the language says what it wants and shows a line that works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from hub.mapping.model import FIGURES, Business, FigureName, RevenueJob
from hub.mapping.shape import alternatives, example, expected, is_model, known_keys, legal_words
from hub.mapping.tree import parse
from tests.paths import ROOT


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in known_keys(model).values():
        yield from inside(field.annotation)


def inside(annotation: object) -> Iterator[type[BaseModel]]:
    for kind in alternatives(annotation):
        if is_model(kind):
            yield from models(kind)
        for inner in getattr(kind, "__args__", ()):
            yield from inside(inner)


KEYS = {
    f"{model.__name__}.{key}": (key, field)
    for root in (Business, RevenueJob)
    for model in models(root)
    for key, field in known_keys(model).items()
}


@pytest.mark.parametrize(("key", "field"), KEYS.values(), ids=KEYS)
def test_every_key_says_what_it_wants_and_its_example_works(key: str, field: FieldInfo) -> None:
    line = example(field, key).partition(", or ")[0]
    root, faults = parse(line)
    rule: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation

    assert expected(field)
    assert faults == ()
    assert root is not None
    TypeAdapter(rule).validate_python(root.plain()[key])


def test_the_language_page_names_every_key_and_every_figure() -> None:
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")

    assert {key for key, _ in KEYS.values() if f"`{key}`" not in page} == set()
    assert {figure for figure in FIGURES if f"`{figure}`" not in page} == set()


def test_the_figures_are_those_of_the_type() -> None:
    assert legal_words((FigureName,)) == FIGURES


def test_the_language_pages_examples_are_read_without_a_problem() -> None:
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n")[2] for block in page.split("```")[1::2] if block.startswith("yaml")]
    trees = [parse(block) for block in blocks]
    business, revenue = (tree.plain() for tree, faults in trees if tree is not None and not faults)

    assert Business.model_validate(business).connections.keys() == {"stripe", "notion"}
    assert RevenueJob.model_validate(revenue).show_in.database == "Chiffres du mois"
