"""Scheduled work: deployments that the OBM sees, pauses and starts in the Prefect UI, run inside the worker.

The worker asks Prefect for due runs every few seconds and runs them in its own process: a run starts within seconds
and costs no fresh interpreter.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from prefect import Flow, State, flow, tags
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse, FlowRunResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import run_flow
from prefect.runtime import flow_run as current
from prefect.schedules import Cron
from prefect.states import Cancelled, Completed, Failed, Pending

from flows.reach import SERVER_ERRORS, Reach
from flows.sweep import sweep
from hub.core.errors import ConfigError, HubError
from hub.engine import backfill, listening
from hub.engine.runtime import Runtime
from hub.engine.worker import Worker
from hub.store import connections, jobs

log = logging.getLogger("hub.scheduled")

LOOK_SECONDS = 3.0
SWEEP_EVERY = 4
"""Looks between two sweeps."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One row of the table of what runs when. `cron` is in the business's own zone; None: only by hand."""

    name: str
    title: str
    cron: str | None
    says: str
    work: Callable[[Runtime], str]


def look_hourly(runtime: Runtime) -> str:
    """What webhooks lost, and what time alone changes (a month that ended, an invoice that fell due)."""
    healed = listening.heal(runtime)
    rung = _each(runtime, catch_up)
    with runtime.store.write() as conn:
        jobs.dirty(conn, runtime.key, runtime.jobs, runtime.now())
    return "; ".join([*healed, f"{rung} records may have changed; every job plans again"])


def reconcile(runtime: Runtime) -> str:
    """Read every source whole and look at every target: differences are healed, foreign edits recorded."""
    changed = _each(runtime, lambda runtime, connection: backfill.backfill(runtime, connection, again=True))
    with runtime.store.write() as conn:
        jobs.look_again(conn, runtime.key, runtime.jobs, runtime.now())
    return f"{changed} records differed and were put right; every target is looked at"


def read_history(runtime: Runtime) -> str:
    """The first read of everything; goes on where an interrupted one stopped."""
    return f"{_each(runtime, backfill.backfill)} records new or changed"


def catch_up(runtime: Runtime, connection: str) -> int:
    """What changed since the last look; everything, where the first read was not finished."""
    if not backfill.is_complete(runtime, connection):
        return backfill.backfill(runtime, connection)
    return backfill.catch_up(runtime, connection)


def _each(runtime: Runtime, read: Callable[[Runtime, str], int]) -> int:
    """Read every connection, whatever becomes of the others.

    Raises the first trouble of a connection that some job reads, after all have been tried. One that is only followed
    holds up nobody: what only a person can put right pauses it, and the worker tries it every few minutes.
    """
    count, troubles, needed = 0, [], runtime.needed()
    with runtime.store.read() as conn:
        paused = {state.connection for state in connections.listing(conn, runtime.key) if state.paused_at is not None}
    for connection in runtime.sources():
        if connection in paused and connection not in needed:
            continue
        try:
            count += read(runtime, connection)
        except HubError as error:
            if connection in needed:
                troubles.append(error)
                continue
            log.error("%s: %s was not read: %s", runtime.key, connection, error)
            if isinstance(error, ConfigError):
                with runtime.store.write() as conn:
                    connections.pause(conn, runtime.key, connection, str(error), runtime.now())
    if troubles:
        raise troubles[0]
    return count


BACKFILL = Scheduled("backfill", "backfill", None, read_history.__doc__ or "", read_history)

TABLE = (
    Scheduled("hourly-look", "hourly look", "7 * * * *", look_hourly.__doc__ or "", look_hourly),
    Scheduled("nightly-reconcile", "nightly reconcile", "20 3 * * *", reconcile.__doc__ or "", reconcile),
    BACKFILL,
)


class Scheduler:
    """Registers the deployments and runs what is due, each business on its own thread (R9)."""

    def __init__(self, worker: Worker, reach: Reach) -> None:
        self._worker = worker
        self._runtimes: Mapping[str, Runtime] = {}
        self._reach = reach
        self._flows: dict[UUID, tuple[Flow[..., Any], Runtime]] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._looks = 0

    def run(self) -> None:
        """Until the worker stops. While Prefect is away its schedule waits."""
        while not self._worker.stopping.is_set():
            if self._reach.up:
                try:
                    self._look()
                except SERVER_ERRORS as error:
                    self._reach.miss(error)
                except Exception:
                    log.exception("the schedule could not be looked at; trying again")
            self._worker.stopping.wait(LOOK_SECONDS)
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _look(self) -> None:
        # A client of its own each time: one that has met the server retries for long when it is gone.
        with get_client(httpx_settings={"timeout": 15.0}, sync_client=True) as client:
            self._follow(client)
            self._take_due(client)
            if self._looks % SWEEP_EVERY == 0:
                self._name_upcoming(client)
                sweep(client, self._worker.store, self._runtimes, [each.name for each in TABLE] + ["live"])
            self._looks += 1

    def _follow(self, client: SyncPrefectClient) -> None:
        """Have the deployments of the businesses that there are now, as they are now."""
        current = self._worker.runtimes
        if current == self._runtimes:
            return
        before, self._flows = self._flows, self._register(client, current)
        for gone in before.keys() - self._flows.keys():
            with suppress(ObjectNotFound):
                client.delete_deployment(gone)
        for key in current.keys() - self._pools.keys():
            self._pools[key] = ThreadPoolExecutor(1, thread_name_prefix=f"{key}-scheduled")
        self._runtimes = current

    def _register(
        self, client: SyncPrefectClient, current: Mapping[str, Runtime]
    ) -> dict[UUID, tuple[Flow[..., Any], Runtime]]:
        return {
            deploy(client, ready, runtime, scheduled): (ready, runtime)
            for runtime in current.values()
            for scheduled in TABLE
            for ready in [as_flow(runtime, scheduled, self._worker.owner)]
        }

    def _take_due(self, client: SyncPrefectClient) -> None:
        due: dict[UUID, list[FlowRunResponse]] = {}
        found = client.get_scheduled_flow_runs_for_deployments(
            deployment_ids=list(self._flows), scheduled_before=datetime.now(UTC), limit=200
        )
        for response in found:
            if response.deployment_id in self._flows:
                due.setdefault(response.deployment_id, []).append(response)
        for deployment, waiting in due.items():
            ready, runtime = self._flows[deployment]
            # An hour away makes one look due, not one for each that was missed: every one does the whole work.
            *missed, last = sorted(waiting, key=lambda run: run.expected_start_time or datetime.now(UTC))
            for run in missed:
                client.set_flow_run_state(run.id, Cancelled(message="A later run was due too, and does the same work."))
            accepted: OrchestrationResult[Any] = client.set_flow_run_state(last.id, Pending())
            if accepted.status.value == "ACCEPT":
                client.update_flow_run(last.id, infrastructure_pid=self._worker.owner)
                self._pools[runtime.key].submit(self._one, ready, runtime, client.read_flow_run(last.id))

    def _name_upcoming(self, client: SyncPrefectClient) -> None:
        """Prefect gives a run that it schedules two random words for a name."""
        upcoming = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=list(self._flows)),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            )
        )
        for run in upcoming:
            name = self._flows[run.deployment_id][0].flow_run_name if run.deployment_id else None
            if isinstance(name, str) and run.name != name:
                client.update_flow_run(run.id, name=name)

    def _one(self, ready: Flow[..., Any], runtime: Runtime, flow_run: FlowRun) -> None:
        try:
            with runtime.scheduled, tags(runtime.key, "scheduled"):
                run_flow(ready, flow_run=flow_run, parameters={}, return_type="state")
        except SERVER_ERRORS as error:
            self._reach.miss(error)
        except Exception:
            log.exception("%s: the scheduled run %s failed", runtime.key, flow_run.name)


def run_name(runtime: Runtime, scheduled: Scheduled) -> str:
    """What the deployment and each of its runs are called."""
    return f"{runtime.key} · {scheduled.title}"


def deploy(client: SyncPrefectClient, ready: Flow[..., Any], runtime: Runtime, scheduled: Scheduled) -> UUID:
    """Register one row of the table for one business. What a person has paused in the UI stays paused."""
    old = _deployed(client, f"{scheduled.name}/{run_name(runtime, scheduled)}")
    was_active = all(each.active for each in old.schedules) if old is not None else True
    schedule = Cron(scheduled.cron, timezone=runtime.business.timezone, active=was_active) if scheduled.cron else None
    if old is not None and _crons(old) == ([(schedule.cron, schedule.timezone)] if schedule else []):
        return old.id
    made = ready.to_deployment(
        name=run_name(runtime, scheduled),
        description=scheduled.says,
        tags=[runtime.key, "scheduled"],
        schedule=schedule,
        paused=old.paused if old is not None else None,
    )
    return cast("UUID", cast("RunnerDeployment", made).apply())


def _deployed(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _crons(deployment: DeploymentResponse) -> Sequence[tuple[str, str | None]]:
    rules = [each.schedule for each in deployment.schedules]
    return [(rule.cron, rule.timezone) for rule in rules if isinstance(rule, CronSchedule)]


def carried_by(owner: str, flow_run: str | UUID) -> None:
    """Tell Prefect which worker carries a run, so that the run can be closed when that worker is gone."""
    with get_client(httpx_settings={"timeout": 5.0}, sync_client=True) as client:
        client.update_flow_run(UUID(str(flow_run)), infrastructure_pid=owner)


def as_flow(runtime: Runtime, scheduled: Scheduled, owner: str) -> Flow[..., Any]:
    """The flow of one row of the table for one business."""

    @flow(
        name=scheduled.name,
        flow_run_name=run_name(runtime, scheduled),
        description=scheduled.says,
        persist_result=False,
    )
    def work() -> State[Any]:
        carried_by(owner, current.id)
        try:
            said = scheduled.work(runtime)
        except HubError as error:
            log.error("%s: %s", runtime.key, error)
            return Failed(message=str(error))
        except SERVER_ERRORS:
            raise
        except Exception as error:
            log.exception("%s: %s stumbled over a defect of the hub", runtime.key, scheduled.title)
            return Failed(message=f"A defect of the hub: {type(error).__name__}: {error}")
        log.info("%s: %s", runtime.key, said)
        return Completed(message=said)

    return work
