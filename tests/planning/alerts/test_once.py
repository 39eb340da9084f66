"""Once: the key is recipient, task, step and due value. What changes in between decides; what is over is not said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.planning.alerts.types import Memory, Snooze
from tests.planning.alerts.small import Hub, business, job, task, there, told

FRIDAY = "2026-03-20"


def test_the_key_is_recipient_task_step_and_due_value() -> None:
    hub = Hub([task("Page", "2026-03-20T17:00", "lea")])

    (digest,) = hub.plan(FRIDAY).mails

    assert digest.covers == tuple(f"lea/asana/task/Page/{s}/2026-03-20T17:00:00+00:00" for s in ("today", "soon"))


def test_a_moved_date_opens_its_own_steps_and_going_back_repeats_nothing() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])
    assert hub.send("2026-03-17") == ["lea digest: soon Page"]
    hub.change("Page", due=date(2026, 3, 27))
    assert hub.days("2026-03-18", 6) == {}
    assert hub.send("2026-03-24") == ["lea digest: soon Page"]
    hub.change("Page", due=date(2026, 3, 20))
    # Back on the 20th, which is past by now: the steps that were not said yet are, in one line.
    assert hub.send("2026-03-24T10:00") == ["lea mail: late Page", "obm mail: late Page"]
    hub.change("Page", due=date(2026, 3, 27))
    assert hub.days("2026-03-25", 2) == {}
    assert hub.send("2026-03-27") == ["lea digest: today Page"]


def test_a_date_that_is_moved_to_today_is_said_once_and_not_as_what_it_was_before() -> None:
    hub = Hub([task("Page", "2026-04-30", "lea")])
    hub.change("Page", due=date(2026, 3, 20))

    assert hub.send("2026-03-20T11:00") == ["lea digest: today Page"]
    assert hub.days("2026-03-21", 3) == {}


def test_a_date_that_is_moved_away_before_the_slot_says_nothing() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])
    hub.change("Page", due=date(2026, 6, 1))

    assert hub.send(FRIDAY) == []


def test_a_day_that_becomes_an_hour_of_that_day_is_another_due_value() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])
    assert hub.send("2026-03-20T08:30") == ["lea digest: today Page"]
    hub.change("Page", due=datetime.fromisoformat("2026-03-20T16:00+00:00"))

    assert hub.send("2026-03-23") == ["lea digest: today Page"]


@pytest.mark.parametrize(
    "over",
    [{"done": True}, {"done": True, "done_at": there("2026-03-19")}, {"due": None}, {"due": date(2026, 12, 1)}],
)
def test_what_is_done_or_put_off_is_not_said(over: dict[str, object]) -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])
    hub.change("Page", **over)

    assert hub.days("2026-03-17", 14) == {}


def test_a_task_that_is_opened_again_goes_on_where_it_was() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])
    hub.send("2026-03-17")
    hub.change("Page", done=True)
    assert hub.send(FRIDAY) == []
    hub.change("Page", done=False)

    assert hub.send(FRIDAY) == ["lea digest: today Page"]


def test_days_of_silence_end_in_one_digest_with_one_line_for_each_task() -> None:
    digest_only = job(
        {"name": "soon", "when": "3 working days before", "tell": "assignee"},
        {"name": "today", "when": "on the day", "tell": "assignee"},
        {"name": "late", "when": "1 working day after", "tell": "assignee"},
    )
    hub = Hub([task(f"T{n}", f"2026-03-{n}", "lea") for n in (17, 18, 19)], job=digest_only)

    assert hub.send("2026-03-20") == ["lea digest: late T17, late T18, late T19"]
    assert hub.days("2026-03-21", 10) == {}


def test_a_less_severe_step_is_not_said_after_a_more_severe_one() -> None:
    same_day = job(
        {"name": "mail", "when": "on the day", "tell": "assignee", "by": "mail"},
        {"name": "digest", "when": "on the day", "tell": "assignee"},
        digest_at="10:00",
    )
    hub = Hub([task("Page", FRIDAY, "lea")], job=same_day)

    assert hub.send("2026-03-20T10:00") == ["lea digest: digest Page"]
    assert hub.send("2026-03-20T11:00") == []
    # In its own time each is said: the mail at the first of the hours, then what is more severe.
    slow = Hub([task("Page", FRIDAY, "lea")], job=same_day)
    assert slow.send("2026-03-20T08:30") == ["lea mail: mail Page"]
    assert slow.send("2026-03-20T10:00") == ["lea digest: digest Page"]


def test_the_same_mail_has_the_same_key_and_another_one_has_another() -> None:
    hub = Hub([task("Page", FRIDAY, "lea"), task("Blog", FRIDAY, "lea")])
    first, again = hub.plan("2026-03-20T09:00").mails, hub.plan("2026-03-20T09:05").mails

    assert [mail.key for mail in first] == [mail.key for mail in again]
    hub.change("Blog", done=True)
    assert [mail.key for mail in hub.plan("2026-03-20T09:05").mails] != [mail.key for mail in first]


def test_a_snooze_of_another_date_neither_hides_nor_repeats() -> None:
    """It holds for the due value for which it was asked: a new date is said as ever, and once."""
    until = Snooze(date(2026, 3, 25), FRIDAY)
    hub = Hub([task("Page", "2026-03-23", "lea")], memory=Memory(snoozed={("asana/task/Page", "lea"): until}))

    assert hub.days("2026-03-18", 7) == {
        "2026-03-18": ["lea digest: soon Page"],
        "2026-03-23": ["lea digest: today Page"],
    }
    assert hub.days("2026-03-25", 1) == {"2026-03-25": ["lea mail: late Page", "obm mail: late Page"]}
    assert hub.days("2026-03-26", 5) == {"2026-03-30": ["ceo digest: stuck Page"]}
    assert not [key for key in hub.memory.said if "snoozed" in key]


def test_what_a_mail_says_is_to_be_read_again_before_it_goes() -> None:
    hub = Hub([task("Page", FRIDAY, "lea"), task("Fini", FRIDAY, "lea", done=True), task("Loin", "2026-09-01", "lea")])

    assert hub.plan(FRIDAY).reread == ("asana/task/Page",)
    assert hub.plan("2026-03-21").reread == ()


DUES = st.none() | st.dates(date(2026, 3, 1), date(2026, 4, 10))
EDITS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["due", "who", "done"]),
        DUES,
        st.sampled_from([(), ("lea",), ("lea", "max")]),
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(days=st.lists(EDITS, min_size=5, max_size=25))
def test_no_key_is_ever_said_twice_and_nothing_that_is_done(
    days: list[list[tuple[int, str, date | None, tuple[str, ...]]]],
) -> None:
    hub = Hub([task(f"T{n}", f"2026-03-{10 + n}", "lea") for n in range(4)], business())
    seen: set[str] = set()
    for number, edits in enumerate(days):
        for at, what, due, who in edits:
            edits_of: dict[str, dict[str, Any]] = {"due": {"due": due}, "who": {"assignees": who}}
            edits_of["done"] = {"done": due is None}
            hub.change(f"T{at}", **edits_of[what])
        now = there(f"2026-03-{1 + number:02}")
        mails = hub.plan(now).mails
        leads = [line.keys[0] for mail in mails for line in mail.lines]
        assert len(leads) == len(set(leads))
        assert not seen & set(leads)
        assert all(line.task is not None and not line.task.done for mail in mails for line in mail.lines)
        assert told(mails) == hub.send(now)
        assert hub.send(now) == []
        seen |= {key for mail in mails for key in mail.covers}
        assert hub.memory.said == seen


def test_an_alert_of_a_mail_that_failed_is_said_by_the_next_with_the_same_key() -> None:
    hub = Hub([task("Page", "2026-03-18", "lea")])
    failed = hub.plan(FRIDAY).mails  # not remembered: nothing of it is in `said`

    assert [mail.key for mail in hub.plan("2026-03-20T15:00").mails] == [mail.key for mail in failed]
    assert Hub(hub.tasks, memory=Memory(said=frozenset(failed[0].covers))).send(FRIDAY) == ["obm mail: late Page"]
