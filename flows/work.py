"""The worker process with Prefect around it: `hub worker`."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

from prefect.logging.handlers import APILogHandler

from flows.discreet import Veiling
from flows.live import Sessions
from flows.pictures import Pictures
from flows.reach import Reach
from flows.scheduled import Scheduler
from hub.bootstrap import Hub, utc_now
from hub.engine.reload import watching
from hub.engine.worker import Worker

FINISH_SECONDS = 10.0
"""How long scheduled work may take to end; what is cut short goes on where it was at the next start."""

LEAVE_SECONDS = 5.0


def work(hub: Hub) -> float:
    """Read what was never read, then carry what arrives, until SIGTERM or Ctrl-C.

    Returns how many seconds Prefect's own threads should be given to send what they still hold: none when the server
    is away, since they would try for minutes.
    """
    worker: Worker
    stopping = threading.Event()
    reach = Reach(os.environ["PREFECT_API_URL"], stopping)
    pictures = Pictures(reach)
    sessions = Sessions(lambda: worker, reach, pictures)
    worker = Worker(hub.store, hub.runtimes, now=utc_now, session=sessions)

    def stop(*_: object) -> None:
        stopping.set()
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    show_in_runs(reach)
    reach.look()
    threading.Thread(target=reach.run, name="reach", daemon=True).start()
    scheduler = threading.Thread(target=Scheduler(worker, reach).run, name="scheduler", daemon=True)
    scheduler.start()
    try:
        with watching(hub.settings.mappings, hub.renew, worker.replace):
            worker.run()
    finally:
        stopping.set()
        scheduler.join(FINISH_SECONDS if reach.up else 0.5)
        pictures.close()
        reach.close()
    return LEAVE_SECONDS if reach.up else 0.0


def show_in_runs(reach: Reach) -> None:
    """The hub's own lines go into the log of the run that they belong to, while there is a server to take them."""
    handler = APILogHandler(level=logging.INFO)
    handler.addFilter(lambda _record: reach.up)
    handler.setFormatter(Veiling())
    logging.getLogger("hub").addHandler(handler)
    # What Prefect says about itself stays in its runs; that it does not answer, `Reach` says in one line.
    logging.getLogger("prefect").propagate = False
    logging.raiseExceptions = False


def leave_within(seconds: float) -> None:
    """End the process by then, whatever Prefect's threads still wait for. Everything of ours is closed before."""

    def leave() -> None:
        time.sleep(seconds)
        os._exit(0)

    threading.Thread(target=leave, name="leave", daemon=True).start()
