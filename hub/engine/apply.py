"""Apply: do each action once. The ledger has a row for it before the call and its result after (R4).

Killed between the two, the next turn finds the row "started" and looks at the target before it plans again; a create
then first searches for what it would have left, with the values that it was begun with (the ledger keeps them); if
others are wanted by now, another plan updates them. Actions go in small batches: one durable commit
marks a batch as started, the calls run in parallel, as many at once as the provider lets one key have in flight, and
one commit notes what came of them. That second commit need not wait for the disk: lost in a power cut, it leaves the
rows "started", which is the case above.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.types import Ref, Row
from hub.engine import post
from hub.engine.made import Home, Made
from hub.engine.runtime import Runtime
from hub.planning.inverse import begun as begun_with
from hub.planning.inverse import summary
from hub.planning.plan import Action, FieldChange
from hub.store import connections, ledger

log = logging.getLogger("hub.apply")

BATCH = 16
"""Actions begun with one commit. A killed worker leaves at most so many to look for."""


@dataclass(slots=True)
class Applied:
    """What became of a plan's actions."""

    done: int = 0
    """Effects, mails included."""
    sent: int = 0
    """Mails."""
    skipped: int = 0
    problems: list[str] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)
    """Of the problems: rows and charts that refused a change. They may be gone, which only a look can tell."""
    behind: bool = False
    """A create that was cut short was finished as it had been begun; other values are wanted by now."""
    stopped: HubError | None = None
    """The error that stopped the plan before its end; what was not done is planned again."""

    def add(self, later: Applied) -> None:
        """A second plan put right what the first one found in its way."""
        self.done += later.done
        self.sent += later.sent
        self.skipped += later.skipped
        self.problems = [line for line in self.problems if line not in self.unwritten] + later.problems
        self.unwritten, self.behind, self.stopped = later.unwritten, later.behind, later.stopped


@dataclass(frozen=True, slots=True)
class _Outcome:
    action: Action
    ref: Ref | None = None
    error: HubError | None = None


class Applier:
    """Carries out one plan of one job. `run` is the id of the run that does it."""

    def __init__(self, runtime: Runtime, made: Made, run: int | None) -> None:
        self._runtime = runtime
        self._made = made
        self._run = run
        self._applied = Applied()
        self._refs = {name: found.ref for name, found in made.known.items()}

    def apply(self) -> Applied:
        """Collection by collection, what must be made; then, all together, what must be changed or put away."""
        if self._made.expect is not None:
            with self._runtime.store.write() as conn:
                self._made.expect(conn)
        for name, home in self._made.homes.items():
            mine = [action for action in self._made.plan.actions if action.collection == name]
            for action in mine:
                if action.kind == "prepare":
                    self._batch([action])
            creates = [action for action in mine if action.kind == "create"]
            # A page takes all its new blocks in one call, in their order.
            size = len(creates) if home.collection.kind == "page" else BATCH
            for start in range(0, len(creates), size or 1):
                self._batch(creates[start : start + size])
        for kinds in (("copy",), ("link",), ("update", "archive")):
            rest = [action for action in self._made.plan.actions if action.kind in kinds]
            for start in range(0, len(rest), BATCH):
                self._batch(rest[start : start + BATCH])
        for action in self._made.plan.actions:
            # One stands behind the other, below rows that are as the plan wants them by now.
            if action.kind == "chart":
                self._batch([action])
        for action in self._made.plan.actions:
            # A target that is away keeps no mail back: only the mail server itself does.
            if action.kind == "send" and not self._send(action):
                break
        return self._applied

    def _send(self, action: Action) -> bool:
        """A mail, last of all: what it speaks of is written by then. False when no further one can go out now."""
        if self._made.post is None:
            raise RecordError(f"The plan of {self._made.plan.job} has a mail and no way to send it")
        sent = post.send(self._runtime, self._made.post, self._made.plan.job, action, self._run)
        if sent.error is not None:
            self._applied.problems.append(f"{action.name}: {sent.error}")
            if post.stops(sent.error):
                self._applied.stopped = self._applied.stopped or sent.error
                return False
        elif sent.skipped:
            self._applied.skipped += 1
        else:
            self._applied.done += 1
            self._applied.sent += 1
        return True

    def _batch(self, actions: Sequence[Action]) -> None:
        if self._applied.stopped is not None or not actions:
            return
        waiting = self._begin(actions)
        home = self._made.homes[actions[0].collection]
        if home.collection.kind == "page" and actions[0].kind == "create":
            cut_short = [action for action, again in waiting if again]
            fresh = [action for action, again in waiting if not again]
            outcomes = [
                *self._blocks(home, cut_short, look_first=True),
                *self._blocks(home, fresh, look_first=False),
            ]
        else:
            futures = [
                self._runtime.pool(where.connection).submit(self._one, where, action, again)
                for action, again in waiting
                for where in [self._made.homes[action.collection]]
            ]
            outcomes = [future.result() for future in futures]
        self._note(outcomes)

    def _begin(self, actions: Sequence[Action]) -> list[tuple[Action, bool]]:
        """The actions that are still to be done, each with whether an earlier attempt may have been committed."""
        waiting = []
        now = self._runtime.now()
        with self._runtime.store.write() as conn:
            for action in actions:
                entry = ledger.begin(
                    conn,
                    self._runtime.key,
                    action.key,
                    job=self._made.plan.job,
                    kind=action.kind,
                    summary=summary(action),
                    run=self._run,
                    now=now,
                )
                if entry.state == "started" and action.kind in post.UNSEEN:
                    ledger.uncertain(conn, self._runtime.key, action.key, post.CUT_SHORT[action.kind], now)
                    self._applied.skipped += 1
                elif entry.state in ("done", "uncertain"):
                    self._applied.skipped += 1
                elif entry.state == "started" and action.kind == "create":
                    begun = _as_begun(action, entry.summary)
                    self._applied.behind |= begun.values != action.values
                    waiting.append((begun, True))
                else:
                    # What makes a thing in several calls may have left some of it even where it failed for certain.
                    waiting.append((action, action.kind in ("copy", "chart") and entry.state != "new"))
        return waiting

    def _one(self, home: Home, action: Action, again: bool) -> _Outcome:
        try:
            return _Outcome(action, self._call(home, action, again))
        except HubError as error:
            return _Outcome(action, error=error)

    def _call(self, home: Home, action: Action, again: bool) -> Ref:
        if action.kind in ("copy", "link", "chart"):
            return self._do(action, again)
        destination, collection = self._runtime.destination(home.connection), home.collection
        if action.kind == "prepare":
            inside = self._refs.get(collection.inside) if collection.inside else None
            return destination.prepare(collection, action.ref, inside)
        if action.kind == "create":
            row = self._made.row(action)
            return _ref(destination.create(collection, self._home(action), [row], look_first=again)[0])
        if action.ref is None:
            raise RecordError(f"« {action.row} » has no place in « {collection.name} » to write to")
        if action.kind == "update":
            destination.update(collection, self._made.row(action))
        else:
            destination.archive(collection, action.ref)
        return action.ref

    def _do(self, action: Action, again: bool) -> Ref:
        if self._made.do is None:
            raise RecordError(f"The plan of {self._made.plan.job} has something to set up and no way to do it")
        return self._made.do(action, again)

    def _blocks(self, home: Home, actions: Sequence[Action], *, look_first: bool) -> list[_Outcome]:
        if not actions:
            return []
        rows = [self._made.row(action) for action in actions]
        destination = self._runtime.destination(home.connection)
        try:
            made = destination.create(home.collection, self._home(actions[0]), rows, look_first=look_first)
            return [_Outcome(action, _ref(row)) for action, row in zip(actions, made, strict=True)]
        except HubError as error:
            return [_Outcome(action, error=error) for action in actions]

    def _home(self, action: Action) -> Ref:
        home = self._refs.get(action.collection)
        if home is None:
            raise RecordError(f"« {action.collection} » does not exist yet")
        return home

    def _note(self, outcomes: Sequence[_Outcome]) -> None:
        """Note in the ledger and the links what came of a batch."""
        if not outcomes:
            return
        now = self._runtime.now()
        with self._runtime.store.quick() as conn:
            for outcome in outcomes:
                if outcome.ref is not None:
                    ledger.done(conn, self._runtime.key, outcome.action.key, outcome.ref, now)
                    if outcome.action.kind == "prepare":
                        self._refs[outcome.action.collection] = outcome.ref
                    self._made.remember(conn, outcome.action, outcome.ref)
                    self._applied.done += 1
                elif outcome.error is not None:
                    self._failed(conn, outcome.action, outcome.error)
            answered = {self._made.homes[o.action.collection].connection for o in outcomes if o.ref is not None}
            for connection in sorted(answered):
                connections.ok(conn, self._runtime.key, connection, now)

    def _failed(self, conn: Connection, action: Action, error: HubError) -> None:
        business, now = self._runtime.key, self._runtime.now()
        if not _may_have_happened(action, error):
            ledger.failed(conn, business, action.key, str(error), now)
        elif action.kind in post.UNSEEN:
            ledger.uncertain(conn, business, action.key, str(error), now)
        connection = self._made.homes[action.collection].connection
        if isinstance(error, ConfigError) and connections.pause(conn, business, connection, str(error), now):
            log.error("%s: %s is paused: %s", business, connection, error)
        what = f"{action.collection} / {action.row}" if action.row else action.collection
        self._applied.problems.append(f"{what}: {error}")
        if isinstance(error, RecordError) and action.kind in ("update", "chart"):
            self._applied.unwritten.append(f"{what}: {error}")
        if not isinstance(error, RecordError) or action.kind == "prepare":
            self._applied.stopped = self._applied.stopped or error


def _may_have_happened(action: Action, error: HubError) -> bool:
    """Of several attempts at what is safe to repeat, an earlier one than the one that failed last may have arrived."""
    return isinstance(error, TransientError) and (error.uncertain or action.kind in ("update", "archive"))


def _as_begun(action: Action, kept: str) -> Action:
    """The create as its first attempt meant it."""
    values = begun_with(kept)
    return replace(action, changes=tuple(FieldChange(name, None, value) for name, value in values.items()))


def _ref(row: Row) -> Ref:
    if row.ref is None:
        raise RecordError(f"« {row.key} » was made, but its place was not told")
    return row.ref
