"""What runs when: scheduled work of each business, in its own words and its own zone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hub.core.errors import ConfigError, HubError
from hub.engine import backfill, listening, post, retention, rounds, wake
from hub.engine.runtime import Runtime
from hub.store import connections, jobs

log = logging.getLogger("hub.scheduled")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One row of the table of what runs when. `cron` None: only by hand. `zone` None: the business's own."""

    name: str
    title: str
    cron: str | None
    says: str
    work: Callable[[Runtime], str]
    zone: str | None = None


def look_hourly(runtime: Runtime) -> str:
    """What webhooks lost, and what time alone changes (a month that ended, an invoice that fell due)."""
    healed = listening.heal(runtime)
    post.look(runtime)
    rung = _each(runtime, catch_up)
    with runtime.store.write() as conn:
        jobs.dirty(conn, runtime.key, runtime.jobs, runtime.now())
    return "; ".join([*healed, f"{rung} records may have changed; every job plans again"])


def reconcile(runtime: Runtime) -> str:
    """Read every source whole, look at every target, heal what differs, and drop what is older than it is kept."""
    changed = _each(runtime, lambda runtime, connection: backfill.backfill(runtime, connection, again=True))
    with runtime.store.write() as conn:
        jobs.look_again(conn, runtime.key, runtime.jobs, runtime.now())
    old = retention.forget_old(runtime)
    return f"{changed} records differed and were put right; every target is looked at; {old}"


def read_history(runtime: Runtime) -> str:
    """The first read of everything; goes on where an interrupted one stopped."""
    post.look(runtime)
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

MAILS = "mails"
"""The flow of the deployments that let mails go out."""

JOURNEYS = "journeys"
"""The flow of the deployment that finds the steps of client journeys whose time has come."""


def table(runtime: Runtime) -> tuple[Scheduled, ...]:
    """Everything that is scheduled for one business: the common rows, its clients' journeys, when its mails go out."""
    mails = tuple(
        Scheduled(
            name=MAILS,
            title=f"{MAILS} {at:%H:%M}{'' if zone == runtime.business.timezone else f' {zone}'}",
            cron=f"{at.minute} {at.hour} * * *",
            says=f"Lets the mails go out that are due by now: {', '.join(names)}. The live run shows what was sent.",
            work=rounds.open_round,
            zone=zone,
        )
        for (at, zone), names in rounds.slots(runtime).items()
    )
    names = wake.sleepers(runtime)
    says = (
        f"Finds the steps whose time has come, of {', '.join(names)}; the live run shows each that is done. "
        "While this is paused no journey goes on, whatever happens; started again, they go on where they were."
    )
    journeys = (Scheduled(JOURNEYS, JOURNEYS, "*/15 * * * *", says, wake.wake),) if names else ()
    return (*TABLE, *journeys, *mails)
