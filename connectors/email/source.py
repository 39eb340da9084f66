"""Reads mails: from the followed folders of a mailbox, and those that inbound webhooks brought.

A mail has one key however it came (`Mail.key`), so that a folder that was made anew, a mail in two folders, or a
mailbox beside a webhook make no doubles. The key of a webhook's event is the delivery's; the record read for it has the
mail's own.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from connectors.email.imap import Fetched, Imap, Place
from connectors.email.mail import Mail, read_mail
from connectors.email.records import STREAM, delivered_mail, record_of
from connectors.email.webhook import DELIVERY
from hub.core.errors import RecordError
from hub.core.protocol import CursorExpired
from hub.core.types import Cursor, Delivered, Event, Page, Record

PAGE = 50
REISSUE = 9 * 60.0
"""Seconds in one IDLE. RFC 2177 allows 29 minutes; many servers and routers cut a silent connection after 10."""

Places = dict[str, Place]
"""Folder -> its UIDVALIDITY and the last UID that was read."""


class EmailSource:
    """The followed folders, or only what was delivered (`imap` None)."""

    def __init__(
        self,
        imap: Imap | None,
        *,
        watching: Imap | None,
        folders: Sequence[str],
        own: Sequence[str],
        delivered: Callable[[str], Delivered | None],
    ) -> None:
        self._imap = imap
        self._watching = watching
        self._folders = tuple(folders)
        self._own = tuple(own)
        self._delivered = delivered
        self._stop = threading.Event()
        self._seen: Place | None = None

    def check(self) -> Sequence[str]:
        """Log in, open every followed folder."""
        if self._imap is None:
            return ("Mails are received by webhook only; no mailbox is read.",)
        for folder in self._folders:
            self._imap.newest(folder)
        return tuple(f"The folder {folder} at {self._imap.where} can be read." for folder in self._folders)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        """Every mail of the followed folders from the cursor on, a folder after the other, oldest UID first."""
        _known(stream)
        places = _places(cursor) if cursor is not None else {}
        if self._imap is None:
            yield Page(records=(), cursor=_cursor(places))
            return
        for folder in self._folders:
            validity, last = places.get(folder, (0, 0))
            now, uids = self._imap.uids(folder, last)
            if now != validity:  # the UIDs that we knew mean nothing any more
                validity, uids = now, self._imap.uids(folder, 0)[1]
                places[folder] = (validity, 0)
            for start in range(0, len(uids), PAGE):
                batch = uids[start : start + PAGE]
                found = [self._record(each) for each in self._imap.mails(folder, batch, validity)]
                places[folder] = (validity, batch[-1])
                yield Page(records=found, cursor=_cursor(places))
        yield Page(records=(), cursor=_cursor(places))

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        """That mail. `delivery:ID` is what a webhook brought: the record has the mail's own key."""
        _known(stream)
        if key.startswith(DELIVERY):
            return (self._fetch_delivered(key),)
        if self._imap is None:
            raise RecordError(f"The mail {key} came by webhook; it can be read again by its delivery only.")
        for folder in self._folders:
            for found in self._imap.mails(folder, self._candidates(self._imap, folder, key)):
                record = self._record(found)
                if record.key == key:
                    return (record,)
        return (Record(stream=STREAM, key=key, deleted=True),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        """The mails that arrived since the cursor. `CursorExpired` when a folder was made anew."""
        if self._imap is None:
            yield (), _cursor({})
            return
        if cursor is None:
            yield (), _cursor({folder: self._imap.newest(folder) for folder in self._folders})
            return
        places = _places(cursor)
        if set(self._folders) - set(places):
            raise CursorExpired("A folder is followed that was not followed before.")
        for folder in self._folders:
            validity, last = places[folder]
            now, uids = self._imap.uids(folder, last)
            if now != validity:
                raise CursorExpired(f"The folder {folder} was made anew; its mails have new numbers.")
            for start in range(0, len(uids), PAGE):
                batch = uids[start : start + PAGE]
                events = self._events(self._imap, folder, validity, batch)
                places[folder] = (validity, batch[-1])
                yield events, _cursor(places)
        if self._folders:
            self._seen = places[self._folders[0]]
        yield (), _cursor(places)

    def wait(self, seconds: float) -> bool:
        """Block until a mail arrives in the first followed folder, `stop_waiting` is called, or the time is up.

        True: something arrived since `changes` was last read to its end, ask it. On a connection of its own, which is
        used anew every nine minutes; one that was lost silently tells nothing, so ask `changes` now and then unasked.
        TransientError when the server cannot be reached. Without a mailbox it only waits.
        """
        if self._watching is None or not self._folders:
            self._stop.wait(seconds)
            return False
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._stop.is_set():
            if self._watching.wait(self._folders[0], self._seen, min(left, REISSUE), self._stop):
                self._seen = None
                return True
        return False

    def stop_waiting(self) -> None:
        """End a `wait` of another thread, within a second."""
        self._stop.set()

    def _fetch_delivered(self, key: str) -> Record:
        delivery = self._delivered(key.removeprefix(DELIVERY))
        if delivery is None:
            raise RecordError(
                f"The delivery {key.removeprefix(DELIVERY)} is not kept any more: its mail cannot be read."
            )
        return record_of(delivered_mail(delivery.body), at=delivery.received_at, own=self._own)

    def _candidates(self, imap: Imap, folder: str, key: str) -> list[int]:
        if key.startswith("<"):
            return imap.with_message_id(folder, key.partition("#")[0])
        unusual = imap.without_message_id(folder)
        return unusual or imap.uids(folder, 0)[1]  # a Message-ID that no search can name

    def _events(self, imap: Imap, folder: str, validity: int, uids: Sequence[int]) -> list[Event]:
        heads = imap.heads(folder, uids)
        keys: dict[int, str] = {}
        nameless: list[int] = []
        for uid in uids:
            if uid not in heads:
                continue  # deleted meanwhile
            mail: Mail = read_mail(heads[uid])
            if mail.key.startswith("<"):
                keys[uid] = mail.key
            else:
                nameless.append(uid)  # named by all its bytes
        keys |= {each.uid: self._record(each).key for each in imap.mails(folder, nameless, validity)}
        return [
            Event(id=f"{folder}:{validity}:{uid}", type="imap.arrived", stream=STREAM, key=keys[uid])
            for uid in sorted(keys)
        ]

    def _record(self, found: Fetched) -> Record:
        mail = read_mail(found.raw, size=found.size)
        return record_of(mail, at=found.arrived_at, own=self._own)


def _known(stream: str) -> None:
    if stream != STREAM:
        raise RecordError(f"E-mail has no stream {stream!r}; it has {STREAM!r}.")


def _cursor(places: Places) -> Cursor:
    return Cursor(json.dumps({"folders": {name: list(place) for name, place in sorted(places.items())}}))


def _places(cursor: Cursor) -> Places:
    try:
        found = json.loads(cursor)["folders"]
        return {str(name): (int(validity), int(last)) for name, (validity, last) in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CursorExpired("The place in the mailbox that was kept cannot be read.") from None
