"""Signed deliveries, as the providers really make them, to the hub's real web part: a moved date is planned at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.trello.sandbox import API_SECRET
from hub.engine import pending
from hub.store import changes, dead, jobs, secrets
from tests.alerts.house import House, address, house, people
from tests.alerts.world import MONDAY, Town, in_days, text
from tests.alerts.world import town as served
from tests.connectors.asana import contract
from tests.paths import SHARED

MORNING = MONDAY.replace(hour=7, minute=30)
DAY = timedelta(days=1)
CLAIRE, LEA, TOM = "claire@example.com", "lea@example.com", "tom@example.com"
SAMPLES = SHARED / "samples" / "trello"
SAMPLE_CARDS = ("63d387e699609c7f4bf0e0ce", "63daa5bdef6d121000749728")
SAMPLE_BOARD = "63d128787441d05619f44dbe"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with served() as made:
        people(made)
        made.boxes.notion.share_page("Atelier Lila")
        yield made


@pytest.fixture
def lila(town: Town, tmp_path: Path) -> Iterator[House]:
    """Three places are watched and shown in one list; nothing is due for a month."""
    show = {"connection": "notion", "database": f"Liste {tmp_path.name}", "people_own": ["Commentaire"]}
    connections = {"asana": {}, "trello": {}, "notion": {"page": "Atelier Lila"}, "email": {}}
    with house(
        town, tmp_path, watch=lambda made: made.watch, show_in=show, business={"connections": connections}
    ) as made:
        made.places.task("Page", in_days(30))
        made.places.card("Billet", in_days(30), "tomtom")
        made.places.card("Une idée", in_days(0), section="Idées")
        made.places.row("Facture", in_days(30), None)
        made.begin(MORNING - 4 * DAY)
        made.clock.at = MORNING
        made.round()
        assert made.told() == []
        made.clock.at = MORNING + timedelta(hours=2)
        yield made


def shown(lila: House) -> dict[str, Any]:
    """Title -> the date in the list."""
    title = lila.runtime.jobs["deadlines"].show_in.database  # type: ignore[union-attr]
    notion = lila.town.boxes.notion
    where = next(str(each["id"]) for each in notion.tables() if each["title"] == title)
    return {str(row["Tâche"]): row["Échéance"] for row in notion.rows(where)}


def told_to(lila: House) -> dict[str, str]:
    """Address -> the text of the one mail to it."""
    found = lila.news()
    assert len({address(mail) for mail in found}) == len(found)
    return {address(mail): text(mail) for mail in found}


def heard(lila: House) -> None:
    """The webhooks of all three: two registered by the hub, Notion's by a person."""
    lila.listen()
    notion = lila.town.boxes.notion
    pending.await_hand(lila.runtime, "notion", lila.key)
    hook = notion.subscribe(f"{lila.settings.public_url}/webhooks/lila/notion")
    with lila.store.read() as conn:
        (token,) = pending.signing(conn, "lila", "notion", lila.key)
    assert notion.confirm(hook["id"], token)


def test_a_date_that_moves_at_any_of_three_places_is_told_and_shown_in_the_same_turn(lila: House) -> None:
    boxes = lila.town.boxes
    with lila.pages():
        heard(lila)
        lila.work()
        (task,) = boxes.asana.tasks(lila.places.project)
        card = _card(lila, "Billet")
        assert boxes.asana.outbox.wait(20)
        before = lila.places.writes()

        boxes.asana.edit_task(task["gid"], due_on=in_days(0).isoformat())
        assert boxes.asana.outbox.wait(20)
        lila.clock.at += timedelta(minutes=1)
        (turn,) = lila.work()
        assert turn.observed.changed == 1
        assert {who: "Page" in said for who, said in told_to(lila).items()} == {LEA: True}
        assert shown(lila)["Page"] == in_days(0).isoformat()

        boxes.trello.edit_card(card, due=f"{in_days(0)}T16:00:00.000Z")
        assert boxes.trello.outbox.wait(20)
        lila.clock.at += timedelta(minutes=1)
        lila.work()
        assert {who: "Billet" in said for who, said in told_to(lila).items()} == {TOM: True}
        assert str(shown(lila)["Billet"]).startswith(in_days(0).isoformat())

        boxes.notion.edit_as_person(lila.places.rows()["Facture"]["id"], {"Pour le": in_days(0).isoformat()})
        boxes.notion.deliver_webhooks()
        lila.clock.at += timedelta(minutes=1)
        lila.work()
        assert {who: "Facture" in said for who, said in told_to(lila).items()} == {CLAIRE: True}
        assert shown(lila)["Facture"] == in_days(0).isoformat()
        # One write for each in the list; the rest of what Notion was told is its person's own edit.
        assert lila.places.writes()["notion"] - before["notion"] <= 4
        assert "Une idée" not in shown(lila)


def _card(lila: House, name: str) -> str:
    trello = lila.town.boxes.trello
    mine = {key for key, each in trello.lists.items() if each["idBoard"] == lila.places.board}
    return next(str(key) for key, card in trello.cards.items() if card["name"] == name and card["idList"] in mine)


def test_a_date_that_moves_at_night_is_shown_at_once_and_told_in_the_morning(lila: House) -> None:
    asana = lila.town.boxes.asana
    with lila.pages():
        lila.listen()
        lila.work()
        (task,) = asana.tasks(lila.places.project)
        lila.clock.at = MORNING + timedelta(hours=15)
        asana.edit_task(task["gid"], due_on=in_days(1).isoformat())
        assert asana.outbox.wait(20)
        lila.work()
        assert shown(lila)["Page"] == in_days(1).isoformat()
        assert lila.told() == []
        lila.clock.at = MORNING + DAY
        lila.round()
        assert list(told_to(lila)) == [LEA]


def test_what_nobody_signed_changes_nothing(lila: House) -> None:
    (task,) = lila.town.boxes.asana.tasks(lila.places.project)
    event = {"action": "changed", "resource": {"gid": task["gid"], "resource_type": "task"}}
    with lila.pages() as client:
        lila.listen()
        lila.work()
        url = f"{lila.settings.public_url}/webhooks/lila/asana"
        answer = client.post(url, json={"events": [event]}, headers={"X-Hook-Signature": "0" * 64})
        assert answer.status_code == 400
    assert lila.work() == []


# As others recorded or published them


def bodies() -> list[Path]:
    return sorted(SAMPLES.glob("*WebhookEvents_*.json"))


def test_deliveries_that_trello_really_made_are_heard_and_planned(lila: House) -> None:
    if not bodies():
        pytest.skip(f"needs Trello's recorded deliveries in {SAMPLES}")
    trello = lila.town.boxes.trello
    card, url = _card(lila, "Billet"), f"{lila.settings.public_url}/webhooks/lila/trello"
    heard_of = 0
    with lila.pages() as client:
        for number, path in enumerate(bodies()):
            body = (
                path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(SAMPLE_BOARD.encode(), _id(lila.places.board))
            )
            for theirs in SAMPLE_CARDS:
                body = body.replace(theirs.encode(), _id(card))
            trello.edit_card(card, due=f"{in_days(40 + number)}T16:00:00.000Z")
            lila.clock.at += timedelta(minutes=1)
            signature = hmac.new(API_SECRET.encode(), body + url.encode(), hashlib.sha1).digest()
            headers = {"X-Trello-Webhook": base64.b64encode(signature).decode(), "Content-Type": "application/json"}
            assert client.post(url, content=body, headers=headers).status_code == 200, path.name
            kind = json.loads(body)["action"]["type"]
            turns = lila.work()
            if kind == "updateList" and '"old":{"pos"' in re.sub(r"\s", "", body.decode()):
                assert turns == [], "where a list stands concerns nobody"
                continue
            assert str(shown(lila)["Billet"]).startswith(in_days(40 + number).isoformat()), path.name
            heard_of += 1
    assert heard_of >= 25
    _nothing_left(lila)


def _id(text_: str) -> bytes:
    return text_.encode()


def test_a_sample_that_moves_a_date_to_today_sends_the_mail_in_the_same_turn(lila: House) -> None:
    path = SAMPLES / "trellodotnet__WebhookEvents_ChangeDueDate.json"
    if not path.exists():
        pytest.skip(f"needs {path}")
    card, url = _card(lila, "Billet"), f"{lila.settings.public_url}/webhooks/lila/trello"
    body = path.read_bytes().replace(SAMPLE_BOARD.encode(), _id(lila.places.board))
    body = body.replace(SAMPLE_CARDS[0].encode(), _id(card))
    lila.town.boxes.trello.edit_card(card, due=f"{in_days(0)}T16:00:00.000Z")
    lila.clock.at += timedelta(minutes=1)
    with lila.pages() as client:
        assert _signed(client, url, body) == 200
        (turn,) = lila.work()
        assert turn.observed.changed == 1
        assert {who: "Billet" in said for who, said in told_to(lila).items()} == {TOM: True}
        assert _signed(client, url, body) == 200  # a repeat
        assert lila.work() == []
    assert lila.told() == []


def _signed(client: httpx.Client, url: str, body: bytes) -> int:
    signature = hmac.new(API_SECRET.encode(), body + url.encode(), hashlib.sha1).digest()
    return client.post(
        url, content=body, headers={"X-Trello-Webhook": base64.b64encode(signature).decode()}
    ).status_code


def published_event() -> dict[str, Any]:
    """The event of Asana's own description of its API, put together from the examples of its parts."""
    schemas = contract.load().spec["components"]["schemas"]

    def example(schema: Any) -> Any:
        if "$ref" in schema:
            return example(schemas[schema["$ref"].rpartition("/")[2]])
        if "example" in schema:
            return schema["example"]
        if "allOf" in schema:
            parts = [example(part) for part in schema["allOf"]]
            return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
        return {name: example(part) for name, part in schema.get("properties", {}).items()} or None

    found = example(schemas["EventResponse"])
    assert isinstance(found, dict)
    return found


def test_the_event_of_asana_s_description_is_heard_and_planned(lila: House) -> None:
    if not contract.DESCRIPTION.exists():
        pytest.skip(f"needs Asana's description in {contract.DESCRIPTION}")
    asana = lila.town.boxes.asana
    (task,) = asana.tasks(lila.places.project)
    event = published_event()
    assert {"user", "resource", "action", "created_at", "change"} <= set(event)
    event = {**event, "resource": {**event["resource"], "gid": task["gid"]}, "parent": None}
    body = json.dumps({"events": [event]}, default=str).encode()
    with lila.pages() as client:
        lila.listen()
        lila.work()
        asana.outbox.holding = True
        try:
            asana.edit_task(task["gid"], due_on=in_days(0).isoformat())
            with lila.store.read() as conn:
                known = secrets.get_many(conn, "lila", "asana", (), pending.OF, lila.key)
            signature = hmac.new(known[0].encode(), body, hashlib.sha256).hexdigest()
            lila.clock.at += timedelta(minutes=1)
            url = f"{lila.settings.public_url}/webhooks/lila/asana"
            assert client.post(url, content=body, headers={"X-Hook-Signature": signature}).status_code == 200
            (turn,) = lila.work()
        finally:
            asana.outbox.holding, asana.outbox.held = False, []
    assert turn.observed.changed == 1
    assert {who: "Page" in said for who, said in told_to(lila).items()} == {LEA: True}
    _nothing_left(lila)


def _nothing_left(lila: House) -> None:
    with lila.store.read() as conn:
        assert dead.listing(conn, "lila") == []
        assert sum(each.count for each in changes.waiting(conn, "lila").values()) == 0
        assert all(one.dirty_seq == one.planned_seq for one in jobs.listing(conn, "lila"))
