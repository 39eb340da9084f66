"""The worker without Prefect around it, to tell Prefect's share of the time from ours."""

from __future__ import annotations

import signal

from hub.bootstrap import open_hub, utc_now
from hub.engine.worker import Worker
from hub.settings import load_settings


def main() -> None:
    with open_hub(load_settings()) as hub:
        worker = Worker(hub.store, hub.runtimes, now=utc_now)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run()


if __name__ == "__main__":
    main()
