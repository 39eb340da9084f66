"""How: one digest a day for all, in order, never empty; mails of their own; open hours, slots and the week's budget."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.planning.alerts.types import Memory, Sent
from tests.planning.alerts.small import ALERTS, Hub, business, job, task, there, told

FRIDAY = "2026-03-20"
LATE = next(alert for alert in ALERTS if alert["name"] == "late")


def test_one_digest_holds_the_late_the_ones_of_today_and_the_coming_ones_of_every_place() -> None:
    hub = Hub(
        [
            task("Bientôt", "2026-03-25", "lea"),
            task("Page", FRIDAY, "lea"),
            task("Blog", FRIDAY, "lea", connection="trello", place="Calendrier"),
            task("Hier", "2026-03-19", "lea"),
        ]
    )

    (digest,) = hub.plan(FRIDAY).mails

    assert told([digest]) == ["lea digest: today Hier, today Blog, today Page, soon Bientôt"]
    assert [line.group for line in digest.lines] == ["late", "today", "today", "soon"]
    assert digest.key.startswith("deadlines/digest/lea/2026-03-20/")


def test_what_was_done_since_the_last_digest_comes_first_and_only_her_own() -> None:
    tasks = [task("Page", "2026-03-19", "lea"), task("Blog", "2026-03-19", "max"), task("Suite", FRIDAY, "lea", "max")]
    hub = Hub(tasks)
    hub.send("2026-03-19")
    hub.change("Page", done=True, done_at=there("2026-03-19T15:00"))
    hub.change("Blog", done=True, done_at=there("2026-03-19T16:00"))
    hub.tasks.append(task("Ancienne", "2026-03-02", "lea", done=True, done_at=there("2026-03-03")))

    assert hub.send(FRIDAY) == ["lea digest: Page | today Suite", "max digest: Blog | today Suite"]
    assert hub.plan("2026-03-23").mails == ()


def test_a_digest_is_never_empty_not_even_with_what_was_done() -> None:
    hub = Hub([task("Page", "2026-03-19", "lea")])
    hub.send("2026-03-19")
    hub.change("Page", done=True, done_at=there("2026-03-19T15:00"))

    assert hub.days(FRIDAY, 10) == {}


def test_a_mail_of_its_own_has_its_text_and_a_key_without_a_day() -> None:
    (mail, _) = Hub([task("Page", "2026-03-18", "lea")]).plan(FRIDAY).mails

    assert (mail.kind, mail.text) == ("mail", "late_task")
    assert mail.key == "deadlines/mail/lea/asana/task/Page/late/2026-03-18"
    assert mail.covers == tuple(f"lea/asana/task/Page/{step}/2026-03-18" for step in ("late", "today", "soon"))


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        ("2026-03-20T08:29", 0),
        ("2026-03-20T08:30", 2),
        ("2026-03-20T18:00", 2),
        ("2026-03-20T18:01", 0),
        ("2026-03-20T23:00", 0),
        ("2026-03-21T10:00", 0),  # a Saturday
        ("2026-03-22T00:00", 0),  # midnight on a Sunday
        ("2026-04-06T10:00", 0),  # Easter Monday
        ("2026-04-07T10:00", 2),
    ],
)
def test_no_mail_goes_out_at_night_on_a_weekend_or_on_a_holiday(at: str, sent: int) -> None:
    hub = Hub([task("Page", "2026-03-17", "lea")], job=job(LATE))

    assert len(hub.send(at)) == sent
    waiting = hub.plan(at).waiting
    assert [reader for reader, _ in waiting] == ([] if sent else ["lea", "obm"])
    assert all(slot > there(at) for _, slot in waiting)


def test_what_waits_goes_out_in_the_next_open_slot() -> None:
    hub = Hub([task("Page", FRIDAY, "lea")])

    assert hub.plan("2026-03-20T20:00").waiting == (("lea", there("2026-03-23T08:30")),)
    assert hub.plan("2026-03-20T20:00").next_at == there("2026-03-23T08:30")
    assert hub.plan("2026-03-20T06:00").waiting == (("lea", there("2026-03-20T08:30")),)
    assert hub.plan("2026-03-16T20:00").waiting == ()  # no step is open yet: it is ahead
    assert hub.plan("2026-03-16T20:00").next_at == there("2026-03-17T08:30")


def test_hours_are_those_of_the_reader() -> None:
    hub = Hub([task("Page", FRIDAY, "lea", "max")], business(max={"timezone": "America/Montreal", "holidays": "CA-QC"}))

    assert hub.send("2026-03-20T08:30") == ["lea digest: today Page"]
    assert hub.send("2026-03-20T13:29") == []
    assert hub.send("2026-03-20T13:30") == ["max digest: today Page"]


def test_nothing_goes_out_before_the_schedule_opened_the_slot() -> None:
    hub = Hub([task("Page", FRIDAY, "lea"), task("Retard", "2026-03-18", "max")], paused=True)

    hub.memory = Memory(round=None)
    assert hub.send("2026-03-20T09:00") == []
    hub.memory = Memory(round=there("2026-03-19T08:30"))
    assert hub.send("2026-03-20T09:00") == []
    hub.memory = Memory(round=there("2026-03-20T08:30"))
    assert len(hub.send("2026-03-20T09:00")) == 3


def test_a_change_later_in_the_day_goes_at_once_unless_todays_digest_went_out() -> None:
    hub = Hub([task("Page", "2026-04-30", "lea")])
    assert hub.send("2026-03-20T08:30") == []
    hub.change("Page", due=there(FRIDAY).date())

    assert hub.send("2026-03-20T14:10") == ["lea digest: today Page"]
    hub.tasks.append(task("Blog", FRIDAY, "lea"))
    assert hub.send("2026-03-20T14:20") == []
    assert hub.plan("2026-03-20T14:20").waiting == (("lea", there("2026-03-23T08:30")),)
    assert hub.send("2026-03-23T08:30") == ["lea digest: today Blog"]


def test_a_digest_may_go_out_later_than_the_hours_begin_and_a_mail_does_not_wait_for_it() -> None:
    hub = Hub([task("Page", FRIDAY, "lea"), task("Retard", "2026-03-18", "max")], job=job(digest_at="10:00"))

    assert hub.send("2026-03-20T08:30") == ["max mail: late Retard", "obm mail: late Retard"]
    assert hub.send("2026-03-20T10:00") == ["lea digest: today Page"]


def test_past_the_budget_of_a_week_mails_join_the_digest() -> None:
    hub = Hub([task(f"T{n}", "2026-03-18", "lea") for n in range(5)], job=job(most_per_week=3))

    sent = [line for line in hub.send(FRIDAY) if line.startswith("lea")]
    assert sent == ["lea digest: late T3, late T4", "lea mail: late T0", "lea mail: late T1", "lea mail: late T2"]
    hub.tasks.append(task("T5", "2026-03-19", "lea"))
    assert [line for line in hub.send("2026-03-23") if line.startswith("lea")] == ["lea mail: late T5"]  # another week


def test_only_this_weeks_mails_count_and_a_week_begins_on_monday_where_the_reader_is() -> None:
    sent = (
        Sent(reader="lea", kind="mail", at=there("2026-03-15T22:59")),
        Sent(reader="lea", kind="digest", at=there("2026-03-19")),
    )
    hub = Hub([task("Page", "2026-03-18", "lea")], job=job(most_per_week=1), memory=Memory(sent=sent))

    assert "lea mail: late Page" in told(hub.plan(FRIDAY).mails)
    hub.memory = Memory(sent=(Sent(reader="lea", kind="mail", at=there("2026-03-16T00:01")),))
    assert "lea digest: late Page" in told(hub.plan(FRIDAY).mails)


def test_a_digest_shows_the_most_severe_and_counts_the_others_which_are_said_too() -> None:
    tasks = [task(f"T{n:02}", "2026-03-25" if n % 2 else "2026-03-19", "lea") for n in range(14)]
    hub = Hub(tasks, job=job(most_per_week=8))

    (digest,) = hub.plan(FRIDAY).mails
    assert [line.group for line in digest.lines] == ["late"] * 7 + ["soon"]
    assert digest.more == 6
    assert len(digest.folded) == 6
    assert len(digest.covers) == 7 * 2 + 7
    assert len(hub.plan(FRIDAY).reread) == 14  # a count is as fresh as a line
    hub.send(FRIDAY)
    assert hub.send("2026-03-23")[0].startswith("lea mail: late")
    assert "soon" not in " ".join(hub.send("2026-03-24"))


def test_the_order_of_the_tasks_means_nothing() -> None:
    tasks = [task(f"T{n}", f"2026-03-{10 + n}", *(("lea",) if n % 2 else ("lea", "max"))) for n in range(14)]

    there_and_back = Hub(tasks).plan(FRIDAY), Hub(tasks[::-1]).plan(FRIDAY)

    assert there_and_back[0] == there_and_back[1]
    assert len(there_and_back[0].mails) > 5


def test_a_digest_that_was_begun_counts_as_todays_whatever_became_of_it() -> None:
    sent = (Sent(reader="lea", kind="digest", at=there("2026-03-20T08:30")),)
    hub = Hub([task("Page", FRIDAY, "lea")], memory=Memory(sent=sent))

    assert hub.send("2026-03-20T08:31") == []
    assert hub.send("2026-03-23T08:30") == ["lea digest: today Page"]


def test_next_at_is_when_the_next_step_opens_for_somebody() -> None:
    people = business(max={"timezone": "Indian/Reunion"})
    hub = Hub([task("Page", "2026-03-27", "lea"), task("Blog", "2026-03-27", "max")], people)

    assert hub.plan(FRIDAY).mails == ()
    assert hub.plan(FRIDAY).next_at == there("2026-03-24T08:30", "Indian/Reunion")
    assert Hub([]).plan(FRIDAY).next_at is None
    assert Hub([task("Page", None, "lea")]).plan(FRIDAY).next_at is None


def test_between_the_instants_that_it_names_a_plan_stays_the_same() -> None:
    tasks = [task(f"T{n}", f"2026-03-{18 + n}", "lea", "max") for n in range(10)]
    hub = Hub(tasks)
    at, ends = there("2026-03-16T00:00"), there("2026-04-10T00:00")
    said: list[str] = []
    while at < ends:
        said += hub.send(at)
        following = hub.plan(at).next_at or ends
        assert hub.plan(at).mails == hub.plan(at + (following - at) / 2).mails == ()
        at = following

    assert sorted(said) == sorted(line for lines in Hub(tasks).days("2026-03-16", 25).values() for line in lines)


def test_the_hub_was_down_for_days_and_says_each_task_once_with_its_most_severe_step() -> None:
    hub = Hub([task(f"T{n}", f"2026-03-{n}", "lea") for n in range(10, 20)])
    hub.days("2026-03-02", 7)  # to the 8th

    sent = hub.send(there("2026-03-25") + timedelta(hours=1))

    assert [line.split(":")[0] for line in sent].count("lea digest") <= 1
    lines = [line for mail in sent if mail.startswith("lea") for line in mail.split(": ")[1].split(", ")]
    assert sorted(lines) == [f"late T{n}" for n in range(10, 20)]
    assert hub.send(there("2026-03-25") + timedelta(hours=2)) == []


def test_memory_may_hold_more_than_there_is() -> None:
    odd = Memory(said=frozenset({"x"}), sent=(Sent(reader="gone", kind="digest", at=there(FRIDAY)),))
    hub = Hub([task("Page", FRIDAY, "lea")], memory=odd)

    assert hub.send(FRIDAY) == ["lea digest: today Page"]
