"""Appointments are cancelled once, marked once, and never for people who were not meant."""

from __future__ import annotations

import pytest

from connectors.calendly.sandbox import MEMBER_KEY
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import Bookings, Connector
from tests.connectors.calendly.kit import World, fetch

CANCEL, MARK = "/scheduled_events/*/cancellation", "/invitee_no_shows"


def bookings(live: Connector) -> Bookings:
    assert live.bookings is not None
    return live.bookings


def posts(world: World) -> int:
    return sum(count for (method, _), count in world.sandbox.calls.counts.items() if method == "POST")


def test_a_booking_is_cancelled_with_the_reason_and_twice_is_once(world: World) -> None:
    key = world.book()
    with world.connected() as live:
        bookings(live).cancel(key, "Déplacement")
        bookings(live).cancel(key, "Déplacement")
        fields = fetch(live, "booking", key).fields
    assert (fields["status"], fields["reason"], fields["cancelled_by"]) == ("cancelled", "Déplacement", "host")
    assert posts(world) == 1


def test_one_of_a_group_is_not_cancelled_for_everybody(world: World) -> None:
    keys = [world.book("Atelier de groupe", name=f"P{n}", email=f"p{n}@example.fr") for n in range(3)]
    with world.connected() as live:
        with pytest.raises(RecordError, match=r"2 more have booked it.*calendly\.com/cancellations/"):
            bookings(live).cancel(keys[0], "x")
        assert {fetch(live, "booking", key).fields["status"] for key in keys} == {"active"}
        world.sandbox.cancel(keys[1])
        world.sandbox.cancel(keys[2])
        bookings(live).cancel(keys[2], "already cancelled by the invitee")
        assert fetch(live, "booking", keys[0]).fields["status"] == "active"
        bookings(live).cancel(keys[0], "the last one")
        assert fetch(live, "booking", keys[0]).fields["status"] == "cancelled"


def test_an_answer_that_was_lost_does_not_cancel_twice(world: World) -> None:
    key = world.book()
    world.sandbox.faults.add("POST", CANCEL, "reset_after_commit", times=1)
    with world.connected() as live:
        with pytest.raises(TransientError) as raised:
            bookings(live).cancel(key, "x")
        assert raised.value.uncertain
        bookings(live).cancel(key, "x")
    assert posts(world) == 1


def test_somebody_who_cancels_in_the_same_moment_is_no_error(world: World) -> None:
    key = world.book()
    end = world.sandbox.cancel_event

    def race(*given: object) -> object:
        world.sandbox.cancel(key)
        return end(*given)  # type: ignore[arg-type]

    world.sandbox.cancel_event = race  # type: ignore[method-assign,assignment]
    with world.connected() as live:
        bookings(live).cancel(key, "x")


def test_what_is_over_or_gone(world: World) -> None:
    over, gone = world.book(days=-1), world.book()
    world.sandbox.erase(gone)
    with world.connected() as live:
        with pytest.raises(RecordError, match="Event in the past"):
            bookings(live).cancel(over, "x")
        bookings(live).cancel(gone, "x")
        with pytest.raises(RecordError, match="has nothing at"):
            bookings(live).mark_no_show(gone)


def test_a_no_show_is_marked_once(world: World) -> None:
    key = world.book(days=-1)
    with world.connected() as live:
        bookings(live).mark_no_show(key)
        bookings(live).mark_no_show(key)
        assert fetch(live, "booking", key).fields["no_show"] is True
    assert posts(world) == 1
    assert len(world.sandbox.no_shows) == 1


def test_a_mark_that_somebody_set_in_the_same_moment_is_no_error(world: World) -> None:
    key = world.book(days=-1)
    world.sandbox.faults.add("POST", MARK, "500_after_commit", times=1)
    with world.connected() as live:
        with pytest.raises(TransientError):
            bookings(live).mark_no_show(key)
        bookings(live).mark_no_show(key)
    assert posts(world) == 1


def test_what_has_not_begun_cannot_be_missed(world: World) -> None:
    with world.connected() as live, pytest.raises(RecordError, match="has not started"):
        bookings(live).mark_no_show(world.book())


def test_every_single_use_link_is_another(world: World) -> None:
    kind = world.types["Kickoff"].rpartition("/")[2]
    with world.connected() as live:
        first, second = bookings(live).single_use_link(kind), bookings(live).single_use_link(kind)
        assert first.startswith("https://calendly.com/d/")
        assert first != second
        with pytest.raises(RecordError):
            bookings(live).single_use_link("nothing")


def test_a_key_that_may_only_read_is_told_which_scope_it_lacks(world: World) -> None:
    scopes = ["users:read", "organizations:read", "event_types:read", "scheduled_events:read"]
    world.sandbox.add_token("reader", world.person("Claire Fontaine"), scopes)
    over = world.book(days=-1)
    with world.connected("reader") as live:
        with pytest.raises(ConfigError, match="scheduled_events:write"):
            bookings(live).cancel(world.book(), "x")
        with pytest.raises(ConfigError, match="scheduled_events:write"):
            bookings(live).mark_no_show(over)
        with pytest.raises(ConfigError, match="scheduling_links:write"):
            bookings(live).single_use_link(world.types["Kickoff"].rpartition("/")[2])


def test_anothers_appointment_is_refused_by_itself(world: World) -> None:
    key = world.book("Appel découverte")
    with world.connected(MEMBER_KEY) as live, pytest.raises((RecordError, ConfigError), match="not allowed"):
        bookings(live).cancel(key, "x")
