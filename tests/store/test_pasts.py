"""What is remembered of tasks over time: first dates, postponements, ends; and that only what is new is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from hub.core.pasts import Due, Past
from hub.planning.alerts.pasts import learn, learned
from hub.planning.alerts.types import Task
from hub.store import pasts
from hub.store.database import Store
from hub.store.schema import task_pasts
from tests.store.conftest import NOW

PARIS = ZoneInfo("Europe/Paris")
FRIDAY, MONDAY, TUESDAY = date(2026, 3, 20), date(2026, 3, 23), date(2026, 3, 24)
HOUR = timedelta(hours=1)


def task(due: Due | None = None, key: str = "1", **more: Any) -> Task:
    return Task(id=f"asana/task/{key}", connection="asana", stream="task", key=key, title="Page", due=due, **more)


def after(*seen: Task, past: Past | None = None) -> Past:
    """What is known once these were seen one after the other, an hour apart."""
    for hours, each in enumerate(seen):
        past = learned(past, each, NOW + hours * HOUR, PARIS)
    assert past is not None
    return past


def note(conn: Connection, business: str, job: str, tasks: Sequence[Task], now: datetime) -> Mapping[str, Past]:
    """What is known once these were seen, kept."""
    known = learn(pasts.load(conn, business, job), tasks, now, PARIS)
    pasts.put(conn, business, job, known, now)
    return known


def test_a_date_that_goes_later_is_counted_and_the_first_one_is_kept() -> None:
    assert after(task(FRIDAY)) == Past(first_due=FRIDAY, postponed=0, due=FRIDAY)
    assert after(task(FRIDAY), task(MONDAY), task(MONDAY), task(TUESDAY)) == Past(
        first_due=FRIDAY, postponed=2, due=TUESDAY
    )
    assert after(task(MONDAY), task(FRIDAY)) == Past(first_due=MONDAY, postponed=0, due=FRIDAY)
    assert after(task(None), task(FRIDAY)) == Past(first_due=FRIDAY, postponed=0, due=FRIDAY)


def test_a_date_that_is_taken_away_and_set_again_later_was_postponed() -> None:
    assert after(task(FRIDAY), task(None)) == Past(first_due=FRIDAY, postponed=0, due=FRIDAY)
    assert after(task(FRIDAY), task(None), task(MONDAY)).postponed == 1


def test_an_hour_given_to_a_day_postpones_nothing_and_days_are_those_of_the_business() -> None:
    noon, night = datetime(2026, 3, 20, 11, tzinfo=UTC), datetime(2026, 3, 20, 23, 30, tzinfo=UTC)
    assert after(task(FRIDAY), task(noon)).postponed == 0
    assert after(task(FRIDAY), task(night)).postponed == 1  # half past midnight in Paris
    assert after(task(noon), task(noon + HOUR)).postponed == 1
    assert after(task(night), task(date(2026, 3, 21))).postponed == 0


def test_the_end_keeps_the_date_that_was_promised_then_whatever_is_changed_after_it() -> None:
    end = NOW + HOUR
    open_, finished = task(FRIDAY), task(MONDAY, done=True, done_at=end)
    wanted = Past(first_due=FRIDAY, postponed=1, due_when_done=MONDAY, due=MONDAY, done=True, done_at=end)
    assert after(open_, finished) == wanted
    assert after(open_, finished, replace(finished, due=date(2027, 1, 1), done_at=end + HOUR)) == wanted


def test_a_task_that_is_open_again_has_no_end() -> None:
    again = after(task(FRIDAY), task(FRIDAY, done=True), task(FRIDAY))
    assert again == Past(first_due=FRIDAY, postponed=0, due=FRIDAY)
    assert after(task(MONDAY, done=True), past=again).due_when_done == MONDAY


def test_where_the_tool_does_not_say_when_it_was_done_it_was_when_it_was_last_touched_or_seen() -> None:
    assert after(task(FRIDAY), task(FRIDAY, done=True)).done_at == NOW + HOUR
    touched = NOW + timedelta(minutes=20)
    assert after(task(FRIDAY), task(FRIDAY, done=True, touched_at=touched)).done_at == touched
    assert after(task(FRIDAY), task(FRIDAY, done=True, touched_at=NOW + 2 * HOUR)).done_at == NOW + HOUR


def test_a_task_that_was_done_before_it_was_first_seen_has_no_end_that_we_saw() -> None:
    long_ago = task(FRIDAY, done=True, done_at=NOW - timedelta(days=2))
    assert after(long_ago, long_ago) == Past(
        first_due=FRIDAY, postponed=0, due=FRIDAY, done=True, done_at=long_ago.done_at
    )
    unknown = task(FRIDAY, done=True, touched_at=NOW)
    assert after(unknown, unknown).done_at is None
    just_now = task(FRIDAY, done=True, done_at=NOW - HOUR)
    assert after(just_now).due_when_done == FRIDAY


def test_what_was_learned_is_kept_and_only_what_is_new_is_written(store: Store) -> None:
    with store.write() as conn:
        first = note(conn, "b", "deadlines", [task(FRIDAY), task(None, "2")], NOW)
        assert pasts.load(conn, "b", "deadlines") == first
    with store.write() as conn:
        moved = task(datetime(2026, 3, 23, 8, 30, tzinfo=UTC))
        second = note(conn, "b", "deadlines", [moved], NOW + HOUR)
        assert pasts.load(conn, "b", "deadlines") == second
        assert second["asana/task/2"] == Past(first_due=None, postponed=0)
        assert second[moved.id] == Past(first_due=FRIDAY, postponed=1, due=moved.due)
        written = dict(conn.execute(select(task_pasts.c.task, task_pasts.c.seen_at)).tuples().all())
        assert written == {"asana/task/1": NOW + HOUR, "asana/task/2": NOW}
        note(conn, "b", "deadlines", [moved], NOW + 2 * HOUR)
        assert dict(conn.execute(select(task_pasts.c.task, task_pasts.c.seen_at)).tuples().all()) == written


def test_an_end_with_and_without_a_date_comes_back_as_it_was(store: Store) -> None:
    ended = [
        task(FRIDAY, "1", done=True, done_at=NOW),
        task(None, "2", done=True, done_at=NOW),
        task(FRIDAY, "3", done=True),
    ]
    with store.write() as conn:
        note(conn, "b", "deadlines", [replace(each, done=False, done_at=None) for each in ended[:2]], NOW)
        known = note(conn, "b", "deadlines", ended, NOW + HOUR)
        assert pasts.load(conn, "b", "deadlines") == known
        assert [(past.done, past.done_at, past.due_when_done) for _, past in sorted(known.items())] == [
            (True, NOW, FRIDAY),
            (True, NOW, None),
            (True, None, None),
        ]


@pytest.mark.parametrize(("business", "job"), [("other", "deadlines"), ("b", "other")])
def test_another_business_and_another_job_know_nothing_of_it(store: Store, business: str, job: str) -> None:
    with store.write() as conn:
        note(conn, "b", "deadlines", [task(FRIDAY)], NOW)
        assert pasts.load(conn, business, job) == {}
        note(conn, business, job, [task(MONDAY)], NOW)
        assert pasts.load(conn, "b", "deadlines")["asana/task/1"].due == FRIDAY


DUES = st.sampled_from([None, FRIDAY, MONDAY, TUESDAY])


@given(st.lists(st.tuples(DUES, st.booleans()), min_size=1))
def test_seeing_the_same_again_teaches_nothing_and_a_plain_count_agrees(seen: list[tuple[date | None, bool]]) -> None:
    past: Past | None = None
    promised: list[date] = []
    was_done = False
    for hours, (due, done) in enumerate(seen):
        now = NOW + hours * HOUR
        each = task(due, done=done)
        past = learned(past, each, now, PARIS)
        assert learned(past, each, now + HOUR, PARIS) == past
        if due is not None and not (was_done and done):
            promised.append(due)
        was_done = done
    assert past is not None
    assert past.first_due == (promised[0] if promised else None)
    assert past.postponed == sum(one < other for one, other in pairwise(promised))
    assert past.done == seen[-1][1]
