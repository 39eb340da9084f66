"""The month so far is compared with as much of the month before."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.planning.calendar import month_of
from hub.planning.figures.cash import cash
from hub.planning.figures.months import so_far
from hub.planning.figures.rules import Rules
from tests.planning.businesses import ZONES
from tests.planning.figures.kit import kept, moved, only
from tests.planning.make import NOW, eur, utc

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-21T10:00", "2026-10-21T09:00"),  # 11:00 in Paris, in winter and in summer
        ("2026-03-31T10:00", "2026-02-28T23:00"),  # February is too short: the whole of it
        ("2026-10-31T23:30", "2026-09-30T22:30"),  # already November in Paris
        ("2026-12-31T12:00", "2026-11-30T23:00"),
        ("2026-03-29T00:59", "2026-02-28T23:00"),
    ],
)
def test_the_month_before_is_taken_until_the_same_local_day_and_time(now: str, end: str) -> None:
    current, before = so_far(utc(now), PARIS)
    assert (current.end, before.end) == (utc(now), utc(end))
    assert (current.start, before.start) == (month_of(utc(now), PARIS).start, month_of(before.start, PARIS).start)


@settings(deadline=None)
@given(st.integers(0, 10 * 365 * 24 * 60), st.sampled_from(ZONES))
def test_both_begin_with_their_month_and_hold_the_same_number_of_days(minutes: int, name: str) -> None:
    now, zone = utc("2020-01-01") + timedelta(minutes=minutes), ZoneInfo(name)
    current, before = so_far(now, zone)
    whole = month_of(before.start, zone)
    assert month_of(now, zone).start == current.start
    assert whole.end == current.start
    assert before.start <= before.end <= whole.end
    assert (current.label, before.label) == (month_of(now, zone).label, whole.label)
    gone, then = current.end - current.start, before.end - before.start
    assert then == whole.end - whole.start or abs(gone - then) <= timedelta(hours=1)


def test_figures_can_be_counted_over_it() -> None:
    found = kept(
        moved("a", "10", "2026-10-21T08:59", "charge"),
        moved("b", "20", "2026-10-21T09:00", "charge"),
        moved("c", "40", "2026-11-21T09:59", "charge"),
    )
    figures = list(cash(found, Rules(), so_far(NOW, PARIS)))
    assert only(figures, "cash_in", "2026-10").value == eur(10)
    assert only(figures, "cash_in", "2026-11").value == eur(40)
