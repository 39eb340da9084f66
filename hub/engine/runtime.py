"""One business, live: its configuration, its connectors (opened when first needed) and its copy of the mirror.

Nothing here is shared between businesses (R9): each has its own connectors, threads and cache.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from hub.core.errors import ConfigError, HubError, TransientError
from hub.core.protocol import Connector, ConnectorSpec, Destination, Messenger, Source
from hub.core.types import Collection, Property, Ref
from hub.engine.balances import Balances
from hub.engine.counting import Counting
from hub.engine.mirror_cache import MirrorCache
from hub.engine.receivers import Configured
from hub.mapping.jobs import Job, is_answered
from hub.mapping.model import Business
from hub.mapping.texts import TextFile
from hub.planning.alerts.task_figure import TaskFigure
from hub.planning.figure import Figure
from hub.planning.plan import View
from hub.store.database import Store

Open = Callable[[str], AbstractContextManager[Connector]]
Followed = Callable[[str], tuple[str, ...] | None]

T = TypeVar("T")

COLUMNS_SECONDS = 300.0
"""A column that people add is seen after at most so long."""

FAILURE_SECONDS = 5.0
"""A connection that could not be opened is not tried again within this time: opening it may cost calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """How the providers reach this hub.

    `url`: connection -> the address that its provider calls, None while the hub has no public address. `key` opens the
    stored secrets. `given`: connection -> the webhook secrets that a person or the connector's settings know.
    """

    url: Callable[[str], str | None]
    key: Callable[[], bytes]
    given: Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where people reach this hub. `url`: its public address; `key`: what signs the links in mails."""

    url: str
    key: Callable[[], bytes]


def _as_named(_connection: str, name: str) -> str:
    return name


def _everything(_connection: str) -> tuple[str, ...] | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Every business of this hub, for the one mail that speaks of several: as the status knows it, and as it runs.

    `faults`: what is wrong with files of no business that runs.
    """

    businesses: Mapping[str, tuple[Configured, Runtime]]
    faults: tuple[str, ...] = ()


def _alone() -> Whole:
    return Whole(businesses={})


class Runtime:
    """`open_connector(connection)` reads the keys and opens the sockets; ConfigError when a key is missing.

    `followed(connection)`: the ids that an open connection follows, None for everything. `ears`: None where nobody can
    call this hub. `texts`: those that the jobs name. `web`: None while the hub has no public address.
    `whole()`: what else runs in this hub, as it is now.
    """

    def __init__(
        self,
        store: Store,
        business: Business,
        jobs: tuple[Job, ...],
        specs: Mapping[str, ConnectorSpec[Any]],
        open_connector: Open,
        now: Callable[[], datetime],
        *,
        followed: Followed = _everything,
        thing: Callable[[str, str], str] = _as_named,
        ears: Ears | None = None,
        texts: Mapping[str, TextFile] | None = None,
        web: Web | None = None,
        whole: Callable[[], Whole] = _alone,
        folder: Path | None = None,
    ) -> None:
        self.store = store
        self.business = business
        self.key = business.key
        self.jobs = {job.name: job for job in jobs}
        self.specs = specs
        self.now = now
        self.ears = ears
        self.whole = whole
        self.texts: Mapping[str, TextFile] = texts or {}
        self.web = web
        self.folder = folder
        """Where the business's files lie; None where it has none."""
        self._open = open_connector
        self._followed = followed
        self._thing = thing
        self._tables: dict[tuple[str, str], tuple[float, Any]] = {}
        self.scheduled = threading.Lock()
        """Held while scheduled work uses this runtime."""
        self._lock = threading.Lock()
        self._doors: dict[str, threading.Lock] = {}
        self._failed: dict[str, tuple[HubError, float]] = {}
        self._live: dict[str, Connector] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._stack = ExitStack()
        self._mirror = MirrorCache(self.key)
        self.kept_figures: dict[str, frozenset[Figure | TaskFigure]] = {}
        """Job -> the figures as they were last stored by this process, so that only changed ones are stored again."""
        self.counting: dict[str, Counting] = {}
        """Job of figures of money -> what this process knows of how they were counted."""
        self.balances = Balances()

    def connector(self, connection: str) -> Connector:
        """The live connector, opened when it is first asked for. What opening raises is raised for some seconds."""
        with self._lock:
            door = self._doors.setdefault(connection, threading.Lock())
        with door:
            live = self._live.get(connection)
            if live is not None:
                return live
            error, until = self._failed.get(connection, (None, 0.0))
            if error is not None and time.monotonic() < until:
                raise _once_more(error)
            opening = self._open(connection)
            try:
                live = opening.__enter__()
            except HubError as failure:
                self._failed[connection] = (failure, time.monotonic() + FAILURE_SECONDS)
                raise
            with self._lock:
                self._stack.push(opening)
                self._live[connection] = live
            return live

    def is_open(self, connection: str) -> bool:
        return connection in self._live

    def followed(self, connection: str) -> tuple[str, ...] | None:
        """The ids of what is read and listened to; None: everything that the key can see."""
        self.connector(connection)
        return self._followed(connection)

    def thing(self, connection: str, name: str) -> str:
        """The id of the project, board or database that a job names."""
        self.connector(connection)
        return self._thing(connection, name)

    def columns(self, connection: str, collection: Collection, ref: Ref) -> Sequence[Property]:
        """The columns of a table that can be written, as they were at most some minutes ago."""
        return self._asked(connection, f"columns {ref}", lambda: self.destination(connection).columns(collection, ref))

    def problems(self, connection: str, collection: Collection, ref: Ref) -> Sequence[str]:
        """What a table lacks for us, a line each, as it was at most some minutes ago."""
        return self._asked(connection, f"lacks {ref}", lambda: self.destination(connection).problems(collection, ref))

    def forget_columns(self, connection: str) -> None:
        """Ask for columns anew the next time."""
        with self._lock:
            self._tables = {key: kept for key, kept in self._tables.items() if key[0] != connection}

    def _asked(self, connection: str, what: str, ask: Callable[[], T]) -> T:
        with self._lock:
            until, kept = self._tables.get((connection, what), (0.0, None))
        if time.monotonic() < until:
            return cast("T", kept)
        answer = ask()
        with self._lock:
            self._tables[connection, what] = time.monotonic() + COLUMNS_SECONDS, answer
        return answer

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

    def messenger(self, connection: str) -> Messenger:
        messenger = self.connector(connection).messenger
        if messenger is None:
            raise ConfigError(f"{self.key}: {connection} sends no mails; a connection with the connector email does")
        return messenger

    @property
    def mail(self) -> str | None:
        """The connection that this business's mails go through; None where it has none."""
        return next((name for name, spec in self.specs.items() if "mails" in spec.can), None)

    @property
    def hears_answers(self) -> bool:
        """Whether a reply to a mail reaches the hub: a mailbox is read, or the mail service posts what it receives."""
        if self.mail is None or self.ears is None:
            return False
        try:
            return self.connector(self.mail).bell is not None or bool(self.ears.given(self.mail))
        except HubError:
            return False

    def pool(self, connection: str) -> ThreadPoolExecutor:
        """Threads for calls to this connection, as many as its provider lets one key have in flight."""
        with self._lock:
            if connection not in self._pools:
                self._pools[connection] = ThreadPoolExecutor(
                    self.specs[connection].concurrency, thread_name_prefix=f"{self.key}-{connection}"
                )
            return self._pools[connection]

    def needed(self) -> list[str]:
        """The connections that some job reads, in the order of the jobs."""
        return list(dict.fromkeys(name for job in self.jobs.values() for name in job.reads))

    def sources(self) -> list[str]:
        """The connections that are read and listened to: those that some job reads, where answers to mails come, and
        those that are followed."""
        mail = () if self.mail is None or not any(map(is_answered, self.jobs.values())) else (self.mail,)
        followed = (name for name, config in self.business.connections.items() if config.follow and name in self.specs)
        return list(dict.fromkeys((*self.needed(), *mail, *followed)))

    def title(self, connection: str) -> str:
        """The provider's name, for messages."""
        return self.specs[connection].title

    def readers(self, connection: str) -> list[str]:
        """The jobs that read a connection, or hear answers to their mails there."""
        mail = connection == self.mail
        return [name for name, job in self.jobs.items() if connection in job.reads or (mail and is_answered(job))]

    def view(self, conn: Connection) -> View:
        """The mirror as it is in this transaction."""
        return self._mirror.view(conn)

    def retire(self) -> None:
        """Close it once scheduled work is done with it."""
        with self.scheduled:
            self.close()

    def close(self) -> None:
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():  # without the lock: what is in flight may need it to end
            pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._live.clear()
            self._stack.close()


def _once_more(error: HubError) -> HubError:
    """The same error for another thread: one exception raised in several would mix up their tracebacks."""
    if isinstance(error, TransientError):
        return TransientError(str(error), retry_after=error.retry_after)
    return ConfigError(str(error))
