"""Working days by country, and who is told on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.spans import Moment, Span, moment, span
from hub.planning.deadlines import OpenTask, said_on
from hub.planning.workdays import WorkingDays, holidays_of

WEEK = ("mon", "tue", "wed", "thu", "fri")
FRANCE = WorkingDays.of(WEEK, "FR")
JOB = DeadlineJob.model_validate(
    {
        "hub": 1,
        "job": "deadline_alerts",
        "says": "Warn.",
        "watch": [{"from": "asana", "project": "Lancement"}],
        "alerts": [
            {"name": "soon", "when": "3 working days before", "tell": "assignee"},
            {"name": "today", "when": "on the day", "tell": "assignee"},
            {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "by": "mail"},
        ],
    }
)


@pytest.mark.parametrize(
    ("due", "when", "day"),
    [
        ("2026-05-15", "2 working days before", "2026-05-12"),  # Ascension is the 14th
        ("2026-03-20", "3 working days before", "2026-03-17"),
        ("2026-03-22", "1 working day before", "2026-03-20"),  # a Sunday
        ("2026-12-24", "1 working day after", "2026-12-28"),  # Christmas is a Friday
        ("2026-03-20", "on the day", "2026-03-20"),
        ("2026-03-20", "1 week before", "2026-03-13"),
        ("2026-03-20", "2 days after", "2026-03-22"),
    ],
)
def test_days_are_counted_as_people_work(due: str, when: str, day: str) -> None:
    assert FRANCE.day_of(moment(when), date.fromisoformat(due)) == date.fromisoformat(day)


def test_regions_have_their_own_holidays() -> None:
    for region, day in (("BE", "2026-07-21"), ("CH-GE", "2026-09-10"), ("CA-QC", "2026-06-24"), ("LU", "2026-06-23")):
        assert date.fromisoformat(day) in holidays_of(region)
        assert date.fromisoformat(day) not in holidays_of("FR")
    assert date(2026, 7, 14) in holidays_of("FR")
    with pytest.raises(ValueError, match="XX is no country"):
        holidays_of("XX")


@pytest.mark.parametrize(
    "text", ["", "3 days ago", "0 days before", "3 months after", "the day", "1000 days before", 3]
)
def test_what_is_no_moment_is_refused(text: object) -> None:
    with pytest.raises(Exception, match="not a"):
        moment(text)


def test_spans_read_as_they_are_written() -> None:
    for text in ("1 working day", "3 working days", "4 days", "1 week", "2 hours"):
        assert str(span(text)) == text
    assert str(moment("3 working days before")) == "3 working days before"
    assert str(moment("on the day")) == "on the day"


@pytest.mark.parametrize(
    ("task", "today", "said"),
    [
        (OpenTask(title="x", due=date(2026, 3, 20), assignees=("lea",)), "2026-03-17", {"soon": ("lea",)}),
        (OpenTask(title="x", due=date(2026, 3, 23), assignees=("lea",)), "2026-03-17", {}),
        (OpenTask(title="x", due=date(2026, 3, 13)), "2026-03-17", {"late": ("obm",)}),
        (OpenTask(title="x", due=date(2026, 3, 13), assignees=("lea",)), "2026-03-17", {"late": ("lea", "obm")}),
        (OpenTask(title="x", due=date(2026, 3, 15), assignees=("lea",)), "2026-03-16", {"today": ("lea",)}),
        (OpenTask(title="x", due=date(2026, 3, 20), assignees=("lea",), done=True), "2026-03-17", {}),
        (OpenTask(title="x", due=date(2026, 3, 21), assignees=("lea",)), "2026-03-21", {}),
    ],
)
def test_the_right_person_is_told_on_the_right_day(
    task: OpenTask, today: str, said: dict[str, tuple[str, ...]]
) -> None:
    assert said_on(JOB, FRANCE, task, date.fromisoformat(today)) == said


@given(due=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_each_alert_is_said_on_exactly_one_working_day(due: date) -> None:
    task = OpenTask(title="x", due=due, assignees=("lea",))

    days = [due + timedelta(days=offset) for offset in range(-20, 21)]
    said = [(name, day) for day in days for name in said_on(JOB, FRANCE, task, day)]

    assert sorted(name for name, _ in said) == ["late", "soon", "today"]
    assert all(FRANCE.works(day) for _, day in said)


@given(due=st.dates(date(2025, 1, 1), date(2027, 12, 31)), count=st.integers(1, 30))
def test_so_many_working_days_lie_between(due: date, count: int) -> None:
    before = FRANCE.day_of(Moment("before", Span(count, "working days")), due)

    assert FRANCE.works(before)
    assert sum(FRANCE.works(before + timedelta(days=n)) for n in range((due - before).days)) == count
