"""A provider's rate limit, kept by every process of the hub together.

One row per limit remembers two sorted lists of the last `calls` instants: when callers are booked to send, and when
they were let go. Booking spreads the callers out, each sleeping until its own instant. Letting go keeps the promise: a
call goes only when the call `calls` before it is at least `seconds` old, so no window ever holds more than `calls`.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Executable, bindparam, select, update

from hub.store.database import Store
from hub.store.schema import limits
from hub.store.sql import upsert

_MARGIN = 0.01
"""Windows are this much longer than asked: the way from our clock to the provider's takes no constant time."""
_SLACK = 0.01
"""Bookings are this much further apart still, so that one who wakes late does not delay the one behind."""
_DISTANCE = 0.8
"""Of the even distance between calls; less than all of it, so that a queue makes up for a moment when nobody came."""
_NEAR = 0.1
"""Who comes too early by no more than this part of the window waits the rest out; others book anew."""


class _Log(NamedTuple):
    booked: tuple[float, ...]
    granted: tuple[float, ...]
    held_until: float


class SharedLimiter:
    """At most `calls` calls in any window of `seconds`, whoever makes them (`hub.core.protocol.Limiter`).

    `now` is the wall clock in seconds, since it is the one that processes share.
    """

    def __init__(
        self,
        store: Store,
        business: str,
        connection: str,
        name: str,
        calls: int,
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._row = {"the_business": business, "the_connection": connection, "the_name": name}
        self._calls = calls
        self._window = seconds * (1 + _MARGIN)
        self._booked_window = self._window * (1 + _SLACK)
        self._sleep = sleep
        self._now = now

    def acquire(self) -> None:
        """Wait until one more call may be sent. Nothing is locked while it waits."""
        wait = self._step(booked=False)
        while wait > 0:
            self._sleep(wait)
            wait = self._step(booked=True)

    def hold(self, seconds: float) -> None:
        """The provider said: no call for so long. Every process obeys."""
        with self._store.quick() as conn:
            log = self._read(conn)
            self._save(conn, log._replace(held_until=max(log.held_until, self._now() + seconds)))

    def _step(self, *, booked: bool) -> float:
        """Go (0 seconds), or how long to wait before asking again. `booked`: this caller has had its instant."""
        with self._store.quick() as conn:
            log = self._read(conn)
            now = self._now()
            free_at = max(log.held_until, self._after(log.granted, self._window))
            if booked and now < free_at <= now + _NEAR * self._window:
                return free_at - now
            if not (booked and free_at <= now):
                mine = max(now, free_at, self._after(log.booked, self._booked_window))
                if log.booked and max(mine, log.booked[-1]) > now:
                    # In a queue everybody keeps a distance: in a burst they would make each other late.
                    mine = max(mine, log.booked[-1] + _DISTANCE * self._booked_window / self._calls)
                log = log._replace(booked=self._with(log.booked, mine))
                if mine > now:
                    self._save(conn, log)
                    return mine - now
            self._save(conn, log._replace(granted=self._with(log.granted, now)))
            return 0

    def _after(self, instants: tuple[float, ...], gap: float) -> float:
        return instants[-self._calls] + gap if len(instants) >= self._calls else 0

    def _with(self, instants: tuple[float, ...], one: float) -> tuple[float, ...]:
        return tuple(sorted((*instants, one)))[-self._calls :]

    def _read(self, conn: Connection) -> _Log:
        """The row, locked until the transaction ends."""
        row = conn.execute(_locked(), self._row).one_or_none()
        if row is None:
            empty = {name.removeprefix("the_"): value for name, value in self._row.items()}
            conn.execute(_insert(conn.dialect.name), empty | {"booked": b"", "granted": b"", "held_until": 0})
            row = conn.execute(_locked(), self._row).one()
        return _Log(_unpacked(row.booked), _unpacked(row.granted), row.held_until)

    def _save(self, conn: Connection, log: _Log) -> None:
        values = {"booked": _packed(log.booked), "granted": _packed(log.granted), "held_until": log.held_until}
        conn.execute(_update(), self._row | values)


def _packed(instants: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(instants)}d", *instants)


def _unpacked(packed: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(packed) // 8}d", packed)


def _same() -> tuple[ColumnElement[bool], ...]:
    return tuple(column == bindparam(f"the_{column.name}") for column in limits.primary_key.columns)


@cache
def _locked() -> Executable:
    return select(limits.c.booked, limits.c.granted, limits.c.held_until).where(*_same()).with_for_update()


@cache
def _insert(dialect: str) -> Executable:
    return upsert(dialect, limits)


@cache
def _update() -> Executable:
    fresh: dict[str, Any] = {name: bindparam(name) for name in ("booked", "granted", "held_until")}
    return update(limits).where(*_same()).values(**fresh)
