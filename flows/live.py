"""The live flow: one Prefect run an hour for each business and, inside it, one task run for each turn of the worker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from prefect import Flow, State, flow, tags, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext, TaskRunContext
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed
from prefect.utilities.annotations import opaque

from flows.discreet import discreetly, veiled
from flows.pictures import Pictures, done_in_words
from flows.reach import SERVER_ERRORS, Reach
from flows.scheduled import as_flow, carried_by
from flows.table import BACKFILL
from hub.core.errors import HubError
from hub.engine import backfill
from hub.engine.runtime import Runtime
from hub.engine.turn import Turn
from hub.engine.worker import Serve, Worker, directly, tell

log = logging.getLogger("hub.live")

SESSION_SECONDS = 3600.0
"""A live run is closed and opened anew every hour, so that the UI stays readable."""

GLANCE_SECONDS = 2.0
"""How often a live run looks up from its work: is the hour over, was Prefect's server away?"""
HISTORY_WAIT = 30.0


class Sessions:
    """Opens the live run of a business around the worker's turns."""

    def __init__(
        self, worker: Callable[[], Worker], reach: Reach, pictures: Pictures, seconds: float = SESSION_SECONDS
    ) -> None:
        self._worker = worker
        self._reach = reach
        self._pictures = pictures
        self._seconds = seconds

    def __call__(self, runtime: Runtime, serve: Serve) -> None:
        """One session. While Prefect's server does not answer, the same turns are taken without it."""
        try:
            if not self._history(runtime):
                log.error("%s: nothing can be planned before; trying again in %d s", runtime.key, HISTORY_WAIT)
                self._worker().over(runtime).wait(HISTORY_WAIT)
            elif self._reach.up:
                self._show(runtime, serve)
            else:
                serve(directly, GLANCE_SECONDS)
        except (*SERVER_ERRORS, RuntimeError) as error:
            # Prefect says RuntimeError when it cannot open a run; one from anywhere else is not ours to hide.
            if self._reach.look() and isinstance(error, RuntimeError):
                raise

    def _show(self, runtime: Runtime, serve: Serve) -> None:
        session = Session(runtime, serve, self._worker(), self._reach, self._pictures, self._seconds)
        run = threading.Thread(target=session.run, name=f"{runtime.key}-live", daemon=True)
        run.start()
        while run.is_alive():
            run.join(0.2)
            if not self._reach.up and (session.carried.is_set() or session.abandon()):
                # Opening or closing the run waits for a server that is away. The work does not; the sweep closes it.
                return
        if session.error is not None:
            raise session.error

    def _history(self, runtime: Runtime) -> bool:
        """Read what was never read to its end. False when that failed; webhooks are stored and wait meanwhile."""
        if all(backfill.is_complete(runtime, connection) for connection in runtime.sources()):
            return True
        if self._reach.up:
            with tags(runtime.key, "backfill"):
                state: State[Any] = cast("Any", as_flow(runtime, BACKFILL, self._worker().owner))(return_state=True)
            return state.is_completed()
        try:
            log.info("%s: %s", runtime.key, BACKFILL.work(runtime))
        except HubError as error:
            log.error("%s: %s", runtime.key, error)
            return False
        return True


@dataclass
class Session:
    """What a live run works with, and how many turns it took."""

    runtime: Runtime
    serve: Serve
    worker: Worker
    reach: Reach
    pictures: Pictures
    seconds: float
    turns: int = 0
    troubled: int = 0
    carried: threading.Event = field(default_factory=threading.Event)
    """Set when no more turns are taken."""
    error: BaseException | None = None
    _fate: Literal["opening", "begun", "abandoned"] = "opening"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> bool:
        """The run is open. False when nobody waits for it any more: another one takes the turns."""
        with self._lock:
            if self._fate == "opening":
                self._fate = "begun"
            return self._fate == "begun"

    def abandon(self) -> bool:
        """Stop waiting for the run to open. False when it has begun."""
        with self._lock:
            if self._fate == "opening":
                self._fate = "abandoned"
            return self._fate == "abandoned"

    def run(self) -> None:
        """The live run from its opening to its closing."""
        try:
            with tags(self.runtime.key, "live"):
                as_live(self)()
        except BaseException as error:  # noqa: BLE001  handed to the thread that waits
            self.error = error
        finally:
            self.carried.set()

    def carry(self) -> None:
        """Take turns until the hour is over, the worker stops or the business is another one.

        While the server is away they are taken directly. When it is back this run ends: what it shows has a gap, and a
        new one begins whole.
        """
        until = time.monotonic() + self.seconds
        over = self.worker.over(self.runtime)
        while not over.is_set() and time.monotonic() < until:
            was_up = self.reach.up
            self.serve(self.wrap, GLANCE_SECONDS)
            if self.reach.up and not was_up:
                return

    def wrap(self, name: str, take: Callable[[], Turn]) -> Turn:
        """One turn as one task run."""
        if not self.reach.up:
            return directly(name, take)
        taken: list[Turn] = []
        begun = []

        def shown() -> Turn:
            begun.append(True)
            taken.append(take())
            return taken[0]

        self.turns += 1
        try:
            # Without tags: for each tag of a task run, Prefect's client asks the server for leave, and waits for it.
            with TagsContext(current_tags=set()):
                state = one_turn.with_options(task_run_name=name)(opaque((name, shown, self)), return_state=True)
            if not taken:
                state.result()  # raises what the turn raised: a defect, which the worker reports
        except SERVER_ERRORS as error:
            self.reach.miss(error)
        if taken:
            return taken[0]
        if begun:
            raise RuntimeError(f"The turn « {name} » ended without a result")
        return directly(name, take)


def as_live(session: Session) -> Flow[..., Any]:
    """The live flow of a session. It has no parameters, so that none stands in the UI."""
    runtime = session.runtime

    @flow(
        name="live",
        flow_run_name=f"{runtime.key} · live · {datetime.now(runtime.business.zone):%d/%m %H:%M}",
        description="Everything that webhooks ring for, as it happens.",
        persist_result=False,
    )
    def live() -> State[Any]:
        if not session.begin():
            return Cancelled(message="Prefect's server took too long to open this run; the work went on without it.")
        carried_by(session.worker.owner, flow_run.id)
        log.info("Listening for %s. Each turn below is one task run.", runtime.business.business)
        try:
            session.carry()
        finally:
            session.carried.set()
        words = f"{session.turns} turn{'' if session.turns == 1 else 's'}"
        return Completed(message=f"{words}, {session.troubled} with problems" if session.troubled else words)

    return live


@task(name="turn", persist_result=False, cache_policy=NO_CACHE)
def one_turn(opened: Any) -> State[Any]:
    """Read what waits, plan what it touches, apply it."""
    name, take, session = opened
    turn: Turn = take()
    _call_it(name, turn)
    with discreetly(turn):
        tell(turn)
        for result in turn.jobs:
            session.pictures.show(result)
        if turn.problems:
            session.troubled += 1
            return Failed(message=veiled("; ".join(turn.problems)))
    held = [f"plan {result.plan_id} of {result.job} is held for a person" for result in turn.jobs if result.plan_id]
    if held:
        return Completed(name="Held", message="; ".join(held))
    return Completed(message=turn.sentence)


def _call_it(name: str, turn: Turn) -> None:
    """Name this task run after what it did: `atelier-lila · deadlines · 3 mails`. The report of its end carries it.

    What it did for clients is called by their initials and the step: `atelier-lila · onboarding · M. D. welcome + 2`.
    """
    applied = [result for result in turn.jobs if result.applied is not None]
    steps = [result.discreet.headline() for result in applied if result.discreet is not None]
    others = [result.applied for result in applied if result.applied is not None and result.discreet is None]
    sent = sum(each.sent for each in others)
    done = [*filter(None, steps), *filter(None, [done_in_words(sum(each.done for each in others) - sent, sent)])]
    context = TaskRunContext.get()
    if done and context is not None:
        context.task_run.name = f"{name} · {', '.join(done)}"
