"""One business, live: its configuration, its connectors (opened when first needed) and its copy of the mirror.

Nothing here is shared between businesses (R9): each has its own connectors, threads and cache.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec, Destination, Source
from hub.core.types import Record
from hub.mapping.model import Business, Job
from hub.planning.figure import Figure
from hub.planning.plan import View
from hub.store import mirror
from hub.store.database import Store

Open = Callable[[str], AbstractContextManager[Connector]]


class Runtime:
    """`open_connector(connection)` reads the keys and opens the sockets; ConfigError when a key is missing."""

    def __init__(
        self,
        store: Store,
        business: Business,
        jobs: tuple[Job, ...],
        specs: Mapping[str, ConnectorSpec[Any]],
        open_connector: Open,
        now: Callable[[], datetime],
    ) -> None:
        self.store = store
        self.business = business
        self.key = business.key
        self.jobs = {job.name: job for job in jobs}
        self.specs = specs
        self.now = now
        self._open = open_connector
        self._lock = threading.Lock()
        self._live: dict[str, Connector] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._stack = ExitStack()
        self._mirror = MirrorCache(self.key)
        self.kept_figures: dict[str, frozenset[Figure]] = {}
        """Job -> the figures as they were last stored by this process, so that only changed ones are stored again."""

    def connector(self, connection: str) -> Connector:
        with self._lock:
            if connection not in self._live:
                self._live[connection] = self._stack.enter_context(self._open(connection))
            return self._live[connection]

    def source(self, connection: str) -> Source:
        source = self.connector(connection).source
        if source is None:
            raise ConfigError(f"{self.key}: {connection} cannot be read from; `from:` needs a connection that can")
        return source

    def destination(self, connection: str) -> Destination:
        destination = self.connector(connection).destination
        if destination is None:
            raise ConfigError(f"{self.key}: {connection} cannot be written to; `show_in` needs a connection that can")
        return destination

    def pool(self, connection: str) -> ThreadPoolExecutor:
        """Threads for calls to this connection, as many as its provider lets one key have in flight."""
        with self._lock:
            if connection not in self._pools:
                self._pools[connection] = ThreadPoolExecutor(
                    self.specs[connection].concurrency, thread_name_prefix=f"{self.key}-{connection}"
                )
            return self._pools[connection]

    def sources(self) -> list[str]:
        """The connections that some job reads, in the order of the jobs."""
        return list(dict.fromkeys(read.connection for job in self.jobs.values() for read in job.read))

    def readers(self, connection: str) -> list[str]:
        """The jobs that read a connection."""
        return [name for name, job in self.jobs.items() if any(read.connection == connection for read in job.read)]

    def view(self, conn: Connection) -> View:
        """The mirror as it is in this transaction."""
        return self._mirror.view(conn)

    def close(self) -> None:
        with self._lock:
            for pool in self._pools.values():
                pool.shutdown(wait=True, cancel_futures=True)
            self._pools.clear()
            self._live.clear()
            self._stack.close()


class MirrorCache:
    """The living records of one business in memory; each look reads only what changed since the last one."""

    def __init__(self, business: str) -> None:
        self._business = business
        self._lock = threading.Lock()
        self._streams: dict[tuple[str, str], dict[str, Record]] = {}
        self._seq = -1

    def view(self, conn: Connection) -> View:
        with self._lock:
            if self._seq < 0:
                records, self._seq = mirror.load(conn, self._business)
            else:
                records, self._seq = mirror.since(conn, self._business, self._seq)
            for connection, record in records:
                stream = self._streams.setdefault((connection, record.stream), {})
                if record.deleted:
                    stream.pop(record.key, None)
                else:
                    stream[record.key] = record
            return View({name: tuple(stream.values()) for name, stream in self._streams.items()})
