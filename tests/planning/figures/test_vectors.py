"""Every reference case, by its source, through the functions that the figures come from.

Those that keep a documented defect, or a rule that is not ours, must come out different here. A case that is new fails
until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.planning.figures import vector_cash as cash
from tests.planning.figures import vector_others as others
from tests.planning.figures import vector_recurring as recurring
from tests.planning.figures.vector_records import CASES, FILE, units
from tests.planning.figures.vector_recurring import Case, Pairs

BY_GROUP: dict[str, Callable[[Case], Pairs]] = {
    "calendar": others.holidays,
    "currency": cash.wire,
    "fx": cash.settled,
    "mrr_discount": recurring.mrr,
    "mrr_normalisation": recurring.mrr,
    "mrr_status": recurring.mrr,
    "mrr_tiers": recurring.tiers,
    "okr": others.key_results,
    "payments": cash.transactions,
    "prorations": recurring.upgrade,
    "tasks": others.on_time,
    "timezone": cash.local_month,
}
BY_CASE: dict[str, Callable[[Case], Pairs]] = {
    "com-01": others.fixed_and_share,
    "com-02": others.clawed_back,
    "fx-03": cash.two_currencies,
    "ins-01": cash.scheduled,
    "ins-02": cash.scheduled,
    "ins-03": cash.three_parts,
    "ins-04": cash.rounded_parts,
    "ins-06": cash.fixed_cycles,
    "lau-01": others.list_growth,
    "lau-02": others.conversion,
    "mov-01": recurring.timeline,
    "mov-03": recurring.two_lists,
    "mov-07": recurring.bridge,
    "mov-08": recurring.quantities,
    "norm-15": recurring.several_shares,
    "pay-09": cash.ways_of_paying,
    "pay-10": cash.activity,
    "rat-02": recurring.churn_of_a_difference,
    "rat-04": recurring.churn,
    "rat-05": recurring.churn_of_deletions,
    "rat-06": recurring.churn_of_thirty_days,
    "rat-07": recurring.churn,
    "rat-11": recurring.quick,
    "rat-12": recurring.per_customer,
    "stat-07": recurring.statuses,
    "task-08": others.littles_law,
    "tz-11": cash.month_starts,
}
IN_WHOLE_UNITS = {"mov-07", "rat-12"}
"""Cases whose tolerance is in whole units, where the others' is in cents."""

pytestmark = pytest.mark.skipif(not CASES, reason=f"{FILE} is not there: the reference cases are not shipped")


def named(key: str) -> str:
    return f"{key} {CASES[key]['source']['name']}"


def differences(key: str) -> dict[str, tuple[Any, Any]]:
    """What the planner and the source do not say alike, within what the source says of its own rounding."""
    case = CASES[key]
    tolerance = Fraction(case.get("tolerance", "0"))
    tolerance = tolerance if key in IN_WHOLE_UNITS else units(tolerance)
    pairs = (BY_CASE.get(key) or BY_GROUP[case["group"]])(case)
    assert pairs, f"{key}: nothing was compared"
    return {name: pair for name, pair in pairs.items() if not same(*pair, tolerance)}


def same(ours: Any, theirs: Any, tolerance: Fraction) -> bool:
    numbers = isinstance(ours, int | Fraction | Decimal) and isinstance(theirs, int | Fraction | Decimal)
    if not numbers:
        return bool(ours == theirs)
    return abs(Fraction(ours) - Fraction(theirs)) <= max(tolerance, Fraction(1, 10**9))


@pytest.mark.parametrize("key", [key for key, case in CASES.items() if case["matches_recommended"]], ids=named)
def test_a_reference_case_comes_out_as_its_source_says(key: str) -> None:
    assert differences(key) == {}


@pytest.mark.parametrize("key", [key for key, case in CASES.items() if not case["matches_recommended"]], ids=named)
def test_a_documented_defect_is_not_reproduced(key: str) -> None:
    assert differences(key)


RECOMMENDED = {"disc-14": Fraction(7 * 52, 12), "norm-11": Fraction(10 * 365, 12), "norm-14": Fraction(10 * 52, 12)}


@pytest.mark.parametrize("key", RECOMMENDED)
def test_beside_a_defect_stands_what_is_right(key: str) -> None:
    ours, _ = recurring.mrr(CASES[key])["mrr"]
    assert same(ours, RECOMMENDED[key], Fraction(0))


@pytest.mark.parametrize("key", [key for key, case in CASES.items() if case["group"] == "mrr_tiers"], ids=named)
def test_a_month_of_a_tiered_price_is_its_period(key: str) -> None:
    """They are all monthly: what Stripe bills for a period is what MRR says."""
    assert CASES[key]["expected"]["period_amount_minor"] == CASES[key]["expected"]["mrr_minor"]


def test_every_case_is_run() -> None:
    assert {key for key, case in CASES.items() if case["group"] in BY_GROUP} | set(BY_CASE) == set(CASES)
