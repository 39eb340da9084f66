"""Months that were over, and are not what they were. Pure.

What was counted by other rules keeps its value and says what today's rules would give; what differs because something
became known later is shown as it is known now. Both say so, from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hub.core.money import Money
from hub.planning.counted import Memory, Past, Worth
from hub.planning.figure import Figure, Unit
from hub.planning.revenue_words import tell
from hub.planning.words import Language, money, number, percent


def restate(
    made: Iterable[Figure], memory: Memory, rules: str, language: Language
) -> tuple[tuple[Figure, ...], Mapping[str, str]]:
    """The figures as they are shown, and why those that are restated are, by key.

    An estimated past is recounted from what is known today: that it moves says nothing.
    """
    shown: list[Figure] = []
    restated: dict[str, str] = {}
    for figure in made:
        past = memory.closed.get(figure.key) if figure.closed else None
        if past is None or past.estimated:
            shown.append(figure)
        elif past.rules != rules:
            shown.append(replace(figure, value=past.value, unit=past.unit, lines=past.lines(), estimated=False))
            if past.value != figure.value or past.because:
                today = _worth(figure.value, figure.unit, language)
                restated[figure.key] = tell(language, "other_rules", today=today)
        else:
            shown.append(figure)
            if past.value != figure.value:
                restated[figure.key] = _because(past, language)
            elif past.because:
                restated[figure.key] = past.because
    return tuple(shown), restated


def _because(past: Past, language: Language) -> str:
    """The same words whatever the order in which it became known: `hub why` shows what it is made of now."""
    return tell(language, "restated", before=_worth(past.value, past.unit, language))


def _worth(value: Worth, unit: Unit, language: Language) -> str:
    if value is None:
        return "—"
    if isinstance(value, Money):
        return money(value, language)
    return percent(value, language) if unit == "percent" else number(value, 0 if unit == "count" else 1, language)
