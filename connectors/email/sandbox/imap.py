"""The IMAP side of the mail sandbox: a small, read-only IMAP4rev1 (RFC 3501) with IDLE (RFC 2177), over TLS.

What it knows: CAPABILITY LOGIN LOGOUT NOOP LIST SELECT EXAMINE UNSELECT IDLE, UID SEARCH and UID FETCH of what a
reader asks for. Everything else is answered BAD, as an unknown command is.
"""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from connectors.email.sandbox.imap_words import Words, astring, quoted, read_words
from connectors.email.sandbox.mailbox import fetch_item, matches, uid_range
from connectors.email.sandbox.state import Folder, Post, Stored

HOST = "127.0.0.1"
CAPABILITIES = "IMAP4rev1 IDLE UNSELECT LITERAL+"
MAX_LITERAL = 1 << 20


class _No(Exception):
    """Answer NO with this reason."""


class _Bad(Exception):
    """Answer BAD with this reason."""


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: "Listener"
    timeout = 120
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """TLS in the connection's own thread: a peer that says nothing holds up nobody."""
        self.request.settimeout(self.timeout)
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.server.opened.add(self.request)
        super().setup()
        self.post = self.server.post
        self.user: str | None = None
        self.folder: Folder | None = None
        self.told = 0
        self.done = False

    def handle(self) -> None:
        """Speak until LOGOUT or the end."""
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] Sandbox ready")
        while not self.done and not self.post.closing:
            line = self._line()
            if line is None:
                return
            try:
                tag, name, words = self._command(line)
            except (ValueError, IndexError):
                self._say(f"{line.split(b' ')[0].strip().decode('ascii', 'replace')} BAD That is no command")
                continue
            try:
                said = self._do(name, words)
            except _No as reason:
                self._say(f"{tag} NO {reason}")
            except (_Bad, ValueError, IndexError) as reason:
                self._say(f"{tag} BAD {reason}")
            else:
                self._say(f"{tag} OK {said}")

    def finish(self) -> None:
        """Close, whatever the other side did."""
        self.server.opened.discard(self.request)
        with suppress(OSError):
            super().finish()
        self.request.close()

    def _line(self) -> bytes | None:
        """A whole command, its literals in place."""
        line = b""
        while True:
            piece = self.rfile.readline(65536)
            if not piece.endswith(b"\n"):
                return None
            line += piece
            size, waits = _literal(piece)
            if size is None:
                return line
            if size > MAX_LITERAL:
                return None
            if waits:
                self._say("+ Go on")
            line += self.rfile.read(size)

    def _command(self, line: bytes) -> tuple[str, str, Words]:
        words = read_words(line.rstrip(b"\r\n"))
        tag, name = str(words.pop(0)), str(words.pop(0)).upper()
        if name == "UID":
            name = f"UID {str(words.pop(0)).upper()}"
        return tag, name, words

    def _do(self, name: str, words: Words) -> str:
        if name in ("CAPABILITY", "LOGOUT", "NOOP", "LOGIN"):
            self._do_any_time(name, words)
        elif self.user is None:
            raise _No("Log in first")
        elif name == "LIST":
            self._list(astring(words[1]))
        elif name in ("SELECT", "EXAMINE"):
            return self._select(astring(words[0]))
        elif name == "UNSELECT":
            self.folder = None
        elif self.folder is None:
            raise _Bad("Select a folder first")
        elif name == "IDLE":
            self._idle(self.folder)
        elif name == "UID SEARCH":
            self._search(self.folder, words)
        elif name == "UID FETCH":
            self._fetch(self.folder, str(words[0]), words[1])
        else:
            raise _Bad(f"The sandbox does not know {name}")
        return f"{name} done"

    def _do_any_time(self, name: str, words: Words) -> None:
        if name == "CAPABILITY":
            self._say(f"* CAPABILITY {CAPABILITIES}")
        elif name == "LOGOUT":
            self.done = True
            self._say("* BYE Goodbye")
        elif name == "NOOP":
            self._tell_news()
        else:
            self._log_in(astring(words[0]), astring(words[1]))

    def _log_in(self, user: str, password: str) -> None:
        with self.post.lock:
            if self.post.strike("imap") or self.post.passwords.get(user) != password:
                raise _No("[AUTHENTICATIONFAILED] Wrong user or password")
        self.user = user

    def _list(self, pattern: str) -> None:
        with self.post.lock:
            names = list(self.post.folders[self.user or ""])
        if pattern == "":
            self._say('* LIST (\\Noselect) "/" ""')
        for name in names:
            if pattern in ("*", "%", name):
                self._say(f'* LIST (\\HasNoChildren) "/" {quoted(name)}')

    def _select(self, name: str) -> str:
        with self.post.lock:
            mine = self.post.folders[self.user or ""]
            name = "INBOX" if name.upper() == "INBOX" else name
            if name not in mine:
                self.folder = None
                raise _No("[NONEXISTENT] There is no such folder")
            folder = self.folder = mine[name]
            self.told = len(folder.mails)
            lines = [
                "* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)",
                "* OK [PERMANENTFLAGS ()] Nothing can be changed here",
                f"* {self.told} EXISTS",
                "* 0 RECENT",
                f"* OK [UIDVALIDITY {folder.uidvalidity}] The numbers hold",
                f"* OK [UIDNEXT {folder.uidnext}] The next number",
            ]
        for line in lines:
            self._say(line)
        return "[READ-ONLY] Opened"

    def _search(self, folder: Folder, words: Words) -> None:
        if words and str(words[0]).upper() == "CHARSET":
            del words[:2]
        with self.post.lock:
            mails = list(folder.mails)
        highest = mails[-1].uid if mails else 0
        found = [mail for mail in mails if matches(mail, list(words), highest)]
        self._say("* SEARCH" + "".join(f" {mail.uid}" for mail in found))

    def _fetch(self, folder: Folder, numbers: str, items: Any) -> None:
        wanted = [str(item) for item in (items if isinstance(items, list) else [items])]
        with self.post.lock:
            mails = list(folder.mails)
        highest = mails[-1].uid if mails else 0
        for position, mail in enumerate(mails, 1):
            if any(low <= mail.uid <= high for low, high in uid_range(numbers, highest)):
                self._raw(b"* %d FETCH (%s)\r\n" % (position, b" ".join(_items(mail, wanted))))

    def _idle(self, folder: Folder) -> None:
        """Tell what arrives, until the client says DONE. A thread reads, because both may happen at any time."""
        self._say("+ idling")
        over = threading.Event()

        def tell() -> None:
            with self.post.arrived:
                while not over.is_set() and not self.post.closing:
                    if len(folder.mails) != self.told:
                        self.told = len(folder.mails)
                        self._say(f"* {self.told} EXISTS")
                    self.post.arrived.wait(1.0)

        teller = threading.Thread(target=tell, name="imap-idle", daemon=True)
        teller.start()
        try:
            line = self.rfile.readline(1000)
        finally:
            over.set()
            with self.post.arrived:
                self.post.arrived.notify_all()
            teller.join()
        if line.strip().upper() != b"DONE":
            raise _Bad("Expected DONE")

    def _tell_news(self) -> None:
        if self.folder is not None and len(self.folder.mails) != self.told:
            self.told = len(self.folder.mails)
            self._say(f"* {self.told} EXISTS")

    def _say(self, line: str) -> None:
        self._raw(line.encode() + b"\r\n")

    def _raw(self, line: bytes) -> None:
        self.wfile.write(line)
        self.wfile.flush()


def _literal(piece: bytes) -> tuple[int | None, bool]:
    """The size of the literal that the line ends with, and whether the client waits for a go-ahead."""
    text = piece.rstrip(b"\r\n")
    if not text.endswith(b"}"):
        return None, False
    inner = text[text.rfind(b"{") + 1 : -1]
    waits = not inner.endswith(b"+")
    digits = inner.rstrip(b"+")
    return (int(digits), waits) if digits.isdigit() else (None, False)


def _items(mail: Stored, wanted: list[str]) -> Iterator[bytes]:
    """The parts of a FETCH answer. The UID comes along whether asked for or not (RFC 3501 6.4.8)."""
    if "UID" not in {item.upper() for item in wanted}:
        yield b"UID %d" % mail.uid
    for item in wanted:
        yield fetch_item(mail, item)


class Listener(socketserver.ThreadingTCPServer):
    """The listening socket; a thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, post: Post, context: ssl.SSLContext) -> None:
        self.post = post
        self.context = context
        self.opened: set[socket.socket] = set()
        super().__init__((HOST, 0), Session)
        self.port = int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up, or do not trust us, are no news."""

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="imap", daemon=True).start()

    def cut(self) -> None:
        """End every connection without a word."""
        for each in list(self.opened):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Serve no more."""
        self.shutdown()
        self.cut()
        self.server_close()
