"""What is done for one client, and when: decided by what happened, not by when we heard of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journey import Calendar, Doing, Fact, doings
from hub.planning.workdays import WorkingDays

MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri")
CALENDAR = Calendar(days=WorkingDays.of(WEEK, "FR"), zone=ZoneInfo("Europe/Paris"))
DAY = timedelta(days=1)
STEPS: list[dict[str, Any]] = [
    {"name": "hello", "after": "payment", "send": "welcome"},
    {"name": "room", "after": ["payment", "booking"], "copy": {"to": "asana", "template": "T"}},
    {"name": "nudge", "after": "payment", "if_no": "booking", "wait": "2 days", "send": "please_book",
     "repeat": {"every": "3 days", "times": 2, "then_tell": "obm"}},
    {"name": "ready", "before": "booking", "by": "1 working day", "send": "prepare"},
]  # fmt: skip
CHANGES = {
    "booking_moved": {"send": "new_time"},
    "booking_cancelled": {"pause": True, "tell": "obm"},
    "refunded": {"stop": True},
}
JOB = OnboardingJob.model_validate(
    {
        "hub": 1, "job": "client_onboarding", "name": "onboarding", "says": "Promise.", "offer": "Offer",
        "starts_on": [{"event": "payment", "from": "stripe"}], "steps": STEPS, "changes": CHANGES,
    }
)  # fmt: skip


def fact(what: Any, days: float = 0, on: float | None = None) -> Fact:
    return Fact(what=what, at=MONDAY + DAY * days, day=None if on is None else MONDAY + DAY * on)


def done(*facts: Fact, days: float) -> list[tuple[str, float]]:
    """(name, days since the first Monday) of all that is done until then."""
    found = doings(JOB, facts, MONDAY + DAY * days, CALENDAR)
    return [(each.name, (each.at - MONDAY) / DAY) for each in found]


def test_a_step_waits_for_all_that_it_comes_after() -> None:
    assert done(fact("payment"), days=0) == [("hello", 0)]
    assert done(fact("booking", 1, on=20), fact("payment", 2), days=2) == [("hello", 2), ("room", 2)]


def test_a_repeated_event_does_nothing_again() -> None:
    assert done(fact("payment"), fact("payment", 1), days=1) == [("hello", 0)]


def test_a_reminder_stops_when_what_it_asks_for_happens() -> None:
    assert done(fact("payment"), days=20) == [("hello", 0), ("nudge", 2), ("nudge", 5), ("nudge", 8), ("nudge", 11)]
    booked = done(fact("payment"), fact("booking", 4, on=30), days=20)
    assert booked == [("hello", 0), ("nudge", 2), ("room", 4)]


def test_after_the_last_reminder_a_person_is_told_and_nothing_is_sent() -> None:
    last = doings(JOB, [fact("payment")], MONDAY + 30 * DAY, CALENDAR)[-1]
    assert (last.name, last.tell, last.text, last.time) == ("nudge", ("obm",), None, 4)


def test_what_comes_before_an_appointment_is_counted_in_working_days_and_follows_its_move() -> None:
    booked = fact("booking", on=7)  # the Monday after
    assert ("ready", 4.0) in done(booked, days=7)
    moved = (booked, fact("moved", 1, on=9))
    assert ("ready", 8.0) in done(*moved, days=9)
    assert ("ready", 4.0) not in done(*moved, days=9)


def test_an_appointment_made_at_the_last_minute_is_prepared_at_once() -> None:
    assert ("ready", 0.0) in done(fact("booking", on=0.2), days=0)


def test_while_an_appointment_is_cancelled_steps_wait_for_the_next_one() -> None:
    facts = [fact("booking", on=14), fact("cancelled", 1), fact("payment", 2)]
    assert done(*facts, days=6) == [("booking_cancelled", 1)]
    resumed = done(*facts, fact("booking", 7, on=21), days=7)
    assert resumed == [("booking_cancelled", 1), ("hello", 7), ("room", 7)]


def test_without_a_pause_a_cancelled_appointment_holds_nothing_up() -> None:
    job = JOB.model_copy(update={"changes": JOB.changes.model_copy(update={"booking_cancelled": JOB.changes.no_show})})
    facts = [fact("booking", on=14), fact("cancelled", 1), fact("payment", 2)]
    names = [each.name for each in doings(job, facts, MONDAY + 6 * DAY, CALENDAR)]
    assert names == ["hello", "room"]


def test_a_refund_ends_the_journey() -> None:
    assert done(fact("payment"), fact("refunded", 1), days=30) == [("hello", 0)]


EVENTS = st.sampled_from(["payment", "booking", "moved", "cancelled", "no_show", "refunded"])
FACTS = st.lists(st.builds(fact, EVENTS, st.integers(0, 20), st.integers(0, 40)), max_size=8, unique_by=lambda f: f.at)


@given(FACTS, st.randoms(), st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_we_hear_of_it_plays_no_part(facts: list[Fact], random: Any, days: int) -> None:
    heard = list(facts)
    random.shuffle(heard)
    now = MONDAY + DAY * days
    assert doings(JOB, heard, now, CALENDAR) == doings(JOB, facts, now, CALENDAR)


@given(FACTS, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_nothing_is_done_twice_or_in_the_future(facts: list[Fact], days: int) -> None:
    now = MONDAY + DAY * days
    found = doings(JOB, facts, now, CALENDAR)
    assert len({(each.name, each.time) for each in found}) == len(found)
    assert all(each.at <= now for each in found)
    assert [each.at for each in found] == sorted(each.at for each in found)


@given(FACTS, st.integers(0, 40), st.integers(0, 10))
@settings(max_examples=200, deadline=None)
def test_time_alone_takes_nothing_back(facts: list[Fact], days: int, more: int) -> None:
    """What was done is still done later, unless something has happened since."""
    known = [each for each in facts if each.at <= MONDAY + DAY * days]
    before: tuple[Doing, ...] = doings(JOB, known, MONDAY + DAY * days, CALENDAR)
    after = doings(JOB, known, MONDAY + DAY * (days + more), CALENDAR)
    assert set(before) <= set(after)
