"""A mail that Postmark hands over, through the hub's own web server into the mirror's waiting list."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
from pydantic import SecretStr

from connectors.email.webhook import EmailWebhook
from hub.engine.receivers import HubView, Receiver
from hub.store import changes, connections, deliveries
from hub.store.database import open_store
from hub.web.app import create_app
from hub.web.server import listen, server
from tests.connectors.email.test_email_webhook import LOGIN, POSTMARK, basic
from tests.databases import migrated


def test_a_mail_of_many_megabytes_is_kept_and_rung_once(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    receiver = Receiver(
        business="lila", connection="mail", webhook=EmailWebhook(), secrets=lambda: (LOGIN,), url="https://hub/x"
    )
    payload = json.loads(POSTMARK)
    payload["Attachments"][0]["Content"] = base64.b64encode(bytes(8 << 20)).decode()
    with open_store(migrated(tmp_path, "hub.db")) as store, listen("127.0.0.1", 0) as listening:
        with store.write() as conn:
            connections.ensure(conn, "lila", ["mail"])
        view = HubView(receivers={("lila", "mail"): receiver})
        running = server(create_app(store, view, status_key=SecretStr(""), now=lambda: now))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/lila/mail"
            with httpx.Client(timeout=60, trust_env=False) as client:
                for login, status in ((basic("x:y"), 400), (basic(LOGIN), 200), (basic(LOGIN), 200)):
                    answer = client.post(url, content=json.dumps(payload), headers={"Authorization": login})
                    assert answer.status_code == status, answer.text
        finally:
            running.should_exit = True
            thread.join()
        with store.read() as conn:
            (kept,) = deliveries.recent(conn, "lila")
            waiting = changes.waiting(conn, "lila")["mail"].count
    assert (kept.copies, waiting) == (2, 1)
    assert kept.events[0].key == "delivery:73e6d360-66eb-11e1-8e72-a8904824019b"
    assert LOGIN not in str(kept.headers)
    assert basic(LOGIN) not in kept.headers.values()
