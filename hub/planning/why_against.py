"""Why a figure is not what it was: the change between two periods, line by line, until nothing is left. Pure.

A sum changes by what came, what went, and what is of another amount. A rate is of ÷ per; from (of, per) to (of', per')
it changes by (of' - of) ÷ per through its numerator, and by of' ÷ per' - of' ÷ per through its denominator. Both are
linear in the lines, so that each line has its own exact part and the parts add up to the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from hub.core.money import Money
from hub.mapping.model import Business
from hub.planning.figure import Figure, Part, fraction, value_of
from hub.planning.why import heading, noted, proved, shown
from hub.planning.why_links import NO_LINKS, Links
from hub.planning.why_words import amount, change, table, thing, word
from hub.planning.words import count, day, say

Kind: TypeAlias = Literal["only_after", "in_both", "only_before"]
KINDS: tuple[Kind, ...] = ("only_after", "in_both", "only_before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not the same in both periods. `before`, `after`: its amount, None where it was not there.

    `effect`: how much of the figure's change it makes; None where one of the periods has no value.
    """

    kind: Kind
    id: str
    what: str
    at: datetime
    note: str
    part: Part
    before: Money | Decimal | None
    after: Money | Decimal | None
    effect: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A figure against itself in another period. `same`: how many things are equal in both."""

    before: Figure
    after: Figure
    differences: tuple[Difference, ...]
    same: int
    change: Fraction | None

    @property
    def explained(self) -> Fraction:
        """What the differences make together."""
        return sum((each.effect for each in self.differences if each.effect is not None), Fraction(0))

    @property
    def unexplained(self) -> Fraction | None:
        """What of the change no line makes; None where there is no change to speak of."""
        return None if self.change is None else self.change - self.explained


@dataclass(slots=True)
class _Thing:
    """All lines of one record in one part of a figure."""

    amount: Money | Decimal
    at: datetime
    note: str


_Key: TypeAlias = tuple[str, str, Part]


def compare(before: Figure, after: Figure) -> Comparison:
    """What changed from one to the other. ValueError when they are not of one kind, or not what their lines make."""
    if (before.figure, before.unit, before.currency) != (after.figure, after.unit, after.currency):
        raise ValueError(f"{before.key} and {after.key} are not the same figure")
    proved(before)
    proved(after)
    then, now = _things(before), _things(after)
    moved = {key for key in then.keys() | now.keys() if _number(then.get(key)) != _number(now.get(key))}
    ordered = sorted(moved, key=lambda key: ((now.get(key) or then[key]).at, key))
    worth = _Worth.of(before, after)
    return Comparison(
        before=before,
        after=after,
        differences=tuple(_difference(key, then.get(key), now.get(key), worth) for key in ordered),
        same=len((then.keys() | now.keys()) - moved),
        change=worth.change,
    )


def nothing_of(figure: Figure, period: str) -> Figure:
    """The same figure of a period in which there was nothing of it."""
    value = value_of(figure.unit, (), figure.currency)
    return replace(figure, period=period, value=value, lines=(), estimated=False, closed=True)


def render(before: Figure, after: Figure, business: Business, title: str, links: Links = NO_LINKS) -> str:
    """The change for a person: what came, what is of another amount, what went; their sum; what is left unexplained."""
    found, language = compare(before, after), business.language
    colon = say(language, "colon")
    periods = word(language, "against", after=after.period, before=before.period)
    values = f"{shown(before, language)} → {shown(after, language)}"
    lines = [f"{heading(title, periods, after.currency)}{colon}{values}"]
    if before.estimated or after.estimated:
        lines.append(say(language, "estimated"))
    for kind in KINDS:
        mine = [each for each in found.differences if each.kind == kind]
        if mine:
            period = before.period if kind == "only_before" else after.period
            total = sum((each.effect for each in mine if each.effect is not None), Fraction(0))
            effect = "" if found.change is None else f"{colon}{_effect(total, found, business)}"
            head = f"{word(language, kind, period=period)} ({count(len(mine), language)}){effect}"
            lines += ["", head, *_table(mine, found, business, links)]
    if not found.differences:
        lines += ["", word(language, "all_same")]
    elif found.same:
        lines += ["", f"{word(language, 'same')}{colon}{count(found.same, language)}"]
    return "\n".join([*lines, "", *_sums(found, business)]) + "\n"


def _sums(found: Comparison, business: Business) -> Iterator[str]:
    language, left = business.language, found.unexplained
    colon = say(language, "colon")
    if found.change is None or left is None:
        yield word(language, "no_change")
        return
    yield f"{word(language, 'change')}{colon}{_effect(found.change, found, business)}"
    yield f"{word(language, 'sum_of_lines')}{colon}{_effect(found.explained, found, business)}"
    yield f"{word(language, 'unexplained')}{colon}{_effect(left, found, business)}"


def _effect(value: Fraction, found: Comparison, business: Business) -> str:
    money = any(isinstance(each.value, Money) for each in (found.before, found.after))
    return change(value, found.after.unit, found.after.currency if money else "", business.language)


def _table(mine: Sequence[Difference], found: Comparison, business: Business, links: Links) -> list[str]:
    language = business.language
    names = [say(language, name) for name in ("date", "what", "id")]
    both = mine[0].kind == "in_both"
    rate = found.after.unit not in {"money", "count"}
    amounts = [found.before.period, found.after.period] if both else [say(language, "amount")]
    rows = [
        [*names, *amounts, word(language, "part"), word(language, "effect"), say(language, "note"),
         word(language, "link")]
    ]  # fmt: skip
    for each in mine:
        sides = (each.before, each.after) if both else (each.after if each.before is None else each.before,)
        rows.append(
            [
                day(each.at.astimezone(business.zone).date(), language),
                thing(language, each.what),
                each.id,
                *("" if side is None else amount(side, language) for side in sides),
                word(language, each.part) if each.part else "",
                "" if each.effect is None or not (both or rate) else _effect(each.effect, found, business),
                noted(each.note, language),
                links.of(each.id),
            ]
        )
    return table(rows, right=(3, 4, 6) if both else (3, 5), indent="  ")


@dataclass(frozen=True, slots=True)
class _Worth:
    """The change of a figure, and what one more makes of it: in a sum one; in a rate, by the part that it is in.

    None where one of the periods has no value.
    """

    change: Fraction | None
    one: dict[Part, Fraction]

    @classmethod
    def of(cls, before: Figure, after: Figure) -> _Worth:
        if before.unit in {"money", "count"}:
            return cls(_exact(after) - _exact(before), {"": Fraction(1)})
        (of, per), (of_after, per_after) = fraction(before.lines), fraction(after.lines)
        if not per or not per_after:
            return cls(None, {})
        times = 100 if before.unit == "percent" else 1
        one: dict[Part, Fraction] = {"of": times / per, "per": -times * of_after / (per * per_after)}
        return cls(times * (of_after / per_after - of / per), one)


def _exact(figure: Figure) -> Fraction:
    value = figure.value.amount if isinstance(figure.value, Money) else figure.value
    return Fraction(value or 0)


def _things(figure: Figure) -> dict[_Key, _Thing]:
    """The lines by what they are about. Refund rates that were kept before lines had a part get one."""
    found: dict[_Key, _Thing] = {}
    rate = figure.unit not in {"money", "count"}
    for line in figure.lines:
        part, value = line.part, line.amount
        if rate and not part:
            part = "per" if line.what == "charge" else "of"
            value = value if part == "per" else value * Decimal(-1)
        key = (line.id, line.what, part)
        if key in found:
            found[key].amount = _sum(found[key].amount, value)
            found[key].at = max(found[key].at, line.at)
        else:
            found[key] = _Thing(value, line.at, line.note)
    return found


def _sum(one: Money | Decimal, other: Money | Decimal) -> Money | Decimal:
    if isinstance(one, Money) and isinstance(other, Money):
        return one + other
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one + other
    raise ValueError(f"{one} and {other} are amounts of one record, and cannot be added")


def _number(thing: _Thing | None) -> Fraction:
    if thing is None:
        return Fraction(0)
    return Fraction(thing.amount.amount if isinstance(thing.amount, Money) else thing.amount)


def _difference(key: _Key, then: _Thing | None, now: _Thing | None, worth: _Worth) -> Difference:
    kind: Kind = "only_after" if then is None else "only_before" if now is None else "in_both"
    last = now or then
    if last is None:
        raise ValueError(f"{key[0]} is in neither of the periods")
    effect = None if worth.change is None else (_number(now) - _number(then)) * worth.one[key[2]]
    return Difference(
        kind=kind,
        id=key[0],
        what=key[1],
        at=last.at,
        note=last.note,
        part=key[2],
        before=None if then is None else then.amount,
        after=None if now is None else now.amount,
        effect=effect,
    )
