"""Every key of the language says what it wants and shows a line that works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from hub.mapping.checks import faults_of_job
from hub.mapping.checks.around import Around
from hub.mapping.figure_names import FIGURES, FigureName
from hub.mapping.jobs import JOB_KINDS
from hub.mapping.model import Business
from hub.mapping.shape import alternatives, example, expected, is_model, known_keys, legal_words
from hub.mapping.tree import parse
from hub.mapping.vocabulary import ALERT, JOURNEY
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
    for root in (Business, *JOB_KINDS.values())
    for model in models(root)
    for key, field in known_keys(model).items()
}


@pytest.mark.parametrize(("key", "field"), KEYS.values(), ids=KEYS)
def test_every_key_says_what_it_wants_and_its_example_works(key: str, field: FieldInfo) -> None:
    rule: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation

    assert expected(field)
    for line in [example(field, key), *(f"{key}: {shown}" for shown in field.examples or ())]:
        root, faults = parse(line)
        assert faults == ()
        assert root is not None
        TypeAdapter(rule).validate_python(root.plain()[key])


def test_the_language_page_names_every_key_and_every_figure() -> None:
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")

    assert {key for key, _ in KEYS.values() if f"`{key}`" not in page} == set()
    assert {figure for figure in FIGURES if f"`{figure}`" not in page} == set()
    assert {kind for kind in JOB_KINDS if f"## A job of the kind `{kind}`" not in page} == set()
    for words in (ALERT, JOURNEY):
        assert {word for word, says in words.items() if f"| `{word}` | {says} |" not in page} == set()


def test_the_figures_are_those_of_the_type() -> None:
    assert legal_words((FigureName,)) == FIGURES


def test_the_language_pages_examples_are_read_without_a_problem() -> None:
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n")[2] for block in page.split("```")[1::2] if block.startswith("yaml")]
    trees = [parse(block) for block in blocks]
    plain = [tree.plain() for tree, faults in trees if tree is not None and not faults]

    assert len(plain) == len(blocks) == 5
    assert Business.model_validate(plain[0]).people["lea"].known_as == {"asana": "Léa Martin"}
    assert [job["job"] for job in plain[1:]] == list(JOB_KINDS)
    around = Around(
        connections=("stripe", "notion", "asana", "calendly"),
        people={"obm": "Claire", "lea": "Léa"},
        follows={"asana": "project", "notion": "database"}.get,
    )
    for (tree, _), job in zip(trees[1:], plain[1:], strict=True):
        assert tree is not None
        assert list(faults_of_job(JOB_KINDS[job["job"]].model_validate(job), tree, around)) == []
