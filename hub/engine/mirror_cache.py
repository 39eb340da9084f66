"""The mirror of one business in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from hub.core.types import Record
from hub.planning.plan import View
from hub.store import mirror

NEWS = 10_000
"""How many changed records are kept in mind for whoever only wants to know those."""


class MirrorCache:
    """The living records of one business in memory; each look reads only what changed since the last one."""

    def __init__(self, business: str) -> None:
        self._business = business
        self._lock = threading.Lock()
        self._streams: dict[tuple[str, str], dict[str, Record]] = {}
        self._seq = -1
        self._news: deque[tuple[int, str, Record]] = deque(maxlen=NEWS)

    def view(self, conn: Connection) -> View:
        with self._lock:
            if self._seq < 0:
                records, self._seq = mirror.load(conn, self._business)
            else:
                records, self._seq = mirror.since(conn, self._business, self._seq)
                self._news.extend((self._seq, connection, record) for connection, record in records)
            for connection, record in records:
                stream = self._streams.setdefault((connection, record.stream), {})
                if record.deleted:
                    stream.pop(record.key, None)
                else:
                    stream[record.key] = record
            streams = {name: tuple(stream.values()) for name, stream in self._streams.items()}
            return View(streams, self._seq, partial(self._since, self._seq))

    def _since(self, upto: int, mark: int) -> Sequence[tuple[str, Record]] | None:
        """What came after a mark, up to another; None where it is longer ago than is kept."""
        with self._lock:
            news = tuple(self._news)
        if len(news) == NEWS and news[0][0] > mark:
            return None
        return [(connection, record) for seq, connection, record in news if mark < seq <= upto]
