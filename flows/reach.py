"""Whether Prefect's server answers, known at any moment without asking it.

A turn must not wait for a server that is away, so it only reads a flag. One thread keeps the flag true.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Literal

import httpx
from prefect.exceptions import PrefectException

log = logging.getLogger("hub.prefect")

SERVER_ERRORS = (httpx.HTTPError, PrefectException, OSError)
"""What Prefect's client raises when its server is away or refuses."""

LOOK_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""A server that is busy with its own database may well take a few seconds."""


PATIENCE_SECONDS = 60.0
"""Its first start takes up to half a minute; only then is its absence worth a warning."""


class Reach:
    """`up` says whether the server at `api` answered when it was last asked, some two seconds ago at most.

    `stopping`: set when the hub stops; nothing is said any more then.
    """

    def __init__(self, api: str, stopping: threading.Event) -> None:
        self.up = False
        self._health = f"{api}/health"
        self._address = api.removesuffix("/api")
        self._stopping = stopping
        self._closed = threading.Event()
        self._begun = time.monotonic()
        self._was_up = False
        self._said: Literal["nothing", "starting", "away"] = "nothing"

    def run(self) -> None:
        """Keep the flag until `close`: also while the hub stops, because closing a run must not wait for nothing."""
        while not self._closed.wait(LOOK_SECONDS):
            self.look()

    def close(self) -> None:
        self._closed.set()

    def look(self) -> bool:
        """Ask now. What has changed is said once."""
        try:
            httpx.get(self._health, timeout=ANSWER_SECONDS).raise_for_status()
        except httpx.HTTPError as error:
            self.miss(error)
            return False
        if self._said != "nothing" and not self._stopping.is_set():
            log.info("Prefect answers at %s: runs are shown there from now on", self._address)
        self.up, self._was_up, self._said = True, True, "nothing"
        return True

    def miss(self, error: BaseException) -> None:
        """It did not answer somebody."""
        self.up = False
        if self._stopping.is_set():
            return
        if not self._was_up and time.monotonic() - self._begun < PATIENCE_SECONDS:
            if self._said == "nothing":
                log.info("Prefect is not there yet; the hub works without it until it is")
                self._said = "starting"
        elif self._said != "away":
            log.warning(
                "Prefect does not answer at %s (%s). The hub goes on without it; what it does is not shown there "
                "until it answers again, and scheduled runs wait.",
                self._address,
                type(error).__name__,
            )
            self._said = "away"
