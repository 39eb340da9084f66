"""Noticing that the mappings changed while the hub runs.

Looking at names, sizes and times every few seconds costs nothing and works on every file system; what changed is read
once it stays still for one look, so that a file that is just being saved is not read by half.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.core.errors import HubError
from hub.engine.runtime import Runtime

log = logging.getLogger("hub.mappings")

LOOK_SECONDS = 3.0
SUFFIXES = (".yaml", ".yml", ".md")


@dataclass(frozen=True, slots=True)
class Replaced:
    """A business that the files describe otherwise than before. `old` None: it is new; `new` None: it is gone."""

    key: str
    old: Runtime | None
    new: Runtime | None


@dataclass(frozen=True, slots=True)
class Renewed:
    """What reading the mappings again came to: the businesses that are others now, what changed in plain words, and
    what is wrong with the files."""

    replaced: Sequence[Replaced]
    changes: Sequence[str]
    faults: Sequence[str]


class Watcher:
    """Calls `renew` when the files changed, and `use` for each business that is another one now."""

    def __init__(self, folder: Path, renew: Callable[[], Renewed], use: Callable[[Replaced], None]) -> None:
        self._folder = folder
        self._renew = renew
        self._use = use
        self._read: object = None
        self._seen: object = None
        self._told: Sequence[str] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mappings", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing is being read any more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self.look()
            except HubError as error:
                log.error("the mappings were not read again: %s", error)
            except Exception:
                log.exception("reading the mappings again stumbled; trying again")

    def look(self) -> None:
        """One look. The first reads too: something may have changed since the start."""
        before, self._seen = self._seen, fingerprint(self._folder)
        if self._seen == before and self._seen != self._read:
            renewed = self._renew()
            self._tell(renewed)
            for one in renewed.replaced:
                self._use(one)
            self._read = self._seen

    def _tell(self, renewed: Renewed) -> None:
        for line in renewed.changes:
            log.info("%s", line)
        for fault in renewed.faults:
            if fault not in self._told:
                log.error("%s", fault)
        if self._told and not renewed.faults:
            log.info("every file of the mappings is right again")
        self._told = renewed.faults


@contextmanager
def watching(folder: Path, renew: Callable[[], Renewed], use: Callable[[Replaced], None]) -> Iterator[None]:
    """Notice changes meanwhile."""
    watcher = Watcher(folder, renew, use)
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()


def fingerprint(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Changes when a file of the mappings is written, added, taken away or replaced."""
    return tuple(sorted(_marks(folder, 3)))


def _marks(folder: Path, depth: int) -> Iterator[tuple[str, int, int, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "#")):
                    continue
                if depth > 1 and entry.is_dir():
                    yield entry.path, 0, 0, 0
                    yield from _marks(Path(entry.path), depth - 1)
                elif entry.name.endswith(SUFFIXES):
                    seen = entry.stat()
                    yield entry.path, seen.st_size, seen.st_mtime_ns, seen.st_ino
    except OSError as error:  # gone between two calls, or not to be read: also a mark
        yield str(folder), -1, error.errno or 0, 0
