"""How the conformance suite plays with Notion in small."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.notion.sandbox import create_app
from connectors.notion.sandbox.control import TOKEN, WORKSPACE
from connectors.notion.sandbox.objects import NEWEST
from connectors.notion.sandbox.state import Block, Database, Page
from connectors.notion.sandbox.views import View
from hub.conformance.case import Case
from hub.core.charts import Chart, Way
from hub.core.types import Collection, Property, Ref, Reply, Value, WebhookRequest

KINDS = {
    "429": "rate_limited",
    "500": "internal",
    "502": "bad_gateway",
    "503": "unavailable",
    "504": "gateway_timeout",
    "reset_before": "reset",
    "truncated": "truncated_json",
    "html": "bad_gateway",
}
"""Faults of the suite that this sandbox calls otherwise, or has something as bad for."""
WRITES = ("/v1/pages", "/v1/pages/*", "/v1/blocks/*", "/v1/views", "/v1/views/*", "/v1/file_uploads*")


class NotionCase(Case):
    """A workspace with one shared page, and a database on it that people work in."""

    key = TOKEN
    wrong_key = "ntn_wrong_key_of_the_suite"
    remedy = "notion.so/profile/integrations|notion.so/my-integrations"
    capabilities = ("source", "destination", "charts", "directory", "templates")
    unfilled = ("comment",)
    paged = ("row",)
    row_stream = "row"
    ways = ("view", "picture", "text")
    made_columns = ("Nom", "Valeur", "Statut", "Canaux")
    extra_files = (
        *(
            "blocks.py",
            "failures.py",
            "nested.py",
            "rows.py",
            "shared_page.py",
            "table_links.py",
            "tables.py",
            "texts.py",
            "uploads.py",
        ),
        *("values.py", "views.py"),
    )

    def app(self) -> Any:
        """An empty workspace."""
        app = create_app()
        self.sandbox = app.state.sandbox
        return app

    def prepare(self) -> None:
        """A page, and a database on it (as a person would make it)."""
        self.page = self.sandbox.share_page("Pilotage")
        database = {
            "parent": {"type": "page_id", "page_id": self.page},
            "title": [{"text": {"content": "Relances"}}],
            "initial_data_source": {"properties": {"Nom": {"title": {}}}},
        }
        self.source = self._call("/v1/databases", database)["data_sources"][0]["id"]
        self.follow = (self.source,)

    def _call(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}", "Notion-Version": NEWEST, "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, sent, headers)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key and the address."""
        return {"api_key": key, "base_url": self.url, "page": "Pilotage"}

    def fail(
        self, kind: str, *, times: int | None = None, writes_only: bool = False, wait: float | None = None
    ) -> None:
        """Plant a fault; writes are what goes to pages, blocks, views and files (a query is a POST too)."""
        planted = {"kind": KINDS.get(kind, kind), "times": times, "seconds": 0.0, "retry_after": int(wait or 1)}
        if not writes_only:
            self.sandbox.fault(**planted)
            return
        for path in WRITES:
            for method in ("POST", "PATCH"):
                self.sandbox.fault(method=method, path=path, **planted)

    def heal(self) -> None:
        """Take all away."""
        self.sandbox.clear_faults()

    def calls(self) -> Sequence[tuple[str, str]]:
        """The sandbox's log."""
        return [(call.method, call.path) for call in self.sandbox.requests]

    def limit(self, calls: int, seconds: float) -> None:
        """The allowance of a connection."""
        self.sandbox.settings(rate_limit=calls, rate_window=seconds)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Rows that a person adds; people who join. Notion lists no comments."""
        if stream == "row":
            for number in range(count):
                self.sandbox.add_row_as_person(self.source, {"Nom": f"Relancer {number}"})
            return [row["id"] for row in self.sandbox.rows(self.source)]
        if stream == "user":
            for number in range(count):
                self.sandbox.state.person(f"Nora {number}", self.sandbox.state.workspace(WORKSPACE))
            return [user["id"] for user in self._call("/v1/users?page_size=100")["results"]]
        return None

    def change(self, stream: str, key: str) -> bool:
        """A person writes another title. Notion tells nothing of people."""
        if stream == "row":
            self.sandbox.edit_as_person(key, {"Nom": "Relancer Nora"})
        return stream == "row"

    def delete(self, stream: str, key: str) -> bool:
        """A person puts it in the trash."""
        if stream == "row":
            self.sandbox.trash_as_person(key)
        return stream == "row"

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """developers.notion.com/reference/webhooks: sha256= and the HMAC of the body."""
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-notion-signature": f"sha256={digest}"}
        return WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=(secret,), now=at)

    def handshake(self) -> tuple[WebhookRequest, Reply] | None:
        """One POST that carries the token."""
        request = self.signed(b'{"verification_token":"secret_given"}', datetime.now().astimezone(), "secret_given")
        return request, Reply(remember="secret_given")

    def collection(self) -> Collection:
        """A table with a column of most kinds."""
        return Collection(
            name="Chiffres",
            kind="table",
            properties=(
                Property(name="Nom", kind="title"),
                Property(name="Valeur", kind="number", number_format="euro"),
                Property(name="Vérifié", kind="checkbox"),
                Property(name="Mois", kind="date"),
                Property(name="Étape", kind="select"),
                Property(name="Canaux", kind="multi_select"),
                Property(name="Statut", kind="status", options=("À faire", "Fait")),
                Property(name="Tél", kind="phone"),
            ),
        )

    def lose(self, ref: str) -> None:
        """A person puts the row, or the block, in the trash."""
        self.sandbox.trash_as_person(ref)

    def chart_page(self) -> Ref:
        """The shared page."""
        return Ref(self.page)

    def chart(self, table: Ref, number: int) -> Chart:
        """The months of one step, with a target."""
        return Chart(
            title=f"Étape {number}",
            kind="column",
            table=table,
            x="Mois",
            y="Valeur",
            only={"Étape": f"Étape {number}"},
            target=Decimal(1000 * number),
            target_label=f"objectif {number} 000 €",
            picture=f"\x89PNG {number}".encode("latin-1"),
            says=f"octobre {number} €",
            text=f"{'▓' * number}░ {number} €",
        )

    def refuse(self, ways: Sequence[Way]) -> None:
        """A workspace whose plan has no views, or takes no files."""
        self.sandbox.plan(views="view" not in ways, uploads="picture" not in ways)

    def charts_shown(self) -> Sequence[str]:
        """Linked databases by the name of their view, the others by what their caption or text begins with."""
        state, found = self.sandbox.state, []
        for thing in (state.things[key] for key in state.get(self.page, Page).children):
            if thing.trashed:
                continue
            if isinstance(thing, Database):
                views = [state.get(key, View) for key in thing.views]
                found += [view.name for view in views if view.type == "chart"]
            elif isinstance(thing, Block) and thing.type in ("image", "paragraph"):
                parts = thing.content["caption" if thing.type == "image" else "rich_text"]
                text = "".join(part["plain_text"] for part in parts)
                found.append(text.split(" · " if thing.type == "image" else "\n")[0])
        return found

    def chart_of_a_person(self, title: str) -> None:
        """A paragraph."""
        self.sandbox.add_block_as_person(self.page, f"{title}\n▓▓")

    def values(self, number: int) -> Mapping[str, Value]:
        """A month's figure."""
        amount = Decimal(f"{number}.50")
        return {
            "Nom": f"Mois {number}",
            "Valeur": amount,
            "Vérifié": bool(number % 2),
            "Mois": {"start": date(2026, 1 + number, 1), "end": date(2026, 1 + number, 28)},
            "Étape": f"Étape {number}",
            "Canaux": ("Mail", "Zoom")[: number % 3],
            "Statut": "Fait" if number == 2 else "À faire",
            "Tél": "+33 6 12 34 56 78" if number == 2 else None,
        }


def case() -> Case:
    """A new one."""
    return NotionCase()
