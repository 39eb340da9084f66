"""Asana, Trello, Notion and a mail server in small, and a business whose deadlines are watched: real sockets."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from pydantic import BaseModel

from connectors import registry
from connectors.email.sandbox import EmailSandbox
from connectors.email.sandbox import create_app as email_app
from hub.core.protocol import ConnectorSpec
from hub.engine import backfill, rounds
from hub.engine.opening import Opening
from hub.engine.runtime import Ears, Runtime, Web
from hub.engine.turn import Turn
from hub.engine.worker import Worker
from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.loader import Configured
from hub.mapping.model import Business
from hub.store import changes, jobs
from hub.store.database import Store, open_store
from tests.databases import migrated
from tests.sandboxes.mail import mail_settings
from tests.sandboxes.serve import serve
from tests.sync.world import Boxes, keys
from tests.sync.world import boxes as providers

KEY = Fernet.generate_key()
PUBLIC = "https://hub.example.com"
PROJECT = "Lancement"
PEOPLE: Mapping[str, Any] = {
    "obm": {"name": "Claire Petit", "email": "claire@example.com"},
    "ceo": {"name": "Lila", "email": "lila@example.com"},
    "lea": {"name": "Léa Martin", "email": "lea@example.com"},
    "tom": {"name": "Tom", "email": "tom@example.com"},
}
ALERTS = [
    {"name": "soon", "when": "3 working days before", "tell": "assignee", "by": "digest"},
    {"name": "today", "when": "on the day", "tell": "assignee", "by": "digest"},
    {"name": "late", "when": "2 working days after", "tell": ["assignee", "obm"], "by": "mail"},
]
MONDAY = datetime(2027, 3, 8, 5, tzinfo=UTC)
"""06:00 in Paris, on a Monday without holidays around."""


@dataclass
class Hands:
    """A clock that stands still until it is put forward."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def to(self, day: date, hour: int, minute: int = 0) -> None:
        """That hour in UTC."""
        self.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@dataclass
class Town:
    """The providers, with the mail server."""

    boxes: Boxes
    post: EmailSandbox
    settings: Mapping[str, Mapping[str, Any]]


@contextmanager
def town() -> Iterator[Town]:
    """All of them, served."""
    with ExitStack() as stack:
        boxes = stack.enter_context(providers())
        app = email_app()
        stack.enter_context(serve(app))
        mail = {**mail_settings(app.state.sandbox), "mails_per_minute": 10_000}
        yield Town(boxes, app.state.sandbox, {**keys(boxes), "email": mail})


@dataclass
class Site:
    """One business whose tasks are watched."""

    town: Town
    store: Store
    clock: Hands
    start: Callable[[], Runtime]
    runtime: Runtime = field(init=False)

    def __post_init__(self) -> None:
        self.runtime = self.start()
        self.worker = Worker(self.store, {self.runtime.key: self.runtime}, now=self.clock)

    def read(self) -> None:
        """Read every source whole, as at night."""
        for connection in self.runtime.sources():
            backfill.backfill(self.runtime, connection, again=True)

    def turn(self) -> list[Turn]:
        """Plan and apply what is due."""
        with self.store.write() as conn:
            jobs.dirty(conn, self.runtime.key, self.runtime.jobs, self.clock())
        return self.worker.turns(self.runtime)

    def round(self) -> list[Turn]:
        """What the schedule does at the hour of the mails, and the turns that it leads to."""
        rounds.open_round(self.runtime)
        return self.worker.turns(self.runtime)

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

    def subjects(self) -> list[tuple[str, str]]:
        """(recipient, subject) of each mail, in order."""
        return [(str(mail["To"]), str(mail["Subject"])) for mail in self.mails]


def read(mail: Mapping[str, Any]) -> EmailMessage:
    """A mail as a program reads it."""
    content = mail["raw"]
    raw = content if isinstance(content, bytes) else str(content).encode()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def site(
    town: Town,
    folder: Path,
    *,
    watch: Any = None,
    alerts: Any = None,
    people: Mapping[str, Any] | None = None,
    hold_if: Mapping[str, Any] | None = None,
    **job: Any,
) -> Iterator[Site]:
    """A business that watches the Asana project, unless `watch` says otherwise; `job`: more of its file."""
    business = Business.model_validate(
        {
            "hub": 1,
            "business": "Atelier Lila",
            "key": "lila",
            "language": "fr",
            "timezone": "Europe/Paris",
            "holidays": "FR",
            "people": dict(people or PEOPLE),
            "connections": {name: {} for name in ("asana", "trello", "notion", "email")},
            "safety": {"hold_if": {"changes_above": "90 %", "archives_above": 100, **(hold_if or {})}},
        }
    )
    said = {
        "hub": 1,
        "job": "deadline_alerts",
        "name": "deadlines",
        "says": "The right person, once.",
        "watch": watch or [{"from": "asana", "project": PROJECT}],
        "alerts": alerts or ALERTS,
        **job,
    }
    specs: dict[str, ConnectorSpec[Any]] = {name: registry.load(name) for name in business.connections}
    built: dict[str, BaseModel] = {name: specs[name].settings.model_validate(town.settings[name]) for name in specs}
    folder.mkdir(exist_ok=True)
    item = Configured(business, (DeadlineJob.model_validate(said),), folder)
    clock = Hands()
    with open_store(migrated(folder)) as store:

        def start() -> Runtime:
            opening = Opening(store, item, specs, built.__getitem__, clock)
            return Runtime(
                store,
                business,
                item.jobs,
                specs,
                opening,
                clock,
                followed=opening.followed,
                thing=opening.thing,
                ears=Ears(url=lambda _name: None, key=lambda: KEY, given=lambda _name: ()),
                web=Web(url=PUBLIC, key=lambda: KEY),
            )

        with store.write() as conn:
            jobs.ensure(conn, "lila", [one.name for one in item.jobs], clock())
        made = Site(town, store, clock, start)
        try:
            yield made
        finally:
            made.runtime.close()


def in_days(count: int) -> date:
    """A day after (or before) the Monday of the story."""
    return MONDAY.date() + timedelta(days=count)


def asana_calls(town: Town) -> int:
    """How many calls Asana has had."""
    return int(sum(town.boxes.asana.calls.counts.values()))
