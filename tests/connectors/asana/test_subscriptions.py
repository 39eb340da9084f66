"""Webhooks: one for each followed project, made where missing, never doubled, and what becomes of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.asana.subscriptions import FILTERS
from connectors.asana.webhook import AsanaWebhook
from hub.core.errors import ConfigError
from hub.core.types import Ref, Subscription, WebhookRequest
from tests.connectors.asana.conftest import Receiver, World


def told(world: World, receiver: Receiver) -> list[tuple[str, str | None]]:
    """What the verified deliveries said, and forget them."""
    assert world.sandbox.outbox.wait(5)
    hook, found = AsanaWebhook(), []
    for headers, body in receiver.deliveries:
        secrets = tuple(each.secret for each in world.sandbox.world.hooks.values())
        hook.verify(WebhookRequest(url="", headers=headers, body=body, secrets=secrets, now=world.sandbox.now()))
        found += [(event.type, event.key) for event in hook.parse(body)[1]]
    receiver.seen.clear()
    return found


def bare(found: Subscription) -> Subscription:
    return replace(found, secret=None)


def test_a_webhook_is_made_for_each_followed_project_with_the_secret_of_its_handshake(
    world: World, receiver: Receiver
) -> None:
    other = world.sandbox.add_project("Équipe")

    made = world.subscriptions(world.project, other).ensure(receiver.url)

    assert [found.about for found in made] == [world.project, other]
    assert [found.secret for found in made] == receiver.secrets
    assert all(found.alive and found.url == receiver.url and found.failing_since is None for found in made)
    assert "story.added" not in made[0].event_types
    assert "task.changed" in made[0].event_types


def test_what_is_there_is_kept_and_its_secret_not_told_again(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    first = hooks.ensure(receiver.url)

    again = hooks.ensure(receiver.url)

    assert again == tuple(map(bare, first))
    assert hooks.list() == again
    assert len(receiver.secrets) == 1


def test_others_webhooks_are_not_touched(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    others = hooks.ensure(f"{receiver.url}/other")

    ours = hooks.ensure(receiver.url)

    assert set(hooks.list()) == {*map(bare, others), *map(bare, ours)}


def test_an_inactive_webhook_is_made_anew(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    (first,) = hooks.ensure(receiver.url)
    world.sandbox.switch_off(first.ref)
    assert [found.alive for found in hooks.list()] == [False]

    (second,) = hooks.ensure(receiver.url)

    assert second.ref != first.ref
    assert second.secret == receiver.secrets[-1]
    assert [found.ref for found in hooks.list()] == [second.ref]


def test_a_webhook_that_fails_says_since_when_and_is_made_anew_after_an_hour(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    (first,) = hooks.ensure(receiver.url)
    assert world.sandbox.outbox.wait(5)
    reached = world.sandbox.world.hooks[first.ref].last_success_at
    receiver.status = 500
    world.sandbox.advance(600)
    world.sandbox.add_task(world.project, "manquée")
    assert world.sandbox.outbox.wait(5)

    (failing,) = hooks.list()

    assert reached is not None
    assert failing.failing_since is not None
    assert abs(failing.failing_since - reached) < timedelta(milliseconds=1)  # shown to the millisecond
    assert "500" in failing.note
    assert "deletes" in failing.note
    receiver.status = 200
    assert hooks.ensure(receiver.url)[0].ref == first.ref
    world.sandbox.advance(3600)
    (second,) = hooks.ensure(receiver.url)
    assert second.ref != first.ref
    assert second.failing_since is None


def test_other_filters_are_set_right_and_the_webhook_stays(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    (first,) = hooks.ensure(receiver.url)
    world.sandbox.world.hooks[first.ref].filters = [{"resource_type": "task", "action": "added"}]
    assert hooks.list()[0].event_types == ("task.added",)

    (again,) = hooks.ensure(receiver.url)

    assert again == bare(first)
    assert len(world.sandbox.world.hooks[first.ref].filters) == len(FILTERS)


def test_removing_twice_is_no_error(world: World, receiver: Receiver) -> None:
    hooks = world.subscriptions()
    (made,) = hooks.ensure(receiver.url)

    hooks.remove(made.ref)
    hooks.remove(made.ref)
    hooks.remove(Ref("42"))

    assert hooks.list() == ()


def test_who_does_not_answer_the_handshake_is_told_what_to_look_at(world: World, receiver: Receiver) -> None:
    receiver.echo = False

    with pytest.raises(ConfigError, match="hub api"):
        world.subscriptions().ensure(receiver.url)
    with pytest.raises(ConfigError, match="10 seconds"):
        world.subscriptions().ensure("http://127.0.0.1:1/nobody")

    assert world.subscriptions().list() == ()


def test_an_address_of_this_machine_is_refused_in_words(world: World, receiver: Receiver) -> None:
    world.sandbox.refuse_private = True

    with pytest.raises(ConfigError, match="localhost"):
        world.subscriptions().ensure(receiver.url)


def test_a_followed_project_that_is_gone_is_named(world: World, receiver: Receiver) -> None:
    with pytest.raises(ConfigError, match="42"):
        world.subscriptions("42").ensure(receiver.url)


def test_what_the_jobs_need_is_told_and_noise_is_not(world: World, receiver: Receiver) -> None:
    task = world.sandbox.add_task(world.project, "une")
    world.subscriptions().ensure(receiver.url)
    assert told(world, receiver) == []  # the heartbeat after the handshake

    world.sandbox.edit_task(task, due_on="2026-12-01")
    world.sandbox.edit_task(task, completed=True)
    world.sandbox.edit_task(task, assignee=world.sandbox.owner)
    world.sandbox.add_comment(task, "bonjour")
    assert told(world, receiver) == [("task.changed", task)] * 3

    world.sandbox.move_task(task, world.project, "Fait")
    assert {kind for kind, _ in told(world, receiver)} == {"task.added", "task.removed"}
    world.sandbox.delete_task(task)
    assert ("task.deleted", task) in told(world, receiver)
    world.sandbox.restore_task(task)
    assert told(world, receiver) == [("task.undeleted", task)]


def test_the_hubs_own_handler_passes_the_handshake(world: World, receiver: Receiver) -> None:
    """The reply of AsanaWebhook is what Asana wants: the sandbox compares it."""
    world.subscriptions().ensure(receiver.url)
    headers = next(headers for headers, _ in receiver.seen if "x-hook-secret" in headers)

    reply = AsanaWebhook().handshake(
        WebhookRequest(url="", headers=headers, body=b"{}", secrets=(), now=world.sandbox.now())
    )

    assert reply is not None
    assert reply.headers == {"X-Hook-Secret": receiver.secrets[0]}


def test_bodies_are_compact_json_so_that_receivers_that_serialise_again_agree(world: World, receiver: Receiver) -> None:
    world.subscriptions().ensure(receiver.url)
    world.sandbox.add_task(world.project, "é")
    assert world.sandbox.outbox.wait(5)

    for _, body in receiver.deliveries:
        assert json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode() == body
