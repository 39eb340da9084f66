"""What each figure is, in words."""

from __future__ import annotations

import pytest

from hub.planning.figures.cash import MONEY
from hub.planning.figures.definition import Definition
from hub.planning.figures.names import FIGURES


@pytest.mark.parametrize("each", FIGURES.values(), ids=FIGURES)
def test_a_figure_has_a_title_and_one_sentence_in_both_languages(each: Definition) -> None:
    for language in ("fr", "en"):
        title, sentence = each.titles[language], each.sentences[language]  # type: ignore[index]
        assert title[0].isupper()
        assert not title.endswith(".")
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
    assert each.titles["fr"] != each.titles["en"] or each.name == "mrr"


def test_no_two_figures_have_one_title() -> None:
    for language in ("fr", "en"):
        titles = [each.titles[language] for each in FIGURES.values()]  # type: ignore[index]
        assert len(set(titles)) == len(titles)


def test_what_cash_makes_is_described() -> None:
    assert {FIGURES[name].unit for name in MONEY} == {"money"}
    assert {FIGURES[name].kind for name in MONEY} == {"flow"}
