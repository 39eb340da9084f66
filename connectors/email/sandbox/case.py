"""How the conformance suite plays with a mail account in small."""
# ruff: noqa: ARG002 - these are hooks: not every provider needs every argument

from __future__ import annotations

import base64
import email
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox, create_app
from hub.conformance.case import Case
from hub.core.types import Letter, WebhookRequest

AT = "2026-11-21T10:00:00+00:00"
SAYS = hashlib.sha256(f"{AT}|zoe@client.example".encode()).hexdigest()[:12]


class EmailCase(Case):
    """One account: its submission server and its mailbox."""

    key = DEFAULT_PASSWORD
    wrong_key = "a-password-of-nobody"
    remedy = "smtp_password|imap_password"
    capabilities = ("source", "directory", "messenger", "bell")
    over_http = False
    page_size = 50
    paged = ("message",)
    signs_body = False
    webhook_secret = "postmark:a-password-of-the-suite"
    other_secret = "postmark:another-password"
    extra_files = tuple(
        f"{name}.py"
        for name in ("bounces", "forms", "imap", "letters", "mail", "markup", "page", "plain", "smtp_login")
    )
    sandbox: EmailSandbox

    def app(self) -> Any:
        """The sandbox; the mail servers start with it."""
        app = create_app()
        self.sandbox = app.state.sandbox
        return app

    def settings(self, key: str) -> Mapping[str, Any]:
        """The account, and where its servers are."""
        at = self.sandbox.servers() if self.url and hasattr(self, "sandbox") else {}
        given = {
            "address": DEFAULT_USER,
            "smtp_host": "127.0.0.1",
            "smtp_port": at.get("smtp", {}).get("port", 587),
            "smtp_tls": "starttls",
            "smtp_user": DEFAULT_USER,
            "smtp_password": key,
            "imap_host": "127.0.0.1",
            "imap_port": at.get("imaps", {}).get("port", 993),
            "imap_tls": "implicit",
            "ca_file": at.get("ca_file"),
        }
        return {name: value for name, value in given.items() if value is not None}

    def fail(
        self, kind: str, *, times: int | None = None, writes_only: bool = False, wait: float | None = None
    ) -> None:
        """Cut the connection after the content of a mail, which is taken all the same."""
        self.sandbox.fault("close", "content", times=times or 1_000)

    def heal(self) -> None:
        """No mail fails."""
        self.sandbox.heal()

    def calls(self) -> Sequence[tuple[str, str]]:
        """Mails that were given."""
        return [("SEND", mail["sender"]) for mail in self.sandbox.mails()]

    def fill(self, stream: str, count: int) -> Sequence[str] | None:
        """Mails that arrived at one instant."""
        start = len(self._mails())
        for number in range(start, start + count):
            head = f"From: Zoé <zoe@client.example>\r\nTo: {DEFAULT_USER}\r\nSubject: Mail {number}\r\n"
            head += f"Message-ID: <{number}@client.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
            self.sandbox.inject(f"{head}\r\nBonjour.\r\n", at=AT)
        return list(self._mails())

    def _mails(self) -> Mapping[str, int]:
        """Key -> UID of what is in the INBOX: the key is the Message-ID and a hash of Date and From."""
        with self.sandbox.post.lock:
            stored = self.sandbox.post.folder(DEFAULT_USER, "INBOX").mails
            return {f"{email.message_from_bytes(mail.raw)['Message-ID']}#{SAYS}": mail.uid for mail in stored}

    def delete(self, stream: str, key: str) -> bool:
        """Somebody deletes the mail for good."""
        self.sandbox.remove(self._mails()[key])
        return True

    def wire(self, fixture: bytes, event_type: str) -> bytes:
        """Mailgun posts a form: its fixture holds the fields."""
        return urlencode(json.loads(fixture)).encode() if event_type == "mailgun.inbound" else fixture

    def signed(self, body: bytes, at: datetime, secret: str) -> WebhookRequest:
        """Postmark: the user and password of the address, as basic authentication."""
        headers = {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
        return WebhookRequest(url="https://hub.example/in", headers=headers, body=body, secrets=(secret,), now=at)

    def unknown(self, fixture: bytes, event_type: str) -> bytes:
        """Another of Postmark's webhooks."""
        return json.dumps({**json.loads(fixture), "RecordType": "Striped"}).encode()

    def letter(self, number: int) -> Letter:
        """A short one."""
        return Letter(
            message_id=f"<suite-{number}@example.com>",
            to="zoe@client.example",
            to_name="Zoé Martin",
            subject="Échéance demain",
            body="Bonjour **Zoé**.",
            language="fr",
            at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        )

    def sent(self) -> Sequence[str]:
        """What the submission server took."""
        return [str(email.message_from_string(mail["raw"])["Message-ID"]) for mail in self.sandbox.mails()]


def case() -> Case:
    """A new one."""
    return EmailCase()
