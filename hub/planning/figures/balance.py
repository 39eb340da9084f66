"""What moved, against what the provider says that the account holds (DOMAIN 1.2). Pure.

Everything that ever moved is what there is. It does not matter since when a file counts: all of it was read. While
something that the balance is the sum of has not been read, nothing can be said, and nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.core.money import Money
from hub.core.types import Record

BALANCE, MOVEMENTS = "balance", "balance_transaction"
"""The streams."""


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """A currency in which what moved does not add up to what the account holds."""

    currency: str
    ours: Money
    theirs: Money

    @property
    def difference(self) -> Money:
        return self.theirs - self.ours


def against_balance(balance: Record, movements: Iterable[Record]) -> tuple[Unbalanced, ...] | None:
    """The currencies in which the movements are not what the account holds; None where nobody can say yet.

    `balance`: available and pending together, and the newest movements in it; all others are in it that are as old as
    the oldest of these. A currency that the account holds in balances of other kinds too is left out.
    """
    said: Mapping[str, Any] = balance.fields
    recent, read = set(said["recent"]), tuple(movements)
    newest = [each for each in read if each.key in recent]
    theirs = {amount.currency: amount for amount in said["amounts"]}
    if len(newest) < len(recent) or not theirs:
        return None
    since = min((each.at for each in newest if each.at is not None), default=None) if said["older"] else None
    sums: dict[str, Decimal] = {}
    for each in read:
        if each.key in recent or (since is not None and each.at is not None and each.at <= since):
            net: Any = each.fields["net"]
            sums[net.currency] = sums.get(net.currency, Decimal(0)) + net.amount
    return tuple(
        Unbalanced(code, Money(sums.get(code, Decimal(0)), code), theirs.get(code, Money.zero(code)))
        for code in sorted({*sums, *theirs} - set(said["elsewhere"]))
        if sums.get(code, Decimal(0)) != theirs.get(code, Money.zero(code)).amount
    )
