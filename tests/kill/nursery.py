"""The hub's API and worker, each a process of its own that may be killed (`tests.lives`).

The worker is hub.engine.worker.Worker without Prefect. Its pauses between retries are shortened, as the test's day is,
and it takes few changes in a turn, so that it plans and writes often.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
from collections.abc import Mapping
from typing import Any

from connectors.notion import client
from hub.bootstrap import open_hub, utc_now
from hub.cli import run
from hub.engine import schedule, turn
from hub.engine.reload import watching
from hub.engine.worker import Worker
from hub.settings import load_settings
from tests.lives import bring_up

RETRY_SECONDS = (0.1, 0.2, *(0.4,) * 40)
CLAIM_LIMIT = 30


def work() -> None:
    schedule.RETRY_SECONDS = RETRY_SECONDS  # type: ignore[assignment]
    turn.CLAIM_LIMIT = CLAIM_LIMIT
    client.PAUSES = (0.05, 0.1, 0.2)
    with open_hub(load_settings()) as hub:
        worker = Worker(hub.store, hub.runtimes, now=utc_now)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        with watching(hub.settings.mappings, hub.renew, worker.replace):
            worker.run()


KINDS = {"api": run.api, "worker": work}


def live(said: Mapping[str, Any]) -> None:
    """One of the two, in that folder, until it is told to stop; what it says goes to the end of that file."""
    log = os.open(said["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.chdir(said["folder"])
    os.environ.clear()
    os.environ.update(said["environment"])
    KINDS[said["kind"]]()


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    for name in ("hub.web.app", "hub.web.server", "connectors.notion.destination", "connectors.stripe.source"):
        importlib.import_module(name)
    bring_up(live)


if __name__ == "__main__":
    main()
