"""Whose turn it is to write a SQLite file, fairly, among all the threads and processes that share it.

SQLite lets one writer in at a time and has the others look again ever more rarely: beside a process that writes
without a pause (a backfill) another one (a webhook's) would wait for seconds, or for ever. Here each passes two locks:
the first is held while waiting for the second. Who has just written finds the first taken by the next in line.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.core.errors import ConfigError, TransientError

_LOOK_SECONDS = 0.0005


class Turns:
    """Two locks among threads and two among processes: empty files beside the database.

    A process that is killed lets go of its files' locks.
    """

    def __init__(self, path: Path, patience: float) -> None:
        """`patience`: seconds to wait for a turn. ConfigError when the files cannot be made."""
        self._path = path
        self._patience = patience
        self._threads = (threading.Lock(), threading.Lock())
        self._writer: int | None = None
        self._open = True
        try:
            queue = os.open(f"{path}-queue", os.O_RDONLY | os.O_CREAT, 0o644)
            self._files = (queue, os.open(f"{path}-turn", os.O_RDONLY | os.O_CREAT, 0o644))
        except OSError as error:
            raise ConfigError(
                f"The hub cannot make its files beside the database {path}: {error.strerror}. "
                "Give the hub's user the right to write in that folder."
            ) from error

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for this thread's turn, and have it until the block ends.

        Raises TransientError when the others took too long, RuntimeError when the thread has its turn already.
        """
        if self._writer == threading.get_ident():
            raise RuntimeError("A write inside a write of the same thread: use the connection of the outer one")
        deadline = time.monotonic() + self._patience
        with self.among_threads(deadline):
            self._writer = threading.get_ident()
            try:
                with self._among_processes(deadline):
                    yield
            finally:
                self._writer = None

    @contextmanager
    def among_threads(self, deadline: float | None = None) -> Iterator[None]:
        """The turn of one thread of this process; `deadline`: on the monotonic clock, None for none."""
        queue, turn = self._threads
        self._acquire(queue, deadline)
        try:
            self._acquire(turn, deadline)
        finally:
            queue.release()
        try:
            yield
        finally:
            turn.release()

    @contextmanager
    def _among_processes(self, deadline: float) -> Iterator[None]:
        queue, turn = self._files
        self._lock(queue, deadline)
        try:
            self._lock(turn, deadline)
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def _acquire(self, lock: threading.Lock, deadline: float | None) -> None:
        if not lock.acquire(timeout=-1 if deadline is None else max(0, deadline - time.monotonic())):
            raise self._too_long()

    def _lock(self, file: int, deadline: float) -> None:
        # Looking again and again, since a lock on a file cannot be waited for with an end.
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._too_long() from None
                time.sleep(_LOOK_SECONDS)
            else:
                return

    def _too_long(self) -> TransientError:
        return TransientError(
            f"The database {self._path} was held by others for {self._patience:.0f} s. Is one of the hub's processes "
            "stopped in the middle of a write?"
        )

    def close(self) -> None:
        """Let go of the files. Twice is not an error."""
        if self._open:
            self._open = False
            for file in self._files:
                os.close(file)
