"""Webhook subscriptions: one for our URL, signed, never two, never somebody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.calendly.sandbox import KEY, MEMBER_KEY
from connectors.calendly.webhook import EVENT_TYPES, ORGANIZATION_ONLY
from hub.core.errors import ConfigError, TransientError
from hub.core.protocol import Connector
from hub.core.types import Ref, Subscription
from tests.connectors.calendly.kit import HOOK, World
from tests.sandboxes.serve import serve

ALWAYS = set(EVENT_TYPES) - ORGANIZATION_ONLY


def ensure(live: Connector, url: str = HOOK) -> Subscription:
    assert live.subscriptions is not None
    (found,) = live.subscriptions.ensure(url)
    return found


def every(live: Connector) -> dict[str, Subscription]:
    assert live.subscriptions is not None
    return {each.ref: each for each in live.subscriptions.list()}


def test_one_is_made_with_a_long_key_that_is_told_once(world: World) -> None:
    with world.connected() as live:
        made, again = ensure(live), ensure(live)
    assert made.secret is not None
    assert len(made.secret) >= 32
    assert world.sandbox.signing_keys[made.ref.rpartition("/")[2]] == made.secret
    assert (again.ref, again.secret, again.alive) == (made.ref, None, True)
    assert set(made.event_types) == set(EVENT_TYPES)
    assert len(world.sandbox.hooks) == 1


def test_two_keys_are_never_the_same(world: World) -> None:
    with world.connected() as live:
        assert ensure(live).secret != ensure(live, HOOK + "/2").secret


def test_a_disabled_one_is_deleted_and_made_anew_with_a_new_key(world: World) -> None:
    with world.connected() as live:
        first = ensure(live)
        world.sandbox.disable_hook(first.ref)
        assert not every(live)[first.ref].alive
        second = ensure(live)
        assert second.alive
        assert second.ref != first.ref
        assert second.secret not in (None, first.secret)
        assert set(every(live)) == {second.ref}


def test_after_a_day_of_failures_calendly_disables_it_and_says_since_when(world: World) -> None:
    box = world.sandbox
    box.outbox.retry_delays = ()
    with world.connected() as live:
        made = ensure(live, "http://127.0.0.1:9/nobody")
        world.book()
        assert box.outbox.wait(10)
        failing = every(live)[made.ref]
        assert failing.alive
        assert failing.failing_since is not None
        assert box.now() - failing.failing_since < timedelta(minutes=1)
        box.advance(23 * 3600)
        assert every(live)[made.ref].alive
        box.advance(2 * 3600)
        assert not every(live)[made.ref].alive
        before = len(box.outbox.log)
        world.book(days=5)
        assert box.outbox.wait(10)
        assert len(box.outbox.log) == before, "a disabled one is not called"
        assert ensure(live, "http://127.0.0.1:9/nobody").alive


def test_others_are_seen_and_left_alone(world: World) -> None:
    with world.connected() as live:
        other = ensure(live, "https://other.example/hook")
        mine = ensure(live)
        assert set(every(live)) == {other.ref, mine.ref}
        assert live.subscriptions is not None
        live.subscriptions.remove(mine.ref)
        live.subscriptions.remove(mine.ref)
        live.subscriptions.remove(Ref("https://api.calendly.com/webhook_subscriptions/nothing"))
        assert set(every(live)) == {other.ref}


def test_one_that_hears_too_little_or_has_another_scope_is_replaced(world: World) -> None:
    with world.connected(scope="user") as live:
        personal = ensure(live)
        assert set(personal.event_types) == ALWAYS
    with world.connected() as live:
        wide = ensure(live)
        assert set(wide.event_types) == set(EVENT_TYPES)
        assert set(every(live)) == {wide.ref} != {personal.ref}
        world.sandbox.hooks[wide.ref.rpartition("/")[2]]["events"].remove("invitee.canceled")
        assert ensure(live).ref != wide.ref
        assert len(every(live)) == 1


def test_a_plan_without_routing_forms_is_listened_to_without_them_and_not_made_anew_each_time(world: World) -> None:
    world.sandbox.set_plan("free")
    with world.connected() as live:
        made = ensure(live)
        assert set(made.event_types) == ALWAYS
        assert "routing forms" in made.note
        assert ensure(live).ref == made.ref


def test_a_member_listens_to_their_own(world: World) -> None:
    with world.connected(MEMBER_KEY) as live:
        made = ensure(live)
        assert set(made.event_types) == ALWAYS
    hook = world.sandbox.hooks[made.ref.rpartition("/")[2]]
    assert (hook["scope"], hook["user"]) == ("user", world.person("Karim Haddad"))


def test_a_url_that_somebody_else_holds_is_an_error_that_says_so(world: World) -> None:
    with world.connected() as live:
        made = ensure(live)
        shown = world.sandbox.hooks[made.ref.rpartition("/")[2]]
        world.sandbox.subscriptions = lambda *_: []  # type: ignore[method-assign]
        assert shown["callback_url"] == HOOK
        with pytest.raises(ConfigError, match="which this key does not see"):
            ensure(live)


@pytest.mark.parametrize("url", ["http://hub.example/in", "hub.example"])
def test_an_address_that_calendly_refuses_is_explained(world: World, url: str) -> None:
    with world.connected() as live, pytest.raises(ConfigError, match="must be an https address"):
        ensure(live, url)


def test_missing_scopes_are_named(world: World) -> None:
    owner = world.person("Claire Fontaine")
    reading = ["users:read", "organizations:read", "scheduled_events:read", "event_types:read"]
    world.sandbox.add_token("reader", owner, [*reading, "webhooks:read"])
    world.sandbox.add_token("narrow", owner, [*reading[:3], "webhooks:write"])
    with world.connected("reader") as live, pytest.raises(ConfigError, match="lacks the scope webhooks:write"):
        ensure(live)
    with world.connected("narrow") as live, pytest.raises(ConfigError, match="lacks the scope event_types:read"):
        ensure(live)


@pytest.mark.parametrize("kind", ["reset_after_commit", "500_after_commit", "html"])
def test_one_whose_making_got_no_answer_is_taken_back_for_nobody_knows_its_key(world: World, kind: str) -> None:
    world.sandbox.faults.add("POST", "/webhook_subscriptions", kind, times=1)
    with world.connected() as live:
        with pytest.raises(TransientError) as raised:
            ensure(live)
        assert raised.value.uncertain
        assert world.sandbox.hooks == {}
        assert ensure(live).secret


def test_the_signing_key_never_stands_in_a_message(world: World) -> None:
    world.sandbox.faults.add("POST", "/webhook_subscriptions", "500")
    with world.connected() as live, pytest.raises(TransientError) as raised:
        ensure(live)
    assert KEY not in str(raised.value)
    assert not any(str(key) in str(raised.value) for key in world.sandbox.signing_keys.values())


def test_a_redirect_is_a_failure_and_an_answer_heals_it(world: World) -> None:
    box = world.sandbox
    box.outbox.retry_delays = ()
    answers = [302, 204]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        headers = [(b"location", b"/elsewhere")]
        await send({"type": "http.response.start", "status": answers.pop(0), "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    with serve(app) as url, world.connected() as live:
        made = ensure(live, url + "/hook")
        world.book()
        assert box.outbox.wait(10)
        assert every(live)[made.ref].failing_since is not None
        world.book(days=5)
        assert box.outbox.wait(10)
        assert every(live)[made.ref].failing_since is None
    assert answers == []
