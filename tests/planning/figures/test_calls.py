"""Calls: a chain of moves is one, and a sale within thirty days is what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.core.types import Record
from hub.mapping.steering import Calls
from hub.planning.figures.calls import Call, calls_of, lines

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SAID = Calls.model_validate({"from": "calendly", "event_types": ["Appel découverte"]})


def booking(key: str, day: int, email: str = "zoe@example.com", **fields: Any) -> Record:
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    said = {
        "title": "Appel découverte",
        "event_type": {"key": "et_1"},
        "starts_at": at,
        "ends_at": at + timedelta(minutes=30),
        "status": "active",
        "who": {"email": email},
        "created_at": at - timedelta(days=4),
        **fields,
    }
    return Record(stream="booking", key=key, fields=said, at=at)


def found(*records: Record) -> tuple[Call, ...]:
    return calls_of(records, {"et_1": "Appel découverte", "et_2": "Suivi"}, SAID, NOW)


def test_however_often_it_is_moved_it_is_one_call() -> None:
    (call,) = found(
        booking("a", 3, status="moved", moved_to="b"),
        booking("b", 5, status="moved", moved_from="a", moved_to="c"),
        booking("c", 9, moved_from="b"),
    )
    assert (call.key, call.outcome, call.moves, call.starts_at.day) == ("c", "held", 2, 9)


def test_each_call_has_one_outcome() -> None:
    outcomes = found(
        booking("a", 3), booking("b", 4, no_show=True), booking("c", 5, status="cancelled"), booking("d", 25)
    )
    assert [call.outcome for call in outcomes] == ["held", "missed", "cancelled", "ahead"]


def test_a_move_whose_new_booking_has_not_been_heard_of_is_neither_held_nor_missed() -> None:
    (call,) = found(booking("a", 3, status="moved", moved_to="b"))
    assert call.outcome == "ahead"


def test_other_kinds_of_appointment_are_no_calls() -> None:
    assert found(booking("a", 3, event_type={"key": "et_2"})) == ()


def test_counts_rates_and_sales_have_their_lines() -> None:
    calls = found(
        booking("a", 3, "a@example.com"),
        booking("b", 4, "b@example.com"),
        booking("c", 5, "c@example.com", no_show=True),
        booking("d", 6, "d@example.com", status="cancelled"),
    )
    a = calls[0].starts_at
    paid = {"a@example.com": [a + timedelta(days=30)], "b@example.com": [a + timedelta(days=32)], "c@example.com": [a]}
    made = lines(calls, paid, SAID, START, END)
    counts = {name: len(made[name]) for name in ("calls_booked", "calls_held", "calls_cancelled", "calls_missed")}
    assert counts == {"calls_booked": 4, "calls_held": 2, "calls_cancelled": 1, "calls_missed": 1}
    assert [(line.id, line.part) for line in made["show_rate"]] == [
        ("a", "of"),
        ("b", "of"),
        ("a", "per"),
        ("b", "per"),
        ("c", "per"),
    ]
    assert [(line.id, line.part) for line in made["call_sales"]] == [("a", "of"), ("a", "per"), ("b", "per")]


def test_who_had_paid_before_the_call_was_no_prospect() -> None:
    (call,) = calls = found(booking("a", 3))
    paid = {"zoe@example.com": [call.starts_at - timedelta(days=90), call.starts_at + timedelta(days=2)]}
    assert [line.part for line in lines(calls, paid, SAID, START, END)["call_sales"]] == ["per"]


def test_a_call_counts_in_the_month_in_which_it_begins() -> None:
    calls = found(booking("a", 3))
    made = lines(calls, {}, SAID, END, END + timedelta(days=31))
    assert all(not each for each in made.values())
