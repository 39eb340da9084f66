"""The worker: one thread for each business, so that none can slow another (R9), and one that looks for work.

It owns what it claims for as long as it shows signs of life; what a killed worker had claimed is free again after the
lease, or at once when a worker of the same machine starts and finds that its process is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from hub.core.errors import HubError
from hub.engine import backfill
from hub.engine.bells import Bells
from hub.engine.changed import changed
from hub.engine.heart import Heart, owner_name
from hub.engine.reload import Replaced
from hub.engine.runtime import Runtime
from hub.engine.schedule import PROBE_SECONDS
from hub.engine.turn import Turn, Wrap, claim, take
from hub.store import changes, connections, jobs, runs
from hub.store.database import Store
from hub.store.watch import Watch

log = logging.getLogger("hub.worker")

LOOK_SECONDS = 0.25
"""How often the worker asks for work that has come due by time alone; what is written meanwhile is seen at once."""


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


class _Lane:
    """One business at work: its runtime, its thread, and `over`, set when no more turns are taken for this runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.bell = threading.Event()
        self.over = threading.Event()
        self.thread: threading.Thread | None = None

    def end(self) -> None:
        self.over.set()
        self.bell.set()


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
        self.owner = owner_name()
        self._now = now
        self.stopping = threading.Event()
        self._session: Session = session or (lambda _runtime, serve: serve(directly, None))
        self._lanes = {key: _Lane(runtime) for key, runtime in runtimes.items()}
        self._threads: list[threading.Thread] = []
        self._changing = threading.RLock()  # a signal may come while the main thread holds it
        self._running = False
        self._probed: dict[tuple[str, str], float] = {}

    def run(self) -> None:
        """Work until `stop`. Returns when every business has finished what it was doing."""
        life = Heart(self.store, self.owner, self._now, self.stopping)
        life.take_over()
        life.beat()  # before anything is claimed: only who is known can be taken over from
        heart = threading.Thread(target=life.run, name="heart")
        heart.start()
        with self._changing:
            self._running = True
            for lane in self._lanes.values():
                self._start(lane.runtime.key, lane, None)
        try:
            self._look()
        finally:
            self.stop()
            for thread in (heart, *self._threads):
                thread.join()
            life.stop()

    def stop(self) -> None:
        with self._changing:
            self.stopping.set()
            for lane in self._lanes.values():
                lane.end()

    def replace(self, one: Replaced) -> None:
        """The business is that one from now on, or gone. The turn under way ends first; no other one waits (R9)."""
        with self._changing:
            before = self._lanes.pop(one.key, None)
            if before is not None:
                before.end()
            after = None if one.new is None else _Lane(one.new)
            if after is not None:
                self._lanes[one.key] = after
            if not self.stopping.is_set() and (self._running or before is not None):
                self._start(one.key, after if self._running else None, before)

    def over(self, runtime: Runtime) -> threading.Event:
        """Set when no more turns are to be taken for this runtime: the worker stops, or the business is another now."""
        lane = self._lanes.get(runtime.key)
        if lane is not None and lane.runtime is runtime:
            return lane.over
        ended = threading.Event()
        ended.set()
        return ended

    def _start(self, key: str, lane: _Lane | None, before: _Lane | None) -> None:
        thread = threading.Thread(target=self._carry, args=(lane, before), name=key)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        if lane is not None:
            lane.thread = thread
        thread.start()

    def _carry(self, lane: _Lane | None, before: _Lane | None) -> None:
        """Everything that a business does from the end of what it was before."""
        if before is not None:
            self._retire(before)
        if lane is None:
            return
        bells = Bells([lane.runtime], lane.over)
        bells.start()
        try:
            self._business(lane)
        finally:
            lane.over.set()
            bells.stop()

    def _retire(self, lane: _Lane) -> None:
        if lane.thread is not None:
            lane.thread.join()
        try:
            self._let_go(lane.runtime)
        except HubError as error:
            log.error("%s: what it had claimed could not be freed: %s", lane.runtime.key, error)
        # Scheduled work may still use it, for as long as it takes; nobody waits for that.
        threading.Thread(target=lane.runtime.retire, name=f"{lane.runtime.key}-closing", daemon=True).start()

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
                    if (lane := self._lanes.get(key)) is not None:
                        lane.bell.set()

    def _business(self, lane: _Lane) -> None:
        runtime = lane.runtime
        stumbled = False
        looked = False
        while not lane.over.is_set():
            try:
                if stumbled:
                    self._let_go(runtime)
                stumbled = False
                if not looked:
                    _plan_what_changed(runtime)
                    looked = True
                self._session(runtime, lambda wrap, seconds: self._serve(lane, wrap, seconds))
            except Exception:
                stumbled = True
                log.exception("%s: the worker stumbled; it goes on in a second", runtime.key)
                lane.over.wait(1.0)

    def _let_go(self, runtime: Runtime) -> None:
        """Free what a turn that broke off had claimed: our own heartbeat would keep it for ever."""
        with self.store.write() as conn:
            changes.release(conn, self.owner, runtime.key)
            jobs.release(conn, self.owner, runtime.key)
            runs.break_off(conn, runtime.key, "turn", self.owner, "the turn broke off; the log says why", self._now())

    def _serve(self, lane: _Lane, wrap: Wrap, seconds: float | None) -> None:
        until = None if seconds is None else time.monotonic() + seconds
        while not lane.over.is_set() and (until is None or time.monotonic() < until):
            lane.bell.wait(timeout=1.0)
            lane.bell.clear()
            if not lane.over.is_set():
                self._probe(lane.runtime)
                self.turns(lane.runtime, wrap)

    def turns(self, runtime: Runtime, wrap: Wrap = directly) -> list[Turn]:
        """Take turns until nothing is due; what each came to."""
        taken = []
        over = self.over(runtime)
        while not over.is_set() and (claimed := claim(runtime, self.owner)) is not None:
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

    @property
    def runtimes(self) -> Mapping[str, Runtime]:
        """The businesses as they are now."""
        return {key: lane.runtime for key, lane in list(self._lanes.items())}


def _plan_what_changed(runtime: Runtime) -> None:
    """Plan again what the files say otherwise than when it was last written, also while the hub was down."""
    with runtime.store.write() as conn:
        names = changed(conn, runtime)
        if names:
            jobs.look_again(conn, runtime.key, names, runtime.now())
    if names:
        log.info("%s: the mapping of %s changed; planning again", runtime.key, ", ".join(names))
