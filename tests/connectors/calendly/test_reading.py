"""What is read of Calendly is whole, is the same by list and by one, and is never taken as whole when it is not."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from connectors.calendly.records import STREAMS, booking, money
from connectors.calendly.sandbox import MEMBER_KEY
from connectors.calendly.sandbox.shapes import old
from connectors.calendly.spec import SPEC
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.kinds import problems
from hub.core.money import Money
from hub.core.types import Cursor
from tests.connectors.calendly.kit import World, changed, fetch, instant, read


def full(world: World) -> list[str]:
    """An organization in which everything has happened once."""
    box = world.sandbox
    keys = [world.book(days=day) for day in (-1, 1, 2)]
    box.mark_no_show(keys[0])
    keys.append(box.move(keys[1], world.at(4)))
    box.cancel(keys[2], "host", "Malade")
    keys += [world.book("Atelier de groupe", 5, name=f"P{n}", email=f"p{n}@example.fr") for n in range(3)]
    box.cancel(keys[-1])
    form = next(iter(box.forms.values()))["uri"]
    sent = box.submit_form(form, {"Votre nom": "Ana", "Votre adresse": "ana@example.fr", "Votre besoin": "Un site"})
    later = box.submit_form(form, {"Votre besoin": "Rien"})
    box.submit_form(form, {"Votre besoin": "Personne"})
    keys += [world.book(days=6, routing_form_submission=sent), world.book(days=7, routing_form_submission=later)]
    return keys


@pytest.mark.parametrize("stream", STREAMS)
def test_one_record_fetched_is_the_record_that_was_read_and_fits_its_kind(world: World, stream: str) -> None:
    full(world)
    with world.connected() as live:
        found = read(live, stream)
        assert found
        for key, record in found.items():
            assert fetch(live, stream, key) == record
            if stream in SPEC.kinds:
                assert problems(SPEC.kinds[stream], record.fields, whole=True) == []


def test_every_invitee_of_every_event_is_a_booking_whatever_became_of_it(world: World) -> None:
    keys = full(world)
    with world.connected() as live:
        assert set(read(live, "booking")) == set(keys)


def test_a_booking_says_all_that_calendly_knows(world: World) -> None:
    key = world.book(
        name="Zoé Martin",
        email="zoe@example.fr",
        location={"type": "google_conference", "status": "pushed", "join_url": "https://meet.example/abc"},
        questions_and_answers=[
            {"question": "Budget ?", "answer": "1 000 €", "position": 1},
            {"question": "Votre activité ?", "answer": "Coach", "position": 0},
            {"question": "Budget ?", "answer": "ou plus", "position": 2},
        ],
        tracking={"utm_source": "lettre", "utm_content": "lead-17", "salesforce_uuid": None},
        payment={
            "external_id": "ch_1",
            "provider": "stripe",
            "amount": 1234.56,
            "currency": "EUR",
            "terms": None,
            "successful": True,
        },
    )
    event = world.sandbox.events[key.partition("/")[0]]
    with world.connected() as live:
        fields = fetch(live, "booking", key).fields

    assert fields["title"] == "Appel découverte"
    assert fields["event_type"] == {"key": world.types["Appel découverte"].rpartition("/")[2]}
    assert fields["starts_at"] == instant(event["start_time"])
    assert fields["ends_at"] == instant(event["start_time"]) + timedelta(minutes=30)
    assert fields["who"] == {"name": "Zoé Martin", "email": "zoe@example.fr"}
    host = world.person("Claire Fontaine").rpartition("/")[2]
    assert fields["hosts"] == ({"key": host, "name": "Claire Fontaine", "email": "claire@example.fr"},)
    assert fields["location"] == "https://meet.example/abc"
    assert list(fields["answers"].items()) == [  # type: ignore[union-attr]
        ("Votre activité ?", "Coach"),
        ("Budget ?", "1 000 €"),
        ("Budget ? (2)", "ou plus"),
    ]
    assert fields["tracking"] == {"utm_source": "lettre", "utm_content": "lead-17", "salesforce_uuid": None}
    assert (fields["payment"], fields["payment_amount"]) == ("ch_1", Money(Decimal("1234.56"), "EUR"))
    assert fields["status"] == "active"
    assert fields["no_show"] is False
    assert fields["moved_from"] is fields["moved_to"] is fields["cancelled_by"] is None
    assert str(fields["cancel_url"]).startswith("https://calendly.com/cancellations/")


def test_times_keep_their_microseconds(world: World) -> None:
    key = world.book()
    world.sandbox.invitees[key.partition("/")[2]]["updated_at"] = "2026-12-01T10:00:00.000123Z"
    world.sandbox.events[key.partition("/")[0]]["updated_at"] = "2026-11-01T10:00:00.000123Z"
    with world.connected() as live:
        assert fetch(live, "booking", key).fields["edited_at"] == instant("2026-12-01T10:00:00.000123Z")


def test_who_cancelled_and_why_is_told(world: World) -> None:
    key = world.book()
    world.sandbox.cancel(key, "host", "Malade")
    with world.connected() as live:
        fields = fetch(live, "booking", key).fields
    told = (fields["status"], fields["cancelled_by"], fields["reason"], fields["cancelled_by_name"])
    assert told == ("cancelled", "host", "Malade", "Claire Fontaine")


def test_what_calendly_no_longer_has_comes_back_as_deleted(world: World) -> None:
    key = world.book()
    world.sandbox.delete_event_type(world.types["Kickoff"])
    gone = world.types["Kickoff"].rpartition("/")[2]
    world.sandbox.erase(key)
    with world.connected() as live:
        assert fetch(live, "booking", key).deleted
        assert fetch(live, "event_type", gone).deleted, "Calendly still shows it, with deleted_at"
        assert fetch(live, "event_type", "nothing").deleted
        assert fetch(live, "signup", "nothing").deleted
        assert fetch(live, "user", "nothing").deleted
        assert gone not in read(live, "event_type")


def test_a_key_that_is_none_is_refused(world: World) -> None:
    with world.connected() as live:
        for key in ("abc", "a/b/c", "../users/me", "a/b?x=1", ""):
            with pytest.raises(RecordError, match="no booking's key"):
                fetch(live, "booking", key)
        with pytest.raises(RecordError, match="no stream 'bookings'"):
            read(live, "bookings")


def test_lists_are_read_to_their_end_and_every_cursor_goes_on_without_a_gap(world: World) -> None:
    start = world.at(10)
    for number in range(115):
        # Fifty appointments begin at one instant, on both sides of the border of a page of 100.
        world.sandbox.book(world.types["Appel découverte"], start if number >= 65 else world.at(number / 8))
    with world.connected() as live:
        assert live.source is not None
        pages = list(live.source.read("booking", None))
        whole = {record.key for page in pages for record in page.records}
        assert len(whole) == 115
        for place in (2, 3, 4):
            given = {record.key for each in pages[: place + 1] for record in each.records}
            assert pages[place].cursor is not None
            assert given | set(read(live, "booking", pages[place].cursor)) == whole
        assert len(read(live, "booking", pages[1].cursor)) < 115
    starts = [record.at for page in pages for record in page.records]
    assert all(before <= after for before, after in pairwise(starts) if before and after)


def test_an_event_without_invitees_costs_no_call(world: World) -> None:
    key = world.book()
    event = key.partition("/")[0]
    world.sandbox.invitees.clear()
    world.sandbox.events[event]["invitees_counter"].update(total=0, active=0)
    with world.connected() as live:
        assert read(live, "booking") == {}
    assert not any(path.endswith("/invitees") for _, path in world.sandbox.calls.counts)


@pytest.mark.parametrize("kind", ["truncated", "html", "500", "reset_before"])
@pytest.mark.parametrize("path", ["/scheduled_events", "/scheduled_events/*/invitees"])
def test_a_read_that_breaks_off_is_an_error(world: World, kind: str, path: str) -> None:
    full(world)
    world.sandbox.faults.add("GET", path, kind)
    with world.hasty() as source, pytest.raises(TransientError):
        list(source.read("booking", None))


def test_a_list_out_of_order_gives_no_cursor_that_could_skip(world: World) -> None:
    first, second = (world.book(days=day) for day in (2, 3))
    # The sandbox sorts by the text: this one is listed last although it begins first.
    early = world.sandbox.events[second.partition("/")[0]]
    day = early["start_time"][:11]
    early["start_time"] = f"{day}12:00:00.000000+23:59"
    world.sandbox.events[first.partition("/")[0]]["start_time"] = f"{day}00:00:00.000000Z"
    with world.connected() as live, pytest.raises(TransientError, match="not in the order"):
        read(live, "booking")


def test_one_event_that_nobody_can_read_does_not_hide_the_others(world: World) -> None:
    keys = [world.book(days=day) for day in (1, 2, 3)]
    world.sandbox.invitees[keys[1].partition("/")[2]]["updated_at"] = "soon"
    with world.connected() as live:
        assert live.source is not None
        pages = live.source.read("booking", None)
        page = next(pages)
        assert {record.key for record in page.records} == {keys[0], keys[2]}
        assert page.cursor is None, "a later read must meet it again"
        with pytest.raises(RecordError, match=r"1 of Calendly's booking things were left out.*soon"):
            next(pages)


def test_a_signup_is_told_by_its_answers_or_by_the_invitee_they_became(world: World) -> None:
    full(world)
    with world.connected() as live:
        found = sorted(read(live, "signup").values(), key=lambda record: str(record.fields["edited_at"]))
    assert [record.fields["who"] for record in found] == [
        {"name": "Ana", "email": "ana@example.fr"},
        {"name": "Zoé Martin", "email": "zoe@example.fr"},
    ], "and who told nothing at all is no sign-up"
    assert found[0].fields["form"] == {
        "key": next(iter(world.sandbox.forms)),
        "name": "Premier contact",
    }
    assert found[0].fields["answers"] == {
        "Votre nom": "Ana",
        "Votre adresse": "ana@example.fr",
        "Votre besoin": "Un site",
    }
    assert found[0].fields["result"] == "Merci !"


def test_a_plan_without_routing_forms_has_no_signups(world: World) -> None:
    world.sandbox.set_plan("free")
    with world.connected() as live:
        assert read(live, "signup") == {}
        changed(live, changed(live, None)[1])


def test_routing_forms_that_are_refused_although_the_plan_has_them_are_not_taken_as_gone(world: World) -> None:
    world.sandbox.set_plan("standard")
    with world.connected(plan="teams") as live:
        assert live.source is not None
        pages = live.source.read("signup", None)
        assert next(pages).cursor is None
        with pytest.raises(RecordError, match="change its plan here"):
            next(pages)


def test_a_members_key_sees_only_its_own(world: World) -> None:
    mine, other = world.book("Kickoff"), world.book("Appel découverte")
    with world.connected(MEMBER_KEY) as live:
        assert set(read(live, "booking")) == {mine}
        assert [record.fields["title"] for record in read(live, "event_type").values()] == ["Kickoff"]
        assert [record.fields["name"] for record in read(live, "user").values()] == ["Karim Haddad"]
        with pytest.raises(RecordError, match="not allowed to view this event"):
            fetch(live, "booking", other)


def test_the_owner_may_ask_for_no_more_than_their_own(world: World) -> None:
    world.book("Kickoff")
    mine = world.book("Appel découverte")
    with world.connected(scope="user") as live:
        assert set(read(live, "booking")) == {mine}


def test_a_key_that_sees_less_than_before_stops_instead_of_hiding_the_rest(world: World) -> None:
    with world.connected() as live:
        _, cursor = changed(live, changed(live, None)[1])
    world.sandbox.set_role(world.person("Claire Fontaine"), "user")
    with world.connected() as live, pytest.raises(ConfigError, match="no longer owner or administrator"):
        changed(live, cursor)
    with world.connected(scope="user") as live:
        changed(live, cursor)


def test_the_answer_of_the_changes_of_now_costs_no_call_and_is_empty(world: World) -> None:
    with world.connected() as live:
        found, _ = changed(live, None)
    assert found == set()
    assert not world.sandbox.calls.counts


def test_what_happens_near_now_is_found_without_webhooks(world: World) -> None:
    box = world.sandbox
    old = [world.book(days=day) for day in (-1, 2, 3, 4)]
    group = [world.book("Atelier de groupe", 5, name=f"P{n}", email=f"p{n}@example.fr") for n in range(2)]
    quiet = world.book(days=9)
    box.advance(3600)
    with world.connected() as live:
        _, cursor = changed(live, None)
        box.advance(3600)
        new = world.book(days=6)
        moved = box.move(old[1], world.at(8))
        box.cancel(old[2])
        box.cancel(group[0])
        box.mark_no_show(old[0])
        box.change_event_type(world.types["Kickoff"], name="Lancement")
        joined = box.add_user("Lila", "lila@example.fr", "admin")
        sent = box.submit_form(next(iter(box.forms.values()))["uri"], {"Votre nom": "Ana"})
        box.advance(3600)
        found, after = changed(live, cursor)
        again, _ = changed(live, after)

    bookings = {key for stream, key in found if stream == "booking"}
    assert {new, moved, old[0], old[1], old[2], group[0]} <= bookings
    assert not {quiet, old[3], group[1]} & bookings
    assert ("event_type", world.types["Lancement"].rpartition("/")[2]) in found
    assert ("user", joined.rpartition("/")[2]) in found
    assert ("signup", sent.rpartition("/")[2]) in found
    assert again == set()


def test_an_outage_of_weeks_is_caught_up(world: World) -> None:
    with world.connected() as live:
        _, cursor = changed(live, None)
        world.sandbox.advance(10 * 86400)
        key = world.book(days=2)
        world.sandbox.advance(20 * 86400)
        assert ("booking", key) in changed(live, cursor)[0], "it was booked and held while nobody looked"


def test_a_cursor_is_a_text_that_comes_back(world: World) -> None:
    with world.connected() as live:
        _, cursor = changed(live, None)
        assert changed(live, Cursor(json.loads(json.dumps(cursor))))[0] is not None


def test_one_thing_of_unknown_shape_does_not_stop_the_look_for_changes(world: World) -> None:
    box = world.sandbox
    with world.connected() as live:
        _, cursor = changed(live, None)
        box.advance(3600)
        keys = [world.book(days=day) for day in (1, 2)]
        box.invitees[keys[0].partition("/")[2]]["updated_at"] = None
        next(iter(box.event_types.values()))["updated_at"] = "soon"
        box.events[world.book(days=3).partition("/")[0]]["updated_at"] = None
        found, _ = changed(live, cursor)
    assert {key for stream, key in found if stream == "booking"} == {keys[1]}


def test_no_more_calls_are_in_flight_than_are_allowed(world: World) -> None:
    for number in range(30):
        world.book(days=1 + number)
    world.sandbox.latency = 0.01
    with world.connected() as live:
        read(live, "booking")
    assert 1 < world.sandbox.calls.most_in_flight <= SPEC.concurrency


@pytest.mark.parametrize("amount", [12.5, "12.50", None, True])
def test_an_amount_that_is_not_exact_is_refused(amount: object) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        money(amount, "EUR")


def test_a_shape_of_2020_is_read_and_what_it_does_not_say_is_absent(world: World) -> None:
    key = world.book()
    event, invitee = world.sandbox.events[key.partition("/")[0]], world.sandbox.invitees[key.partition("/")[2]]
    past = old({**invitee, "scheduled_event": event})
    plain = {name: value for name, value in event.items() if not name.startswith("meeting_notes")}
    plain["event_memberships"] = [{"user": each["user"]} for each in event["event_memberships"]]
    made = booking(plain, past)
    assert made.key == key
    assert not {"no_show", "payment", "payment_amount"} & set(made.fields)
    assert made.fields["hosts"] == ({"key": event["event_memberships"][0]["user"].rpartition("/")[2]},)
    assert problems("booking", made.fields, whole=True) == []
