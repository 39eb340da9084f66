"""Promises about webhooks: who signed, who is called, and what a person sees in the directory."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.conformance.base import Plays, Suite, has, must, only_hub_errors, receiving
from hub.conformance.case import Case, case_of, folder_of
from hub.conformance.concerns import only_with
from hub.core.errors import ConfigError, RecordError, SignatureError
from hub.core.protocol import Connector, ConnectorSpec, Subscriptions, Webhook
from hub.core.types import Subscription, WebhookRequest

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


class Hearing(Suite):
    """What a webhook, the list of subscriptions and the directory promise."""

    @only_with("webhook")
    def test_what_the_provider_signed_is_accepted(self, spec: ConnectorSpec[Any]) -> None:
        webhook, case, request = _delivery(spec)
        webhook.verify(request)
        webhook.verify(dataclasses.replace(request, secrets=(case.other_secret, case.webhook_secret)))

    @only_with("webhook", "signed body")
    def test_one_changed_byte_is_refused(self, spec: ConnectorSpec[Any]) -> None:
        webhook, _, request = _delivery(spec)
        step = max(1, len(request.body) // 40)
        for place in range(0, len(request.body), step):
            changed = bytes([*request.body[:place], request.body[place] ^ 1, *request.body[place + 1 :]])
            _refused(webhook, dataclasses.replace(request, body=changed), f"byte {place} was changed")
        for body in (request.body + b" ", request.body[:-1], b""):
            _refused(webhook, dataclasses.replace(request, body=body), "the body was cut or grew")

    @only_with("webhook")
    def test_a_wrong_secret_no_signature_and_no_secret_are_refused(self, spec: ConnectorSpec[Any]) -> None:
        webhook, case, request = _delivery(spec)
        _refused(webhook, dataclasses.replace(request, secrets=(case.other_secret,)), "the secret is another's")
        _refused(webhook, case.unsigned(request), "it was not signed")
        for secrets in ((), ("",), ("", "")):
            _refused(webhook, dataclasses.replace(request, secrets=secrets), "no secret is known")
            forged = dataclasses.replace(case.signed(request.body, AT, ""), secrets=secrets)
            _refused(webhook, forged, "it was signed with an empty secret")

    @only_with("webhook", "signed time")
    def test_an_old_signature_is_refused_where_it_says_its_time(self, spec: ConnectorSpec[Any]) -> None:
        webhook, case, request = _delivery(spec)
        late = timedelta(seconds=has(case.signed_for, "time in its signature"))
        webhook.verify(dataclasses.replace(request, now=AT + late - timedelta(seconds=1)))
        _refused(webhook, dataclasses.replace(request, now=AT + late + timedelta(seconds=2)), "it is old")
        _refused(webhook, dataclasses.replace(request, now=AT + timedelta(days=30)), "it is a month old")

    @only_with("webhook")
    def test_a_signature_that_is_damaged_is_refused(self, spec: ConnectorSpec[Any]) -> None:
        webhook, _, request = _delivery(spec)
        signed = [name for name in request.headers if name not in ("content-type", "user-agent", "host")]
        for name in signed:
            for value in ("", "nonsense", request.headers[name][:-1], request.headers[name] + "0"):
                damaged = dataclasses.replace(request, headers={**request.headers, name: value})
                _refused(webhook, damaged, f"{name} is {value!r}")

    @only_with("webhook")
    def test_what_cannot_be_read_is_a_record_error(self, spec: ConnectorSpec[Any]) -> None:
        webhook = has(spec.webhook, "webhook")
        for body in (b"", b"nonsense", b"\xff\xfe", b"[]", b"{}", b"null", b"7", b'{"id": 7}', b'{"events": 7}'):
            with only_hub_errors(f"reading the delivery {body!r}") as caught:
                webhook.parse(body)
            must(all(isinstance(each, RecordError) for each in caught), f"{body!r} is told as {caught}.")

    @only_with("webhook")
    def test_an_ordinary_delivery_is_no_handshake(self, spec: ConnectorSpec[Any]) -> None:
        webhook, _, request = _delivery(spec)
        must(webhook.handshake(request) is None, "An ordinary delivery is taken for a handshake.")

    @only_with("webhook", "handshake")
    def test_a_handshake_is_answered_as_the_provider_expects(self, spec: ConnectorSpec[Any]) -> None:
        webhook = has(spec.webhook, "webhook")
        request, expected = has(case_of(spec).handshake(), "handshake")
        must(webhook.handshake(request) == expected, f"The handshake is answered with {webhook.handshake(request)}.")

    @only_with("subscriptions")
    def test_a_second_ensure_makes_no_second_subscription(self, plays: Plays, live: Connector) -> None:
        subscriptions, webhook = _listed(plays, live)
        with receiving(webhook) as receiver:
            first = subscriptions.ensure(receiver.at("ours"))
            must(first and all(each.alive for each in first), f"ensure() gives no living subscription: {first}.")
            second = subscriptions.ensure(receiver.at("ours"))
            must(_refs(first) == _refs(second), "A second ensure() made other subscriptions.")
            must(not any(each.secret for each in second), "A secret is told that this ensure() cannot know.")
            must(_refs(_at(subscriptions, receiver.at("ours"))) == _refs(first), "list() does not give what was made.")

    @only_with("subscriptions")
    def test_the_subscriptions_of_others_stay_as_they_are(self, plays: Plays, live: Connector) -> None:
        subscriptions, webhook = _listed(plays, live)
        with receiving(webhook) as receiver:
            subscriptions.ensure(receiver.at("theirs"))
            before = _at(subscriptions, receiver.at("theirs"))
            for ours in subscriptions.ensure(receiver.at("ours")):
                subscriptions.remove(ours.ref)
                subscriptions.remove(ours.ref)
            must(not _at(subscriptions, receiver.at("ours")), "A removed subscription is still there.")
            after = _at(subscriptions, receiver.at("theirs"))
            must(before == after, f"Another's subscription was {before} and is {after}.")

    @only_with("subscriptions", "disable")
    def test_a_disabled_subscription_lives_again(self, plays: Plays, live: Connector) -> None:
        subscriptions, webhook = _listed(plays, live)
        with receiving(webhook) as receiver:
            made = subscriptions.ensure(receiver.at("ours"))
            plays.case.disable(made[0].ref)
            dead = {each.ref: each.alive for each in subscriptions.list()}
            must(not dead.get(made[0].ref), "list() calls a disabled subscription alive.")
            again = subscriptions.ensure(receiver.at("ours"))
            must(len(again) == len(made) and all(each.alive for each in again), f"It is not alive again: {again}.")
            living = [each for each in _at(subscriptions, receiver.at("ours")) if each.alive]
            must(len(living) == len(made), f"There are {len(living)} living subscriptions, not {len(made)}.")

    @only_with("subscriptions")
    def test_a_change_at_the_provider_is_heard_signed(self, plays: Plays, live: Connector) -> None:
        subscriptions, webhook = _listed(plays, live)
        streams = [each for each in plays.spec.streams if each in set(plays.spec.event_types.values())]
        filled = [(stream, plays.case.fill(stream, 1)) for stream in streams]
        with receiving(webhook) as receiver:
            made = subscriptions.ensure(receiver.at("ours"))
            told = (plays.case.webhook_secret, *receiver.secrets, *(each.secret or "" for each in made))
            changed = {(stream, keys[0]) for stream, keys in filled if keys and plays.case.change(stream, keys[0])}
            plays.case.deliver()
            secrets = tuple(dict.fromkeys(each for each in (*told, *receiver.secrets) if each))
            heard = set()
            for each in list(receiver.got):
                request = dataclasses.replace(each, secrets=secrets)
                webhook.verify(request)
                heard |= {(event.stream, event.key) for event in webhook.parse(each.body)[1]}
        must(changed, "The case changes no record that the provider tells of.")
        must(changed & heard, f"Of {sorted(changed)} nothing was heard; heard: {sorted(map(str, heard))}.")

    @only_with("directory")
    def test_the_directory_names_what_the_key_sees(self, plays: Plays, live: Connector) -> None:
        sight = has(live.directory, "directory").look()
        must(sight.account.strip(), "look() does not say whose key it is.")
        for thing in sight.things:
            must(thing.kind and thing.id and thing.name, f"A thing without a kind, an id or a name: {thing}.")
        followed = set(plays.case.follow or ()) - {thing.id for thing in sight.things}
        must(not followed, f"look() leaves out what is followed: {sorted(followed)}.")
        plays.shows_no_key(repr(sight))

    @only_with("directory")
    def test_the_directory_refuses_a_wrong_key_with_the_way_out(self, plays: Plays) -> None:
        with plays.open(plays.case.wrong_key) as live:
            directory = has(live.directory, "directory")
            with only_hub_errors("looking with a refused key") as caught:
                directory.look()
        must(caught and isinstance(caught[0], ConfigError), f"A refused key is no ConfigError: {caught}.")
        plays.shows_no_key(str(caught[0]))


def _delivery(spec: ConnectorSpec[Any]) -> tuple[Webhook, Case, WebhookRequest]:
    """A delivery of the first event type, signed at AT with the case's secret."""
    webhook, case = has(spec.webhook, "webhook"), case_of(spec)
    kind = next(iter(spec.event_types))
    body = case.wire((folder_of(spec) / "fixtures" / f"{kind}.json").read_bytes(), kind)
    return webhook, case, case.signed(body, AT, case.webhook_secret)


def _refused(webhook: Webhook, request: WebhookRequest, because: str) -> None:
    with only_hub_errors(f"verifying a delivery although {because}") as caught:
        webhook.verify(request)
    refusals = SignatureError if any(request.secrets) else (SignatureError, ConfigError)
    must(caught and isinstance(caught[0], refusals), f"A delivery was accepted although {because}: {caught}.")
    for secret in request.secrets:
        must(not secret or secret not in str(caught[0]), "The message shows the secret.")


def _listed(plays: Plays, live: Connector) -> tuple[Subscriptions, Webhook]:
    return has(live.subscriptions, "list of subscriptions"), has(plays.spec.webhook, "webhook")


def _refs(found: object) -> list[str]:
    return sorted(each.ref for each in found)  # type: ignore[attr-defined]


def _at(subscriptions: Subscriptions, url: str) -> list[Subscription]:
    """The subscriptions that call this address."""
    return sorted((each for each in subscriptions.list() if each.url == url), key=lambda each: each.ref)
