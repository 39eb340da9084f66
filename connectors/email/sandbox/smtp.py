"""The SMTP side of the mail sandbox: aiosmtpd with TLS, logins and faults."""

import asyncio
import logging
import socket
import ssl
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.email.sandbox.state import Fault, Post, Taken

HOST = "127.0.0.1"
MAX_BYTES = 10 << 20
_WORDS = {
    "421": "4.3.2 The sandbox closes this connection",
    "450": "4.2.1 Mailbox busy",
    "451": "4.7.1 Greylisted, try again later",
    "452": "4.2.2 Mailbox full",
    "454": "4.7.0 Cannot check the login now",
    "535": "5.7.8 Wrong login",
    "550": "5.1.1 No such mailbox",
    "552": "5.3.4 Too large",
    "554": "5.7.1 Not wanted here",
}


class Handler:
    """aiosmtpd's hooks: each stage first asks whether a fault befalls it."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        if not getattr(session, "number", 0):
            with self._post.lock:
                self._post.sessions += 1
                setattr(session, "number", self._post.sessions)  # noqa: B010  a mark of ours on their object
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Log in first"
        refused = await self._fault(server, self._post.strike("mail"))
        if refused:
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        refused = await self._fault(server, self._post.strike("rcpt", address))
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        login = getattr(session.auth_data, "login", None)
        taken = Taken(
            login=login.decode() if login else None,
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            raw=content,
            session=getattr(session, "number", 0),
        )
        fault = self._post.strike("content")
        if fault is not None and fault.kind in ("close", "silent_after_taking"):
            taken.answered = False
            self._post.take(taken)
        refused = await self._fault(server, fault)
        if refused:
            return refused
        self._post.take(taken)
        return "250 2.0.0 Taken"

    async def _fault(self, server: SMTP, fault: Fault | None) -> str | None:
        """The refusal that the fault says; the connection cut or kept silent where it says that."""
        if fault is None:
            return None
        if fault.kind in ("close", "silent", "silent_after_taking"):
            if fault.kind != "close":
                await _until(self._post.released.is_set, fault.seconds)
            _cut(server)
            raise ConnectionResetError("The sandbox was told to cut this connection.")
        if fault.kind == "421":
            # The answer goes out, then the connection ends, as a server does that shuts down.
            asyncio.get_running_loop().call_later(0.05, _cut, server)
        return f"{fault.kind} {_WORDS[fault.kind]}"


class Server(SMTP):
    """aiosmtpd, with a fault at DATA before any content, and without words about the connections that we cut."""

    post: Post

    async def smtp_DATA(self, arg: str) -> None:
        fault = self.post.strike("data")
        if fault is not None:
            refused = await self.event_handler._fault(self, fault)  # noqa: SLF001  our own handler
            await self.push(refused)
            return
        await super().smtp_DATA(arg)

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, ConnectionResetError):
            return "421 4.3.2 Cut"
        return await super().handle_exception(error)


class SmtpServer:
    """One listening SMTP server in a thread: `implicit` TLS from the first byte, or STARTTLS."""

    def __init__(self, post: Post, context: ssl.SSLContext, *, implicit: bool) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it speaks of every failed login and cut connection
        self._post = post
        self._context = context
        self._implicit = implicit
        self.port = _free_port()
        self._controller = self._made()

    def _made(self) -> Controller:
        post, context, implicit = self._post, self._context, self._implicit

        class Listening(Controller):
            def factory(self) -> SMTP:
                server = Server(
                    self.handler,
                    hostname="localhost",
                    data_size_limit=MAX_BYTES,
                    enable_SMTPUTF8=True,
                    tls_context=None if implicit else context,
                    require_starttls=not implicit,
                    auth_required=False,
                    auth_require_tls=not implicit,
                    authenticator=self._authenticate,
                )
                server.post = post
                return server

            def _authenticate(
                self, server: SMTP, session: Session, envelope: Envelope, how: str, data: Any
            ) -> AuthResult:
                del server, session, envelope, how
                fault = post.strike("login")
                if fault is not None:
                    return AuthResult(success=False, handled=False, message=f"{fault.kind} {_WORDS[fault.kind]}")
                given = isinstance(data, LoginPassword) and post.passwords.get(data.login.decode("utf-8", "replace"))
                right = bool(given) and data.password.decode("utf-8", "replace") == given
                with post.lock:
                    post.logins += right
                return AuthResult(success=right, handled=False, auth_data=data)

        return Listening(
            Handler(post), hostname=HOST, port=self.port, ssl_context=context if implicit else None, ready_timeout=20.0
        )

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop(no_assert=True)


async def _until(done: Any, seconds: float) -> None:
    left = seconds
    while left > 0 and not done():
        await asyncio.sleep(0.02)
        left -= 0.02


def _cut(server: SMTP) -> None:
    transport = server.transport
    if transport is not None:
        transport.abort() if hasattr(transport, "abort") else transport.close()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
