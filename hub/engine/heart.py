"""Signs of life: a worker keeps what it claimed while it lives, and what a killed one had claimed becomes free."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from hub.core.errors import HubError
from hub.engine.schedule import BEAT_SECONDS, LEASE_SECONDS
from hub.store import changes, jobs, runs, workers
from hub.store.database import Store

log = logging.getLogger("hub.worker")


def owner_name() -> str:
    """Names this process among all workers: machine, process, start."""
    return f"{socket.gethostname()}/{os.getpid()}/{time.time_ns()}"


class Heart:
    """Beats for one owner until `stopping` is set."""

    def __init__(self, store: Store, owner: str, now: Callable[[], datetime], stopping: threading.Event) -> None:
        self._store = store
        self._owner = owner
        self._now = now
        self._stopping = stopping

    def run(self) -> None:
        """Say that we live, keep what we claimed, and close the runs of workers that live no more."""
        while True:
            try:
                self.beat()
                self._sweep()
            except HubError as error:
                log.error("the heartbeat could not be stored: %s", error)
            except Exception:
                log.exception("the heartbeat stumbled")
            if self._stopping.wait(BEAT_SECONDS):
                return

    def beat(self) -> None:
        now = self._now()
        until = now + timedelta(seconds=LEASE_SECONDS)
        with self._store.quick() as conn:
            workers.beat(conn, self._owner, "worker", now)
            changes.extend(conn, self._owner, until)
            jobs.extend(conn, self._owner, until)

    def _sweep(self) -> None:
        now = self._now()
        with self._store.read() as conn:
            abandoned = runs.abandoned(conn, now, now - timedelta(seconds=LEASE_SECONDS))
        for run in abandoned:
            with self._store.write() as conn:
                runs.finish(conn, run.id, "crashed", {}, "the worker that carried this run ended", now)
            log.warning("%s: the run « %s » crashed with its worker", run.business, run.name)

    def take_over(self) -> None:
        """Free at once what workers of this machine had claimed whose process is gone."""
        host = socket.gethostname()
        with self._store.write() as conn:
            for owner, *_ in workers.beats(conn):
                machine, pid, _ = owner.rsplit("/", 2)
                # In a container that was started again, we may well have the number of the one before us.
                ours = int(pid) == os.getpid() and owner != self._owner
                if machine == host and (ours or not _alive(int(pid))):
                    log.info("the worker %s is gone; its work is taken over", owner)
                    changes.release(conn, owner)
                    jobs.release(conn, owner)
                    workers.forget(conn, [owner])

    def stop(self) -> None:
        """Free everything that the owner holds."""
        with self._store.write() as conn:
            changes.release(conn, self._owner)
            jobs.release(conn, self._owner)
            workers.forget(conn, [self._owner])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
