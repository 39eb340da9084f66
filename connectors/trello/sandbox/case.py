"""How the conformance suite plays with Trello in small."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.trello.sandbox import API_KEY, API_SECRET, TOKEN, TrelloSandbox, create_app
from hub.conformance.case import Case, KitCase
from hub.core.types import Collection, Property, Value, WebhookRequest

HOOK = "https://hub.example/hooks/trello?b=1"


class TrelloCase(KitCase):
    """A workspace with boards that are followed, the first with cards, and one that is written."""

    key = TOKEN
    wrong_key = "token-of-nobody-but-the-suite"
    remedy = "trello.com/power-ups/admin"
    capabilities = ("source", "destination", "subscriptions", "directory", "templates")
    page_size = 1000
    webhook_secret = API_SECRET
    row_stream = "card"
    made_columns = ("Budget", "Payé", "Étape")
    extra_files = ("boards.py", "cells.py")
    writing = ("POST", "PUT", "DELETE")
    paged = ("card",)
    follow: Sequence[str]
    sandbox: TrelloSandbox

    def new(self) -> Any:
        """The sandbox."""
        return create_app()

    def prepare(self) -> None:
        """What a person made. The limits are not what is proven here."""
        self.sandbox.set_limits(token=None, key=None, member=None, members=None)
        self.board = self.sandbox.add_board("Relances")
        self.follow = (self.board, *(self.sandbox.add_board(name) for name in ("Ateliers", "Bilans")))
        written = self.sandbox.add_board("Suivi")
        for name, kind in (("Hub", "text"), ("Budget", "number"), ("Payé", "checkbox")):
            self.sandbox.add_custom_field(written, name, kind)
        self.sandbox.add_custom_field(written, "Étape", "list", options=("Vente", "Livraison"))

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key, the token and the address."""
        return {"api_key": API_KEY, "token": key, "api_secret": API_SECRET, "base_url": f"{self.url}/1"}

    def limit(self, calls: int, seconds: float) -> None:
        """A token's calls in Trello's own window; the key's and the member's are wider."""
        if seconds != 10.0:
            raise ValueError("This sandbox counts ten seconds.")
        self.sandbox.set_limits(token=calls, key=None, member=None, members=None)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Cards of a followed board; its members; boards that nobody follows, beside those followed."""
        if stream == "card":
            for number in range(count):
                self.sandbox.add_card(self.board, f"Relancer {number}", due="2026-12-01T09:00:00.000Z")
            return [card["id"] for card in self.sandbox.cards.values() if card["idBoard"] == self.board]
        if stream == "member":
            there = len(self.sandbox.members)
            for number in range(there, there + count):
                self.sandbox.invite(self.board, self.sandbox.add_member("Nora", f"nora{number}"))
            return list(reversed(self.sandbox.boards[self.board]["people"]))  # the last to join leaves first
        for number in range(count):
            self.sandbox.add_board(f"Privé {number}")
        return list(self.follow)

    def change(self, stream: str, key: str) -> bool:
        """A person renames a card or a board. Trello tells nothing of a member's name."""
        if stream == "card":
            self.sandbox.edit_card(key, name="Relancer Nora")
        elif stream == "board":
            self.sandbox.edit_board(key, name="Relances de Nora")
        return stream in ("card", "board")

    def delete(self, stream: str, key: str) -> bool:
        """A person deletes a card for good, or takes a member off the board."""
        if stream == "card":
            self.sandbox.delete_card(key)
        elif stream == "member":
            self.sandbox.expel(self.board, key)
        return stream in ("card", "member")

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """developer.atlassian.com/cloud/trello, Webhooks: base64 of the HMAC-SHA1 of body and address."""
        digest = hmac.new(secret.encode(), body + HOOK.encode(), hashlib.sha1).digest()
        headers = {"x-trello-webhook": base64.b64encode(digest).decode()}
        return WebhookRequest(url=HOOK, headers=headers, body=body, secrets=(secret,), now=at)

    def disable(self, ref: str) -> None:
        """Trello gave up."""
        self.sandbox.disable_webhook(ref)

    def collection(self) -> Collection:
        """The board that people made for the hub."""
        properties = (
            Property(name="title", kind="title"),
            Property(name="notes", kind="text"),
            Property(name="due", kind="instant"),
            Property(name="done", kind="checkbox"),
            Property(name="Budget", kind="number"),
            Property(name="Payé", kind="checkbox"),
            Property(name="Étape", kind="select"),
        )
        return Collection(name="Suivi", kind="table", properties=properties)

    def lose(self, ref: str) -> None:
        """A person deletes the card for good."""
        self.sandbox.delete_card(ref)

    def values(self, number: int) -> Mapping[str, Value]:
        """A card."""
        due = datetime(2026, 12, 1 + number, 9, 0, tzinfo=UTC)
        own: dict[str, Value] = {"title": f"Relancer {number}", "notes": "Au café ☕", "due": due, "done": number == 2}
        stage = ("Vente", None, "Livraison")[number % 3]
        return {**own, "Budget": Decimal(f"{number}.50"), "Payé": number == 1, "Étape": stage}


def case() -> Case:
    """A new one."""
    return TrelloCase()
