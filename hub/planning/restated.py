"""Months that were over, and are not what they were. Pure.

What was counted by other rules keeps its value and says what today's rules would give; what differs because something
became known later is shown as it is known now. Both say so, from then on.

The reason names what is counted now and was not at the end of the day before, what no longer is, and what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.planning.counted import Memory, Past, Worth
from hub.planning.figure import Figure, ProofLine, Unit
from hub.planning.revenue_words import tell
from hub.planning.why_words import thing
from hub.planning.words import Language, day, money, number, percent

NAMED = 3
"""So many lines a reason names; of more it says how many."""


def restate(
    made: Iterable[Figure], memory: Memory, rules: str, language: Language, zone: ZoneInfo
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
            then = replace(figure, value=past.value, unit=past.unit, lines=past.lines(), estimated=False, shares={})
            shown.append(then)
            if past.value != figure.value or past.because:
                today = _worth(figure.value, figure.unit, language)
                restated[figure.key] = tell(language, "other_rules", today=today)
        else:
            shown.append(figure)
            if past.value != figure.value:
                restated[figure.key] = _because(past, figure, language, zone)
            elif past.because:
                restated[figure.key] = past.because
    return tuple(shown), restated


def _because(past: Past, figure: Figure, language: Language, zone: ZoneInfo) -> str:
    """The same words whatever the order in which a day's facts came: both sides are of the ends of days."""
    before = _worth(past.value, past.unit, language)
    then, now = _by_thing(past.lines()), _by_thing(figure.lines)
    kinds = (
        ("counted", now.keys() - then.keys()),
        ("no_more", then.keys() - now.keys()),
        ("changed", {key for key in then.keys() & now.keys() if _amount(then[key]) != _amount(now[key])}),
    )
    said = [
        _named(language, phrase, [(now.get(key) or then[key])[0] for key in keys], zone)
        for phrase, keys in kinds
        if keys
    ]
    if not said:
        return tell(language, "restated", before=before)
    return tell(language, "restated_by", before=before, things=("; " if language == "en" else " ; ").join(said))


def _by_thing(lines: Iterable[ProofLine]) -> dict[tuple[str, str], list[ProofLine]]:
    """The lines of each thing that was counted, whatever it added to."""
    found: dict[tuple[str, str], list[ProofLine]] = {}
    for line in lines:
        found.setdefault((line.what, line.id), []).append(line)
    return found


def _amount(lines: Iterable[ProofLine]) -> list[tuple[str, str, Decimal]]:
    return sorted((line.part, line.currency, line.number) for line in lines)


def _named(language: Language, phrase: str, lines: Iterable[ProofLine], zone: ZoneInfo) -> str:
    named = [
        f"{thing(language, line.what)} {line.id} ({day(line.at.astimezone(zone).date(), language)})"
        for line in sorted(lines, key=lambda line: (line.at, line.what, line.id))
    ]
    more = tell(language, "and_more", n=len(named) - NAMED) if len(named) > NAMED else ""
    return tell(language, phrase, things=", ".join(named[:NAMED]) + more)


def _worth(value: Worth, unit: Unit, language: Language) -> str:
    if value is None:
        return "—"
    if isinstance(value, Money):
        return money(value, language)
    return percent(value, language) if unit == "percent" else number(value, 0 if unit == "count" else 1, language)
