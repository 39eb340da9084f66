"""Thousands of journeys in flight: a wake-up reads one row while nothing is due, and touches only those with something
due. `make bench` says how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.engine import wake
from hub.store import jobs, journeys
from hub.store.jobs import JobState
from tests.onboarding.many import DAY, NOW, Many, crowd

COUNT = 200


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Many]:
    with crowd(tmp_path / "crowd", COUNT) as made:
        yield made


def state(many: Many) -> JobState:
    with many.store.read() as conn:
        (found,) = jobs.listing(conn, "lila")
    return found


def planned(many: Many) -> None:
    """The worker has planned it and done what there was to do."""
    with many.store.write() as conn:
        (turn,) = jobs.claim(conn, "lila", "worker", many.now, 60)
    made = many.make()
    many.do(made)
    many.settle(made)
    with many.store.write() as conn:
        jobs.settle(conn, turn, many.now)


def test_only_journeys_with_something_due_are_touched(many: Many) -> None:
    assert not many.make().plan.actions
    many.undo(7)
    made = many.make()
    assert sorted(action.key for action in made.plan.actions) == sorted(many.undone)
    assert many.touched(made) == 7


def test_a_wake_up_with_nothing_due_plans_nothing(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(many)
    until = state(many).wake_at
    assert until is not None
    assert until > many.now
    monkeypatch.setattr(many.runtime, "view", lambda _conn: pytest.fail("the mirror was read"))
    many.now = until - timedelta(minutes=1)
    assert wake.wake(many.runtime) == "nothing is due by time"
    assert state(many).dirty_seq == state(many).planned_seq


def test_a_wake_up_when_the_time_of_a_step_has_come_plans_those_that_are_due(many: Many) -> None:
    planned(many)
    for _ in range(12):
        until = state(many).wake_at
        assert until is not None
        assert many.now < until < NOW + 30 * DAY
        many.now = until
        assert wake.wake(many.runtime) == "something is due: onboarding plans again"
        made = many.make()
        assert many.touched(made) < COUNT / 4
        assert all(_due(many, action.key) for action in made.plan.actions)
        planned(many)
        if made.plan.actions:  # what comes next is found at the next wake-up
            assert wake.wake(many.runtime) == "something is due: onboarding plans again"
            planned(many)
    assert many.now > NOW


def _due(many: Many, key: str) -> bool:
    """Whether that step of that journey was not done before."""
    from hub.store import ledger

    with many.store.read() as conn:
        return ledger.entry(conn, "lila", key) is None


def test_an_idle_wake_up_writes_nothing(many: Many) -> None:
    planned(many)
    with many.store.read() as conn:
        before = journeys.listing(conn, "lila")
    made = many.make()
    many.settle(made)
    with many.store.read() as conn:
        assert journeys.listing(conn, "lila") == before


def test_what_fails_is_due_again_at_the_next_wake_up(many: Many) -> None:
    planned(many)
    many.undo(1)
    with many.store.write() as conn:
        jobs.dirty(conn, "lila", ["onboarding"], many.now)
        (turn,) = jobs.claim(conn, "lila", "worker", many.now, 60)
    many.settle(many.make())  # its mail did not go out
    with many.store.write() as conn:
        jobs.settle(conn, turn, many.now)
    many.now += timedelta(minutes=15)
    assert wake.wake(many.runtime) == "something is due: onboarding plans again"
    assert set(many.undone) <= {action.key for action in many.make().plan.actions}


def test_paused_in_prefect_nothing_goes_on_until_it_is_started_again(many: Many) -> None:
    planned(many)
    assert wake.obey(many.runtime, off=True)
    assert not wake.obey(many.runtime, off=True)
    assert state(many).paused_reason == wake.PAUSED
    with many.store.write() as conn:  # something happens
        jobs.dirty(conn, "lila", ["onboarding"], many.now)
        assert jobs.claim(conn, "lila", "worker", many.now + DAY, 60) == []
    assert wake.wake(many.runtime) == f"onboarding: {wake.PAUSED}"
    assert wake.obey(many.runtime, off=False)
    assert not wake.obey(many.runtime, off=False)
    with many.store.write() as conn:
        assert [turn.job for turn in jobs.claim(conn, "lila", "worker", many.now, 60)] == ["onboarding"]


def test_whoever_paused_a_job_for_another_reason_resumes_it(many: Many) -> None:
    with many.store.write() as conn:
        jobs.pause(conn, "lila", "onboarding", "by hand", many.now)
    assert not wake.obey(many.runtime, off=True)
    assert not wake.obey(many.runtime, off=False)
    assert state(many).paused_reason == "by hand"


def test_nobody_reads_a_name_or_an_address_in_what_prefect_shows(many: Many) -> None:
    many.undo(3)
    made = many.make()
    assert made.discreet is not None
    headline = made.discreet.headline()
    assert headline.endswith(". welcome + 2") or headline == "C. N. welcome"
    said = made.discreet.veiled("mail to client7@example.com, Client7 N7: client8@example.com was refused")
    assert "@example" not in said
