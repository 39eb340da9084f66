"""Starts the hub's processes in milliseconds, so that a test can kill many: each is forked from this one, which has
everything imported and nothing opened. Reads lines "api" or "worker" and answers each with the child's process id.

The worker is hub.engine.worker.Worker without Prefect. Its pauses between retries are shortened, as the test's day is,
and it takes few changes in a turn, so that it plans and writes often.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import signal
import sys

from connectors.notion import client
from hub.bootstrap import open_hub, utc_now
from hub.cli import run
from hub.engine import schedule, turn
from hub.engine.reload import watching
from hub.engine.worker import Worker
from hub.settings import load_settings

log = logging.getLogger("hub.nursery")

RETRY_SECONDS = (0.1, 0.2, *(0.4,) * 40)
CLAIM_LIMIT = 30
PR_SET_PDEATHSIG = 1


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


def fork(kind: str) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        KINDS[kind]()
        status = 0
    except BaseException:
        log.exception("%s ended", kind)
    finally:
        os._exit(status)


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    for name in ("hub.web.app", "hub.web.server", "connectors.notion.destination", "connectors.stripe.source"):
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    for line in sys.stdin:
        sys.stdout.write(f"{fork(line.strip())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
