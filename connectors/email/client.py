"""The only file that talks to a submission server (RFC 6409): TLS, login, one kept connection. Its errors end here.

When it is certain that a mail was not taken, the error says what to do; when the connection was lost or silent after
the mail's content had begun to go out, nobody can know: the error is `uncertain`, and the mail is not sent again here.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectors.email.letters import Sendable
from connectors.email.settings import EmailSettings
from connectors.email.smtp_login import connect
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.protocol import Limiter

GREYLISTED = 600.0
"""Seconds until the next try after a 4xx: servers that greylist take a mail after 5 to 15 minutes."""
BUSY = 300.0
"""The same after a 421: the server closes, or wants no more from us for now."""
THROTTLED = 60.0
"""Seconds in which nobody sends after a server has twice closed the connection instead of taking a mail."""
_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. `content`: for the answer to a mail's content (RFC 5321 4.5.3.2 asks for 10 minutes)."""

    command: float = 60.0
    content: float = 600.0
    unused: float = 30.0
    """A connection that was not used for so long is closed."""
    trusted: float = 5.0
    """A connection that was used so recently is taken for alive without asking."""


def trust(settings: EmailSettings) -> ssl.SSLContext:
    """What servers must prove: a certificate for their name from a known authority. ConfigError for a bad ca_file."""
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    except OSError as error:
        raise ConfigError(f"ca_file {settings.ca_file} cannot be read as certificates: {error.strerror}.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Smtp:
    """One submission server. Safe for threads: mails go one after the other over one connection."""

    def __init__(self, settings: EmailSettings, limiter: Limiter, patience: Patience | None = None) -> None:
        self._settings = settings
        self._limiter = limiter
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._live: smtplib.SMTP | None = None
        self._used = 0.0
        self._closer: threading.Timer | None = None

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        with self._lock:
            self._hang_up()

    def check(self) -> str:
        """Connect and log in without sending anything; what the server calls itself."""
        with self._lock, self._kept():
            server = self._alive()
            self._command(server.noop(), "NOOP")
            return f"{self._settings.smtp_host}:{self._settings.smtp_port}"

    def send(self, mail: Sendable) -> None:
        """Send one mail. The errors of `Messenger.send`."""
        self._limiter.acquire()
        with self._lock, self._kept():
            try:
                self._offer(self._alive(), mail)
            except _Closing:
                # Nothing of the mail had gone out. Servers close idle connections and those that sent much.
                self._hang_up()
                try:
                    self._offer(self._alive(), mail)
                except _Closing:
                    self._limiter.hold(THROTTLED)
                    raise

    def _offer(self, server: smtplib.SMTP, mail: Sendable) -> None:
        """The envelope, then the content."""
        if mail.utf8 and not server.has_extn("smtputf8"):
            raise RecordError(f"{self._where} cannot send to {mail.recipient}: it takes ASCII addresses only.")
        options = [f"size={len(mail.content)}"] if server.has_extn("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if mail.utf8 else []
        with self._certain():
            code, said = server.mail(mail.sender, options)
            if code >= 500:
                server.rset()
                raise self._refused_sender(code, said, mail)
            self._command((code, said), "MAIL FROM")
            code, said = server.rcpt(mail.recipient)
            if code >= 500:
                server.rset()
                raise RecordError(f"{self._where} refuses the recipient {mail.recipient}: {_said(code, said)}")
            self._command((code, said), f"the recipient {mail.recipient}")
            code, said = server.docmd("DATA")
            if code >= 500:
                server.rset()
                raise RecordError(f"{self._where} refuses the mail to {mail.recipient}: {_said(code, said)}")
            if code != 354:
                self._command((code, said), "the mail")
                raise TransientError(f"{self._where} answered DATA with {_said(code, said)}", retry_after=BUSY)
        self._hand_over(server, mail)

    def _hand_over(self, server: smtplib.SMTP, mail: Sendable) -> None:
        """The content and its last dot. From here on, no answer means that nobody knows."""
        content = _DOT.sub(b"..", mail.content)
        try:
            if server.sock is not None:
                server.sock.settimeout(self._patience.content)
            server.send(content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, said = server.getreply()
            if server.sock is not None:
                server.sock.settimeout(self._patience.command)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise TransientError(
                f"{self._where} took the mail to {mail.recipient} but did not say whether it will deliver it "
                f"({type(error).__name__}). It may have been sent.",
                uncertain=True,
            ) from None
        if 200 <= code < 300:
            return
        if code >= 500:
            raise RecordError(f"{self._where} refuses the mail to {mail.recipient}: {_said(code, said)}")
        if code < 400:  # no answer that SMTP knows
            self._hang_up()
            raise TransientError(f"{self._where} answered the mail with {_said(code, said)}", uncertain=True)
        if code == 421:
            self._hang_up()
        raise self._later(code, said, f"the mail to {mail.recipient}")

    @contextmanager
    def _certain(self) -> Iterator[None]:
        """Inside, nothing of the mail's content has gone out: a lost connection means that it was not sent."""
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            raise _Closing(
                f"{self._where} hung up before the mail was handed over ({type(error).__name__}).", retry_after=BUSY
            ) from None

    def _command(self, answer: tuple[int, bytes], what: str) -> None:
        code, said = answer
        if code == 421 or code < 0:
            raise _Closing(f"{self._where} closes the connection: {_said(code, said)}", retry_after=BUSY)
        if 400 <= code < 500:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._live_or_gone().rset()
            raise self._later(code, said, what)
        if code >= 500:
            raise ConfigError(f"{self._where} refuses {what}: {_said(code, said)}")

    def _later(self, code: int, said: bytes, what: str) -> TransientError:
        wait = BUSY if code == 421 else GREYLISTED
        return TransientError(f"{self._where} does not take {what} yet: {_said(code, said)}", retry_after=wait)

    def _refused_sender(self, code: int, said: bytes, mail: Sendable) -> HubError:
        if code == 552:
            return RecordError(f"{self._where} refuses the mail to {mail.recipient}: {_said(code, said)}")
        return ConfigError(
            f"{self._where} refuses to send from {mail.sender}: {_said(code, said)} Set `address` to one that this "
            "login may write from."
        )

    def _live_or_gone(self) -> smtplib.SMTP:
        if self._live is None:
            raise smtplib.SMTPServerDisconnected("gone")
        return self._live

    def _alive(self) -> smtplib.SMTP:
        """The kept connection if it still answers, else a new one."""
        if self._live is not None and time.monotonic() - self._used > self._patience.trusted:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._live.noop()[0] == 250:
                    return self._live
            self._hang_up()
        if self._live is None:
            self._live = self._connect()
        return self._live

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Keep the connection for the next mail; close it when none comes for a while."""
        if self._closer is not None:
            self._closer.cancel()
        try:
            yield
        finally:
            self._used = time.monotonic()
            if self._live is not None:
                self._closer = threading.Timer(self._patience.unused, self._close_unused)
                self._closer.daemon = True
                self._closer.start()

    def _close_unused(self) -> None:
        with self._lock:
            if time.monotonic() - self._used >= self._patience.unused:
                self._hang_up()

    def _hang_up(self) -> None:
        live, self._live = self._live, None
        if self._closer is not None:
            self._closer.cancel()
            self._closer = None
        if live is not None:
            try:
                if live.sock is not None:
                    live.sock.settimeout(5.0)
                live.quit()
            except (smtplib.SMTPException, OSError):
                live.close()

    @property
    def _where(self) -> str:
        return f"The mail server {self._settings.smtp_host}"

    def _connect(self) -> smtplib.SMTP:
        return connect(self._settings, trust(self._settings), self._patience.command)


class _Closing(TransientError):
    """The server closed the connection while nothing of a mail had gone out."""


def _said(code: int, said: bytes) -> str:
    return f"{code} {' '.join(said.decode('utf-8', 'replace').split())[:300]}"
