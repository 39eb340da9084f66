"""How a journey bends: open hours, reminders, moved and cancelled calls, no-shows, money given back, commands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.planning.journeys.clock import Clock
from hub.planning.journeys.moving import if_moved
from hub.planning.journeys.plan import looks
from hub.planning.journeys.types import Fact
from tests.planning.journeys.small import DAY, HOUR, MARIE, MINUTE, MONDAY, World, business, fact, file, found, job

PAID = fact("payment", of="cs")
BOOKED = fact("booking", MONDAY + HOUR, of="b", day=MONDAY + 14 * DAY)
FRIDAY_NIGHT = datetime(2026, 3, 20, 20, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 3, 23, 7, 30, tzinfo=UTC)
"""08:30 in Paris."""


def lived(*facts: Fact, days: float, world: World | None = None) -> World:
    """A world in which each thing was heard of at once."""
    world = world or World()
    ordered = sorted(facts, key=lambda each: each.at)
    for number, each in enumerate(ordered):
        following = ordered[number + 1].at if number + 1 < len(ordered) else MONDAY + timedelta(days=days)
        world.until(found(*ordered[: number + 1]), each.at, following)
    return world


def whens(world: World, name: str) -> list[datetime]:
    return [doing.due for doing in world.sent if doing.name == name]


def test_mails_wait_for_the_open_hours_and_the_rest_does_not() -> None:
    world = World()
    paid = found(fact("payment", FRIDAY_NIGHT))
    plan = world.turn(paid, FRIDAY_NIGHT)
    assert [each.name for each in plan.doings] == ["client_page"]
    assert plan.next_at == NEXT_MONDAY
    assert [each.name for each in world.turn(paid, NEXT_MONDAY).doings] == ["contract", "welcome"]
    assert whens(world, "welcome") == [NEXT_MONDAY]


def test_what_is_heard_at_night_is_not_sent_at_night() -> None:
    world = World()
    night = MONDAY + 12 * HOUR
    plan = world.plan(found(PAID), night)
    assert [each.name for each in plan.doings] == ["client_page"]
    assert plan.next_at == datetime(2026, 3, 17, 7, 30, tzinfo=UTC)


def test_a_holiday_is_no_working_day() -> None:
    easter = datetime(2026, 4, 6, 9, tzinfo=UTC)
    assert Clock.of(business(), job()).opening(easter) == datetime(2026, 4, 7, 6, 30, tzinfo=UTC)


def test_reminders_are_limited_and_then_somebody_is_told() -> None:
    world = lived(PAID, days=40)
    book = [doing for doing in world.sent if doing.name == "book"]
    assert [(each.n, each.what, each.text, each.who) for each in book] == [
        (1, "send", "please_book", ()),
        (2, "send", "please_book", ()),
        (3, "send", "please_book", ()),
        (4, "tell", None, ("obm",)),
    ]
    assert [each.due.astimezone(business().zone).strftime("%d %H:%M") for each in book] == [
        "19 10:00",
        "23 10:00",
        "27 10:00",
        "31 10:00",
    ]


def test_after_an_outage_reminders_do_not_all_come_at_once() -> None:
    world = World()
    world.until(found(PAID), MONDAY, MONDAY + MINUTE)
    world.until(found(PAID), MONDAY + 21 * DAY, MONDAY + 22 * DAY)
    assert world.names.count("book") == 1


def test_a_booking_ends_the_reminders_even_when_one_is_already_due() -> None:
    world = lived(PAID, replace(BOOKED, at=FRIDAY_NIGHT), days=20)
    assert [each.n for each in world.sent if each.name == "book"] == [1]
    due = World()
    due.until(found(PAID), MONDAY, MONDAY + MINUTE)
    late = found(PAID, replace(BOOKED, at=MONDAY + 4 * DAY))  # the hub was away while she booked
    due.until(late, MONDAY + 7 * DAY, MONDAY + 30 * DAY)
    assert "book" not in due.names


def test_a_copy_waits_for_the_appointment_and_is_dated_from_it() -> None:
    world = lived(PAID, BOOKED, days=1)
    (project,) = [each for each in world.sent if each.name == "project"]
    assert (project.what, project.start, project.appointment) == ("copy", date(2026, 3, 30), MONDAY + 14 * DAY)


def test_each_move_is_told_once_and_moves_the_dates() -> None:
    moves = [fact("moved", MONDAY + n * DAY, of="b", day=MONDAY + (14 + n) * DAY) for n in (1, 2)]
    world = lived(PAID, BOOKED, *moves, days=3)
    assert [each.text for each in world.sent if each.name == "booking_moved"] == ["new_time", "new_time"]
    assert [each.start for each in world.sent if each.name == "project.dates"] == [date(2026, 3, 31), date(2026, 4, 1)]
    world.until(found(PAID, BOOKED, *moves), MONDAY + 3 * DAY, MONDAY + 40 * DAY)
    assert Counter(world.names)["booking_moved"] == 2
    assert whens(world, "prepare") == [MONDAY + 14 * DAY]  # two working days before a Wednesday


def test_a_move_back_to_the_first_day_moves_the_dates_back() -> None:
    there = fact("moved", MONDAY + DAY, of="b", day=MONDAY + 20 * DAY)
    back = fact("moved", MONDAY + 2 * DAY, of="b", day=MONDAY + 14 * DAY)
    again = fact("moved", MONDAY + 3 * DAY, of="b", day=MONDAY + 20 * DAY)
    world = lived(PAID, BOOKED, there, back, again, days=4)
    days = [each.start for each in world.sent if each.name == "project.dates"]
    assert days == [date(2026, 4, 5), date(2026, 3, 30), date(2026, 4, 5)]


def test_a_copy_that_failed_is_made_for_the_new_time_and_not_changed_before_it_is_there() -> None:
    world = World(breaks=Counter({"project": 1}))
    world.turn(found(PAID, BOOKED), MONDAY + HOUR)
    assert "project" not in world.names
    moved = fact("moved", MONDAY + 2 * HOUR, of="b", day=MONDAY + 20 * DAY)
    plan = world.turn(found(PAID, BOOKED, moved), MONDAY + 2 * HOUR)
    assert [(each.name, each.start) for each in plan.doings if each.what in ("copy", "change")] == [
        ("project", date(2026, 4, 5))
    ]


def test_a_move_is_not_told_before_its_new_time_is_known() -> None:
    world = lived(PAID, BOOKED, fact("moved", MONDAY + DAY, of="b"), days=2)
    assert "booking_moved" not in world.names
    assert "project" in world.names
    known = fact("moved", MONDAY + DAY, of="b", day=MONDAY + 20 * DAY)
    world.until(found(PAID, BOOKED, known), MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    assert world.names.count("booking_moved") == 1


def test_a_move_of_which_we_heard_only_after_the_call_was_cancelled_is_not_told() -> None:
    moved = fact("moved", MONDAY + 2 * HOUR, of="b", day=MONDAY + 20 * DAY)
    world = World()
    world.turn(found(PAID, BOOKED), MONDAY + HOUR)
    world.turn(found(PAID, BOOKED, moved, fact("cancelled", MONDAY + 3 * HOUR, of="b")), MONDAY + 4 * HOUR)
    assert "booking_moved" not in world.names
    assert world.names[-1] == "booking_cancelled"


def test_how_to_prepare_is_not_sent_once_the_appointment_has_begun() -> None:
    world = World()
    world.turn(found(PAID, BOOKED), MONDAY + 15 * DAY)
    assert "prepare" not in world.names
    assert ("over" in [why for _, why in world.plan(found(PAID, BOOKED), MONDAY + 15 * DAY).left_out]) is True


def test_a_cancelled_call_pauses_until_there_is_another_one() -> None:
    early = fact("booking", MONDAY - HOUR, of="b", day=MONDAY + 14 * DAY)
    gone = fact("cancelled", MONDAY - HOUR / 2, of="b")
    world = lived(early, gone, PAID, days=10)
    assert [(each.name, each.what, each.who) for each in world.sent] == [("booking_cancelled", "tell", ("obm",))]
    assert (world.state, world.journey.reason) == ("paused", "cancelled")
    again = fact("booking", MONDAY + 10 * DAY, of="c", day=MONDAY + 20 * DAY)
    world.until(found(early, gone, PAID, again), MONDAY + 10 * DAY, MONDAY + 40 * DAY)
    names = Counter(world.names)
    assert [names[name] for name in ("welcome", "client_page", "project", "prepare", "book")] == [1, 1, 1, 1, 0]
    assert world.state == "open"


def test_one_of_two_appointments_cancelled_pauses_nothing() -> None:
    other = fact("booking", MONDAY + 2 * HOUR, of="c", day=MONDAY + 16 * DAY)
    world = lived(PAID, BOOKED, other, fact("cancelled", MONDAY + 3 * HOUR, of="b"), days=1)
    assert "booking_cancelled" not in world.names
    assert world.state == "open"


def test_a_no_show_sends_one_kind_mail_and_tells_the_obm() -> None:
    missed = fact("no_show", MONDAY + 14 * DAY, of="b", day=MONDAY + 14 * DAY)
    world = lived(PAID, BOOKED, missed, days=20)
    kind = [(each.name, each.what, each.text, each.who) for each in world.sent if each.name.startswith("no_show")]
    assert set(kind) == {("no_show", "send", "sorry_we_missed_you", ()), ("no_show.tell", "tell", None, ("obm",))}


def test_a_no_show_who_has_booked_again_meanwhile_gets_no_mail_about_it() -> None:
    missed = fact("no_show", MONDAY + 14 * DAY, of="b", day=MONDAY + 14 * DAY)
    again = fact("booking", MONDAY + 15 * DAY, of="c", day=MONDAY + 20 * DAY)
    world = World()
    world.until(found(PAID, BOOKED), MONDAY + HOUR, MONDAY + 2 * HOUR)
    world.until(found(PAID, BOOKED, missed, again), MONDAY + 15 * DAY, MONDAY + 16 * DAY)
    assert [name for name in world.names if name.startswith("no_show")] == ["no_show.tell"]


def test_a_failed_payment_pauses_and_tells_until_it_is_paid() -> None:
    failed = fact("payment_failed", MONDAY + DAY, of="in_2", record=("stripe", "invoice", "in_2"))
    world = lived(PAID, failed, days=10)
    assert (world.state, world.journey.reason) == ("paused", "payment_failed")
    assert [each.who for each in world.sent if each.name == "payment_failed"] == [("obm",)]
    assert "book" not in world.names
    world.until(found(PAID), MONDAY + 10 * DAY, MONDAY + 11 * DAY)
    assert world.state == "open"
    assert world.names.count("book") == 1
    second = fact("payment_failed", MONDAY + 12 * DAY, of="in_3", record=("stripe", "invoice", "in_3"))
    world.until(found(PAID, second), MONDAY + 14 * DAY, MONDAY + 15 * DAY)
    assert world.names.count("payment_failed") == 2


def test_a_payment_that_comes_after_one_that_failed_lifts_the_pause() -> None:
    refused = fact("payment_failed", MONDAY + 2 * HOUR, of="cs1")
    world = lived(BOOKED, refused, days=1)
    assert world.state == "paused"
    world.turn(found(BOOKED, refused, fact("payment", MONDAY + DAY, of="cs2")), MONDAY + DAY)
    assert world.state == "open"
    assert "welcome" in world.names


@pytest.mark.parametrize("what", ["refunded", "disputed"])
def test_money_given_back_stops_and_lists_what_to_close(what: Any) -> None:
    world = lived(PAID, BOOKED, fact(what, MONDAY + DAY, of="cs"), days=40)
    assert (world.state, world.journey.reason) == ("stopped", what)
    (told,) = [each for each in world.sent if each.name == "refunded"]
    assert (told.who, told.about) == (("obm", "ceo"), what)
    assert told.lists == ("notion: Clientes", "asana: Programme 90 jours")
    assert Counter(world.names)["prepare"] == 0


def test_one_of_two_payments_given_back_stops_nothing() -> None:
    twice = fact("payment", MONDAY + HOUR, of="cs2")
    world = lived(PAID, twice, fact("refunded", MONDAY + DAY, of="cs2"), days=2)
    assert world.state == "open"


def test_a_dispute_that_was_won_starts_nothing_again_by_itself() -> None:
    world = lived(PAID, fact("disputed", MONDAY + HOUR, of="cs"), days=1)
    world.until(found(PAID), MONDAY + DAY, MONDAY + 8 * DAY)
    assert world.state == "stopped"
    world.mark(world.journey.id, "resume", MONDAY + 8 * DAY, "disputed")
    world.until(found(PAID), MONDAY + 8 * DAY, MONDAY + 9 * DAY)
    assert world.state == "open"
    assert "book" in world.names


def test_pause_resume_skip_and_stop_by_hand() -> None:
    world = World()
    world.turn(found(PAID), MONDAY)
    world.mark(world.journey.id, "pause", MONDAY + DAY)
    world.until(found(PAID), MONDAY + DAY, MONDAY + 10 * DAY)
    assert (world.state, world.journey.reason, "book" in world.names) == ("paused", "by hand", False)
    world.mark(world.journey.id, "skip", MONDAY + 10 * DAY, "book")
    world.mark(world.journey.id, "resume", MONDAY + 10 * DAY, "by hand")
    world.until(found(PAID), MONDAY + 10 * DAY, MONDAY + 40 * DAY)
    assert (world.state, "book" in world.names) == ("open", False)
    world.mark(world.journey.id, "stop", MONDAY + 41 * DAY)
    booked = replace(BOOKED, at=MONDAY + 42 * DAY, day=MONDAY + 60 * DAY)
    world.until(found(PAID, booked), MONDAY + 42 * DAY, MONDAY + 70 * DAY)
    assert (world.state, "project" in world.names) == ("stopped", False)


def test_resuming_from_a_pause_does_not_wave_through_a_refund_that_nobody_knew_of() -> None:
    world = World()
    world.turn(found(PAID), MONDAY)
    world.mark(world.journey.id, "pause", MONDAY + HOUR)
    world.mark(world.journey.id, "resume", MONDAY + 3 * HOUR, "by hand")
    world.turn(found(PAID, fact("refunded", MONDAY + 2 * HOUR, of="cs")), MONDAY + 4 * HOUR)
    assert world.state == "stopped"


def test_what_was_asked_is_ticked_or_told_as_late_once() -> None:
    world = lived(PAID, days=30)
    late = [(each.what, each.who, each.about) for each in world.sent if each.name == "contract.late"]
    assert late == [("tell", ("obm",), "late")]
    ticked = World()
    ticked.turn(found(PAID), MONDAY)
    ticked.mark(ticked.journey.id, "tick", MONDAY + HOUR, "contract")
    ticked.until(found(PAID), MONDAY + HOUR, MONDAY + 30 * DAY)
    assert "contract.late" not in ticked.names


def test_a_journey_is_done_when_nothing_more_will_come() -> None:
    world = lived(PAID, BOOKED, days=20)
    assert world.state == "open"  # the contract is not ticked
    world.mark(world.journey.id, "tick", MONDAY + 20 * DAY, "contract")
    world.turn(found(PAID, BOOKED), MONDAY + 20 * DAY)
    assert world.state == "done"


def test_a_step_that_is_given_up_stands_still_until_a_person_says_that_it_goes_on() -> None:
    world = World()
    plan = world.plan(found(PAID), MONDAY)
    (page,) = [each.key for each in plan.doings if each.name == "client_page"]
    world.memory = replace(world.memory, stuck={page: MONDAY})
    world.until(found(PAID), MONDAY, MONDAY + HOUR)
    assert sorted(world.names) == ["contract", "welcome"]  # the others go on
    seen = looks(world.job, world.business, found(PAID), world.memory, MONDAY + HOUR)[world.journey.id]
    assert [item.name for item in seen.items if item.status == "stuck"] == ["client_page"]
    world.mark(world.journey.id, "resume_here", MONDAY + 2 * HOUR, "client_page")
    world.turn(found(PAID), MONDAY + 2 * HOUR)
    assert Counter(world.names) == {"client_page": 1, "contract": 1, "welcome": 1}


def test_whoever_unsubscribed_gets_no_mail_and_the_work_for_her_goes_on() -> None:
    world = World()
    world.memory = replace(world.memory, silenced=frozenset({MARIE}))
    plan = world.turn(found(PAID), MONDAY)
    assert [each.name for each in plan.doings] == ["client_page", "contract"]
    assert [why for _, why in plan.left_out] == ["silenced"]


def test_a_running_journey_keeps_its_version_until_it_is_moved() -> None:
    world = World()
    world.turn(found(PAID), MONDAY)
    steps = [*file("onboarding.yaml")["steps"], {"name": "bonus", "after": "payment", "send": "bonus"}]
    old, world.job = world.job, job(steps=steps)
    world.memory = replace(world.memory, version="2")
    plan = world.turn(found(PAID), MONDAY + HOUR)
    assert not plan.doings
    assert any("1" in note for note in plan.notes)
    seen = looks(world.job, world.business, found(PAID), world.memory, MONDAY + HOUR)[world.journey.id]
    clock = Clock.of(world.business, world.job)
    assert if_moved(seen, world.job, world.memory, clock, MONDAY + HOUR) == {"bonus": "new"}
    assert if_moved(seen, old, world.memory, clock, MONDAY + HOUR) == {}
    world.mark(world.journey.id, "move_version", MONDAY + HOUR, "2")
    assert [each.name for each in world.turn(found(PAID), MONDAY + 2 * HOUR).doings] == ["bonus"]
    assert (world.journey.version, world.journey.job) == ("2", world.job)
    assert not world.turn(found(PAID), MONDAY + 3 * HOUR).changed
