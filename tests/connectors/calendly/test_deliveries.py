"""What a delivery says has changed, in every shape that Calendly has sent, and what the bookings of a chain end in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.calendly import webhook
from connectors.calendly.spec import SPEC
from connectors.calendly.webhook import EVENT_TYPES, CalendlyWebhook
from hub.core.errors import RecordError, SignatureError
from hub.core.protocol import Connector
from hub.core.types import Record, WebhookRequest
from tests.connectors.calendly.kit import HOOK, World, fetch, read
from tests.paths import SHARED

FIXTURES = Path(webhook.__file__).parent / "fixtures"
SAMPLES = SHARED / "samples" / "calendly" / "webhook-examples"
Touched = list[tuple[str | None, str | None]]


def parsed(body: Any) -> tuple[str, Touched]:
    delivery, events = CalendlyWebhook().parse(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert events[0].id == delivery
    assert len({event.id for event in events}) == len(events)
    return delivery, [(event.stream, event.key) for event in events]


def envelope(kind: str, **payload: Any) -> dict[str, Any]:
    return {"event": kind, "created_at": "2026-11-21T10:00:00.000000Z", "payload": payload}


def uri(booking: str) -> str:
    event, _, invitee = booking.partition("/")
    return f"https://api.calendly.com/scheduled_events/{event}/invitees/{invitee}"


def test_there_is_a_fixture_for_every_type_that_is_followed_and_it_is_parsed() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(EVENT_TYPES) == set(SPEC.event_types)
    for kind, stream in EVENT_TYPES.items():
        _, touched = parsed((FIXTURES / f"{kind}.json").read_bytes())
        assert touched[0][0] == stream
        assert all(key for _, key in touched)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of Calendly's payloads lie outside the repository")
def test_every_sample_of_any_year_is_parsed() -> None:
    found = sorted(SAMPLES.glob("*.json"))
    assert found
    for path in found:
        sample = json.loads(path.read_text())
        _, touched = parsed(sample if "event" in sample else sample["payload"])
        assert touched[0][0] in ("booking", "signup")


def test_either_delivery_of_a_reschedule_rings_both_bookings() -> None:
    old, new = "e1/i1", "e2/i2"
    _, gone = parsed(envelope("invitee.canceled", uri=uri(old), rescheduled=True, new_invitee=uri(new)))
    _, made = parsed(envelope("invitee.created", uri=uri(new), old_invitee=uri(old), new_invitee=None))
    assert gone == [("booking", old), ("booking", new)]
    assert made == [("booking", new), ("booking", old)]


def test_a_no_show_is_a_change_of_the_booking_and_a_booking_by_a_form_one_of_the_signup() -> None:
    mark = "https://api.calendly.com/invitee_no_shows/n1"
    for kind in ("invitee_no_show.created", "invitee_no_show.deleted"):
        assert parsed(envelope(kind, uri=mark, invitee=uri("e1/i1")))[1] == [("booking", "e1/i1")]
    form = "https://api.calendly.com/routing_form_submissions/s1"
    _, touched = parsed(envelope("invitee.created", uri=uri("e1/i1"), routing_form_submission=form))
    assert touched == [("booking", "e1/i1"), ("signup", "s1")]


def test_other_hosts_and_prefixes_before_a_reference_do_not_matter() -> None:
    for prefix in ("https://api.calendly.com/api/v2", "https://calendly.com", "http://127.0.0.1:9"):
        path = f"{prefix}/scheduled_events/e1/invitees/i1"
        assert parsed(envelope("invitee.created", uri=path))[1] == [("booking", "e1/i1")]


def test_what_is_not_followed_is_acknowledged() -> None:
    for kind in ("meeting_recap.created", "contact.updated", "invitee.teleported"):
        assert parsed(envelope(kind, uri="x"))[1] == [(None, None)]


def test_repeats_have_one_id_and_two_changes_of_one_second_have_two() -> None:
    first = envelope("event_type.updated", uri="https://api.calendly.com/event_types/t1", updated_at="10:00:00.1Z")
    second = envelope("event_type.updated", uri="https://api.calendly.com/event_types/t1", updated_at="10:00:00.2Z")
    assert parsed(first)[0] == parsed({**first, "created_by": "somebody else"})[0]
    assert parsed(first)[0] != parsed(second)[0]
    assert (
        parsed(envelope("invitee.created", uri=uri("e/i")))[0]
        != parsed(envelope("invitee.canceled", uri=uri("e/i")))[0]
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"event": "invitee.created"}',
        b'{"event": 1, "payload": {}}',
        b'{"event": "invitee.created", "payload": {}}',
        b'{"event": "invitee.created", "payload": {"uri": 5}}',
        b'{"event": "invitee.created", "payload": {"uri": "https://api.calendly.com/event_types/x"}}',
        b'{"event": "invitee_no_show.created", "payload": {"uri": "https://api.calendly.com/invitee_no_shows/x"}}',
        b'{"event": "event_type.updated", "payload": {"uri": ""}}',
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_a_record_error(body: bytes) -> None:
    with pytest.raises(RecordError):
        CalendlyWebhook().parse(body)


def listening(world: World, live: Connector) -> str:
    """Register, hold every delivery back; the signing key."""
    assert live.subscriptions is not None
    (made,) = live.subscriptions.ensure(HOOK)
    world.sandbox.webhooks(hold=True)
    assert made.secret is not None
    return made.secret


def held(world: World) -> Iterator[tuple[bytes, dict[str, str]]]:
    for post in world.sandbox.outbox.held:
        yield post.body, {name.lower(): value for name, value in post.headers().items()}


def heard(world: World, secret: str) -> list[bytes]:
    """The bodies that were sent, each of them verified."""
    bodies = []
    for body, headers in held(world):
        CalendlyWebhook().verify(
            WebhookRequest(url=HOOK, headers=headers, body=body, secrets=(secret,), now=world.sandbox.now())
        )
        bodies.append(body)
    return bodies


def test_deliveries_of_the_sandbox_are_signed_with_our_key_and_refused_with_another(world: World) -> None:
    with world.connected() as live:
        secret = listening(world, live)
        world.book()
        assert len(heard(world, secret)) == 1
        with pytest.raises(SignatureError):
            heard(world, "another")


def test_a_subscription_without_a_key_sends_unsigned_deliveries_and_they_are_refused(world: World) -> None:
    with world.connected() as live:
        secret = listening(world, live)
        hook = next(iter(world.sandbox.hooks))
        world.sandbox.signing_keys[hook] = None
        world.book()
        with pytest.raises(SignatureError, match="made without a signing key"):
            heard(world, secret)


@pytest.mark.parametrize("first", ["canceled", "created"])
@pytest.mark.parametrize("old_shape", [False, True])
def test_a_reschedule_is_joined_whichever_delivery_comes_first_or_alone(
    world: World, first: str, old_shape: bool
) -> None:
    with world.connected() as live:
        secret = listening(world, live)
        world.sandbox.payloads(old_shape)
        old = world.book()
        world.sandbox.outbox.held.clear()
        new = world.sandbox.move(old, world.at(9), told_first=first)
        bodies = heard(world, secret)
        assert [json.loads(body)["event"] for body in bodies] == (
            ["invitee.canceled", "invitee.created"] if first == "canceled" else ["invitee.created", "invitee.canceled"]
        )
        for body in bodies:
            # Each alone is enough: its partner may never come.
            assert set(parsed(body)[1]) == {("booking", old), ("booking", new)}
        before, after = fetch(live, "booking", old), fetch(live, "booking", new)
    assert (before.fields["status"], before.fields["moved_to"], before.fields["moved_from"]) == ("moved", new, None)
    assert (after.fields["status"], after.fields["moved_from"], after.fields["moved_to"]) == ("active", old, None)


def test_a_moved_booking_whose_new_half_is_unknown_is_still_moved_and_not_lost(world: World) -> None:
    old = world.book()
    world.sandbox.move(old, world.at(9))
    world.sandbox.invitees[old.partition("/")[2]]["new_invitee"] = None
    with world.connected() as live:
        fields = fetch(live, "booking", old).fields
    assert (fields["status"], fields["moved_to"]) == ("moved", None)


def test_every_type_of_delivery_ends_in_the_record_that_a_read_gives(world: World) -> None:
    box = world.sandbox
    with world.connected() as live:
        secret = listening(world, live)
        form = box.submit_form(next(iter(box.forms.values()))["uri"], {"Votre nom": "Ana"})
        first = world.book("Kickoff", -1, routing_form_submission=form)
        box.unmark_no_show(box.mark_no_show(first))
        box.mark_no_show(first)
        box.cancel(world.book(days=2), "host", "Malade")
        kind = box.add_event_type("Bilan", world.person("Claire Fontaine"), 45)
        box.change_event_type(kind, name="Bilan annuel")
        box.delete_event_type(kind)
        bodies = heard(world, secret)
        assert {json.loads(body)["event"] for body in bodies} == set(EVENT_TYPES)
        mirror = told(live, bodies)
        for stream in ("booking", "signup"):
            assert {key: record for (each, key), record in mirror.items() if each == stream} == read(live, stream)
        assert mirror["event_type", kind.rpartition("/")[2]].deleted


def told(live: Connector, bodies: list[bytes]) -> dict[tuple[str, str], Record]:
    """A mirror that these deliveries make, each record as it was read last."""
    mirror = {}
    for body in bodies:
        for stream, key in parsed(body)[1]:
            assert stream is not None
            assert key is not None
            mirror[stream, key] = fetch(live, stream, key)
    return mirror


@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_repetition_of_a_chain_of_reschedules_ends_in_the_same_records(
    world: World, data: st.DataObject
) -> None:
    box = world.sandbox
    box.heal()
    with world.connected() as live:
        secret = listening(world, live)
        box.outbox.held.clear()
        chain = [world.book(days=1)]
        for number in range(data.draw(st.integers(1, 3), label="moves")):
            side = data.draw(st.sampled_from(["canceled", "created"]), label="told first")
            chain.append(box.move(chain[-1], world.at(2 + number), told_first=side))
        if data.draw(st.booleans(), label="cancelled at last"):
            box.cancel(chain[-1])
        bodies = heard(world, secret)
        again = data.draw(st.lists(st.sampled_from(bodies), max_size=4), label="repeats")
        order = data.draw(st.permutations([*bodies, *again]), label="order")
        mirror = told(live, list(order))
        box.outbox.held.clear()
        for hook in list(box.hooks):
            box.delete_hook(hook)

        bookings = {key: record for (stream, key), record in mirror.items() if stream == "booking"}
        assert bookings == {key: fetch(live, "booking", key) for key in chain}
    for before, after in pairwise(chain):
        assert bookings[before].fields["status"] == "moved"
        assert bookings[before].fields["moved_to"] == after
        assert bookings[after].fields["moved_from"] == before


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_half_of_each_reschedule_is_enough(world: World, data: st.DataObject) -> None:
    box = world.sandbox
    with world.connected() as live:
        secret = listening(world, live)
        box.outbox.held.clear()
        chain = [world.book(days=1)]
        kept = []
        for number in range(2):
            before = len(box.outbox.held)
            chain.append(box.move(chain[-1], world.at(2 + number)))
            pair = heard(world, secret)[before:]
            kept.append(data.draw(st.sampled_from(pair), label="the half that comes"))
        mirror = told(live, data.draw(st.permutations(kept), label="order"))
        box.outbox.held.clear()
        for hook in list(box.hooks):
            box.delete_hook(hook)
        assert {key for _, key in mirror} == set(chain)
        for (stream, key), record in mirror.items():
            assert record == fetch(live, stream, key)
