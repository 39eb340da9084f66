"""The connector against a server that none of us wrote: Dovecot."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.email.settings import EmailSettings
from connectors.email.source import EmailSource
from connectors.email.spec import SPEC
from hub.core.errors import ConfigError
from hub.core.kinds import problems
from hub.core.protocol import Connector, Context, CursorExpired
from tests.connectors.email import dovecot
from tests.connectors.email.conftest import NOW, Limiter
from tests.connectors.email.test_email_reading import changed, everything, raw, source

pytestmark = pytest.mark.skipif(dovecot.missing() is not None, reason=str(dovecot.missing()))


@pytest.fixture(scope="module")
def server() -> Iterator[dovecot.Dovecot]:
    # Not pytest's folder: Dovecot's processes are other users, and that one is closed to them.
    with tempfile.TemporaryDirectory() as folder, dovecot.running(Path(folder)) as started:
        yield started


@contextmanager
def connected(server: dovecot.Dovecot, follow: tuple[str, ...] | None = None, **changes: Any) -> Iterator[Connector]:
    settings = EmailSettings.model_validate(
        {
            "address": dovecot.USER,
            "imap_host": "localhost",
            "imap_port": server.imaps,
            "imap_tls": "implicit",
            "imap_user": dovecot.USER,
            "imap_password": dovecot.PASSWORD,
            "ca_file": server.ca_file,
            **changes,
        }
    )
    context = Context(limiter=lambda *_: Limiter(), now=lambda: NOW, follow=follow)
    with SPEC.connect(settings, context) as live:
        yield live


def test_a_mailbox_is_read_awaited_and_healed(server: dovecot.Dovecot) -> None:
    """One story, in the order in which it happens, because one server serves it."""
    with connected(server) as live:
        assert live.directory is not None
        assert {thing.name for thing in live.directory.look().things} >= {"INBOX", "Archive"}
        _, cursor = changed(live, None)
        assert changed(live, cursor)[0] == []

        for number in range(3):
            server.deliver(raw(number))
        server.deliver(raw(3, name=""))
        server.deliver(
            "Subject: caf\u00e9 \ud83d\ude00".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\r\n\r\n"
        )
        events, cursor = changed(live, cursor)
        records = everything(live)
        assert [event.key for event in events] == [record.key for record in records]
        assert len({record.key for record in records}) == 5
        assert all(problems("message", record.fields, whole=True) == [] for record in records)
        for record in records:
            assert source(live).fetch("message", record.key) == (record,)
        assert changed(live, cursor)[0] == []

        told: list[bool] = []
        listening = source(live)
        assert isinstance(listening, EmailSource)
        waiting = threading.Thread(target=lambda: told.append(listening.wait(60)))
        waiting.start()
        server.deliver(raw(9))
        waiting.join(30)
        assert told == [True]
        events, cursor = changed(live, cursor)
        assert len(events) == 1

        server.forget_uids()
        with pytest.raises(CursorExpired):
            changed(live, cursor)
        assert {record.key for record in everything(live)} >= {record.key for record in records}

    with connected(server, imap_port=server.imap, imap_tls="starttls") as live:
        assert len(everything(live)) == 6
    with connected(server, follow=("Archiv",)) as live, pytest.raises(ConfigError, match="Archive"):
        source(live).check()
    with connected(server, imap_password="wrong") as live, pytest.raises(ConfigError, match="imap_password"):
        source(live).check()
