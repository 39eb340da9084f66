"""Any two places: Trello and Notion, Asana and Trello both ways, and one-way from what can only be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from hub.core.types import Value
from tests.sandboxes.serve import serve
from tests.sync.world import Boxes, Site, database, running

TASK_FIELDS = [
    {"source": "title", "target": "title", "owner": "latest"},
    {"source": "due", "target": "due", "owner": "latest"},
    {"source": "done", "target": "done", "owner": "latest"},
    {"source": "notes", "target": "notes", "owner": "source"},
]
ROW_FIELDS = [
    {"source": "title", "target": "Tâche", "owner": "latest"},
    {"source": "due", "target": "Échéance", "owner": "latest"},
    {"source": "done", "target": "Statut", "owner": "latest"},
]


def said(
    source: Mapping[str, str], target: Mapping[str, str], fields: list[dict[str, str]], **job: Any
) -> dict[str, Any]:
    whole = {"hub": 1, "job": "sync", "name": "pairs", "says": "The same.", "match_by": "id", "fields": fields}
    return {**whole, "from": dict(source), "to": dict(target), **job}


def test_trello_cards_and_notion_rows(boxes: Boxes, tmp_path: Path) -> None:
    board = boxes.trello.add_board("Calendrier éditorial")
    card = boxes.trello.add_card(board, "Article", due="2026-03-20T09:00:00.000Z")
    table = database(boxes, "Articles")
    job = said(
        {"connection": "trello", "board": "Calendrier éditorial"},
        {"connection": "notion", "database": "Articles"},
        ROW_FIELDS,
    )
    with running(boxes, tmp_path, job, {}) as (store, runtime, clock):
        site = Site(boxes, store, runtime, clock, board, table)
        site.settle()
        (row,) = boxes.notion.rows(table)
        assert (row["Tâche"], row["Hub"]) == ("Article", card)
        boxes.notion.edit_as_person(row["id"], {"Tâche": "Article neuf", "Statut": "Done"})
        site.settle()
        assert boxes.trello.cards[card]["name"] == "Article neuf"
        assert boxes.trello.cards[card]["dueComplete"] is True
        boxes.trello.edit_card(card, due="2026-03-25T10:30:00.000Z")
        site.settle()

        (row,) = boxes.notion.rows(table)
        assert str(row["Échéance"]).startswith("2026-03-25T1")
        assert site.settle() == 0


@pytest.mark.parametrize("way", ["asana to trello", "trello to asana"])
def test_asana_and_trello(boxes: Boxes, tmp_path: Path, way: str) -> None:
    project = boxes.asana.add_project(f"Projet {way}", ("À faire",))
    board = boxes.trello.add_board(f"Tableau {way}")
    asana, trello = (
        {"connection": "asana", "project": f"Projet {way}"},
        {"connection": "trello", "board": f"Tableau {way}"},
    )
    forth = way.startswith("asana")
    job = said(asana if forth else trello, trello if forth else asana, TASK_FIELDS, when_gone="archive")
    if forth:
        boxes.asana.add_task(project, "Page", due_on="2026-03-20", notes="bonjour")
    else:
        boxes.trello.add_card(board, "Page", due="2026-03-20T09:00:00.000Z", desc="bonjour")
    with running(boxes, tmp_path, job, {}) as (store, runtime, clock):
        site = Site(boxes, store, runtime, clock, project, "")
        site.settle()
        (task,) = boxes.asana.tasks(project)
        (card,) = [card for card in boxes.trello.cards.values() if card["idBoard"] == board]
        assert card["name"] == task["name"] == "Page"
        assert str(card["due"])[:10] == "2026-03-20"
        assert "bonjour" in task["notes"]
        assert "bonjour" in card["desc"]
        boxes.trello.edit_card(card["id"], name="Page neuve", dueComplete=True)
        site.settle()
        (task,) = boxes.asana.tasks(project)
        assert (task["name"], task["completed"]) == ("Page neuve", True)
        assert site.settle() == 0

        if forth:
            boxes.asana.delete_task(task["gid"])
            site.settle()
            (card,) = [card for card in boxes.trello.cards.values() if card["idBoard"] == board]
            assert card["closed"] is True
            assert site.settle() == 0


READ_ONLY = [
    {"source": "name", "target": "Tâche", "owner": "source"},
    {"source": "email", "target": "Notes", "owner": "source"},
]


def test_stripe_customers_become_rows(boxes: Boxes, tmp_path: Path) -> None:
    app = registry.load("stripe").sandbox()  # type: ignore[misc]
    with serve(app) as url:
        shop = app.state.sandbox.account("sk_test_sync")
        shop.customer(name="Nora", email="nora@example.com")
        table = database(boxes, "Clientes")
        job = said(
            {"connection": "stripe", "records": "customer"}, {"connection": "notion", "database": "Clientes"}, READ_ONLY
        )
        with running(boxes, tmp_path, job, {"stripe": {"api_key": "sk_test_sync", "base_url": url}}) as made:
            store, runtime, clock = made
            site = Site(boxes, store, runtime, clock, "", table)
            site.settle()

            rows: list[dict[str, Value]] = boxes.notion.rows(table)
            assert [(row["Tâche"], row["Notes"]) for row in rows] == [("Nora", "nora@example.com")]
            assert site.settle() == 0


def test_appointments_become_rows_with_their_hour_and_who_booked(boxes: Boxes, tmp_path: Path) -> None:
    from connectors.calendly.sandbox import KEY

    app = registry.load("calendly").sandbox()  # type: ignore[misc]
    with serve(app) as url:
        box = app.state.sandbox
        box.set_plan("teams", 1_000_000)
        # Other tests have put the hub's clock forward; Calendly tells what changed by its own.
        box.advance((boxes.clock() - datetime.now(UTC)).total_seconds())
        start = (datetime.now(UTC) + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
        kind = next(each for each in box.event_types.values() if each["name"] == "Appel découverte")
        key = box.book(kind["uri"], start.isoformat(), name="Zoé", email="zoe@example.fr")
        table = database(boxes, "Rendez-vous")
        fields = [
            {"source": "title", "target": "Tâche", "owner": "source"},
            {"source": "starts_at", "target": "Échéance", "owner": "source"},
            {"source": "who", "target": "Qui", "owner": "source"},
            {"source": "status", "target": "Étape", "owner": "source"},
        ]
        job = said(
            {"connection": "calendly", "records": "booking"},
            {"connection": "notion", "database": "Rendez-vous"},
            fields,
        )
        with running(boxes, tmp_path, job, {"calendly": {"api_key": KEY, "base_url": url, "plan": "teams"}}) as made:
            site = Site(boxes, *made, "", table)
            site.settle()
            box.cancel(key)
            site.settle()

            (row,) = boxes.notion.rows(table)
            assert (row["Tâche"], row["Étape"]) == ("Appel découverte", "cancelled")
            assert row["Qui"] == "zoe@example.fr"
            assert str(row["Échéance"]).startswith(start.strftime("%Y-%m-%dT"))
            assert site.settle() == 0


def test_mails_become_rows_and_stay(boxes: Boxes, tmp_path: Path) -> None:
    from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER

    app = registry.load("email").sandbox()  # type: ignore[misc]
    with serve(app):
        box = app.state.sandbox
        servers = box.servers()
        keys = {
            "address": DEFAULT_USER,
            "imap_host": "127.0.0.1",
            "imap_user": DEFAULT_USER,
            "imap_password": DEFAULT_PASSWORD,
            "imap_port": servers["imaps"]["port"],
            "imap_tls": "implicit",
            "ca_file": servers["ca_file"],
        }
        box.inject(
            f"From: Zoé <zoe@client.example>\r\nTo: {DEFAULT_USER}\r\nSubject: Une question\r\n"
            "Message-ID: <one@client.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nBonjour.\r\n"
        )
        table = database(boxes, "Messages")
        fields = [
            {"source": "subject", "target": "Tâche", "owner": "source"},
            {"source": "text", "target": "Notes", "owner": "source"},
            {"source": "from", "target": "Qui", "owner": "source"},
        ]
        job = said(
            {"connection": "email", "records": "message"}, {"connection": "notion", "database": "Messages"}, fields
        )
        with running(boxes, tmp_path, job, {"email": keys}) as made:
            site = Site(boxes, *made, "", table)
            site.settle()

            rows = boxes.notion.rows(table)
            assert [(row["Tâche"], str(row["Notes"]).strip()) for row in rows] == [("Une question", "Bonjour.")]
            assert rows[0]["Qui"] == "zoe@client.example"
            assert site.settle() == 0
