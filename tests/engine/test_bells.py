"""A provider that keeps a connection open is heard at once, and a bell that fails costs nothing but quickness."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from queue import Queue

import pytest

from hub.core.errors import TransientError
from hub.core.protocol import Connector, ConnectorSpec
from hub.core.types import Cursor, Event, Page, Record
from hub.engine import bells
from hub.engine.backfill import backfill
from hub.engine.bells import Bells
from hub.engine.runtime import Runtime
from hub.mapping.model import Business
from hub.store import changes
from hub.store.database import Store

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


class Mailbox:
    """A source with a bell: `rings` holds what each wait comes to."""

    def __init__(self) -> None:
        self.rings: Queue[bool | Exception] = Queue()
        self.mails: list[str] = []
        self.asked = threading.Semaphore(0)
        self.stopped = threading.Event()

    def check(self) -> Sequence[str]:
        return ()

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:  # noqa: ARG002  the protocol's
        yield Page(records=(), cursor=None)

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        return (Record(stream=stream, key=key),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        new = self.mails[int(cursor or 0) :]
        yield [Event(id=each, type="mail", stream="message", key=each) for each in new], Cursor(str(len(self.mails)))
        self.asked.release()

    def wait(self, seconds: float) -> bool:  # noqa: ARG002
        outcome = self.rings.get()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def stop_waiting(self) -> None:
        self.stopped.set()
        self.rings.put(False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def runtime(store: Store, mailbox: Mailbox) -> Iterator[Runtime]:
    from connectors.registry import load

    spec: ConnectorSpec[object] = replace(load("email"), streams=("message",))

    @contextmanager
    def opened(_connection: str) -> Iterator[Connector]:
        yield Connector(name="email", source=mailbox, bell=mailbox)

    business = Business.model_validate(
        {"hub": 1, "business": "Lila", "key": "lila", "connections": {"email": {"follow": "all"}}}
    )
    made = Runtime(store, business, (), {"email": spec}, opened, lambda: NOW)
    yield made
    made.close()


def test_a_ring_is_followed_by_a_look_and_stopping_ends_the_wait(
    store: Store, runtime: Runtime, mailbox: Mailbox
) -> None:
    backfill(runtime, "email")
    stopping = threading.Event()
    listening = Bells([runtime], stopping)
    listening.start()

    mailbox.mails.append("<one@example.com>")
    mailbox.rings.put(True)
    assert mailbox.asked.acquire(timeout=10)
    stopping.set()
    listening.stop()

    with store.read() as conn:
        assert changes.waiting(conn, "lila")["email"].count == 1
    assert mailbox.stopped.is_set()


def test_a_bell_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, runtime: Runtime, mailbox: Mailbox) -> None:
    monkeypatch.setattr(bells, "AGAIN_SECONDS", 0.0)
    backfill(runtime, "email")
    stopping = threading.Event()
    listening = Bells([runtime], stopping)
    mailbox.rings.put(TransientError("the line is down"))
    mailbox.rings.put(ValueError("a defect"))
    mailbox.rings.put(True)

    listening.start()

    assert mailbox.asked.acquire(timeout=10)
    stopping.set()
    listening.stop()


def test_nothing_is_asked_before_the_first_read_is_done(runtime: Runtime, mailbox: Mailbox) -> None:
    stopping = threading.Event()
    listening = Bells([runtime], stopping)
    mailbox.rings.put(True)

    listening.start()
    stopping.set()
    listening.stop()

    assert not mailbox.asked.acquire(blocking=False)
