"""Keys and values that are right alone and make no sense together: what is said of each such mistake."""

from __future__ import annotations

from collections.abc import Mapping

TOGETHER: Mapping[str, tuple[str, str, str]] = {
    "per_day": (
        "asks for each day what happens in a period",
        "Only what there is at a moment has a value of a day: take per out.",
        "{figure: overdue, title: Impayés, per: day}",
    ),
    "one_vat": ("does not have exactly one of rate, franchise", "Keep or add one.", "vat: {rate: 20 %}"),
    "limit_of_franchise": (
        "has a limit and no franchise",
        "Limits are those below which no tax is collected: take them out.",
        "vat: {franchise: services, limit: 37500, upper_limit: 41250}",
    ),
    "no_way": ("starts where it shall end", "Write another number in one of from, to.", "{from: 5000, to: 8000}"),
    "closes_first": ("closes before it opens", "Swap the days.", "{opens: 2026-03-09, closes: 2026-03-16}"),
    "one_rate": ("does not have exactly one of rate, brackets", "Keep or add one.", "rate: 5 %"),
    "brackets": (
        "has brackets that do not rise, or whose last has an end",
        "Each up_to is higher than the one before, and only the last has none.",
        "brackets: [{up_to: 10000, rate: 5 %}, {rate: 8 %}]",
    ),
    "first_of_month": ("does not start with a month", "Write the first of a month.", "starts: 2026-01-01"),
    "floor_above_cap": ("has a floor above its cap", "Swap them.", "{floor: 200, cap: 3000}"),
}
"""Kind of mistake -> what the keys together do, the way out, an example."""
