"""The way in: a delivery is on the disk before anybody is told that we have it (R1).

One commit to the disk costs as much for a hundred deliveries as for one. So, while one batch is being committed by a
single background thread, the next one gathers; each batch is one transaction, and wakes all its waiters at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from hub.core.errors import ConfigError, HubError, TransientError
from hub.store import connections, dead, deliveries
from hub.store.changes import Change
from hub.store.database import Store
from hub.store.deliveries import Delivery

logger = logging.getLogger(__name__)

QUIET_TURNS = 4
"""A request that has reached the socket needs two or three turns of the loop to reach us."""

UNREADABLE_STREAM = "delivery"
"""The stream under which an unreadable delivery is shown among the dead letters; its key is the delivery's id."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    delivery: Delivery
    unreadable: str | None


@dataclass(frozen=True, slots=True)
class _Refusal:
    business: str
    connection: str
    why: str
    at: datetime


_Item: TypeAlias = _Arrival | _Refusal
_Waiter: TypeAlias = "asyncio.Future[HubError | None]"


class Inbox:
    """Group commit of deliveries. Made, used and closed inside one event loop."""

    def __init__(self, store: Store, max_batch: int = 256) -> None:
        self._store = store
        self._max_batch = max_batch
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")
        self._gathering: deque[tuple[_Item, _Waiter]] = deque()
        self._busy = False
        self._closed = False
        self._drained = asyncio.Event()
        self._drained.set()

    async def put(self, delivery: Delivery, unreadable: str | None = None) -> None:
        """Return once the delivery is committed durably; raise TransientError or ConfigError when it is not.

        `unreadable` says why a correctly signed body could not be read: it is then also shown among the dead letters.
        """
        await self._enter(_Arrival(delivery, unreadable))

    async def refuse(self, business: str, connection: str, why: str, at: datetime) -> None:
        """Count a refused delivery, so that the status can show it. The errors of `put`."""
        await self._enter(_Refusal(business, connection, why, at))

    async def close(self) -> None:
        """Take nothing more, commit what has gathered, end the thread."""
        self._closed = True
        await self._drained.wait()
        self._thread.shutdown()

    async def _enter(self, item: _Item) -> None:
        if self._closed:
            raise TransientError("The hub is stopping and takes no more deliveries; send it again.", retry_after=10)
        loop = asyncio.get_running_loop()
        waiter: _Waiter = loop.create_future()
        self._gathering.append((item, waiter))
        if not self._busy:
            self._busy = True
            self._drained.clear()
            loop.call_soon(self._gather, loop, 0, 0)
        error = await waiter
        if error is not None:
            raise _own(error)

    def _gather(self, loop: asyncio.AbstractEventLoop, seen: int, quiet: int) -> None:
        """Start a batch once a few turns of the loop brought nothing new, or it is full.

        Requests that are already at the door then share one commit; and the thread finds the loop idle, instead of
        fighting with it over the interpreter. A lone delivery waits for some hundredths of a millisecond.
        """
        size = len(self._gathering)
        quiet = quiet + 1 if size == seen else 0
        if quiet >= QUIET_TURNS or size >= self._max_batch:
            self._start_batch(loop)
        else:
            loop.call_soon(self._gather, loop, size, quiet)

    def _start_batch(self, loop: asyncio.AbstractEventLoop) -> None:
        size = min(len(self._gathering), self._max_batch)
        batch = [self._gathering.popleft() for _ in range(size)]
        self._thread.submit(self._commit, loop, batch)

    def _commit(self, loop: asyncio.AbstractEventLoop, batch: Sequence[tuple[_Item, _Waiter]]) -> None:
        """In the background thread."""
        errors = self._write([item for item, _ in batch])
        loop.call_soon_threadsafe(self._finish_batch, loop, batch, errors)

    def _finish_batch(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: Sequence[tuple[_Item, _Waiter]],
        errors: Sequence[HubError | None],
    ) -> None:
        for (_, waiter), error in zip(batch, errors, strict=True):
            if not waiter.done():  # the request may have been cancelled meanwhile
                waiter.set_result(error)
        if self._gathering:
            self._gather(loop, 0, 0)
        else:
            self._busy = False
            self._drained.set()

    def _write(self, items: Sequence[_Item]) -> list[HubError | None]:
        """What became of each item: None when it is on the disk."""
        try:
            self._transaction(items)
        except (TransientError, ConfigError) as error:  # the database's trouble, everybody's trouble
            return [error] * len(items)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not take the others' deliveries with it
            if len(items) > 1:
                return [outcome for item in items for outcome in self._write([item])]
            # The name only: a driver's text may quote what it was given.
            logger.error("A delivery could not be stored: %s", type(error).__name__)
            return [TransientError(f"The hub could not store this delivery ({type(error).__name__}).")]
        return [None] * len(items)

    def _transaction(self, items: Sequence[_Item]) -> None:
        arrivals = [item for item in items if isinstance(item, _Arrival)]
        with self._store.write() as conn:
            if arrivals:
                deliveries.store_deliveries(conn, [arrival.delivery for arrival in arrivals])
            for item in items:
                if isinstance(item, _Refusal):
                    connections.refused(conn, item.business, item.connection, item.why, item.at)
                elif item.unreadable is not None:
                    dead.bury(conn, _letter(item.delivery), item.unreadable, item.delivery.received_at)


def _letter(delivery: Delivery) -> Change:
    return Change(
        business=delivery.business,
        connection=delivery.connection,
        stream=UNREADABLE_STREAM,
        key=delivery.event_id,
        seq=0,
        attempts=0,
        first_at=delivery.received_at,
        due_at=delivery.received_at,
    )


def _own(error: HubError) -> HubError:
    """The same error for one waiter alone: an exception raised in several tasks would mix up their tracebacks."""
    if isinstance(error, TransientError):
        return TransientError(str(error), retry_after=error.retry_after)
    return ConfigError(str(error))
