"""Moving SQLite's write-ahead log into the database file, beside the writers rather than in their way.

SQLite would do it inside some writer's COMMIT, who then answers 10 ms or more later than the others.
"""

from __future__ import annotations

import sqlite3
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.store.turns import Turns

PAUSE_SECONDS = 0.25
BACKSTOP_PAGES = 16_000
"""The log's length (64 MB) at which a COMMIT does it after all: writers that never pause could outrun the thread."""


class Checkpointer:
    """A thread that wakes a moment after something was written, and sleeps while nothing is."""

    def __init__(self, engine: Engine, where: str, turns: Turns) -> None:
        self._engine = engine
        self._where = where
        self._turns = turns
        self._written = threading.Event()
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def written(self) -> None:
        """Something was."""
        self._written.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"checkpoint {self._where}", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait until it has."""
        self._stop.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        # Asked again each time round: `stop` may have come between the pause and the forgetting of its bell.
        while not self._stop.is_set():
            self._written.wait()
            if self._stop.wait(PAUSE_SECONDS):
                return
            self._written.clear()
            try:
                self._move()
                # What was written meanwhile is little. With it moved too, the log begins again from its start.
                with self._turns.among_threads():
                    self._move()
            except (sqlite3.Error, SQLAlchemyError):
                # Nothing is lost: the log has it all, the next turn moves it, and writers meet the same fault aloud.
                continue

    def _move(self) -> None:
        # The driver's own connection: SQLAlchemy's would begin a transaction, in which nothing can be moved.
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()
