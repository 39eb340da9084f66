"""When: steps in the working days of who reads, days that end at midnight where she is, instants, clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.planning.alerts.readers import readers_of
from hub.planning.alerts.steps import NEVER, calendars, due_text, group_of, local_time
from tests.planning.alerts.small import PARIS, Hub, business, job, task, there

DAYS = job(
    {"name": "before", "when": "2 working days before", "tell": "assignee"},
    {"name": "day", "when": "on the day", "tell": "assignee"},
    {"name": "after", "when": "1 working day after", "tell": "assignee"},
)
ON_THE_DAY_ALERTS = [{"name": "today", "when": "on the day", "tell": "assignee"}]
ON_THE_DAY = job(*ON_THE_DAY_ALERTS)


def test_steps_fall_on_working_days_around_a_holiday() -> None:
    # Ascension is Thursday 14 May 2026.
    hub = Hub([task("Page", "2026-05-15", "lea")], job=DAYS)

    assert hub.days("2026-05-04", 20) == {
        "2026-05-12": ["lea digest: before Page"],
        "2026-05-15": ["lea digest: day Page"],
        "2026-05-18": ["lea digest: after Page"],
    }


@pytest.mark.parametrize(
    ("region", "due", "days"),
    [
        ("FR", "2026-07-21", ["2026-07-17", "2026-07-21", "2026-07-22"]),
        ("BE", "2026-07-21", ["2026-07-17", "2026-07-22"]),  # the national day: said on the 22nd, with what follows
        ("FR", "2026-09-21", ["2026-09-17", "2026-09-21", "2026-09-22"]),
        ("CH-VD", "2026-09-21", ["2026-09-17", "2026-09-22"]),  # the Monday of the Federal Fast
        ("FR-57", "2026-12-28", ["2026-12-23", "2026-12-28", "2026-12-29"]),  # Saint Stephen in the Moselle
        ("FR", "2026-12-28", ["2026-12-23", "2026-12-28", "2026-12-29"]),
        ("FR-57", "2026-12-30", ["2026-12-28", "2026-12-30", "2026-12-31"]),
    ],
)
def test_the_holidays_are_those_of_the_reader(region: str, due: str, days: list[str]) -> None:
    hub = Hub([task("Page", due, "lea")], business=business(lea={"holidays": region}), job=DAYS)

    assert list(hub.days("2026-07-01", 190)) == days


def test_her_week_and_her_absences_count_too() -> None:
    away = {"away": [{"from": "2026-03-17", "to": "2026-03-18"}], "working_days": ["mon", "tue", "wed", "thu"]}
    hub = Hub([task("Page", "2026-03-20", "lea", "max")], business=business(lea=away), job=DAYS)

    # For Léa two working days before Friday are Monday and Thursday, and Friday is said on Monday with what follows.
    assert hub.days("2026-03-10", 20) == {
        "2026-03-16": ["lea digest: before Page"],
        "2026-03-18": ["max digest: before Page"],
        "2026-03-20": ["max digest: day Page"],
        "2026-03-23": ["lea digest: after Page", "max digest: after Page"],
    }


def test_an_absence_of_weeks_ends_in_one_line_with_the_most_severe_step() -> None:
    away = {"away": [{"from": "2026-03-02", "to": "2026-03-27"}]}
    hub = Hub([task("Page", "2026-03-10", "lea")], business=business(lea=away), job=DAYS)

    assert hub.days("2026-02-25", 50) == {
        "2026-02-26": ["lea digest: before Page"],
        "2026-03-30": ["lea digest: after Page"],
    }
    keys = next(mail for mail in Hub(hub.tasks, hub.business, DAYS).plan("2026-03-30").mails).covers
    assert keys == tuple(f"lea/asana/task/Page/{step}/2026-03-10" for step in ("after", "day", "before"))


@pytest.mark.parametrize(
    ("zone", "now", "group"),
    [
        ("Europe/Paris", "2026-03-20T23:59", "today"),
        ("Europe/Paris", "2026-03-21T00:00", "late"),
        ("America/Montreal", "2026-03-20T23:59", "today"),
        ("Indian/Reunion", "2026-03-21T00:00", "late"),
        ("Pacific/Auckland", "2026-03-19T23:59", "soon"),
    ],
)
def test_a_day_ends_at_midnight_where_the_reader_is(zone: str, now: str, group: str) -> None:
    assert group_of(task("Page", "2026-03-20").due, ZoneInfo(zone), there(now, zone)) == group


def test_a_date_only_task_is_never_late_on_its_own_day_and_an_instant_is_late_at_once() -> None:
    always = job(hours="00:00-23:59", digest_at="02:00")
    day, instant = task("Jour", "2026-03-20", "lea"), task("Heure", "2026-03-20T08:00", "lea")

    early = Hub([day], job=always).plan("2026-03-20T02:00").mails
    before = Hub([instant], job=always).plan("2026-03-20T08:59").mails  # 07:59 UTC
    after = Hub([instant], job=always).plan("2026-03-20T09:00").mails

    assert [mail.lines[0].group for mail in (*early, *before, *after)] == ["today", "today", "late"]


def test_an_instant_is_due_on_the_day_that_it_has_where_the_reader_is() -> None:
    # 23:30 in Montréal on the 19th is 04:30 in Paris on the 20th.
    people = business(max={"timezone": "America/Montreal", "holidays": "CA-QC"})
    hub = Hub([task("Appel", "2026-03-20T03:30", "lea", "max")], business=people, job=DAYS)

    (here,) = hub.plan("2026-03-20").mails
    assert (here.to.key, here.lines[0].step, str(here.lines[0].day)) == ("lea", "day", "2026-03-20")
    (there_,) = Hub(hub.tasks, people, DAYS).plan("2026-03-19T09:00", "America/Montreal").mails[1:]
    assert (there_.to.key, there_.lines[0].step, str(there_.lines[0].day)) == ("max", "day", "2026-03-19")


@pytest.mark.parametrize(("change", "before", "after"), [("2026-03-29", 7, 6), ("2026-10-25", 6, 7)])
def test_when_the_clocks_change_the_digest_goes_out_once_at_the_local_hour(
    change: str, before: int, after: int
) -> None:
    days = [date.fromisoformat(change) + timedelta(days=number) for number in (-1, 0, 1)]
    every_day = business(lea={"working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]})
    hub = Hub([task(str(day), str(day), "lea") for day in days], every_day, ON_THE_DAY)

    sent = looked_at(hub, days[0], timedelta(minutes=15), 4 * 71)

    assert [at.astimezone(PARIS).time() for at in sent] == [time(8, 30)] * 3
    assert [at.hour for at in sent] == [before, after, after]


def looked_at(hub: Hub, first: date, every: timedelta, count: int) -> list[datetime]:
    """When something went out, one mail each."""
    found = []
    for number in range(count):
        at = local_time(first, time(), PARIS) + number * every
        if mails := hub.send(at):
            assert len(mails) == 1
            found.append(at)
    return found


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_an_hour_that_the_clocks_skip_or_repeat_still_sends_once(day: str) -> None:
    night = job(*ON_THE_DAY_ALERTS, hours="01:00-05:00", digest_at="02:30")
    hub = Hub([task("Nuit", day, "lea")], business(lea={"working_days": ["sun"]}), night)

    (sent,) = looked_at(hub, date.fromisoformat(day), timedelta(minutes=10), 60)

    assert time(2, 30) <= sent.astimezone(PARIS).time() <= time(3, 30)


def test_hours_before_and_after_are_said_on_the_day_of_that_hour() -> None:
    alerts = job(
        {"name": "near", "when": "30 hours before", "tell": "assignee"},
        {"name": "over", "when": "2 hours after", "tell": "assignee"},
    )
    steps = calendars(alerts, readers_of(business(), alerts))["lea"]

    assert [str(day) for day in steps.days(task("x", "2026-03-19").due or NEVER)] == ["2026-03-18", "2026-03-20"]
    noon, evening = datetime(2026, 3, 19, 11, tzinfo=UTC), datetime(2026, 3, 19, 22, 30, tzinfo=UTC)
    assert [str(day) for day in steps.days(noon)] == ["2026-03-18", "2026-03-19"]
    assert [str(day) for day in steps.days(evening)] == ["2026-03-18", "2026-03-20"]


def test_a_date_beyond_all_calendars_stops_nothing() -> None:
    days = {"Fin": "9999-12-31", "Heure": "9999-12-31T23:59", "Loin": "5000-06-01", "Début": "0001-01-01"}
    hub = Hub([task("Page", "2026-03-20", "lea"), *(task(key, day, "lea") for key, day in days.items())])

    assert hub.send("2026-03-20") == [
        "ceo digest: stuck Début",
        "lea digest: today Page",
        "lea mail: late Début",
        "obm mail: late Début",
    ]


def test_a_due_value_is_written_the_same_whatever_zone_it_came_in() -> None:
    instant = datetime(2026, 3, 20, 9, tzinfo=UTC)

    assert due_text(instant) == due_text(instant.astimezone(PARIS)) == "2026-03-20T09:00:00+00:00"
    assert (due_text(instant.date()), due_text(None)) == ("2026-03-20", "-")
