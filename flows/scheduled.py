"""Scheduled work: deployments that the OBM sees, pauses and starts in the Prefect UI, run inside the worker.

The worker asks Prefect for due runs every few seconds and runs them in its own process: a run starts within seconds
and costs no fresh interpreter.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from prefect import Flow, State, flow, tags
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
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
from flows.table import JOURNEYS, MAILS, TABLE, Scheduled, table
from hub.core.errors import HubError
from hub.engine import rounds, wake
from hub.engine.runtime import Runtime
from hub.engine.worker import Worker

log = logging.getLogger("hub.scheduled")

LOOK_SECONDS = 3.0
PATIENCE_SECONDS = 900.0
"""So long may Prefect be away before mails go out without its schedule."""

SWEEP_EVERY = 4
"""Looks between two sweeps."""

_FLOWS = (*(each.name for each in TABLE), JOURNEYS, MAILS)


class Scheduler:
    """Registers the deployments and runs what is due, each business on its own thread (R9)."""

    def __init__(self, worker: Worker, reach: Reach) -> None:
        self._worker = worker
        self._runtimes: Mapping[str, Runtime] = {}
        self._reach = reach
        self._flows: dict[UUID, tuple[Flow[..., Any], Runtime]] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._off: set[str] = set()
        """Businesses whose mails a person has paused, when Prefect was last asked."""
        self._looks = 0

    def run(self) -> None:
        """Until the worker stops. While Prefect is away its schedule waits; mails wait for some minutes only."""
        answered = opened = time.monotonic()
        while not self._worker.stopping.is_set():
            if not self._reach.up:
                if time.monotonic() - max(answered, opened) > PATIENCE_SECONDS:
                    self._open_unseen()
                    opened = time.monotonic()
            else:
                answered = time.monotonic()
                try:
                    self._look()
                except SERVER_ERRORS as error:
                    self._reach.miss(error)
                except Exception:
                    log.exception("the schedule could not be looked at; trying again")
            self._worker.stopping.wait(LOOK_SECONDS)
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _open_unseen(self) -> None:
        """Silence is a fault: what the schedule would have opened goes out although Prefect does not answer.

        Not where a person had paused it.
        """
        for runtime in self._worker.runtimes.values():
            if runtime.key not in self._off and rounds.slots(runtime):
                log.warning("%s: Prefect does not answer; %s", runtime.key, rounds.open_round(runtime))
            if wake.sleepers(runtime):
                log.info("%s: %s", runtime.key, wake.wake(runtime))

    def _look(self) -> None:
        # A client of its own each time: one that has met the server retries for long when it is gone.
        with get_client(httpx_settings={"timeout": 15.0}, sync_client=True) as client:
            self._follow(client)
            self._take_due(client)
            if self._looks % SWEEP_EVERY == 0:
                self._name_upcoming(client)
                self._obey({key: _registered(client, key).values() for key in self._runtimes})
                sweep(client, self._worker.store, self._runtimes, [*_FLOWS, "live"])
            self._looks += 1

    def _obey(self, there: Mapping[str, Collection[DeploymentResponse]]) -> None:
        """Note what people have paused, and pause or resume the journeys as they said."""
        self._off = {key for key, each in there.items() if _mails_are_off(key, each)}
        for key, each in there.items():
            off = _are_off(each, f"{key} · {JOURNEYS}")
            if wake.obey(self._runtimes[key], off=off):
                log.info("%s: the journeys %s, as somebody said in Prefect", key, "are paused" if off else "go on")

    def _follow(self, client: SyncPrefectClient) -> None:
        """Have the deployments of the businesses that there are now, as they are now."""
        current = self._worker.runtimes
        if current == self._runtimes:
            return
        before, (self._flows, stale) = self._flows, self._register(client, current)
        for gone in (before.keys() | stale) - self._flows.keys():
            with suppress(ObjectNotFound):
                client.delete_deployment(gone)
        for key in current.keys() - self._pools.keys():
            self._pools[key] = ThreadPoolExecutor(1, thread_name_prefix=f"{key}-scheduled")
        self._runtimes = current

    def _register(
        self, client: SyncPrefectClient, current: Mapping[str, Runtime]
    ) -> tuple[dict[UUID, tuple[Flow[..., Any], Runtime]], set[UUID]]:
        """The deployments as they are to be, and every one that was there before, also from an earlier start."""
        flows, before = {}, set()
        for runtime in current.values():
            there = _registered(client, runtime.key)
            before |= {each.id for each in there.values()}
            for scheduled in table(runtime):
                ready = as_flow(runtime, scheduled, self._worker.owner)
                flows[deploy(ready, runtime, scheduled, there)] = (ready, runtime)
        return flows, before

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


def deploy(
    ready: Flow[..., Any], runtime: Runtime, scheduled: Scheduled, there: Mapping[str, DeploymentResponse]
) -> UUID:
    """Register one row of the table for one business. What a person has paused in the UI stays paused.

    `there`: what was registered before. Where all mails were paused, those of another hour begin paused too.
    """
    name = run_name(runtime, scheduled)
    old = there.get(name)
    was_active = all(each.active for each in old.schedules) if old is not None else True
    zone = scheduled.zone or runtime.business.timezone
    schedule = Cron(scheduled.cron, timezone=zone, active=was_active) if scheduled.cron else None
    if old is not None and _crons(old) == ([(schedule.cron, schedule.timezone)] if schedule else []):
        return old.id
    if old is not None:
        paused = old.paused
    else:
        paused = scheduled.name == MAILS and _mails_are_off(runtime.key, there.values())
    made = ready.to_deployment(
        name=name,
        description=scheduled.says,
        tags=[runtime.key, "scheduled"],
        schedule=schedule,
        paused=paused,
    )
    return cast("UUID", cast("RunnerDeployment", made).apply())


def _registered(client: SyncPrefectClient, business: str) -> dict[str, DeploymentResponse]:
    """Our deployments of a business, by name."""
    found = client.read_deployments(
        flow_filter=FlowFilter(name=FlowFilterName(any_=list(_FLOWS))),
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[business, "scheduled"])),
        limit=200,
    )
    return {each.name: each for each in found}


def _mails_are_off(business: str, there: Collection[DeploymentResponse]) -> bool:
    """Whether a person has paused every deployment that lets mails of that business go out."""
    return _are_off(there, f"{business} · {MAILS} ")


def _are_off(there: Collection[DeploymentResponse], begins: str) -> bool:
    """Whether there are deployments whose names begin so, and none of them runs by itself."""
    mine = [each for each in there if each.name.startswith(begins)]
    return bool(mine) and all(each.paused or not any(one.active for one in each.schedules) for each in mine)


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
