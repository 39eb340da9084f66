"""What the OBM should know of the figures: what could not be told, and what no figure counts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.core.money import Money, total
from hub.planning.calendar import Month
from hub.planning.figure import CASH
from hub.planning.figures.books import Books
from hub.planning.figures.currencies import NO_RATES, Rates, Total
from hub.planning.figures.plans import Unsure
from hub.planning.figures.tax import Watched
from hub.planning.revenue_words import tell
from hub.planning.words import Language, money, percent, say

_NOT_REVENUE = frozenset({"payout", "payout_reversal", "fee", "tax", "topup", "topup_reversal"})
"""Categories that are known not to be revenue; any other that is not counted is named."""
_OF_PARTS = frozenset({"no_number", "separate"})
"""Doubts about sales in parts: each is a sentence of its own."""


def notes_of(
    other: Mapping[tuple[str, str], Sequence[Money]],
    span: Sequence[Month],
    language: Language,
    unsure: Sequence[Unsure],
    totals: Sequence[Total],
    watched: Watched | None,
    rates: Rates,
) -> tuple[str, ...]:
    """A sentence each."""
    found = [
        say(language, "unsure", key=each.key, why=say(language, each.doubt[0], thing=each.doubt[1]))
        for each in unsure
        if each.doubt[0] not in _OF_PARTS
    ]
    found += [
        tell(language, each.doubt[0], key=each.key, n=each.doubt[1]) for each in unsure if each.doubt[0] in _OF_PARTS
    ]
    found += _others(other, language)
    found += _rates(span, language, totals, rates)
    if watched is not None and watched.passed is not None:
        share = percent(watched.percent, language, places=0)
        limit = money(watched.limit, language)
        found.append(tell(language, "near_limit", year=watched.year, share=share, limit=limit))
    return tuple(found)


def others(books: Books) -> Mapping[tuple[str, str], tuple[Money, ...]]:
    """What moved and is in no figure of revenue, by category and currency."""
    found: dict[tuple[str, str], list[Money]] = {}
    for each in books.transactions:
        if each.category not in CASH | _NOT_REVENUE:
            found.setdefault((each.category, each.amount.currency), []).append(each.amount)
    return {key: tuple(amounts) for key, amounts in found.items()}


def _others(other: Mapping[tuple[str, str], Sequence[Money]], language: Language) -> Iterator[str]:
    for (category, currency), amounts in sorted(other.items()):
        amount = money(total(currency, amounts), language)
        yield say(language, "other", category=category, n=len(amounts), amount=amount)


def _rates(span: Sequence[Month], language: Language, totals: Sequence[Total], rates: Rates) -> Iterator[str]:
    """Only of this month: what a closed one lacks, it lacks for good."""
    missing = sorted({code for each in totals if each.period == span[-1].label for code in each.missing})
    if missing:
        phrase = "no_rates_file" if rates is NO_RATES else "no_rate_of"
        yield tell(language, phrase, currencies=", ".join(missing))
