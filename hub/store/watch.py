"""Notice cheaply that somebody else wrote, so that a waiting worker need not ask the tables all the time."""

from __future__ import annotations

from types import TracebackType

from hub.store.database import Store


class Watch:
    """Used by one thread. `step`: how many seconds to let pass between two looks.

    SQLite counts the commits that other connections made (PRAGMA data_version) without touching the file; a look costs
    some microseconds. PostgreSQL has no such counter, so there every look says yes, and they are rarer.
    """

    def __init__(self, store: Store) -> None:
        self._sqlite = store.engine.dialect.name == "sqlite"
        self.step = 0.004 if self._sqlite else 0.02
        self._conn = store.engine.raw_connection() if self._sqlite else None
        self._seen = -1

    def moved(self) -> bool:
        """Whether anything was committed elsewhere since the last look; always True the first time."""
        if self._conn is None:
            return True
        cursor = self._conn.cursor()
        try:
            cursor.execute(_VERSION)
            (version,) = cursor.fetchone() or (-1,)
        finally:
            cursor.close()
        moved = version != self._seen
        self._seen = version
        return moved

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._conn is not None:
            self._conn.close()


_VERSION = "PRAGMA data_version"
