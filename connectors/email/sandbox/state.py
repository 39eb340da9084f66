"""What the mail sandbox remembers: accounts with their folders, mails that were taken, faults that are to happen."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True)
class Stored:
    """One mail in a folder."""

    uid: int
    raw: bytes
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    """One folder of an account. `changed` rings whoever waits in IDLE."""

    name: str
    uidvalidity: int
    uidnext: int = 1
    mails: list[Stored] = field(default_factory=list)


@dataclass(slots=True)
class Taken:
    """One mail that the SMTP server was given. `answered`: whether the client was told so."""

    login: str | None
    sender: str
    recipients: list[str]
    raw: bytes
    session: int
    answered: bool = True


@dataclass(slots=True)
class Fault:
    """Something that goes wrong at a stage of the next mails, `times` times."""

    kind: str
    stage: str
    times: int
    recipient: str | None
    seconds: float


STAGES = ("login", "mail", "rcpt", "data", "content")
KINDS = ("421", "450", "451", "452", "454", "535", "550", "552", "554", "close", "silent", "silent_after_taking")
"""close: the connection is cut without an answer. silent: no answer, nothing taken. silent_after_taking: the mail is
taken, but no answer comes. With stage content, close and the silent ones leave the sender not knowing."""


class Post:
    """Everything, behind one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.arrived = threading.Condition(self.lock)
        self.passwords: dict[str, str] = {}
        self.folders: dict[str, dict[str, Folder]] = {}
        self.taken: list[Taken] = []
        self.faults: list[Fault] = []
        self.sessions = 0
        self.logins = 0
        self.closing = False
        self.released = threading.Event()

    def account(self, user: str, password: str) -> None:
        """Make an account with an INBOX, or give it another password."""
        with self.lock:
            self.passwords[user] = password
            self.folders.setdefault(user, {"INBOX": Folder("INBOX", 1_700_000_000)})

    def folder(self, user: str, name: str) -> Folder:
        """The folder, made where it is missing."""
        with self.lock:
            mine = self.folders[user]
            if name not in mine:
                mine[name] = Folder(name, 1_700_000_000 + len(mine))
            return mine[name]

    def put(self, user: str, name: str, raw: bytes, arrived_at: datetime | None = None) -> int:
        """Put a mail into a folder; its UID."""
        with self.arrived:
            folder = self.folder(user, name)
            at = arrived_at or datetime.now(UTC).replace(microsecond=0)
            folder.mails.append(Stored(folder.uidnext, raw, at))
            folder.uidnext += 1
            self.arrived.notify_all()
            return folder.uidnext - 1

    def take(self, mail: Taken) -> None:
        """Keep what the SMTP server was given, and deliver it to those recipients that have an account here."""
        with self.lock:
            self.taken.append(mail)
            for recipient in mail.recipients:
                local, _, domain = recipient.partition("@")
                for user in self.passwords:
                    if user.lower() in (recipient.lower(), f"{local.partition('+')[0]}@{domain}".lower()):
                        head = f"Return-Path: <{mail.sender}>\r\nDelivered-To: {recipient}\r\n".encode()
                        self.put(user, "INBOX", head + mail.raw)

    def strike(self, stage: str, recipient: str | None = None) -> Fault | None:
        """The fault that befalls this stage now, counted, or None."""
        with self.lock:
            for fault in self.faults:
                if fault.stage == stage and fault.times > 0 and fault.recipient in (None, recipient):
                    fault.times -= 1
                    return fault
            return None

    def shown(self) -> list[dict[str, Any]]:
        """What was taken, as plain JSON."""
        with self.lock:
            return [
                {
                    "login": one.login,
                    "sender": one.sender,
                    "recipients": one.recipients,
                    "raw": one.raw.decode("utf-8", "replace"),
                    "session": one.session,
                    "answered": one.answered,
                }
                for one in self.taken
            ]
