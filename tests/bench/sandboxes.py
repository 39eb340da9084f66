"""Both sandboxes in one process of their own, so that their CPU is not the hub's. Prints its ports and waits."""

from __future__ import annotations

import json
import signal
import sys
import threading

from connectors.notion.sandbox import create_app as notion_app
from connectors.stripe.sandbox import create_app as stripe_app
from tests.sandboxes.serve import serve


def main() -> None:
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    with serve(stripe_app()) as stripe, serve(notion_app()) as notion:
        print(json.dumps({"stripe": stripe, "notion": notion}), flush=True)
        done.wait()


if __name__ == "__main__":
    sys.exit(main())
