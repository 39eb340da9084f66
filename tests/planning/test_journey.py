"""What is done for one client, and when: decided by what happened, not by when we heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.mapping.onboarding_job import OnboardingJob
from hub.planning.journeys.play import journey_at, played
from hub.planning.journeys.types import Doing, Fact
from tests.planning import make

MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
BUSINESS = make.business(holidays="FR", connections={"stripe": {}, "asana": {}})
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
FILE: dict[str, Any] = {
    "hub": 1, "job": "client_onboarding", "name": "onboarding", "says": "Promise.", "offer": "Offer",
    "starts_on": [{"event": "payment", "from": "stripe"}], "steps": STEPS, "changes": CHANGES,
}  # fmt: skip
JOB = OnboardingJob.model_validate(FILE)


def fact(what: Any, days: float = 0, on: float | None = None) -> Fact:
    return Fact(what=what, at=MONDAY + DAY * days, day=None if on is None else MONDAY + DAY * on)


def doings(facts: Sequence[Fact], now: datetime, job: OnboardingJob = JOB) -> tuple[Doing, ...]:
    return played(job, BUSINESS, facts, now)


def done(*facts: Fact, days: float, job: OnboardingJob = JOB) -> list[tuple[str, float]]:
    """(name, days since the first Monday) of all that is done until then."""
    return [(each.name, (each.due - MONDAY) / DAY) for each in doings(facts, MONDAY + DAY * days, job)]


def changing(**changes: Any) -> OnboardingJob:
    """The job, with other changes."""
    return OnboardingJob.model_validate({**FILE, "changes": {**CHANGES, **changes}})


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
    last = doings([fact("payment")], MONDAY + 30 * DAY)[-1]
    assert (last.name, last.what, last.who, last.text, last.n) == ("nudge", "tell", ("obm",), None, 4)


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
    facts = [fact("booking", on=14), fact("cancelled", 1), fact("payment", 2)]
    names = [name for name, _ in done(*facts, days=3.5, job=changing(booking_cancelled={}))]
    assert names == ["hello", "room"]


def test_a_refund_ends_the_journey_and_the_obm_hears_what_there_is_to_close() -> None:
    assert done(fact("payment"), fact("refunded", 1), days=30) == [("hello", 0), ("refunded", 1)]
    (*_, told) = doings([fact("payment"), fact("booking", on=14), fact("refunded", 1)], MONDAY + DAY)
    assert (told.what, told.who, told.lists) == ("tell", ("obm",), ("asana: T",))


def test_a_payment_that_fails_holds_mails_back_until_another_comes() -> None:
    failed = [fact("booking", on=14), fact("payment_failed", 1)]
    assert done(*failed, days=6) == [("payment_failed", 1)]
    assert done(*failed, fact("payment", 7), days=7) == [("payment_failed", 1), ("hello", 7), ("room", 7)]
    journey = journey_at(JOB, BUSINESS, failed, MONDAY + 6 * DAY)
    assert journey is not None
    assert (journey.state, journey.reason) == ("paused", "payment_failed")
    silent = changing(payment_failed={"pause": False, "tell": "obm"})
    assert done(fact("payment"), fact("payment_failed", 1), days=2, job=silent)[-1] == ("nudge", 2)


EVENTS = st.sampled_from(["payment", "booking", "moved", "cancelled", "no_show", "payment_failed", "refunded"])
FACTS = st.lists(st.builds(fact, EVENTS, st.integers(0, 20), st.integers(0, 40)), max_size=8, unique_by=lambda f: f.at)


@given(FACTS, st.randoms(), st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_we_hear_of_it_plays_no_part(facts: list[Fact], random: Any, days: int) -> None:
    heard = list(facts)
    random.shuffle(heard)
    now = MONDAY + DAY * days
    assert doings(heard, now) == doings(facts, now)


@given(FACTS, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_nothing_is_done_twice_or_in_the_future(facts: list[Fact], days: int) -> None:
    now = MONDAY + DAY * days
    found = doings(facts, now)
    assert len({each.key for each in found}) == len(found)
    assert all(each.due <= now for each in found)
    assert [each.due for each in found] == sorted(each.due for each in found)


@given(FACTS, st.integers(0, 40), st.integers(0, 10))
@settings(max_examples=200, deadline=None)
def test_time_alone_takes_nothing_back(facts: list[Fact], days: int, more: int) -> None:
    """What was done is still done later, unless something has happened since."""
    known = [each for each in facts if each.at <= MONDAY + DAY * days]
    before = doings(known, MONDAY + DAY * days)
    after = doings(known, MONDAY + DAY * (days + more))
    assert after[: len(before)] == before
