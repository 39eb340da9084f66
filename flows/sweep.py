"""Runs whose worker is gone: Prefect would show them as running for good.

Our own heartbeats decide who is alive; Prefect keeps, for each run, which worker carries it (`infrastructure_pid`).
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed, Scheduled

from hub.engine.schedule import LEASE_SECONDS
from hub.store import workers
from hub.store.database import Store

log = logging.getLogger("hub.prefect")

UNFINISHED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]

NAMELESS_SECONDS = 60.0
"""A run says who carries it in its first second; one that never did has lost its worker before."""


def sweep(client: SyncPrefectClient, store: Store, businesses: Iterable[str], flow_names: Sequence[str]) -> None:
    """Close the runs of these businesses that no living worker carries.

    One that had begun is marked as Crashed, with the reason. One that had not is scheduled anew.
    """
    now = datetime.now(UTC)
    with store.read() as conn:
        alive = {
            owner
            for owner, _, at, _ in workers.beats(conn)
            if (now - at).total_seconds() <= LEASE_SECONDS and not ended_here(owner)
        }
    for business in businesses:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(flow_names))),
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=[business]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED)),
            ),
            limit=100,
        )
        for run in runs:
            if _is_gone(run, alive, now):
                _close(client, run, business)


def _close(client: SyncPrefectClient, run: FlowRun, business: str) -> None:
    if run.state is not None and run.state.is_pending() and run.deployment_id is not None:
        client.set_flow_run_state(
            run.id, Scheduled(message="The worker that took it ended before it began."), force=True
        )
        return
    carrier = f" ({run.infrastructure_pid})" if run.infrastructure_pid else ""
    reason = f"The worker process that carried this run{carrier} ended without closing it. Its work was taken over."
    client.set_flow_run_state(run.id, Crashed(message=reason), force=True)
    log.warning("%s: the run « %s » crashed with its worker; its work was taken over", business, run.name)


def ended_here(owner: str) -> bool:
    """Whether that worker was a process of this machine that is gone. `owner`: machine/process/start."""
    machine, pid, _ = owner.rsplit("/", 2) if owner.count("/") >= 2 else ("", "0", "")
    if machine != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _is_gone(run: FlowRun, alive: set[str], now: datetime) -> bool:
    if run.infrastructure_pid:
        return run.infrastructure_pid not in alive
    begun = run.start_time or (run.state.timestamp if run.state is not None else now)
    return now - begun > timedelta(seconds=NAMELESS_SECONDS)
