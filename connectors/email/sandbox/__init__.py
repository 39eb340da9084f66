"""Mail in small: a submission server, an IMAP server and the inbound webhooks of Postmark and Mailgun, on loopback.

    app = create_app()                # served, its lifespan starts the mail servers on free ports of 127.0.0.1
    sandbox = app.state.sandbox       # the controls, in process; over HTTP each is POST /_sandbox/NAME
    GET /_sandbox/servers             # where they listen, and the file of the certificate authority to trust

Every server speaks TLS with a certificate made at the start and wants a login. A mail to the address of an account goes
into its INBOX (addresses with +TOKEN too); every mail that was taken is listed. The SMTP server is aiosmtpd; the IMAP
server a small one of our own. Controls: account, mails, forget, inject, remove, new_uidvalidity, fault, faults, heal,
release, cut, inbound, and those of `hub.sandbox`.
"""

import base64
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool

from connectors.email.sandbox import certificate, inbound
from connectors.email.sandbox.imap import Listener
from connectors.email.sandbox.smtp import HOST, SmtpServer
from connectors.email.sandbox.state import KINDS, STAGES, Fault, Post
from hub.sandbox import Answer, Call, Sandbox, control, made

DEFAULT_USER = "hub@example.com"
DEFAULT_PASSWORD = "sandbox-password"
MAILGUN_KEY = "key-sandbox"


class EmailSandbox(Sandbox):
    """The controls and the servers behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.post = Post()
        self.post.account(DEFAULT_USER, DEFAULT_PASSWORD)
        self._running: list[SmtpServer | Listener] = []
        self._places: dict[str, Any] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def error(self, kind: str) -> Answer:
        """Nothing is asked by HTTP but controls."""
        return Answer(int(kind), b"")

    def refuse(self, call: Call) -> Answer | None:  # noqa: ARG002  there is no key to check
        """None."""
        return None

    def start(self) -> None:
        """Start the three servers on free ports."""
        self._folder = tempfile.TemporaryDirectory(prefix="mail-sandbox-")
        ca_file, context = certificate.make(Path(self._folder.name))
        self.post.closing = False
        self.post.released.clear()
        starttls = SmtpServer(self.post, context, implicit=False)
        implicit = SmtpServer(self.post, context, implicit=True)
        imap = Listener(self.post, context)
        self._running = [starttls, implicit, imap]
        for server in self._running:
            server.start()
        self._places = {
            "smtp": {"host": HOST, "port": starttls.port, "tls": "starttls"},
            "smtps": {"host": HOST, "port": implicit.port, "tls": "implicit"},
            "imaps": {"host": HOST, "port": imap.port, "tls": "implicit"},
            "ca_file": str(ca_file),
            "user": DEFAULT_USER,
            "password": DEFAULT_PASSWORD,
            "mailgun_key": MAILGUN_KEY,
        }

    def stop(self) -> None:
        """Stop them. What was stored stays."""
        self.post.closing = True
        self.post.released.set()
        for server in self._running:
            server.stop()
        self._running = []
        if self._folder is not None:
            self._folder.cleanup()

    @control
    def servers(self) -> dict[str, Any]:
        """Hosts, ports, the authority's file, and the account that is there from the start."""
        return self._places

    @control
    def account(self, user: str, password: str) -> None:
        """Make an account with an INBOX, or change its password."""
        self.post.account(user, password)

    @control
    def mails(self) -> list[dict[str, Any]]:
        """Every mail that the SMTP servers were given, oldest first: login, sender, recipients, raw, session, answered.

        `session`: equal for mails over one connection. `answered`: False where the sender was never told.
        """
        return self.post.shown()

    @control
    def forget(self) -> None:
        """Forget the mails that were given, not the folders."""
        with self.post.lock:
            self.post.taken.clear()

    @control
    def inject(
        self,
        raw: str | None = None,
        *,
        base64_raw: str | None = None,
        user: str = DEFAULT_USER,
        folder: str = "INBOX",
        at: str | None = None,
    ) -> int:
        """Put a mail into a folder as it is; its UID. `base64_raw` for bytes that are no text."""
        content = base64.b64decode(base64_raw) if base64_raw is not None else (raw or "").encode()
        return self.post.put(user, folder, content, datetime.fromisoformat(at) if at else None)

    @control
    def remove(self, uid: int, *, user: str = DEFAULT_USER, folder: str = "INBOX") -> None:
        """Delete a mail for good."""
        with self.post.lock:
            found = self.post.folder(user, folder)
            found.mails = [mail for mail in found.mails if mail.uid != uid]

    @control
    def new_uidvalidity(self, *, user: str = DEFAULT_USER, folder: str = "INBOX") -> int:
        """Give every mail of the folder a new UID, as when it is restored from a backup."""
        with self.post.lock:
            found = self.post.folder(user, folder)
            found.uidvalidity += 1
            for number, mail in enumerate(found.mails, 1):
                mail.uid = number
            found.uidnext = len(found.mails) + 1
            return found.uidvalidity

    @control
    def fault(
        self, kind: str, stage: str = "content", *, times: int = 1, recipient: str | None = None, seconds: float = 30.0
    ) -> None:
        """Let the next mails fail. Stages: login, mail, rcpt, data, content, imap; kinds: see `state.KINDS`."""
        if kind not in KINDS or stage not in (*STAGES, "imap"):
            raise ValueError(f"Kinds: {', '.join(KINDS)}. Stages: {', '.join(STAGES)}, imap.")
        with self.post.lock:
            self.post.faults.append(Fault(kind, stage, times, recipient, seconds))

    @control
    def heal(self) -> None:
        """Take every fault away."""
        super().heal()
        with self.post.lock:
            self.post.faults.clear()

    @control
    def release(self) -> None:
        """End the silence of every silent fault."""
        self.post.released.set()

    @control
    def cut(self) -> None:
        """Cut every IMAP connection."""
        for server in self._running:
            if isinstance(server, Listener):
                server.cut()

    @control
    def inbound(
        self,
        provider: str,
        url: str,
        raw: str,
        *,
        recipient: str = DEFAULT_USER,
        key: str = MAILGUN_KEY,
        as_mime: bool = False,
    ) -> int | None:
        """Post a mail to `url` as "postmark" or "mailgun" does; the status of the answer, None when there was none."""
        content = raw.encode()
        if provider == "postmark":
            made_post = inbound.postmark(content, url, recipient)
        else:
            made_post = inbound.mailgun(
                content, url, recipient, key, lambda: int(self.now().timestamp()), as_mime=as_mime
            )
        return self.outbox.post_now(made_post)


def create_app() -> FastAPI:
    """The app; its lifespan starts and stops the mail servers."""
    sandbox = EmailSandbox()
    routes = APIRouter()

    @routes.get("/_sandbox/servers")
    def servers() -> dict[str, Any]:
        return sandbox.servers()

    app = made(sandbox, routes)
    around = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[Any]:
        await run_in_threadpool(sandbox.start)
        try:
            async with around(served) as state:
                yield state
        finally:
            await run_in_threadpool(sandbox.stop)

    app.router.lifespan_context = lifespan
    return app
