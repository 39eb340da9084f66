"""Working days by country, and who is told on which day."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.spans import Moment, Span, moment, span, term
from hub.planning.alerts.steps import Steps, said_on
from hub.planning.alerts.types import Task
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


def test_terms_read_as_they_are_written_and_count_back_in_whole_months() -> None:
    for text in ("1 month", "18 months", "1 year", "3 years"):
        assert str(term(text)) == text
    assert term("3 years").before(date(2028, 2, 29)) == date(2025, 2, 28)
    assert term("1 month").before(date(2026, 3, 31)) == date(2026, 2, 28)
    assert term("14 months").before(date(2026, 1, 5)) == date(2024, 11, 5)
    assert term("999 years").before(date(999, 1, 1)) == date.min
    for text in ("", "0 years", "3 days", "1000 months", "years"):
        with pytest.raises(Exception, match="not months or years"):
            term(text)


PEOPLE = ("lea", "obm")
PARIS = {name: Steps(JOB.alerts, FRANCE, ZoneInfo("Europe/Paris")) for name in PEOPLE}


def said(due: date, *who: str) -> dict[str, tuple[tuple[str, str], ...]]:
    task = Task(id="1", connection="asana", stream="task", key="1", title="x", due=due, assignees=who)
    return {day.isoformat(): told for day, told in said_on(JOB, PARIS, PEOPLE, task, date.max).items()}


@pytest.mark.parametrize(
    ("due", "who", "day", "told"),
    [
        ("2026-03-20", ("lea",), "2026-03-17", (("soon", "lea"),)),
        ("2026-03-23", ("lea",), "2026-03-17", ()),
        ("2026-03-13", (), "2026-03-17", (("late", "obm"),)),
        ("2026-03-13", ("lea",), "2026-03-17", (("late", "lea"), ("late", "obm"))),
        ("2026-03-15", ("lea",), "2026-03-16", (("today", "lea"),)),
        ("2026-03-21", ("lea",), "2026-03-21", ()),
        ("2026-03-13", ("somebody else",), "2026-03-17", (("late", "obm"),)),
    ],
)
def test_the_right_person_is_told_on_the_right_day(
    due: str, who: tuple[str, ...], day: str, told: tuple[tuple[str, str], ...]
) -> None:
    assert said(date.fromisoformat(due), *who).get(day, ()) == told


def test_of_steps_that_meet_on_one_day_only_the_most_severe_is_said() -> None:
    alerts = [{"name": name, "when": when, "tell": "assignee"} for name, when in
              (("today", "on the day"), ("late", "1 working day after"))]  # fmt: skip
    job = DeadlineJob.model_validate({**JOB.model_dump(by_alias=True, exclude={"alerts", "name"}), "alerts": alerts})
    holiday = WorkingDays(FRANCE.days, FRANCE.holidays, frozenset({date(2026, 3, 20)}))
    steps = {name: Steps(job.alerts, holiday, ZoneInfo("Europe/Paris")) for name in PEOPLE}
    task = Task(id="1", connection="a", stream="t", key="1", title="x", due=date(2026, 3, 20), assignees=("lea",))

    assert said_on(job, steps, PEOPLE, task, date.max) == {date(2026, 3, 23): (("late", "lea"),)}


@given(due=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_each_alert_is_said_on_exactly_one_working_day(due: date) -> None:
    days = said(due, "lea")

    assert sorted(name for told in days.values() for name, who in told if who == "lea") == ["late", "soon", "today"]
    assert all(FRANCE.works(date.fromisoformat(day)) for day in days)


@given(due=st.dates(date(2025, 1, 1), date(2027, 12, 31)), count=st.integers(1, 30))
def test_so_many_working_days_lie_between(due: date, count: int) -> None:
    before = FRANCE.day_of(Moment("before", Span(count, "working days")), due)

    assert FRANCE.works(before)
    assert sum(FRANCE.works(before + timedelta(days=n)) for n in range((due - before).days)) == count
