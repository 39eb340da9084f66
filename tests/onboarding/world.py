"""A business whose clients are welcomed, among providers in small."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel

from connectors import registry
from connectors.asana import templates as asana_templates
from connectors.notion import templates as notion_templates
from connectors.trello import templates as trello_templates
from hub.core.protocol import ConnectorSpec
from hub.engine import backfill
from hub.engine.opening import Opening
from hub.engine.runtime import Ears, Runtime, Web
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.mapping import texts
from hub.mapping.loader import Configured
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.vocabulary import JOURNEY
from hub.store import changes, jobs
from hub.store.database import Store, open_store
from tests.alerts.world import read
from tests.alerts.world import text as plain
from tests.databases import migrated
from tests.onboarding.town import CALL, OFFER, Town

KEY = Fernet.generate_key()
PUBLIC = "https://hub.example.com"
TEXTS = {
    "welcome": "Subject: Bienvenue dans {offer}, {person.first_name} !\n\nTon paiement de {payment.amount} est là.",
    "please_book": "Subject: Il manque ton appel\n\nBonjour {person.first_name}, choisis un jour.",
    "how_to_prepare": "Subject: Ton appel du {booking.day}\n\nNous nous parlons le {booking.day} à {booking.time}.",
    "new_time": "Subject: C'est noté : {booking.day} à {booking.time}\n\nTout le reste suit.",
    "sorry": "Subject: Nous nous sommes manqués\n\n[Choisis un autre moment]({booking.reschedule_url})",
}
STEPS: tuple[Mapping[str, Any], ...] = (
    {"name": "welcome", "after": "payment", "send": "welcome"},
    {
        "name": "client_page",
        "after": "payment",
        "write": {
            "database": "Clientes",
            "from_template": "Fiche cliente",
            "hub_owns": {"Nom": "person.name", "E-mail": "person.email", "Offre": "offer", "Payé": "payment.amount"},
            "people_own": ["Statut"],
        },
    },
    {
        "name": "project",
        "after": ["payment", "booking"],
        "copy": {"to": "asana", "template": "Programme 90 jours", "start_on": "booking.day"},
    },
    {"name": "board", "after": ["payment", "booking"],
     "copy": {"to": "trello", "template": "Suivi", "start_on": "booking.day"}},
    {"name": "book", "after": "payment", "if_no": "booking", "wait": "3 days", "send": "please_book",
     "repeat": {"every": "4 days", "times": 2, "then_tell": "obm"}},
    {"name": "prepare", "before": "booking", "by": "2 working days", "send": "how_to_prepare"},
    {"name": "contract", "after": "payment", "ask": {"who": "obm", "to": "Contrat envoyé"},
     "late_after": "2 working days"},
)  # fmt: skip
CHANGES: Mapping[str, Any] = {
    "booking_moved": {"move_dates": True, "send": "new_time"},
    "booking_cancelled": {"pause": True, "tell": ["obm"]},
    "no_show": {"send": "sorry", "tell": ["obm"]},
    "refunded": {"stop": True, "tell": ["obm", "ceo"]},
}


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits seconds for what a provider fills in later."""
    monkeypatch.setattr(asana_templates, "PAUSES", (0.01,) * 12)
    monkeypatch.setattr(trello_templates, "PAUSE", 0.01)
    monkeypatch.setattr(notion_templates, "PAUSES", (0.05,) * 40)


@dataclass
class Site:
    """One business that welcomes its clients."""

    town: Town
    store: Store
    start: Callable[[], Runtime]
    runtime: Runtime = field(init=False)

    def __post_init__(self) -> None:
        self.runtime = self.start()
        self.worker = Worker(self.store, {self.runtime.key: self.runtime}, now=self.town.clock)

    def turn(self) -> list[Turn]:
        """Read everything anew, then plan and apply what is due."""
        for connection in self.runtime.sources():
            backfill.backfill(self.runtime, connection, again=True)
        return self.wake()

    def wake(self) -> list[Turn]:
        """Plan and apply what is due."""
        with self.store.write() as conn:
            jobs.dirty(conn, self.runtime.key, self.runtime.jobs, self.town.clock())
        return self.worker.turns(self.runtime)

    def until_quiet(self, most: int = 12) -> None:
        """Read, and wake up again and again as the schedule does, until there is nothing to do and nothing fails."""
        self.turn()
        for _ in range(most):
            self.town.skip(minutes=6)
            turns = self.wake()
            if not any(result.applied is not None or result.error for turn in turns for result in turn.jobs):
                return
        raise AssertionError([turn.sentence for turn in turns])

    def restart(self) -> None:
        """The process ended, whatever it was doing; another one takes over what that had claimed."""
        with self.store.write() as conn:
            changes.release(conn, self.worker.owner)
            jobs.release(conn, self.worker.owner)
        self.runtime.close()
        self.__post_init__()

    @property
    def mails(self) -> list[EmailMessage]:
        """What the server took, in order."""
        return [read(mail) for mail in self.town.post.mails()]

    def subjects(self, to: str = "") -> list[str]:
        """The subjects of the mails to that address (to anybody), in order."""
        return [str(mail["Subject"]) for mail in self.mails if to in str(mail["To"])]


@contextmanager
def site(town: Town, folder: Path, *, written: Mapping[str, str] | None = None, **job: Any) -> Iterator[Site]:
    """A business; `job`: more of its file. It has run once, so that whoever comes now is new.

    `written`: more texts, by name, or by name and language: welcome.en.
    """
    names: dict[str, Any] = {name: {} for name in ("stripe", "calendly", "asana", "trello", "email")}
    business = Business.model_validate(
        {
            "hub": 1,
            "business": "Atelier Lila",
            "key": "lila",
            "language": "fr",
            "timezone": "Europe/Paris",
            "holidays": "FR",
            "people": {
                "obm": {"name": "Claire", "email": "claire@example.com"},
                "ceo": {"name": "Lila", "email": "lila@example.com"},
            },
            "connections": {**names, "notion": {"follow": ["Clientes"]}},
        }
    )
    said = {
        "hub": 1,
        "job": "client_onboarding",
        "name": "onboarding",
        "says": "One journey for each client.",
        "offer": OFFER,
        "starts_on": [
            {"event": "payment", "from": "stripe", "product": OFFER},
            {"event": "booking", "from": "calendly", "event_type": CALL},
        ],
        "steps": [dict(step) for step in STEPS],
        "changes": dict(CHANGES),
        **job,
    }
    specs: dict[str, ConnectorSpec[Any]] = {name: registry.load(name) for name in business.connections}
    built: dict[str, BaseModel] = {
        name: one.settings.model_validate(town.settings[name]) for name, one in specs.items()
    }
    folder.mkdir(exist_ok=True)
    item = Configured(business, (OnboardingJob.model_validate(said),), folder)
    with open_store(migrated(folder)) as store:

        def start() -> Runtime:
            opening = Opening(store, item, specs, built.__getitem__, town.clock)
            return Runtime(
                store,
                business,
                item.jobs,
                specs,
                opening,
                town.clock,
                followed=opening.followed,
                thing=opening.thing,
                ears=Ears(url=lambda _name: None, key=lambda: KEY, given=lambda _name: ()),
                texts=_texts({**TEXTS, **(written or {})}),
                web=Web(url=PUBLIC, key=lambda: KEY),
            )

        with store.write() as conn:
            jobs.ensure(conn, "lila", [one.name for one in item.jobs], town.clock())
        made = Site(town, store, start)
        try:
            made.turn()
            yield made
        finally:
            made.runtime.close()


def _texts(written: Mapping[str, str]) -> dict[str, texts.TextFile]:
    found = {}
    for name, raw in written.items():
        called, _, language = name.partition(".")
        mail = raw.startswith("Subject:")
        text, faults = texts.read(raw, called, language or "fr", JOURNEY, mail=mail, unknown_yet={})
        assert text is not None, faults
        found[name] = text
    return found


def body(mail: EmailMessage) -> str:
    """Its plain text."""
    return plain(mail)
