# children answer on stdout
"""What other processes do in these tests: `python -m tests.store.children FUNCTION URL ...`, then "go" on stdin."""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta

from hub.store import changes, ledger, workers
from hub.store.database import open_store
from hub.store.limits import SharedLimiter
from tests.store.conftest import NOW


def ready() -> None:
    """Tell that we stand at the line, and wait for the others."""
    print("ready", flush=True)
    sys.stdin.readline()


def open_it(url: str) -> None:
    ready()
    open_store(url).close()


def write_on(url: str) -> None:
    """Write one entry after the other, say so each time, until killed."""
    with open_store(url) as store:
        ready()
        number = 0
        while True:
            with store.write() as conn:
                ledger.begin(conn, "b", f"k{number}", job="j", kind="create", summary="", run=None, now=NOW)
            print(number, flush=True)
            number += 1


def claim_all(url: str) -> None:
    """Claim until nothing is left; print the keys."""
    with open_store(url) as store:
        ready()
        while True:
            with store.write() as conn:
                claimed = changes.claim(conn, "b", f"process {os.getpid()}", NOW, 60, 7)
            if not claimed:
                return
            print(*(change.key for change in claimed))


def ring_often(url: str, threads: str, times: str) -> None:
    """Many threads ring one record, and beat, in transactions of their own."""
    with open_store(url) as store:

        def work() -> None:
            for _ in range(int(times)):
                with store.write() as conn:
                    changes.ring(conn, "b", "stripe", [("customer", "cus_1")], NOW)
                with store.quick() as conn:
                    workers.beat(conn, "me", "worker", NOW + timedelta(seconds=1))

        ready()
        group = [threading.Thread(target=work) for _ in range(int(threads))]
        for thread in group:
            thread.start()
        for thread in group:
            thread.join()


def begin_once(url: str, times: str) -> None:
    """Begin the same effects as others do; print those that were new to us."""
    with open_store(url) as store:
        ready()
        for number in range(int(times)):
            with store.write() as conn:
                entry = ledger.begin(conn, "b", f"k{number}", job="j", kind="create", summary="", run=None, now=NOW)
            if entry.state == "new":
                print(entry.key)


def call(url: str, calls: str, seconds: str, times: str) -> None:
    """Call under a shared limit, on a clock that only sleeping moves; print the instants."""
    clock = 1_772_443_815.0

    def sleep(wait: float) -> None:
        nonlocal clock
        clock += wait

    with open_store(url) as store:
        limiter = SharedLimiter(store, "b", "stripe", "api", int(calls), float(seconds), sleep=sleep, now=lambda: clock)
        ready()
        for _ in range(int(times)):
            limiter.acquire()
            print(repr(clock))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
