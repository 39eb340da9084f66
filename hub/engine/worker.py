"""The worker: one thread for each business, so that none can slow another (R9), and one that looks for work.

It owns what it claims for as long as it shows signs of life; what a killed worker had claimed is free again after the
lease, or at once when a worker of the same machine starts and finds that its process is gone.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from hub.core.errors import HubError
from hub.engine import backfill
from hub.engine.bells import Bells
from hub.engine.runtime import Runtime
from hub.engine.schedule import BEAT_SECONDS, LEASE_SECONDS, PROBE_SECONDS
from hub.engine.turn import Turn, Wrap, claim, take
from hub.store import changes, connections, jobs, runs, workers
from hub.store.database import Store
from hub.store.watch import Watch

log = logging.getLogger("hub.worker")

LOOK_SECONDS = 0.25
"""How often the worker asks for work that has come due by time alone; what is written meanwhile is seen at once."""


def owner_name() -> str:
    """Names this process among all workers: machine, process, start."""
    return f"{socket.gethostname()}/{os.getpid()}/{time.time_ns()}"


def directly(_name: str, turn: Callable[[], Turn]) -> Turn:
    """Runs a turn with nothing around it."""
    taken = turn()
    tell(taken)
    return taken


def tell(turn: Turn) -> None:
    """Log what a turn came to, in plain words."""
    log.info("%s: %s", turn.business, turn.sentence)
    for result in turn.jobs:
        for problem in result.applied.problems if result.applied else ():
            log.warning("%s: %s", turn.business, problem)


Serve = Callable[[Wrap, float | None], None]
"""Takes turns for so many seconds (None: until the worker stops), each through the wrap."""

Session = Callable[[Runtime, Serve], None]


class Worker:
    """`session(runtime, serve)` is called in each business's thread, again and again; it calls `serve(wrap, seconds)`,
    which takes turns for so long. The flows open a Prefect run around it. Without a session, turns run directly."""

    def __init__(
        self,
        store: Store,
        runtimes: Mapping[str, Runtime],
        *,
        now: Callable[[], datetime],
        session: Session | None = None,
    ) -> None:
        self.store = store
        self.runtimes = runtimes
        self.owner = owner_name()
        self._now = now
        self.stopping = threading.Event()
        self._session: Session = session or (lambda _runtime, serve: serve(directly, None))
        self._bells = {key: threading.Event() for key in runtimes}
        self._probed: dict[tuple[str, str], float] = {}

    def run(self) -> None:
        """Work until `stop`. Returns when every business has finished what it was doing."""
        self._take_over()
        self._beat()  # before anything is claimed: only who is known can be taken over from
        threads = [threading.Thread(target=self._heart, name="heart")]
        threads += [
            threading.Thread(target=self._business, args=(runtime,), name=key) for key, runtime in self.runtimes.items()
        ]
        bells = Bells(self.runtimes.values(), self.stopping)
        for thread in threads:
            thread.start()
        bells.start()
        try:
            self._look()
        finally:
            self.stop()
            bells.stop()
            for thread in threads:
                thread.join()
            with self.store.write() as conn:
                changes.release(conn, self.owner)
                jobs.release(conn, self.owner)
                workers.forget(conn, [self.owner])

    def stop(self) -> None:
        self.stopping.set()
        for bell in self._bells.values():
            bell.set()

    def _look(self) -> None:
        """Ring the bell of each business that has something due: at once when somebody wrote, else now and then."""
        with Watch(self.store) as watch:
            asked = 0.0
            while not self.stopping.is_set():
                # Not `stopping.wait`: a short wait for an event costs four times the CPU of a short sleep.
                time.sleep(watch.step)
                if not watch.moved() and time.monotonic() - asked < LOOK_SECONDS:
                    continue
                asked = time.monotonic()
                try:
                    with self.store.read() as conn:
                        due = changes.businesses_due(conn, self._now())
                except HubError as error:
                    log.error("the store cannot be read: %s", error)
                    self.stopping.wait(1.0)
                    continue
                for key in due:
                    if key in self._bells:
                        self._bells[key].set()

    def _business(self, runtime: Runtime) -> None:
        stumbled = False
        while not self.stopping.is_set():
            try:
                if stumbled:
                    self._let_go(runtime)
                stumbled = False
                self._session(runtime, lambda wrap, seconds: self._serve(runtime, wrap, seconds))
            except Exception:
                stumbled = True
                log.exception("%s: the worker stumbled; it goes on in a second", runtime.key)
                self.stopping.wait(1.0)

    def _let_go(self, runtime: Runtime) -> None:
        """Free what a turn that broke off had claimed: our own heartbeat would keep it for ever."""
        with self.store.write() as conn:
            changes.release(conn, self.owner, runtime.key)
            jobs.release(conn, self.owner, runtime.key)
            runs.break_off(conn, runtime.key, "turn", self.owner, "the turn broke off; the log says why", self._now())

    def _serve(self, runtime: Runtime, wrap: Wrap, seconds: float | None) -> None:
        bell = self._bells[runtime.key]
        until = None if seconds is None else time.monotonic() + seconds
        while not self.stopping.is_set() and (until is None or time.monotonic() < until):
            bell.wait(timeout=1.0)
            bell.clear()
            if not self.stopping.is_set():
                self._probe(runtime)
                self.turns(runtime, wrap)

    def turns(self, runtime: Runtime, wrap: Wrap = directly) -> list[Turn]:
        """Take turns until nothing is due; what each came to."""
        taken = []
        while not self.stopping.is_set() and (claimed := claim(runtime, self.owner)) is not None:
            try:
                taken.append(wrap(claimed.name, partial(take, runtime, claimed, self.owner)))
            except Exception:
                self._let_go(runtime)
                raise
        return taken

    def _probe(self, runtime: Runtime) -> None:
        """Try paused connections again now and then."""
        with self.store.read() as conn:
            paused = [
                state.connection for state in connections.listing(conn, runtime.key) if state.paused_at is not None
            ]
        for connection in paused:
            last = self._probed.setdefault((runtime.key, connection), time.monotonic())
            if time.monotonic() - last >= PROBE_SECONDS:
                self._probed[runtime.key, connection] = time.monotonic()
                if backfill.probe(runtime, connection):
                    with self.store.write() as conn:
                        jobs.dirty(conn, runtime.key, runtime.jobs, runtime.now())

    def _heart(self) -> None:
        """Say that we live, keep what we claimed, and close the runs of workers that live no more."""
        while True:
            try:
                self._beat()
                self._sweep()
            except HubError as error:
                log.error("the heartbeat could not be stored: %s", error)
            except Exception:
                log.exception("the heartbeat stumbled")
            if self.stopping.wait(BEAT_SECONDS):
                return

    def _beat(self) -> None:
        now = self._now()
        until = now + timedelta(seconds=LEASE_SECONDS)
        with self.store.quick() as conn:
            workers.beat(conn, self.owner, "worker", now)
            changes.extend(conn, self.owner, until)
            jobs.extend(conn, self.owner, until)

    def _sweep(self) -> None:
        now = self._now()
        with self.store.read() as conn:
            abandoned = runs.abandoned(conn, now, now - timedelta(seconds=LEASE_SECONDS))
        for run in abandoned:
            with self.store.write() as conn:
                runs.finish(conn, run.id, "crashed", {}, "the worker that carried this run ended", now)
            log.warning("%s: the run « %s » crashed with its worker", run.business, run.name)

    def _take_over(self) -> None:
        """Free at once what workers of this machine had claimed whose process is gone."""
        host = socket.gethostname()
        with self.store.write() as conn:
            for owner, *_ in workers.beats(conn):
                machine, pid, _ = owner.rsplit("/", 2)
                # In a container that was started again, we may well have the number of the one before us.
                ours = int(pid) == os.getpid() and owner != self.owner
                if machine == host and (ours or not _alive(int(pid))):
                    log.info("the worker %s is gone; its work is taken over", owner)
                    changes.release(conn, owner)
                    jobs.release(conn, owner)
                    workers.forget(conn, [owner])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
