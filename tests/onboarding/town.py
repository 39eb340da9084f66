"""Stripe, Calendly, Notion, Asana, Trello and a mail server in small, furnished as people would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors import registry
from connectors.asana.sandbox import TOKEN as ASANA_TOKEN
from connectors.calendly.sandbox import KEY as CALENDLY_KEY
from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox
from connectors.email.sandbox import create_app as email_app
from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.control import TOKEN as NOTION_TOKEN
from connectors.notion.sandbox.control import WORKSPACE
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.trello.sandbox import API_KEY, API_SECRET
from connectors.trello.sandbox import TOKEN as TRELLO_TOKEN
from tests.sandboxes.serve import serve_all

OFFER = "Programme Élan"
CALL = "Appel de démarrage"
MONDAY = datetime(2027, 3, 8, 8, tzinfo=UTC)
"""09:00 in Paris, on a Monday without holidays around."""
STRIPE_KEY = "sk_test_onboarding"


class Clock:
    """Everybody's clock: it runs from that Monday on, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = MONDAY - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Town:
    """The providers, with the mail server."""

    clock: Clock
    stripe: Any
    calendly: Any
    notion: Any
    asana: Any
    trello: Any
    post: EmailSandbox
    settings: Mapping[str, Mapping[str, Any]]
    urls: Mapping[str, str]
    table: str = ""
    call: str = ""

    def skip(self, **span: float) -> None:
        """Time passes, at all of them."""
        seconds = timedelta(**span).total_seconds()
        self.clock.ahead += timedelta(seconds=seconds)
        for box in (self.calendly, self.asana, self.trello):
            box.advance(seconds)

    def to(self, at: datetime) -> None:
        """It is that instant."""
        self.skip(seconds=(at - self.clock()).total_seconds())

    @property
    def account(self) -> Any:
        """The Stripe account."""
        return self.stripe.account(STRIPE_KEY)

    def sell(self, email: str = "marie@example.com", name: str = "Marie Dupont", **more: Any) -> Any:
        """Somebody buys the programme."""
        self.skip(minutes=2)  # Stripe says whole seconds
        return self.account.sell(amount=120000, product=OFFER, email=email, name=name, **more)

    def book(self, at: datetime, email: str = "marie@example.com", name: str = "Marie Dupont") -> str:
        """Somebody books the first call."""
        self.skip(minutes=2)
        return str(self.calendly.book(self.call, at.isoformat(), name=name, email=email))

    def rows(self) -> list[dict[str, Any]]:
        """The clients' rows."""
        return list(self.notion.rows(self.table))

    def projects(self) -> list[Any]:
        """Asana's projects that are no templates."""
        return [one for one in self.asana.world.projects.values() if not one.template]

    def boards(self) -> list[Any]:
        """Trello's boards that were copied."""
        return [one for one in self.trello.boards.values() if one["name"].startswith("Suivi ·")]

    def cards(self, board: str) -> dict[str, str]:
        """A board's cards -> the day on which each is due."""
        found = (card for card in self.trello.cards.values() if card["idBoard"] == board)
        return {card["name"]: str(card["due"])[:10] for card in found}


@contextmanager
def town() -> Iterator[Town]:
    """All of them, served."""
    clock = Clock()
    apps = {name: registry.load(name).sandbox() for name in ("asana", "trello", "calendly")}  # type: ignore[misc]
    apps |= {"notion": notion_app(clock), "stripe": stripe_app(clock), "email": email_app()}
    with serve_all(apps) as urls:
        made = {name: app.state.sandbox for name, app in apps.items()}
        for name in ("asana", "trello", "calendly"):
            made[name].advance(clock.ahead.total_seconds())
        made["asana"].limit(None)
        made["calendly"].set_plan("teams", 1_000_000)
        there = Town(clock, made["stripe"], made["calendly"], made["notion"], made["asana"], made["trello"],
                     made["email"], _settings(made, urls), urls)  # fmt: skip
        _furnish(there)
        yield there


def _settings(made: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    at = made["email"].servers()
    return {
        "stripe": {"api_key": STRIPE_KEY, "base_url": urls["stripe"], "calls_per_second": 1000},
        "calendly": {
            "api_key": CALENDLY_KEY,
            "base_url": urls["calendly"],
            "plan": "teams",
            "calls_per_minute": 10_000,
        },
        "notion": {"api_key": NOTION_TOKEN, "base_url": urls["notion"], "calls_per_minute": 10_000},
        "asana": {"api_key": ASANA_TOKEN, "base_url": f"{urls['asana']}/api/1.0", "plan": "paid"},
        "trello": {
            "api_key": API_KEY,
            "token": TRELLO_TOKEN,
            "api_secret": API_SECRET,
            "base_url": f"{urls['trello']}/1",
            "calls_per_10_seconds": 100,
        },
        "email": {
            "address": DEFAULT_USER,
            "from_name": "Atelier Lila",
            "smtp_host": "127.0.0.1",
            "smtp_port": at["smtp"]["port"],
            "smtp_tls": "starttls",
            "smtp_user": DEFAULT_USER,
            "smtp_password": DEFAULT_PASSWORD,
            "ca_file": at["ca_file"],
            "mails_per_minute": 10_000,
        },
    }


def _furnish(there: Town) -> None:
    """What people prepared: a kind of appointment, a database with a template, a project and a board to copy."""
    assert there.account  # made when it is first asked for
    owner = next(iter(there.calendly.users.values()))["uri"]
    there.call = there.calendly.add_event_type(CALL, owner)
    there.table = _database(there)
    template = there.notion.add_template(there.table, "Fiche cliente")
    for line in ("Contrat", "Appels", "Livrables"):
        there.notion.add_block_as_person(template, line, "to_do")
    there.notion.edit_as_person(template, {"Statut": "nouvelle"})
    shape = there.asana.add_project("Modèle", sections=("Semaine 1",), start_on="2027-01-04")
    there.asana.add_task(shape, "Préparer", due_on="2027-01-04")
    there.asana.add_task(shape, "Bilan", due_on="2027-01-09")  # a Saturday
    there.asana.add_template("Programme 90 jours", shape)
    board = there.trello.add_board("Suivi", template=True)
    there.trello.add_card(board, "Premier appel", section="En cours", due="2027-01-04T11:00:00.000Z")
    there.trello.add_card(board, "Compte rendu", section="En cours", due="2027-01-06T11:00:00.000Z")


def _database(there: Town) -> str:
    page = there.notion.share_page("Atelier Lila", WORKSPACE)
    columns = {"Nom": {"title": {}}, "E-mail": {"email": {}}, "Offre": {"rich_text": {}}, "Statut": {"rich_text": {}},
               "Payé": {"number": {"format": "euro"}}, "Appel": {"date": {}}, "Langue": {"select": {}},
               "Hub": {"rich_text": {}}}  # fmt: skip
    answer = httpx.post(
        f"{there.urls['notion']}/v1/databases",
        headers={"Authorization": f"Bearer {NOTION_TOKEN}", "Notion-Version": "2026-03-11"},
        json={
            "parent": {"type": "page_id", "page_id": page},
            "title": [{"text": {"content": "Clientes"}}],
            "initial_data_source": {"properties": columns},
        },
    )
    return str(answer.raise_for_status().json()["data_sources"][0]["id"])
