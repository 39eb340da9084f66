"""The only file that talks to an IMAP server (RFC 3501, 2177): TLS, login, folders, UIDs. Its errors end here.

Folders are opened read-only and bodies are peeked at: reading marks nothing as read.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import (  # type: ignore[import-untyped]
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
)

from connectors.email.settings import EmailSettings
from connectors.email.smtp_login import RETRY, unreachable
from hub.core.errors import ConfigError, HubError, TransientError

SECONDS = 60.0
MAX_MAIL = 30 << 20
"""Bytes. Of a larger mail only the beginning is read."""
BEGINNING = 1 << 20
AT_ONCE = 8 << 20
"""Bytes of mails in one answer."""

POLL = 60.0
"""Seconds between two looks where a server has no IDLE."""

Place = tuple[int, int]
"""A folder's UIDVALIDITY, and a UID."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail of a folder. `raw` is its beginning only where `size` is larger."""

    uid: int
    raw: bytes
    size: int
    arrived_at: datetime


class Imap:
    """One account. Safe for threads: one connection, one call at a time, made anew once when it was lost."""

    def __init__(self, settings: EmailSettings, context: ssl.SSLContext, *, seconds: float = SECONDS) -> None:
        # At DEBUG the library logs every line that goes over the wire.
        logging.getLogger("imapclient").setLevel(logging.WARNING)
        self._settings = settings
        self._context = context
        self._seconds = seconds
        self._lock = threading.RLock()
        self._live: IMAPClient | None = None
        self.where = f"{settings.imap_host}:{settings.imap_port}"

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        with self._lock:
            live, self._live = self._live, None
            if live is not None:
                try:
                    live.logout()
                except (IMAPClientError, OSError):
                    _shut(live)

    def folders(self) -> list[str]:
        """The names of the folders that can be opened."""
        listed = self._call(lambda live: live.list_folders())
        return sorted(str(name) for flags, _, name in listed if b"\\noselect" not in {flag.lower() for flag in flags})

    def newest(self, folder: str) -> Place:
        """UIDVALIDITY (while it stays, a UID means the same mail, RFC 3501 2.3.1.1), and the last UID given out."""

        return self._call(lambda live: _place(live, _select(live, folder)))

    def uids(self, folder: str, after: int) -> tuple[int, list[int]]:
        """UIDVALIDITY, and the UIDs above `after`, ascending."""

        def look(live: IMAPClient) -> tuple[int, list[int]]:
            seen = _select(live, folder)
            # n:* answers the last mail even when its UID is below n.
            found = live.search(["UID", f"{after + 1}:*"])
            return int(seen[b"UIDVALIDITY"]), sorted({int(uid) for uid in found if uid > after})

        return self._call(look)

    def with_message_id(self, folder: str, message_id: str) -> list[int]:
        """The UIDs of the mails whose Message-ID holds that text."""
        return self._found(folder, ["HEADER", "Message-ID", message_id])

    def without_message_id(self, folder: str) -> list[int]:
        """The UIDs of the mails that have no Message-ID at all."""
        return self._found(folder, ["NOT", "HEADER", "Message-ID", ""])

    def _found(self, folder: str, criteria: list[str]) -> list[int]:
        def look(live: IMAPClient) -> list[int]:
            _select(live, folder)
            return sorted({int(uid) for uid in live.search(criteria)})

        return self._call(look)

    def heads(self, folder: str, uids: Sequence[int]) -> dict[int, bytes]:
        """The headers of these mails. Those that are gone meanwhile are left out."""

        def look(live: IMAPClient) -> dict[int, bytes]:
            _select(live, folder)
            return {uid: row[b"BODY[HEADER]"] for uid, row in _fetch(live, uids, "BODY.PEEK[HEADER]").items()}

        return self._call(look)

    def mails(self, folder: str, uids: Sequence[int], validity: int | None = None) -> Iterator[Fetched]:
        """These mails, whole as far as MAX_MAIL allows. Those that are gone meanwhile are left out.

        TransientError when the folder's UIDVALIDITY is no longer `validity`: the UIDs then mean other mails.
        """

        def sizes(live: IMAPClient) -> dict[int, Any]:
            seen = _select(live, folder)
            if validity is not None and int(seen[b"UIDVALIDITY"]) != validity:
                raise TransientError(f"The folder {folder} was made anew while it was read.")
            return _fetch(live, uids, "RFC822.SIZE", "INTERNALDATE")

        facts = self._call(sizes)
        for group in _groups(facts):
            yield from self._call(lambda live, group=group: _bodies(live, folder, group, facts))  # type: ignore[misc]

    def wait(self, folder: str, known: Place | None, seconds: float, stop: threading.Event) -> bool:
        """Block for at most so long, in IDLE where the server has it; True when something arrived.

        `known`: what `newest` was when it was last looked; what arrived since then is not waited for.
        """

        def idle(live: IMAPClient) -> bool:
            before = _place(live, _select(live, folder))
            if known is not None and before != known:
                return True
            if not live.has_capability("IDLE"):
                stop.wait(min(seconds, POLL))
                return not stop.is_set() and _place(live, _select(live, folder)) != before
            return _idle(live, seconds, stop)

        return self._call(idle)

    def _call(self, work: Callable[[IMAPClient], T]) -> T:
        """Do it on the kept connection; when that one was lost, once more on a new one. Only for reading."""
        with self._lock:
            kept = self._live is not None
            try:
                return self._tried(work)
            except TransientError:
                if not kept or self._live is not None:
                    raise
                return self._tried(work)

    def _tried(self, work: Callable[[IMAPClient], T]) -> T:
        with self._sorted():
            if self._live is None:
                self._live = self._connect()
            return work(self._live)

    @contextmanager
    def _sorted(self) -> Iterator[None]:
        try:
            yield
        except HubError:
            raise
        except (IMAPClientAbortError, OSError) as error:
            self._drop()
            raise TransientError(f"{self.where} hung up ({type(error).__name__}).", retry_after=RETRY) from None
        except (IMAPClientError, KeyError, ValueError, UnicodeError) as error:
            self._drop()
            raise TransientError(f"{self.where} answered something unexpected: {error}", retry_after=RETRY) from None

    def _drop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            _shut(live)

    def _connect(self) -> IMAPClient:
        settings = self._settings
        implicit = settings.imap_implicit
        try:
            live = IMAPClient(
                settings.imap_host,
                settings.imap_port,
                ssl=implicit,
                ssl_context=self._context if implicit else None,
                timeout=self._seconds,
            )
        except (OSError, IMAPClientError) as error:
            raise unreachable(error, self.where, "imap") from None
        live.normalise_times = False  # instants stay aware
        try:
            if not implicit:
                if not live.has_capability("STARTTLS"):
                    raise ConfigError(f"{self.where} offers no STARTTLS. The hub never sends a password unencrypted.")
                live.starttls(self._context)
            live.login(*settings.imap_login)
        except LoginError as error:
            _shut(live)
            raise _refused(error, self.where, settings) from None
        except ssl.SSLError as error:
            _shut(live)
            raise unreachable(error, self.where, "imap") from None
        except (HubError, OSError, IMAPClientError):
            _shut(live)
            raise
        return live


def _shut(live: IMAPClient) -> None:
    with suppress(IMAPClientError, OSError):
        live.shutdown()


def _refused(error: Exception, where: str, settings: EmailSettings) -> HubError:
    if "UNAVAILABLE" in str(error) or "INUSE" in str(error):  # RFC 5530
        return TransientError(f"{where} cannot check the login just now.", retry_after=RETRY)
    return ConfigError(
        f"{where} refuses the login of {settings.imap_login[0]}. Set imap_user and imap_password (or smtp_user and "
        "smtp_password) anew; many providers want an app password, and IMAP to be switched on in the account."
    )


def _select(live: IMAPClient, folder: str) -> dict[bytes, Any]:
    try:
        return dict(live.select_folder(folder, readonly=True))
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        if any(name == folder for _, _, name in live.list_folders()):
            raise
        raise ConfigError(
            f"There is no folder {folder!r} in the mailbox. There are: "
            f"{', '.join(sorted(str(name) for _, _, name in live.list_folders()))}."
        ) from None


def _place(live: IMAPClient, seen: dict[bytes, Any]) -> Place:
    following = seen.get(b"UIDNEXT")  # old servers do not tell it
    last = int(following) - 1 if following is not None else max(live.search("ALL"), default=0)
    return int(seen[b"UIDVALIDITY"]), last


def _idle(live: IMAPClient, seconds: float, stop: threading.Event) -> bool:
    live.idle()
    heard: list[Any] = []
    left = seconds
    while left > 0 and not stop.is_set() and not heard:
        heard = [one for one in live.idle_check(timeout=min(left, 1.0)) if b"EXISTS" in one]
        left -= 1.0
    _, last = live.idle_done()
    return bool(heard or [one for one in last if b"EXISTS" in one])


def _fetch(live: IMAPClient, uids: Sequence[int], *what: str) -> dict[int, Any]:
    return {uid: row for uid, row in live.fetch(list(uids), list(what)).items() if len(row) > 1} if uids else {}


def _groups(facts: dict[int, Any]) -> Iterator[list[int]]:
    """UIDs whose mails come in one answer."""
    group: list[int] = []
    total = 0
    for uid, row in sorted(facts.items()):
        size = min(int(row[b"RFC822.SIZE"]), MAX_MAIL)
        if group and total + size > AT_ONCE:
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group


def _bodies(live: IMAPClient, folder: str, uids: list[int], facts: dict[int, Any]) -> list[Fetched]:
    _select(live, folder)
    whole = [uid for uid in uids if int(facts[uid][b"RFC822.SIZE"]) <= MAX_MAIL]
    cut = [uid for uid in uids if uid not in whole]
    rows = {uid: row[b"BODY[]"] for uid, row in _fetch(live, whole, "BODY.PEEK[]").items()}
    rows |= {uid: row[b"BODY[]<0>"] for uid, row in _fetch(live, cut, f"BODY.PEEK[]<0.{BEGINNING}>").items()}
    return [
        Fetched(uid, raw or b"", int(facts[uid][b"RFC822.SIZE"]), _utc(facts[uid][b"INTERNALDATE"]))
        for uid, raw in sorted(rows.items())
    ]


def _utc(at: datetime) -> datetime:
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
