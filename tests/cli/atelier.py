"""The example business as it stands in the repository, and the six accounts that it speaks of, on real sockets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from connectors import registry
from connectors.asana.sandbox import TOKEN as ASANA_TOKEN
from connectors.calendly.sandbox import KEY as CALENDLY_KEY
from connectors.notion.sandbox.control import TOKEN as NOTION_TOKEN
from connectors.notion.sandbox.control import WORKSPACE
from connectors.trello.sandbox import API_KEY, API_SECRET
from connectors.trello.sandbox import TOKEN as TRELLO_TOKEN
from tests.cli.site import Told, free_port, told_by
from tests.paths import ROOT
from tests.sandboxes.serve import serve_all

EXAMPLE = ROOT / "mappings" / "atelier-lila"
STRIPE_KEY = "rk_test_atelier"
SHOP_KEY = "sk_test_atelier"
INTERNAL: Mapping[str, Any] = {
    "Sujet": {"title": {}},
    "Pour le": {"date": {}},
    "Qui": {"people": {}},
    "Statut": {"select": {"options": [{"name": "À faire"}, {"name": "Terminé"}]}},
}
CLIENTS: Mapping[str, Any] = {
    "Nom": {"title": {}},
    "E-mail": {"email": {}},
    "Offre": {"select": {}},
    "Payé": {"number": {}},
    "Statut": {"select": {}},
    "Notes": {"rich_text": {}},
    "Hub": {"rich_text": {}},
}


@dataclass(frozen=True)
class Accounts:
    """The sandboxes, and the ids of what stands in them."""

    stripe: Any
    notion: Any
    asana: Any
    trello: Any
    calendly: Any
    email: Any
    urls: Mapping[str, str]
    ids: dict[str, str]

    def columns(self) -> dict[str, Any]:
        """Every property of every database, as Notion has it now, by both names."""
        found: dict[str, Any] = {}
        for table in self.notion.tables():
            schema = self._notion("GET", f"data_sources/{table['id']}")["properties"]
            found |= {f"{table['title']} › {name}": one for name, one in schema.items()}
        return found

    def database(self, title: str, columns: Mapping[str, Any]) -> str:
        """A database that a person makes on the shared page; the id of its data source."""
        made = self._notion(
            "POST",
            "databases",
            {
                "parent": {"type": "page_id", "page_id": self.ids["page"]},
                "title": [{"text": {"content": title}}],
                "initial_data_source": {"properties": dict(columns)},
            },
        )
        return str(made["data_sources"][0]["id"])

    def _notion(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {NOTION_TOKEN}", "Notion-Version": "2026-03-11"}
        answer = httpx.request(method, f"{self.urls['notion']}/v1/{path}", headers=headers, json=body)
        return answer.raise_for_status().json()

    def table(self, title: str) -> str:
        """The id of the data source of that title."""
        return next(str(one["id"]) for one in self.notion.tables() if one["title"] == title)

    def retype(self, database: str, name: str, kind: str) -> None:
        """A person changes the type of a property."""
        self.notion.change_schema_as_person(database, {name: {"type": kind, kind: {}}})

    def allow_stripe(self, *forbidden: str) -> None:
        """Give the hub's key every right that it needs, but those."""
        rights = {route.permission: "read" for route in self.stripe.routes.all if route.permission not in forbidden}
        self.stripe.restricted_key(STRIPE_KEY, {**rights, "webhooks": "write"}, account=SHOP_KEY)

    def allow_calendly(self, *scopes: str) -> None:
        """Give the hub's key those scopes; none: all, as keys of before scopes have."""
        owner = next(iter(self.calendly.users.values()))["uri"]
        self.calendly.add_token(CALENDLY_KEY, owner, list(scopes) or None)

    def rename(self, database: str, title: str) -> None:
        """A person renames a database (by the id of its data source)."""
        self._notion("PATCH", f"data_sources/{database}", {"title": [{"text": {"content": title}}]})


@contextmanager
def accounts() -> Iterator[Accounts]:
    """All six, with everything that the example names: what the hub makes itself is left out."""
    names = ("stripe", "notion", "asana", "trello", "calendly", "email")
    apps = {name: registry.load(name).sandbox() for name in names}  # type: ignore[misc]
    with serve_all(apps) as urls:
        made = Accounts(**{name: app.state.sandbox for name, app in apps.items()}, urls=urls, ids={})
        _fill(made)
        yield made


def _fill(made: Accounts) -> None:
    ids = made.ids
    shop = made.stripe.account(SHOP_KEY)
    ids["price"] = shop.price(amount=120_000, product="Programme Élan")["id"]
    ids["product"] = shop.get(ids["price"])["product"]
    made.allow_stripe()
    made.trello.set_limits(token=None, key=None, member=None, members=None)  # so many looks within seconds
    made.asana.add_user("Léa Martin", "lea@example.com")
    ids["project"] = made.asana.add_project("Lancement d'automne", ("À faire", "Textes", "Fait"))
    ids["template"] = made.asana.add_template("Programme 90 jours", made.asana.add_project("Modèle"))
    ids["board"] = made.trello.add_board("Calendrier éditorial", lists=("À écrire", "Publié"))
    ids["list"] = made.trello.add_list(ids["board"], "Idées")
    ids["member"] = made.trello.add_member("Léa Martin", "leamartin", email="lea@example.com")
    made.trello.invite(ids["board"], ids["member"])
    owner = next(iter(made.calendly.users.values()))["uri"]
    ids["event_type"] = made.calendly.add_event_type("Appel de démarrage", owner, 45)
    ids["page"] = made.notion.share_page("Atelier Lila", WORKSPACE)
    ids["internal"] = made.database("À faire en interne", INTERNAL)
    ids["clients"] = made.database("Clientes", CLIENTS)
    ids["sheet"] = made.notion.add_template(ids["clients"], "Fiche cliente")


@dataclass(frozen=True)
class Atelier:
    """A copy of the example in a folder of its own, with keys to the accounts."""

    folder: Path
    accounts: Accounts
    environment: Mapping[str, str]

    def hub(self, *arguments: str, **extra: str) -> Told:
        """Run a command to its end."""
        return told_by(self.folder, {**self.environment, **extra}, *arguments)

    def file(self, name: str) -> Path:
        """A file of the business."""
        return self.folder / "mappings" / "atelier-lila" / name

    def change(self, name: str, old: str, new: str) -> None:
        """Write `new` where `old` stands, once, in a file of the business."""
        text = self.file(name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.file(name).write_text(text.replace(old, new))


def atelier(folder: Path, made: Accounts) -> Atelier:
    """The example in `folder`, with keys to these accounts."""
    shutil.copytree(EXAMPLE, folder / "mappings" / "atelier-lila", ignore=shutil.ignore_patterns("names.lock"))
    return Atelier(folder, made, _environment(made))


def _environment(made: Accounts) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PREFECT_"))}
    mail = made.email.servers()
    keys = {
        "STRIPE": {"API_KEY": STRIPE_KEY, "BASE_URL": made.urls["stripe"], "CALLS_PER_SECOND": "1000"},
        "NOTION": {"API_KEY": NOTION_TOKEN, "BASE_URL": made.urls["notion"], "CALLS_PER_MINUTE": "10000"},
        "ASANA": {"API_KEY": ASANA_TOKEN, "BASE_URL": f"{made.urls['asana']}/api/1.0", "PLAN": "paid"},
        "TRELLO": {
            "API_KEY": API_KEY,
            "TOKEN": TRELLO_TOKEN,
            "API_SECRET": API_SECRET,
            "BASE_URL": f"{made.urls['trello']}/1",
        },
        "CALENDLY": {"API_KEY": CALENDLY_KEY, "BASE_URL": made.urls["calendly"], "PLAN": "teams"},
        "EMAIL": {
            "ADDRESS": mail["user"],
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail["smtp"]["port"]),
            "SMTP_TLS": "starttls",
            "SMTP_USER": mail["user"],
            "SMTP_PASSWORD": mail["password"],
            "IMAP_HOST": "127.0.0.1",
            "IMAP_PORT": str(mail["imaps"]["port"]),
            "IMAP_TLS": "implicit",
            "CA_FILE": mail["ca_file"],
        },
    }
    return {
        **clean,
        "PYTHONUNBUFFERED": "1",
        "HUB_PORT": str(free_port()),
        **{f"HUB_ATELIER_LILA_{name}_{key}": value for name, some in keys.items() for key, value in some.items()},
    }
