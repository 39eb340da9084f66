"""Money is a Decimal and a currency (R7). A float is a TypeError; adding two currencies is an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


class CurrencyError(TypeError):
    """Two currencies met in one sum."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` in whole currency units (12.50, never 1250), exact; `currency` is the upper-case ISO 4217 code.

    How many decimals a provider's integers have is the provider's business: each connector's `records.py` converts.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money takes a Decimal, not {type(self.amount).__name__}: {self.amount!r}")
        code = self.currency
        if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError(f"A currency is three capital letters, like EUR, not {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyError(f"Cannot add {self.currency} and {other.currency}: currencies are kept apart")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, float):
            raise TypeError("Money is multiplied by a Decimal or an int, never by a float")
        return Money(self.amount * factor, self.currency)

    def rounded(self, decimals: int = 2) -> Money:
        """Half up, for showing only: sums are made from exact amounts (DOMAIN 1.10)."""
        return Money(self.amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP), self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(currency: str, amounts: Iterable[Money]) -> Money:
    """The exact sum of amounts of one currency; zero of that currency when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
