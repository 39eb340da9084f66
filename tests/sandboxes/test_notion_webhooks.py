"""Notion's sandbox calls webhooks as Notion does: verified, signed, aggregated, repeated, out of order."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.notion.sandbox.webhooks import sign
from tests.sandboxes.notion_kit import Clock, Json, Receiver, World, rich, row, table, world


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def notion() -> Iterator[World]:
    with world(Clock()) as served:
        yield served


def confirmed(notion: World, receiver: Receiver, **options: Any) -> Json:
    made: Json = notion.sandbox.subscribe(receiver.url, **options)
    assert notion.sandbox.confirm(made["id"], made["token"])
    return made


@pytest.mark.parametrize(
    ("token", "body", "signature"),
    [
        (
            "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl",
            b'{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}',
            "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735",
        ),
        (
            "fixed-verification-token",
            b'{"id":"fixed-evt","type":"page.created"}',
            "sha256=e51fc361bd9b019cc34c59929547007291a6dd982179d36bb5d6d9e7e12cbac2",
        ),
    ],
)
def test_signatures_are_those_of_notions_own_examples(token: str, body: bytes, signature: str) -> None:
    assert sign(token, body) == signature
    assert sign(token, body + b" ") != signature


def test_the_verification_is_signed_with_the_token_that_it_carries_and_events_wait_for_the_person(
    notion: World, receiver: Receiver
) -> None:
    sandbox = notion.sandbox
    made = sandbox.subscribe(receiver.url)
    body, raw, signature = receiver.got[0]
    assert body == {"verification_token": made["token"]}
    assert signature == sign(made["token"], raw)
    page = sandbox.share_page("Pilotage")
    table(notion.client(), page)
    assert sandbox.deliver_webhooks() == []
    assert sandbox.confirm(made["id"], "secret_wrong") is False
    assert sandbox.confirm(made["id"], body["verification_token"]) is True
    assert sandbox.resend_token(made["id"]) == 200
    table(notion.client(), page, "Autre")
    sandbox.deliver_webhooks()
    assert receiver.types == ["database.created"]
    assert all(signature == sign(made["token"], raw) for _, raw, signature in receiver.got)


def test_every_kind_of_change_rings_with_ids_and_no_values(notion: World, receiver: Receiver) -> None:
    client, sandbox, page = notion.client(), notion.sandbox, notion.sandbox.share_page("Pilotage")
    confirmed(notion, receiver)
    database, source = table(client, page)
    made = row(client, source, "x")
    client.pages.update(made["id"], properties={"Montant": {"number": 3}})
    block = sandbox.add_block_as_person(made["id"], "bonjour")
    client.pages.update(made["id"], in_trash=True)
    client.pages.update(made["id"], in_trash=False)
    changed = client.data_sources.update(source, properties={"Neuf": {"number": {}}, "Note": None})
    client.comments.create(parent={"page_id": made["id"]}, rich_text=rich("?"))
    sandbox.deliver_webhooks()
    assert receiver.types == [
        "database.created",
        "page.created",
        "page.properties_updated",
        "page.content_updated",
        "page.deleted",
        "page.undeleted",
        "data_source.schema_updated",
        "comment.created",
    ]
    by_type = {event["type"]: event for event in receiver.events}
    updated = by_type["page.properties_updated"]
    assert updated["entity"] == {"id": made["id"], "type": "page"}
    assert updated["data"]["parent"] == {"id": database, "type": "database", "data_source_id": source}
    assert updated["data"]["updated_properties"] == [made["properties"]["Montant"]["id"]]
    assert updated["authors"] == [{"id": client.users.me()["id"], "type": "bot"}]
    assert updated["timestamp"] == "2026-11-21T08:15:42.607Z"
    assert (updated["attempt_number"], updated["api_version"]) == (1, "2026-03-11")
    content = by_type["page.content_updated"]
    assert content["data"]["updated_blocks"] == [{"id": block, "type": "block"}]
    assert content["authors"][0]["type"] == "person"
    schema = by_type["data_source.schema_updated"]["data"]["updated_properties"]
    assert schema[0] == {"id": changed["properties"]["Neuf"]["id"], "name": "Neuf", "action": "created"}
    assert schema[1]["action"] == "deleted"
    assert by_type["database.created"]["data"]["parent"] == {"id": page, "type": "page"}
    assert by_type["comment.created"]["data"]["page_id"] == made["id"]


def test_changes_of_one_page_are_aggregated_unless_told_otherwise(notion: World, receiver: Receiver) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    made = row(client, source, "x")
    together = confirmed(notion, receiver, types=["page.properties_updated"])
    for n in range(3):
        client.pages.update(made["id"], properties={"Montant": {"number": n}, "Fait": {"checkbox": True}})
    sandbox.edit_as_person(made["id"], {"Etat": "payé"}, person="Marc")
    assert len(sandbox.waiting_webhooks()) == 1
    sandbox.deliver_webhooks()
    (event,) = receiver.events
    assert len(event["data"]["updated_properties"]) == 3
    assert [author["type"] for author in event["authors"]] == ["bot", "person"]
    sandbox.unsubscribe(together["id"])
    confirmed(notion, receiver, aggregated=False)
    for n in range(10, 13):
        client.pages.update(made["id"], properties={"Montant": {"number": n}})
    assert len(sandbox.deliver_webhooks()) == 3


def test_deliveries_come_twice_out_of_order_or_never_when_asked(notion: World, receiver: Receiver) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    confirmed(notion, receiver)
    for n in range(6):
        row(client, source, str(n))
    waiting = [event["id"] for event in sandbox.waiting_webhooks()]
    assert len(sandbox.deliver_webhooks(copies=2, shuffle_seed=3)) == 12
    arrived = [event["id"] for event in receiver.events]
    assert sorted(arrived) == sorted(waiting * 2)
    assert arrived != sorted(arrived, key=waiting.index)
    row(client, source, "y")
    assert sandbox.deliver_webhooks(drop=True) == sandbox.deliver_webhooks() == []


def test_a_refused_delivery_is_tried_eight_times_in_all_with_its_number(notion: World, receiver: Receiver) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    confirmed(notion, receiver)
    row(client, source, "x")
    receiver.status = 500
    assert [len(sandbox.deliver_webhooks()) for _ in range(9)] == [1] * 8 + [0]
    assert [event["attempt_number"] for event in receiver.events] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len({event["id"] for event in receiver.events}) == 1
    row(client, source, "y")
    sandbox.deliver_webhooks()
    receiver.status = 204
    assert [one["status"] for one in sandbox.deliver_webhooks()] == [204]
    assert sandbox.deliver_webhooks() == []


def test_a_thread_delivers_by_itself_until_it_is_stopped(notion: World, receiver: Receiver) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    confirmed(notion, receiver)
    sandbox.deliver_webhooks_every(0.01)
    row(client, source, "x")
    waiting = threading.Event()
    for _ in range(1000):
        if receiver.types:
            break
        waiting.wait(0.01)
    sandbox.deliver_webhooks_every(None)
    assert receiver.types == ["page.created"]


def test_a_receiver_that_is_down_gets_the_event_when_it_is_back(notion: World, receiver: Receiver) -> None:
    client, sandbox = notion.client(), notion.sandbox
    _, source = table(client, sandbox.share_page("Pilotage"))
    made = sandbox.subscribe("http://127.0.0.1:9/hooks/notion")
    sandbox.confirm(made["id"], made["token"])
    row(client, source, "x")
    assert [one["status"] for one in sandbox.deliver_webhooks()] == [None]
    assert [event["attempt_number"] for event in sandbox.waiting_webhooks()] == [2]
