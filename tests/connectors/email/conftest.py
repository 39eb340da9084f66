"""One served mail sandbox for all tests of this folder; each test starts with an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox
from connectors.email.settings import EmailSettings
from connectors.email.spec import SPEC
from hub.core.protocol import Connector, Context
from hub.core.types import Delivered, Letter
from tests.sandboxes.mail import mail_settings
from tests.sandboxes.serve import serve

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Limiter:
    """Counts, and waits for nobody."""

    asked: int = 0
    held: list[float] = field(default_factory=list)

    def acquire(self) -> None:
        self.asked += 1

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


@dataclass
class Mail:
    """The sandbox, where it listens, and ways to connect to it."""

    sandbox: EmailSandbox
    url: str
    limiter: Limiter = field(default_factory=Limiter)
    kept: dict[str, Delivered] = field(default_factory=dict)

    def settings(self, **changed: Any) -> EmailSettings:
        given = mail_settings(self.sandbox)
        return EmailSettings.model_validate({k: v for k, v in (given | changed).items() if v is not None})

    @contextmanager
    def connected(self, follow: tuple[str, ...] | None = None, **changed: Any) -> Iterator[Connector]:
        context = Context(limiter=lambda *_: self.limiter, now=lambda: NOW, follow=follow, delivered=self.kept.get)
        with SPEC.connect(self.settings(**changed), context) as live:
            yield live


@pytest.fixture(scope="package")
def _served() -> Iterator[tuple[EmailSandbox, str]]:
    assert SPEC.sandbox is not None
    app = SPEC.sandbox()
    with serve(app) as url:
        yield app.state.sandbox, url


@pytest.fixture
def mail(_served: tuple[EmailSandbox, str]) -> Mail:
    sandbox, url = _served
    post = sandbox.post
    with post.lock:
        post.passwords.clear()
        post.folders.clear()
        post.taken.clear()
        post.faults.clear()
        post.released.clear()
        post.account(DEFAULT_USER, DEFAULT_PASSWORD)
    return Mail(sandbox, url)


@pytest.fixture
def live(mail: Mail) -> Iterator[Connector]:
    with mail.connected() as connector:
        yield connector


def letter(**changed: Any) -> Letter:
    given: dict[str, Any] = {
        "message_id": "<1@hub.example.com>",
        "to": "zoe@client.example",
        "to_name": "Zoé Martin",
        "subject": "Échéance demain",
        "body": "Bonjour **Zoé**,\n\nil reste [une tâche](https://app.example.com/t/1).",
        "language": "fr",
        "at": NOW,
    }
    return Letter(**given | changed)
