"""Opening the connections of a business: which keys, and what is followed by which ids."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel

from hub.core.errors import ConfigError, TransientError
from hub.core.protocol import Connector, ConnectorSpec, Context
from hub.core.types import Delivered
from hub.engine import names
from hub.mapping import lock
from hub.mapping.jobs import is_answered
from hub.mapping.loader import Configured
from hub.mapping.model import ALL
from hub.store import deliveries
from hub.store.database import Store
from hub.store.limits import SharedLimiter

log = logging.getLogger("hub.opening")


class Opening:
    """Opens the connections of one business, and knows what each of those follows."""

    def __init__(
        self,
        store: Store,
        item: Configured,
        specs: Mapping[str, ConnectorSpec[Any]],
        built: Callable[[str], BaseModel],
        now: Callable[[], datetime],
    ) -> None:
        """`built(connection)` reads the connection's settings; ConfigError when a key is missing."""
        self._store = store
        self._item = item
        self._now = now
        self._specs = specs
        self._built = built
        self._ids: dict[str, tuple[str, ...] | None] = {}
        self._named: dict[str, dict[str, str]] = {}

    def followed(self, connection: str) -> tuple[str, ...] | None:
        """The ids that the connection follows, since it was opened; None: everything."""
        return self._ids.get(connection)

    def thing(self, connection: str, name: str) -> str:
        """The id of what a job names, since the connection was opened."""
        return self._named.get(connection, {}).get(name, name)

    @contextmanager
    def __call__(self, connection: str) -> Iterator[Connector]:
        """The live connector. ConfigError when a key is missing, or a name that is followed leads nowhere."""
        if connection not in self._specs:
            known = ", ".join(self._specs) or "none"
            raise ConfigError(f"{self._item.business.key}: {connection} has no connector; connections that do: {known}")
        spec, built = self._specs[connection], self._built(connection)
        ids = self._ids[connection] = self._resolved(connection, spec, built)
        with spec.connect(built, self._context(connection, ids)) as live:
            yield live

    def _context(self, connection: str, follow: tuple[str, ...] | None) -> Context:
        return context(self._store, self._item.business.key, connection, follow, self._now)

    def _resolved(self, connection: str, spec: ConnectorSpec[Any], built: BaseModel) -> tuple[str, ...] | None:
        said = self._item.business.connections[connection].follow
        jobs = tuple(name for job in self._item.jobs for where, name in job.follows if where == connection)
        if spec.follows is None or (said == (ALL,) and not jobs):
            return None
        if said is None and not jobs:
            # Where a job reads it and nothing is named, all of it is meant; else it is only written to.
            read = any(connection in job.reads for job in self._item.jobs)
            return None if read or ("mails" in spec.can and any(map(is_answered, self._item.jobs))) else ()
        wanted = tuple(dict.fromkeys((*(said or ()), *jobs))) if said != (ALL,) else jobs
        ids = self._looked_up(connection, spec, spec.follows, built, wanted)
        return None if said == (ALL,) else ids

    def _looked_up(
        self, connection: str, spec: ConnectorSpec[Any], kind: str, built: BaseModel, wanted: tuple[str, ...]
    ) -> tuple[str, ...]:
        if names.plain_ids(wanted):
            return wanted
        locked = lock.read(self._item.folder)
        mine = locked.get(connection, {}).get(kind, {})
        try:
            with spec.connect(built, self._context(connection, ())) as live:
                things = live.directory.look().things if live.directory is not None else ()
        except TransientError:
            if any(name not in mine and not names.plain_ids([name]) for name in wanted):
                raise
            self._named[connection] = {name: mine.get(name, name) for name in wanted}  # known from before
            return tuple(dict.fromkeys(self._named[connection].values()))
        found = names.resolve(wanted, kind, things, mine)
        where = f"{self._item.business.key}: {connection}"
        for notice in found.notices:
            log.warning("%s: %s", where, notice)
        if found.locked != mine:
            self._lock(locked, connection, kind, found.locked)
        if found.errors:
            raise ConfigError(f"{connection} cannot be followed. {' '.join(found.errors)}")
        self._named[connection] = {
            name: ids[0] for name in wanted if (ids := names.resolve([name], kind, things, found.locked).ids)
        }
        return found.ids

    def _lock(
        self, locked: dict[str, dict[str, dict[str, str]]], connection: str, kind: str, found: Mapping[str, str]
    ) -> None:
        locked.setdefault(connection, {})[kind] = dict(found)
        if not lock.write(self._item.folder, locked):
            log.warning(
                "%s: %s cannot be written, so a project that is renamed at its provider will not be found again",
                self._item.business.key,
                self._item.folder / lock.LOCK_FILE,
            )


def context(
    store: Store, business: str, connection: str, follow: tuple[str, ...] | None, now: Callable[[], datetime]
) -> Context:
    """What the connector of one connection may use of the hub."""
    return Context(
        limiter=partial(SharedLimiter, store, business, connection),
        now=now,
        follow=follow,
        delivered=partial(_delivered, store, business, connection),
    )


def _delivered(store: Store, business: str, connection: str, event_id: str) -> Delivered | None:
    with store.read() as conn:
        found = deliveries.by_event(conn, business, connection, event_id)
    return None if found is None else Delivered(headers=found.headers, body=found.body, received_at=found.received_at)
