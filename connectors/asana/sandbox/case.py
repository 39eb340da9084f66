"""How the conformance suite plays with Asana in small."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.asana.sandbox import TOKEN, AsanaSandbox, create_app
from hub.conformance.case import Case, KitCase
from hub.core.types import Collection, Property, Reply, Value, WebhookRequest

HOOK = "https://hub.example/in"


class AsanaCase(KitCase):
    """A workspace with projects that are followed, the first with tasks, and one that is written."""

    key = TOKEN
    wrong_key = "asana_key_of_nobody"
    remedy = "app.asana.com/0/my-apps"
    capabilities = ("source", "destination", "subscriptions", "directory", "templates")
    paged = ("task",)
    row_stream = "task"
    made_columns = ("Budget", "Phase", "Canaux")
    extra_files = ("names.py", "projects.py", "stories.py", "values.py")
    wait_header = "Retry-After"
    writing = ("POST", "PUT", "DELETE")
    follow: Sequence[str]
    sandbox: AsanaSandbox

    def new(self) -> Any:
        """The sandbox."""
        return create_app()

    def prepare(self) -> None:
        """What a person made."""
        self.project = self.sandbox.add_project("Relances", ("À faire", "Fait"))
        self.follow = (self.project, *(self.sandbox.add_project(name) for name in ("Ateliers", "Bilans")))
        written = self.sandbox.add_project("Suivi", ("À faire",))
        self.sandbox.add_field(written, "Hub")
        self.sandbox.add_field(written, "Budget", "number", precision=2)
        self.sandbox.add_field(written, "Phase", "enum", ["Devis", "Signé"])
        self.sandbox.add_field(written, "Canaux", "multi_enum", ["Mail", "Zoom"])

    def settings(self, key: str) -> Mapping[str, Any]:
        """The key and the address."""
        return {"api_key": key, "base_url": f"{self.url}/api/1.0", "plan": "paid"}

    def limit(self, calls: int, seconds: float) -> None:
        """A token's calls."""
        self.sandbox.limit(calls, seconds)

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Tasks of a followed project; people of the workspace; projects that nobody follows, beside those followed."""
        if stream == "task":
            for number in range(count):
                self.sandbox.add_task(self.project, f"Relancer {number}", due_on="2026-12-01")
            return [task["gid"] for task in self.sandbox.tasks(self.project)]
        if stream == "user":
            for number in range(count):
                self.sandbox.add_user(f"Nora {number}", f"nora{number}@example.com")
            return list(self.sandbox.world.workspaces[self.sandbox.home].users)
        for number in range(count):
            self.sandbox.add_project(f"Privé {number}")
        return list(self.follow)

    def change(self, stream: str, key: str) -> bool:
        """A person renames a task or a project. Asana tells nothing of people."""
        if stream == "task":
            self.sandbox.edit_task(key, name="Relancer Nora")
        elif stream == "project":
            self.sandbox.change_project(key, name="Relances de Nora")
        return stream in ("task", "project")

    def delete(self, stream: str, key: str) -> bool:
        """A person puts a task into the trash."""
        if stream == "task":
            self.sandbox.delete_task(key)
        return stream == "task"

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """developers.asana.com, Webhooks: the hex HMAC of the body."""
        headers = {"x-hook-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
        return WebhookRequest(url=HOOK, headers=headers, body=body, secrets=(secret,), now=at)

    def unknown(self, fixture: bytes, event_type: str) -> bytes:
        """Another action."""
        action = event_type.partition(".")[2]
        return fixture.replace(f'"{action}"'.encode(), b'"striped"')

    def handshake(self) -> tuple[WebhookRequest, Reply] | None:
        """The secret comes in a header and goes back in it."""
        secret = "0123456789abcdef" * 4
        headers = {"x-hook-secret": secret}
        request = WebhookRequest(url=HOOK, headers=headers, body=b"{}", secrets=(), now=datetime.now(UTC))
        return request, Reply(headers={"X-Hook-Secret": secret}, remember=secret)

    def disable(self, ref: str) -> None:
        """Asana makes a webhook inactive."""
        self.sandbox.switch_off(ref)

    def collection(self) -> Collection:
        """The project that people made for the hub."""
        properties = (
            Property(name="title", kind="title"),
            Property(name="notes", kind="text"),
            Property(name="due", kind="date"),
            Property(name="done", kind="checkbox"),
            Property(name="Budget", kind="number"),
            Property(name="Phase", kind="select"),
            Property(name="Canaux", kind="multi_select"),
        )
        return Collection(name="Suivi", kind="table", properties=properties)

    def lose(self, ref: str) -> None:
        """A person puts the task into the trash."""
        self.sandbox.delete_task(ref)

    def values(self, number: int) -> Mapping[str, Value]:
        """A task."""
        due = date(2026, 12, 1 + number)
        own: dict[str, Value] = {"title": f"Relancer {number}", "notes": "Au café ☕", "due": due, "done": number == 2}
        phase, channels = ("Devis", "Signé")[number % 2], ("Mail", "Zoom")[: number % 3]
        return {**own, "Budget": Decimal(f"{number}.50"), "Phase": phase, "Canaux": channels}


def case() -> Case:
    """A new one."""
    return AsanaCase()
