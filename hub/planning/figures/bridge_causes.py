"""One thing that other tools count otherwise, and the lines of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from hub.core.money import Money
from hub.planning.calendar import Month, month
from hub.planning.figure import ProofLine, added

Name: TypeAlias = Literal[
    "instalments", "to_classify", "trials", "unpaid", "paused", "ending", "once", "time_zone", "currency", "tax",
    "outside", "refunds", "disputes", "late_failures", "fees", "other_movements",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one other way of counting adds to our figure. `taken`: whether it is a part of the explanation."""

    name: Name
    lines: tuple[ProofLine, ...]
    currency: str
    taken: bool = False

    @property
    def amount(self) -> Money:
        return Money(added(self.lines), self.currency)


def utc(when: Month) -> Month:
    """The month of the same name where the clocks show UTC."""
    return month(int(when.label[:4]), int(when.label[5:]), ZoneInfo("UTC"))
