"""What somebody is paid from the figures of a month: a numbered statement that never changes afterwards. Pure.

A refund lowers the month in which it is made. What becomes known of an earlier month after its statement was made (a
payment that was booked late) is an adjustment on the next statement; the earlier one stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hub.core import codec
from hub.core.money import Money, total
from hub.core.types import Value
from hub.mapping.steering import Commission
from hub.planning.figure import ProofLine
from hub.planning.figure import from_values as lines_from_values
from hub.planning.figure import to_values as lines_to_values
from hub.planning.prices import to_decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an earlier month's commission should have been more (or less) than was stated so far."""

    month: str
    base: Money
    commission: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of one month. `number`: like obm-2026-003, the third of that year.

    `commission`: from the rate or the brackets, between floor and cap, rounded half up to cents. `due` = fixed +
    commission + adjustments. `digest` is of everything else: it tells whether anything was changed afterwards.
    """

    number: str
    who: str
    month: str
    base: str
    lines: tuple[ProofLine, ...]
    amount: Money
    fixed: Money
    commission: Money
    adjustments: tuple[Adjustment, ...]
    digest: str = ""

    @property
    def due(self) -> Money:
        return total(
            self.amount.currency, (self.fixed, self.commission, *(each.commission for each in self.adjustments))
        )


def commission_on(agreement: Commission, base: Money) -> Money:
    """The commission on the base of one month. A month in which more was given back than came in is negative.

    Each bracket's rate is for the part of the base within it; a negative base has the first bracket's rate.
    """
    if agreement.rate is not None:
        exact = Fraction(base.amount) * _rate(agreement.rate)
    else:
        exact = _by_brackets(agreement, Fraction(base.amount))
    if agreement.floor is not None:
        exact = max(exact, Fraction(agreement.floor))
    if agreement.cap is not None:
        exact = min(exact, Fraction(agreement.cap))
    return Money(to_decimal(exact), base.currency).rounded()


def statement(
    agreement: Commission,
    month: str,
    lines: Mapping[str, Sequence[ProofLine]],
    earlier: Sequence[Statement],
    currency: str,
) -> Statement:
    """The statement of `month` (2026-10).

    `lines`: month -> what its base is added from, as is known now, each with who paid already masked. `earlier`: every
    statement made before, of this agreement. ValueError for a month that has one.
    """
    if any(one.month == month for one in earlier):
        raise ValueError(f"{month} has its statement: {next(one.number for one in earlier if one.month == month)}")
    mine = tuple(sorted(lines.get(month, ()), key=lambda line: (line.at, line.id, line.what)))
    amount = _sum(mine, currency)
    count = sum(one.number.split("-")[-2] == month[:4] for one in earlier)
    made = Statement(
        number=f"{agreement.who}-{month[:4]}-{count + 1:03d}",
        who=agreement.who,
        month=month,
        base=agreement.base,
        lines=mine,
        amount=amount,
        fixed=Money(Decimal(agreement.fixed), currency),
        commission=commission_on(agreement, amount),
        adjustments=tuple(_adjustments(agreement, lines, earlier, currency)),
    )
    return replace(made, digest=digest(made))


def to_values(made: Statement) -> Mapping[str, Value]:
    """The statement as values that the store keeps."""
    return {
        "number": made.number,
        "who": made.who,
        "month": made.month,
        "base": made.base,
        "lines": lines_to_values(made.lines),
        "amount": made.amount,
        "fixed": made.fixed,
        "commission": made.commission,
        "adjustments": tuple(
            {"month": each.month, "base": each.base, "commission": each.commission} for each in made.adjustments
        ),
        "digest": made.digest,
    }


def from_values(body: Mapping[str, Any]) -> Statement:
    """The statement that `to_values` wrote. ValueError when it is not as it was made."""
    made = Statement(
        number=body["number"],
        who=body["who"],
        month=body["month"],
        base=body["base"],
        lines=lines_from_values(body["lines"]),
        amount=body["amount"],
        fixed=body["fixed"],
        commission=body["commission"],
        adjustments=tuple(Adjustment(each["month"], each["base"], each["commission"]) for each in body["adjustments"]),
        digest=body["digest"],
    )
    if digest(replace(made, digest="")) != made.digest:
        raise ValueError(f"The statement {made.number} is not as it was made: its digest is another one")
    return made


def digest(made: Statement) -> str:
    """Of everything that the statement says, as 32 hexadecimal digits; the same however an amount is written."""
    return codec.digest({**to_values(made), "digest": ""})


def _adjustments(
    agreement: Commission, lines: Mapping[str, Sequence[ProofLine]], earlier: Sequence[Statement], currency: str
) -> list[Adjustment]:
    found = []
    for one in sorted(earlier, key=lambda each: each.month):
        stated = [each for other in earlier for each in other.adjustments if each.month == one.month]
        known = _sum(lines.get(one.month, ()), currency)
        base = known - total(currency, (one.amount, *(each.base for each in stated)))
        more = commission_on(agreement, known) - total(currency, (one.commission, *(e.commission for e in stated)))
        if base.amount or more.amount:
            found.append(Adjustment(one.month, base, more))
    return found


def _sum(lines: Sequence[ProofLine], currency: str) -> Money:
    return total(currency, (line.amount for line in lines if isinstance(line.amount, Money)))


def _rate(share: str) -> Fraction:
    return Fraction(share.rstrip(" %")) / 100


def _by_brackets(agreement: Commission, base: Fraction) -> Fraction:
    if base < 0:
        return base * _rate(agreement.brackets[0].rate)
    found, below = Fraction(0), Fraction(0)
    for bracket in agreement.brackets:
        top = base if bracket.up_to is None else min(base, Fraction(bracket.up_to))
        found += max(top - below, Fraction(0)) * _rate(bracket.rate)
        below = max(below, top)
    return found
