"""Listening to providers that keep a connection open (IMAP IDLE): a thread each, which asks what changed when it rings.

Only a quicker way: what a bell misses, the hourly look finds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from hub.core.errors import HubError
from hub.core.protocol import Bell
from hub.engine.backfill import catch_up, is_complete
from hub.engine.runtime import Runtime

log = logging.getLogger("hub.bells")

WAIT_SECONDS = 540.0
AGAIN_SECONDS = 60.0
"""After a failure, and until the first read of everything is done."""


class Bells:
    """One thread for each connection that has a bell. Nothing of one business waits for another (R9)."""

    def __init__(self, runtimes: Iterable[Runtime], stopping: threading.Event) -> None:
        self._stopping = stopping
        self._rung: list[Bell] = []
        self._threads = [
            threading.Thread(target=self._listen, args=(runtime, connection), name=f"{runtime.key}-{connection}-bell")
            for runtime in runtimes
            for connection in runtime.sources()
            if runtime.specs[connection].rings
        ]

    def start(self) -> None:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End every wait, and return when all have ended. `stopping` must be set."""
        for bell in self._rung:
            bell.stop_waiting()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _listen(self, runtime: Runtime, connection: str) -> None:
        while not self._stopping.is_set():
            try:
                self._once(runtime, connection)
            except HubError as error:
                log.info("%s: %s does not ring for now: %s", runtime.key, connection, error)
                self._stopping.wait(AGAIN_SECONDS)
            except Exception:
                log.exception("%s: listening to %s broke off; it goes on in a minute", runtime.key, connection)
                self._stopping.wait(AGAIN_SECONDS)

    def _once(self, runtime: Runtime, connection: str) -> None:
        bell = runtime.connector(connection).bell
        if bell is None or not is_complete(runtime, connection):
            self._stopping.wait(AGAIN_SECONDS)
            return
        if bell not in self._rung:
            self._rung.append(bell)
        if bell.wait(WAIT_SECONDS) and not self._stopping.is_set():
            rung = catch_up(runtime, connection)
            log.info("%s: %s rang; %d may have changed", runtime.key, connection, rung)
