"""Key results: how far, and whether that is far enough today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.mapping.steering import KeyResult, Objective
from hub.planning.figures.okr import Entry, elapsed, flips_on, progress, quarter_of, share_of, standing, values_of


def objective(**result: object) -> Objective:
    said = {"name": "r", "title": "R", "from": 0, "to": 100, **result}
    return Objective.model_validate({"objective": "O", "quarter": "2026-Q4", "key_results": [said]})


@pytest.mark.parametrize(
    ("start", "to", "now", "share"),
    [("10", "50", "30", Fraction(1, 2)), ("0.2", "0.1", "0.16", Fraction(2, 5)), ("5", "10", "4", Fraction(-1, 5))],
)
def test_progress_is_the_share_of_the_way_also_where_lower_is_better(
    start: str, to: str, now: str, share: Fraction
) -> None:
    result = KeyResult.model_validate({"name": "r", "title": "R", "from": Decimal(start), "to": Decimal(to)})
    assert share_of(result, Decimal(now)) == share


def test_the_last_quarter_ends_with_the_year() -> None:
    assert quarter_of("2026-Q4") == (date(2026, 10, 1), date(2027, 1, 1))
    assert quarter_of("2026-Q1") == (date(2026, 1, 1), date(2026, 4, 1))


def test_it_flips_on_the_day_on_which_the_share_falls_below() -> None:
    # Of 92 days: a half is 0.9 of what is expected after 51.1 days, and 0.6 of it after 76.7.
    half, first = Fraction(1, 2), date(2026, 10, 1)
    assert standing(half, "2026-Q4", first + timedelta(days=51)) == "on_track"
    assert standing(half, "2026-Q4", first + timedelta(days=52)) == "at_risk"
    assert standing(half, "2026-Q4", first + timedelta(days=76)) == "at_risk"
    assert standing(half, "2026-Q4", first + timedelta(days=77)) == "off_track"
    assert flips_on(half, "2026-Q4", first) == first + timedelta(days=52)
    assert flips_on(half, "2026-Q4", first + timedelta(days=52)) == first + timedelta(days=77)
    assert flips_on(Fraction(1), "2026-Q4", first) is None


def test_the_first_day_asks_for_nothing_and_the_day_after_the_last_ends_it() -> None:
    assert standing(Fraction(0), "2026-Q4", date(2026, 10, 1)) == "too_early"
    assert standing(Fraction(99, 100), "2026-Q4", date(2026, 12, 31)) == "on_track"
    assert standing(Fraction(99, 100), "2026-Q4", date(2027, 1, 1)) == "missed"
    assert standing(Fraction(1), "2026-Q4", date(2027, 1, 1)) == "reached"


@given(st.fractions(min_value=0, max_value=1), st.integers(0, 400))
def test_the_same_share_never_means_more_on_a_later_day(share: Fraction, day: int) -> None:
    order = ("too_early", "reached", "on_track", "at_risk", "off_track", "missed")
    days = [date(2026, 9, 1) + timedelta(days=day + n) for n in range(3)]
    means = [order.index(standing(share, "2026-Q4", each)) for each in days]
    assert all(one <= other for one, other in pairwise(means))
    assert 0 <= elapsed("2026-Q4", days[0]) <= 1


def test_what_is_entered_by_hand_is_the_last_entry_of_the_quarter_and_silence_is_told() -> None:
    said = [
        Entry(date(2026, 10, 5), Decimal(10)),
        Entry(date(2026, 10, 12), Decimal(20)),
        Entry(date(2026, 9, 30), Decimal(90)),
    ]
    (found,) = progress(objective(), {}, {"r": said}, date(2026, 10, 22))
    assert (found.value, found.silent, found.said_on) == (Decimal(20), None, date(2026, 10, 12))
    (found,) = progress(objective(), {}, {"r": said}, date(2026, 10, 23))
    assert found.silent == 11
    (found,) = progress(objective(), {}, {}, date(2026, 10, 12))
    assert (found.value, found.standing, found.silent) == (None, "unknown", 11)


def test_what_comes_from_a_figure_takes_its_value_and_unknown_stays_unknown() -> None:
    (found,) = progress(objective(figure="mrr"), {"mrr": Decimal(50)}, {}, date(2026, 11, 1))
    assert (found.share, found.standing, found.silent) == (Fraction(1, 2), "on_track", None)
    (found,) = progress(objective(figure="mrr"), {"mrr": None}, {}, date(2026, 11, 1))
    assert found.standing == "unknown"


def test_a_result_that_starts_where_it_ends_is_refused() -> None:
    with pytest.raises(ValidationError, match="from and to are the same"):
        objective(**{"from": 100})


def test_what_happens_is_added_over_the_quarter_and_what_there_is_is_that_of_its_newest_month() -> None:
    counted: dict[tuple[str, str], Decimal | None] = {
        ("cash_in", "2026-09"): Decimal(999), ("cash_in", "2026-10"): Decimal(100), ("cash_in", "2026-11"): Decimal(20),
        ("mrr", "2026-10"): Decimal(50), ("mrr", "2026-11"): Decimal(60),
        ("refund_rate", "2026-10"): Decimal(5), ("refund_rate", "2026-11"): None,
        ("calls_held", "2026-12"): Decimal(3), ("made_up", "2026-11"): Decimal(1),
    }  # fmt: skip
    now = values_of(counted, "2026-Q4", date(2026, 11, 21))
    assert now == {"cash_in": Decimal(120), "mrr": Decimal(60), "refund_rate": None}
    assert values_of(counted, "2026-Q4", date(2026, 10, 3)) == {
        "cash_in": Decimal(100), "mrr": Decimal(50), "refund_rate": Decimal(5),
    }  # fmt: skip
    assert values_of(counted, "2026-Q4", date(2027, 2, 1))["calls_held"] == Decimal(3)
    assert values_of(counted, "2026-Q3", date(2026, 11, 21)) == {"cash_in": Decimal(999)}
