"""The only place that builds real objects: settings and mappings in, a store, runtimes and receivers out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

from pydantic import BaseModel

from connectors import registry
from hub.core.errors import ConfigError
from hub.core.protocol import Connector, ConnectorSpec
from hub.door import Door
from hub.engine import pending
from hub.engine.opening import Opening, context
from hub.engine.planners import running
from hub.engine.receivers import Configured as Shown
from hub.engine.receivers import HubView, Receiver
from hub.engine.reload import Renewed, Replaced
from hub.engine.runtime import Ears, Runtime, Web, Whole
from hub.mapping.deadline_job import Sending
from hub.mapping.differences import differences
from hub.mapping.jobs import Job
from hub.mapping.last_good import Standing, stand
from hub.mapping.loader import Configured, Loaded, load
from hub.mapping.model import Business
from hub.planning.alerts.readers import reader_of
from hub.planning.alerts.types import Reader
from hub.settings import HubSettings, connection_settings, fernet_key
from hub.store import connections, jobs
from hub.store.database import Store, open_store

WEBHOOK_SECRET = pending.HANDED


def utc_now() -> datetime:
    return datetime.now(UTC)


class Hub:
    """Everything that a process of the hub works with. `renew` brings it up to date with the mappings."""

    def __init__(self, settings: HubSettings, store: Store, standing: Standing, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.loaded = Loaded((), ())
        self.kept: frozenset[Path] = frozenset()
        """The files in whose place the last good copy runs."""
        self.runtimes: dict[str, Runtime] = {}
        self.view = HubView()
        """What the web part and the status may know of the hub; one object, whose fields are replaced."""
        self._now = now
        self._made: WeakSet[Runtime] = WeakSet()
        self._take(standing)

    @property
    def receivers(self) -> Mapping[tuple[str, str], Receiver]:
        return self.view.receivers

    def renew(self) -> Renewed:
        """Read the mappings again. A business that they describe otherwise gets a new runtime and new receivers.

        The old runtimes are the caller's to close, once nothing uses them any more.
        """
        return self._take(standing(self.settings))

    def close(self) -> None:
        """Close every runtime, also those that were replaced."""
        for runtime in list(self._made):
            runtime.close()

    def _take(self, standing: Standing) -> Renewed:
        before = {item.business.key: item for item in self.loaded.businesses}
        after = {item.business.key: item for item in standing.loaded.businesses}
        work, was = _running(standing.loaded), _running(self.loaded)
        new = {
            key: _runtime(self.settings, self.store, item, work[key], self._now, self._whole)
            for key, item in after.items()
            if before.get(key) != item or was[key] != work[key]
        }
        self._made.update(new.values())
        _introduce(self.store, standing.loaded, work, self._now())
        receivers = {
            (key, name): receiver
            for key, item in after.items()
            for name in specs(item)
            if (receiver := self._receiver(item, name, kept=key not in new)) is not None
        }
        replaced = [
            Replaced(key, self.runtimes.get(key), new.get(key))
            for key in sorted(before.keys() | after.keys())
            if key in new or key not in after
        ]
        changes = [line for one in replaced for line in differences(before.get(one.key), after.get(one.key))]
        self.runtimes = {key: new.get(key) or self.runtimes[key] for key in after}
        self.loaded, self.kept = standing.loaded, standing.kept
        self.view.businesses, self.view.faults = _shown(standing, work)
        self.view.receivers = receivers
        return Renewed(replaced, changes, tuple(standing.faults.values()))

    def _whole(self) -> Whole:
        """As it is at this instant; while the files are read again, in another thread, some may be missing."""
        runtimes = self.runtimes
        shown = {one.business: one for one in self.view.businesses}
        both = {key: (one, runtimes[key]) for key, one in shown.items() if key in runtimes}
        return Whole(businesses=both, faults=self.view.faults)

    def _receiver(self, item: Configured, name: str, *, kept: bool) -> Receiver | None:
        if kept and (item.business.key, name) in self.view.receivers:
            return self.view.receivers[item.business.key, name]
        return _door(self.settings, self.store, item, self._now, name).receiver()


def _running(loaded: Loaded) -> dict[str, tuple[Job, ...]]:
    """Business -> its jobs that run."""
    together = [item.business for item in loaded.businesses]
    return {item.business.key: running(item.business, item.jobs, together) for item in loaded.businesses}


def _shown(standing: Standing, work: Mapping[str, tuple[Job, ...]]) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
    """What the status may know of each business, and what is wrong with files of none of them."""
    left = dict(standing.faults)
    shown = []
    for item in standing.loaded.businesses:
        own = [file for file in left if item.folder in (file, *file.parents)]
        shown.append(
            Shown(
                business=item.business.key,
                title=item.business.business,
                connections={name: spec.name for name, spec in specs(item).items()},
                jobs=tuple(job.name for job in work[item.business.key]),
                faults=tuple(left.pop(file) for file in own),
                readers=partial(_readers, item.business),
            )
        )
    return tuple(shown), tuple(left.values())


def _readers(business: Business, now: datetime) -> Mapping[str, Reader]:
    """The people of a business; the hours of their mails, which each job says, are the usual ones."""
    return {key: reader_of(key, person, business, Sending(), now) for key, person in business.people.items()}


@contextmanager
def open_hub(settings: HubSettings, now: Callable[[], datetime] = utc_now) -> Iterator[Hub]:
    """Open the store, load the mappings and make a runtime for each business; close all of it at the end.

    Raises ConfigError when the data folder or the database cannot be used. A broken mapping is not an error here: it is
    in `loaded.problems`; its last good version is served, if there is one, and whatever else is whole.
    """
    _make_data_folder(settings)
    stands = standing(settings)
    with open_store(database_url(settings)) as store:
        hub = Hub(settings, store, stands, now)
        try:
            yield hub
        finally:
            hub.close()


def standing(settings: HubSettings) -> Standing:
    """What is to run: the mappings, with the last good copy in place of each file that is broken."""
    return stand(_read, settings.mappings, Path(settings.data).absolute() / "last-good")


def _read(folder: Path) -> Loaded:
    return load(
        folder,
        registry.names(),
        follows=lambda name: registry.load(name).follows,
        can=lambda name: registry.load(name).can,
    )


def load_mappings(settings: HubSettings) -> Loaded:
    """The businesses and jobs that are whole, and every problem of the others."""
    return _read(settings.mappings)


def connectors() -> tuple[str, ...]:
    """The names of the connectors that are there."""
    return registry.names()


def connector(name: str) -> ConnectorSpec[Any]:
    """The connector of that name, at rest."""
    return registry.load(name)


def _make_data_folder(settings: HubSettings) -> None:
    """The folder is only for us: it will hold people's payments and addresses."""
    try:
        Path(settings.data).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The data folder {settings.data} cannot be made ({error.strerror}). "
            "Make it, or set HUB_DATA to a folder that the hub may write to."
        ) from error


def database_url(settings: HubSettings) -> str:
    """The configured database, or SQLite in the data folder."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{Path(settings.data).absolute() / 'hub.sqlite3'}"


def specs(item: Configured) -> dict[str, ConnectorSpec[Any]]:
    """The connector of each connection of a business; unknown ones are the loader's to report, and left out here."""
    found = {name: config.connector or name for name, config in item.business.connections.items()}
    known = registry.names()
    return {name: registry.load(connector) for name, connector in found.items() if connector in known}


def connector_settings(item: Configured, connection: str) -> BaseModel:
    """The connection's keys. Raises ConfigError naming the variable that is missing and where to set it."""
    model: type[BaseModel] = specs(item)[connection].settings
    return connection_settings(model, item.business.key, connection, from_mapping(item, connection))


def from_mapping(item: Configured, connection: str) -> dict[str, object]:
    """Those of a connection's settings that stand in business.yaml."""
    config = item.business.connections[connection]
    known = specs(item)[connection].settings.model_fields
    said = config.model_dump(exclude={"connector", "follow"}, exclude_none=True)
    return {name: value for name, value in said.items() if name in known}


@contextmanager
def trial(
    settings: HubSettings, business: str, connection: str, spec: ConnectorSpec[Any], built: BaseModel
) -> Iterator[Connector]:
    """A live connector with settings that stand nowhere yet, to see whether they work. It follows nothing."""
    _make_data_folder(settings)
    with (
        open_store(database_url(settings)) as store,
        spec.connect(built, context(store, business, connection, (), utc_now)) as live,
    ):
        yield live


def _runtime(
    settings: HubSettings,
    store: Store,
    item: Configured,
    work: tuple[Job, ...],
    now: Callable[[], datetime],
    whole: Callable[[], Whole],
) -> Runtime:
    known = specs(item)
    opening = Opening(store, item, known, partial(connector_settings, item), now)
    door = partial(_door, settings, store, item, now)
    ears = Ears(
        url=lambda connection: door(connection).reachable(),
        key=partial(fernet_key, settings),
        given=lambda connection: door(connection).given(),
    )
    return Runtime(
        store,
        item.business,
        work,
        known,
        opening,
        now,
        followed=opening.followed,
        thing=opening.thing,
        ears=ears,
        texts=item.texts,
        web=None if settings.public_url is None else Web(url=settings.public_url, key=partial(fernet_key, settings)),
        whole=whole,
        folder=item.folder,
    )


def _introduce(store: Store, loaded: Loaded, work: Mapping[str, tuple[Job, ...]], now: datetime) -> None:
    """Give each connection and job its row, so that the status speaks of what never lived too."""
    with store.write() as conn:
        for item in loaded.businesses:
            connections.ensure(conn, item.business.key, item.business.connections)
            jobs.ensure(conn, item.business.key, [job.name for job in work[item.business.key]], now)


def _door(settings: HubSettings, store: Store, item: Configured, now: Callable[[], datetime], connection: str) -> Door:
    return Door(
        settings=settings,
        store=store,
        business=item.business.key,
        connection=connection,
        spec=specs(item)[connection],
        built=partial(connector_settings, item, connection),
        now=now,
    )
