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
from typing import cast

from sqlalchemy import Connection

from hub.core import codec
from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.protocol import Destination
from hub.core.types import Collection, Ref, Row, Value
from hub.engine.runtime import Runtime
from hub.engine.target import collections
from hub.planning.plan import Action, Desired, FieldChange, KnownCollection, Plan
from hub.store import connections, ledger, links

log = logging.getLogger("hub.apply")

BATCH = 16
"""Actions begun with one commit. A killed worker leaves at most so many to look for."""


@dataclass(slots=True)
class Applied:
    """What became of a plan's actions."""

    done: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)
    """Of the problems: rows that refused a change. They may be gone, which only a look at the target can tell."""
    behind: bool = False
    """A create that was cut short was finished as it had been begun; other values are wanted by now."""
    stopped: HubError | None = None
    """The error that stopped the plan before its end; what was not done is planned again."""

    def add(self, later: Applied) -> None:
        """A second plan put right what the first one found in its way."""
        self.done += later.done
        self.skipped += later.skipped
        self.problems = [line for line in self.problems if line not in self.unwritten] + later.problems
        self.unwritten, self.behind, self.stopped = later.unwritten, later.behind, later.stopped


@dataclass(frozen=True, slots=True)
class _Outcome:
    action: Action
    ref: Ref | None = None
    error: HubError | None = None


class Applier:
    """Carries out one plan of one job, made from `known`. `run` is the id of the run that does it."""

    def __init__(
        self, runtime: Runtime, job: str, connection: str, known: dict[str, KnownCollection], run: int | None
    ) -> None:
        self._runtime = runtime
        self._job = job
        self._connection = connection
        self._run = run
        self._destination: Destination = runtime.destination(connection)
        self._applied = Applied()
        self._known = known
        self._refs = {name: found.ref for name, found in known.items()}

    def apply(self, plan: Plan, desired: Sequence[Desired]) -> Applied:
        """Collection by collection, what must be made; then, all together, what must be changed or put away."""
        for name, collection in collections(desired).items():
            mine = [action for action in plan.actions if action.collection == name]
            for action in mine:
                if action.kind == "prepare":
                    self._batch(collection, [action])
            creates = [action for action in mine if action.kind == "create"]
            # A page takes all its new blocks in one call, in their order.
            size = len(creates) if collection.kind == "page" else BATCH
            for start in range(0, len(creates), size or 1):
                self._batch(collection, creates[start : start + size])
        by_name = collections(desired)
        rest = [action for action in plan.actions if action.kind in ("update", "archive")]
        for start in range(0, len(rest), BATCH):
            self._batch(None, rest[start : start + BATCH], by_name)
        return self._applied

    def _batch(
        self, collection: Collection | None, actions: Sequence[Action], by_name: dict[str, Collection] | None = None
    ) -> None:
        if self._applied.stopped is not None or not actions:
            return
        waiting = self._begin(actions)
        if collection is not None and collection.kind == "page" and actions[0].kind == "create":
            cut_short = [action for action, again in waiting if again]
            fresh = [action for action, again in waiting if not again]
            outcomes = [
                *self._blocks(collection, cut_short, look_first=True),
                *self._blocks(collection, fresh, look_first=False),
            ]
        else:
            pool = self._runtime.pool(self._connection)
            homes = [collection or (by_name or {})[action.collection] for action, _ in waiting]
            futures = [
                pool.submit(self._one, home, action, again)
                for home, (action, again) in zip(homes, waiting, strict=True)
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
                    job=self._job,
                    kind=action.kind,
                    summary=codec.dumps(action.values),
                    run=self._run,
                    now=now,
                )
                if entry.state in ("done", "uncertain"):
                    self._applied.skipped += 1
                elif entry.state == "started" and action.kind == "create":
                    begun = _as_begun(action, entry.summary)
                    self._applied.behind |= begun.values != action.values
                    waiting.append((begun, True))
                else:
                    waiting.append((action, False))
        return waiting

    def _one(self, collection: Collection, action: Action, again: bool) -> _Outcome:
        try:
            return _Outcome(action, self._call(collection, action, again))
        except HubError as error:
            return _Outcome(action, error=error)

    def _call(self, collection: Collection, action: Action, again: bool) -> Ref:
        if action.kind == "prepare":
            inside = self._refs.get(collection.inside) if collection.inside else None
            return self._destination.prepare(collection, action.ref, inside)
        if action.kind == "create":
            row = Row(key=action.row, values=action.values)
            return _ref(self._destination.create(collection, self._home(collection), [row], look_first=again)[0])
        if action.ref is None:
            raise RecordError(f"« {action.row} » has no place in « {collection.name} » to write to")
        if action.kind == "update":
            self._destination.update(collection, Row(key=action.row, values=self._written(action), ref=action.ref))
        else:
            self._destination.archive(collection, action.ref)
        return action.ref

    def _blocks(self, collection: Collection, actions: Sequence[Action], *, look_first: bool) -> list[_Outcome]:
        if not actions:
            return []
        rows = [Row(key=action.row, values=action.values) for action in actions]
        try:
            made = self._destination.create(collection, self._home(collection), rows, look_first=look_first)
            return [_Outcome(action, _ref(row)) for action, row in zip(actions, made, strict=True)]
        except HubError as error:
            return [_Outcome(action, error=error) for action in actions]

    def _written(self, action: Action) -> dict[str, Value]:
        """The values to send. Notion wants a block's kind in each change of it, or it must be asked for it first."""
        known = self._known[action.collection].rows[action.row].values
        return {"block": known["block"], **action.values} if "block" in known else action.values

    def _home(self, collection: Collection) -> Ref:
        home = self._refs.get(collection.name)
        if home is None:
            raise RecordError(f"« {collection.name} » does not exist yet")
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
                    self._link(conn, outcome.action, outcome.ref)
                    self._applied.done += 1
                elif outcome.error is not None:
                    self._failed(conn, outcome.action, outcome.error)
            if any(outcome.ref is not None for outcome in outcomes):
                connections.ok(conn, self._runtime.key, self._connection, now)

    def _link(self, conn: Connection, action: Action, ref: Ref) -> None:
        business, now = self._runtime.key, self._runtime.now()
        if action.kind == "archive":
            links.forget(conn, business, self._job, action.collection, action.row)
            return
        if action.kind == "prepare":
            self._refs[action.collection] = ref
        links.put(conn, business, self._job, action.collection, action.row, ref, action.values, now)

    def _failed(self, conn: Connection, action: Action, error: HubError) -> None:
        business, now = self._runtime.key, self._runtime.now()
        if not _may_have_happened(action, error):
            ledger.failed(conn, business, action.key, str(error), now)
        if isinstance(error, ConfigError) and connections.pause(conn, business, self._connection, str(error), now):
            log.error("%s: %s is paused: %s", business, self._connection, error)
        what = f"{action.collection} / {action.row}" if action.row else action.collection
        self._applied.problems.append(f"{what}: {error}")
        if isinstance(error, RecordError) and action.kind == "update":
            self._applied.unwritten.append(f"{what}: {error}")
        if not isinstance(error, RecordError) or action.kind == "prepare":
            self._applied.stopped = self._applied.stopped or error


def _may_have_happened(action: Action, error: HubError) -> bool:
    """Of several attempts at what is safe to repeat, an earlier one than the one that failed last may have arrived."""
    return isinstance(error, TransientError) and (error.uncertain or action.kind in ("update", "archive"))


def _as_begun(action: Action, summary: str) -> Action:
    """The create as its first attempt meant it."""
    values = cast("dict[str, Value]", codec.loads(summary))
    return replace(action, changes=tuple(FieldChange(name, None, value) for name, value in values.items()))


def _ref(row: Row) -> Ref:
    if row.ref is None:
        raise RecordError(f"« {row.key} » was made, but its place was not told")
    return row.ref
